"""Which findings does the template itself excuse? Comments of the form ``# rolelint: ignore[rule] reason``.

A comment behind something covers its own line; a comment on a line of its own covers the next line that is not one.
"""

from collections.abc import Iterator
from re import MULTILINE
from re import compile as pattern
from typing import NamedTuple

from rolelint.engine.findings import Finding
from rolelint.syntax.nodes import Node, Scalar, children
from rolelint.syntax.source import Problem, Source, Span
from rolelint.verdicts.report import Verdict

_COMMENT = pattern(r"(?:^|(?<=\s))#[ \t]*rolelint:[ \t]*(.*?)[ \t]*$", MULTILINE)
_IGNORE = pattern(r"ignore\[([^\]]*)\][ \t]*(.*)")


class Suppression(NamedTuple):
    """A comment that excuses findings of some rules on one line."""

    rules: tuple[str, ...]
    reason: str
    line: int
    span: Span


def find_suppressions(source: Source, root: Node | None) -> tuple[tuple[Suppression, ...], tuple[Problem, ...]]:
    """The suppressions in a source, and those comments that look like one but are not."""
    if "rolelint:" not in source.text:
        return (), ()
    found: list[Suppression] = []
    problems: list[Problem] = []
    scalars = sorted(_scalars(root)) if root is not None else []
    for comment in _COMMENT.finditer(source.text):
        span = Span(source, comment.start(), comment.end(1))
        if any(start <= span.start < end for start, end in scalars):
            continue  # a number sign inside text is no comment
        ignore = _IGNORE.fullmatch(comment[1])
        if ignore is None:
            wanted = "rolelint: ignore[rule] reason"
            problems.append(Problem("unused-suppression", f"this comment excuses nothing: write {wanted!r}", span))
            continue
        rules = tuple(name.strip() for name in ignore[1].split(",") if name.strip())
        found.append(Suppression(rules, ignore[2], _covered_line(source, span), span))
    return tuple(found), tuple(problems)


def _scalars(node: Node) -> Iterator[tuple[int, int]]:
    todo = [node]
    while todo:
        here = todo.pop()
        if isinstance(here, Scalar):
            yield here.origin.extent(here.number)
        todo += [child for _, child in children(here)]


def _covered_line(source: Source, span: Span) -> int:
    line = span.first.line
    if source.line(line)[: span.first.column - 1].strip():
        return line
    while line < len(source.line_starts) and source.line(line).lstrip().startswith("#"):
        line += 1
    return line


def excuse(
    findings: list[Finding], suppressions: tuple[Suppression, ...], ran: frozenset[str]
) -> tuple[list[Verdict], list[Problem]]:
    """The findings as verdicts, and what is wrong with the suppressions; ``ran`` names the rules that were asked."""
    used: set[tuple[int, str]] = set()
    verdicts = []
    for finding in findings:
        line = finding.span.first.line
        excuses = [one for one in suppressions if one.line == line and finding.rule in one.rules]
        used |= {(one.span.start, finding.rule) for one in excuses}
        verdicts.append(Verdict(finding, "suppressed", excuses[0].reason) if excuses else Verdict(finding, "active"))
    return verdicts, list(_complaints(suppressions, used, ran))


def _complaints(suppressions: tuple[Suppression, ...], used: set[tuple[int, str]], ran: frozenset[str]) -> Iterator[Problem]:
    for one in suppressions:
        for rule in one.rules:
            if rule in ran and (one.span.start, rule) not in used:
                yield Problem("unused-suppression", f"nothing on line {one.line} is found by {rule}", one.span)
        if not one.rules:
            yield Problem("unused-suppression", "this comment names no rule between the brackets", one.span)
        elif not one.reason:
            yield Problem("suppression-without-reason", f"{', '.join(one.rules)} is ignored, but not why", one.span)
