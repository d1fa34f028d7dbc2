"""How does GitHub recognise a line that has moved? By a hash of the text from its start, which uploads are compared by.

GitHub's action hashes every line of a file when an upload lacks the hashes, and warns about those that are not its own.
https://github.com/github/codeql-action/blob/main/src/fingerprints.ts
"""

from collections import Counter
from collections.abc import Set as AbstractSet
from re import Match

from rolelint.syntax.regex import pattern

WINDOW = 100
"""Code units after the start of a line that count."""

_BASE = 37
_MASK = (1 << 64) - 1
_END_OF_FILE = "\uffff"
_LINE_END = pattern(r"\r\n?")
_ASTRAL = pattern("[\U00010000-\U0010ffff]")
_BLANKS = {ord(" "): None, ord("\t"): None}


def line_hashes(text: str, wanted: AbstractSet[int]) -> dict[int, str]:
    """The hashes of the wanted lines, counted from 1, each with a running number that tells equal ones apart.

    The hash is a polynomial over the next hundred UTF-16 code units that are neither space nor tab. Lines with equal
    hashes have equal windows, so only the hashes that are asked for are computed.
    """
    units = _LINE_END.sub("\n", _ASTRAL.sub(_surrogates, text)).translate(_BLANKS) + _END_OF_FILE
    last = max(wanted, default=0)
    seen: Counter[str] = Counter()
    hashes = {}
    start = 0
    for line in range(1, last + 1):
        window = units[start : start + WINDOW]
        seen[window] += 1
        if line in wanted:
            hashes[line] = f"{_polynomial(window):x}:{seen[window]}"
        start = units.find("\n", start) + 1
        if not start:
            break
    return hashes


def _polynomial(window: str) -> int:
    value = 0
    for unit in window.ljust(WINDOW, "\0"):
        value = value * _BASE + ord(unit) & _MASK
    return value


def _surrogates(character: Match[str]) -> str:
    units = character[0].encode("utf-16-be")
    return "".join(chr(int.from_bytes(units[at : at + 2], "big")) for at in (0, 2))
