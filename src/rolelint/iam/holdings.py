"""What do the places of a template hold? Policies, attachments, boundaries, and links between policies and principals."""

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from typing import TypeAlias

from rolelint.catalogue import managed_policies
from rolelint.iam.boundaries import denials_beyond
from rolelint.iam.denials import Denial
from rolelint.iam.documents import Document, denials, read_documents, with_denials
from rolelint.iam.managed import denies_anything, managed_statements
from rolelint.iam.names import Names
from rolelint.iam.patterns import Certainty, as_letters, readings
from rolelint.iam.permissions import read_place
from rolelint.iam.places import DOCUMENTS, KINDS, Place, locate
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping, Node
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.syntax.source import Problem, Span
from rolelint.template import functions
from rolelint.template.evaluate import Scope, evaluate, exists
from rolelint.template.template import Resource, Template
from rolelint.template.values import Fields, Hole, Symbol, Text, Unknown, Value, When, both, elements, plain_text
from rolelint.tuples import NamedTuple

PRINCIPAL_TYPES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::SSO::PermissionSet")
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
PROFILE = "AWS::IAM::InstanceProfile"
_LINKED_BESIDES = ("AWS::IdentityStore::Group", "AWS::IoT::Policy")
"""What else links name."""

_AWS_MANAGED = compile_pattern(r"arn:[^:]*:iam::aws:policy/((?:[\w+=,.@/-]*/)?)([\w+=,.@-]+)")


_Holders: TypeAlias = ReadOnly[str, ReadOnly[str, When]]
"""For the id of a resource those of the principals that hold its policies, each with what must hold for that."""


class Policy(NamedTuple):
    """A policy document, or a grant read as one; ``place`` is None for a bare document in a file of its own."""

    kind: str
    place: Place | None
    document: Document

    @property
    def resource(self) -> Resource | None:
        """The resource that it is written in."""
        return self.place.resource if self.place else None


class AwsManaged(NamedTuple):
    """An AWS managed policy that an attachment names, or may name under assumptions."""

    name: str
    path: str
    certainty: Certainty
    assumptions: tuple[str, ...] = ()

    @property
    def misplaced(self) -> bool:
        """Whether AWS has a policy of that name under another path only: this one cannot be attached, and gives nothing."""
        known = managed_policies.find(self.name)
        return known is not None and known.path != self.path


class Attachment(NamedTuple):
    """A managed policy attached to a principal or set as its boundary: one of AWS's, of this template's, or another."""

    place: Place
    text: Text
    when: When
    aws_managed: tuple[AwsManaged, ...] = ()
    target: str | None = None

    @property
    def resource(self) -> Resource:
        """The resource that it is written in."""
        return self.place.resource


class Link(NamedTuple):
    """A place that names the principal or group which a policy, profile or membership is for."""

    place: Place
    target: str

    @property
    def source(self) -> Resource:
        """The resource that it is written in."""
        return self.place.resource


class Unevaluated(NamedTuple):
    """Something that could not be judged, where it stands, and why."""

    reason: str
    span: Span


class Holdings(NamedTuple):
    """All that was found; ``others`` are places of other kinds, such as nested templates.

    ``denied`` has what principals are denied by anything that they hold, by logical id.
    """

    names: Names
    policies: tuple[Policy, ...]
    attachments: tuple[Attachment, ...]
    boundaries: tuple[Attachment, ...]
    links: tuple[Link, ...]
    others: tuple[Place, ...]
    problems: tuple[Problem, ...]
    unevaluated: tuple[Unevaluated, ...]
    denied: ReadOnly[str, tuple[Denial, ...]]


def read_holdings(template: Template) -> Holdings:
    """What the places of a template hold; of what a policy allows, denials of all its holders are taken away."""
    reader = _Reader(template)
    reader.read()
    holders = _holders(reader)
    denied = _denied(reader, holders)
    return Holdings(
        names=reader.names,
        policies=tuple(_less(policy, holders, denied) for policy in reader.policies) if denied else tuple(reader.policies),
        attachments=tuple(reader.attachments),
        boundaries=tuple(reader.boundaries),
        links=tuple(reader.links),
        others=tuple(reader.others),
        problems=tuple(reader.problems),
        unevaluated=tuple(reader.unevaluated),
        denied=denied,
    )


class _Reader:
    """Collects what the places of one template hold."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.scope = Scope(template)
        self.names = Names(template, (*PRINCIPAL_TYPES, MANAGED_POLICY, PROFILE, *_LINKED_BESIDES))
        self.policies: list[Policy] = []
        self.attachments: list[Attachment] = []
        self.boundaries: list[Attachment] = []
        self.links: list[Link] = []
        self.others: list[Place] = []
        self.problems: list[Problem] = []
        self.unevaluated: list[Unevaluated] = []

    def read(self) -> None:
        if self.template.document is not None:
            self.bare(self.template.document)
        for macro in self.template.macros:
            self.cannot(Unknown(f"the macro {macro.text} may add or change anything", macro))
        for resource in self.template.resources.values():
            when = exists(resource, self.template)
            for place in locate(resource, self.scope._replace(when=when), KINDS) if when is not None else ():
                self.place(place)

    def bare(self, node: Mapping) -> None:
        for document in read_documents(node, self.scope, self.problems):
            self.add(Policy(kind_by_content(document), None, document))

    def place(self, place: Place) -> None:
        match place.row.kind:
            case kind if kind in DOCUMENTS or kind == "grant":
                documents = list(read_place(place, self.template, self.problems))
                for document in documents:
                    self.add(Policy(kind, place, document))
                if not documents:
                    self.others.append(place)
            case _ if isinstance(place.node, Unknown):
                self.cannot(place.node)
            case "attachment_link":
                self.links += self.linked(place, place.node)
            case "managed_policy_attachment":
                self.attachments += self.attached(place, place.node)
            case "permissions_boundary":
                self.boundaries += self.attached(place, place.node)
            case _:
                self.others.append(place)
                if place.row.kind == "nested_template" and place.resource.id not in self.template.children:
                    self.cannot(Unknown("a nested template that is not read", place.node))

    def cannot(self, unknown: Unknown) -> None:
        self.unevaluated.append(Unevaluated(unknown.reason, unknown.node.span.on_one_line()))

    def add(self, policy: Policy) -> None:
        unknown = [one for statement in policy.document.statements for one in statement.unknown]
        for one in (*policy.document.unknown, *unknown):
            self.cannot(one)
        self.policies.append(policy)

    def linked(self, place: Place, node: Node) -> Iterator[Link]:
        for _, value in elements(evaluate(node, self.scope._replace(when=place.when))):
            target = self.names.find(place.row.names, value) if isinstance(value, Text) else None
            if target:
                yield Link(place, target)

    def attached(self, place: Place, node: Node) -> Iterator[Attachment]:
        for when, value in elements(evaluate(node, self.scope._replace(when=place.when)), place.when):
            match value:
                case Text():
                    target = self.names.find(MANAGED_POLICY, value)
                    yield Attachment(place, value, when, tuple(_aws_managed(value)), target)
                case Unknown():
                    self.cannot(value)
                case Fields():
                    yield Attachment(place, _by_name(value), when)


def _by_name(fields: Fields) -> Text:
    """The ARN that a policy given by name and path has in each account that a permission set is provisioned to."""
    node = fields.node

    def symbol(kind: str, name: str) -> Text:
        return Text((Hole(Symbol(kind, name), node),), node)

    path: Value = fields.get("Path") or plain_text("/", node)
    name: Value = fields.get("Name") or symbol("opaque", "Name")
    parts = [plain_text("arn:", node), symbol("pseudo", "AWS::Partition"), plain_text(":iam::", node)]
    joined = functions.concatenate([*parts, symbol("opaque", "TargetAccount"), plain_text(":policy", node), path, name], node)
    return joined if isinstance(joined, Text) else symbol("opaque", "Name")


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


def kind_by_content(document: Document) -> str:
    """What a document is: one with a principal belongs to a resource, or to a role when all it allows is assuming one."""
    if not any(statement.principals or statement.not_principals for statement in document.statements):
        return "identity_policy"
    actions = [str(action.text).lower() for statement in document.statements for action in statement.actions]
    return "trust_policy" if actions and all(action.startswith("sts:") for action in actions) else "resource_policy"


def _denied(reader: _Reader, holders: _Holders) -> dict[str, tuple[Denial, ...]]:
    """What each principal is denied by anything that it holds, whenever it exists."""
    taken: dict[str, dict[Denial, None]] = {}
    for holder, when, denial in _taken(reader, holders):
        joined = both(denial.when, when)
        if joined is not None:
            own = exists(reader.template.resources[holder], reader.template) or ()
            taken.setdefault(holder, {})[denial._replace(when=tuple(one for one in joined if one not in own))] = None
    for user, group in _memberships(reader):
        taken.setdefault(user, {}).update(taken.get(group, {}))
    return {holder: tuple(sorted(found, key=lambda one: one.order)) for holder, found in taken.items() if found}


def _taken(reader: _Reader, holders: _Holders) -> Iterator[tuple[str, When, Denial]]:
    """What principals are denied when something holds: by their policies, by those that AWS manages, by their boundaries."""
    for policy in reader.policies:
        if policy.kind == "identity_policy" and policy.resource:
            for denial in denials(policy.document.statements):
                yield from ((holder, when, denial) for holder, when in holders.get(policy.resource.id, {}).items())
    for attachment in reader.attachments:
        yield from ((attachment.resource.id, attachment.when, denial) for denial in _denied_by_aws(attachment))
    for boundary in reader.boundaries:
        yield from ((boundary.resource.id, boundary.when, denial) for denial in denials_beyond(_limits(boundary, reader)))


def _denied_by_aws(attachment: Attachment) -> Iterator[Denial]:
    """What AWS managed policies that an attachment surely names deny."""
    for named in attachment.aws_managed:
        if named.certainty is Certainty.CERTAIN and denies_anything(named.name):
            yield from denials(managed_statements(named.name, attachment.text.node))


def _limits(boundary: Attachment, reader: _Reader) -> list[Statement]:
    """The statements of a boundary, none when it is not known here."""
    statements: list[Statement] = []
    for named in boundary.aws_managed:
        if named.certainty is Certainty.CERTAIN:
            statements += managed_statements(named.name, boundary.text.node)
    for policy in reader.policies:
        if policy.resource and policy.resource.id == boundary.target:
            statements += policy.document.statements
    return statements


def _memberships(reader: _Reader) -> Iterator[tuple[str, str]]:
    """Users and their groups: those that they name, and those that an addition names beside them."""
    for link in reader.links:
        if link.place.row.names == "AWS::IAM::Group":
            others = (one.target for one in reader.links if one.source.id == link.source.id and one.target != link.target)
            users = [link.source.id] if link.source.type == "AWS::IAM::User" else others
            yield from ((user, link.target) for user in users if reader.template.resources[user].type == "AWS::IAM::User")


def _less(policy: Policy, holders: _Holders, denied: ReadOnly[str, tuple[Denial, ...]]) -> Policy:
    """A policy whose statements give less by what all of its holders are denied elsewhere."""
    held_by = holders.get(policy.resource.id, {}) if policy.resource and policy.kind == "identity_policy" else {}
    common = set.intersection(*(set(denied.get(holder, ())) for holder in held_by)) if held_by else set()
    return policy._replace(document=with_denials(policy.document, tuple(sorted(common, key=lambda one: one.order))))


def _holders(reader: _Reader) -> _Holders:
    """The ids of the principals that hold what a resource has for policies, by the id of that resource."""
    holders: dict[str, dict[str, When]] = {}
    for link in reader.links:
        if link.source.type not in PRINCIPAL_TYPES:  # what a member of a group holds is its own
            holders.setdefault(link.source.id, {})[link.target] = link.place.when
    for attachment in reader.attachments:
        if attachment.target:
            held_by = holders.setdefault(attachment.target, {})
            held_by[attachment.resource.id] = min(attachment.when, held_by.get(attachment.resource.id, attachment.when), key=len)
    for policy in reader.policies:
        if policy.resource and policy.resource.type in PRINCIPAL_TYPES:
            holders.setdefault(policy.resource.id, {})[policy.resource.id] = ()
    return holders
