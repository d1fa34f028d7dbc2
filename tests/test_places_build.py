"""Does the tool that looks for new places see them? On small schemas, without the network."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rolelint.template.references import is_known

TOOLS = Path(__file__).parent.parent / "tools"


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("build_places")


def schema(properties: dict[str, Any], **others: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a schema
    return {"typeName": "AWS::IAM::Role", "properties": properties, **others}


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"NewPolicyDocument": {"format": "json"}}, [("NewPolicyDocument", "free-form")]),
        ({"NewPolicy": {"type": "string"}, "NewPolicyArn": {"type": "string"}}, [("NewPolicy", "text")]),
        ({"Rules": {"type": "object", "description": "Who has permission"}}, [("Rules", "free-form")]),
        ({"Text": {"type": "string", "description": "A resource-based policy"}}, [("Text", "description")]),
        ({"PolicyMode": {"type": "string", "enum": ["a"]}, "Size": {"type": "object"}}, []),
        ({"All": {"items": {"properties": {"Policy": {"type": ["object", "string"]}}}}}, [("All/*/Policy", "free-form")]),
        ({"Any": {"patternProperties": {".": {"properties": {"Policy": {"type": "string"}}}}}}, [("Any/{}/Policy", "text")]),
    ],
)
def test_a_property_that_may_hold_a_policy_is_a_candidate(
    builder: ModuleType, properties: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    candidates = builder.policy_candidates("AWS::IAM::Role", schema(properties))

    assert [(one.path, one.signal) for one in candidates] == found


def test_a_resource_is_a_candidate_by_what_its_handlers_do_and_by_its_name(builder: ModuleType) -> None:
    puts = schema({}, handlers={"create": {"permissions": ["s3:PutObject", "s3:PutBucketPolicy"]}})
    encrypts = schema({}, handlers={"create": {"permissions": ["kms:CreateGrant"]}})

    assert [one.signal for one in builder.whole_candidates("AWS::A::B", puts)] == ["handler"]
    assert list(builder.whole_candidates("AWS::A::B", encrypts)) == []
    assert [one.signal for one in builder.whole_candidates("AWS::A::ShareGrant", encrypts)] == ["type"]


def test_what_a_table_has_is_not_asked_about_again(builder: ModuleType) -> None:
    known = schema({"AssumeRolePolicyDocument": {"type": "object"}, "RoleArn": {"format": "AWS::IAM::Role.Arn"}})
    new = schema({"Policy": {"format": "json"}, "RunAs": {"format": "AWS::IAM::Role.Arn"}})

    assert [one.path for one in builder.unclassified({"AWS::IAM::Role": known})] == ["RoleArn"]
    assert [tuple(one) for one in builder.unclassified({"Acme::New::Type": new})] == [
        ("Acme::New::Type", ".", "new type"),
        ("Acme::New::Type", "Policy", "free-form"),
        ("Acme::New::Type", "RunAs", "role"),
    ]


def test_a_row_that_no_schema_has_is_told(builder: ModuleType) -> None:
    lost = list(builder.absent({"AWS::IAM::Role": schema({"AssumeRolePolicyDocument": {"type": "object"}})}))

    assert ("places.tsv", "AWS::IAM::Role", "PermissionsBoundary") in lost
    assert ("places.tsv", "AWS::IAM::Role", "AssumeRolePolicyDocument") not in lost
    assert ("consumers.tsv", "AWS::Lambda::Function", "Role") in lost


def test_a_definition_that_holds_itself_ends(builder: ModuleType) -> None:
    statement = {"properties": {"Not": {"$ref": "#/definitions/Statement"}, "Policy": {"type": "string"}}}
    known = schema({"Rule": {"$ref": "#/definitions/Statement"}}, definitions={"Statement": statement})

    assert sorted(one.path for one in builder.properties("AWS::IAM::Role", known)) == ["Rule", "Rule/Policy"]


def test_what_was_reviewed_is_sorted_and_of_known_types(builder: ModuleType) -> None:
    rows = builder.read_table(builder.REVIEWED)

    assert rows == sorted(rows)
    assert [kind for kind, *_ in rows if not is_known(kind)] == []
    assert all(len(row) == 3 for row in rows)
