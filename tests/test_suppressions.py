"""Which findings a template itself excuses, in comments and in Metadata."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint.engine.findings import Finding
from rolelint.engine.rulebook import Rulebook
from rolelint.lint import Run, lint
from rolelint.standard import Standard
from rolelint.syntax.files import Input
from rolelint.verdicts.foreign import foreign_ids

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "suppressions.yaml").read_text(encoding="utf-8"))
ABOUT_EXCUSES = ("unused-suppression", "suppression-without-reason", "expired-suppression")


def line(finding: Finding) -> int:
    return finding.span.first.line


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_an_excuse_holds_for_what_it_names_where_it_stands(case: dict[str, Any], run_on: Callable[..., Run]) -> None:
    name = "policy.json" if case["text"].startswith("{") else "policy.yaml"

    run = run_on({name: case["text"]}, *case.get("rules", ["passrole-any-role"]), *ABOUT_EXCUSES)

    verdicts = run.report.verdicts
    excused = {line(one.finding): one.reason for one in verdicts if one.status == "suppressed"}
    held_back = {line(one.finding): one.reason for one in verdicts if one.status == "active" and one.reason}
    stand = [line(one) for one in run.report.active if one.rule not in ABOUT_EXCUSES]
    said = [f"{line(one)}: {one.message.partition(' → ')[0]}" for one in run.report.active if one.rule in ABOUT_EXCUSES]
    assert not run.failures
    assert excused == case.get("excused", {})
    assert stand == case.get("stand", [])
    assert held_back == case.get("although", {})
    assert [text.lower() for text in said] == [text.lower() for text in case.get("said", [])]


def test_an_excused_finding_is_classified_and_never_lost(run_on: Callable[..., Run]) -> None:
    text = 'Statement: {Effect: Allow, Action: iam:PassRole, Resource: "*"}  # rolelint: ignore[passrole-any-role] sandbox\n'

    report = run_on({"policy.yaml": text}, "passrole-any-role").report

    assert [(one.finding.rule, one.status, one.reason) for one in report.verdicts] == [
        ("passrole-any-role", "suppressed", "sandbox")
    ]
    assert report.suppressed == 1


ALL_FORMS = """
Resources:
  Deployer:
    Type: AWS::IAM::ManagedPolicy
    Metadata:
      rolelint: {ignore: [{rule: passrole-any-role, reason: sandbox}]}
      cfn_nag: {rules_to_suppress: [{id: F40, reason: sandbox}]}
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: iam:PassRole
            Resource: "*"  # rolelint: ignore[passrole-any-role] sandbox
"""


def test_without_ignores_no_form_of_an_excuse_counts_and_none_is_complained_about(rulebook: Rulebook) -> None:
    """A gate must not believe the branch that it judges, whatever words the branch uses."""
    standard = Standard(rulebook, rulebook.rules, foreign=foreign_ids(rulebook))

    run = lint([Input("t.yaml", ALL_FORMS.encode(), named=True)], standard.everywhere, ignores=False, today="2026-11-23")

    assert {one.status for one in run.report.verdicts} == {"active"}
    assert "passrole-any-role" in {one.rule for one in run.report.active}
    assert not {one.rule for one in run.report.active} & set(ABOUT_EXCUSES)


def test_metadata_about_a_role_excuses_a_finding_in_the_policy_that_it_holds(run_on: Callable[..., Run]) -> None:
    """Whoever looks for the excuse finds it at the place or at the resource that the finding names."""
    text = """
Resources:
  Reader:
    Type: AWS::IAM::Role
    Metadata:
      rolelint: {ignore: [{rule: trust-anyone, reason: a test}]}
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Action: "sts:AssumeRole", Principal: !Ref Anybody}]
Parameters:
  Anybody: {Type: String, Default: "*", AllowedValues: ["*"]}
"""
    report = run_on({"t.yaml": text}, "trust-anyone").report

    assert [one.status for one in report.verdicts] == ["suppressed"]


WIDE = """
Resources:
  Writer:
    Type: AWS::IAM::ManagedPolicy
    Metadata: {METADATA}
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: dynamodb:PutItem
            Resource: "*"  COMMENT
  Other:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: {Effect: Allow, Action: "dynamodb:PutItem", Resource: "*"}
"""


@pytest.mark.parametrize(
    ("metadata", "comment", "reason"),
    [
        ("cfn_nag: {rules_to_suppress: [{id: W11, reason: any table}, {id: W28}]}", "", "cfn_nag W11: any table"),
        (
            "cdk_nag: {rules_to_suppress: [{id: AwsSolutions-IAM5, reason: any table}]}",
            "",
            "cdk_nag AwsSolutions-IAM5: any table",
        ),
        ("checkov: {skip: [{id: CKV_AWS_1}, {id: CKV_AWS_111, comment: any table}]}", "", "checkov CKV_AWS_111: any table"),
        ("", "# checkov:skip=CKV_AWS_1,CKV_AWS_111:any table", "checkov CKV_AWS_111: any table"),
        ("", "#checkov:skip=CKV_AWS_111", "checkov CKV_AWS_111"),
        (
            "guard: {SuppressedRules: [IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE]}",
            "",
            "aws-guard-rules-registry IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
        ),
        (
            "guard: {SuppressedRules: [{IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE: any table}]}",
            "",
            "aws-guard-rules-registry IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE: any table",
        ),
    ],
)
def test_another_tools_suppression_counts_in_its_resource_and_only_for_who_asks(
    metadata: str, comment: str, reason: str, rulebook: Rulebook, run_on: Callable[..., Run]
) -> None:
    text = WIDE.replace("METADATA", metadata).replace("COMMENT", comment)
    rules = tuple(rule for rule in rulebook.rules if rule.name in ("star-resource-write", *ABOUT_EXCUSES))
    standard = Standard(rulebook, rules, foreign=foreign_ids(rulebook))

    run = lint([Input("t.yaml", text.encode(), named=True)], standard.everywhere)
    unasked = run_on({"t.yaml": text}, "star-resource-write").report

    assert [(line(one.finding), one.status, one.reason) for one in run.report.verdicts] == [
        (11, "suppressed", reason),
        (16, "active", ""),
    ]
    assert [one.status for one in unasked.verdicts] == ["active", "active"]


def test_a_suppression_of_cfn_lint_counts_by_its_ids(rulebook: Rulebook) -> None:
    text = """
Metadata: {cfn-lint: {config: {ignore_checks: [E3510]}}}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-18
        Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::example-data/*"}
"""
    rules = tuple(rule for rule in rulebook.rules if rule.name == "policy-version-invalid")
    standard = Standard(rulebook, rules, foreign=foreign_ids(rulebook))

    report = lint([Input("t.yaml", text.encode(), named=True)], standard.everywhere).report

    assert [one.reason for one in report.verdicts] == ["cfn-lint E3510"]
