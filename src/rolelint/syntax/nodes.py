"""What stands where? The located tree that every reader builds, whatever the text was written in."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from rolelint.syntax.source import Source, Span
from rolelint.tuples import NamedTuple

Spans: TypeAlias = list[tuple[int, int]]


class Origin:
    """Where the nodes of one parsed text stand.

    Nodes carry their number in reading order and ask here for their span. The YAML reader fills the table while it
    parses; the JSON reader only finds spans when somebody asks, since most templates have nothing to report.
    """

    __slots__ = ("_find", "_spans", "_to_source", "text")

    def __init__(self, text: str, find: Callable[[], Spans], to_source: Callable[[int, int], Span]) -> None:
        self.text = text
        self._find = find
        self._to_source = to_source
        self._spans: Spans | None = None

    def extent(self, number: int) -> tuple[int, int]:
        """Start and end of a node in ``self.text``, in code points."""
        if self._spans is None:
            self._spans = self._find()
        return self._spans[number]

    def span(self, number: int) -> Span:
        """Where a node stands in its source."""
        return self.to_source(*self.extent(number))

    def to_source(self, start: int, end: int) -> Span:
        """Where characters of ``self.text`` stand in the file; they differ for a text inside another text."""
        return self._to_source(start, end)


def whole_source(source: Source, find: Callable[[], Spans]) -> Origin:
    """The origin of nodes that were read straight from a source."""
    return Origin(source.text, find, lambda start, end: Span(source, start, end))


class Scalar(NamedTuple):
    """A piece of text as written. ``plain`` means unquoted: only then may it stand for a number, a Boolean or null."""

    text: str
    origin: Origin
    number: int
    tag: str = ""
    plain: bool = False
    anchor: "Node | None" = None

    @property
    def span(self) -> Span:
        """Where it stands, quotes included."""
        return self.origin.span(self.number)


class Sequence(NamedTuple):
    """A list of nodes."""

    items: "tuple[Node, ...]"
    origin: Origin
    number: int
    tag: str = ""
    anchor: "Node | None" = None

    @property
    def span(self) -> Span:
        """From the first character of the list to the last one of its last item."""
        return self.origin.span(self.number)


class Entry(NamedTuple):
    """A key with its value."""

    key: Scalar
    value: "Node"


class Mapping(NamedTuple):
    """Keys with values, in the order written; of duplicate keys only the last is here, as CloudFormation reads it."""

    entries: tuple[Entry, ...]
    origin: Origin
    number: int
    tag: str = ""
    anchor: "Node | None" = None

    @property
    def span(self) -> Span:
        """From the first character of the mapping to the last one of its last value."""
        return self.origin.span(self.number)

    def get(self, *keys: str) -> "Node | None":
        """The value under the first of ``keys`` that is present."""
        for key in keys:
            for entry in self.entries:
                if entry.key.text == key:
                    return entry.value
        return None

    def entry(self, key: str) -> Entry | None:
        """The entry with this key."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


Node: TypeAlias = Scalar | Sequence | Mapping

# What the constructors do, given a tuple of all fields, without calling a Python function for each of very many nodes.
new_scalar = partial(tuple.__new__, Scalar)
new_sequence = partial(tuple.__new__, Sequence)
new_mapping = partial(tuple.__new__, Mapping)
new_entry = partial(tuple.__new__, Entry)


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """The nodes right below a node, each with the step that leads there."""
    match node:
        case Mapping():
            for entry in node.entries:
                yield entry.key.text, entry.value
        case Sequence():
            for index, item in enumerate(node.items):
                yield str(index), item
