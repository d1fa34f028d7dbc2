"""Which identities does the template make, what do they hold, and who uses them?"""

from collections.abc import Iterable
from collections.abc import Mapping as ReadOnly
from typing import NamedTuple

from rolelint.iam.consumers import Use, uses
from rolelint.iam.holdings import (
    PRINCIPAL_TYPES,
    PROFILE,
    Attachment,
    AwsManaged,
    Holdings,
    Link,
    Policy,
    Unevaluated,
    read_holdings,
)
from rolelint.iam.places import Place
from rolelint.syntax.source import Problem, Span
from rolelint.template.evaluate import Scope
from rolelint.template.intrinsics import ref
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text

__all__ = ["Access", "Attachment", "AwsManaged", "Link", "Policy", "Principal", "Unevaluated", "Workload", "read_access"]

_ADDITION = "AWS::IAM::UserToGroupAddition"


class Workload(NamedTuple):
    """Something that runs with a role: a function, an instance, a task.

    ``expected_service`` has the service principals of which the role should trust one; ``runs_customer_code`` tells that
    whoever writes what runs there holds the role's permissions.
    """

    id: str
    type: str
    span: Span
    expected_service: tuple[str, ...] = ()
    runs_customer_code: bool = False


class Principal(NamedTuple):
    """A role, user, group or permission set with all that it holds, from whichever end it was attached."""

    resource: Resource
    name: Text | None
    trust: tuple[Policy, ...]
    policies: tuple[Policy, ...]
    attachments: tuple[Attachment, ...]
    boundaries: tuple[Attachment, ...]
    groups: tuple[str, ...]
    profiles: tuple[Workload, ...]
    workloads: tuple[Workload, ...]

    @property
    def id(self) -> str:
        """Its logical id."""
        return self.resource.id


class Access(NamedTuple):
    """All that a template says about who may do what. ``boundaries`` are ids of managed policies used as one."""

    template: Template
    principals: ReadOnly[str, Principal]
    policies: tuple[Policy, ...]
    attachments: tuple[Attachment, ...]
    boundary_attachments: tuple[Attachment, ...]
    links: tuple[Link, ...]
    others: tuple[Place, ...]
    problems: tuple[Problem, ...]
    unevaluated: tuple[Unevaluated, ...]

    @property
    def boundaries(self) -> frozenset[str]:
        """The logical ids of the managed policies that are somebody's boundary."""
        return frozenset(one.target for one in self.boundary_attachments if one.target)

    def holders(self, policy: Policy) -> tuple[Principal, ...]:
        """The principals of this template that a policy applies to."""
        return tuple(one for one in self.principals.values() if any(held is policy for held in (*one.policies, *one.trust)))


def read_access(template: Template) -> Access:
    """Who may do what, by this template."""
    held = read_holdings(template)
    identities = [resource for resource in template.resources.values() if resource.type in PRINCIPAL_TYPES]
    users = _users(template, held) if identities else {}
    return Access(
        template=template,
        principals={resource.id: _principal(resource, held, users, template) for resource in identities},
        policies=held.policies,
        attachments=held.attachments,
        boundary_attachments=held.boundaries,
        links=held.links,
        others=held.others,
        problems=(*template.problems, *held.problems),
        unevaluated=held.unevaluated,
    )


def _users(template: Template, held: Holdings) -> dict[str, list[Workload]]:
    """The workloads that run with each role, or with a profile, of the template, by its logical id."""
    found: dict[str, list[Workload]] = {}
    for kind, named in (("role", "AWS::IAM::Role"), ("instance_profile", PROFILE)):
        for use in uses(template, kind):
            target = held.names.find(named, use.text)
            if target:
                found.setdefault(target, []).append(_workload(use))
    return found


def _workload(use: Use) -> Workload:
    return Workload(use.label, use.resource.type, use.resource.key.span, use.expected_service, use.runs_customer_code)


def _principal(resource: Resource, held: Holdings, users: ReadOnly[str, Iterable[Workload]], template: Template) -> Principal:
    attachments = [one for one in held.attachments if one.resource.id == resource.id]
    links = [link for link in held.links if link.target == resource.id]
    linked = {link.source.id for link in links} | {one.target for one in attachments if one.target}
    own = [policy for policy in held.policies if policy.resource and policy.resource.id == resource.id]
    shared = [policy for policy in held.policies if policy.resource and policy.resource.id in linked]
    profiles = [link.source for link in links if link.source.type == PROFILE]
    serving = [workload for id_ in (*(one.id for one in profiles), resource.id) for workload in users.get(id_, ())]
    name = ref(resource.id, resource.key, Scope(template))
    return Principal(
        resource=resource,
        name=name if isinstance(name, Text) else None,
        trust=tuple(policy for policy in own if policy.kind == "trust_policy"),
        policies=tuple(policy for policy in (*own, *shared) if policy.kind == "identity_policy"),
        attachments=tuple(attachments),
        boundaries=tuple(one for one in held.boundaries if one.resource.id == resource.id),
        groups=tuple(sorted(_groups(resource, held))),
        profiles=tuple(Workload(one.id, one.type, one.key.span) for one in profiles),
        workloads=tuple({workload.id: workload for workload in serving}.values()),
    )


def _groups(user: Resource, held: Holdings) -> set[str]:
    """The groups a user is in: named by the user itself, or by an addition that names both."""
    if user.type != "AWS::IAM::User":
        return set()
    additions = {link.source.id for link in held.links if link.target == user.id and link.source.type == _ADDITION}
    to_groups = [link for link in held.links if link.place.row.names == "AWS::IAM::Group"]
    return {link.target for link in to_groups if link.source.id == user.id or link.source.id in additions}
