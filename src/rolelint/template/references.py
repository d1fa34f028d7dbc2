"""What do Ref and GetAtt of a resource give? ARNs are spelled out, so that they can be compared with patterns.

Each line of ``data/references.tsv`` is a resource type of the CloudFormation registry:

    type
    name property       the property that fixes the resource's own name; without it the name is generated, or an id
    ref                 what Ref gives; empty means the own name
    attribute=form      what GetAtt gives, one column an attribute; all others are symbols

A form is text with ``${Partition}``, ``${Region}``, ``${Account}`` and ``${URLSuffix}`` of the stack, and

    {}                  the own name, ``{lower}`` in lower case where the service changes it
    {.Attribute}        an attribute of the same resource, spelled out if it has a form
    {Property}          a property; of an ARN given there only the last part
    {Property=text}     a property, or the text when it is absent
    {Property?mark}     a property and the mark, or nothing when it is absent or ``default``
    {Property-text}     a property without the text that it begins with
    {Property:a>b|c>d}  b when the property is a or absent, d when it is c

Formats: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import os
from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from functools import cache

from rolelint.syntax.nodes import Origin, Scalar
from rolelint.syntax.regex import pattern
from rolelint.template import data
from rolelint.template.template import Resource
from rolelint.template.values import Fields, Hole, Literal, NoValue, Piece, Symbol, Text, Value
from rolelint.tuples import NamedTuple

_TABLE = os.path.join(data.HERE, "references.tsv")

_PSEUDO = {
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
}
_OF_THE_STACK = {
    "${Account}": "AWS::AccountId",
    "${Partition}": "AWS::Partition",
    "${Region}": "AWS::Region",
    "${URLSuffix}": "AWS::URLSuffix",
}
_OWN_NAME = "{}"
_SLOT = pattern(r"(\$\{\w+\}|\{[^{}]*\})")
_PROPERTY = pattern(r"(\w+)(?:([=?:-])(.*))?")

Read = Callable[[str], Value | None]


class _Forms(NamedTuple):
    """What a resource type's Ref and attributes look like."""

    name: str
    ref: str
    attributes: ReadOnly[str, str]


class _Referred(NamedTuple):
    """A resource that is referred to: its type's forms, the hole where the reference stands, and its properties.

    ``at`` is an empty text that stands where the reference does, as node of what is computed from it.
    """

    resource: Resource
    forms: _Forms
    hole: Hole
    at: Scalar
    read: Read

    def symbol(self, kind: str, name: str) -> Text:
        """Text that is only a symbol."""
        return Text((self.hole._replace(symbol=Symbol(kind, name)),), self.hole.node)

    def text(self, known: str) -> Text:
        """Text that is known."""
        return Text((Literal(known, self.at, -1),), self.hole.node)

    def moved(self, given: Text) -> Text:
        """A property's text, pointing at the reference: that is where it stands in a policy."""
        return Text(tuple(map(self._here, given.pieces)), self.hole.node)

    def _here(self, piece: Piece) -> Piece:
        if isinstance(piece, Literal):
            return Literal(piece.text, self.at, -1)
        # The name of something that exists holds no wildcard, whatever else its parameter would allow.
        return self.hole._replace(symbol=piece.symbol._replace(free=False))

    def property(self, name: str) -> Text | None:
        """A property's text, None when it is absent, a symbol when it is not one text."""
        top, _, below = name.partition("/")
        given = self.read(top)
        if below and isinstance(given, Fields):
            given = given.get(below)
        if given is None or isinstance(given, NoValue):
            return None
        if isinstance(given, Text) and given.pieces and not any(symbol.kind == "opaque" for symbol in given.symbols):
            return self.moved(given)
        return self.symbol("attribute", f"{self.resource.id}.{name}")


def pseudo(name: str) -> Symbol | None:
    """The symbol of a pseudo parameter such as ``AWS::AccountId``."""
    return Symbol("pseudo", name) if name in _PSEUDO else None


def is_known(kind: str) -> bool:
    """Whether a resource type is one of the registry's."""
    return _forms(kind) is not None


def arn_forms(kind: str) -> Iterator[tuple[str, str]]:
    """The ARNs that a resource type gives: the attribute, empty for ``Ref``, and the form as this module's table writes it."""
    if forms := _forms(kind):
        given = ({"": forms.ref} if forms.ref.startswith("arn:") else {}) | dict(forms.attributes)
        yield from ((attribute, form) for attribute, form in given.items() if form.startswith("arn:"))


def resource_name(resource: Resource, hole: Hole, read: Read) -> Value:
    """What ``Ref`` gives for a resource: its name, id, ARN or URL; ``read`` gives its properties."""
    forms = _forms(resource.type) or _Forms("", _OWN_NAME, {})
    return _filled(forms.ref, _Referred(resource, forms, hole, _alone(hole), read))


def attribute(resource: Resource, of: str, hole: Hole, read: Read) -> Value:
    """What ``Fn::GetAtt`` gives for an attribute of a resource; ``hole`` stands where it is written."""
    forms = _forms(resource.type)
    if forms is None or of not in forms.attributes:
        return Text((hole,), hole.node)
    return _filled(forms.attributes[of], _Referred(resource, forms, hole, _alone(hole), read))


def _alone(hole: Hole) -> Scalar:
    return Scalar("", Origin("", lambda: [(0, 0)], lambda _start, _end: hole.span), 0)


@cache
def _forms(kind: str) -> _Forms | None:
    for name, ref, *attributes in data.lines(_TABLE, kind):
        pairs = (column.partition("=") for column in attributes)
        return _Forms(name, ref or _OWN_NAME, {attribute: form for attribute, _, form in pairs})
    return None


def _filled(form: str, referred: _Referred) -> Text:
    parts = [_part(part, referred) for part in _parts(form)]
    if len(parts) == 1:
        return parts[0]
    return Text(tuple(piece for part in parts for piece in part.pieces), referred.hole.node)


@cache
def _parts(form: str) -> tuple[str, ...]:
    return tuple(filter(None, _SLOT.split(form)))


def _part(part: str, referred: _Referred) -> Text:
    if part in _OF_THE_STACK:
        return referred.symbol("pseudo", _OF_THE_STACK[part])
    if not part.startswith("{"):
        return referred.text(part)
    slot = part[1:-1]
    if slot in ("", "lower"):
        return _own_name(referred, lower=slot == "lower")
    if slot.startswith("."):
        form = referred.forms.attributes.get(slot[1:])
        return _filled(form, referred) if form else referred.symbol("attribute", f"{referred.resource.id}{slot}")
    return _property(slot, referred)


def _own_name(referred: _Referred, *, lower: bool) -> Text:
    """The name that the resource gives itself, else the symbol of a generated name.

    A name built from another resource's is taken for a generated one: such names may run in circles.
    """
    named = referred.property(referred.forms.name) if referred.forms.name else None
    if named is None or any(symbol.kind in ("name", "attribute") for symbol in named.symbols):
        return referred.symbol("name", referred.resource.id)
    return named._replace(pieces=tuple(map(_lowered, named.pieces))) if lower else named


def _lowered(piece: Piece) -> Piece:
    return piece._replace(text=piece.text.lower()) if isinstance(piece, Literal) else piece


def _property(slot: str, referred: _Referred) -> Text:
    found = _PROPERTY.fullmatch(slot)
    assert found is not None  # noqa: S101 - a test reads every form
    name, how, rest = found[1], found[2], found[3] or ""
    given = referred.property(name)
    if given is None:
        return _absent(name, how, rest, referred)
    match how:
        case "?":
            last = _last_part(given)
            return (
                referred.text("")
                if last.literal == "default"
                else last._replace(pieces=(*last.pieces, *referred.text(rest).pieces))
            )
        case ":":
            return _chosen(given, name, rest, referred)
        case "-":
            return _without(given, rest)
        case _:
            return given if name == "Path" else _last_part(given)


def _absent(name: str, how: str | None, rest: str, referred: _Referred) -> Text:
    match how:
        case "=":
            return referred.text(rest)
        case "?":
            return referred.text("")
        case ":":
            return referred.text(rest.partition("|")[0].partition(">")[2])
        case _:
            return referred.symbol("attribute", f"{referred.resource.id}.{name}")


def _chosen(given: Text, name: str, rest: str, referred: _Referred) -> Text:
    choices = dict(choice.split(">") for choice in rest.split("|"))
    chosen = choices.get(given.literal or "")
    return referred.text(chosen) if chosen else referred.symbol("attribute", f"{referred.resource.id}.{name}")


def _without(given: Text, prefix: str) -> Text:
    match given.pieces:
        case (Literal(text=text) as first, *others) if text.startswith(prefix):
            rest = () if text == prefix else (first._replace(text=text.removeprefix(prefix)),)
            return given._replace(pieces=(*rest, *others))
        case _:
            return given


def _last_part(given: Text) -> Text:
    """The name at the end of an ARN; any other text as it is."""
    if not str(given).startswith("arn:"):
        return given
    kept: list[Piece] = []
    for piece in reversed(given.pieces):
        cut = max(piece.text.rfind(":"), piece.text.rfind("/")) if isinstance(piece, Literal) else -1
        if isinstance(piece, Literal) and cut >= 0:
            kept += [piece._replace(text=piece.text[cut + 1 :])] if piece.text[cut + 1 :] else []
            break
        kept.append(piece)
    return given._replace(pieces=tuple(reversed(kept)))
