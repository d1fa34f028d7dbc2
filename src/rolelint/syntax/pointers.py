"""Which node do these characters belong to? The way from the root of a tree to a place in its text."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import TypeVar

from rolelint.syntax.nodes import Entry, Mapping, Node, Sequence

_Member = TypeVar("_Member", Entry, Node)


def steps_to_node(root: Node, node: Node) -> tuple[str, ...]:
    """The keys and indices that lead to a node, or to the innermost one around it when it was made from that."""
    return steps_to(root, node.origin.span(node.number).start, node.number if node.origin is root.origin else None)


def steps_to(root: Node, offset: int, number: int | None = None) -> tuple[str, ...]:
    """The keys and indices that lead to the innermost node around an offset; a key leads to its value.

    With the number of a node they end there: a mapping begins where its first key does. A function in short form counts as
    its long form: ``!If`` is a step ``Fn::If``.
    """
    steps: list[str] = []
    here: Node | None = root
    while here is not None and here.number != number:
        function = here.tag[1:] if here.tag.startswith("!") and len(here.tag) > 1 else ""
        step, below = _inward(here, offset)
        if step is not None:
            steps += [function if function in ("Ref", "Condition") else f"Fn::{function}", step] if function else [step]
        here = below
    return tuple(steps)


def _inward(node: Node, offset: int) -> tuple[str | None, Node | None]:
    match node:
        case Mapping():
            for entry in _nearest(node.entries, offset, lambda one: one.key):
                if _around(entry, offset):
                    below = entry.value if _holds(entry.value, offset) else None
                    return entry.key.text, below
        case Sequence():
            for item in _nearest(node.items, offset, lambda one: one):
                if _holds(item, offset):
                    return str(node.items.index(item)), item
    return None, None


def _nearest(members: tuple[_Member, ...], offset: int, head: Callable[[_Member], Node]) -> Iterator[_Member]:
    """The members, first the one that begins last before an offset: nearly always that one is asked for.

    It is looked for as if they stood in order; merged and aliased ones may not.
    """
    at = bisect_right(members, offset, key=lambda one: head(one).origin.extent(head(one).number)[0])
    yield from members[max(at - 1, 0) : at]
    yield from members


def _around(entry: Entry, offset: int) -> bool:
    start, end = entry.key.origin.extent(entry.key.number)
    return start <= offset < end or _holds(entry.value, offset)


def _holds(node: Node, offset: int) -> bool:
    start, end = node.origin.extent(node.number)
    return start <= offset < end


def json_pointer(steps: tuple[str, ...]) -> str:
    """Steps as an RFC 6901 JSON pointer."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
