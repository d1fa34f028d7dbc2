"""How sure is what a pattern says, when part of it is not known?

A text of a template has holes: symbols whose value only the deployment knows. As letters it goes through ``globs``, which
treats a hole as what it is: some text, the same wherever the symbol stands, and no wildcard.
"""

from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import cycle, islice, product

from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import Hole, Literal, Symbol, Text
from rolelint.tuples import NamedTuple

MOST_READINGS = 256
"""Combinations of known values of symbols that are tried."""

_NAMELESS = frozenset(("opaque", "loop"))
"""Kinds of symbols whose name says why nothing is known: two of the same name need not be the same text."""

_RESERVED = compile_pattern("[\x01-\x03\ue000-\uf8ff\U000f0000-\U0010ffff]")
_PLANE = 0xFFFE
"""Characters in each of the two private-use planes."""


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


def together(*answers: Answer) -> Answer:
    """How surely all of several things hold: as surely as the least sure of them, under the assumptions of all."""
    certainty = min((answer.certainty for answer in answers), default=Certainty.CERTAIN)
    return Answer(certainty, tuple(dict.fromkeys(one for answer in answers for one in answer.assumptions)))


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
    known = text.literal
    if holds(as_letters(text) if known is None else _plain(known)):
        return CERTAIN
    if known is not None:
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
    symbols = text.symbols
    listed = [symbol for symbol in symbols if symbol.allowed]
    for chosen in islice(product(*(symbol.allowed for symbol in listed)), MOST_READINGS) if listed else ():
        values = dict(zip(listed, chosen, strict=True))
        assumed = tuple(f"{one.name} is {value!r}" for one, value in values.items())
        yield Reading(_filled(text, values), Certainty.CERTAIN, assumed)
    # An empty default stands for "not set": what is built from it is not meant to be used, but for a prefix that may be none.
    defaults = {one: one.default for one in symbols if one.default and not one.allowed}
    defaults |= {one: one.default for one in _before_stars(text) if one.default == "" and not one.allowed}
    if defaults:
        assumed = tuple(f"{symbol.name} keeps its default {value!r}" for symbol, value in defaults.items())
        yield Reading(_filled(text, defaults), Certainty.POSSIBLE, assumed)
    if text.symbol and text.symbol.free:
        yield Reading("*", Certainty.POSSIBLE, (f"{text.symbol.name} may be given any value",))


def _before_stars(text: Text) -> Iterator[Symbol]:
    """The symbols that a star follows."""
    for one, then in zip(text.pieces, text.pieces[1:], strict=False):
        if isinstance(one, Hole) and isinstance(then, Literal) and then.text.startswith("*"):
            yield one.symbol


def as_letters(text: Text) -> str:
    """A text whose holes are letters of a private-use area: the same letter wherever the same symbol stands."""
    return _filled(text, {})


def letter_of(kind: str, name: str) -> str:
    """The letter that stands for a symbol."""
    return _LETTERS[kind, name]


def _filled(text: Text, values: dict[Symbol, str]) -> str:
    parts = [_plain(piece.text) if isinstance(piece, Literal) else _value(piece, values) for piece in text.pieces]
    return parts[0] if len(parts) == 1 else "".join(parts)


def _value(hole: Hole, values: dict[Symbol, str]) -> str:
    symbol = hole.symbol
    if values and symbol in values:
        return values[symbol]
    if symbol.kind in _NAMELESS:
        return _LETTERS[symbol.kind, symbol.name, id(hole.node.origin), hole.node.number, hole.offset]
    return _LETTERS[symbol.kind, symbol.name]


def _plain(text: str) -> str:
    """Text as written, without characters that mean something else here."""
    return text if text.isprintable() else _RESERVED.sub("\ufffd", text)


class _Letters(dict[tuple[str | int, ...], str]):
    """The letters that were given to symbols. When a plane of them is used up, the next ones come from the other plane.

    So a letter is given anew only after as many others as no template can have symbols.
    """

    def __init__(self) -> None:
        super().__init__()
        self._fresh = cycle(range(2 * _PLANE))

    def __missing__(self, symbol: tuple[str | int, ...]) -> str:
        if len(self) == _PLANE:
            self.clear()
        number = next(self._fresh)
        letter = self[symbol] = chr(number + 0xF0000 if number < _PLANE else number - _PLANE + 0x100000)
        return letter


_LETTERS = _Letters()
