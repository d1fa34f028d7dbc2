"""Which places does a template have, one by one, and what does each say under each combination of conditions?"""

from collections.abc import Iterable, Iterator
from itertools import product

from rolelint.catalogue import actions as catalogue
from rolelint.iam.access import Access, Attachment, Link, Policy
from rolelint.iam.documents import Document
from rolelint.iam.elements import Pattern
from rolelint.iam.permissions import missing_source, read_place
from rolelint.iam.places import Place, attached_to, locate
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Node
from rolelint.syntax.pointers import json_pointer, steps_to_node
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate, exists, reachable
from rolelint.template.references import is_known
from rolelint.template.template import Template
from rolelint.template.values import Assumption, Symbol, Text, Unknown, When, both, elements
from rolelint.tuples import NamedTuple

MOST_CONDITIONS = 6
"""Conditions in one document whose combinations are told apart; beyond that the document is listed once, whole."""

_UNKNOWN_SYMBOLS = frozenset(("import", "opaque", "loop"))
_JOINING = frozenset(
    (
        "AWS::IAM::InstanceProfile",
        "AWS::IdentityStore::GroupMembership",
        "AWS::IoT::PolicyPrincipalAttachment",
        "AWS::SSO::ApplicationAssignment",
        "AWS::SSO::Assignment",
    )
)
"""Types that only join others; the links of a policy are told with it."""
_ANSWER_ANYTHING = ("AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Stack", "AWS::Serverless::Application")
"""Types whose attributes are what somebody else's code or template makes them."""


class Entry(NamedTuple):
    """A place as ``inspect`` lists it. ``path`` is below Properties, or from the root when it starts with ``/``."""

    resource: str
    path: str
    kind: str
    span: Span
    when: tuple[str, ...] = ()
    shape: str = ""
    encoding: str = "object"
    version: str | None = None
    statements: int = 0
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    condition_values: tuple[str, ...] = ()
    unknown: bool = False
    generated: bool = False
    source_path: str = ""
    attach_to: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    resolved_to: str | None = None
    used_as: str | None = None
    effective: bool = True
    missing: tuple[str, ...] = ()


def inventory(access: Access) -> list[Entry]:
    """The places of a template in the order in which they stand in it."""
    found = [*_transforms(access.template)]
    for policy in access.policies:
        found += _policy(policy, access)
    for attachment in access.attachments:
        found.append(_attachment(attachment, access))
    for boundary in access.boundary_attachments:
        found.append(_attachment(boundary, access))
    found += [_link(link, access) for link in access.links if link.source.type in _JOINING]
    found += [_other(place, access) for place in access.others]
    found += _ineffective(access, found)
    found += _sessions(access)
    named = [_in_full(entry, access.template) for entry in _joined(found)]
    return sorted(named, key=lambda entry: (entry.span.start, entry.resource, entry.path, entry.when))


def _in_full(entry: Entry, template: Template) -> Entry:
    """An entry of a nested template, whose ids have those of the resources around it before them."""
    within = template.within
    if not within:
        return entry
    return entry._replace(
        resource=within + entry.resource,
        attach_to=tuple(within + one if one in template.resources else one for one in entry.attach_to),
        attached=tuple(within + one for one in entry.attached),
        workloads=tuple(within + one for one in entry.workloads),
        resolved_to=within + entry.resolved_to if entry.resolved_to else None,
    )


def _transforms(template: Template) -> Iterator[Entry]:
    """Macros may add or change anything: what they make is not known here."""
    for macro in template.macros:
        pointer = json_pointer(steps_to_node(template.root, macro))
        yield Entry("", pointer, "unknown_transform", macro.span, source_path=pointer)


class _Where(NamedTuple):
    """How a place is named: by what is written, or for what a transform makes, by the resource that it makes."""

    resource: str
    path: str
    generated: bool
    source_path: str


def _where(place: Place, template: Template, node: Node) -> _Where:
    resource = place.resource
    path = "/".join(place.path)
    written = steps_to_node(template.root, node)
    source_path = json_pointer(written)
    if resource.cause is None:
        made = resource.type.startswith("AWS::Serverless::") and not set(place.path[:1]) <= set(written)
        return _Where(resource.id, path, generated=made, source_path=source_path)
    cause = steps_to_node(template.root, resource.cause)
    maker = cause[1] if cause[:1] == ("Resources",) and len(cause) > 1 else resource.id
    if place.row.kind == "grant":
        return _Where(maker, "/".join(cause[3:]), generated=True, source_path=json_pointer(cause))
    if written[:1] == ("Globals",) and place.row.kind == "permissions_boundary":
        return _Where(maker, source_path, generated=False, source_path=source_path)
    if written[2:4] == ("Properties", "Policies") or place.row.kind == "permissions_boundary":
        return _Where(written[1], "/".join(written[3:]), generated=False, source_path=source_path)
    if place.row.kind == "managed_policy_attachment":
        path = path.rpartition("/")[0]
    source = written if written[: len(cause)] == cause else cause
    return _Where(resource.id, path, generated=True, source_path=json_pointer(source))


def _policy(policy: Policy, access: Access) -> Iterator[Entry]:
    document, place = policy.document, policy.place
    where = _where(place, access.template, _first(document, place)) if place else _Where("", "", generated=False, source_path="")
    holders = access.holders(policy)
    owner = policy.resource.id if policy.resource else ""
    for when, statements in _worlds(document, access.template):
        shown = [one for statement in statements for one in statement.resources]
        granted = statements if policy.kind == "grant" else ()
        yield Entry(
            resource=where.resource,
            path=where.path,
            kind=policy.kind,
            span=document.node.span.on_one_line(),
            when=tuple(str(assumption) for assumption in when),
            shape=place.row.shape if place else "document",
            encoding=document.encoding,
            version=document.version,
            statements=len(statements),
            actions=_unique(_action(one) for statement in statements if not statement.not_actions for one in statement.actions),
            not_actions=_unique(_action(one) for statement in statements if statement.not_actions for one in statement.actions),
            resolved=_unique(_shown(one.text) for one in shown),
            principals=_unique(_shown(one.text) for statement in statements for one in statement.principals),
            condition_values=_unique(
                _shown(value.text) for statement in statements for condition in statement.conditions for value in condition.values
            ),
            unknown=bool(
                document.unknown
                or any(one.unknown for one in statements)
                or any(_is_unknown(one.text, access.template) for one in shown)
            ),
            generated=where.generated,
            source_path=where.source_path,
            attach_to=attached_to(place, access.template) if place else (),
            attached=tuple(holder.id for holder in holders if holder.id != owner),
            workloads=_unique(workload.id for holder in holders for workload in holder.workloads),
            used_as="permissions_boundary" if not holders and owner in access.boundaries else None,
            missing=_unique(name for statement in granted for name in missing_source(statement)),
        )


def _first(document: Document, place: Place) -> Node:
    return place.node if not isinstance(place.node, Unknown) else document.node


def _worlds(document: Document, template: Template) -> list[tuple[When, tuple[Statement, ...]]]:
    """The combinations of conditions under which a document says different things, each with what it then says."""
    inside = {one.condition for when in _whens(document) for one in when} - {one.condition for one in document.when}
    if not inside or len(inside) > MOST_CONDITIONS:
        return [(document.when, document.statements)]
    worlds: list[tuple[When, tuple[Statement, ...]]] = []
    for values in product((True, False), repeat=len(inside)):
        chosen = tuple(Assumption(name, holds) for name, holds in zip(sorted(inside), values, strict=True))
        when = both(document.when, chosen)
        if when is not None and reachable(when, template):
            worlds.append((when, tuple(_in_world(document.statements, when))))
    return worlds


def _whens(document: Document) -> Iterator[When]:
    for statement in document.statements:
        yield statement.when
        for patterns in (statement.actions, statement.resources, statement.principals):
            yield from (pattern.when for pattern in patterns)


def _in_world(statements: Iterable[Statement], world: When) -> Iterator[Statement]:
    holding = set(world)
    for statement in statements:
        if holding >= set(statement.when):
            yield statement._replace(
                actions=tuple(one for one in statement.actions if holding >= set(one.when)),
                resources=tuple(one for one in statement.resources if holding >= set(one.when)),
                principals=tuple(one for one in statement.principals if holding >= set(one.when)),
            )


def _attachment(attachment: Attachment, access: Access) -> Entry:
    place = attachment.place
    where = _where(place, access.template, attachment.text.node)
    holder = access.principals.get(place.resource.id)
    symbol = attachment.text.symbol
    return Entry(
        resource=where.resource,
        path=where.path,
        kind=place.row.kind,
        span=attachment.text.span.on_one_line(),
        when=tuple(str(assumption) for assumption in attachment.when),
        shape=place.row.shape,
        resolved=(_shown(attachment.text),),
        unknown=symbol is not None and symbol.default is None and attachment.target is None,
        generated=where.generated,
        source_path=where.source_path,
        workloads=_unique(workload.id for workload in holder.workloads) if holder else (),
        resolved_to=attachment.target,
    )


def _link(link: Link, access: Access) -> Entry:
    return _other(link.place, access)._replace(resolved_to=link.target)


def _other(place: Place, access: Access) -> Entry:
    node = place.node.node if isinstance(place.node, Unknown) else place.node
    where = _where(place, access.template, node)
    return Entry(
        resource=where.resource,
        path=where.path,
        kind=place.row.kind,
        span=node.span.on_one_line(),
        when=tuple(str(assumption) for assumption in place.when),
        shape=place.row.shape,
        generated=where.generated,
        source_path=where.source_path,
    )


def _ineffective(access: Access, found: list[Entry]) -> Iterator[Entry]:
    """Policies on a SAM function that has a role of its own: SAM ignores them."""
    known = {(entry.resource, entry.path) for entry in found}
    for resource in access.template.resources.values():
        if resource.type.startswith("AWS::Serverless::"):
            for place in locate(resource, Scope(access.template), ("identity_policy", "managed_policy_attachment"), besides=True):
                path = "/".join(place.path)
                if path.startswith("Policies") and not any(
                    at == resource.id and (path == one or one.startswith(f"{path}/")) for at, one in known
                ):
                    yield _other(place, access)._replace(effective=False)


def _sessions(access: Access) -> Iterator[Entry]:
    """Policies of sessions: they grant nothing, but such a session may do no more than they say."""
    for resource in access.template.resources.values():
        when = exists(resource, access.template)
        if when is None or resource.type.startswith("AWS::Serverless::"):
            continue
        scope = Scope(access.template, when)
        for place in locate(resource, scope, ("session_policy", "managed_policy_attachment"), besides=True):
            if place.row.besides and place.row.kind == "session_policy":
                for document in read_place(place, access.template, []):
                    yield from _policy(Policy(place.row.kind, place, document), access)
            elif place.row.besides:
                yield _session_attachment(place, access)


def _session_attachment(place: Place, access: Access) -> Entry:
    known = [] if isinstance(place.node, Unknown) else elements(evaluate(place.node, Scope(access.template, place.when)))
    texts = [text for _, text in known if isinstance(text, Text)]
    return _other(place, access)._replace(
        resolved=_unique(map(_shown, texts)),
        unknown=not texts or any(text.symbol and text.symbol.default is None for text in texts),
        attach_to=attached_to(place, access.template),
        used_as="session_policy",
    )


def _joined(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Places at one spot are one: all managed policies that a transform adds to a role, a boundary that it gives to several."""
    kept: dict[tuple[str, str, str, tuple[str, ...]], Entry] = {}
    for entry in entries:
        key = (entry.resource, entry.path, entry.kind, entry.when)
        known = kept.get(key)
        if known and known._replace(workloads=entry.workloads) == entry:
            kept[key] = entry._replace(workloads=_unique((*known.workloads, *entry.workloads)))
            continue
        if known is None or not entry.generated or _is_on_another(entry, known):
            kept[key if known is None else (*key[:3], (*key[3], str(len(kept))))] = entry
            continue
        kept[key] = known._replace(
            statements=known.statements + entry.statements,
            actions=_unique((*known.actions, *entry.actions)),
            resolved=_unique((*known.resolved, *entry.resolved)),
            principals=_unique((*known.principals, *entry.principals)),
        )
    yield from kept.values()


def _is_on_another(entry: Entry, known: Entry) -> bool:
    """Whether two grants of one cause open different resources."""
    return entry.kind == "grant" and bool(entry.resolved) and bool(known.resolved) and entry.resolved != known.resolved


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _shown(text: Text) -> str:
    """A text with symbols as ``${Name}``; one that is nothing but a parameter shows its default."""
    return text.symbol.default if text.symbol and text.symbol.default is not None else str(text)


def _action(pattern: Pattern) -> str:
    shown = _shown(pattern.text)
    known = catalogue.find(shown)
    service, colon, name = shown.partition(":")
    return known.full_name if known else f"{service.lower()}{colon}{name}"


def _is_unknown(text: Text, template: Template) -> bool:
    return any(symbol.kind in _UNKNOWN_SYMBOLS or _is_answer(symbol, template) for symbol in text.symbols)


def _is_answer(symbol: Symbol, template: Template) -> bool:
    """Whether a symbol may be any text. What AWS makes up for an attribute of its own resource is a name like others."""
    if symbol.kind != "attribute":
        return False
    resource = template.resources.get(symbol.name.partition(".")[0])
    return resource is None or resource.type in _ANSWER_ANYTHING or not is_known(resource.type)
