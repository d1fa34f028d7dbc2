"""What may a terminal be sent? Text that cannot steer it, how many columns that takes, colours and links."""

from re import MULTILINE

from rolelint.engine.findings import Severity
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Span
from rolelint.tuples import NamedTuple

CODES = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
    Severity.INFO: "1;34",
}
"""The colours of severities, as SGR codes."""

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


def place(span: Span) -> str:
    """Where a span begins, as editors and terminals open it: ``path:line:column``."""
    line, column = span.first
    return f"{visible(span.source.path)}:{line}:{column}"


class Style(NamedTuple):
    """What a terminal can show: ANSI colours, and links that stand behind a text."""

    colour: bool = False
    links: bool = False

    def paint(self, codes: str, text: str) -> str:
        """The text in the colours of some SGR codes."""
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colour else text

    def severity(self, severity: Severity, text: str) -> str:
        """The text in the colour of a severity."""
        return self.paint(CODES[severity], text)

    def link(self, address: str, text: str) -> str:
        r"""The text as a link. OSC 8: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda ."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.links else text
