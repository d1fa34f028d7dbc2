"""Is an account id what it looks like? YAML reads one with a leading zero as an octal number.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Scalar
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.syntax.source import Span
from rolelint.template.values import Text, When

_OCTAL = compile_pattern("0[0-7]{11}")


@says("id", "number")
def octal(subject: StatementSubject) -> Iterator[Hit]:
    """An account id of octal digits with a leading zero and without quotes, as a principal or in a condition."""
    for text, when in _texts(subject.statement):
        for place in _places(text):
            facts = {"id": place.text, "number": str(int(place.text, 8))}
            yield Hit(place, facts=facts, when=when)
            return


def _texts(statement: Statement) -> Iterator[tuple[Text, When]]:
    yield from ((one.text, one.when) for one in statement.principals)
    yield from ((value.text, value.when) for condition in statement.conditions for value in condition.values)


def _places(text: Text) -> Iterator[Span]:
    """Where such a number is written: on the spot, or in the default or mapping that a value came through."""
    written = text.node.span if isinstance(text.node, Scalar) and text.node.plain else None
    for span in (*([written] if written else []), *(step.span for step in text.via)):
        if _OCTAL.fullmatch(span.text):
            yield span
