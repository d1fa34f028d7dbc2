"""Who runs with which role: by the table of cases, and the shipped table by its own rules."""

from pathlib import Path
from re import compile as pattern
from typing import Any

import pytest
import yaml

from rolelint.iam import places
from rolelint.iam.consumers import Use, uses
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.source import Source
from rolelint.syntax.yaml_reader import read_yaml
from rolelint.template.references import is_known
from rolelint.template.template import Template, build

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases" / "consumers.yaml").read_text(encoding="utf-8"))
CONSUMERS = [line.split("\t") for line in (Path(places.HERE) / "consumers.tsv").read_text(encoding="ascii").splitlines()]
HEAD = "Parameters: {Env: {Type: String}}\nConditions: {Prod: !Equals [!Ref Env, prod]}\n"


def template(resources: str) -> Template:
    given = "" if "P:" in resources.split() else "  P: {Type: AWS::IAM::Role}\n"
    indented = "".join(f"  {line}\n" for line in resources.splitlines())
    source = Source("template.yaml", f"{HEAD}Resources:\n{indented}{given}")
    root, _ = read_yaml(source)
    assert isinstance(root, Mapping)
    return build(source, root)


def shown(use: Use) -> str:
    separator = ": " if "$" in str(use.text) else " "
    trusting = ", trusting " + " or ".join(use.expected_service) if use.expected_service else ""
    return f"{use.label} by {'/'.join(use.path)}{separator}{use.text}{trusting}{', code' if use.runs_customer_code else ''}"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_workload_is_found_by_the_property_that_names_its_role(case: dict[str, Any]) -> None:
    known = template(case["resources"])

    assert [shown(use) for use in uses(known, "role")] == case.get("roles", [])
    assert [shown(use) for use in uses(known, "instance_profile")] == case.get("profiles", [])


def test_the_table_is_sorted_and_has_each_property_once() -> None:
    assert sorted(CONSUMERS) == CONSUMERS
    assert len({(kind, path, only) for kind, path, *_, only in CONSUMERS}) == len(CONSUMERS)


@pytest.mark.parametrize(
    ("column", "allowed"),
    [
        (1, r"[\w-]+(?:/(?:[\w-]+|\*|\{\}))*"),
        (2, "arn|name|name_or_arn|instance_profile_arn|instance_profile_name|instance_profile_name_or_arn"),
        (3, r"(?:[a-z0-9-]+\.)+amazonaws\.com(?:\|(?:[a-z0-9-]+\.)+amazonaws\.com)*|"),
        (4, "code|"),
        (5, "[a-z -]*"),
        (6, r"(?:\w+=\w+)?"),
    ],
)
def test_every_line_is_as_the_table_explains(column: int, allowed: str) -> None:
    assert [line for line in CONSUMERS if not pattern(allowed).fullmatch(line[column])] == []


def test_every_type_is_known() -> None:
    assert [kind for kind, *_ in CONSUMERS if not is_known(kind)] == []
