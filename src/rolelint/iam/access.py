"""Which identities does the template make, what do they hold, and who uses them?"""

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from re import compile as compile_pattern
from typing import NamedTuple

from rolelint.iam.consumers import uses
from rolelint.iam.documents import Document, denials, read_documents, with_denials
from rolelint.iam.patterns import Certainty, as_letters, readings
from rolelint.iam.places import Place, locate
from rolelint.syntax.nodes import Node
from rolelint.syntax.source import Problem, Span
from rolelint.template.evaluate import Scope, evaluate, holds, possible_texts
from rolelint.template.intrinsics import get_att, ref
from rolelint.template.template import Resource, Template
from rolelint.template.values import Assumption, Fields, Text, Unknown, When, elements

PRINCIPAL_TYPES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet")

_ADDITION = "AWS::IAM::UserToGroupAddition"
_MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
_PROFILE = "AWS::IAM::InstanceProfile"
_NAMED_TYPES = frozenset((*PRINCIPAL_TYPES, _MANAGED_POLICY, _PROFILE))

_AWS_MANAGED = compile_pattern(r"arn:[^:]*:iam::aws:policy/((?:[\w+=,.@/-]*/)?)([\w+=,.@-]+)")


class Policy(NamedTuple):
    """A policy document where it is written. ``resource`` is None for a bare document in a file of its own."""

    kind: str
    resource: Resource | None
    document: Document


class AwsManaged(NamedTuple):
    """An AWS managed policy that an attachment names, or may name under assumptions."""

    name: str
    path: str
    certainty: Certainty
    assumptions: tuple[str, ...] = ()


class Attachment(NamedTuple):
    """A managed policy attached to a principal or set as its boundary: one of AWS's, of this template's, or another."""

    resource: Resource
    text: Text
    when: When
    aws_managed: tuple[AwsManaged, ...] = ()
    target: str | None = None


class Workload(NamedTuple):
    """Something that runs with a role: a function, an instance, a task."""

    id: str
    type: str
    span: Span


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


class Unevaluated(NamedTuple):
    """Something that could not be judged, where it stands, and why."""

    reason: str
    span: Span


class Access(NamedTuple):
    """All that a template says about who may do what."""

    template: Template
    principals: ReadOnly[str, Principal]
    policies: tuple[Policy, ...]
    attachments: tuple[Attachment, ...]
    boundaries: frozenset[str]
    problems: tuple[Problem, ...]
    unevaluated: tuple[Unevaluated, ...]

    def holders(self, policy: Policy) -> tuple[Principal, ...]:
        """The principals of this template that a policy applies to."""
        return tuple(one for one in self.principals.values() if any(held is policy for held in (*one.policies, *one.trust)))


class _Reader:
    """Collects what the places of one template hold."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.scope = Scope(template)
        self.names = _Names(template)
        self.problems: list[Problem] = []
        self.unevaluated: list[Unevaluated] = []
        self.policies: list[Policy] = []
        self.attachments: list[Attachment] = []
        self.boundaries: list[Attachment] = []
        self.links: list[tuple[Resource, str, str]] = []

    def read(self) -> None:
        if self.template.document is not None:
            self.documents("bare_policy", None, self.template.document, ())
        for resource in self.template.resources.values():
            when = self.resource_when(resource)
            for place in locate(resource, self.scope._replace(when=when)) if when is not None else ():
                self.place(place)

    def resource_when(self, resource: Resource) -> When | None:
        """What must hold for a resource to exist, None if it never does."""
        if resource.condition is None:
            return ()
        held = holds(resource.condition, self.scope)
        return None if held is False else () if held else (Assumption(resource.condition, holds=True),)

    def place(self, place: Place) -> None:
        if isinstance(place.node, Unknown):
            self.cannot(place.node)
        elif place.row.kind in ("identity_policy", "trust_policy"):
            self.documents(place.row.kind, place.resource, place.node, place.when)
        elif place.row.kind == "attachment_link":
            self.link(place, place.node)
        else:
            found = self.boundaries if place.row.kind == "permissions_boundary" else self.attachments
            found += self.attached(place, place.node)

    def cannot(self, unknown: Unknown) -> None:
        self.unevaluated.append(Unevaluated(unknown.reason, unknown.node.span.on_one_line()))

    def documents(self, kind: str, resource: Resource | None, node: Node, when: When) -> None:
        for document in read_documents(node, self.scope._replace(when=when), self.problems):
            for unknown in document.unknown:
                self.cannot(unknown)
            for statement in document.statements:
                for unknown in statement.unknown:
                    self.cannot(unknown)
            self.policies.append(Policy(_bare_kind(document) if kind == "bare_policy" else kind, resource, document))

    def link(self, place: Place, node: Node) -> None:
        for _, value in elements(evaluate(node, self.scope._replace(when=place.when))):
            if isinstance(value, Text):
                target = self.names.find(place.row.names, value)
                if target:
                    self.links.append((place.resource, place.row.names, target))

    def attached(self, place: Place, node: Node) -> Iterator[Attachment]:
        for when, value in elements(evaluate(node, self.scope._replace(when=place.when)), place.when):
            match value:
                case Text():
                    target = self.names.find(_MANAGED_POLICY, value)
                    yield Attachment(place.resource, value, when, tuple(_aws_managed(value)), target)
                case Unknown():
                    self.cannot(value)
                case Fields():
                    name = value.get("Name")
                    if isinstance(name, Text):
                        yield Attachment(place.resource, name, when)


def _aws_managed(text: Text) -> Iterator[AwsManaged]:
    """The AWS managed policies that an ARN names, as it stands or under assumptions."""
    found = _AWS_MANAGED.fullmatch(as_letters(text))
    if found:
        yield AwsManaged(found[2], f"/{found[1]}", Certainty.CERTAIN)
        return
    listed = list(readings(text))
    for reading in listed:
        found = _AWS_MANAGED.fullmatch(reading.text)
        if found:
            certain = reading.certainty is Certainty.CERTAIN and len(listed) == 1
            yield AwsManaged(found[2], f"/{found[1]}", Certainty.CERTAIN if certain else Certainty.POSSIBLE, reading.assumptions)


def _bare_kind(document: Document) -> str:
    """A bare document with a principal belongs to a resource, or to a role when all it allows is assuming one."""
    if not any(statement.principals or statement.not_principals for statement in document.statements):
        return "identity_policy"
    actions = [str(action.text).lower() for statement in document.statements for action in statement.actions]
    return "trust_policy" if actions and all(action.startswith("sts:") for action in actions) else "resource_policy"


class _Names:
    """Finds the resource that a name, an ARN or a reference means."""

    def __init__(self, template: Template) -> None:
        self.known: dict[tuple[str, str], str] = {}
        scope = Scope(template)
        for resource in template.resources.values():
            if resource.type in _NAMED_TYPES:
                for value in (ref(resource.id, resource.key, scope), get_att(resource.id, "Arn", resource.key, scope)):
                    for _, text in possible_texts(value):
                        self.known[resource.type, str(text)] = resource.id

    def find(self, kind: str, text: Text) -> str | None:
        """The resource of a type that a text names, by reference or by the literal name that the resource gives itself."""
        found = self.known.get((kind, str(text)))
        if found is None and text.symbol and text.symbol.kind == "attribute":
            return self.known.get((kind, f"${{{text.symbol.name.partition('.')[0]}}}"))
        return found


def read_access(template: Template) -> Access:
    """Who may do what, by this template."""
    reader = _Reader(template)
    reader.read()
    reader.policies = _less_what_is_denied(reader)
    boundaries = frozenset(one.target for one in reader.boundaries if one.target)
    profiles = _profiles(reader)
    principals = {
        resource.id: _principal(resource, reader, profiles)
        for resource in template.resources.values()
        if resource.type in PRINCIPAL_TYPES
    }
    return Access(
        template=template,
        principals=principals,
        policies=tuple(reader.policies),
        attachments=tuple(reader.attachments),
        boundaries=boundaries,
        problems=(*template.problems, *reader.problems),
        unevaluated=tuple(reader.unevaluated),
    )


def _less_what_is_denied(reader: _Reader) -> list[Policy]:
    """The policies, each of whose statements gives less by what all of its holders are denied by other policies."""
    policies = reader.policies
    if not any(statement.effect == "Deny" for policy in policies for statement in policy.document.statements):
        return policies
    holders = [_holders(policy, reader) if policy.kind == "identity_policy" else frozenset() for policy in policies]
    changed = []
    for policy, held_by in zip(policies, holders, strict=True):
        denied = [
            {
                one
                for other, held in zip(policies, holders, strict=True)
                if other is not policy and holder in held
                for one in denials(other.document.statements)
            }
            for holder in held_by
        ]
        common = tuple(sorted(set.intersection(*denied))) if denied else ()
        changed.append(policy._replace(document=with_denials(policy.document, common)))
    return changed


def _holders(policy: Policy, reader: _Reader) -> frozenset[str]:
    """The ids of the principals that hold a policy."""
    source = policy.resource
    if source is None:
        return frozenset()
    linked = {target for linking, _, target in reader.links if linking.id == source.id}
    attached = {one.resource.id for one in reader.attachments if one.target == source.id}
    return frozenset(linked | attached | ({source.id} if source.type in PRINCIPAL_TYPES else set()))


def _principal(resource: Resource, reader: _Reader, profiles: ReadOnly[str, list[Workload]]) -> Principal:
    attachments = [one for one in reader.attachments if one.resource.id == resource.id]
    linked = {source.id for source, _, target in reader.links if target == resource.id}
    linked |= {one.target for one in attachments if one.target}
    own = [policy for policy in reader.policies if policy.resource and policy.resource.id == resource.id]
    shared = [policy for policy in reader.policies if policy.resource and policy.resource.id in linked]
    in_profiles = [source for source, _, target in reader.links if target == resource.id and source.type == _PROFILE]
    served = [workload for profile in in_profiles for workload in profiles.get(profile.id, ())]
    name = ref(resource.id, resource.key, reader.scope)
    return Principal(
        resource=resource,
        name=name if isinstance(name, Text) else None,
        trust=tuple(policy for policy in own if policy.kind == "trust_policy"),
        policies=tuple(policy for policy in (*own, *shared) if policy.kind == "identity_policy"),
        attachments=tuple(attachments),
        boundaries=tuple(one for one in reader.boundaries if one.resource.id == resource.id),
        groups=tuple(sorted(_groups(resource, reader))),
        profiles=tuple(Workload(one.id, one.type, one.key.span) for one in in_profiles),
        workloads=tuple(dict.fromkeys((*served, *_workloads(resource, reader)))),
    )


def _groups(user: Resource, reader: _Reader) -> set[str]:
    """The groups a user is in: named by the user itself, or by an addition that names both."""
    if user.type != "AWS::IAM::User":
        return set()
    groups = [(source, target) for source, kind, target in reader.links if kind == "AWS::IAM::Group"]
    additions = {source.id for source, kind, target in reader.links if target == user.id and source.type == _ADDITION}
    return {target for source, target in groups if source.id == user.id or source.id in additions}


def _profiles(reader: _Reader) -> ReadOnly[str, list[Workload]]:
    """The workloads that use each instance profile of the template."""
    found: dict[str, list[Workload]] = {}
    for use in uses(reader.template, "instance_profile"):
        profile = reader.names.find(_PROFILE, use.text)
        if profile:
            found.setdefault(profile, []).append(Workload(use.resource.id, use.resource.type, use.resource.key.span))
    return found


def _workloads(role: Resource, reader: _Reader) -> Iterator[Workload]:
    for use in uses(reader.template, "role"):
        if reader.names.find("AWS::IAM::Role", use.text) == role.id:
            yield Workload(use.resource.id, use.resource.type, use.resource.key.span)
