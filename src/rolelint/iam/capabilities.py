"""Which capabilities must whoever deploys this template acknowledge?

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from collections.abc import Iterator

from rolelint.syntax.nodes import Mapping
from rolelint.template.template import Resource, Template

_ACKNOWLEDGED = frozenset(
    (
        "AWS::IAM::AccessKey",
        "AWS::IAM::Group",
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::InstanceProfile",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::User",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::UserToGroupAddition",
    )
)
_NAMES = ("GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName")
_NAMED_TYPES = frozenset(f"AWS::IAM::{name.removesuffix('Name')}" for name in _NAMES)


_ACKNOWLEDGES_ITSELF = "AWS::CloudFormation::StackSet"
"""It has a property for the capabilities of its stacks."""


def capabilities(template: Template) -> tuple[str, ...]:
    """The capabilities in the order in which AWS lists them; a named resource asks for more than a nameless one.

    Those of nested stacks count, as far as their templates were followed.
    """
    stacks = list(_stacks(template))
    resources = [resource for stack in stacks for resource in stack.resources.values()]
    found = []
    if any(resource.type in _ACKNOWLEDGED for resource in resources):
        found.append("CAPABILITY_NAMED_IAM" if any(map(_has_name, resources)) else "CAPABILITY_IAM")
    if any(stack.transforms for stack in stacks):
        found.append("CAPABILITY_AUTO_EXPAND")
    return tuple(found)


def _stacks(template: Template) -> Iterator[Template]:
    yield template
    for name, child in template.children.items():
        if template.resources[name].type != _ACKNOWLEDGES_ITSELF:
            yield from _stacks(child)


def _has_name(resource: Resource) -> bool:
    return (
        resource.type in _NAMED_TYPES
        and isinstance(resource.properties, Mapping)
        and resource.properties.get(*_NAMES) is not None
    )
