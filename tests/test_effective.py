"""What a principal can really do: allowed, less denied, within its boundary."""

from textwrap import dedent

import pytest

from rolelint.iam.access import read_access
from rolelint.iam.capabilities import capabilities
from rolelint.iam.effective import by_level, effective
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import read
from rolelint.template.template import Template, build


def template(text: str) -> Template:
    parsed = read("template.yaml", dedent(text).encode())
    assert isinstance(parsed.root, Mapping)
    return build(parsed.source, parsed.root)


def may(statements: str, more: str = "") -> set[str]:
    written = f"""
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - PolicyName: p
                  PolicyDocument: {{Statement: [{statements}]}}
              {more}
        """
    access = read_access(template(written))
    return {action.full_name for action in effective(access.principals["R"], access)}


GET = "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}"


@pytest.mark.parametrize(
    ("deny", "left"),
    [
        ("{Effect: Deny, Action: 's3:*', Resource: '*'}", set()),
        ("{Effect: Deny, Action: 'S3:getobject', Resource: '*'}", set()),
        ("{Effect: Deny, NotAction: 'sqs:*', Resource: '*'}", set()),
        ("{Effect: Deny, NotAction: 's3:*', Resource: '*'}", {"s3:GetObject"}),
        ("{Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::secret/*'}", {"s3:GetObject"}),
        ("{Effect: Deny, Action: 's3:*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'false'}}}", {"s3:GetObject"}),
    ],
)
def test_only_a_deny_that_always_applies_takes_an_action_away(deny: str, left: set[str]) -> None:
    assert may(f"{GET}, {deny}") == left


def test_a_boundary_lets_through_what_both_allow() -> None:
    within = "PermissionsBoundary: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"

    assert may("{Effect: Allow, Action: ['s3:GetObject', 's3:PutObject'], Resource: '*'}", within) == {"s3:GetObject"}


def test_a_boundary_that_is_not_known_here_takes_nothing_away() -> None:
    assert may(GET, "PermissionsBoundary: arn:aws:iam::111122223333:policy/bound") == {"s3:GetObject"}


def test_an_action_counts_only_where_a_resource_of_its_kind_is_named() -> None:
    assert may("{Effect: Allow, Action: 's3:*Object', Resource: 'arn:aws:s3:::b/*'}") >= {"s3:GetObject", "s3:PutObject"}
    assert "iam:CreateUser" not in may("{Effect: Allow, Action: 'iam:Create*', Resource: 'arn:aws:iam::*:role/*'}")


def test_not_action_allows_all_the_rest() -> None:
    found = may("{Effect: Allow, NotAction: 'iam:*', Resource: '*'}")

    assert "s3:GetObject" in found
    assert "iam:PassRole" not in found


def test_managed_policies_of_aws_and_of_groups_count() -> None:
    access = read_access(
        template("""
        Resources:
          G: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']}}
          U: {Type: AWS::IAM::User, Properties: {Groups: [!Ref G]}}
        """)
    )

    levels = by_level(effective(access.principals["U"], access))
    assert "GetObject" in levels["s3"]["read"]
    assert "write" not in levels["s3"]


@pytest.mark.parametrize(
    ("resource", "needed"),
    [
        ("{Type: AWS::SNS::Topic}", ()),
        ("{Type: AWS::IAM::Role, Properties: {}}", ("CAPABILITY_IAM",)),
        ("{Type: AWS::IAM::Role, Properties: {RoleName: r}}", ("CAPABILITY_NAMED_IAM",)),
    ],
)
def test_the_capability_depends_on_whether_identities_are_named(resource: str, needed: tuple[str, ...]) -> None:
    assert capabilities(template(f"Resources: {{R: {resource}}}")) == needed


def test_a_transform_needs_the_capability_to_expand() -> None:
    assert capabilities(template("Transform: MyMacro\nResources: {T: {Type: AWS::SNS::Topic}}")) == ("CAPABILITY_AUTO_EXPAND",)
