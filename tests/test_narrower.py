"""What a finding says to write instead of a star: the resources of the template, or the form of a name."""

import pytest

from rolelint.catalogue import actions as catalogue
from rolelint.engine.narrower import _placeholder, narrower
from rolelint.iam.access import read_access
from rolelint.iam.grants import fits
from rolelint.syntax.reader import read
from rolelint.template.template import build

TEMPLATE = """
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Bucket: {Type: AWS::S3::Bucket}
  Topic: {Type: AWS::SNS::Topic}
  Logs: {Type: AWS::Logs::LogGroup}
  OwnLogs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub "/aws/lambda/${Function}"}}
  Function: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
"""


def suggested(statement: str) -> list[tuple[object, object]] | None:
    parsed = read("t.yaml", (TEMPLATE + f"              - {statement}\n").encode())
    assert parsed.root is not None
    access = read_access(build(parsed.source, parsed.root))  # type: ignore[arg-type]
    policy = next(one for one in access.policies if one.kind == "identity_policy")
    advice = narrower(policy.document.statements[0], policy.resource, access)
    return [(one["Action"], one["Resource"]) for one in advice.statements] if advice else None  # type: ignore[index]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:PutItem", "${Table.Arn}"),
        ("s3:ListBucket", "${Bucket.Arn}"),
        ("s3:PutObject", "${Bucket.Arn}/*"),
        ("sns:Publish", "${Topic.TopicArn}"),
        ("logs:PutLogEvents", "${Logs.Arn}"),
        ("sqs:SendMessage", "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:<QueueName>"),
    ],
)
def test_a_resource_of_the_template_is_named_else_the_form_of_a_name(action: str, resource: str) -> None:
    assert suggested(f'{{Effect: Allow, Action: "{action}", Resource: "*"}}') == [([action], [resource])]


def test_what_needs_the_role_is_not_named_in_its_own_policy() -> None:
    """CloudFormation would refuse the circle: the function needs the role that needs the function."""
    assert suggested('{Effect: Allow, Action: "lambda:InvokeFunction", Resource: "*"}') == [
        (
            ["lambda:InvokeFunction"],
            ["arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:<FunctionName>"],
        )
    ]


def test_what_takes_no_resource_keeps_its_star() -> None:
    assert suggested('{Effect: Allow, Action: ["dynamodb:PutItem", "s3:ListAllMyBuckets"], Resource: "*"}') == [
        (["dynamodb:PutItem"], ["${Table.Arn}"]),
        (["s3:ListAllMyBuckets"], ["*"]),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        '{Effect: Allow, Action: "s3:Get*", Resource: "*"}',  # some of these take no resource
        '{Effect: Allow, Action: "ec2:RunInstances", Resource: "*"}',  # six kinds of resources
        '{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}',  # nothing to narrow
        '{Effect: Allow, NotAction: "s3:*", Resource: "*"}',
        '{Effect: Allow, Action: "sqs:SendMessage", Resource: "*", Condition: {Bool: {"aws:SecureTransport": "true"}}}',
    ],
)
def test_nothing_is_suggested_that_would_be_long_or_leave_something_out(statement: str) -> None:
    assert suggested(statement) is None


def test_the_form_of_a_name_fits_every_action_that_it_is_suggested_for() -> None:
    wrong = [
        (action.full_name, form)
        for service in ("dynamodb", "ec2", "kms", "lambda", "logs", "s3", "sns", "sqs", "ssm", "states")
        for action in catalogue.actions_of(service)
        for form in catalogue.formats(action)
        if not fits(action, _placeholder(form).replace("${AWS::", "").replace("}", ""))
    ]

    assert wrong == []
