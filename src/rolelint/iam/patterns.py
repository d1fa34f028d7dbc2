"""Does this pattern cover that name? IAM's wildcards, and what can be said when part of a pattern is not known.

``*`` stands for any run of characters and ``?`` for exactly one; nothing else is special. Action names are compared
without regard to case, resources with it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import cache
from itertools import islice, product
from re import DOTALL, IGNORECASE, Pattern, escape
from re import compile as compile_pattern
from typing import NamedTuple

from rolelint.template.values import Literal, Symbol, Text

MOST_READINGS = 256
"""Combinations of known values of symbols that are tried."""


class Certainty(IntEnum):
    """How sure an answer is: true for no value of the unknown parts, for some, or for every one."""

    NO = 0
    POSSIBLE = 1
    CERTAIN = 2


class Answer(NamedTuple):
    """A certainty, and the assumptions that a possible answer rests on."""

    certainty: Certainty
    assumptions: tuple[str, ...] = ()


NO = Answer(Certainty.NO)
CERTAIN = Answer(Certainty.CERTAIN)


@cache
def _glob(pattern: str, *, any_case: bool) -> Pattern[str]:
    parts = (".*" if part == "*" else "[^*]" if part == "?" else escape(part) for part in pattern)
    return compile_pattern("".join(parts), DOTALL | (IGNORECASE if any_case else 0))


def covers(pattern: str, wanted: str, *, any_case: bool = False) -> bool:
    """Whether every text that ``wanted`` stands for fits ``pattern``; both may hold wildcards.

    A ``*`` of the wanted text fits only a ``*``, so the answer is never wrongly true.
    """
    if "*" not in pattern and "?" not in pattern:
        return pattern == wanted or (any_case and pattern.lower() == wanted.lower())
    return _glob(pattern, any_case=any_case).fullmatch(wanted) is not None


@cache
def overlaps(first: str, second: str) -> bool:
    """Whether some text fits both patterns."""
    seen: set[tuple[int, int]] = set()
    todo = [(0, 0)]
    while todo:
        i, j = todo.pop()
        if (i, j) in seen:
            continue
        seen.add((i, j))
        if i == len(first) and j == len(second):
            return True
        one, other = first[i : i + 1], second[j : j + 1]
        if one == "*":
            todo.append((i + 1, j))
        if other == "*":
            todo.append((i, j + 1))
        if one and other and ("*" in (one, other) or "?" in (one, other) or one == other):
            todo.append((i if one == "*" else i + 1, j if other == "*" else j + 1))
    return False


class Reading(NamedTuple):
    """What a text is under assumptions about its symbols."""

    text: str
    certainty: Certainty
    assumptions: tuple[str, ...] = ()


def judge(text: Text, holds: Callable[[str], bool]) -> Answer:
    """Whether something holds of a text with holes.

    Each hole is first taken as a letter that nothing else can be: a hole is not a wildcard. What then does not hold may
    still hold for one of a symbol's listed values, for its default, or, if it may be any text at all, for ``*``.
    """
    if holds(as_letters(text)):
        return CERTAIN
    if text.literal is not None:
        return NO
    answers = [(reading, holds(reading.text)) for reading in readings(text)]
    listed = [held for reading, held in answers if reading.certainty is Certainty.CERTAIN]
    if listed and all(listed):
        return CERTAIN
    return next((Answer(Certainty.POSSIBLE, reading.assumptions) for reading, held in answers if held), NO)


def readings(text: Text) -> Iterator[Reading]:
    """What a text with holes may be, by the listed values of its symbols or by guesses.

    The readings by listed values are marked certain: one of them is the text, and together they are all there is.
    """
    letters = {symbol: chr(0xE000 + index) for index, symbol in enumerate(text.symbols)}
    listed = [symbol for symbol in text.symbols if symbol.allowed]
    for chosen in islice(product(*(symbol.allowed for symbol in listed)), MOST_READINGS if listed else 0):
        values = dict(zip(listed, chosen, strict=True))
        assumed = tuple(f"{one.name} is {value!r}" for one, value in values.items())
        yield Reading(_filled(text, letters | values), Certainty.CERTAIN, assumed)
    # An empty default stands for "not set": what is built from it is not meant to be used.
    defaults = {symbol: symbol.default for symbol in text.symbols if symbol.default and not symbol.allowed}
    if defaults:
        assumed = tuple(f"{symbol.name} keeps its default {value!r}" for symbol, value in defaults.items())
        yield Reading(_filled(text, letters | defaults), Certainty.POSSIBLE, assumed)
    if text.symbol and text.symbol.free:
        yield Reading("*", Certainty.POSSIBLE, (f"{text.symbol.name} may be given any value",))


def as_letters(text: Text) -> str:
    """A text whose holes are letters of a private-use area, one for each symbol."""
    known = text.literal
    if known is not None:
        return known
    letters = {symbol: chr(0xE000 + index) for index, symbol in enumerate(text.symbols)}
    return _filled(text, letters)


def _filled(text: Text, values: dict[Symbol, str]) -> str:
    return "".join(piece.text if isinstance(piece, Literal) else values[piece.symbol] for piece in text.pieces)
