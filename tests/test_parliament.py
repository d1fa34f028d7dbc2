"""Parliament as a second opinion: our rules against its own, and its findings at the characters of the template."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint import parliament
from rolelint.engine.findings import Finding
from rolelint.engine.rulebook import Rulebook
from rolelint.lint import Run, lint
from rolelint.parliament import Parliament, Unavailable
from rolelint.reporters import sarif
from rolelint.standard import Standard
from rolelint.syntax.files import Input

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "parliament.yaml").read_text(encoding="utf-8"))
WRONG = [case for case in CASES if "rule" in case]
RIGHT = [case for case in CASES if "rule" not in case]
VALIDITY = {case["rule"] for case in WRONG}
AUDITOR = """
def audit(policy):
    for statement in policy.statements:
        for action in statement.stmt["Action"]:
            if action.value.startswith("dynamodb:"):
                policy.add_finding("TEAM_TABLES", detail="use the service", location=action)
"""
TEMPLATE = """
Parameters: {Stage: {Type: String}}
Resources:
  Worker:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action:
              - s3:GetObject
              - dynamodb:GetItem
            Resource: "*"
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub arn:aws:s3:::orders-${Stage}
"""


def policy(case: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [case["statement"]]})


def titles(cases: list[dict[str, Any]]) -> list[str]:
    return [case["title"] for case in cases]


@pytest.fixture(scope="module")
def installed() -> Parliament:
    try:
        return parliament.parliament()
    except Unavailable:
        pytest.skip("the extra parliament is not installed")


@pytest.mark.parametrize("case", WRONG, ids=titles(WRONG))
def test_a_mistake_is_found(case: dict[str, Any], findings_in: Callable[..., list[Finding]]) -> None:
    assert [one.rule for one in findings_in(policy(case), case["rule"])] == [case["rule"]]


@pytest.mark.parametrize("case", RIGHT, ids=titles(RIGHT))
def test_what_is_right_is_left_alone(case: dict[str, Any], findings_in: Callable[..., list[Finding]]) -> None:
    assert findings_in(policy(case), *VALIDITY) == []


@pytest.mark.parametrize("case", WRONG, ids=titles(WRONG))
def test_parliament_finds_the_same_mistake(case: dict[str, Any], installed: Parliament) -> None:
    found = installed.module.analyze_policy_string(policy(case)).findings

    assert case["issue"] in {one.issue for one in found}


@pytest.mark.parametrize("case", RIGHT, ids=titles(RIGHT))
def test_parliament_leaves_it_alone_too(case: dict[str, Any], installed: Parliament) -> None:
    assert installed.module.analyze_policy_string(policy(case)).findings == []


@pytest.fixture
def auditors(tmp_path: Path, installed: Parliament) -> Parliament:
    assert installed.module
    (tmp_path / "tables.py").write_text(AUDITOR, encoding="utf-8")
    (tmp_path / "config_override.yaml").write_text("TEAM_TABLES: {title: No tables, severity: HIGH}\n", encoding="utf-8")
    return parliament.parliament(str(tmp_path))


def second_opinion(text: str, other: Parliament, rulebook: Rulebook) -> Run:
    book = other.rulebook(rulebook)
    rules = tuple(rule for rule in book.rules if rule.name.startswith(parliament.NAME) or rule.name == "unused-suppression")
    standard = Standard(book, rules, others=(other.judge,))
    return lint([Input("template.yaml", text.encode(), named=True)], standard.everywhere)


def told(run: Run) -> list[tuple[str, int, int, str]]:
    places = ((one.span.first.line, one.span.first.column) for one in run.report.active)
    return [
        (one.rule.removeprefix("parliament/"), *place, one.certainty.name)
        for one, place in zip(run.report.active, places, strict=True)
    ]


def test_findings_stand_where_the_template_says_it(auditors: Parliament, rulebook: Rulebook) -> None:
    assert told(second_opinion(TEMPLATE, auditors, rulebook)) == [
        ("RESOURCE_STAR", 11, 13, "CERTAIN"),
        ("TEAM_TABLES", 13, 17, "CERTAIN"),
        ("RESOURCE_MISMATCH", 16, 13, "POSSIBLE"),
    ]


def test_a_comment_excuses_an_auditors_finding(auditors: Parliament, rulebook: Rulebook) -> None:
    text = TEMPLATE.replace("- dynamodb:GetItem", "- dynamodb:GetItem  # rolelint: ignore[parliament/TEAM_TABLES] a migration")

    assert "TEAM_TABLES" not in {one[0] for one in told(second_opinion(text, auditors, rulebook))}


def test_the_sarif_report_describes_an_auditors_rule(auditors: Parliament, rulebook: Rulebook) -> None:
    log = json.loads(sarif.render(second_opinion(TEMPLATE, auditors, rulebook).report))

    described = {rule["id"]: rule["shortDescription"]["text"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert described["parliament/TEAM_TABLES"] == "No tables."


def test_an_auditor_that_fails_is_told(tmp_path: Path, installed: Parliament, rulebook: Rulebook) -> None:
    assert installed.module
    (tmp_path / "broken.py").write_text("def audit(policy):\n    raise ValueError\n", encoding="utf-8")

    done = second_opinion(TEMPLATE, parliament.parliament(str(tmp_path)), rulebook)

    assert [one.message for one in done.failures] == ["the rule parliament failed on template.yaml"]


def test_an_issue_that_nobody_described_is_told(tmp_path: Path, installed: Parliament, rulebook: Rulebook) -> None:
    assert installed.module
    (tmp_path / "tables.py").write_text(AUDITOR, encoding="utf-8")

    found = second_opinion(TEMPLATE, parliament.parliament(str(tmp_path)), rulebook).report.active

    assert "TEAM_TABLES, which no config_override.yaml describes" in {one.message for one in found}


def test_a_folder_without_auditors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no auditor in it"):
        parliament.parliament(str(tmp_path))
