"""What fits on one line? Place, severity, rule and message, for editors, grep and problem matchers."""

from rolelint.engine.findings import Finding
from rolelint.reporters.summary import summary
from rolelint.reporters.terminal import Style, disarmed, place, visible
from rolelint.reporters.wording import tag
from rolelint.verdicts.report import Report


def render(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """One line a finding, then what was read and found."""
    style = Style(colour=colour, links=links)
    return disarmed("\n".join([*(_line(finding, style) for finding in report.active), summary(report)]) + "\n")


def _line(finding: Finding, style: Style) -> str:
    return f"{place(finding.span)}: {tag(finding, style)} {visible(finding.message)}"
