"""What ``rolelint inspect`` lists: every place and every principal, by the tables of cases, and how people are shown them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from rolelint.cli import main

HERE = Path(__file__).parent
SAMPLES = sorted((HERE.parent / "sample_templates").iterdir())
SCHEMA = HERE.parent / "src" / "rolelint" / "reporters" / "schema" / "inspect-v1.json"

Captured = pytest.CaptureFixture[str]


def _cases() -> Iterator[Any]:
    for file in sorted((HERE / "cases" / "inspection").iterdir()):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(case, id=case["name"])


CASES = list(_cases())


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """The schema that ships with the package."""
    plain = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(plain)
    return Draft202012Validator(plain)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(case: dict[str, Any], here: Path) -> str:
    """The name of the case's template, once it is in a file."""
    files: dict[str, str] = case.get("files") or {"template.yaml": case["template"]}
    for name, text in files.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text, encoding="utf-8")
    return next(iter(files))


def inspected(name: str, capsys: Captured) -> Any:  # noqa: ANN401 - what JSON holds
    assert main(["inspect", name, "--format", "json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return json.loads(said.out)


def shown(place: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """A place as a row of a case writes it: the keys of the row, those that tell places apart and those that must not lie."""
    start = f"{place['start']['line']}:{place['start']['column']}"
    always = ("resource", "path", "kind", "when", "unknown", "generated", "effective", "encoding")
    return {key: value for key, value in {**place, "start": start}.items() if key in like or key in always}


@pytest.mark.parametrize("case", CASES)
def test_inspect_lists_every_place_and_says_what_it_holds(case: dict[str, Any], here: Path, capsys: Captured) -> None:
    (template,) = inspected(written(case, here), capsys)["templates"]
    silent = {"when": [], "unknown": False, "generated": False, "effective": True, "encoding": "object"}
    expected = [{**silent, **place} for place in case["places"]]

    found = template["places"]
    assert [name(place) for place in found] == [name(place) for place in expected]
    assert [shown(place, like) for place, like in zip(found, expected, strict=True)] == expected


def name(place: dict[str, Any]) -> str:
    return f"{place['kind']} {place['resource']}.{place['path']} {' '.join(place['when'])}".rstrip()
