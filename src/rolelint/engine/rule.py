"""What is a rule? The part that judging needs, and the page that people read."""

from collections.abc import Mapping as ReadOnly

from rolelint.engine.findings import Severity
from rolelint.engine.trusted import NOBODY, Trusted
from rolelint.tuples import NamedTuple

SUBJECTS = (
    "statement",
    "trust",
    "resource-policy",
    "grant",
    "inbound",
    "endpoint-policy",
    "any-statement",
    "principal",
    "attachment",
    "template",
    "problem",
)
"""What a rule can be about.

A statement is one of an identity's policy; trust policies, resource policies and grants without a document have their own;
inbound are all three, whatever lets somebody in; an endpoint policy limits what passes through a network;
any statement is one of whatever policy, for what all have to keep to. A problem is something that a reader could not read as
it stands; its rule only words it.
"""


class RuleError(Exception):
    """A rule file is wrong: the message starts with ``file:line``."""


class Clause(NamedTuple):
    """One line of ``where``: a field of the subject, a word and the word's argument."""

    field: str
    word: str
    argument: tuple[str, ...]


class Rule(NamedTuple):
    """What judging needs to know of a rule. ``check`` is empty when ``where`` decides.

    ``minor`` is the severity of a hit that the check calls minor; None where it makes no difference.
    """

    name: str
    theme: str
    summary: str
    severity: Severity
    default: bool
    subject: str
    where: tuple[Clause, ...]
    check: str
    point_at: str
    message: str
    implies: tuple[str, ...]
    fix: str
    minor: Severity | None = None


class Example(NamedTuple):
    """A template that shows a rule at work; ``# <- certain`` and ``# <- possible`` mark the lines it fires on.

    ``trusted`` is what the team's configuration says about accounts while it is judged.
    """

    title: str
    template: str
    trusted: Trusted = NOBODY


class Page(NamedTuple):
    """What people read about a rule: ``equivalents`` maps other tools' names to their ids for the same check."""

    why: str
    references: tuple[str, ...]
    equivalents: ReadOnly[str, tuple[str, ...]]
    examples: tuple[Example, ...]
