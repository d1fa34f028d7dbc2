"""IAM's wildcards, and what is certain and what is possible when part of a text is not known."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint.iam.arns import is_star, less, meet, reaches
from rolelint.iam.globs import covers
from rolelint.iam.patterns import Certainty, as_letters, judge
from rolelint.syntax.nodes import Scalar, whole_source
from rolelint.syntax.source import Source
from rolelint.template.values import Hole, Literal, Symbol, Text

FOLDER = Path(__file__).parent / "cases"
NODE = Scalar("", whole_source(Source("t", ""), lambda: [(0, 0)]), 0)


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return found


def text(*parts: str | Symbol) -> Text:
    return Text(tuple(Hole(part, NODE) if isinstance(part, Symbol) else Literal(part, NODE, -1) for part in parts), NODE)


@pytest.mark.parametrize("case", cases("reach.yaml"), ids=str)
def test_an_arn_pattern_reaches_all_of_a_kind_as_the_table_says(case: dict[str, Any]) -> None:
    assert reaches(case["pattern"], case["wanted"]) is case["reaches"]


@pytest.mark.parametrize("case", cases("arns.yaml"), ids=str)
def test_resource_patterns_are_compared_field_by_field_as_the_table_says(case: dict[str, Any]) -> None:
    found = less([case["resource"]], case["taken"])

    assert (found.empty, found.decided) == (case["left"] is False, True)
    assert any(meet(case["resource"], one) for one in case["taken"]) is case["meets"]


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


def test_the_same_symbol_is_the_same_text_wherever_it_stands() -> None:
    bucket, table = Symbol("parameter", "B"), Symbol("parameter", "T")

    assert as_letters(text("a", bucket)) == as_letters(text("a", bucket._replace(default="x")))
    assert as_letters(text("a", bucket)) != as_letters(text("a", table))
    assert covers(as_letters(text("a", bucket, "*")), as_letters(text("a", bucket, "/x")))


def test_two_texts_that_nobody_can_read_are_not_the_same() -> None:
    first, second = (Scalar("", NODE.origin, number) for number in (1, 2))
    opaque = Symbol("opaque", "Fn::Select")

    assert as_letters(Text((Hole(opaque, first),), first)) != as_letters(Text((Hole(opaque, second),), second))


def test_a_letter_in_a_template_is_no_hole_and_no_wildcard() -> None:
    assert as_letters(text("\ue000\x01\U000f0000")) == "\ufffd" * 3


def test_an_empty_value_among_the_allowed_ones_is_tried() -> None:
    suffix = text("a", Symbol("parameter", "P", allowed=("", "-x")))

    assert judge(suffix, lambda one: one == "a").certainty is Certainty.POSSIBLE
