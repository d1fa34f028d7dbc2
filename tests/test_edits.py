"""Which edits are offered: one name for another, where nothing but the name has to change."""

import pytest
from made_reports import found, the

from rolelint.catalogue import curated, managed_policies
from rolelint.engine.findings import Suggestion
from rolelint.fixes.edits import fixes
from rolelint.syntax.source import Source

LAMBDA = ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def edited(text: str, words: str = "") -> list[str]:
    """The text after each of the fixes that a finding about some of its words has."""
    source = Source("a.yaml", text)
    offered = fixes(found(span=the(source, words or text), suggestion=Suggestion("")))
    edits = [edit for fix in offered for edit in fix.edits]
    return [text[: edit.span.start] + edit.text + text[edit.span.end :] for edit in edits]


@pytest.mark.parametrize(
    ("text", "words", "first"),
    [
        ("- arn:aws:iam::aws:policy/CloudWatchLogsFullAccess", "", f"- arn:aws{LAMBDA}"),
        ('["arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"]', "", f'["arn:aws{LAMBDA}"]'),
        (
            "!Sub arn:${AWS::Partition}:iam::aws:policy/CloudWatchLogsFullAccess # so",
            "arn:${AWS::Partition}:iam::aws:policy/CloudWatchLogsFullAccess",
            f"!Sub arn:${{AWS::Partition}}{LAMBDA} # so",
        ),
        ("arn:aws:iam::aws:policy/a/path/CloudWatchLogsFullAccess", "", f"arn:aws{LAMBDA}"),
    ],
)
def test_a_narrower_policy_takes_the_place_of_a_broad_one(text: str, words: str, first: str) -> None:
    assert edited(text, words)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "CloudWatchLogsFullAccess",  # SAM's short form: not every name has one
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess2",
        "[arn:aws:iam::aws:policy/CloudWatchLogsFullAccess, arn:aws:iam::aws:policy/CloudWatchLogsFullAccess]",
        "arn:aws:iam::aws:policy\\/CloudWatchLogsFullAccess",
    ],
)
def test_nothing_is_offered_where_more_would_have_to_change_or_nothing_is_known(text: str) -> None:
    assert edited(text) == []


def test_a_finding_without_a_suggestion_has_no_fixes() -> None:
    source = Source("a.yaml", "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess")
    assert fixes(found(span=the(source, source.text))) == ()


def test_the_successor_of_a_policy_comes_first() -> None:
    assert edited("arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess")[0] == "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess_v2"


def test_every_policy_that_is_offered_exists() -> None:
    for name in curated.replaced():
        offered = edited(f"arn:aws:iam::aws:policy/{name}")
        known = curated.replacement(name)
        assert known is not None
        names = [*filter(None, [known.successor]), *(other.name for other in known.managed)]
        assert [text.rpartition("/")[2] for text in offered] == names
        assert all(managed_policies.find(one) for one in names)
