"""A statement is judged with what takes away from it, by the table of cases."""

from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from rolelint.engine.findings import Finding

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "certainty.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_taken_away_is_not_given(case: dict[str, Any], findings_in: Callable[..., list[Finding]]) -> None:
    condition = f"\n    Condition: {case['condition']}" if "condition" in case else ""
    role = f"  R:\n    Type: AWS::IAM::Role{condition}\n    Properties:\n{indent(case['role'], ' ' * 6)}\n"
    template = f"{case.get('sections', '')}\nResources:\n{role}{indent(case.get('more', ''), '  ')}\n"

    found = findings_in(template, *case["asked"])

    assert {one.rule: one.certainty.name.lower() for one in found} == case["found"]


def test_a_finding_names_only_those_holders_who_are_not_denied(findings_in: Callable[..., list[Finding]]) -> None:
    template = """
        Resources:
          A: {Type: AWS::IAM::Role}
          B:
            Type: AWS::IAM::Role
            Properties: {Policies: [{PolicyName: d, PolicyDocument: {Statement: {Effect: Deny, Action: 'iam:*', Resource: '*'}}}]}
          C: {Type: AWS::IAM::Role, Properties: {PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3FullAccess'}}
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              Roles: [!Ref A, !Ref B, !Ref C]
              PolicyDocument: {Statement: {Effect: Allow, Action: ['iam:PassRole', 's3:*'], Resource: '*'}}
        """

    found = findings_in(template, "passrole-any-role", "service-wide-action")

    assert {one.rule: one.message.partition(" may ")[0] for one in found} == {
        "passrole-any-role": "A",
        "service-wide-action": "A, B and C",
    }


def test_a_star_is_about_what_an_action_is_called_after_where_a_request_names_nothing(
    findings_in: Callable[..., list[Finding]],
) -> None:
    statement = "{Effect: Allow, Action: ['bedrock:CreateGuardrail', 'bedrock:TagResource'], Resource: '*'}"
    policy = f"{{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: {statement}}}}}}}"

    (found,) = findings_in(f"Resources:\n  P: {policy}\n", "star-resource-write")

    assert "may act on every guardrail and resource:" in found.message


def test_whatever_a_rule_finds_given_it_says_which_condition_does_not_help(findings_in: Callable[..., list[Finding]]) -> None:
    statement = (
        "{Effect: Allow, Action: 'iam:PassRole', Resource: '*', Condition: {Bool: {'aws:MultiFactorAuthPresent': 'true'}}}"
    )
    policy = f"{{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: {statement}}}}}}}"

    (found,) = findings_in(f"Resources:\n  P: {policy}\n", "passrole-any-role")

    despite = "despite Bool on aws:MultiFactorAuthPresent, which tells how the caller signed in, not what is reached"
    assert found.message.startswith(f"whoever holds P may pass any role: iam:PassRole on *, {despite} → ")


def test_what_somebody_can_do_to_a_bucket_is_what_the_statement_s_resources_take(
    findings_in: Callable[..., list[Finding]],
) -> None:
    statement = "Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:role/r'}, Action: 's3:*'"
    statements = f"[{{{statement}, Resource: 'arn:aws:s3:::b'}}, {{{statement}, Resource: 'arn:aws:s3:::b/*'}}]"
    policy = f"{{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: b, PolicyDocument: {{Statement: {statements}}}}}}}"

    bucket, objects = findings_in(f"Resources:\n  P: {policy}\n", "resource-policy-star-action")

    assert "they can delete buckets and" in bucket.message
    assert "objects" not in bucket.message
    assert "they can delete objects and" in objects.message


@pytest.mark.parametrize(("resource", "severity"), [("topic/*", "high"), ("topic/pumps/*", "low")])
def test_everything_in_iot_is_grave_with_the_topics_of_all_devices_only(
    resource: str, severity: str, findings_in: Callable[..., list[Finding]]
) -> None:
    statement = f"{{Effect: Allow, Action: 'iot:*', Resource: 'arn:aws:iot:eu-west-1:111122223333:{resource}'}}"
    policy = f"{{Type: AWS::IoT::Policy, Properties: {{PolicyDocument: {{Statement: {statement}}}}}}}"

    (found,) = findings_in(f"Resources:\n  P: {policy}\n", "iot-any-action")

    assert str(found.severity) == severity


def test_a_rule_about_a_condition_does_not_name_it_twice(findings_in: Callable[..., list[Finding]]) -> None:
    condition = "{StringLike: {'token.actions.githubusercontent.com:sub': '*'}}"
    provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    action = "Action: sts:AssumeRoleWithWebIdentity"
    statement = f"{{Effect: Allow, Principal: {{Federated: '{provider}'}}, {action}, Condition: {condition}}}"
    role = f"{{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Statement: {statement}}}}}}}"

    (found,) = findings_in(f"Resources:\n  R: {role}\n", "github-oidc-any-repository")

    assert "despite" not in found.message


@pytest.mark.parametrize(
    ("actions", "rule", "severity"),
    [
        ("dynamodb:PutItem", "star-resource-write", "medium"),
        ("[comprehend:StartTopicsDetectionJob, comprehend:StopEntitiesDetectionJob]", "star-resource-write", "low"),
        ("[sqs:CreateQueue, dynamodb:CreateTable]", "star-resource-write", "low"),
        ("[sqs:CreateQueue, sqs:DeleteQueue]", "star-resource-write", "medium"),
        ("ec2:StopInstances", "star-resource-write", "medium"),
        ("s3:*", "service-wide-action", "high"),
        ("application-autoscaling:*", "service-wide-action", "medium"),
        ("'elasticbeanstalk:*'", "service-wide-action", "high"),
    ],
)
def test_severity_follows_what_can_be_done(
    actions: str, rule: str, severity: str, findings_in: Callable[..., list[Finding]]
) -> None:
    statement = f"{{Effect: Allow, Action: {actions}, Resource: '*'}}"
    policy = f"{{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: {statement}}}}}}}"

    (found,) = findings_in(f"Resources:\n  P: {policy}\n", rule)

    assert str(found.severity) == severity


def test_what_is_left_of_some_services_is_told_beside_what_is_whole(findings_in: Callable[..., list[Finding]]) -> None:
    role = """
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["s3:*", "sqs:*", "sns:*"], Resource: "*"}
              - {Effect: Deny, Action: "sns:DeleteTopic", Resource: "*"}
"""
    (finding,) = findings_in(role, "service-wide-action")
    found, _, rest = finding.message.partition(" of the ")
    assert found.startswith("R may do everything in s3 and sqs and ")
    assert " actions of sns: s3:*, sqs:* and sns:* on * → " in rest


def test_a_number_of_thousands_of_digits_is_read_like_any_other(findings_in: Callable[..., list[Finding]]) -> None:
    template = f"""
Resources:
  Keys:
    Type: AWS::Config::ConfigRule
    Properties:
      Source: {{Owner: AWS, SourceIdentifier: ACCESS_KEYS_ROTATED}}
      InputParameters: {{maxAccessKeyAge: "{"9" * 5000}"}}
"""
    assert [one.rule for one in findings_in(template, "access-keys-kept-long")] == ["access-keys-kept-long"]
