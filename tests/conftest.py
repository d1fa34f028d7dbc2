"""What every test may use: rolelint run on a text."""

from collections.abc import Callable

import pytest
from hypothesis import settings

from rolelint.engine.findings import Finding
from rolelint.engine.rulebook import Rulebook, builtin
from rolelint.engine.trusted import NOBODY, Trusted
from rolelint.lint import Run, lint
from rolelint.standard import Standard
from rolelint.syntax.files import Input

# A slow machine is no bug, and what fails once must fail again.
settings.register_profile("rolelint", deadline=None, derandomize=True)
settings.load_profile("rolelint")

TODAY = "2026-11-23"
"""The day on which the tests lint."""


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The built-in rules."""
    return builtin()


@pytest.fixture(scope="session")
def run_on(rulebook: Rulebook) -> Callable[..., Run]:
    """Lint texts, by file name, with some rules (all of them unless named)."""

    def run(texts: dict[str, str], *names: str, trusted: Trusted = NOBODY) -> Run:
        rules = tuple(rule for rule in rulebook.rules if not names or rule.name in names)
        inputs = [Input(path, text.encode(), named=True) for path, text in texts.items()]
        return lint(inputs, Standard(rulebook, rules, trusted=trusted).everywhere, today=TODAY)

    return run


@pytest.fixture(scope="session")
def findings_in(run_on: Callable[..., Run]) -> Callable[..., list[Finding]]:
    """The findings that stand in one template, given as text."""

    def findings(text: str, *names: str, trusted: Trusted = NOBODY) -> list[Finding]:
        run = run_on({"template.json" if text.lstrip().startswith("{") else "template.yaml": text}, *names, trusted=trusted)
        assert not run.failures, run.failures
        return list(run.report.active)

    return findings
