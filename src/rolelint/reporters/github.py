"""What does GitHub show beside the lines of a pull request? Workflow commands, the most severe findings first.

GitHub shows ten annotations of each level for a step and keeps the others in the log.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections import Counter

from rolelint.engine.findings import Finding
from rolelint.reporters.summary import summary
from rolelint.reporters.terminal import disarmed, visible
from rolelint.reporters.wording import label, level, sentence
from rolelint.verdicts.report import Report

MOST_SHOWN = 10
"""Annotations of one level that GitHub shows for a step."""

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report) -> str:
    """A workflow command for each finding, then the summary as lines of the log."""
    findings = sorted(report.active, key=lambda one: (-one.severity, -one.certainty))
    # The sum comes first: among the notices it would be lost when there are too many of them.
    lines = [*_told_beforehand(findings), *map(_command, findings), disarmed(summary(report))]
    return "\n".join(lines) + "\n"


def _told_beforehand(findings: list[Finding]) -> list[str]:
    counts = Counter(level(finding) for finding in findings)
    shown = sum(min(count, MOST_SHOWN - (name == "note")) for name, count in counts.items())
    if shown == len(findings):
        return []
    return [
        f"::notice title=rolelint::{len(findings)} findings, of which GitHub shows {shown} here; the log of this step has all"
    ]


def _command(finding: Finding) -> str:
    span = finding.span.on_one_line()
    properties = {
        "file": finding.span.source.path,
        "line": span.first.line,
        "col": span.first.column,
        "endLine": span.last.line,
        "endColumn": span.last.column,
        "title": f"{label(finding)} [{finding.rule}]",
    }
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[level(finding)]} {written}::{_data(sentence(finding))}"


def _data(text: str) -> str:
    return disarmed(visible(text)).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
