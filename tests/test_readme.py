"""README.md shows what the program prints. ROLELINT_UPDATE=1 writes it anew."""

import contextlib
import io
import os
import re
import shlex
from pathlib import Path

import pytest

from rolelint.catalogue.meta import meta
from rolelint.cli import main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n\$ rolelint ([^\n]*)\n(.*?)```", re.DOTALL)


def printed(arguments: str) -> str:
    said = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        main(shlex.split(arguments))
    return said.getvalue()


def test_the_readme_shows_what_the_program_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    written = README.read_text(encoding="utf-8")

    current = BLOCK.sub(lambda block: f"```console\n$ rolelint {block[1]}\n{printed(block[1])}```", written)

    if os.environ.get("ROLELINT_UPDATE"):
        README.write_text(current, encoding="utf-8", newline="\n")
        written = current
    assert BLOCK.findall(written)
    assert written == current


def test_the_readme_counts_what_the_catalogue_holds() -> None:
    counts = meta().counts
    written = README.read_text(encoding="utf-8")

    assert f"{counts['actions']:,} actions" in written
    assert f"{counts['policies']:,} managed policies" in written


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))

    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


@pytest.mark.parametrize(
    "command",
    ["python -m pip install . && rolelint sample_templates/*.yaml", "python -m pip install -e '.[test]' && python -m pytest"],
)
def test_two_commands_are_all_the_set_up_there_is(command: str) -> None:
    assert f"```console\n{command}\n```" in README.read_text(encoding="utf-8")
