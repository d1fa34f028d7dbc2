"""What was read, what was found and what could not be judged, in a few words?"""

from collections import Counter
from collections.abc import Iterator

from rolelint.engine.findings import Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters.terminal import visible
from rolelint.verdicts.report import Report

MOST_REASONS = 5
"""Reasons for not judging or skipping that are named; the cases behind the others are only counted."""


def summary(report: Report) -> str:
    """The lines at the end of every report that a person reads."""
    return "\n".join(_lines(report))


def not_judged(report: Report) -> str:
    """How many places could not be judged, and why; empty when there are none."""
    reasons = [place.reason for place in report.unjudged]
    return f"{counted(len(reasons), 'place')} not judged: {_by_frequency(reasons)}." if reasons else ""


def skipped(report: Report) -> str:
    """How many files were not linted, and why; empty when there are none."""
    reasons = [file.reason for file in report.skipped]
    return f"{counted(len(reasons), 'file')} skipped: {_by_frequency(reasons)}." if reasons else ""


def _by_frequency(reasons: list[str]) -> str:
    counts = sorted(Counter(reasons).items(), key=lambda pair: (-pair[1], pair[0]))
    named = [f"{visible(reason)} {count}" for reason, count in counts[:MOST_REASONS]]
    if rest := sum(count for _, count in counts[MOST_REASONS:]):
        named.append(f"other reasons {rest}")
    return ", ".join(named)


def counted(count: int, noun: str) -> str:
    """A number with its noun in the number that fits."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _lines(report: Report) -> Iterator[str]:
    yield _outcome(report)
    if places := not_judged(report):
        yield places
    if report.skipped:
        yield f"{counted(len(report.skipped), 'file')} skipped."


def _outcome(report: Report) -> str:
    findings = list(report.active)
    if not findings and not report.templates:
        return "No templates to judge."
    read = f"{counted(report.principals, 'principal')}, {counted(report.statements, 'statement')}"
    where = f"in {counted(report.templates, 'template')} ({read})"
    excused = [f"{count} {status}" for status, count in _statuses(report)]
    if not findings:
        return "; ".join([f"No overbroad grants {where}", *excused]) + "."
    by_severity = Counter(finding.severity for finding in findings)
    severities = ", ".join(f"{by_severity[one]} {one}" for one in reversed(Severity) if by_severity[one])
    possible = sum(finding.certainty is not Certainty.CERTAIN for finding in findings)
    unsure = [f"{possible} of them only possible"] if possible else []
    return "; ".join([f"Found {counted(len(findings), 'finding')} {where}: {severities}", *unsure, *excused]) + "."


def _statuses(report: Report) -> list[tuple[str, int]]:
    return sorted(Counter(verdict.status for verdict in report.verdicts if verdict.status != "active").items())
