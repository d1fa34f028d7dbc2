"""Where does a value stand as the template is written, and what if it does not? A walk down the properties of a resource."""

from collections.abc import Iterator

from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.template.evaluate import Scope, evaluate, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import Choice, NoValue, Text, Value, When, alternatives, both, elements
from rolelint.tuples import NamedTuple


class Place(NamedTuple):
    """Where a value stands: the key before it, the node, and what must hold for it."""

    key: Scalar
    node: Node
    when: When


def start_of(resource: Resource) -> Place | None:
    """The place of a resource's properties."""
    return None if resource.properties is None else Place(resource.key, resource.properties, ())


def below(place: Place | None, steps: tuple[str, ...], template: Template) -> Iterator[Place]:
    """The places that a path leads to."""
    if place is None:
        return
    if not steps:
        yield place
        return
    for when, found in shallow(place.node, as_written(template, place.when)):
        match found:
            case Sequence() if steps[0] == "*":
                for item in found.items:
                    yield from below(Place(place.key, item, when), steps[1:], template)
            case Mapping() | Scalar() if steps[0] == "*":  # a single value where a list belongs: what is meant is clear
                yield from below(place._replace(node=found, when=when), steps[1:], template)
            case Mapping():
                for entry in found.entries:
                    if steps[0] in ("{}", entry.key.text):
                        yield from below(Place(entry.key, entry.value, when), steps[1:], template)


def texts_at(place: Place, template: Template) -> Iterator[tuple[When, Text]]:
    """The texts that may stand at a place, one by one for a list."""
    for when, known in elements(evaluate(place.node, as_written(template, place.when)), place.when):
        if isinstance(known, Text):
            yield when, known


def as_written(template: Template, when: When = ()) -> Scope:
    """A template as it is written: what the user gives a parameter stands nowhere in it."""
    return Scope(template._replace(given={}), when)


def entry_of(node: Node | None, key: str) -> Entry | None:
    """An entry of a node, if it is a mapping that has it."""
    return node.entry(key) if isinstance(node, Mapping) else None


def left_out(node: Node | None, name: str, scope: Scope) -> Iterator[When]:
    """What must hold for a mapping to lack a property; nothing where it cannot be told what the mapping has."""
    if node is None:
        yield scope.when
        return
    for when, found in shallow(node, scope):
        if isinstance(found, Mapping) and not any(entry.key.text.startswith("Fn::") for entry in found.entries):
            entry = found.entry(name)
            yield from _nothing(evaluate(entry.value, scope._replace(when=when)) if entry else None, when)


def _nothing(value: Value | None, when: When) -> Iterator[When]:
    match value:
        case None | NoValue():
            yield when
        case Choice():
            for case in value.cases:
                holds = both(when, case.when)
                if holds is not None:
                    yield from _nothing(case.value, holds)


def is_set_to(template: Template, node: Node, wanted: str) -> Answer:
    """Whether a setting is some word; a parameter keeps its default, since that is what its author means."""
    answers = [
        Answer(
            answer.certainty,
            (*(f"the condition {name} {'holds' if holds else 'does not hold'}" for name, holds in when), *answer.assumptions),
        )
        for when, answer in set_to(node, Scope(template), wanted)
    ]
    return max(answers, key=lambda answer: answer.certainty, default=NO)


def set_to(node: Node, scope: Scope, wanted: str) -> Iterator[tuple[When, Answer]]:
    """Each way in which a setting may be some word, in lower case: what must hold for it, and how surely it is that word."""
    for when, known in alternatives(evaluate(node, scope), scope.when):
        symbol = known.symbol if isinstance(known, Text) else None
        if isinstance(known, Text) and known.literal is not None:
            if known.literal.lower() == wanted:
                yield when, CERTAIN
        elif symbol and symbol.default is not None and symbol.default.lower() == wanted:
            yield when, Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default {symbol.default!r}",))
