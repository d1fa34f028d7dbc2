"""What every test may use: rolelint run on a text."""

from collections.abc import Callable

import pytest

from rolelint.engine.findings import Finding
from rolelint.engine.rulebook import Rulebook, builtin
from rolelint.lint import Run, lint
from rolelint.syntax.files import Input


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The built-in rules."""
    return builtin()


@pytest.fixture(scope="session")
def run_on(rulebook: Rulebook) -> Callable[..., Run]:
    """Lint texts, by file name, with some rules (all of them unless named)."""

    def run(texts: dict[str, str], *names: str) -> Run:
        rules = [rule for rule in rulebook.rules if not names or rule.name in names]
        return lint([Input(path, text.encode(), named=True) for path, text in texts.items()], rulebook, rules)

    return run


@pytest.fixture(scope="session")
def findings_in(run_on: Callable[..., Run]) -> Callable[..., list[Finding]]:
    """The findings that stand in one template, given as text."""

    def findings(text: str, *names: str) -> list[Finding]:
        run = run_on({"template.json" if text.lstrip().startswith("{") else "template.yaml": text}, *names)
        assert not run.failures, run.failures
        return list(run.report.active)

    return findings
