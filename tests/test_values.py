"""What values come to, by the table of cases."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint.syntax.nodes import Mapping
from rolelint.syntax.source import Source
from rolelint.syntax.yaml_reader import read_yaml
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import build
from rolelint.template.values import Text, Unknown, Value, alternatives

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "values.yaml").read_text(encoding="utf-8"))


def shown(value: Value) -> list[str]:
    texts = []
    for when, known in alternatives(value):
        condition = "".join(f"{assumption}: " for assumption in when)
        match known:
            case Text():
                allowed = known.symbol.allowed if known.symbol else ()
                texts.append(condition + str(known) + (f" of {', '.join(allowed)}" if allowed else ""))
            case Unknown(reason=reason):
                texts.append(f"{condition}unknown: {reason}")
            case _:
                texts.append(condition + type(known).__name__)
    return texts


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_value_comes_to_what_cloudformation_makes_of_it(case: dict[str, Any]) -> None:
    sections = case.get("sections", "")
    if "Resources:" not in sections:
        sections += "\nResources: {X: {Type: 'A::B'}}"
    source = Source("template.yaml", f"{sections}\nOutputs: {{Out: {{Value: {case['value']}}}}}\n")
    root, _ = read_yaml(source)
    assert isinstance(root, Mapping)
    node = root.get("Outputs")
    assert isinstance(node, Mapping)
    output = node.get("Out")
    assert isinstance(output, Mapping)
    written = output.get("Value")
    assert written is not None

    assert shown(evaluate(written, Scope(build(source, root)))) == case["is"]
