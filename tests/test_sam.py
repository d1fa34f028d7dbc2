"""What SAM makes of its resources: what it grants, and where that is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from rolelint.iam.access import read_access
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.pointers import json_pointer, steps_to
from rolelint.syntax.reader import read
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.sam import data_files
from rolelint.template.template import build
from rolelint.template.values import Choice, Fields, Items, NoValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolelint.syntax.nodes import Node
    from rolelint.template.template import Resource, Template
    from rolelint.template.values import Value

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "sam.yaml").read_text(encoding="utf-8"))
MANAGED = "arn:${AWS::Partition}:iam::aws:policy/"


def expanded(text: str) -> Template:
    parsed = read("template.yaml", text.encode())
    assert isinstance(parsed.root, Mapping)
    return build(parsed.source, parsed.root)


def plain(value: Value) -> Any:
    match value:
        case Text():
            return str(value)
        case Items():
            return [plain(item) for item in value.items if not isinstance(item, NoValue)]
        case Fields():
            return {str(field.key): plain(field.value) for field in value.fields}
        case Choice():
            found = {f"when {' and '.join(map(str, case.when))}": plain(case.value) for case in value.cases}
            return (
                found
                if any(isinstance(one, dict) for one in found.values())
                else " or ".join(f"{v} {k}" for k, v in found.items())
            )
        case _:
            return "nothing" if isinstance(value, NoValue) else value.reason


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def joined(value: Any) -> str:
    return ", ".join(map(str, listed(value)))


def statement(one: dict[str, Any]) -> str:
    words = [one["Effect"].lower(), joined(one["Action"]), "on", joined(one["Resource"])]
    if "Principal" in one:
        principal = one["Principal"]
        words += ["to", joined(next(iter(principal.values()))) if isinstance(principal, dict) else principal]
    for operator, keys in one.get("Condition", {}).items():
        words += [f"if {key} {operator} {joined(values)}" for key, values in keys.items()]
    return " ".join(words)


def described(resource: Resource, template: Template) -> Iterator[str]:
    """What a made resource grants, a line a grant."""
    assert resource.properties is not None
    properties = plain(evaluate(resource.properties, Scope(template)))
    match resource.type:
        case "AWS::IAM::Role":
            trusted = properties["AssumeRolePolicyDocument"]["Statement"]
            yield from (f"trusted by {joined(next(iter(one['Principal'].values())))}" for one in listed(trusted))
            yield from (f"managed {arn.removeprefix(MANAGED)}" for arn in properties.get("ManagedPolicyArns", ()))
            for policy in properties.get("Policies", ()):
                for when, one in (("", policy),) if "PolicyDocument" in policy else policy.items():
                    if one != "nothing":
                        yield from (f"{statement(each)} {when}".strip() for each in listed(one["PolicyDocument"]["Statement"]))
            yield from (f"{word} {properties[word]}" for word in ("Path", "PermissionsBoundary") if word in properties)
        case "AWS::Lambda::Permission":
            more = [f"{key} {properties[key]}" for key in ("SourceArn", "SourceAccount", "EventSourceToken") if key in properties]
            words = (properties["Action"], "on", properties["FunctionName"], "to", properties["Principal"])
            yield " ".join((*words, *(f"if {one}" for one in more)))
        case _:
            yield from map(statement, listed(properties["PolicyDocument"]["Statement"]))
            yield from (f"for {joined(properties[word])}" for word in ("Roles", "Queues", "Topics") if word in properties)
    if resource.condition:
        yield f"when {resource.condition}"


def made(template: Template) -> dict[str, list[str]]:
    """What each made resource grants, those that grant nothing left out."""
    kinds = ("::Role", "::Permission", "::ManagedPolicy", "::QueuePolicy", "::TopicPolicy")
    found = (one for one in template.resources.values() if one.cause is not None and one.type.endswith(kinds))
    return {one.id: list(described(one, template)) for one in found}


def at(node: Node | None, template: Template) -> str:
    assert node is not None
    return json_pointer(steps_to(template.root, node.span.start))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sam_makes_exactly_what_a_case_says(case: dict[str, Any]) -> None:
    assert made(expanded(case["template"])) == case["makes"]
