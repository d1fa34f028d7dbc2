"""By what is a file judged? By some of a rulebook's rules, and by what the team says about its account."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as ReadOnly
from typing import TypeAlias

from rolelint.engine.findings import Finding
from rolelint.engine.rule import Rule
from rolelint.engine.rulebook import Rulebook
from rolelint.engine.trusted import NOBODY, Trusted
from rolelint.iam.access import Access
from rolelint.tuples import NamedTuple
from rolelint.verdicts.suppressions import ForeignIds

OtherJudge: TypeAlias = Callable[[Access, tuple[Rule, ...]], Iterable[Finding]]
"""Another tool: it gives what it finds in a template, as far as some of the rules tell it."""


class Standard(NamedTuple):
    """The rules of a rulebook that count, and what they need to know.

    ``given`` are the values that parameters will have; accounts in ``trusted`` are the team's own. Excuses in other tools'
    words count when it is known what their ids are here (``foreign``). ``others`` are other tools that judge by the same rules.
    """

    rulebook: Rulebook
    rules: tuple[Rule, ...]
    given: ReadOnly[str, str] = {}
    trusted: Trusted = NOBODY
    foreign: ForeignIds | None = None
    others: tuple[OtherJudge, ...] = ()

    def everywhere(self, _: str) -> "Standard":
        """This standard, whatever the path."""
        return self
