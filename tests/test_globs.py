"""The algebra of wildcards against every short text over a small alphabet."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rolelint.iam.globs import ONE, RUN, covers, difference, loosened, overlaps

HOLE = "\ue000"
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "patterns.yaml").read_text(encoding="utf-8"))
SHORT = ["".join(letters) for length in range(6) for letters in product("a:z", repeat=length)]
WILDCARDS = {"*": ".*", "?": ".", RUN: "[^:]*", ONE: "[^:]"}

patterns = st.text(f"a:*?{RUN}{ONE}", max_size=5)


def fits(pattern: str, text: str) -> bool:
    """What the words of the documentation say, by other means."""
    return re.fullmatch("".join(WILDCARDS.get(one, re.escape(one)) for one in pattern), text, re.DOTALL) is not None


def language(pattern: str) -> set[str]:
    return {text for text in SHORT if fits(pattern, text)}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_pattern_covers_and_overlaps_another_as_the_table_says(case: dict[str, Any]) -> None:
    assert covers(case["pattern"], case["other"]) is case["covers"]
    assert overlaps(case["pattern"], case["other"]) is case["overlaps"]
    assert overlaps(case["other"], case["pattern"]) is case["overlaps"]


@given(patterns, st.lists(patterns, max_size=3))
def test_what_is_left_is_what_no_text_contradicts(wanted: str, taken: list[str]) -> None:
    found = difference([wanted], taken)
    left = language(wanted).difference(*map(language, taken))

    assert found.decided
    if found.witness is None:
        assert not left
    else:
        assert fits(wanted, found.witness)
        assert not any(fits(one, found.witness) for one in taken)


@given(patterns, patterns)
def test_covering_and_overlapping_agree_with_every_short_text(pattern: str, other: str) -> None:
    ours, theirs = language(pattern), language(other)

    assert covers(pattern, other) is difference([other], [pattern]).empty
    assert not covers(pattern, other) or theirs <= ours
    assert overlaps(pattern, other) or not theirs & ours
    if len(pattern) + len(other) <= 5:  # then there is a short text for what they have in common
        assert overlaps(pattern, other) is bool(theirs & ours)


@given(st.text(f"a*?{HOLE}", max_size=5), st.text(f"a*?{HOLE}", max_size=5), st.text("a:", max_size=3))
def test_what_is_covered_with_a_hole_is_covered_for_every_value_of_it(pattern: str, other: str, value: str) -> None:
    if covers(pattern, other):
        assert covers(pattern.replace(HOLE, value), other.replace(HOLE, value))
    if overlaps(pattern, other):
        assert overlaps(pattern.replace(HOLE, value), other.replace(HOLE, value))
    if overlaps(pattern.replace(HOLE, value), other.replace(HOLE, value)):
        assert overlaps(loosened(pattern), loosened(other))


@pytest.mark.parametrize(
    ("pattern", "other", "covered"),
    [
        (HOLE, HOLE, True),
        ("*", HOLE, True),
        (f"a{HOLE}*", f"a{HOLE}/x", True),
        ("?", HOLE, False),
        (HOLE, "\ue001", False),
        (HOLE, "a", False),
        ("a*", HOLE, False),
        (RUN, HOLE, False),
    ],
)
def test_a_hole_is_itself_and_what_a_star_takes_in(pattern: str, other: str, *, covered: bool) -> None:
    assert covers(pattern, other) is covered
    assert overlaps(pattern, other) is covered


def test_together_patterns_cover_what_none_covers_alone() -> None:
    assert difference(["*"], ["", "?*"]).empty
    assert difference(["a?*"], ["a?", "a??*"]).empty
    assert difference(["*"], ["?", "??*"]).witness == ""


def test_the_shortest_text_that_is_left_is_shown() -> None:
    assert difference(["s3:Get*"], ["s3:Get?", "s3:GetO*"]).witness == "s3:Get"
    assert difference(["a", "s3:*"], ["a", "s3:", "s3:?"]).witness == "s3:xx"


def test_a_search_that_takes_too_long_ends_undecided_and_never_empty() -> None:
    found = difference(["*a" + "?" * 20], ["*a" + "?" * 20 + "*b", "*" + "a?" * 12 + "c*", "*b" + "?" * 18 + "*"])

    assert (found.witness, found.decided, found.empty) == (None, False, False)


def test_many_stars_cost_no_more_than_the_text_is_long() -> None:
    assert not covers("a*" * 2000 + "b", "a" * 20_000)
