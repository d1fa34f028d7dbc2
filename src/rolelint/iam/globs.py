"""Which texts fit these wildcards, and does any fit one set of them but not another? Exact, whatever the patterns.

``*`` stands for any run of characters and ``?`` for exactly one; nothing else is special. A letter of a private-use area is
a hole: text that is not known. Equal letters are equal text, a ``*`` may take a hole in and a ``?`` may not, since nobody
knows how long it is. What is then covered is covered for every value of the holes; ``loosened`` shows what may be.

Two more wildcards, ``RUN`` and ``ONE``, stay within a field of an ARN: they take no colon.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from rolelint.catalogue.globs import matcher
from rolelint.tuples import NamedTuple

MOST_STEPS = 100_000
"""Steps of one search; about a tenth of a second. No pattern of a real policy has needed a hundredth of them."""

HOLE = "[\U000f0000-\U0010ffff]"
"""A regular expression for one letter that stands for a hole in a text: from the planes, whose range alone compiles fast."""

RUN = "\x01"
ONE = "\x02"
_WILD = frozenset(("*", "?", RUN, ONE))
_STARS = frozenset(("*", RUN))
_REMEMBERED = 4096
_OTHER = "\x03"
"""In a search, every character that no pattern names."""

_HOLE = "\uf8ff"
"""In a search, every hole that no pattern names."""


_SPARE = "xyzabcdefghijklmnopqrstuvw0123456789XYZABCDEFGHIJKLMNOPQRSTUVW-_~"
_State: TypeAlias = tuple[int, int]
"""How far a text has come: the place in the one pattern, and the places in the others as bits."""


class Difference(NamedTuple):
    """What is left of some patterns when others are taken away.

    ``witness`` is a text that fits one of the former and none of the latter. Without one nothing is left, provided that the
    search was ``decided``; otherwise nobody knows.
    """

    witness: str | None
    decided: bool = True

    @property
    def empty(self) -> bool:
        """Whether it is sure that nothing is left."""
        return self.decided and self.witness is None


NOTHING = Difference(None)


def is_hole(character: str) -> bool:
    """Whether a character stands for text that is not known."""
    return "\ue000" <= character <= "\uf8ff" or character >= "\U000f0000"


def has_hole(text: str) -> bool:
    """Whether any of a text is not known. Quicker than to search for ``HOLE``, which takes long to compile."""
    return not text.isascii() and any(map(is_hole, text))


def loosened(text: str) -> str:
    """The text with ``*`` for each hole: what it may be, were its holes anything at all."""
    return text if text.isascii() else "".join("*" if is_hole(one) else one for one in text)


def covers(pattern: str, wanted: str, *, any_case: bool = False) -> bool:
    """Whether every text that ``wanted`` stands for fits ``pattern``; both may hold wildcards.

    Never wrongly true; wrongly false only where the search for a text that does not fit ends undecided.
    """
    if any_case:
        pattern, wanted = pattern.lower(), wanted.lower()
    return pattern == wanted or _test(pattern)(wanted)


@lru_cache(maxsize=_REMEMBERED)
def _test(pattern: str) -> Callable[[str], bool]:
    if not {"?", RUN, ONE}.isdisjoint(pattern):
        return lambda wanted: _difference(wanted, (pattern,)).empty
    # A wildcard of the wanted text fits only where a star takes it in, just as a letter would that nothing else can be.
    return matcher(pattern)


@lru_cache(maxsize=_REMEMBERED)
def overlaps(first: str, second: str) -> bool:
    """Whether some text fits both patterns."""
    if _WILD.isdisjoint(first) and _WILD.isdisjoint(second):
        return first == second
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
        if one in _STARS:
            todo.append((i + 1, j))
        if other in _STARS:
            todo.append((i, j + 1))
        if one and other and _agree(one, other):
            todo.append((i if one in _STARS else i + 1, j if other in _STARS else j + 1))
    return False


def _agree(one: str, other: str) -> bool:
    """Whether two tokens can take the same character."""
    if one in _WILD:
        return other in _WILD or _takes(one, other)
    return _takes(other, one) if other in _WILD else one == other


def _takes(wildcard: str, character: str) -> bool:
    """Whether a wildcard takes a character, or a hole, in."""
    if wildcard == "*":
        return True
    return not is_hole(character) and (wildcard == "?" or character != ":")


def difference(patterns: Iterable[str], taken: Iterable[str]) -> Difference:
    """What is left of the texts that fit some patterns when those that fit others are taken away."""
    taken = tuple(dict.fromkeys(taken))
    decided = True
    for pattern in dict.fromkeys(patterns):
        if any(covers(one, pattern) for one in taken):
            continue
        found = _difference(pattern, tuple(one for one in taken if overlaps(one, pattern)))
        if found.witness is not None:
            return found
        decided = decided and found.decided
    return Difference(None, decided)


@lru_cache(maxsize=_REMEMBERED)
def _difference(wanted: str, taken: tuple[str, ...]) -> Difference:
    """What is left of one pattern: a search for a shortest text that fits it and none of the others.

    It walks the pattern character by character and keeps, as the bits of a number, how far each of the others has come. Time
    grows with the product of their lengths at the worst, for shapes such as ``*a????????????``: then it ends undecided.
    """
    others = _Together.of(taken)
    walk = _Walk.of(wanted)
    start = (0, others.start)
    came: dict[_State, tuple[_State, str] | None] = {start: None}
    todo = deque([start])
    steps = 0
    while todo:
        state = todo.popleft()
        place, reached = state
        if reached & others.always:
            continue
        if place == walk.end and not reached & others.accepting:
            return Difference(_written(state, came, spare=next((one for one in _SPARE if one not in others.takes), _OTHER)))
        for character, further in _moves(walk, place, others):
            steps += 1
            following = (further, others.after(reached, character))
            if following not in came:
                came[following] = (state, character)
                todo.append(following)
        if steps > MOST_STEPS:
            return Difference(None, decided=False)
    return NOTHING


def _written(state: _State, came: dict[_State, tuple[_State, str] | None], spare: str) -> str:
    """The text by which a search came to a state."""
    letters: list[str] = []
    while (before := came[state]) is not None:
        state, letter = before
        letters.append(spare if letter == _OTHER else letter)
    return "".join(reversed(letters))


class _Walk(NamedTuple):
    """A pattern as places between its characters: ``tokens[i]`` leads from place i to the next, ``loops[i]`` back to it."""

    tokens: tuple[str, ...]
    loops: tuple[str, ...]

    @property
    def end(self) -> int:
        return len(self.tokens)

    @staticmethod
    def of(pattern: str) -> "_Walk":
        tokens: list[str] = []
        loops = [""]
        for token in pattern:
            if token in _STARS:
                loops[-1] = "*" if "*" in (loops[-1], token) else RUN
            else:
                tokens.append(token)
                loops.append("")
        return _Walk(tuple(tokens), tuple(loops))


class _Together(NamedTuple):
    """Several patterns side by side: each place of each is a bit of a number, and a step moves all of them at once.

    ``takes`` and ``keeps`` have, by character, the places that it leads on from and those that it stays at. ``alphabet`` has
    one character for all that are alike to the patterns. At ``always`` everything that may follow fits.
    """

    start: int
    accepting: int
    always: int
    takes: dict[str, int]
    keeps: dict[str, int]
    alphabet: tuple[str, ...]

    def after(self, reached: int, character: str) -> int:
        known = character if character in self.takes else _HOLE if is_hole(character) else _OTHER
        return ((reached & self.takes[known]) << 1) | (reached & self.keeps[known])

    @staticmethod
    def of(patterns: tuple[str, ...]) -> "_Together":
        walks = [_Walk.of(pattern) for pattern in patterns]
        characters = {token for walk in walks for token in walk.tokens if token not in _WILD}
        takes = dict.fromkeys((_OTHER, *sorted(characters - {":"}), ":", _HOLE), 0)
        keeps = dict(takes)
        start = accepting = always = 0
        bit = 1
        for walk in walks:
            start |= bit
            for place, loop in enumerate(walk.loops):
                for one in takes:
                    keeps[one] |= bit if loop and _takes(loop, one) else 0
                    takes[one] |= bit if place < walk.end and _leads_on(walk.tokens[place], one) else 0
                if place == walk.end:
                    accepting |= bit
                    always |= bit if loop == "*" else 0
                bit <<= 1
        alike: dict[tuple[int, int, bool], str] = {}
        for one in takes:
            if not is_hole(one):
                alike.setdefault((takes[one], keeps[one], one == ":"), one)
        return _Together(start, accepting, always, takes, keeps, tuple(alike.values()))


def _leads_on(token: str, character: str) -> bool:
    return _takes(token, character) if token in _WILD else token == character


def _moves(walk: _Walk, place: int, others: _Together) -> Iterator[tuple[str, int]]:
    """The characters that may come next in a text that fits the pattern, and the place that each leads to."""
    if place < walk.end:
        token = walk.tokens[place]
        characters = others.alphabet if token in _WILD else (token,)
        yield from ((one, place + 1) for one in characters if _leads_on(token, one))
    if loop := walk.loops[place]:
        yield from ((one, place) for one in others.alphabet if _takes(loop, one))
