"""What can be read line by line? Each finding as in the JSON report, one on a line, for jq and logs."""

from json import dumps

from rolelint.reporters.json_report import as_data
from rolelint.verdicts.fingerprint import fingerprints
from rolelint.verdicts.report import Report


def render(report: Report) -> str:
    """The findings in ASCII, one on a line; nothing at all when there are none."""
    findings = list(report.active)
    named = zip(findings, fingerprints(findings), strict=True)
    return "".join(f"{dumps(as_data(finding, name))}\n" for finding, name in named)
