"""Which findings do comments excuse? Those of the form ``# rolelint: ignore[rule, other-rule] until 2027-01-31 reason``.

A comment behind something covers its own line; a comment on a line of its own covers what begins on the next line that holds
something else: a list item or a key with all that is below it, but never a section of the template. A comment of another tool
may follow on the same line, behind a number sign of its own.
"""

from collections.abc import Iterator
from re import Match, Pattern

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence, children
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Problem, Source, Span
from rolelint.verdicts.suppressions import NO_DATE, Lines, Suppression, is_date

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
            yield Suppression(rules, ignore[3], _covered(source, root, span), span, ignore[2] or "")


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


def _covered(source: Source, root: Node | None, span: Span) -> Lines:
    line = span.first.line
    if source.line(line)[: span.first.column - 1].strip():
        return Lines(line, line)
    last = len(source.line_starts)
    while line < last and not _holds_something(source.line(line)):
        line += 1
    below = [node for _, node in children(root)] if root is not None else []
    end = next((end for node in below if (end := _end(node, source, line))), line)
    return Lines(line, end)


def _end(node: Node, source: Source, line: int) -> int:
    """The last line of the list item, or of the key and its value, that begins on a line below a node; 0 when none does."""
    if not node.span.first.line <= line <= node.span.last.line:
        return 0
    for start, part in _parts(node):
        first = start.span.first
        before = source.line(line)[: first.column - 1]
        begins = not before.strip() if isinstance(node, Mapping) else set(before.strip()) == {"-"}
        if first.line == line and begins:
            return max(line, source.position(part.span.end - 1).line)
        if end := _end(part, source, line):
            return end
    return 0


def _parts(node: Node) -> Iterator[tuple[Node, Node]]:
    """What is right below a node: where it begins, and the node itself."""
    match node:
        case Mapping():
            yield from ((entry.key, entry.value) for entry in node.entries)
        case Sequence():
            yield from ((item, item) for item in node.items)


def _holds_something(line: str) -> bool:
    return line.strip()[:1] not in ("", "#")
