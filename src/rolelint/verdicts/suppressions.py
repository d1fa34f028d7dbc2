"""Which findings does the template itself excuse, and which of its excuses are wrong, used up or run out?"""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from re import fullmatch
from typing import TypeAlias

from rolelint.engine.findings import Finding
from rolelint.syntax.nodes import Node
from rolelint.syntax.source import Problem, Source, Span
from rolelint.syntax.spelling import hint
from rolelint.template.template import Template
from rolelint.tuples import NamedTuple
from rolelint.verdicts.report import Verdict
from rolelint.verdicts.widening import beyond

NO_DATE = "{!r} is no date like 2027-01-31, so nothing is excused"


class Lines(NamedTuple):
    """One or several lines of the source; lines count from 1, and the last one belongs to them."""

    first: int
    last: int

    def holds(self, finding: Finding) -> bool:
        """Whether a finding stands there."""
        return self.first <= finding.span.first.line <= self.last

    def __str__(self) -> str:
        return f"on line {self.first}" if self.first == self.last else f"on lines {self.first} to {self.last}"


class Resource(NamedTuple):
    """A resource, by its logical id and all of its text."""

    id: str
    span: Span

    def holds(self, finding: Finding) -> bool:
        """Whether a finding stands in its text or is about it."""
        return self.span.start <= finding.span.start < self.span.end or (
            finding.owner is not None and finding.owner.id == self.id
        )

    def __str__(self) -> str:
        return f"in {self.id}"


class Whole(NamedTuple):
    """All of a template."""

    def holds(self, _: Finding) -> bool:
        """Whether a finding stands there: always."""
        return True

    def __str__(self) -> str:
        return "in this template"


Scope: TypeAlias = Lines | Resource | Whole
ForeignIds: TypeAlias = ReadOnly[tuple[str, str], tuple[str, ...]]
"""For a tool and an id of its the rules that find the same."""


class Suppression(NamedTuple):
    """A comment or an entry of Metadata, at ``span``, that excuses the findings of some rules in its scope.

    It holds up to the day ``until`` (as 2027-01-31), for ever when that is empty; with ``sid`` only for the statement of that
    Sid, and with ``actions`` only as long as the statement has no others. One in another tool's words is ``foreign``.
    """

    rules: tuple[str, ...]
    reason: str
    scope: Scope
    span: Span
    until: str = ""
    sid: str = ""
    actions: tuple[str, ...] = ()
    foreign: bool = False

    def concerns(self, finding: Finding) -> bool:
        """Whether it speaks of what a finding is about, whatever the rule."""
        if finding.span.source.path != self.span.source.path or not self.scope.holds(finding):
            return False
        return not self.sid or (finding.statement is not None and finding.statement.sid == self.sid)

    def why_not(self, finding: Finding, today: str) -> str:
        """Why it does not excuse a finding that it concerns; empty when it does."""
        if self.is_over(today):
            return f"it was excused until {self.until}"
        more = beyond(finding.statement.actions if finding.statement else (), self.actions) if self.actions else []
        return f"it is excused, but not with {', '.join(more)}" if more else ""

    def is_over(self, today: str) -> bool:
        """Whether its last day has gone by; on no day (an empty text) it has not."""
        return bool(self.until) and self.until < today


def find_suppressions(
    source: Source, root: Node | None, templates: Iterable[Template], foreign: ForeignIds | None = None
) -> tuple[tuple[Suppression, ...], tuple[Problem, ...]]:
    """The suppressions in a source, whose tree and templates are given, and what looks like one but is not.

    Those of other tools are only read when it is known what their ids are here: ``foreign``.
    """
    found: list[Suppression | Problem] = []
    if "rolelint" in source.text:
        from rolelint.verdicts.comments import in_comments  # noqa: PLC0415 - most templates excuse nothing
        from rolelint.verdicts.metadata import in_metadata  # noqa: PLC0415 - likewise

        found += [*in_comments(source, root), *in_metadata(templates)]
    if foreign is not None:
        from rolelint.verdicts.foreign import as_ours, in_other_words  # noqa: PLC0415 - only who asks for it needs it

        found += [as_ours(one, foreign) for one in in_other_words(source, root, templates)]
    suppressions = tuple(one for one in found if isinstance(one, Suppression))
    return suppressions, tuple(one for one in found if isinstance(one, Problem))


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar, as 2027-01-31."""
    from datetime import date  # noqa: PLC0415 - few excuses have a date

    if not fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def excuse(
    findings: Iterable[Finding],
    suppressions: tuple[Suppression, ...],
    ran: frozenset[str],
    known: frozenset[str] = frozenset(),
    today: str = "",
) -> tuple[list[Verdict], list[Problem]]:
    """The findings of one file as verdicts, and what is wrong with its suppressions.

    ``ran`` names the rules that were asked; ``known`` names all there are, and when it is empty no name is wrong. Without a
    day, as 2027-01-31, no suppression is over.
    """
    used: set[tuple[int, str]] = set()
    verdicts = []
    for finding in findings:
        here = [one for one in suppressions if one.concerns(finding)]
        reasons = [one.why_not(finding, today) for one in here]
        # A weaker rule that the finding speaks for was found as well, though only its own name excuses the finding.
        found = (finding.rule, *finding.also)
        used |= {(one.span.start, rule) for one, reason in zip(here, reasons, strict=True) if not reason for rule in found}
        verdicts.append(_verdict(finding, [pair for pair in zip(here, reasons, strict=True) if finding.rule in pair[0].rules]))
    standing = [verdict.finding for verdict in verdicts if verdict.status == "active"]
    complaints = _Complaints(used, standing, ran, known, today)
    return verdicts, [problem for one in suppressions if not one.foreign for problem in complaints.about(one)]


def _verdict(finding: Finding, excuses: list[tuple[Suppression, str]]) -> Verdict:
    """What becomes of a finding, by the suppressions of its rule and why each of them does not hold."""
    for one, reason in excuses:
        if not reason:
            return Verdict(finding, "suppressed", one.reason)
    return Verdict(finding, "active", excuses[0][1] if excuses else "")


class _Complaints(NamedTuple):
    """What is wrong with suppressions? ``used`` has place and rule of those that excuse something, ``standing`` what is not."""

    used: set[tuple[int, str]]
    standing: list[Finding]
    ran: frozenset[str]
    known: frozenset[str]
    today: str

    def about(self, one: Suppression) -> Iterator[Problem]:
        """All that is wrong with one."""
        names = ", ".join(one.rules)
        for rule in one.rules:
            if self.known and rule not in self.known:
                yield Problem("unused-suppression", f"there is no rule {rule!r}{hint(rule, self.known)}", one.span)
            elif rule in self.ran and (one.span.start, rule) not in self.used and not one.is_over(self.today):
                aim = f"{_only(one)}{self._elsewhere(one, rule)}"
                yield Problem("unused-suppression", f"nothing {one.scope} is found by {rule}{aim}", one.span)
        if not one.rules:
            yield Problem("unused-suppression", "this comment names no rule between the brackets", one.span)
        elif not one.reason:
            yield Problem("suppression-without-reason", f"{names} is ignored, but not why", one.span)
        if one.is_over(self.today):
            yield Problem("expired-suppression", f"{names} was ignored {one.scope} until {one.until}", one.span)

    def _elsewhere(self, one: Suppression, rule: str) -> str:
        """For a comment the next line on which its rule does find something: that is where it was meant to stand."""
        if not isinstance(one.scope, Lines):
            return ""
        lines = [finding.span.first.line for finding in self.standing if finding.rule == rule]
        meant = min((line for line in lines if line > one.scope.last), default=max(lines, default=0))
        return f"; what it finds is on line {meant}" if meant else ""


def _only(one: Suppression) -> str:
    """What a suppression is narrowed to, as the end of a sentence."""
    sid = f" in the statement {one.sid}" if one.sid else ""
    return sid + (f" with no more than {', '.join(one.actions)}" if one.actions else "")
