"""What does no reader take, and what does it only tell? YAML and JSON have the same limits and the same oddities."""

from rolelint.syntax.nodes import Entry
from rolelint.syntax.source import Problem, Source, Span

MOST_DEPTH = 100
"""Real templates stay below 30; every room may recurse this deep."""


class Unreadable(Exception):  # noqa: N818 - it is what the text is, not what went wrong
    """The text is not what its reader expects: a reason for people and the offset where it shows."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def spot(source: Source, offset: int) -> Span:
    """The line at an offset, as the place of something that cannot be read."""
    offset = min(offset, len(source.text))
    return Span(source, offset, max(offset, source.offset(source.position(offset).line + 1))).on_one_line()


def without_duplicates(pairs: list[Entry], problems: list[Problem]) -> tuple[Entry, ...]:
    """The pairs with the last one of each key; the overridden ones are reported, since a statement may hide there."""
    last = {entry.key.text: entry for entry in pairs}
    problems += [
        Problem("duplicate-key", f"the key {entry.key.text} stands again further down", entry.key.span)
        for entry in pairs
        if last[entry.key.text] is not entry
    ]
    return tuple(last.values())
