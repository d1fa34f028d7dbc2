"""The house: which room may know which, and what start-up may import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "rolelint"
ROW = ("syntax", "template", "iam", "engine", "fixes", "verdicts", "reporters")
CATALOGUE_READERS = {"iam", "engine", "fixes", "catalogue"}
MODULES = sorted(SOURCE.rglob("*.py"))
IN_ROOMS = [path for path in MODULES if path.relative_to(SOURCE).parts[0] in (*ROW, "catalogue")]
"""The others put the row together: they may know every room."""


def imported(path: Path) -> set[str]:
    """The rooms and top modules of rolelint that a module imports, imports inside functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("rolelint"):
            names |= {f"{node.module}.{alias.name}" if node.module == "rolelint" else node.module for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("rolelint")}
    return {name.split(".")[1] for name in names if "." in name}


@pytest.mark.parametrize("path", IN_ROOMS, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_run_one_way_from_reading_to_reporting(path: Path) -> None:
    room = path.relative_to(SOURCE).parts[0]
    known = imported(path)

    if room == "catalogue":
        assert known <= {"catalogue"}
    elif room == "reporters":
        assert known - {"catalogue"} <= {*ROW, "__version__"}, "a report names the catalogue's dates"
    else:
        allowed = {*ROW[: ROW.index(room) + 1], *(("catalogue",) if room in CATALOGUE_READERS else ())}
        assert known <= allowed


def test_every_module_opens_with_what_it_answers() -> None:
    silent = [
        str(path.relative_to(SOURCE)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert silent == []


def test_linting_one_template_imports_nothing_that_is_slow() -> None:
    slow = [
        "cfn_flip",
        "dataclasses",
        "hashlib",
        "importlib.metadata",
        "inspect",
        "logging",
        "pathlib",
        "policy_sentry",
        "subprocess",
    ]
    sample = SOURCE.parent.parent / "sample_templates" / "instance-role-least-privilege.yaml"
    program = (
        "import sys; from rolelint.cli import main; code = main([sys.argv[1]]); "
        f"print(code, [name for name in {slow} if name in sys.modules], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-S", "-c", program, str(sample)], capture_output=True, text=True, check=False, env=_paths()
    )

    assert done.stderr.strip().splitlines()[-1] == "0 []"


def _paths() -> dict[str, str]:
    """An environment for a Python without ``site``: what it would have added to the path."""
    return {"PYTHONPATH": ":".join([str(SOURCE.parent), *sys.path])}
