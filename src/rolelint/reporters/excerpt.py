"""Which lines of the source show a finding, and what is drawn under them?"""

from collections.abc import Iterable, Iterator

from rolelint.reporters.terminal import Style, visible, width
from rolelint.syntax.source import Source, Span
from rolelint.tuples import NamedTuple

LONGEST = 120
"""Code points of a source line beyond which it is cut around the mark: minified JSON is one line."""

_TAB = " " * 4


class Mark(NamedTuple):
    """A span to underline with a sign, and the words behind the underline."""

    span: Span
    sign: str
    label: str
    codes: str


class _Row(NamedTuple):
    """A source line as shown, with the columns in front of the mark and under it."""

    text: str
    before: int
    under: int


def gutter(marks: Iterable[Mark]) -> int:
    """How wide the line numbers of some marks are."""
    return max(len(str(mark.span.first.line)) for mark in marks)


def excerpt(marks: Iterable[Mark], digits: int, style: Style, hidden: tuple[Span, ...] = ()) -> Iterator[str]:
    """The marked lines of one file with their underlines; what is left out between them shows as ``...``.

    Characters in ``hidden`` spans show as asterisks.
    """
    shown = 0
    text = ""
    for mark in sorted(marks, key=lambda mark: mark.span.start):
        line = mark.span.first.line
        row = _row(mark.span, hidden)
        if shown and line - shown > 2:  # noqa: PLR2004  one line is shorter than the dots that would stand for it
            yield style.paint("2", "...")
        elif shown and line - shown > 1:
            yield _numbered(shown + 1, _start_of(mark.span.source, shown + 1, hidden), digits, style)
        if (line, row.text) != (shown, text):
            yield _numbered(line, row.text, digits, style)
        yield _underline(mark, row, digits, style)
        shown, text = line, row.text


def _numbered(number: int, text: str, digits: int, style: Style) -> str:
    return f"{style.paint('2', f'{number:>{digits}} |')} {text}" if text else style.paint("2", f"{number:>{digits}} |")


def _underline(mark: Mark, row: _Row, digits: int, style: Style) -> str:
    drawn = f"{mark.sign * row.under} {visible(mark.label)}".rstrip()
    return f"{style.paint('2', ' ' * digits + ' |')} {' ' * row.before}{style.paint(mark.codes, drawn)}"


def _row(span: Span, hidden: tuple[Span, ...]) -> _Row:
    first = span.first
    line = _line(span.source, first.line, hidden)
    start = min(first.column - 1, len(line))
    end = min(start + len(span.on_one_line().text), len(line))
    left, right = _window(len(line), start, end)
    end = min(end, right)
    before = "…" * (left > 0) + _shown(line[left:start])
    marked = _shown(line[start:end])
    after = _shown(line[end:right]) + "…" * (right < len(line))
    return _Row((before + marked + after).rstrip(), width(before), max(width(marked), 1))


def _window(length: int, start: int, end: int) -> tuple[int, int]:
    """Which part of a line to show: all, its beginning if that holds the mark, else the mark with a third ahead of it."""
    if length <= LONGEST or end <= LONGEST:
        return 0, min(length, LONGEST)
    left = max(0, min(start - LONGEST // 3, length - LONGEST))
    return left, min(length, left + LONGEST)


def _line(source: Source, number: int, hidden: tuple[Span, ...]) -> str:
    line, start = source.line(number), source.offset(number)
    for span in hidden:
        first, last = max(span.start - start, 0), min(span.end - start, len(line))
        if span.source is source and first < last:
            line = line[:first] + "*" * (last - first) + line[last:]
    return line


def _start_of(source: Source, number: int, hidden: tuple[Span, ...]) -> str:
    line = _line(source, number, hidden)
    return _shown(line[:LONGEST]).rstrip() + "…" * (len(line) > LONGEST)


def _shown(text: str) -> str:
    return visible(text.replace("\t", _TAB))
