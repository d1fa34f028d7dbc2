"""What does JSON text inside a value say? Policies may be given as text, often built by Fn::Sub or Fn::Join.

References inside such text are replaced by stand-ins, single characters of a private-use area, so that the text parses;
a reader of the nodes puts the references back.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from rolelint.syntax.inside import inside
from rolelint.syntax.json_reader import find_spans, read_json_at
from rolelint.syntax.nodes import Node, Origin, Scalar
from rolelint.syntax.source import Problem, Span
from rolelint.tuples import NamedTuple

FIRST_STAND_IN = 0xF0000


class Chunk(NamedTuple):
    """Text that comes from ``node.text`` at ``offset``; ``stand_in`` tells that the text replaces a reference there."""

    text: str
    node: Scalar
    offset: int
    length: int
    stand_in: bool = False


def read_embedded(chunks: Iterable[Chunk]) -> tuple[Node, tuple[Problem, ...]]:
    """The value of JSON text that was put together from chunks.

    A stand-in between values, where JSON text expects quotes, is read as if it had them.

    Raises:
        Unreadable: the text is not JSON; the offset counts in the joined text.

    """
    quoted = []
    in_string = False
    for chunk in chunks:
        quoted.append(chunk._replace(text=f'"{chunk.text}"') if chunk.stand_in and not in_string else chunk)
        if not chunk.stand_in:
            in_string = _ends_in_string(chunk.text, begins=in_string)
    text, to_source = joined(quoted)
    return read_json_at(Origin(text, lambda: find_spans(text), to_source))


def joined(chunks: Sequence[Chunk]) -> tuple[str, Callable[[int, int], Span]]:
    """The text of chunks, and what finds the places of its characters in the file."""
    starts, length = [], 0
    for chunk in chunks:
        starts.append(length)
        length += len(chunk.text)

    def to_source(start: int, end: int) -> Span:
        first = _within(chunks, starts, start, start + 1)
        last = _within(chunks, starts, end - 1, end)
        return first._replace(end=last.end) if first.source is last.source and last.end >= first.start else first

    return "".join(chunk.text for chunk in chunks), to_source


def _within(chunks: Sequence[Chunk], starts: list[int], start: int, end: int) -> Span:
    index = max(bisect_right(starts, start) - 1, 0)
    chunk = chunks[index]
    if chunk.stand_in:
        return inside(chunk.node, chunk.offset, chunk.offset + chunk.length)
    return inside(chunk.node, chunk.offset + start - starts[index], chunk.offset + end - starts[index])


def _ends_in_string(text: str, *, begins: bool) -> bool:
    in_string, escaped = begins, False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = in_string
        elif character == '"':
            in_string = not in_string
    return in_string
