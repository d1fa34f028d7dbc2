"""What can be sorted and filtered? A row for each finding, for a spreadsheet.

No cell is a formula: one that would be gets an apostrophe before it. https://owasp.org/www-community/attacks/CSV_Injection
"""

from csv import writer
from io import StringIO

from rolelint.engine.findings import Finding
from rolelint.reporters.terminal import one_line, visible
from rolelint.verdicts.fingerprint import fingerprints
from rolelint.verdicts.report import Report

COLUMNS = (
    "path",
    "line",
    "column",
    "severity",
    "certainty",
    "rule",
    "resource",
    "type",
    "message",
    "assumptions",
    "help",
    "fingerprint",
)

# Spreadsheets take the wide forms of East Asian keyboards for the sign, too.
_BEGIN_FORMULAS = tuple("=+-@＝＋－＠")  # noqa: RUF001 - they are meant


def render(report: Report) -> str:
    """A heading and the findings; cells are quoted where RFC 4180 asks for it."""
    table = StringIO()
    rows = writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    findings = list(report.active)
    for finding, name in zip(findings, fingerprints(findings), strict=True):
        rows.writerow(map(_cell, _row(finding, name)))
    return table.getvalue()


def _row(finding: Finding, fingerprint: str) -> tuple[object, ...]:
    return (
        finding.span.source.path,
        *finding.span.first,
        finding.severity,
        finding.certainty.name.lower(),
        finding.rule,
        finding.owner.id if finding.owner else "",
        finding.owner.type if finding.owner else "",
        finding.message,
        "; ".join(finding.assumptions),
        one_line(finding.help),
        fingerprint,
    )


def _cell(value: object) -> str:
    text = visible(str(value))
    return f"'{text}" if text.lstrip().startswith(_BEGIN_FORMULAS) else text
