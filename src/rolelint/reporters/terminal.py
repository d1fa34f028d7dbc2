"""What may a terminal be sent? Text that cannot steer it, how many columns that takes, and colour."""

from collections.abc import Callable
from re import MULTILINE
from re import compile as pattern
from typing import TypeAlias

Paint: TypeAlias = Callable[[str, str], str]
"""Colours a text: takes SGR codes and the text."""

# Build services obey commands in what they log: GitHub at the start of a line, its older form and Azure's anywhere.
_LEADING_COMMAND = pattern(r"^([ \t]*):(?=:)", MULTILINE)
_INNER_COMMAND = pattern(r"#(?=#\w*\[)")


def visible(text: str) -> str:
    r"""The text with all that a terminal may obey, hide or reorder written out: ``\x1b``, ``\n``, ``\u202e``."""
    return text if text.isprintable() else "".join(one if one.isprintable() else _written_out(one) for one in text)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def one_line(text: str) -> str:
    """Prose on one line, whatever its line ends and indents were."""
    return visible(" ".join(text.split()))


def width(text: str) -> int:
    """How many columns a visible text takes: East Asian wide characters and emoji two, combining marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width  # noqa: PLC0415  most templates are ASCII

    return sum(0 if category(one) in {"Mn", "Me"} else 2 if east_asian_width(one) in {"W", "F"} else 1 for one in text)


def disarmed(text: str) -> str:
    r"""A report in which no line is a command to a build service; the first sign of one becomes ``\x3a`` or ``\x23``."""
    return _LEADING_COMMAND.sub(r"\1\\x3a", _INNER_COMMAND.sub(r"\\x23", text))


def coloured(codes: str, text: str) -> str:
    """The text in ANSI colours."""
    return f"\x1b[{codes}m{text}\x1b[0m"


def plain(_codes: str, text: str) -> str:
    """The text as it is."""
    return text
