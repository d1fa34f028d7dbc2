"""What do Fn::ForEach loops come to? Each turn becomes entries of its own, with the loop's variable filled in.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

from collections.abc import Iterator
from re import sub

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Problem
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Template
from rolelint.template.values import Text, elements
from rolelint.tuples import NamedTuple

PREFIX = "Fn::ForEach::"
MOST_TURNS = 1_000
"""Turns of all loops of a template together; CloudFormation allows 500 resources."""

_MOST_DEPTH = 100


class _Loop(NamedTuple):
    """A loop as written: its variable, the collection and the entries that each turn repeats."""

    variable: str
    collection: Node
    body: Mapping


class Unrolled(NamedTuple):
    """The root of a template with its loops unrolled, the variables whose lists are open, and what went wrong."""

    root: Mapping
    variables: frozenset[str]
    problems: tuple[Problem, ...]


def unroll(template: Template) -> Unrolled:
    """Unroll the loops of a template; nodes keep their places, so all turns stand where the loop does.

    A loop over a list that is not known here is read once, its variable left as a symbol.
    """
    unroller = _Unroller(template)
    root = unroller.node(template.root, 0)
    return Unrolled(root if isinstance(root, Mapping) else template.root, frozenset(unroller.unknown), tuple(unroller.problems))


class _Unroller:
    """Unrolls the loops of one template, counting turns."""

    def __init__(self, template: Template) -> None:
        self.scope = Scope(template)
        self.turns = 0
        self.unknown: set[str] = set()
        self.problems: list[Problem] = []

    def node(self, node: Node, depth: int) -> Node:
        match node:
            case Sequence() if depth < _MOST_DEPTH:
                return node._replace(items=tuple(self.node(item, depth + 1) for item in node.items))
            case Mapping() if depth < _MOST_DEPTH:
                return node._replace(entries=tuple(self.entries(node.entries, depth + 1)))
            case _:
                return node

    def entries(self, entries: tuple[Entry, ...], depth: int) -> Iterator[Entry]:
        for entry in entries:
            loop = _loop(entry)
            if loop is None:
                self.passed_over(entry)
                yield Entry(entry.key, self.node(entry.value, depth))
            else:
                yield from self.turned(loop, entry, depth)

    def passed_over(self, entry: Entry) -> None:
        """An entry that is no loop, or is meant to be one."""
        if entry.key.text.startswith(PREFIX):
            self.unknown.add("")
            message = "Fn::ForEach needs a variable, a list, and a mapping to repeat"
            self.problems.append(Problem("malformed-function", message, entry.key.span))

    def turned(self, loop: _Loop, entry: Entry, depth: int) -> Iterator[Entry]:
        for member in self.members(loop):
            self.turns += 1
            if self.turns > MOST_TURNS:
                if self.turns == MOST_TURNS + 1:
                    self.unknown.add(loop.variable)
                    message = f"the loops of this template take more than {MOST_TURNS} turns"
                    self.problems.append(Problem("endless-loop", message, entry.key.span))
                return
            if member is None:
                self.unknown.add(loop.variable)
            body = loop.body if member is None else _filled(loop.body, loop.variable, member)
            if isinstance(body, Mapping):
                yield from self.entries(body.entries, depth + 1)

    def members(self, loop: _Loop) -> list[str | None]:
        """The texts that a loop runs over; a single None when they are not known."""
        found: list[str | None] = []
        for _, value in elements(evaluate(loop.collection, self.scope)):
            text = value.literal if isinstance(value, Text) else None
            default = value.symbol.default if isinstance(value, Text) and value.symbol else None
            found.append(text if text is not None else default)
            if text is None:
                self.unknown.add(loop.variable)
        return found or [None]


def _loop(entry: Entry) -> _Loop | None:
    match entry.value:
        case Sequence(items=(Scalar(text=variable), collection, Mapping() as body)) if entry.key.text.startswith(PREFIX):
            return _Loop(variable, collection, body)
        case _:
            return None


def _filled(node: Node, variable: str, value: str) -> Node:
    """A node with a variable filled in: ``${Name}`` as it is, ``&{Name}`` without what a logical id cannot hold."""
    match node:
        case Scalar(tag="!Ref", text=name) if name == variable:
            return node._replace(text=value, tag="", plain=False)
        case Scalar():
            plain = sub(r"[^A-Za-z0-9]", "", value)
            text = node.text.replace(f"${{{variable}}}", value).replace(f"&{{{variable}}}", plain)
            return node if text == node.text else node._replace(text=text, plain=False)
        case Sequence():
            return node._replace(items=tuple(_filled(item, variable, value) for item in node.items))
        case Mapping(entries=(Entry(key=Scalar(text="Ref"), value=Scalar(text=name) as name_node),)) if name == variable:
            return name_node._replace(text=value, plain=False)
        case Mapping():
            return node._replace(entries=tuple(_filled_entry(entry, variable, value) for entry in node.entries))


def _filled_entry(entry: Entry, variable: str, value: str) -> Entry:
    key = _filled(entry.key, variable, value)
    return Entry(key if isinstance(key, Scalar) else entry.key, _filled(entry.value, variable, value))
