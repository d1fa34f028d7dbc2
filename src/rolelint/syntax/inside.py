"""Which characters of the file are these characters of a value? Quotes, escapes and folded lines lie in between."""

from re import compile as pattern

from rolelint.syntax.nodes import Scalar
from rolelint.syntax.source import Span

_ESCAPE = pattern(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|\r\n|.)", 16)  # 16: re.DOTALL
_SURROGATES = pattern(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def inside(node: Scalar, start: int, end: int) -> Span:
    """The span of ``node.text[start:end]``, both offsets in code points; of the whole scalar if that cannot be told."""
    first, last = node.origin.extent(node.number)
    raw = node.origin.text[first:last]
    if start >= end or end > len(node.text):
        return node.span
    shift = _shift(raw, node.text)
    if shift is not None:
        return node.origin.to_source(first + shift + start, first + shift + end)
    places = _places(raw, node.text)
    if places is None:
        return node.span
    return node.origin.to_source(first + places[start], first + places[end - 1] + 1)


def _shift(raw: str, text: str) -> int | None:
    """How far a value without escapes or folds stands into its raw form."""
    if raw == text:
        return 0
    quoted = raw[:1] in ("'", '"') and raw[1:-1] == text
    return 1 if quoted else None


def _places(raw: str, text: str) -> list[int] | None:
    """For each character of a value where it stands in the raw form, or None when the two do not agree."""
    style = raw[:1]
    at = _after_header(raw) if style in ("|", ">") else int(style in ("'", '"'))
    places: list[int] = []
    for character in text:
        step = _next(raw, at, character, style)
        if step is None:
            return places if character == "\n" and len(places) >= len(text.rstrip("\n")) else None
        place, at = step
        places.append(place)
    return places


def _after_header(raw: str) -> int:
    line_end = raw.find("\n")
    return len(raw) if line_end < 0 else line_end + 1


def _next(raw: str, at: int, character: str, style: str) -> tuple[int, int] | None:
    """Where the next character of the value stands, and where to go on."""
    if style == '"' and raw[at : at + 1] == "\\":
        return _escape(raw, at, character, style)
    if style == "'" and raw[at : at + 2] == "''":
        return (at, at + 2) if character == "'" else None
    if style in ("|", ">") and (at == 0 or raw[at - 1] == "\n"):
        at = _skip_indent(raw, at, character)
    if raw[at : at + 1] == character:
        return at, at + 1
    if character in " \n" and raw[at : at + 1] in ("\n", "\r", " ", "\t"):
        after = at
        while raw[after : after + 1] in ("\n", "\r", " ", "\t") and raw[after : after + 1]:
            after += 1
        return at, after
    if raw[at : at + 1] in (" ", "\t", "\r", "\n"):  # indentation and blank lines that folding removed
        return _next(raw, at + 1, character, style)
    return None


def _skip_indent(raw: str, at: int, character: str) -> int:
    if character == "\n":
        return at
    while raw[at : at + 1] == " " and character != " ":
        at += 1
    return at


def _escape(raw: str, at: int, character: str, style: str) -> tuple[int, int] | None:
    pair = _SURROGATES.match(raw, at)
    if pair:
        return at, pair.end()
    escape = _ESCAPE.match(raw, at)
    if escape is None:
        return None
    if escape[0][1] in "\r\n":  # an escaped line end joins two lines
        after = escape.end()
        while raw[after : after + 1] in (" ", "\t") and raw[after : after + 1]:
            after += 1
        return _next(raw, after, character, style)
    return at, escape.end()
