"""Regular expressions that are compiled late are what they would have been."""

import ast
import re
from pathlib import Path

import pytest

from rolelint.cli import main
from rolelint.syntax.regex import pattern

SOURCE = Path(__file__).parent.parent / "src" / "rolelint"


def test_a_pattern_answers_like_a_compiled_one() -> None:
    late, known = pattern("(a)b*", re.IGNORECASE), re.compile("(a)b*", re.IGNORECASE)

    assert late.sub("-", "xABBa") == known.sub("-", "xABBa") == "x--"
    assert [one.span(1) for one in late.finditer("abA")] == [(0, 1), (2, 3)]
    assert late.pattern == known.pattern
    assert late.fullmatch("b") is None


def expressions() -> list[tuple[str, str, int]]:
    """The expressions at the top of modules that are written out in one piece."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            call = node.value if isinstance(node, ast.Assign) else None
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("pattern", "compile_pattern"):
                given = call.args[0]
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    found.append((str(path.relative_to(SOURCE)), given.value, node.lineno))
    return found


@pytest.mark.parametrize(("path", "source", "line"), expressions())
def test_every_expression_compiles(path: str, source: str, line: int) -> None:
    assert re.compile(source) is not None, f"{path}:{line}"


TEMPLATE = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: 's3:GetObject', Resource: RESOURCE, Condition: {StringLike: {'s3:prefix': VALUE}}}
"""
MANY = 100_000


@pytest.mark.parametrize(
    ("resource", "value"),
    [
        (f"!Sub '{'${' * MANY}'", "a"),
        ("'*'", f"'{'${a:' * MANY}'"),
        ("'*'", f"'{'{{resolve:' * MANY}'"),
        ("'*'", f"'secret_key{' ' * MANY}.'"),
        (f"'arn:{'${a}' * 500}'", "a"),
    ],
    ids=["variables of Fn::Sub", "variables of policies", "dynamic references", "names of secrets", "holes in an ARN"],
)
def test_text_made_to_be_searched_again_and_again_is_read_like_any_other(
    resource: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Were the work to grow with the square of the length, this would not end today."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.replace("RESOURCE", resource).replace("VALUE", value))

    assert main([str(path), "--select", "ALL", "--format", "concise"]) in (0, 1)
    assert main(["inspect", str(path)]) == 0
    assert "error" not in capsys.readouterr().err
