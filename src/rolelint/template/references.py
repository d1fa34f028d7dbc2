"""What do Ref and GetAtt of a resource give? ARNs are spelled out, so that they can be compared with patterns.

Formats: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from collections.abc import Callable

from rolelint.template import functions
from rolelint.template.template import Resource
from rolelint.template.values import Hole, Symbol, Text, Value, plain_text

_PSEUDO = {
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}

_NAME_PROPERTY = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
_ARN_WORD = {
    "AWS::IAM::Group": "group",
    "AWS::IAM::InstanceProfile": "instance-profile",
    "AWS::IAM::ManagedPolicy": "policy",
    "AWS::IAM::Role": "role",
    "AWS::IAM::User": "user",
}

Read = Callable[[str], Value | None]


def pseudo(name: str) -> Symbol | None:
    """The symbol of a pseudo parameter such as ``AWS::AccountId``."""
    return Symbol("pseudo", name) if name in _PSEUDO else None


def resource_name(resource: Resource, hole: Hole, read: Read) -> Value:
    """What ``Ref`` gives for a resource: its name, for a managed policy its ARN; ``read`` gives its properties."""
    if resource.type == "AWS::IAM::ManagedPolicy":
        return _iam_arn(resource, hole, read)
    return _name(resource, hole, read)


def attribute(resource: Resource, of: str, hole: Hole, read: Read) -> Value:
    """What ``Fn::GetAtt`` gives for an attribute of a resource; ``hole`` stands where it is written."""
    if resource.type in _ARN_WORD and of in ("Arn", "PolicyArn"):
        return _iam_arn(resource, hole, read)
    return Text((hole,), hole.node)


def _name(resource: Resource, hole: Hole, read: Read) -> Value:
    named = hole._replace(symbol=Symbol("name", resource.id))
    given = read(_NAME_PROPERTY[resource.type]) if resource.type in _NAME_PROPERTY else None
    if isinstance(given, Text) and given.literal is not None:
        return plain_text(given.literal, hole.node)
    return Text((named,), hole.node)


def _iam_arn(resource: Resource, hole: Hole, read: Read) -> Value:
    """``arn:partition:iam::account:word/path/name``: the path is part of the ARN, the name may be generated."""
    path = read("Path")
    parts: list[Value] = [
        plain_text("arn:", hole.node),
        _symbol("AWS::Partition", hole),
        plain_text(":iam::", hole.node),
        _symbol("AWS::AccountId", hole),
        plain_text(f":{_ARN_WORD[resource.type]}", hole.node),
        path if path is not None else plain_text("/", hole.node),
        _name(resource, hole, read),
    ]
    return functions.concatenate(parts, hole.node)


def _symbol(name: str, hole: Hole) -> Text:
    return Text((hole._replace(symbol=Symbol("pseudo", name)),), hole.node)
