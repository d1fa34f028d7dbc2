"""Which identities does the template make, what do they hold, and who uses them?"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import Any, TypeVar, TypeVarTuple

from rolelint.iam.consumers import Use, uses
from rolelint.iam.denials import Denial
from rolelint.iam.holdings import (
    MANAGED_POLICY,
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
from rolelint.tuples import NamedTuple

__all__ = ["Access", "Attachment", "AwsManaged", "Link", "Policy", "Principal", "Unevaluated", "Workload", "read_access"]

_ADDITION = "AWS::IAM::UserToGroupAddition"
_BOUNDARY = "iam:permissionsboundary"

_About = TypeVarTuple("_About")
_Answer = TypeVar("_Answer")
_Object = TypeVar("_Object")


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
    """All that a template says about who may do what."""

    template: Template
    principals: ReadOnly[str, Principal]
    policies: tuple[Policy, ...]
    attachments: tuple[Attachment, ...]
    boundary_attachments: tuple[Attachment, ...]
    links: tuple[Link, ...]
    others: tuple[Place, ...]
    problems: tuple[Problem, ...]
    unevaluated: tuple[Unevaluated, ...]
    boundaries: frozenset[str]
    """The logical ids of the managed policies that are somebody's boundary, or that a condition asks for as one."""
    denied: ReadOnly[str, tuple[Denial, ...]]
    """What principals are denied by anything that they hold, by logical id."""
    holders_by_policy: ReadOnly[int, tuple[Principal, ...]]
    """By the identity of the policy; ``holders`` asks it."""
    handed: tuple[Use, ...]
    """Where a resource takes a role."""
    answers: dict[object, Any]
    """What ``once`` has worked out."""

    def holders(self, policy: Policy) -> tuple[Principal, ...]:
        """The principals of this template that a policy applies to."""
        return self.holders_by_policy.get(id(policy), ())

    def once(self, ask: "Callable[[Access, *_About], _Answer]", *about: *_About) -> _Answer:
        """The answer of a pure function about this access, worked out when it is first asked for."""
        key = (ask, *about)
        if key not in self.answers:
            self.answers[key] = ask(self, *about)
        answer: _Answer = self.answers[key]
        return answer

    def once_of(self, ask: "Callable[[Access, _Object], _Answer]", about: _Object) -> _Answer:
        """Likewise about an object that is told by its identity; it is kept, so that no other one comes to have that."""
        key = (ask, id(about))
        if key not in self.answers:
            self.answers[key] = about, ask(self, about)
        answer: _Answer = self.answers[key][1]
        return answer


def read_access(template: Template) -> Access:
    """Who may do what, by this template."""
    held = read_holdings(template)
    identities = [resource for resource in template.resources.values() if resource.type in PRINCIPAL_TYPES]
    handed = tuple(uses(template, "role"))
    index = _Index(held, _users(handed, template, held) if identities else {})
    principals = {resource.id: _principal(resource, index, template) for resource in identities}
    holders: dict[int, tuple[Principal, ...]] = {}
    for principal in principals.values():
        for policy in (*principal.policies, *principal.trust):
            holders[id(policy)] = (*holders.get(id(policy), ()), principal)
    return Access(
        template=template,
        principals=principals,
        policies=held.policies,
        attachments=held.attachments,
        boundary_attachments=held.boundaries,
        links=held.links,
        others=held.others,
        problems=(*template.problems, *held.problems),
        unevaluated=held.unevaluated,
        boundaries=frozenset(_boundaries(held)),
        denied=held.denied,
        holders_by_policy=holders,
        handed=handed,
        answers={},
    )


def _boundaries(held: Holdings) -> Iterator[str]:
    """The managed policies of the template that limit somebody, or those whom others may create or change."""
    yield from (one.target for one in held.boundaries if one.target)
    statements = (statement for policy in held.policies for statement in policy.document.statements)
    asked = (one for statement in statements for one in statement.conditions if one.name == _BOUNDARY)
    found = (held.names.find(MANAGED_POLICY, value.text) for one in asked for value in one.values)
    yield from (target for target in found if target)


class _Index:
    """What was found, by the resource that it is written in or that it is for: a template may have hundreds of each."""

    def __init__(self, held: Holdings, users: ReadOnly[str, list[Workload]]) -> None:
        self.users = users
        self.policies: dict[str, list[Policy]] = {}
        self.attachments: dict[str, list[Attachment]] = {}
        self.boundaries: dict[str, list[Attachment]] = {}
        self.links_from: dict[str, list[Link]] = {}
        self.links_to: dict[str, list[Link]] = {}
        for policy in held.policies:
            if policy.resource:
                self.policies.setdefault(policy.resource.id, []).append(policy)
        for attachment in held.attachments:
            self.attachments.setdefault(attachment.resource.id, []).append(attachment)
        for boundary in held.boundaries:
            self.boundaries.setdefault(boundary.resource.id, []).append(boundary)
        for link in held.links:
            self.links_from.setdefault(link.source.id, []).append(link)
            self.links_to.setdefault(link.target, []).append(link)


def _users(handed: tuple[Use, ...], template: Template, held: Holdings) -> dict[str, list[Workload]]:
    """The workloads that run with each role, or with a profile, of the template, by its logical id."""
    found: dict[str, list[Workload]] = {}
    for named, some in (("AWS::IAM::Role", handed), (PROFILE, uses(template, "instance_profile"))):
        for use in some:
            target = held.names.find(named, use.text)
            if target:
                found.setdefault(target, []).append(_workload(use))
    return found


def _workload(use: Use) -> Workload:
    return Workload(use.label, use.resource.type, use.resource.key.span, use.expected_service, use.runs_customer_code)


def _principal(resource: Resource, index: _Index, template: Template) -> Principal:
    attachments = index.attachments.get(resource.id, [])
    links = index.links_to.get(resource.id, [])
    policies = (link.source.id for link in links if link.source.type not in PRINCIPAL_TYPES)  # a member's are its own
    linked = dict.fromkeys([*policies, *(one.target for one in attachments if one.target)])
    own = index.policies.get(resource.id, [])
    shared = [policy for source in linked for policy in index.policies.get(source, [])]
    profiles = [link.source for link in links if link.source.type == PROFILE]
    serving = [workload for id_ in (*(one.id for one in profiles), resource.id) for workload in index.users.get(id_, ())]
    name = ref(resource.id, resource.key, Scope(template))
    return Principal(
        resource=resource,
        name=name if isinstance(name, Text) else None,
        trust=tuple(policy for policy in own if policy.kind == "trust_policy"),
        policies=tuple(policy for policy in (*own, *shared) if policy.kind == "identity_policy"),
        attachments=tuple(attachments),
        boundaries=tuple(index.boundaries.get(resource.id, [])),
        groups=tuple(sorted(_groups(resource, index))),
        profiles=tuple(Workload(one.id, one.type, one.key.span) for one in profiles),
        workloads=tuple({workload.id: workload for workload in serving}.values()),
    )


def _groups(user: Resource, index: _Index) -> set[str]:
    """The groups a user is in: named by the user itself, or by an addition that names both."""
    if user.type != "AWS::IAM::User":
        return set()
    additions = [link.source.id for link in index.links_to.get(user.id, []) if link.source.type == _ADDITION]
    links = [link for source in (user.id, *additions) for link in index.links_from.get(source, [])]
    return {link.target for link in links if link.place.row.names == "AWS::IAM::Group"}
