"""Where does a value stand as the template is written? A walk down the properties of a resource, by a path."""

from collections.abc import Iterator
from typing import NamedTuple

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.template.evaluate import Scope, evaluate, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, When, elements


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
