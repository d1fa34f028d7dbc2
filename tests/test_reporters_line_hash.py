"""The expected hashes are those of GitHub's own tests: codeql-action, src/fingerprints.test.ts."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rolelint.reporters.line_hash import WINDOW, line_hashes

LOREM = "Lorem ipsum dolor sit amet.\n" * 10
EVERY_LINE = frozenset(range(1, 1000))

VECTORS = [
    ("", ["c129715d7a2bc9a3:1"]),
    (" a\nb\n  \t\tc\n d", ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]),
    (
        LOREM,
        [
            *(f"a7f2ff13bc495cf2:{count}" for count in range(1, 7)),
            "a7f2ff1481e87703:1",
            "a9cf91f7bbf1862b:1",
            "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1",
            "c129715d7a2bc9a3:1",
        ],
    ),
]


@pytest.mark.parametrize(("text", "hashes"), VECTORS)
def test_every_line_has_the_hash_that_github_gives_it(text: str, hashes: list[str]) -> None:
    assert list(line_hashes(text, EVERY_LINE).values()) == hashes


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_make_no_difference(end: str) -> None:
    assert line_hashes(LOREM.replace("\n", end), EVERY_LINE) == line_hashes(LOREM, EVERY_LINE)


def test_only_the_wanted_lines_are_hashed_and_equal_lines_ahead_still_count() -> None:
    assert line_hashes(LOREM, {3}) == {3: "a7f2ff13bc495cf2:3"}
    assert line_hashes(LOREM, set()) == {}


@given(some.text(some.sampled_from("ab \t\r\n😀é"), max_size=300))
def test_the_hashes_are_those_of_the_rolling_algorithm(text: str) -> None:
    assert line_hashes(text, EVERY_LINE) == dict(enumerate(_rolling(text), start=1))


def _rolling(text: str) -> list[str]:
    """The hashes as the action computes them: one code unit enters a window and one leaves it."""
    encoded = text.encode("utf-16-le")
    units = [int.from_bytes(encoded[at : at + 2], "little") for at in range(0, len(encoded), 2)]
    entered: list[int] = []
    starts: list[int] = []
    after_return, at_start = False, True
    for unit in [*units, 65535]:
        if unit in (32, 9) or (after_return and unit == 10):
            after_return = False
            continue
        after_return = unit == 13
        if at_start:
            starts.append(len(entered))
        at_start = unit in (10, 13)
        entered.append(10 if unit == 13 else unit)
    entered += [0] * WINDOW
    value, values = 0, []
    for at, unit in enumerate(entered):
        leaves = entered[at - WINDOW] if at >= WINDOW else 0
        value = (37 * value + unit - leaves * 37**WINDOW) % 2**64
        values.append(value)
    named: list[str] = []
    for start in starts:
        name = format(values[start + WINDOW - 1], "x")
        named.append(f"{name}:{sum(one.startswith(name + ':') for one in named) + 1}")
    return named
