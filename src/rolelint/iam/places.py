"""Where in a resource can permissions be written? A table of places, and one walk that finds them.

Each line of ``data/places.tsv`` is a place:

    type
    path            below Properties; ``*`` is any member of a list, ``{}`` any key, ``.`` several properties together
    kind            one of KINDS
    encoding        what the schema admits: object, string (JSON text) or either; both are read everywhere
    shape           one of SHAPES
    attach to       what it applies to: ``self``, properties that name it, or words in quotes; a link has the type it names
    only            ``Property=a|b``: when the property beside has one of these values; ``=a|b``: when the place itself has;
                    ``!Property``: when the property beside is absent. Before that, ``expanded``: a transform makes places
                    of other resources out of it; ``narrows``: it takes from what others grant

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

import os
from collections.abc import Collection, Iterator
from functools import cache

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.template import data
from rolelint.template.evaluate import MOST_DEPTH, Scope, branches, evaluate, function_call, possible_texts
from rolelint.template.intrinsics import get_att, ref
from rolelint.template.references import is_known
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, Unknown, When, elements
from rolelint.tuples import NamedTuple

HOLDERS = frozenset(("identity_policy", "trust_policy", "managed_policy_attachment", "attachment_link", "permissions_boundary"))
"""What says which permissions a principal of the template holds."""

DOCUMENTS = frozenset(
    (
        "identity_policy",
        "trust_policy",
        "resource_policy",
        "endpoint_policy",
        "session_policy",
        "org_policy",
        "permission_template",
        "unclassified_policy",
    )
)
"""What is written in IAM's policy grammar."""

KINDS = HOLDERS | DOCUMENTS | {"grant", "nested_template"}
"""Everything but ``not_iam``, which only looks like a policy."""

SHAPES = frozenset(
    (
        "document",
        "statement",
        "statements",
        "sam_policies",
        "sam_resource_policy",
        "arn",
        "name",
        "name_path",
        "fields",
        "template",
        "other",
    )
)
"""How it is written; ``sam_policies`` becomes document, template (of SAM's) and name, entry by entry."""

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
"""Where this room's tables are."""

_TABLE = os.path.join(HERE, "places.tsv")
_ANY_KEY = "{}"


class Row(NamedTuple):
    """A place: the kind of what stands there, and for links what type of thing they name."""

    path: tuple[str, ...]
    kind: str
    names: str = ""
    shape: str = ""
    encoding: str = "either"
    attach_to: str = "self"
    only: str = ""
    besides: bool = False
    """Whether it grants nothing itself: it narrows, or a transform makes places of other resources out of it."""


class Place(NamedTuple):
    """A place found in a template. ``node`` is Unknown when a function stands where the place would be.

    ``path`` has the steps below Properties that were taken, ``Fn::If`` and the number of its branch among them.
    """

    resource: Resource
    row: Row
    node: Node | Unknown
    when: When
    path: tuple[str, ...] = ()


def locate(resource: Resource, scope: Scope, kinds: Collection[str] = HOLDERS, *, besides: bool = False) -> Iterator[Place]:
    """The places of some kinds in a resource, one for each branch of conditions around them.

    With ``besides`` also those that grant nothing themselves.
    """
    rows = _rows(resource.type)
    for row in rows:
        if (besides or not row.besides) and (row.kind in kinds or row.shape == "sam_policies"):
            yield from (place for place in follow(resource, row, scope) if place.row.kind in kinds)
    if not rows and "unclassified_policy" in kinds and not is_known(resource.type):
        yield from _by_shape(resource, scope, resource.properties, ())


def follow(resource: Resource, row: Row, scope: Scope) -> Iterator[Place]:
    """The places of one row in a resource."""
    properties = resource.properties
    if isinstance(properties, Mapping) and row.path and properties.get(row.path[0]) is None and not function_call(properties):
        return
    for place in _walk(_Step(resource, row, resource.properties, row.path, ()), scope):
        if row.shape == "sam_policies" and not isinstance(place.node, Unknown):
            yield from _sam_policies(place, place.node, scope)
        else:
            yield place


@cache
def _rows(kind: str) -> tuple[Row, ...]:
    return tuple(map(_row, data.lines(_TABLE, kind)))


def _row(columns: list[str]) -> Row:
    path, kind, encoding, shape, attach_to, only = columns
    names = attach_to if kind == "attachment_link" else ""
    word, _, rest = only.partition(" ")
    besides = word in ("expanded", "narrows")
    return Row(
        path=() if path == "." else tuple(path.split("/")),
        kind=kind,
        names=names,
        shape=shape,
        encoding=encoding,
        attach_to="self" if names else attach_to,
        only=rest if besides else only,
        besides=besides,
    )


class _Step(NamedTuple):
    """How far a walk has come: the node reached, the steps still to go and those taken; ``beside`` holds the node."""

    resource: Resource
    row: Row
    node: Node | None
    ahead: tuple[str, ...]
    taken: tuple[str, ...]
    beside: Mapping | None = None

    def to(self, node: Node | None, *taken: str, beside: Mapping | None = None) -> "_Step":
        """One step further."""
        return self._replace(node=node, ahead=self.ahead[1:], taken=(*self.taken, *taken), beside=beside)

    def place(self, found: Node | Unknown, when: When) -> Place:
        return Place(self.resource, self.row, found, when, self.taken)


def _walk(step: _Step, scope: Scope) -> Iterator[Place]:
    if not step.row.path:
        yield from _whole(step, scope)
        return
    for when, taken, found in unfolded(step.node, scope):
        here = step._replace(taken=(*step.taken, *taken)) if taken else step
        below = scope if when == scope.when else scope._replace(when=when)
        call = function_call(found)
        if not here.ahead or (call and here.ahead == ("*",)):
            if _applies(here, found, below):
                yield here.place(found, when)
        elif call:
            yield here.place(Unknown(call[0], found), when)
        else:
            for further in _further(here, found):
                yield from _walk(further, below)


def _further(step: _Step, found: Node) -> Iterator[_Step]:
    match found:
        case Sequence() if step.ahead[0] == "*":
            for index, item in enumerate(found.items):
                yield step.to(item, str(index))
        case Mapping() if step.ahead[0] == _ANY_KEY:
            for entry in found.entries:
                yield step.to(entry.value, entry.key.text, beside=found)
        case Mapping() if step.ahead[0] != "*":
            yield step.to(found.get(step.ahead[0]), step.ahead[0], beside=found)
        case _ if step.ahead[0] == "*":
            # A single value where a list belongs: CloudFormation refuses it, but what is meant is clear.
            yield step.to(found)


def unfolded(node: Node | None, scope: Scope, taken: tuple[str, ...] = ()) -> Iterator[tuple[When, tuple[str, ...], Node]]:
    """The nodes that stand for a node once ``Fn::If`` is seen through, with the steps into its branches."""
    call = function_call(node) if node is not None else None
    if node is None or scope.depth > MOST_DEPTH:
        return
    if call is None:
        yield scope.when, taken, node
    elif call[0] == "Fn::If" and isinstance(call[1], Sequence) and len(call[1].items) == 3:  # noqa: PLR2004 - condition, yes, no
        for when, branch in branches(call[1], scope):
            index = next(index for index, item in enumerate(call[1].items) if item is branch)
            yield from unfolded(branch, scope.deeper()._replace(when=when), (*taken, "Fn::If", str(index)))
    elif not (call[0] == "Ref" and isinstance(call[1], Scalar) and call[1].text == "AWS::NoValue"):
        yield scope.when, taken, node


def _whole(step: _Step, scope: Scope) -> Iterator[Place]:
    """A place that several properties make together: the mapping that holds them."""
    for when, taken, found in unfolded(step.resource.properties or step.resource.node, scope):
        here = step._replace(taken=taken, beside=found if isinstance(found, Mapping) else None)
        if _applies(here, found, scope._replace(when=when)):
            yield here.place(found, when)


def _applies(step: _Step, node: Node, scope: Scope) -> bool:
    """Whether a row's ``only`` holds, or may hold: what cannot be told does not hide a place."""
    name, equals, values = step.row.only.partition("=")
    if name[:1] == "!":
        return step.beside is None or step.beside.get(name[1:]) is None
    if not equals:
        return True
    looked_at = node if not name else step.beside.get(name) if step.beside else None
    known = evaluate(looked_at, scope) if looked_at is not None else None
    if not isinstance(known, Text):
        return known is not None
    return known.literal is None or known.literal.lower() in values.lower().split("|")


def attached_to(place: Place, template: Template) -> tuple[str, ...]:
    """What a place applies to: logical ids, or as text what is not of this template; nothing when no property says it."""
    attach = place.row.attach_to
    if attach == "self":
        return (place.resource.id,)
    if attach.startswith('"'):
        return (attach.strip('"').replace("{id}", place.resource.id),)
    scope = Scope(template, place.when)
    rows = [Row(tuple(path.split("/")), "attachment_link") for path in attach.split(" ")]
    found = (named for row in rows for link in follow(place.resource, row, scope) for named in refers_to(link, template))
    return tuple(dict.fromkeys(found))


def refers_to(link: Place, template: Template) -> tuple[str, ...]:
    """The logical ids of what a link names, by a reference or by the name that a resource gives itself; else its text."""
    node = link.node.node if isinstance(link.node, Unknown) else link.node
    target = reference(node)
    if target in template.resources:
        return (target,)
    texts = [str(known) for _, known in elements(evaluate(node, Scope(template, link.when))) if isinstance(known, Text)]
    return tuple(next(_called(text, template), text) for text in texts)


def reference(node: Node) -> str:
    """The logical id that a node refers to if it is nothing but a reference, by Ref, GetAtt or Sub; else nothing."""
    match function_call(node):
        case ("Ref", Scalar(text=name)):
            return name
        case ("Fn::GetAtt", Scalar(text=text)) | ("Fn::GetAtt", Sequence(items=(Scalar(text=text), *_))):
            return text.partition(".")[0]
        case ("Fn::Sub", Scalar(text=text)) if text.startswith("${") and text.find("}") == len(text) - 1:
            return text[2:-1].partition(".")[0].strip()
        case _:
            return ""


def _called(text: str, template: Template) -> Iterator[str]:
    scope = Scope(template)
    for resource in template.resources.values():
        for value in (ref(resource.id, resource.key, scope), get_att(resource.id, "Arn", resource.key, scope)):
            if any(str(known) == text for _, known in possible_texts(value)):
                yield resource.id


def _sam_policies(place: Place, node: Node, scope: Scope) -> Iterator[Place]:
    """The entries of SAM's ``Policies``: documents, policy templates, and names or ARNs of managed policies."""
    items = enumerate(node.items) if isinstance(node, Sequence) and function_call(node) is None else ((None, node),)
    for index, item in items:
        path = place.path if index is None else (*place.path, str(index))
        for when, taken, found in unfolded(item, scope._replace(when=place.when), path):
            kind, shape, steps = _sam_entry(found)
            row = place.row._replace(kind=kind, shape=shape)
            yield place._replace(row=row, node=found, when=when, path=(*taken, *steps))


def _sam_entry(node: Node) -> tuple[str, str, tuple[str, ...]]:
    if not isinstance(node, Mapping) or function_call(node) is not None:
        return "managed_policy_attachment", "name", ()
    if node.get("Statement") is None and len(node.entries) == 1:
        return "identity_policy", "template", (node.entries[0].key.text,)
    return "identity_policy", "document", ()


def _by_shape(resource: Resource, scope: Scope, node: Node | None, path: tuple[str, ...]) -> Iterator[Place]:
    """The mappings that look like policy documents in a resource of a type that nobody has described to us."""
    for when, taken, found in unfolded(node, scope, path):
        below = scope._replace(when=when).deeper()
        match found:
            case _ if function_call(found) is not None:
                continue
            case Mapping() if _is_document(found, below):
                yield Place(resource, Row(taken, "unclassified_policy", shape="document"), found, when, taken)
            case Mapping():
                for entry in found.entries:
                    yield from _by_shape(resource, below, entry.value, (*taken, entry.key.text))
            case Sequence():
                for index, item in enumerate(found.items):
                    yield from _by_shape(resource, below, item, (*taken, str(index)))


def _is_document(node: Mapping, scope: Scope) -> bool:
    """Whether a mapping has statements of IAM: other grammars have a Statement too, but not these effects."""
    for _, _, statement in unfolded(node.get("Statement"), scope):
        for item in statement.items if isinstance(statement, Sequence) else (statement,):
            for _, _, member in unfolded(item, scope):
                effect = member.get("Effect") if isinstance(member, Mapping) else None
                if isinstance(effect, Scalar) and effect.text in ("Allow", "Deny") and _has_action(member):
                    return True
    return False


def _has_action(node: Node) -> bool:
    return isinstance(node, Mapping) and node.get("Action", "NotAction") is not None
