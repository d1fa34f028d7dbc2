"""What did a rule find, where, and how sure is it?"""

from enum import IntEnum

from rolelint.iam.patterns import Certainty
from rolelint.syntax.source import Span
from rolelint.tuples import NamedTuple


class Severity(IntEnum):
    """How bad it is when the finding is true."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()


class Related(NamedTuple):
    """Another place that matters to a finding, and what it is."""

    message: str
    span: Span


class Owner(NamedTuple):
    """The resource that a finding is about; ``construct`` is the path that the CDK gave it, empty when it is not the CDK's."""

    id: str
    type: str
    construct: str = ""


class Suggestion(NamedTuple):
    """What to write instead: a sentence, and the statements of a policy as plain data (empty when there are none)."""

    text: str
    statements: tuple[object, ...] = ()


ALL_BUT = "all but "
"""How what a NotAction, NotResource or NotPrincipal gives begins."""


class Stated(NamedTuple):
    """What the statement that a finding is about says, as written; ``all but …`` is what a NotAction and its like give.

    It may come to give more without a change at the place that the finding points at.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: tuple[str, ...]


class Finding(NamedTuple):
    """One rule's verdict on one statement, attachment, principal or template. It cannot exist without a place.

    ``pointer`` is the JSON pointer to the node; ``also`` names the weaker rules that this finding speaks for;
    ``witness`` is the text that caused it, as written; ``help`` says in a sentence or two what to do. ``masked`` are
    characters that no report may repeat, because reports are kept and shared. ``statement`` is what it is about, if that is one.
    """

    rule: str
    severity: Severity
    certainty: Certainty
    message: str
    span: Span
    pointer: str
    owner: Owner | None
    witness: str = ""
    also: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    assumptions: tuple[str, ...] = ()
    help: str = ""
    suggestion: Suggestion | None = None
    masked: Span | None = None
    statement: Stated | None = None
