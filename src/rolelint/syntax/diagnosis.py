"""What is wrong with this text? What a parser says about it becomes words for people, at the place to look at.

Parsers name the token that they stumbled over and often stop lines after the mistake. The characters around it tell more.
"""

from collections.abc import Callable
from re import MULTILINE

import yaml

from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Source
from rolelint.syntax.unreadable import Unreadable
from rolelint.tuples import NamedTuple

_CONFLICT = pattern(r"^(?:<{7} |>{7} |={7}$)", MULTILINE)
_BLOCK_OF_A_LANGUAGE = pattern(r"^[ \t]*(\{%)", MULTILINE)
_KEY = pattern(r"[ -]*(?:\"[^\"]*\"|'[^']*'|[^\s#'\"][^#]*?):(?:\s|$)")
_TAB = "a tab indents this line, where YAML takes spaces only"
_WRITTEN = {"": "the end of the text", "\n": "the end of the line", "\r": "the end of the line", "\t": "a tab"}


class _Trouble(NamedTuple):
    """Where a parser stopped: what it says, the offset there, and the offset of the thing that it was reading."""

    source: Source
    words: str
    offset: int
    since: int

    @property
    def found(self) -> str:
        character = self.source.text[self.offset : self.offset + 1]
        return _WRITTEN.get(character, character)

    @property
    def before(self) -> str:
        """The line up to where the parser stopped."""
        return self.source.text[_line_start(self.source, self.offset) : self.offset]

    @property
    def since_line(self) -> int:
        return self.source.position(self.since).line

    @property
    def opening(self) -> str:
        """The first characters of the thing that was being read."""
        return self.source.text[self.since : self.since + 2]


_Told = tuple[str, int]


def of_yaml(source: Source, error: "yaml.MarkedYAMLError | yaml.reader.ReaderError | Unreadable") -> _Told:
    """What is wrong with a text that is no YAML, and the offset to look at."""
    match error:
        case Unreadable():
            return _foreign(source, error.offset, error.offset) or (error.reason, error.offset)
        case yaml.reader.ReaderError():
            code = error.character if isinstance(error.character, int) else ord(error.character[:1] or "\0")
            # libyaml counts bytes and the Python reader characters of its buffer: the character is the surer guide.
            return f"it holds the control character U+{code:04X}", max(source.text.find(chr(code)), 0)
        case _:
            marks = [mark.index for mark in (error.problem_mark, error.context_mark) if mark] or [0]
            words = " ".join(part for part in (error.context, error.problem) if part)
            return _explained(_Trouble(source, words, marks[0], marks[-1]), _IN_YAML)


def of_json(text: str, words: str, offset: int) -> _Told:
    """What is wrong with a text that is no JSON, and the offset to look at."""
    return _explained(_Trouble(Source("", text), words, offset, offset), _IN_JSON)


def _explained(trouble: _Trouble, explanations: "dict[str, _Explain]") -> _Told:
    foreign = _foreign(trouble.source, trouble.offset, trouble.since)
    if foreign:
        return foreign
    for words, explain in explanations.items():
        if any(word in trouble.words for word in words.split("|")):
            told = explain(trouble)
            return (told, trouble.offset) if isinstance(told, str) else told
    return trouble.words[:1].lower() + trouble.words[1:], trouble.offset


def _foreign(source: Source, *offsets: int) -> _Told | None:
    """What other programs leave in a text: version control, or the languages that templates are generated with."""
    conflict = _CONFLICT.search(source.text)
    if conflict:
        return "an unresolved merge conflict", conflict.start()
    block = _BLOCK_OF_A_LANGUAGE.search(source.text)
    if block:
        return _unrendered("{%"), block.start(1)
    for offset in offsets:
        start = _line_start(source, offset)
        line = source.line(source.position(offset).line)
        if "{{resolve:" in line:
            return "a dynamic reference, {{resolve:…}}, must stand in quotes", start + line.index("{{resolve:")
        if "{{" in line:
            return _unrendered("{{"), start + line.index("{{")
    return None


def _unrendered(found: str) -> str:
    return f"{found} belongs to a template language such as Jinja, Helm or Go: check what it renders instead"


def _line_start(source: Source, offset: int) -> int:
    return source.offset(source.position(offset).line)


def _no_token(trouble: _Trouble) -> str:
    if trouble.found == "a tab":
        return _TAB if not trouble.before.strip() else "a tab stands where a value begins"
    return f"a value cannot begin with {trouble.found}: put it in quotes"


def _no_name(trouble: _Trouble) -> _Told:
    what = "an alias" if trouble.opening.startswith("*") else "an anchor"
    return f"an unquoted {trouble.opening[:1]} begins the name of {what}: put the value in quotes", trouble.since


def _escape(trouble: _Trouble) -> _Told:
    at = trouble.source.text.rfind("\\", 0, trouble.offset + 1)  # one parser stops at the backslash, the other after it
    found = trouble.source.text[at : at + 2]
    return f"{found} is not an escape: write \\{found} for a backslash", at


def _colon(trouble: _Trouble) -> str | _Told:
    if _KEY.match(trouble.before):
        return "a second ': ' in one line: put the value in quotes"
    number = trouble.source.position(trouble.offset).line
    above = next((line for line in range(number - 1, 0, -1) if trouble.source.line(line).strip()), number)
    text = trouble.source.line(above)
    start = trouble.source.offset(above) + len(text) - len(text.lstrip())
    if not _KEY.match(text):
        return "expected ':' after this key", start
    spaces = len(trouble.before) - len(trouble.before.lstrip())
    return f"a key indented by {spaces} spaces, below a line that has its value already", trouble.offset - len(
        trouble.before.lstrip()
    )


def _no_colon(trouble: _Trouble) -> _Told:
    is_item = trouble.opening[:1] == "-" and trouble.opening[1:] not in ("-", " ")
    return "expected a space after '-'" if is_item else "expected ':' after this key", trouble.since


def _no_key(trouble: _Trouble) -> str:
    found = trouble.found
    if found in ("]", "}"):
        return f"{found} closes nothing"
    if trouble.before.strip():
        if trouble.before.rstrip()[-1:] in ("'", '"'):
            return "text follows a closing quote: a quote inside quotes must be doubled or escaped"
        return f"expected the end of the line, found {found}"
    if found == "-":
        return f"a list item stands among the keys of the mapping that begins in line {trouble.since_line}"
    spaces = trouble.source.position(trouble.since).column - 1
    return f"a key indented by {len(trouble.before)} spaces, where the keys since line {trouble.since_line} are by {spaces}"


def _no_item(trouble: _Trouble) -> str:
    return f"expected the next '- ' of the list that begins in line {trouble.since_line}, found {trouble.found}"


def _flow(trouble: _Trouble) -> str:
    closing = "]" if trouble.opening.startswith("[") else "}"
    return f"expected ',' or '{closing}' after the '{trouble.opening[:1]}' in line {trouble.since_line}, found {trouble.found}"


def _no_json(trouble: _Trouble) -> str:
    found = trouble.found
    if found in ("/", "#"):
        return "JSON has no comments"
    if found == "'":
        return "JSON takes double quotes only"
    if found in ("]", "}") and trouble.source.text[: trouble.offset].rstrip().endswith(","):
        return f"a comma stands before the closing {found}"
    what = "a key in double quotes" if "property name" in trouble.words else "a value"
    return f"expected {what}, found {found}"


_Explain = Callable[[_Trouble], "str | _Told"]

# The first key holds all of whose words a parser says one; libyaml and the Python parser word things differently.
_IN_YAML: dict[str, _Explain] = {
    "cannot start any token": _no_token,
    "scanning an alias|scanning an anchor": _no_name,
    "unexpected end of stream|unexpected document": lambda trouble: ("the quote that opens here is never closed", trouble.since),
    "escape character": _escape,
    "Unicode character escape": lambda _: "this escape names half of a character",
    "mapping values are not allowed": _colon,
    "could not find expected ':'": _no_colon,
    "found a tab character": lambda _: _TAB,
    "scanning a block scalar": lambda _: "text stands right after | or >: it belongs on the next line",
    "sequence entries are not allowed": lambda _: "a list item cannot begin in the line of its key",
    "scanning a tag": lambda _: "expected a space after the tag",
    "scanning a directive": lambda _: "a line that begins with % is a directive, and there is none of this name",
    "incompatible YAML": lambda _: "this is not YAML 1.1 or 1.2",
    "undefined tag handle": lambda _: "this tag begins with a handle that nothing defines",
    "parsing a block mapping": _no_key,
    "parsing a block collection": _no_item,
    "parsing a flow sequence|parsing a flow mapping": _flow,
    "node content": lambda trouble: f"expected a value, found {trouble.found}",
    "document start": lambda trouble: f"expected the end of the document, found {trouble.found}",
}
_IN_JSON: dict[str, _Explain] = {
    "Expecting value|property name|trailing comma": _no_json,
    "',' delimiter": lambda trouble: f"expected ',' or a closing bracket, found {trouble.found}",
    "':' delimiter": lambda trouble: f"expected ':' after the key, found {trouble.found}",
    "Unterminated string": lambda _: "the quote that opens here is never closed",
    "Invalid control character": lambda trouble: f"{trouble.found} stands inside a text: write an escape such as \\n",
    "Invalid \\": _escape,
    "Extra data": lambda trouble: f"expected the end of the text, found {trouble.found}",
}
