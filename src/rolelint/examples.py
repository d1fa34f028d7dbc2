"""Does a rule do what its examples say? Each example is linted by its rule alone and held against its marks."""

from collections.abc import Iterator

from rolelint.engine.rule import Example, Rule
from rolelint.engine.rulebook import Rulebook
from rolelint.lint import lint
from rolelint.standard import Standard
from rolelint.syntax.files import Input
from rolelint.tuples import NamedTuple

_MARKS = {mark: f"# <- {mark}" for mark in ("certain", "possible")}
_TODAY = "2026-01-01"
"""The day on which examples are linted: those with a date name one long gone, or far off."""


class Mark(NamedTuple):
    """A finding on a line of an example, from 1, and how sure it is: ``certain`` or ``possible``."""

    line: int
    certainty: str


def marked(template: str) -> set[Mark]:
    """What the marks in an example's template say."""
    lines = enumerate(template.split("\n"), 1)
    return {Mark(number, mark) for number, line in lines for mark, text in _MARKS.items() if text in line}


def found(rule: Rule, example: Example, book: Rulebook) -> set[Mark]:
    """What a rule of a rulebook finds in an example.

    Raises:
        RuleFailure or another error of ours: the rule failed.

    """
    name = "template.json" if example.template.lstrip().startswith("{") else "template.yaml"
    standard = Standard(book, (rule,), trusted=example.trusted)
    done = lint([Input(name, example.template.encode(), named=True)], standard.everywhere, today=_TODAY)
    for failure in done.failures:
        raise failure.error
    return {Mark(one.span.first.line, one.certainty.name.lower()) for one in done.report.active}


def disagreements(rule: Rule, example: Example, book: Rulebook) -> Iterator[str]:
    """What an example says and the rule does not do, and the other way round, by line."""
    wanted, had = marked(example.template), found(rule, example, book)
    for mark in sorted(wanted - had):
        yield f"line {mark.line}: nothing is found that is {mark.certainty}"
    for mark in sorted(had - wanted):
        yield f"line {mark.line}: a {mark.certainty} finding that is not marked"
