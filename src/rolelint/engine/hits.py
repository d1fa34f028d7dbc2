"""What does a check answer? Places where a rule holds, how surely, and the words for its message."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import Any, TypeAlias

from rolelint.engine.findings import Related, Suggestion
from rolelint.iam.patterns import CERTAIN, Answer
from rolelint.syntax.source import Span
from rolelint.template.values import When
from rolelint.tuples import NamedTuple


class Hit(NamedTuple):
    """A place where a rule holds. ``facts`` fill the placeholders of the rule's message.

    ``about`` names the patterns of a statement that the hit speaks of, as written: a weaker rule's hit is folded into a
    stronger one's only when that speaks of the same ones. Empty means the whole subject. ``beside`` names further patterns
    that the advice takes in, so that a weaker rule need not say so again. ``minor`` tells that little harm can be done.
    """

    span: Span
    answer: Answer = CERTAIN
    facts: ReadOnly[str, str] = {}
    when: When = ()
    related: tuple[Related, ...] = ()
    suggestion: Suggestion | None = None
    about: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    masked: Span | None = None
    minor: bool = False


Check: TypeAlias = Callable[[Any], Iterator[Hit]]


def says(*facts: str) -> Callable[[Check], Check]:
    """Declare the placeholders that a check fills, so that a rule's message can be checked when it is loaded."""

    def declare(check: Check) -> Check:
        check.facts = frozenset(facts)  # type: ignore[attr-defined]
        return check

    return declare


def listed(names: list[str] | tuple[str, ...], most: int = 3) -> str:
    """Names for a sentence: the first few, and how many more there are."""
    shown = list(names[:most])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
