"""What is the value of this node? Intrinsic functions in every spelling, with holes for what the template cannot tell.

The functions: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.syntax.regex import pattern
from rolelint.template.scalars import is_null, plain_meaning
from rolelint.template.template import Resource, Template
from rolelint.template.values import (
    Assumption,
    Choice,
    Field,
    Fields,
    Hole,
    Items,
    Literal,
    NoValue,
    Piece,
    Symbol,
    Text,
    Unknown,
    Value,
    Via,
    When,
    alternatives,
    both,
    plain_text,
)
from rolelint.tuples import NamedTuple

MOST_DEPTH = 100
"""Levels of nesting, and of definitions that refer to each other, that are followed."""

_DYNAMIC = pattern(r"\{\{(resolve:(?:(?!\{\{)[^}])*)\}\}")


class Scope(NamedTuple):
    """What a node is read against: its template, what is assumed, and what stands-ins in a policy given as text mean."""

    template: Template
    when: When = ()
    variables: ReadOnly[str, Value] = {}
    stand_ins: ReadOnly[str, Hole] = {}
    depth: int = 0

    def deeper(self) -> "Scope":
        """The scope one level further in."""
        return Scope(self.template, self.when, self.variables, self.stand_ins, self.depth + 1)  # quicker than _replace


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of a node, all of it."""
    if scope.depth > MOST_DEPTH:
        return Unknown("it is nested too deep, or refers to itself", node)
    if node.anchor is not None:
        return came_through(evaluate(node._replace(anchor=None), scope), Via(node.span, "used here"))
    call = function_call(node)
    if call:
        return _call(*call, node, scope.deeper())
    match node:
        case Scalar():
            return _scalar(node, scope)
        case Sequence():
            return Items(tuple(evaluate(item, scope.deeper()) for item in node.items), node)
        case Mapping():
            below = scope.deeper()
            return Fields(tuple(Field(_key(entry.key, scope), evaluate(entry.value, below)) for entry in node.entries), node)


def function_call(node: Node) -> tuple[str, Node] | None:
    """The name of the intrinsic function that a node calls and its arguments; short and long form are one."""
    if node.tag.startswith("!"):
        name = node.tag[1:]
        return (name if name in ("Ref", "Condition") else f"Fn::{name}"), node._replace(tag="")
    if isinstance(node, Mapping) and len(node.entries) == 1:
        name = node.entries[0].key.text
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith("Fn::ForEach")):
            return name, node.entries[0].value
    return None


def shallow(node: Node | None, scope: Scope) -> Iterator[tuple[When, Node | Unknown]]:
    """The nodes that stand for a node once ``Fn::If`` and aliases are seen through; nothing below is evaluated."""
    if node is None or scope.depth > MOST_DEPTH:
        return
    call = function_call(node)
    if call is None:
        yield scope.when, node
    elif call[0] == "Fn::If":
        for when, branch in branches(call[1], scope):
            yield from shallow(branch, scope.deeper()._replace(when=when))
    elif not (call[0] == "Ref" and isinstance(call[1], Scalar) and call[1].text == "AWS::NoValue"):
        yield scope.when, Unknown(call[0], node)


def _call(name: str, arguments: Node, node: Node, scope: Scope) -> Value:
    from rolelint.template.intrinsics import FUNCTIONS  # noqa: PLC0415 - they in turn evaluate their arguments

    function = FUNCTIONS.get(name)
    return Unknown(name, node) if function is None else function(arguments, node, scope)


def _key(key: Scalar, scope: Scope) -> Text:
    return Text(pieces_of(Literal(key.text, key, 0), scope), key)


def _scalar(node: Scalar, scope: Scope) -> Value:
    if not node.plain:
        return Text(pieces_of(Literal(node.text, node, 0), scope), node)
    if is_null(node.text):
        return NoValue(node)
    meaning = plain_meaning(node.text)
    return Text(pieces_of(Literal(node.text, node, 0), scope), node) if meaning == node.text else plain_text(meaning, node)


def pieces_of(literal: Literal, scope: Scope) -> tuple[Piece, ...]:
    """Written text with its dynamic references and stand-ins as holes."""
    stand_ins = scope.stand_ins or scope.template.stand_ins
    if not stand_ins:
        return tuple(dynamic_references(literal))
    pieces: list[Piece] = []
    for piece in _split_stand_ins(literal, stand_ins):
        pieces += dynamic_references(piece) if isinstance(piece, Literal) else [piece]
    return tuple(pieces)


def _split_stand_ins(literal: Literal, stand_ins: ReadOnly[str, Hole]) -> Iterator[Piece]:
    text, node, offset = literal
    start = 0
    for index, character in enumerate(text):
        if character in stand_ins:
            if index > start:
                yield Literal(text[start:index], node, offset + start)
            yield stand_ins[character]._replace(node=node, offset=offset + index, length=1)
            start = index + 1
    if start < len(text) or not text:
        yield Literal(text[start:], node, offset + start)


def dynamic_references(literal: Literal) -> list[Piece]:
    """``{{resolve:ssm:…}}`` and its like: always a hole, wherever it stands in the text."""
    if "{{resolve:" not in literal.text:
        return [literal]
    pieces: list[Piece] = []
    start = 0
    for found in _DYNAMIC.finditer(literal.text):
        if found.start() > start:
            pieces.append(literal._replace(text=literal.text[start : found.start()], offset=literal.offset + start))
        hole = Hole(Symbol("dynamic", found[1]), literal.node, literal.offset + found.start(), len(found[0]))
        pieces.append(hole)
        start = found.end()
    if start < len(literal.text):
        pieces.append(literal._replace(text=literal.text[start:], offset=literal.offset + start))
    return pieces


def came_through(value: Value, via: Via) -> Value:
    """The value, with one more definition that it came through; the parts of a list or mapping came through it too."""
    match value:
        case Text() | Unknown():
            return value._replace(via=(*value.via, via))
        case Items():
            return value._replace(items=tuple(came_through(item, via) for item in value.items))
        case Fields():
            return value._replace(fields=tuple(field._replace(value=came_through(field.value, via)) for field in value.fields))
        case Choice():
            return value._replace(cases=tuple(case._replace(value=came_through(case.value, via)) for case in value.cases))
        case NoValue():
            return value


def branches(arguments: Node, scope: Scope) -> list[tuple[When, Node]]:
    """The branches of an Fn::If that can be reached, each with what holds there."""
    match arguments:
        case Sequence(items=(Scalar(text=name), yes, no)):
            held = holds(name, scope)
            if held is not None:
                return [(scope.when, yes if held else no)]
            whens = [both(scope.when, (Assumption(name, holds=truth),)) for truth in (True, False)]
            return [(when, branch) for when, branch in zip(whens, (yes, no), strict=True) if when is not None]
    return []


def holds(condition: str, scope: Scope) -> bool | None:
    """Whether a condition holds wherever the scope's assumptions do; None when it may or may not."""
    yes, no = (both(scope.when, (Assumption(condition, holds=truth),)) for truth in (True, False))
    can_hold, can_fail = (when is not None and reachable(when, scope.template) for when in (yes, no))
    return can_hold if can_hold != can_fail else None


def exists(resource: Resource, template: Template) -> When | None:
    """What must hold for a resource to exist, None if it never does."""
    held = holds(resource.condition, Scope(template)) if resource.condition else True
    return None if held is False else () if held else (Assumption(resource.condition or "", holds=True),)


def reachable(when: When, template: Template) -> bool:
    """Whether some values of the parameters make all assumptions true at once."""
    plain = Scope(template, depth=MOST_DEPTH // 2)
    return template.conditions.reachable(when, lambda node: evaluate(node, plain))


def values_of(symbol: Symbol, scope: Scope) -> tuple[str, ...]:
    """The values that a symbol can have where the scope's assumptions hold; none when they cannot be told."""
    if not scope.when:
        return ()
    plain = Scope(scope.template, depth=MOST_DEPTH // 2)
    return scope.template.conditions.values_of(symbol, scope.when, lambda node: evaluate(node, plain))


def can_be(symbol: Symbol, value: str, scope: Scope) -> bool:
    """Whether a symbol can have a value where the scope's assumptions hold."""
    if not scope.when:
        return True
    plain = Scope(scope.template, depth=MOST_DEPTH // 2)
    return scope.template.conditions.can_be(symbol, value, scope.when, lambda node: evaluate(node, plain))


def possible_texts(value: Value | None) -> list[tuple[When, Text]]:
    """The texts that a value may be, lists and mappings left out."""
    return [(when, known) for when, known in alternatives(value) if isinstance(known, Text)]
