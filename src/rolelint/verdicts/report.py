"""What came out of a run? The one thing that a reporter gets."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rolelint.engine.findings import Finding
from rolelint.engine.rule import Page, Rule
from rolelint.syntax.files import Skipped
from rolelint.tuples import NamedTuple

if TYPE_CHECKING:
    from rolelint.iam.access import Access


class Verdict(NamedTuple):
    """A finding and whether it stands: ``active``, ``suppressed`` by the template, ``baselined``: accepted before, or ``folded``.

    A folded one stands, and a stronger one on the same statement tells of it.
    ``reason`` is why it does not stand, or of an active one why an excuse that is meant for it does not hold; often empty.
    """

    finding: Finding
    status: str
    reason: str = ""


class Unjudged(NamedTuple):
    """Something in a template that could not be judged: where it stands, and the function or reason to blame."""

    path: str
    line: int
    reason: str


class Report(NamedTuple):
    """The outcome of a run over any number of files; verdicts are sorted by path, place and rule.

    ``rules`` are those that ran, in fixed order; ``page`` gives the prose of one by name. ``templates``, ``principals``
    and ``statements`` count what was read; ``paths`` are the files that hold a template, sorted. ``accesses`` are empty unless
    the run was told to keep them: they hold every template.
    """

    verdicts: tuple[Verdict, ...]
    templates: int
    principals: int
    statements: int
    unjudged: tuple[Unjudged, ...]
    skipped: tuple[Skipped, ...]
    rules: tuple[Rule, ...]
    page: Callable[[str], Page]
    paths: tuple[str, ...] = ()
    accesses: "tuple[Access, ...]" = ()

    @property
    def active(self) -> Iterator[Finding]:
        """The findings that stand."""
        return (verdict.finding for verdict in self.verdicts if verdict.status == "active")

    @property
    def suppressed(self) -> int:
        """How many findings the templates excuse."""
        return sum(verdict.status == "suppressed" for verdict in self.verdicts)

    @property
    def baselined(self) -> int:
        """How many findings were accepted before."""
        return sum(verdict.status == "baselined" for verdict in self.verdicts)
