"""What can a value in a template be? Text with holes, lists, mappings, alternatives, or something we cannot know.

Every value keeps the node where it is written and the definitions that it came through, so that a finding can point
into a ``!Sub`` and still name the parameter whose default is to blame.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TypeAlias

from rolelint.syntax.inside import inside
from rolelint.syntax.nodes import Node, Scalar
from rolelint.syntax.source import Span
from rolelint.tuples import NamedTuple


class Assumption(NamedTuple):
    """A condition of the template that is taken to be true, or false."""

    condition: str
    holds: bool

    def __str__(self) -> str:
        return self.condition if self.holds else f"!{self.condition}"


When: TypeAlias = tuple[Assumption, ...]
"""What must hold for a value to be the one that counts; empty means always."""


def both(first: When, second: When) -> When | None:
    """What holds when both do, or None when they contradict each other."""
    if not second or first == second:
        return first
    joined = dict(first)
    for condition, holds in second:
        if joined.setdefault(condition, holds) != holds:
            return None
    return tuple(Assumption(*item) for item in sorted(joined.items()))


MOST_BRANCHING = 3
"""Conditions of the template whose combinations are followed at one place."""


def branches(names: Iterable[str], when: When) -> Iterator[When]:
    """What may hold where ``when`` does: each combination of further conditions; ``when`` alone if they are too many."""
    further = sorted(set(names) - {assumption.condition for assumption in when})
    for truths in product((True, False), repeat=len(further) if len(further) <= MOST_BRANCHING else 0):
        under = both(when, tuple(Assumption(name, holds) for name, holds in zip(further, truths, strict=False)))
        if under is not None:
            yield under


class Symbol(NamedTuple):
    """A value that the template names but does not tell.

    ``kind`` is parameter, pseudo, name (of a resource), attribute, import, mapping, dynamic, loop or opaque. ``allowed``
    lists the only values it can take, ``default`` the one it takes unless somebody sets another. ``free`` is true when
    it may stand for any text at all, wildcards included.
    """

    kind: str
    name: str
    default: str | None = None
    allowed: tuple[str, ...] = ()
    free: bool = False

    def __str__(self) -> str:
        return f"${{{self.name}}}"


class Via(NamedTuple):
    """A definition that a value came through, and what it is to the value."""

    span: Span
    role: str


class Literal(NamedTuple):
    """Known text. It stands in ``node.text`` at ``offset``; a negative offset means that it was computed from the node."""

    text: str
    node: Node
    offset: int

    @property
    def span(self) -> Span:
        """The characters of the file."""
        if isinstance(self.node, Scalar) and self.offset >= 0:
            return inside(self.node, self.offset, self.offset + len(self.text))
        return self.node.span


class Hole(NamedTuple):
    """A symbol in a text, written in ``node`` at ``offset``; ``length`` 0 means that the whole node stands for it."""

    symbol: Symbol
    node: Node
    offset: int = 0
    length: int = 0

    @property
    def span(self) -> Span:
        """The characters of the file."""
        if isinstance(self.node, Scalar) and self.length:
            return inside(self.node, self.offset, self.offset + self.length)
        return self.node.span


Piece: TypeAlias = Literal | Hole


class Text(NamedTuple):
    """Text with holes, written at ``node``."""

    pieces: tuple[Piece, ...]
    node: Node
    via: tuple[Via, ...] = ()

    def __str__(self) -> str:
        """For people: symbols as ``${Name}``."""
        return "".join(piece.text if isinstance(piece, Literal) else str(piece.symbol) for piece in self.pieces)

    @property
    def literal(self) -> str | None:
        """The text, if all of it is known."""
        if len(self.pieces) == 1:
            only = self.pieces[0]
            return only.text if isinstance(only, Literal) else None
        if any(isinstance(piece, Hole) for piece in self.pieces):
            return None
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Literal))

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols, each once, in the order of appearance."""
        return tuple(dict.fromkeys(piece.symbol for piece in self.pieces if isinstance(piece, Hole)))

    @property
    def symbol(self) -> Symbol | None:
        """The one symbol that this text consists of, if it is nothing else."""
        match self.pieces:
            case (Hole(symbol=symbol),):
                return symbol
            case _:
                return None

    @property
    def span(self) -> Span:
        """The characters to point at: where it is written, tag and quotes left out where they are not part of it."""
        spans = [piece.span for piece in self.pieces]
        if isinstance(self.node, Scalar) and spans and all(piece.node is self.node for piece in self.pieces):
            first, last = spans[0], spans[-1]
            return self.node.span if self.node.tag else Span(first.source, first.start, max(first.end, last.end))
        return self.node.span


class Items(NamedTuple):
    """A list. When it is not ``complete``, it holds more than we can see, for the reason in an Unknown among them."""

    items: "tuple[Value, ...]"
    node: Node
    via: tuple[Via, ...] = ()


class Field(NamedTuple):
    """A key with its value. Keys are plain text except in a policy given as text, where references may stand in them."""

    key: Text
    value: "Value"


class Fields(NamedTuple):
    """A mapping."""

    fields: tuple[Field, ...]
    node: Node
    via: tuple[Via, ...] = ()

    def get(self, *keys: str) -> "Value | None":
        """The value under the first of ``keys`` that is present."""
        for key in keys:
            for field in self.fields:
                if field.key.literal == key:
                    return field.value
        return None


class Case(NamedTuple):
    """One of several values, and what must hold for it."""

    when: When
    value: "Value"


class Choice(NamedTuple):
    """A value that depends on conditions."""

    cases: tuple[Case, ...]
    node: Node


class Unknown(NamedTuple):
    """Something that cannot be known from this template, and why."""

    reason: str
    node: Node
    via: tuple[Via, ...] = ()


class NoValue(NamedTuple):
    """``AWS::NoValue``: the property or list item is not there."""

    node: Node


Value: TypeAlias = Text | Items | Fields | Choice | Unknown | NoValue
Known: TypeAlias = Text | Items | Fields | Unknown


def alternatives(value: Value | None, when: When = ()) -> Iterator[tuple[When, Known]]:
    """The values that a value may have, each with what must hold for it; absent ones and contradictions are left out."""
    match value:
        case Choice():
            for case in value.cases:
                holds = both(when, case.when)
                if holds is not None:
                    yield from alternatives(case.value, holds)
        case None | NoValue():
            return
        case _:
            yield when, value


def elements(value: Value | None, when: When = ()) -> Iterator[tuple[When, Text | Fields | Unknown]]:
    """The members of a list or the single value in its place; lists inside lists are read as one, as IAM's authors mean."""
    for holds, known in alternatives(value, when):
        if isinstance(known, Items):
            for item in known.items:
                yield from elements(item, holds)
        else:
            yield holds, known


def plain_text(text: str, node: Node) -> Text:
    """Text without holes that was computed from a node rather than written there."""
    return Text((Literal(text, node, -1),), node)


def from_plain(data: object, node: Node) -> Value:
    """Plain data, as JSON gives it, as a value that stands at a node."""
    match data:
        case dict():
            return Fields(tuple(Field(plain_text(str(key), node), from_plain(value, node)) for key, value in data.items()), node)
        case list() | tuple():
            return Items(tuple(from_plain(item, node) for item in data), node)
        case None:
            return NoValue(node)
        case bool():
            return plain_text(str(data).lower(), node)
        case _:
            return plain_text(str(data), node)
