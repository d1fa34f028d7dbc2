"""Where in a resource can permissions be written? One table, and one walk that finds the places in it.

Paths are those below ``Properties``; ``*`` is any member of a list.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from collections.abc import Iterator
from typing import NamedTuple

from rolelint.syntax.nodes import Mapping, Node, Sequence
from rolelint.template.evaluate import Scope, shallow
from rolelint.template.template import Resource
from rolelint.template.values import Unknown, When


class Row(NamedTuple):
    """A place: the kind of what stands there, and for links what kind of principal they name."""

    path: tuple[str, ...]
    kind: str
    names: str = ""


class Place(NamedTuple):
    """A place found in a template. ``node`` is Unknown when a function stands where the place would be."""

    resource: Resource
    row: Row
    node: Node | Unknown
    when: When


def _row(path: str, kind: str, names: str = "") -> Row:
    return Row(tuple(path.split("/")), kind, names)


_INLINE = _row("Policies/*/PolicyDocument", "identity_policy")
_DOCUMENT = _row("PolicyDocument", "identity_policy")
_MANAGED = _row("ManagedPolicyArns/*", "managed_policy_attachment")
_BOUNDARY = _row("PermissionsBoundary", "permissions_boundary")
_LINKS = (
    _row("Roles/*", "attachment_link", "AWS::IAM::Role"),
    _row("Users/*", "attachment_link", "AWS::IAM::User"),
    _row("Groups/*", "attachment_link", "AWS::IAM::Group"),
)

ROWS: dict[str, tuple[Row, ...]] = {
    "AWS::IAM::Role": (_row("AssumeRolePolicyDocument", "trust_policy"), _INLINE, _MANAGED, _BOUNDARY),
    "AWS::IAM::User": (_INLINE, _MANAGED, _BOUNDARY, _row("Groups/*", "attachment_link", "AWS::IAM::Group")),
    "AWS::IAM::Group": (_INLINE, _MANAGED),
    "AWS::IAM::Policy": (_DOCUMENT, *_LINKS),
    "AWS::IAM::ManagedPolicy": (_DOCUMENT, *_LINKS),
    "AWS::IAM::RolePolicy": (_DOCUMENT, _row("RoleName", "attachment_link", "AWS::IAM::Role")),
    "AWS::IAM::UserPolicy": (_DOCUMENT, _row("UserName", "attachment_link", "AWS::IAM::User")),
    "AWS::IAM::GroupPolicy": (_DOCUMENT, _row("GroupName", "attachment_link", "AWS::IAM::Group")),
    "AWS::IAM::InstanceProfile": (_row("Roles/*", "attachment_link", "AWS::IAM::Role"),),
    "AWS::IAM::UserToGroupAddition": (
        _row("GroupName", "attachment_link", "AWS::IAM::Group"),
        _row("Users/*", "attachment_link", "AWS::IAM::User"),
    ),
    "AWS::SSO::PermissionSet": (
        _row("InlinePolicy", "identity_policy"),
        _row("ManagedPolicies/*", "managed_policy_attachment"),
        _row("CustomerManagedPolicyReferences/*", "managed_policy_attachment"),
        _row("PermissionsBoundary/ManagedPolicyArn", "permissions_boundary"),
        _row("PermissionsBoundary/CustomerManagedPolicyReference", "permissions_boundary"),
    ),
}


def locate(resource: Resource, scope: Scope) -> Iterator[Place]:
    """The places in a resource, one for each branch of conditions around them."""
    for row in ROWS.get(resource.type, ()):
        yield from follow(resource, row, scope)


def follow(resource: Resource, row: Row, scope: Scope) -> Iterator[Place]:
    """The places of one row in a resource."""
    yield from _walk(resource, row, resource.properties, row.path, scope)


def _walk(resource: Resource, row: Row, node: Node | None, path: tuple[str, ...], scope: Scope) -> Iterator[Place]:
    if not path:
        if node is not None:
            yield Place(resource, row, node, scope.when)
        return
    for when, found in shallow(node, scope):
        below = scope._replace(when=when)
        match found:
            case Unknown():
                yield Place(resource, row, found, when)
            case Sequence() if path[0] == "*":
                for item in found.items:
                    yield from _walk(resource, row, item, path[1:], below)
            case Mapping() if path[0] != "*":
                yield from _walk(resource, row, found.get(path[0]), path[1:], below)
            case _ if path[0] == "*":
                # A single value where a list belongs: CloudFormation refuses it, but what is meant is clear.
                yield from _walk(resource, row, found, path[1:], below)
