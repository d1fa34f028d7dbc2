"""The grouped format: a block for each identity that something is found about."""

from made_reports import found, reported

from rolelint.engine.findings import Owner
from rolelint.engine.rulebook import Rulebook
from rolelint.lint import lint
from rolelint.reporters import grouped
from rolelint.standard import Standard
from rolelint.syntax.files import Input

TEMPLATE = """\
Resources:
  Worker:
    Type: AWS::IAM::Role
    Metadata: {"aws:cdk:path": Stack/Worker/Resource}
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Worker.Arn}
  Quiet:
    Type: AWS::IAM::User
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Worker]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: s3:GetObject, Resource: "*"}
          - {Effect: Allow, Action: s3:PutObject, Resource: "*"}
"""


def test_a_block_says_who_it_is_what_it_reaches_and_what_is_too_much(rulebook: Rulebook) -> None:
    """A policy is told with those who hold it; who has no finding has no block."""
    rules = tuple(rule for rule in rulebook.rules if rule.name == "star-resource-write")
    done = lint([Input("a.yaml", TEMPLATE.encode(), named=True)], Standard(rulebook, rules).everywhere, keep_access=True)
    message = next(done.report.active).message
    assert grouped.render(done.report) == (
        "a.yaml\n"
        "\n"
        "  Worker (Stack/Worker/Resource)  AWS::IAM::Role, line 2\n"
        "    trusted by  lambda.amazonaws.com\n"
        "    used by     Function (AWS::Lambda::Function)\n"
        "    may         1 write, 1 read in 1 service\n"
        f"    findings    20:62 medium[star-resource-write] {message}\n"
        "\n"
        "Found 1 finding in 1 template (2 principals, 3 statements): 1 medium.\n"
    )


def test_what_no_identity_holds_is_told_by_resource() -> None:
    findings = [found(), found(owner=None, rule="duplicate-key"), found(owner=Owner("Bucket", "AWS::S3::Bucket")), found()]
    shown = [line.partition(" Worker may")[0] for line in grouped.render(reported(*findings)).split("\n")[:-2]]
    assert shown == [
        "templates/api.yaml",
        "",
        "  Worker  AWS::IAM::Role",
        "    findings    10:27 high[service-full-access]",
        "                10:27 high[service-full-access]",
        "",
        "  the template",
        "    findings    10:27 high[duplicate-key]",
        "",
        "  Bucket  AWS::S3::Bucket",
        "    findings    10:27 high[service-full-access]",
        "",
    ]
