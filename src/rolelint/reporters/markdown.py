"""What stands on the page of a CI job? A table of the findings and what to do about them, for ``$GITHUB_STEP_SUMMARY``."""

from collections import Counter
from collections.abc import Iterator

from rolelint.engine.findings import Finding
from rolelint.reporters.markup import code, escaped
from rolelint.reporters.summary import counted, summary
from rolelint.reporters.terminal import visible
from rolelint.reporters.wording import label, sentence
from rolelint.syntax.regex import pattern
from rolelint.verdicts.report import Report

MOST_BYTES = 900_000
"""GitHub drops the summary of a step that has more than 1 MiB."""

_MENTION = pattern(r"@(?=\w)")


def render(report: Report) -> str:
    """The summary, the findings with the most severe first, and the advice of each rule once."""
    findings = sorted(report.active, key=lambda one: (-one.severity, -one.certainty))
    parts = ["## rolelint", *map(_prose, summary(report).split("\n"))]
    if findings:
        rows = list(_within_limit(findings))
        parts.append("\n".join(["| severity | finding | where |", "|---|---|---|", *rows]))
        if left := len(findings) - len(rows):
            parts.append(f"And {counted(left, 'more finding')}, for which there is no room here.")
        parts += ["### What to do", "\n".join(_advice(findings))]
    return "\n\n".join(parts) + "\n"


def _within_limit(findings: list[Finding]) -> Iterator[str]:
    room = MOST_BYTES
    for row in map(_row, findings):
        room -= len(row.encode()) + 1
        if room < 0:
            return
        yield row


def _row(finding: Finding) -> str:
    where = f"{visible(finding.span.source.path)}:{finding.span.first.line}"
    construct = f"<br>{code(finding.owner.construct)}" if finding.owner and finding.owner.construct else ""
    cells = (label(finding), f"{_prose(sentence(finding))}<br>{code(finding.rule)}", f"{code(where)}{construct}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _advice(findings: list[Finding]) -> Iterator[str]:
    counts = Counter(finding.rule for finding in findings)
    helps = {finding.rule: finding.help for finding in findings}
    for rule, count in counts.items():
        yield f"- {code(rule)} ({count}): {_prose(helps[rule])}"


def _prose(text: str) -> str:
    """Prose that also calls nobody by name: the summary may be posted as a comment."""
    return _MENTION.sub("@<!-- -->", escaped(text))
