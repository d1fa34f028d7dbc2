import json

import pytest
import yaml
from cfn_flip import to_json
from hypothesis import given
from hypothesis import strategies as some

from rolelint.fixes.render import Dialect, dialect, render

WRITE = {
    "Resource": ["arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"],
    "Action": ["dynamodb:PutItem"],
    "Effect": "Allow",
}


def test_a_statement_reads_as_a_person_would_write_it_in_yaml() -> None:
    assert render([WRITE], "yaml", 4).split("\n") == [
        "    - Effect: Allow",
        "      Action: dynamodb:PutItem",
        "      Resource: !Sub arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders",
    ]


def test_a_statement_reads_as_a_person_would_write_it_in_json() -> None:
    assert render([WRITE], "json", 2).split("\n") == [
        "  {",
        '    "Effect": "Allow",',
        '    "Action": "dynamodb:PutItem",',
        '    "Resource": {',
        '      "Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"',
        "    }",
        "  }",
    ]


def test_several_statements_are_members_of_one_list() -> None:
    statements = [{"Effect": "Allow", "Action": "a:B", "Resource": "*"}, {"Effect": "Deny", "Action": "a:C", "Resource": "*"}]
    assert yaml.safe_load("Statement:\n" + render(statements, "yaml", 2))["Statement"] == statements
    assert json.loads("[" + render(statements, "json", 2) + "]") == statements


def test_no_statements_are_no_text() -> None:
    assert render([], "yaml", 2) == ""
    assert render([], "json", 2) == ""


def test_lists_keep_their_order_and_more_than_one_member() -> None:
    text = render([{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}], "yaml", 0)
    assert text == "- Effect: Allow\n  Action:\n    - s3:PutObject\n    - s3:GetObject\n  Resource: '*'"


def test_the_condition_comes_last_and_unknown_keys_after_it() -> None:
    statement = {"Else": "x", "Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Effect": "Allow", "Sid": "One"}
    keys = [line.split(":")[0] for line in render([statement], "yaml", 0).split("\n") if line[2:3].isalpha()]
    assert keys == ["- Sid", "  Effect", "  Condition", "  Else"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("${Table}", "!Ref Table"),
        ("${AWS::StackId}", "!Ref AWS::StackId"),
        ("${Table.Arn}", "!GetAtt Table.Arn"),
        ("${Nested.Outputs.Arn}", "!GetAtt Nested.Outputs.Arn"),
        ("${Table.Arn}/index/*", "!Sub ${Table.Arn}/index/*"),
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username}/*"),
        ("${Bucket.Arn}/${aws:username}/*", "!Sub ${Bucket.Arn}/${!aws:username}/*"),
        ("${Bucket.Arn}/${!aws:username}/${*}", "!Sub ${Bucket.Arn}/${!aws:username}/${!*}"),
        ("${Bucket.Arn}/a b # c", "!Sub '${Bucket.Arn}/a b # c'"),
    ],
)
def test_references_become_the_shortest_intrinsic_and_variables_of_iam_stay(text: str, written: str) -> None:
    assert render([{"Resource": text}], "yaml", 0) == f"- Resource: {written}"


def test_intrinsics_that_are_already_there_are_left_alone() -> None:
    statement = {"Resource": {"Fn::Sub": ["${A}/x", {"A": "${AWS::Region}"}]}}
    assert json.loads(render([statement], "json", 0)) == statement


def test_what_is_no_text_stays_as_it_is() -> None:
    statement = {"Action": ("a:B", "a:C"), "Condition": {"Null": {"aws:TokenIssueTime": True}}}
    assert json.loads(render([statement], "json", 0)) == statement | {"Action": ["a:B", "a:C"]}
    assert render(["${AWS::Region}"], "yaml", 0) == "- !Ref AWS::Region"


@pytest.mark.parametrize("dialect", ["yaml", "json"])
def test_a_long_arn_stays_on_one_line(dialect: Dialect) -> None:
    arn = "arn:aws:s3:::" + "-".join(["long name"] * 60)
    assert arn in render([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": arn}], dialect, 6)


def test_a_template_that_opens_with_a_brace_is_json() -> None:
    assert dialect('\n  {"Resources": {}}') == "json"
    assert dialect("Resources: {}") == "yaml"
    assert dialect("") == "yaml"


STATEMENTS = some.fixed_dictionaries({"Sid": some.text(), "Action": some.lists(some.text(), min_size=2, max_size=3)})


@given(some.lists(STATEMENTS, min_size=1, max_size=2))
def test_both_dialects_say_the_same(statements: list[dict[str, object]]) -> None:
    """Whatever the texts hold: cfn-flip reads back from YAML what the JSON says."""
    in_yaml = json.loads(to_json("Statement:\n" + render(statements, "yaml", 2)))["Statement"]
    assert in_yaml == json.loads("[" + render(statements, "json", 0) + "]")
