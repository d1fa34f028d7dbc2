"""What Ref and GetAtt give: by the table of cases, and the shipped facts against the catalogue."""

from collections import defaultdict
from pathlib import Path
from re import compile as pattern
from typing import Any

import pytest
import yaml

from rolelint.catalogue import actions
from rolelint.iam.patterns import covers
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.source import Source
from rolelint.syntax.yaml_reader import read_yaml
from rolelint.template import data, references
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.intrinsics import get_att, ref
from rolelint.template.template import Template, build
from rolelint.template.values import Text

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases" / "references.yaml").read_text(encoding="utf-8"))
LINES = [line.split("\t") for line in (Path(data.HERE) / "references.tsv").read_text(encoding="ascii").splitlines()]
FORMS = [
    (kind, form) for kind, _, name, *attributes in LINES for form in (name, *(one.partition("=")[2] for one in attributes)) if form
]
SLOT = pattern(r"\{[^{}]*\}")


def template(text: str) -> Template:
    source = Source("template.yaml", text)
    root, _ = read_yaml(source)
    assert isinstance(root, Mapping)
    return build(source, root)


def of(case: dict[str, Any]) -> Template:
    properties = case.get("properties", {})
    also = yaml.safe_dump(case.get("also", {}), default_flow_style=True, width=1000).strip()
    shown = properties if isinstance(properties, str) else yaml.safe_dump(properties, default_flow_style=True, width=1000).strip()
    return template(
        "Parameters: {Env: {Type: String}}\nConditions: {Named: !Equals [!Ref Env, prod]}\n"
        f"Resources:\n  X: {{Type: '{case['type']}', Properties: {shown}}}\n" + also[1:-1].join(("  ", "\n"))
        if not case.get("also")
        else "Parameters: {Env: {Type: String}}\n"
        f"Resources: {{X: {{Type: '{case['type']}', Properties: {shown}}}, {also[1:-1]}}}\n"
    )
