"""Which capabilities must whoever deploys this template acknowledge?

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
"""

from rolelint.syntax.nodes import Mapping
from rolelint.template.template import Template

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


def capabilities(template: Template) -> tuple[str, ...]:
    """The capabilities in the order in which AWS lists them; a named resource asks for more than a nameless one."""
    types = {resource.type for resource in template.resources.values()}
    found = []
    if types & _ACKNOWLEDGED:
        found.append("CAPABILITY_NAMED_IAM" if _has_names(template) else "CAPABILITY_IAM")
    if template.transforms:
        found.append("CAPABILITY_AUTO_EXPAND")
    return tuple(found)


def _has_names(template: Template) -> bool:
    return any(
        resource.type in _NAMED_TYPES
        and isinstance(resource.properties, Mapping)
        and resource.properties.get(*_NAMES) is not None
        for resource in template.resources.values()
    )
