"""How does a stranger's text stand in Markdown without becoming markup?"""

from re import MULTILINE, Match

from rolelint.reporters.terminal import one_line, visible
from rolelint.syntax.regex import pattern

_CODE = pattern(r"((?<!`)`[^`\n]+`(?!`))")
# Escapes, code, emphasis, links, HTML, entities and struck text; then what makes a link of a bare address.
_INLINE = pattern(r"[\\`*\[\]<>&~]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=www)\.")
_BLOCK = pattern(r"\A(?:[-+=#]|\d+(?=[.)]))")
_BACKTICKS = pattern(r"^\s*(`{3,})", MULTILINE)
_RUNS = pattern("`+")
_WEB_ADDRESS = pattern(r"https?://[^\s<>\"\\^`{|}]+\Z")


def escaped(text: str) -> str:
    """Prose on one line in which only ``code in backticks`` means something."""
    pieces = _CODE.split(one_line(text))
    inline = "".join(piece if index % 2 else _INLINE.sub(r"\\\g<0>", piece) for index, piece in enumerate(pieces))
    return _BLOCK.sub(_not_a_block, inline)


def _not_a_block(start: Match[str]) -> str:
    return f"{start[0]}\\" if start[0].isdigit() else f"\\{start[0]}"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a folded YAML text, which parts them by one line end."""
    return [line for line in text.split("\n") if line.strip()]


def fenced(text: str, language: str) -> str:
    """A block of code, behind a fence that is longer than any in it."""
    fence = "`" * max([3, *(len(found) + 1 for found in _BACKTICKS.findall(text))])
    lines = (visible(line.replace("\t", "    ")) for line in text.rstrip("\n").split("\n"))
    return "\n".join([f"{fence}{language}", *lines, fence])


def link(address: str) -> str:
    """A link to a web address; anything else is text."""
    return f"<{address}>" if _WEB_ADDRESS.match(address) else escaped(address)


def code(text: str) -> str:
    """Text in code type on one line, between more backticks than any run in it has."""
    line = one_line(text)
    fence = "`" * (1 + max(map(len, _RUNS.findall(line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""
