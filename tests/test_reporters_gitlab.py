"""The GitLab format: a code quality report, within the schema that GitLab's documentation gives."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from made_reports import found, read, reported

from rolelint.engine.findings import Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters import gitlab
from rolelint.syntax.source import Source, Span

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
COUNT = {"type": "integer", "minimum": 1}
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": COUNT},
                    },
                },
            },
        },
    },
}


def issues(*findings: Any) -> Any:  # noqa: ANN401  JSON of any shape
    return read(gitlab.render, reported(*findings))


def test_a_report_keeps_to_the_schema_of_gitlab() -> None:
    validator = Draft202012Validator(SCHEMA)
    below = found(span=Span(Source("./a.yaml", "x"), 0, 1), certainty=Certainty.POSSIBLE, owner=None)
    for findings in ((), (found(), found(), below)):
        validator.validate(issues(*findings))


def test_equal_findings_have_different_fingerprints() -> None:
    """Of equal ones GitLab shows only the first."""
    first, second = issues(found(), found())
    assert first["fingerprint"] != second["fingerprint"]


@pytest.mark.parametrize(
    ("severity", "certainty", "told"),
    [
        (Severity.CRITICAL, Certainty.CERTAIN, "blocker"),
        (Severity.HIGH, Certainty.CERTAIN, "critical"),
        (Severity.MEDIUM, Certainty.CERTAIN, "major"),
        (Severity.LOW, Certainty.CERTAIN, "minor"),
        (Severity.INFO, Certainty.CERTAIN, "info"),
        (Severity.CRITICAL, Certainty.POSSIBLE, "minor"),
        (Severity.INFO, Certainty.POSSIBLE, "info"),
    ],
)
def test_severities_are_those_of_gitlab(severity: Severity, certainty: Certainty, told: str) -> None:
    issue = issues(found(severity=severity, certainty=certainty))[0]
    assert issue["severity"] == told
    assert issue["description"].startswith("Possible: ") == (certainty is Certainty.POSSIBLE)
