"""JSON becomes the same nodes as YAML, and its places are found when they are asked for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rolelint.syntax.json_reader import read_json
from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence, children
from rolelint.syntax.source import Source
from rolelint.syntax.unreadable import MOST_DEPTH, Unreadable

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "syntax-unreadable.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Node:
    return read_json(Source("t.json", text))[0]


def every_node(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Mapping):
        yield from (entry.key for entry in node.entries)
    for _, child in children(node):
        yield from every_node(child)


def test_words_and_numbers_are_plain_and_stay_as_written() -> None:
    root = read('[012, 1e3, -0.10, true, false, null, "true", "1"]'.replace("012", "12"))
    assert isinstance(root, Sequence)
    assert [(item.text, item.plain) for item in root.items if isinstance(item, Scalar)] == [
        ("12", True),
        ("1e3", True),
        ("-0.10", True),
        ("true", True),
        ("false", True),
        ("null", True),
        ("true", False),
        ("1", False),
    ]


def test_the_last_of_duplicate_keys_counts_and_the_others_are_reported() -> None:
    root, problems = read_json(Source("t.json", '{"a": 1, "b": [], "a": {"c": 2}}'))
    assert isinstance(root, Mapping)
    assert [entry.key.text for entry in root.entries] == ["a", "b"]
    assert root.entries[0].value.span.text == '{"c": 2}'
    assert [(problem.rule, problem.span.start) for problem in problems] == [("duplicate-key", 1)]


def test_a_tab_and_an_escaped_brace_do_not_shift_places() -> None:
    root = read('{\t"a\\"}": "{\\\\", "b" :\r\n[1 ,2]}')
    assert [node.span.text for node in every_node(root)][1:] == ['"a\\"}"', '"b"', '"{\\\\"', "[1 ,2]", "1", "2"]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * (MOST_DEPTH + 1) + "1" + "}" * (MOST_DEPTH + 1), "[" * 500 + "]" * 500]
)
def test_deep_nesting_is_refused_and_not_followed(text: str) -> None:
    with pytest.raises(Unreadable, match="nested more than"):
        read(text)


def test_a_pair_of_escapes_is_one_character_and_half_a_pair_is_refused() -> None:
    root = read(r'["\ud83d\ude00", "\\ud83d"]')
    assert isinstance(root, Sequence)
    assert [item.text for item in root.items if isinstance(item, Scalar)] == ["😀", r"\ud83d"]
    with pytest.raises(Unreadable, match="half of a character"):
        read(r'["\ude00\ud83d"]')


@pytest.mark.parametrize("case", [case for case in CASES if "json" in case], ids=lambda case: case["name"])
def test_what_is_wrong_is_said_at_its_place(case: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as caught:
        read(case["json"])
    assert caught.value.reason == case["says"]
    assert list(Source("", case["json"]).position(caught.value.offset)) == case["at"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=10),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), below, max_size=4)
    ),
    max_leaves=20,
)


@given(value=VALUES, indent=st.sampled_from([None, 2, "\t"]), ascii_only=st.booleans())
def test_the_place_of_every_value_reads_as_that_value(
    *,
    value: Any,  # noqa: ANN401 - nested lists and dictionaries of any depth
    indent: int | str | None,
    ascii_only: bool,
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    root = read(text)
    assert json.loads(root.span.text) == value
    for node in every_node(root):
        again = json.loads(node.span.text)
        match node:
            case Scalar(plain=False):
                assert again == node.text
            case Scalar():
                assert json.loads(node.text) == again
            case Mapping():
                assert list(again) == [entry.key.text for entry in node.entries]
            case Sequence():
                assert len(again) == len(node.items)
