"""Which findings do comments excuse? Those of the form ``# rolelint: ignore[rule, other-rule] until 2027-01-31 reason``.

A comment behind something covers its own line; a comment on a line of its own covers the next line that holds something
else. A comment of another tool may follow on the same line, behind a number sign of its own.
"""

from collections.abc import Iterator
from re import Match, Pattern

from rolelint.syntax.nodes import Node, Scalar, children
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Problem, Source, Span
from rolelint.verdicts.suppressions import NO_DATE, Line, Suppression, is_date

_COMMENT = pattern(r"(?:\A|(?<=\s))#[ \t]*rolelint:[ \t]*([^\r\n]*?)(?=[ \t]+#[ \t]|[ \t]*(?:[\r\n]|\Z))")
_IGNORE = pattern(
    r"ignore[ \t]*\[([^\]]*)\][ \t]*"
    r"(?:until[ \t]+(\d[^\s:,]*)[:,]?[ \t]*)?"
    r"(?:(?:-{1,2}|[–—:])[ \t]+)?(.*)"  # noqa: RUF001 - people type dashes
)
_WANTED = "rolelint: ignore[rule] reason"


def in_comments(source: Source, root: Node | None) -> Iterator[Suppression | Problem]:
    """The suppressions in the comments of a source, and those comments that look like one but are not."""
    if "rolelint:" not in source.text:
        return
    for comment in comments(source, root, _COMMENT):
        span = Span(source, comment.start(), comment.end(1))
        ignore = _IGNORE.fullmatch(comment[1])
        if ignore is None:
            yield Problem("unused-suppression", f"this comment excuses nothing: write {_WANTED!r}", span)
        elif ignore[2] and not is_date(ignore[2]):
            yield Problem("unused-suppression", NO_DATE.format(ignore[2]), span)
        else:
            rules = tuple(dict.fromkeys(name.strip() for name in ignore[1].split(",") if name.strip()))
            yield Suppression(rules, ignore[3], Line(_covered_line(source, span)), span, ignore[2] or "")


def comments(source: Source, root: Node | None, form: Pattern[str]) -> Iterator[Match[str]]:
    """Where a form begins in a source outside its texts: a number sign inside text is no comment."""
    scalars = list(texts(root)) if root is not None else []
    for found in form.finditer(source.text):
        if not any(start <= found.start() < end for start, end in scalars):
            yield found


def texts(node: Node) -> Iterator[tuple[int, int]]:
    """Where the pieces of text in a tree begin and end."""
    todo = [node]
    while todo:
        here = todo.pop()
        if isinstance(here, Scalar):
            yield here.origin.extent(here.number)
        todo += [child for _, child in children(here)]


def _covered_line(source: Source, span: Span) -> int:
    line = span.first.line
    if source.line(line)[: span.first.column - 1].strip():
        return line
    last = len(source.line_starts)
    while line < last and not _holds_something(source.line(line)):
        line += 1
    return line


def _holds_something(line: str) -> bool:
    return line.strip()[:1] not in ("", "#")
