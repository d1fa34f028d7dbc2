"""What does a reader need of a statement with many findings? The three that weigh most; they tell where the others are."""

from collections.abc import Iterable, Sequence

from rolelint.engine.findings import Finding, Related
from rolelint.syntax.regex import pattern
from rolelint.verdicts.report import Report

MOST = 3
"""Findings that one statement shows."""
_TO_STATEMENT = pattern(r"(.*/Statement(?:/\d+|/Fn::If/\d)*)(?:/|$)")


def uncrowded(report: Report) -> Report:
    """A report in which no statement has more than three active findings; the others are ``folded`` into one of these.

    A folded finding is never worse than the one that tells of it, and as sure, so no gate opens that was shut before.
    """
    verdicts = list(report.verdicts)
    crowds: dict[tuple[str, str], list[int]] = {}
    for number, verdict in enumerate(verdicts):
        if verdict.status == "active" and (statement := _statement(verdict.finding.pointer)):
            crowds.setdefault((verdict.finding.span.source.path, statement), []).append(number)
    for crowd in crowds.values():
        for teller, told in _told({number: verdicts[number].finding for number in crowd}).items():
            strong = verdicts[teller].finding
            verdicts[teller] = verdicts[teller]._replace(finding=_telling(strong, [verdicts[one].finding for one in told]))
            for one in told:
                verdicts[one] = verdicts[one]._replace(status="folded", reason=f"{strong.rule} tells of it")
    return report._replace(verdicts=tuple(verdicts))


def _told(crowd: dict[int, Finding]) -> dict[int, list[int]]:
    """Which of the findings on one statement tell of which others: the strongest certain and the strongest possible one."""
    ranked = sorted(crowd, key=lambda number: (crowd[number].severity, crowd[number].certainty), reverse=True)
    strongest = {crowd[number].certainty: number for number in reversed(ranked)}
    shown = list(dict.fromkeys((*strongest.values(), *ranked)))[:MOST]
    told: dict[int, list[int]] = {}
    for number in crowd:
        if number not in shown:
            told.setdefault(strongest[crowd[number].certainty], []).append(number)
    return told


def _telling(strong: Finding, weak: Sequence[Finding]) -> Finding:
    """A finding with those that it tells of: their rules in ``also``, their places and messages among the related ones."""
    return strong._replace(
        also=tuple(sorted({*strong.also, *_rules(weak)})),
        related=(*strong.related, *(Related(f"also here, {one.severity}: {one.message}", one.span) for one in weak)),
    )


def _rules(findings: Iterable[Finding]) -> Iterable[str]:
    return (name for one in findings for name in (one.rule, *one.also))


def _statement(pointer: str) -> str:
    """The part of a JSON pointer that leads to a statement; empty when it leads elsewhere."""
    found = _TO_STATEMENT.match(pointer)
    return found[1] if found else ""
