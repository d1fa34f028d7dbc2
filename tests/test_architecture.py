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
WITHOUT_ROOM = {"tuples"}
"""What every room may know: it says nothing about templates."""


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
    known = imported(path) - WITHOUT_ROOM

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


def test_named_tuples_are_those_that_cost_little() -> None:
    dear = [
        str(path.relative_to(SOURCE))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "typing" and any(one.name == "NamedTuple" for one in node.names)
    ]

    assert dear == ["tuples.py"], "import NamedTuple from rolelint.tuples"


SLOW = (
    "ast",
    "cfn_flip",
    "dataclasses",
    "difflib",
    "fractions",
    "hashlib",
    "importlib.metadata",
    "inspect",
    "logging",
    "pathlib",
    "policy_sentry",
    "random",
    "shutil",
    "subprocess",
    "tempfile",
    "textwrap",
    "tomllib",
    "zipfile",
)
"""Modules of other people that a template without findings needs nothing of."""


@pytest.mark.parametrize(
    ("arguments", "needless"),
    [
        (["instance-role-least-privilege.yaml"], ()),
        (["instance-role.json"], ("yaml",)),
        (["--version"], ("yaml", "rolelint.lint", "rolelint.engine.rulebook")),
    ],
)
def test_a_start_imports_nothing_that_is_slow(arguments: list[str], needless: tuple[str, ...]) -> None:
    _run("from rolelint.engine.rulebook import builtin; builtin()")  # in a checkout, the first start compiles the rules
    program = (
        "import sys; from rolelint.cli import main; code = main(['--isolated', *sys.argv[1:]]); "
        f"print(code, [name for name in {(*SLOW, *needless)} if name in sys.modules], file=sys.stderr)"
    )

    assert _run(program, *arguments).strip().splitlines()[-1] == "0 []"


def _run(program: str, *arguments: str) -> str:
    """What a Python without ``site`` says on standard error."""
    command = [sys.executable, "-S", "-c", program, *arguments]
    samples = SOURCE.parent.parent / "sample_templates"
    return subprocess.run(command, capture_output=True, text=True, check=False, env=_paths(), cwd=samples).stderr


def _paths() -> dict[str, str]:
    """An environment for a Python without ``site``: what it would have added to the path."""
    return {"PYTHONPATH": ":".join([str(SOURCE.parent), *sys.path])}
