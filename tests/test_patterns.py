"""IAM's wildcards, and what is certain and what is possible when part of a text is not known."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rolelint.iam.arns import is_star, reaches
from rolelint.iam.patterns import Certainty, covers, judge, overlaps
from rolelint.syntax.nodes import Scalar, whole_source
from rolelint.syntax.source import Source
from rolelint.template.values import Hole, Literal, Symbol, Text

FOLDER = Path(__file__).parent / "cases"
NODE = Scalar("", whole_source(Source("t", ""), lambda: [(0, 0)]), 0)
SMALL = ["".join(letters) for length in range(5) for letters in product("ab", repeat=length)]


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def text(*parts: str | Symbol) -> Text:
    return Text(tuple(Hole(part, NODE) if isinstance(part, Symbol) else Literal(part, NODE, -1) for part in parts), NODE)


@pytest.mark.parametrize("case", cases("patterns.yaml"), ids=str)
def test_a_pattern_covers_and_overlaps_another_as_the_table_says(case: dict[str, Any]) -> None:
    assert covers(case["pattern"], case["other"]) is case["covers"]
    assert overlaps(case["pattern"], case["other"]) is case["overlaps"]
    assert overlaps(case["other"], case["pattern"]) is case["overlaps"]


@pytest.mark.parametrize("case", cases("reach.yaml"), ids=str)
def test_an_arn_pattern_reaches_all_of_a_kind_as_the_table_says(case: dict[str, Any]) -> None:
    assert reaches(case["pattern"], case["wanted"]) is case["reaches"]


@given(st.text("ab*?", max_size=5), st.text("ab*?", max_size=5))
def test_covering_and_overlapping_agree_with_every_short_text(pattern: str, other: str) -> None:
    fits_pattern = {one for one in SMALL if covers(pattern, one)}
    fits_other = {one for one in SMALL if covers(other, one)}

    if covers(pattern, other):
        assert fits_other <= fits_pattern
    if fits_other & fits_pattern:
        assert overlaps(pattern, other)


@given(st.text("ab*?", max_size=5))
def test_a_pattern_covers_itself(pattern: str) -> None:
    assert covers(pattern, pattern)


def test_action_names_are_compared_without_regard_to_case() -> None:
    assert covers("IAM:pass*", "iam:PassRole", any_case=True)
    assert not covers("IAM:pass*", "iam:PassRole")


@pytest.mark.parametrize("star", ["*", "**", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:*:*:*:*:*", "arn:*", "arn:aws:*"])
def test_a_star_is_known_in_disguise(star: str) -> None:
    assert is_star(star)


@pytest.mark.parametrize(
    "named",
    [
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::/*",
        "arn:aws:dynamodb:*:*:table/*",
        "arn:aws:sqs:eu-west-1:*:*",
        "arn:aws:sns:*:111122223333:*",
        "s3:*",
    ],
)
def test_a_pattern_that_names_something_is_no_star(named: str) -> None:
    assert not is_star(named)


def test_a_hole_is_not_a_wildcard() -> None:
    answer = judge(text("arn:aws:s3:::", Symbol("parameter", "B", free=True), "/*"), lambda one: covers(one, "arn:aws:s3:::b/x"))

    assert answer.certainty is Certainty.NO


def test_what_holds_around_a_hole_is_certain() -> None:
    answer = judge(text("*", Symbol("pseudo", "AWS::Region")), lambda one: one.startswith("*"))

    assert answer.certainty is Certainty.CERTAIN


def test_a_star_from_a_default_is_only_possible_and_says_so() -> None:
    answer = judge(text(Symbol("parameter", "P", default="*")), lambda one: one == "*")

    assert answer.certainty is Certainty.POSSIBLE
    assert answer.assumptions == ("P keeps its default '*'",)


def test_an_empty_default_is_not_tried() -> None:
    bucket = Symbol("parameter", "B", default="")

    assert judge(text("arn:aws:s3:::", bucket, "/*"), lambda one: one == "arn:aws:s3:::/*").certainty is Certainty.NO


def test_one_of_several_allowed_values_is_possible_and_all_of_them_are_certain() -> None:
    one_of = text(Symbol("parameter", "P", allowed=("*", "x")))

    assert judge(one_of, lambda one: one == "*").certainty is Certainty.POSSIBLE
    assert judge(one_of, lambda one: one in ("*", "x")).certainty is Certainty.CERTAIN


def test_only_a_text_that_is_nothing_but_a_free_symbol_may_be_a_star() -> None:
    free = Symbol("parameter", "P", free=True)

    assert judge(text(free), lambda one: one == "*").certainty is Certainty.POSSIBLE
    assert judge(text("x", free), lambda one: "*" in one).certainty is Certainty.NO
    assert judge(text(free._replace(free=False)), lambda one: one == "*").certainty is Certainty.NO
