"""Which characters are meant? Texts, spans in them, and the lines and columns that people see."""

from bisect import bisect_right

from rolelint.syntax.regex import pattern
from rolelint.tuples import NamedTuple

_LINE_END = pattern(r"\r\n|\r|\n")


class Position(NamedTuple):
    """A place as people count it: line and column from 1, columns in code points."""

    line: int
    column: int


class Source:
    """One text that was read: its path as reports show it, and its characters (no byte-order mark)."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """The offset of the first character of each line; LF, CR LF and CR end a line, as in editors and reports."""
        if self._starts is None:
            self._starts = [0, *(end.end() for end in _LINE_END.finditer(self.text))]
        return self._starts

    def position(self, offset: int) -> Position:
        """The line and column of the character at an offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """A line's text without its end; ``number`` counts from 1."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def offset(self, line: int) -> int:
        """Where a line starts; ``line`` counts from 1 and may lie past the end."""
        return self.line_starts[line - 1] if line <= len(self.line_starts) else len(self.text)


class Span(NamedTuple):
    """Characters ``start`` up to, not including, ``end`` of a source: offsets in code points."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    @property
    def first(self) -> Position:
        """Where the span begins."""
        return self.source.position(self.start)

    @property
    def last(self) -> Position:
        """Where the span ends, exclusive."""
        return self.source.position(self.end)

    def on_one_line(self) -> "Span":
        """The span, cut at the end of its first line: GitHub shows an alert only when the diff holds all its lines."""
        cut = _LINE_END.search(self.text)
        return self._replace(end=self.start + cut.start()) if cut else self


class Problem(NamedTuple):
    """Something in a template that could not be read as it stands; ``rule`` names the rule that reports it."""

    rule: str
    message: str
    span: Span
