"""Which findings does the template itself excuse? Comments of the form ``# rolelint: ignore[rule, other-rule] reason``.

A comment behind something covers its own line; a comment on a line of its own covers the next line that holds something
else. A comment of another tool may follow on the same line, behind a number sign of its own.
"""

from collections.abc import Iterator
from re import compile as pattern
from typing import NamedTuple

from rolelint.engine.findings import Finding
from rolelint.syntax.nodes import Node, Scalar, children
from rolelint.syntax.source import Problem, Source, Span
from rolelint.verdicts.report import Verdict

_COMMENT = pattern(r"(?:\A|(?<=\s))#[ \t]*rolelint:[ \t]*([^\r\n]*?)(?=[ \t]+#[ \t]|[ \t]*(?:[\r\n]|\Z))")
_IGNORE = pattern(r"ignore[ \t]*\[([^\]]*)\][ \t]*(?:(?:-{1,2}|[–—:])[ \t]+)?(.*)")  # noqa: RUF001 - people type dashes
_WANTED = "rolelint: ignore[rule] reason"


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
    scalars = list(_scalars(root)) if root is not None else []
    for comment in _COMMENT.finditer(source.text):
        span = Span(source, comment.start(), comment.end(1))
        if any(start <= span.start < end for start, end in scalars):
            continue  # a number sign inside text is no comment
        ignore = _IGNORE.fullmatch(comment[1])
        if ignore is None:
            problems.append(Problem("unused-suppression", f"this comment excuses nothing: write {_WANTED!r}", span))
            continue
        rules = tuple(dict.fromkeys(name.strip() for name in ignore[1].split(",") if name.strip()))
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
    last = len(source.line_starts)
    while line < last and not _holds_something(source.line(line)):
        line += 1
    return line


def _holds_something(line: str) -> bool:
    return line.strip()[:1] not in ("", "#")


def excuse(
    findings: list[Finding],
    suppressions: tuple[Suppression, ...],
    ran: frozenset[str],
    known: frozenset[str] = frozenset(),
) -> tuple[list[Verdict], list[Problem]]:
    """The findings as verdicts, and what is wrong with the suppressions.

    ``ran`` names the rules that were asked; ``known`` names all there are, and when it is empty no name is wrong.
    """
    used: set[tuple[int, str]] = set()
    verdicts = []
    for finding in findings:
        here = [one for one in suppressions if one.line == finding.span.first.line]
        excuses = [one for one in here if finding.rule in one.rules]
        # A weaker rule that the finding speaks for was found as well, though only its own name excuses the finding.
        used |= {(one.span.start, rule) for one in here for rule in (finding.rule, *finding.also) if rule in one.rules}
        verdicts.append(Verdict(finding, "suppressed", excuses[0].reason) if excuses else Verdict(finding, "active"))
    return verdicts, list(_complaints(suppressions, used, ran, known))


def _complaints(
    suppressions: tuple[Suppression, ...], used: set[tuple[int, str]], ran: frozenset[str], known: frozenset[str]
) -> Iterator[Problem]:
    for one in suppressions:
        for rule in one.rules:
            if known and rule not in known:
                yield Problem("unused-suppression", f"there is no rule {rule!r}{_did_you_mean(rule, known)}", one.span)
            elif rule in ran and (one.span.start, rule) not in used:
                yield Problem("unused-suppression", f"nothing on line {one.line} is found by {rule}", one.span)
        if not one.rules:
            yield Problem("unused-suppression", "this comment names no rule between the brackets", one.span)
        elif not one.reason:
            yield Problem("suppression-without-reason", f"{', '.join(one.rules)} is ignored, but not why", one.span)


def _did_you_mean(word: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for somebody's typing error

    close = get_close_matches(word, sorted(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""
