"""Bytes become a tree, or a reason to leave them alone, or a problem at a place."""

import pytest

from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import Parsed, read
from rolelint.template.template import is_policy

TEMPLATE = "Resources:\n  R:\n    Type: AWS::IAM::Role\n"
NEITHER = "no Resources and no policy Statement"


def keys(parsed: Parsed) -> list[str]:
    assert isinstance(parsed.root, Mapping), parsed
    return [entry.key.text for entry in parsed.root.entries]


@pytest.mark.parametrize("text", [TEMPLATE, '{"Resources": {"R": {"Type": "AWS::IAM::Role"}}}', '\n\t{"Resources": {"R": "::"}}'])
def test_a_template_is_read_whatever_it_is_written_in(text: str) -> None:
    assert keys(read("t", text.encode())) == ["Resources"]


@pytest.mark.parametrize("text", ['{"Statement": {"Effect": "Allow"}}', "Statement:\n- effect: Allow\n"])
def test_a_bare_policy_is_read(text: str) -> None:
    assert keys(read("t", text.encode())) == ["Statement"]


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ('{"Statement": {"Effect": "Allow"}}', True),
        ('{"Version": "2012-10-17", "Statement": [{"Effect": "Alow"}]}', True),
        ('{"Version": "2012-10-17", "Statement": {"Action": "s3:GetObject"}}', True),
        ('{"Version": "2012-10-17", "Statements": [{"Effect": "Allow"}]}', True),
        ("Version: 2008-10-17\nstatement: []", True),
        ('{"Version": "2012-10-17"}', True),
        ('{"Version": "2012-10-17", "Clause": []}', False),
        ('{"Version": "1.0", "Statement": [{"Effect": "Alow"}]}', False),
        ('{"Statement": "Effective on 2012-10-17"}', False),
        ('{"Version": "2012-10-17", "Effects": ["Statement"]}', False),
    ],
)
def test_a_policy_is_known_by_its_version_or_by_an_effect(text: str, policy: bool) -> None:  # noqa: FBT001 - a row's answer
    assert is_policy(read("t", text.encode()).root) is policy


@pytest.mark.parametrize("text", ["", "a: b", '{"a": [}', "Resources: none", "Statement: x", "key: [AWS::"])
def test_everything_else_is_left_alone_without_parsing(text: str) -> None:
    parsed = read("t", text.encode())
    assert (parsed.root, parsed.problems, parsed.skip) == (None, (), NEITHER)


@pytest.mark.parametrize(
    "text",
    [
        r'{"\u0052esources": {"R": {"Type": "AWS::IAM::Role"}}}',
        r'{"Resources": {"R": {"Type": "AWS\u003A:IAM:\u003aRole"}}}',
        '"\\x52esources": {R: {Type: "AWS::IAM::Role"}}',
        '? "Resou\\\n  rces"\n: {R: {Type: "AWS::IAM::Role"}}',
    ],
)
def test_escapes_do_not_hide_a_template(text: str) -> None:
    assert keys(read("t", text.encode())) == ["Resources"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_encoding_changes_neither_text_nor_places(encoding: str) -> None:
    parsed = read("t", f"# é\n{TEMPLATE}".encode(encoding))
    assert parsed.source.text == f"# é\n{TEMPLATE}"
    assert isinstance(parsed.root, Mapping)
    assert parsed.root.span.first == (2, 1)


def test_bytes_that_are_no_text_are_left_alone() -> None:
    assert read("t", b"Resources ::\0").skip == "not text"


@pytest.mark.parametrize(
    "text",
    [
        "{Resources: {R: {Type: AWS::IAM::Role}}}",
        '{"Resources": {"R": {"Type": "AWS::IAM::Role"},}}',
        '{\n  # why\n  "Resources": {"R": {"Type": "AWS::IAM::Role"}}\n}',
    ],
)
def test_what_is_nearly_json_is_read_as_yaml(text: str) -> None:
    assert keys(read("t", text.encode())) == ["Resources"]


def test_a_broken_template_is_a_problem_at_its_place() -> None:
    parsed = read("t.yaml", (TEMPLATE + "    Properties:\n\tPath: /\n").encode())
    [problem] = parsed.problems
    assert (parsed.root, parsed.skip) == (None, None)
    assert problem.rule == "unreadable-template"
    assert problem.message == "a tab indents this line, where YAML takes spaces only"
    assert (problem.span.first, problem.span.text) == ((5, 1), "\tPath: /")


def test_a_text_that_starts_like_json_is_told_what_is_wrong_with_its_json() -> None:
    [problem] = read("t.json", b'{"Resources": {"R": {"Type": "AWS::IAM::Role"}}\n "Outputs": {}}').problems
    assert problem.message == "expected ',' or a closing bracket, found \""
    assert problem.span.first == (2, 2)


def test_a_broken_text_without_a_sign_of_cloudformation_is_left_alone() -> None:
    parsed = read("t.yaml", b"Statement:\n\tEffect: Allow\n")
    assert (parsed.root, parsed.problems) == (None, ())
    assert parsed.skip == "neither YAML nor JSON: a tab indents this line, where YAML takes spaces only"


def test_the_place_of_a_text_that_ends_too_early_is_not_past_its_end() -> None:
    text = b'{"Resources": {"R": {"Type": "AWS::IAM::Role"'
    [problem] = read("t.json", text).problems
    assert problem.span.start == problem.span.end == len(text)
    assert problem.span.first == (1, len(text) + 1)


def test_an_empty_first_document_is_no_template() -> None:
    assert read("t.yaml", f"# {TEMPLATE[:10]} AWS::\n".encode()).skip == "empty"
