"""Parts of a value lie at characters of the file, whatever the value is written like."""

import json

import pytest
import yaml
from hypothesis import example, given, reject
from hypothesis import strategies as st

from rolelint.syntax.embedded import Chunk, read_embedded
from rolelint.syntax.inside import inside
from rolelint.syntax.json_reader import read_json
from rolelint.syntax.nodes import Mapping, Node, Scalar
from rolelint.syntax.source import Source
from rolelint.syntax.unreadable import Unreadable
from rolelint.syntax.yaml_reader import read_yaml

BLANK = " \t\r\n\x85\u2028\u2029"


def value_of(root: Node | None) -> Scalar:
    assert isinstance(root, Mapping)
    value = root.entries[-1].value
    assert isinstance(value, Scalar)
    return value


def value(text: str) -> Scalar:
    return value_of(read_yaml(Source("t.yaml", text))[0])


def part(node: Scalar, words: str) -> str:
    start = node.text.index(words)
    return inside(node, start, start + len(words)).text


@pytest.mark.parametrize(
    ("text", "words", "raw"),
    [
        ("a: s3:Get*\n", "Get", "Get"),
        ("a: 's3:Get*'\n", "Get", "Get"),
        ("a: !Sub s3:${B}/*\n", "${B}", "${B}"),
        ("a: !Sub 's3:${B}/*'\n", "${B}", "${B}"),
        ("a: &x !Sub # c\n  's3:${B}/*'\n", "${B}", "${B}"),
        ("a: !Sub 'it''s ${B}'\n", "'s ${B", "''s ${B"),
        ("a: !Sub |\n  x\n   ${B}\n", "${B}", "${B}"),
        ("a: !Sub >- # c\n  x\n  ${B}\n\n  z\n", "x ${B}\nz", "x\n  ${B}\n\n  z"),
        ("a: !Sub >- # c\n  x\n  ${B}\n\n  z\n", "z", "z"),
        ("a: |2\n    x\n  y\n", "  x", "  x"),
        ("a: |2\n    x\n  y\n", "y", "y"),
        ("a: |+\n\n  x\n\n\n", "x", "x"),
        ("a: >\n  x\n    y\n  z\n", "  y", "  y"),
        ("a: >\n  x\n    y\n  z\n", "z", "z"),
        ("a: x\n  y\n\n  z\n", "y\nz", "y\n\n  z"),
        ("a: 'x\n  y\n\n  z'\n", "y\nz", "y\n\n  z"),
        ('a: "x\\\n  y  \\\n  z"\n', "y  z", "y  \\\n  z"),
        ('a: "\\x41\\u0042\\U00000043\\tD\\"E"\n', "B", "\\u0042"),
        ('a: "\\x41\\u0042\\U00000043\\tD\\"E"\n', '\tD"', '\\tD\\"'),
        ("a: |\r\n  x\r\n  y\r\n", "x\ny", "x\r\n  y"),
        ("a: |\n  😀é\n  y\n", "é\ny", "é\n  y"),
        ("a: 'x\x85 y'\n", "y", "y"),
    ],
)
def test_a_part_of_a_value_is_found_in_the_file(text: str, words: str, raw: str) -> None:
    assert part(value(text), words) == raw


def test_a_part_of_a_json_text_is_found_in_the_file() -> None:
    node = value_of(read_json(Source("t.json", r'{"a": "x\n\ud83d\ude00\/y\u0041"}'))[0])
    assert node.text == "x\n😀/yA"
    assert [part(node, character) for character in "\n😀/A"] == [r"\n", r"\ud83d\ude00", r"\/", r"\u0041"]


@pytest.mark.parametrize(("start", "end"), [(0, 9), (2, 2), (2, 1), (-1, 1)])
def test_a_range_that_is_not_one_is_the_whole_value(start: int, end: int) -> None:
    assert inside(value("a: 'x y'\n"), start, end).text == "'x y'"


def test_a_part_of_an_alias_is_the_alias() -> None:
    assert part(value("a: &x some text\nb: *x\n"), "text") == "*x"


def test_the_line_end_that_a_block_keeps_is_the_whole_block() -> None:
    assert part(value("a: |\n  x\n"), "\n") == "|\n  x"


def test_long_blanks_take_no_time() -> None:
    for text in ("a: 'x" + " " * 50_000 + "\\y'\n", 'a: "x' + " " * 50_000 + '\\n"\n', "a: |\n  x" + " " * 50_000 + "\n  y\n"):
        node = value(text)
        assert inside(node, 0, 1).text == "x"
        assert inside(node, len(node.text) - 1, len(node.text)).text


def agrees(raw: str, text: str) -> bool:
    """Whether a piece of the file can mean a piece of a value, told without the code under test."""
    if raw == text or (raw == "''" and text == "'"):
        return True
    if raw.startswith("\\"):
        by_yaml = next(iter(yaml.safe_load(f'["{raw}"]')), None) if "\\ud" not in raw.lower() else None
        return text in (by_yaml, json.loads(f'"{raw}"') if by_yaml is None else None)
    return not raw.strip(BLANK) and not text.strip(BLANK)


def check_every_character(node: Scalar) -> None:
    whole, last = node.span, node.span.start
    for offset, character in enumerate(node.text):
        span = inside(node, offset, offset + 1)
        if span == whole and not agrees(span.text, character):
            assert not node.text[offset:].strip("\r\n\x85\u2028\u2029"), "only the end of a block has no place"
            continue
        assert agrees(span.text, character)
        assert span.start >= last
        last = span.start


CHARACTERS = st.one_of(
    st.sampled_from(" \n\t'\"\\:#|>-ab😀é\x85\u2028{}&*!"), st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
)


@given(
    text=st.text(CHARACTERS, min_size=1, max_size=40),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    tag=st.sampled_from(["", "!Sub ", "&x ", "&x !Sub "]),
    width=st.sampled_from([10, 1000]),
    ascii_only=st.booleans(),
    ends=st.sampled_from(["\n", "\r\n"]),
    depth=st.integers(0, 3),
)
@example(text=" \n a", style=">", tag="!Sub ", width=10, ascii_only=False, ends="\n", depth=2)
@example(text="a b\n\nc", style=None, tag="", width=10, ascii_only=False, ends="\r\n", depth=0)
def test_every_character_that_pyyaml_writes_is_found(  # noqa: PLR0913 - each argument is a way in which texts differ
    *, text: str, style: str | None, tag: str, width: int, ascii_only: bool, ends: str, depth: int
) -> None:
    written: object = {"k": text}
    for _ in range(depth):
        written = {"deeper": written}
    dumped = yaml.dump(written, default_style=None, width=width, allow_unicode=not ascii_only, Dumper=styled(style))
    dumped = dumped.replace("k: ", f"k: {tag}", 1).replace("\n", ends)
    try:
        root, _ = read_yaml(Source("t.yaml", dumped))
    except Unreadable:
        reject()
    for _ in range(depth):
        assert isinstance(root, Mapping)
        root = root.entries[0].value
    check_every_character(value_of(root))


def styled(style: str | None) -> type[yaml.SafeDumper]:
    """A dumper that writes values, not keys, in a style."""

    class Dumper(yaml.SafeDumper):
        pass

    Dumper.add_representer(
        str,
        lambda dumper, data: dumper.represent_scalar(
            "tag:yaml.org,2002:str", data, style=None if data in ("k", "deeper") else style
        ),
    )
    return Dumper


@given(text=st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()), ascii_only=st.booleans())
@example(text="\x7f😀\u2028", ascii_only=True)
def test_every_character_that_json_writes_is_found(*, text: str, ascii_only: bool) -> None:
    node = value_of(read_json(Source("t.json", json.dumps({"k": text}, ensure_ascii=ascii_only)))[0])
    assert node.text == text
    check_every_character(node)


@pytest.mark.parametrize(
    "text",
    [
        'a: |\n  {"Action":\n   "s3:*"}\n',
        'a: >\n  {"Action":\n  "s3:*"}\n',
        'a: \'{"Action": "s3:*"}\'\n',
        'a: "{\\"Action\\": \\"s3:*\\"}"\n',
    ],
)
def test_json_inside_a_value_has_its_places_in_the_file(text: str) -> None:
    node = value(text)
    root, _ = read_embedded([Chunk(node.text, node, 0, len(node.text))])
    assert value_of(root).span.text.replace("\\", "") == '"s3:*"'


def test_a_stand_in_leads_to_the_reference_that_it_replaces() -> None:
    node = value('a: !Sub \'{"Resource": "${A}/*", "Action": ${B}}\'\n')
    first, second = node.text.index("${A}"), node.text.index("${B}")
    root, _ = read_embedded(
        [
            Chunk(node.text[:first], node, 0, first),
            Chunk("\U000f0000", node, first, 4, stand_in=True),
            Chunk(node.text[first + 4 : second], node, first + 4, second - first - 4),
            Chunk("\U000f0001", node, second, 4, stand_in=True),
            Chunk(node.text[second + 4 :], node, second + 4, len(node.text) - second - 4),
        ]
    )
    assert isinstance(root, Mapping)
    resource, action = (entry.value for entry in root.entries)
    assert isinstance(resource, Scalar)
    assert isinstance(action, Scalar)
    assert (resource.text, action.text) == ("\U000f0000/*", "\U000f0001")
    assert (resource.span.text, action.span.text) == ('"${A}/*"', "${B}")
    assert part(resource, "/*") == "/*"
