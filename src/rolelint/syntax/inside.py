"""Which characters of the file are these characters of a value? Quotes, escapes, folds and indentation lie in between.

A raw scalar is taken to pieces the way a parser does; only if they add up to the value are their places believed.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from re import Match

from rolelint.syntax.nodes import Scalar
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Span
from rolelint.tuples import NamedTuple

_BREAK = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_BREAKS = "\r\n\x85\u2028\u2029"
_FOLD = rf"(?P<fold>[ \t]*+{_BREAK}(?:[ \t]*+{_BREAK})*+[ \t]*+)"
# Patterns stay text until they are needed: most runs have nothing to point into, and compiling these takes milliseconds.
_PROPERTIES = r"(?:[!&]\S*+\s*+(?:#.*+\s*+)*+)*+"  # tag and anchor, which stand before a value in any order
_LINE = rf"([^{_BREAKS}]*)({_BREAK}|\Z)"
_NOT_BLANK = rf"[^ \t{_BREAKS}]"
_PIECE = {
    "": rf"{_FOLD}|[^ \t{_BREAKS}]++|[ \t]++",
    "'": rf"{_FOLD}|(?P<escape>'')|[^ \t{_BREAKS}']++|[ \t]++",
    '"': rf"{_FOLD}|(?P<escape>\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\(?:x\w\w|u\w{{4}}|U\w{{8}}|[^{_BREAKS}xuU]))"
    rf"|(?P<join>\\{_BREAK}(?:[ \t]*+{_BREAK})*+[ \t]*+)|[^ \t{_BREAKS}\\\"]++|[ \t]++",
}
_ESCAPED = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
_ESCAPED |= {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}


class _Piece(NamedTuple):
    """A part of a value, and where it stands in the raw form; if both are equally long it is written character by character."""

    text: str
    start: int
    end: int


def inside(node: Scalar, start: int, end: int) -> Span:
    """The span of ``node.text[start:end]``, both offsets in code points; of the whole scalar if that cannot be told."""
    first, last = node.origin.extent(node.number)
    raw, text = node.origin.text[first:last], node.text
    if not 0 <= start < end <= len(text):
        return node.span
    shift = _shift(raw, text)
    if shift is not None:
        return node.origin.to_source(first + shift + start, first + shift + end)
    places = _places(raw, text)
    if places is None or places[start][0] >= places[end - 1][1]:
        return node.span
    return node.origin.to_source(first + places[start][0], first + places[end - 1][1])


def _shift(raw: str, text: str) -> int | None:
    """How far a value without escapes or folds stands into its raw form."""
    if raw == text:
        return 0
    before = len(raw) - len(text)
    if raw.endswith(text) and pattern(_PROPERTIES).fullmatch(raw, 0, before):
        return before
    start = before - 1
    if start > 0 and raw[start - 1] in ("'", '"') and raw[start:-1] == text and pattern(_PROPERTIES).fullmatch(raw, 0, start - 1):
        return start
    return None


@lru_cache(maxsize=16)
def _places(raw: str, text: str) -> list[tuple[int, int]] | None:
    """For each character of a value where it stands in the raw form, or None when the two do not agree."""
    at = pattern(_PROPERTIES).match(raw).end()  # type: ignore[union-attr]  # it matches nothing, too
    style = raw[at : at + 1]
    pieces = list(_block(raw, at, text) if style in ("|", ">") else _flow(raw, at, style if style in ("'", '"') else ""))
    if "".join(piece.text for piece in pieces) != text:
        return None
    return list(chain.from_iterable(map(_characters, pieces)))


def _characters(piece: _Piece) -> Iterator[tuple[int, int]]:
    text, start, end = piece
    if len(text) == end - start:
        return zip(range(start, end), range(start + 1, end + 1), strict=True)
    return iter([(start, end)] * len(text))


def _flow(raw: str, at: int, style: str) -> Iterator[_Piece]:
    """The pieces of a plain or quoted scalar."""
    stop = len(raw) - len(style)
    for found in pattern(_PIECE[style]).finditer(raw, at + len(style), stop):
        yield _Piece(_meaning(found), *found.span())


def _meaning(found: Match[str]) -> str:
    match found.lastgroup:
        case "fold":
            first, *others = _line_ends(found[0])
            return first + "".join(others) if first != "\n" else "".join(others) or " "
        case "join":
            return "".join(_line_ends(found[0])[1:])
        case "escape":
            return _unescaped(found[0])
        case _:
            return found[0]


def _line_ends(raw: str) -> list[str]:
    """Line ends as a value holds them: a newline, save the two separators of Unicode."""
    return [end if end in "\u2028\u2029" else "\n" for end in pattern(_BREAK).findall(raw)]


def _unescaped(escape: str) -> str:
    kind, digits = escape[1:2], escape[2:]
    if escape == "''":
        return "'"
    try:
        if kind in "xuU" and "\\" in digits:
            return bytes.fromhex(digits.replace("\\u", "")).decode("utf-16-be")
        return chr(int(digits, 16)) if kind in "xuU" else _ESCAPED.get(kind, kind)
    except (ValueError, OverflowError):
        return ""


def _block(raw: str, at: int, text: str) -> Iterator[_Piece]:
    """The pieces of a literal or folded block scalar."""
    header = pattern(_LINE).match(raw, at)
    begin = header.end() if header else len(raw)
    indent = _indentation(raw, begin, text)
    previous: _Piece | None = None  # the end of the line before
    blank: list[_Piece] = []  # the ends of the blank lines since
    was_indented = False
    length = 0
    for line in pattern(_LINE).finditer(raw, begin):
        start, stop = line.span(1)
        line_end = _Piece("".join(_line_ends(line[2])), stop, line.end())
        if stop - start <= indent and not line[1].strip(" "):
            blank.append(line_end)
            continue
        is_indented = raw[start + indent] in " \t"
        between = [previous, *blank] if previous else blank
        if raw[at] == ">" and previous and previous.text == "\n" and not was_indented and not is_indented:
            between = blank or [previous._replace(text=" ")]
        for piece in (*between, _Piece(raw[start + indent : stop], start + indent, stop)):
            length += len(piece.text)
            yield piece
        previous, blank, was_indented = line_end, [], is_indented
    # What chomping kept: the extent of a block scalar leaves out the line ends that it ends with.
    if not text[length:].strip(_BREAKS):
        yield _Piece(text[length:], len(raw), len(raw))


def _indentation(raw: str, begin: int, text: str) -> int:
    """How many spaces begin each line of a block scalar: the first visible character tells."""
    in_raw, in_text = pattern(_NOT_BLANK).search(raw, begin), pattern(_NOT_BLANK).search(text)
    if not in_raw or not in_text:
        return 0
    return _column(raw, in_raw.start()) - _column(text, in_text.start())


def _column(text: str, offset: int) -> int:
    return offset - max(text.rfind(end, 0, offset) for end in _BREAKS) - 1
