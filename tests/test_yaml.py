"""YAML becomes nodes. Every test reads with both of PyYAML's parsers, which must agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence, children
from rolelint.syntax.pointers import json_pointer, steps_to
from rolelint.syntax.source import Problem, Source
from rolelint.syntax.unreadable import MOST_DEPTH, Unreadable
from rolelint.syntax.yaml_reader import read_yaml

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "syntax-unreadable.yaml").read_text(encoding="utf-8"))
LOADERS: list[type[yaml.SafeLoader | yaml.CSafeLoader]] = [yaml.SafeLoader, yaml.CSafeLoader]


def every_node(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Mapping):
        yield from (entry.key for entry in node.entries)
    for _, child in children(node):
        yield from every_node(child)


def everything(node: Node | None) -> list[tuple[object, ...]]:
    """All that there is to know of a tree, in a form that can be compared."""
    return [
        (type(each), each.number, each.tag, each.span.start, each.span.end, each.text if isinstance(each, Scalar) else None)
        + ((each.plain,) if isinstance(each, Scalar) else ())
        for each in (every_node(node) if node else ())
    ]


def read(text: str) -> tuple[Node | None, list[Problem]]:
    source = Source("t.yaml", text)
    (one, said), (other, also_said) = (read_yaml(source, loader=loader) for loader in LOADERS)
    assert everything(one) == everything(other)
    assert said == also_said
    return other, list(also_said)


def tree(text: str) -> Node:
    root, _ = read(text)
    assert root is not None
    return root


def refusal(text: str) -> Unreadable:
    errors = []
    for loader in LOADERS:
        with pytest.raises(Unreadable) as caught:
            read_yaml(Source("t.yaml", text), loader=loader)
        errors.append((caught.value.reason, caught.value.offset))
    assert errors[0] == errors[1]
    return Unreadable(*errors[0])


def plain(node: Node | None) -> Any:  # noqa: ANN401 - nested lists and dictionaries of any depth
    match node:
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar():
            return node.text
        case None:
            return None


def at(text: str, *steps: str | int) -> Node:
    node = tree(text)
    for step in steps:
        match node:
            case Mapping():
                below = node.get(str(step))
                assert below is not None
                node = below
            case Sequence():
                node = node.items[int(step)]
    return node


def scalar(text: str, *steps: str | int) -> Scalar:
    node = at(text, *steps)
    assert isinstance(node, Scalar)
    return node


def test_values_stay_as_they_are_written() -> None:
    text = "a: 2012-10-17\nb: 012345670123\nc: yes\nd: ~\ne: 1_000\nf: 12:34:56\ng: 'x'\nh:\n"
    values = {"a": "2012-10-17", "b": "012345670123", "c": "yes", "d": "~", "e": "1_000", "f": "12:34:56", "g": "x", "h": ""}
    assert plain(tree(text)) == values


def test_only_what_is_unquoted_and_not_tagged_as_text_is_plain() -> None:
    text = "- 1\n- '1'\n- \"1\"\n- |\n  1\n- !!str 1\n- ! 1\n- !!int 1\n- !Ref 1\n"
    root = tree(text)
    assert isinstance(root, Sequence)
    assert [item.plain for item in root.items if isinstance(item, Scalar)] == [True, *[False] * 5, True, True]


def test_tags_are_kept_save_those_of_yaml_itself() -> None:
    text = "- !Ref a\n- !Sub [a, b]\n- !If {a: b}\n- !<!GetAtt> a\n- !!str a\n- !!seq []\n- !!binary YQ==\n- !x\n  a: b\n"
    root = tree(text)
    assert isinstance(root, Sequence)
    assert [item.tag for item in root.items] == ["!Ref", "!Sub", "!If", "!GetAtt", "", "", "tag:yaml.org,2002:binary", "!x"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a: b   # c\n", "b"),
        ("a: 'b'   # c\n", "'b'"),
        ("a: !Ref b # c\n", "!Ref b"),
        ('a: "b \\\n  c" # d\n', '"b \\\n  c"'),
        ("a: b\n  c\n\n  d   # e\nf: g\n", "b\n  c\n\n  d"),
        ("a: |  # c\n  b\n   c \n\n\n# d\ne: f\n", "|  # c\n  b\n   c "),
        ("a: |+\n  b\n\n\nc: d\n", "|+\n  b"),
        ("a: |-\n  b\n  \n\nc: d\n", "|-\n  b"),
        ("a: |-\n  b\n   \n\nc: d\n", "|-\n  b\n   "),
        ("a: >2\n    b\n  c\nd: e\n", ">2\n    b\n  c"),
        ("a: |\nb: c\n", "|"),
        ("a:\nb: c\n", ""),
        ("a: [b, c] # d\n", "[b, c]"),
        ("a: {b: c,} # d\n", "{b: c,}"),
        ("a:\n  b: c # d\n\n  # e\n\nf: g\n", "b: c"),
        ("a:\n- b # c\n- - d # e\n\nf: g\n", "- b # c\n- - d"),
        ("a:\n- b\n-\n# c\nd: e\n", "- b\n-"),
        ("a: &x !Ref\n  b\nc: d\n", "&x !Ref\n  b"),
        ("a: b\r\n\r\nc: d\r\n", "b"),
        ("a: |\r\n  b\r\n\r\nc: d\r\n", "|\r\n  b"),
        ("😀: é\na: 😀b # c\n", "😀b"),
        ("x: '\x85\u2028\u2029'\na: b\n", "b"),
        ("%YAML 1.1\n---\na: b\n...\n---\nc: d\n", "b"),
    ],
)
def test_a_span_ends_with_the_last_character_of_its_value(text: str, span: str) -> None:
    assert at(text, "a").span.text == span


def test_lines_and_columns_count_characters_from_one() -> None:
    first = at("x: 😀\r\né😀: {a: b}\r\n", "é😀", "a").span.first
    assert (first.line, first.column) == (2, 9)


def test_the_last_of_duplicate_keys_counts_and_the_others_are_reported() -> None:
    root, problems = read("a: 1\nb: 2\na: 3\na: 4\n")
    assert plain(root) == {"a": "4", "b": "2"}
    assert [(problem.rule, problem.span.start) for problem in problems] == [("duplicate-key", 0), ("duplicate-key", 10)]


def test_an_alias_stands_where_it_is_written_and_its_value_where_the_anchor_is() -> None:
    node = at("a: &x\n  b: c\nd: *x\n", "d")
    assert isinstance(node, Mapping)
    assert node.span.text == "*x"
    assert node.anchor is not None
    assert node.anchor.span.text == "&x\n  b: c"
    assert node.entries[0].value.span.text == "c"


def test_anchors_stand_on_scalars_keys_and_lists_and_aliases_may_be_keys() -> None:
    text = "&k a: &v b\n*k : *v\nc: &l [*k, *v]\nd: *l\n"
    root, problems = read(text)
    assert plain(root) == {"a": "b", "c": ["a", "b"], "d": ["a", "b"]}
    assert [problem.rule for problem in problems] == ["duplicate-key"]


def test_an_anchor_given_twice_means_the_nearest_before() -> None:
    assert plain(tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n")) == {"a": "1", "b": "1", "c": "2", "d": "2"}


def test_a_merge_key_does_not_override_what_is_written() -> None:
    root, problems = read("x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n  c: 4\n")
    assert plain(root) == {"x": {"a": "1", "b": "2"}, "y": {"b": "3", "c": "4", "a": "1"}}
    assert [(problem.rule, problem.span.text) for problem in problems] == [("merge-key", "<<")]


def test_the_first_of_several_merged_mappings_wins() -> None:
    text = "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y]}\nw: {<<: *y, <<: *x}\n"
    assert plain(at(text, "z")) == {"a": "1", "b": "2"}
    assert plain(at(text, "w")) == {"a": "2", "b": "2"}


def test_merged_values_tell_where_they_come_from() -> None:
    node = at("x: &x {a: 1}\ny: {<<: *x}\nz: {<<: {b: 2}}\n", "y", "a")
    assert node.anchor is not None
    assert node.span.text == "1"


@pytest.mark.parametrize("text", ["'<<': {a: b}", "<<: text", '"<<": {a: b}'])
def test_what_only_looks_like_a_merge_key_is_a_key(text: str) -> None:
    root, problems = read(text)
    assert isinstance(root, Mapping)
    assert [entry.key.text for entry in root.entries] == ["<<"]
    assert not problems


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n...\n"])
def test_a_text_without_a_value_is_empty(text: str) -> None:
    root, _ = read(text)
    assert root is None or plain(root) == ""


def test_only_the_first_document_counts() -> None:
    assert plain(tree("---\na: b\n---\nc: d\n")) == {"a": "b"}


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "aliases stand for more than" in refusal("\n".join(lines)).reason


def test_merged_mappings_that_multiply_are_refused() -> None:
    big = ", ".join(f"k{n}: v" for n in range(500))
    assert (
        "aliases stand for more than" in refusal(f"x: &x {{{big}}}\n" + "".join(f"y{n}: {{<<: *x}}\n" for n in range(500))).reason
    )


@pytest.mark.parametrize("text", ["[" * 5000, "a: {" * 5000, "- " * 5000 + "a", "? " * 5000 + "a"])
def test_deep_nesting_is_refused_and_not_followed(text: str) -> None:
    assert refusal(text).reason in (f"it is nested more than {MOST_DEPTH} levels deep", "a mapping key is not plain text")


def test_what_may_be_nested_can_be_walked() -> None:
    root = tree("[" * MOST_DEPTH + "]" * MOST_DEPTH)
    deepest = list(every_node(root))[-1]
    assert steps_to(root, deepest.span.start) == ("0",) * (MOST_DEPTH - 1)


def test_a_huge_scalar_is_read() -> None:
    assert len(scalar("a: '" + "x y\n " * 20_000 + "'", "a").text) > 60_000


def test_a_pointer_leads_to_values_keys_and_anchors() -> None:
    text = "a:\n  - b: &x {c: 1}\n  - d: *x\n    <<: *x\ne/f~: *x\ng: !If [q, [r]]\n"
    root = tree(text)
    assert isinstance(root, Mapping)

    def led_to(*keys: str | int) -> str:
        return json_pointer(steps_to(root, at(text, *keys).span.start))

    assert led_to("e/f~") == "/e~1f~0"
    assert led_to("a", 0, "b", "c") == "/a/0/b/c"
    assert led_to("a", 1, "d") == "/a/1/d"
    assert led_to("a", 1, "d", "c") == "/a/0/b/c"
    assert led_to("g", 1, 0) == "/g/Fn::If/1/0"
    assert json_pointer(steps_to(root, root.entries[1].key.span.start)) == "/e~1f~0"


@pytest.mark.parametrize("case", [case for case in CASES if "text" in case], ids=lambda case: case["name"])
def test_what_is_wrong_is_said_at_its_place(case: dict[str, Any]) -> None:
    error = refusal(case["text"])
    assert error.reason == case["says"]
    assert list(Source("", case["text"]).position(error.offset)) == case["at"]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=30)
VALUES = st.recursive(TEXTS, lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4), max_leaves=12)


@given(value=VALUES, style=st.sampled_from([None, "'", '"', "|", ">"]), flow=st.booleans(), wide=st.booleans())
@example(value={"a": [[], {}, ""]}, style=None, flow=False, wide=False)
def test_whatever_pyyaml_writes_is_read_and_spans_lie_inside_each_other(
    *,
    value: Any,  # noqa: ANN401 - nested lists and dictionaries of any depth
    style: str | None,
    flow: bool,
    wide: bool,
) -> None:
    width = 1000 if wide else 20
    text = yaml.dump(value, Dumper=Dumper, default_style=style, default_flow_style=flow, allow_unicode=True, width=width)
    root = tree(text)
    assert plain(root) == value
    for node in every_node(root):
        for _, child in children(node):
            assert node.span.start <= child.span.start <= child.span.end <= node.span.end


class Dumper(yaml.SafeDumper):
    """Writes no aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True
