"""What Ref and GetAtt give: by the table of cases, and the shipped facts against the catalogue."""

from collections import defaultdict
from pathlib import Path
from re import compile as pattern
from typing import Any

import pytest
import yaml

from rolelint.catalogue import actions
from rolelint.iam.globs import covers
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.source import Source
from rolelint.syntax.yaml_reader import read_yaml
from rolelint.template import data
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.intrinsics import get_att, ref
from rolelint.template.template import Template, build
from rolelint.template.values import Text

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases" / "references.yaml").read_text(encoding="utf-8"))
LINES = [line.split("\t") for line in (Path(data.HERE) / "references.tsv").read_text(encoding="ascii").splitlines()]
FORMS = [
    (kind, form)
    for kind, _, name, *attributes in LINES
    for form in (name, *(one.partition("=")[2] for one in attributes))
    if form
]
SLOT = pattern(r"\{[^{}]*\}")
STACK = pattern(r"\$\{\w+\}")
FIXED = pattern(r"\{(?:|lower|\.\w+(?:\.\w+)*|Account|Partition|Region|URLSuffix)\}")
HEAD = "Parameters: {Env: {Type: String}}\nConditions: {Named: !Equals [!Ref Env, prod]}\n"


def template(text: str) -> Template:
    source = Source("template.yaml", text)
    root, _ = read_yaml(source)
    assert isinstance(root, Mapping)
    return build(source, root)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_reference_gives_what_cloudformation_returns(case: dict[str, Any]) -> None:
    resources = "".join(f"  {line}\n" for line in case["resources"].splitlines())
    scope = Scope(template(f"{HEAD}Resources:\n{resources}"))
    key = scope.template.resources["X"].key

    given = {of: ref("X", key, scope) if of == "Ref" else get_att("X", of, key, scope) for of in case["gives"]}

    assert {of: str(value) for of, value in given.items()} == case["gives"]


def test_a_name_taken_from_a_parameter_cannot_be_a_wildcard() -> None:
    scope = Scope(template(f"{HEAD}Resources: {{X: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !Ref Env}}}}}}"))
    value = get_att("X", "QueueName", scope.template.resources["X"].key, scope)

    assert isinstance(value, Text)
    assert value.symbol is not None
    assert (value.symbol.name, value.symbol.free) == ("Env", False)


def test_an_arn_points_at_the_reference_that_it_comes_from() -> None:
    known = template(
        "Resources: {X: {Type: AWS::S3::Bucket, Properties: {BucketName: data}}}\nOutputs: {At: !Sub 'all of ${X.Arn}/*'}"
    )
    outputs = known.root.get("Outputs")
    assert isinstance(outputs, Mapping)
    node = outputs.get("At")
    assert node is not None
    value = evaluate(node, Scope(known))
    assert isinstance(value, Text)

    assert str(value) == "all of arn:${AWS::Partition}:s3:::data/*"
    assert [piece.span.text for piece in value.pieces] == ["all of ", *["${X.Arn}"] * 4, "/*"]


def test_the_table_is_sorted_and_has_each_type_once() -> None:
    kinds = [kind for kind, *_ in LINES]

    assert kinds == sorted(set(kinds))
    assert all(len(line) >= 3 for line in LINES)


def test_every_form_is_one_that_the_table_explains() -> None:
    slots = {slot for _, form in FORMS for slot in SLOT.findall(form)}
    stack = {symbol for _, form in FORMS for symbol in STACK.findall(form)}
    named = {slot for slot in slots if not FIXED.fullmatch(slot)}

    assert stack == {"${Account}", "${Partition}", "${Region}", "${URLSuffix}"}
    assert named <= {"{Path=/}", "{GroupName=default}", "{Cluster=default}", "{EventBusName?/}", "{EventBusName?|}"} | {
        "{FunctionName}",
        "{BrokerName}",
        "{Url-https://}",
        "{Type:application>app|network>net|gateway>gwy}",
    }


def test_every_arn_is_of_a_format_that_the_catalogue_has() -> None:
    formats: dict[str, set[str]] = defaultdict(set)
    for service in actions.services():
        for kind in actions.resource_types(service).values():
            for known in kind.formats:
                formats[known.split(":")[2]].add(SLOT.sub("*", known.replace("${", "{")))
    wrong = []
    for owner, form in FORMS:
        sample = SLOT.sub("x", form.replace("${", "{").replace("{Path=/}", "/").replace("{EventBusName?/}", ""))
        if form.startswith("arn:") and not any(covers(one, sample) for one in formats[form.split(":")[2]]):
            wrong.append((owner, form))

    assert wrong == []
