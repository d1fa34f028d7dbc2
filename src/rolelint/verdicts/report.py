"""What came out of a run? The one thing that a reporter gets."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rolelint.engine.findings import Finding, Severity
from rolelint.engine.rule import Page, Rule
from rolelint.iam.patterns import Certainty


class Verdict(NamedTuple):
    """A finding and whether it stands: ``active``, or ``suppressed`` for the reason given in the template."""

    finding: Finding
    status: str
    reason: str = ""


class Skipped(NamedTuple):
    """A file that was not linted, and why."""

    path: str
    reason: str


class Unjudged(NamedTuple):
    """Something in a template that could not be judged: where it stands, and the function or reason to blame."""

    path: str
    line: int
    reason: str


class Report(NamedTuple):
    """The outcome of a run over any number of files; verdicts are sorted by path, place and rule.

    ``rules`` are those that ran, in fixed order; ``page`` gives the prose of one by name. ``templates``, ``principals``
    and ``statements`` count what was read.
    """

    verdicts: tuple[Verdict, ...]
    templates: int
    principals: int
    statements: int
    unjudged: tuple[Unjudged, ...]
    skipped: tuple[Skipped, ...]
    rules: tuple[Rule, ...]
    page: Callable[[str], Page]

    @property
    def active(self) -> Iterator[Finding]:
        """The findings that stand."""
        return (verdict.finding for verdict in self.verdicts if verdict.status == "active")

    @property
    def suppressed(self) -> int:
        """How many findings the templates excuse."""
        return sum(verdict.status == "suppressed" for verdict in self.verdicts)

    def gated(self, threshold: Severity, *, strict: bool) -> bool:
        """Whether a finding that stands is at or above a severity; possible ones count only when ``strict``."""
        return any(
            finding.severity >= threshold and (strict or finding.certainty is Certainty.CERTAIN) for finding in self.active
        )
