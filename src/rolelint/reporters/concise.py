"""What fits on one line? Place, severity, rule and message, for editors, grep and problem matchers."""

from rolelint.engine.findings import Finding
from rolelint.iam.patterns import Certainty
from rolelint.reporters.summary import summary
from rolelint.reporters.terminal import disarmed, visible
from rolelint.verdicts.report import Report


def render(report: Report) -> str:
    """One line a finding, then what was read and found."""
    return disarmed("\n".join([*map(_line, report.active), summary(report)]) + "\n")


def _line(finding: Finding) -> str:
    line, column = finding.span.first
    doubt = "" if finding.certainty is Certainty.CERTAIN else "possible "
    what = f"{doubt}{finding.severity}[{visible(finding.rule)}]"
    return f"{visible(finding.span.source.path)}:{line}:{column}: {what} {visible(finding.message)}"
