"""What does GitLab show in a merge request? A code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from json import dumps

from rolelint.engine.findings import Finding, Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters.terminal import visible
from rolelint.reporters.wording import sentence
from rolelint.verdicts.fingerprint import fingerprints
from rolelint.verdicts.report import Report

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def render(report: Report) -> str:
    """The findings as a JSON array in ASCII; GitLab shows one of those with equal fingerprints, so there are none."""
    findings = list(report.active)
    named = zip(findings, fingerprints(findings), strict=True)
    return dumps([_issue(finding, name) for finding, name in named], indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    line = finding.span.first.line
    return {
        "description": visible(sentence(finding)),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _severity(finding),
        "location": {"path": finding.span.source.path.removeprefix("./"), "lines": {"begin": line, "end": line}},
    }


def _severity(finding: Finding) -> str:
    """Of what is only possible a merge request says no more than ``minor``."""
    sure = finding.certainty is Certainty.CERTAIN
    return _SEVERITIES[finding.severity if sure else min(finding.severity, Severity.LOW)]
