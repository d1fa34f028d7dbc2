"""Which findings a template's own comments excuse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint.engine.findings import Finding
from rolelint.lint import Run

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "suppressions.yaml").read_text(encoding="utf-8"))
ABOUT_COMMENTS = ("unused-suppression", "suppression-without-reason")


def line(finding: Finding) -> int:
    return finding.span.first.line


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_comment_excuses_what_it_names_where_it_stands(case: dict[str, Any], run_on: Callable[..., Run]) -> None:
    name = "policy.json" if case["text"].startswith("{") else "policy.yaml"

    run = run_on({name: case["text"]}, *case.get("rules", ["passrole-any-role"]), *ABOUT_COMMENTS)

    verdicts = run.report.verdicts
    excused = {line(one.finding): one.reason for one in verdicts if one.status == "suppressed"}
    stand = [line(one) for one in run.report.active if one.rule not in ABOUT_COMMENTS]
    said = [f"{line(one)}: {one.message.partition(' → ')[0]}" for one in run.report.active if one.rule in ABOUT_COMMENTS]
    assert not run.failures
    assert excused == case.get("excused", {})
    assert stand == case.get("stand", [])
    assert [text.lower() for text in said] == [text.lower() for text in case.get("said", [])]


def test_an_excused_finding_is_classified_and_never_lost(run_on: Callable[..., Run]) -> None:
    text = 'Statement: {Effect: Allow, Action: iam:PassRole, Resource: "*"}  # rolelint: ignore[passrole-any-role] sandbox\n'

    report = run_on({"policy.yaml": text}, "passrole-any-role").report

    assert [(one.finding.rule, one.status, one.reason) for one in report.verdicts] == [
        ("passrole-any-role", "suppressed", "sandbox")
    ]
    assert report.suppressed == 1
