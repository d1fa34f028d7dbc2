"""How is a member of a mapping or a list added or taken away, with everything else as it was?

A change is the offsets of characters in the source and what to write instead. In block style members are whole lines, in flow
style (JSON is one) they are what stands between commas.
"""

from collections.abc import Collection, Iterable, Iterator

from rolelint.syntax.nodes import Entry, Mapping, Node, Sequence
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Source
from rolelint.tuples import NamedTuple

_BEFORE_ITEM = pattern(r"[ \t]*(?:-[ \t]+)?")
_BEHIND = pattern(r"[ \t]*(?:#.*)?")


class Change(NamedTuple):
    """Characters ``start`` up to ``end`` of a source, and what to write in their place."""

    start: int
    end: int
    text: str


class NotEditable(Exception):  # noqa: N818 - it is what the place is
    """A place is written in a form that is left alone; the message says which."""


def changed(text: str, changes: Iterable[Change]) -> str:
    """A text after changes that do not overlap."""
    for change in sorted(changes, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def is_flow(node: Mapping | Sequence) -> bool:
    """Whether a mapping or list is written in brackets."""
    return node.span.text[:1] in ("{", "[")


def place_of(member: Entry | Node) -> tuple[int, int]:
    """Where a member of a mapping or a list begins and ends; that of a mapping begins with its key."""
    if isinstance(member, Entry):
        return member.key.span.start, max(member.key.span.end, member.value.span.end)
    return member.span.start, member.span.end


def lines_of(source: Source, member: Entry | Node) -> tuple[int, int]:
    """The offsets of the lines that a member in block style has for itself.

    Raises:
        NotEditable: something else stands on them.

    """
    start, end = place_of(member)
    first, last = source.position(start).line, source.position(max(start, end - 1)).line
    from_line, to_line = source.offset(first), source.offset(last + 1)
    before, behind = source.text[from_line:start], source.text[end:to_line].rstrip("\r\n")
    if not _BEFORE_ITEM.fullmatch(before) or not _BEHIND.fullmatch(behind):
        message = "it shares a line with something else"
        raise NotEditable(message)
    return from_line, to_line


def without(source: Source, container: Mapping | Sequence, gone: Collection[int]) -> Iterator[Change]:
    """The changes that take away members, by their numbers in the container; some member must stay or be replaced.

    Raises:
        NotEditable: the members are not written apart from each other.

    """
    members: tuple[Entry | Node, ...] = container.entries if isinstance(container, Mapping) else container.items
    kept_before = False
    for number, member in enumerate(members):
        if number not in gone:
            kept_before = True
        elif not is_flow(container):
            yield Change(*lines_of(source, member), "")
        elif kept_before:
            yield Change(place_of(members[number - 1])[1], place_of(member)[1], "")
        else:
            yield Change(place_of(member)[0], place_of(members[number + 1])[0], "")
