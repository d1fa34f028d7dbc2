"""Is a secret in a named value that anybody may read who may read the resource? Environment variables, arguments, settings."""

from collections.abc import Iterator

from rolelint.catalogue import curated
from rolelint.engine.checks.secret_places import Taken, characters_of
from rolelint.engine.checks.secret_texts import has_own_rule, looks_secret, may_be_password, names_secret
from rolelint.engine.checks.written import Place, as_written, below, entry_of, start_of, texts_at
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty
from rolelint.syntax.nodes import Mapping, Scalar
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Span
from rolelint.template.evaluate import evaluate, possible_texts, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import (
    When,
    both,
)

_NAMED = frozenset(("PARAMETER_STORE", "SECRETS_MANAGER"))
"""Types of CodeBuild's variables whose value is the name of a secret."""
_SCRIPTS = {
    "AWS::AutoScaling::LaunchConfiguration": (("UserData",),),
    "AWS::EC2::Instance": (("UserData",),),
    "AWS::EC2::LaunchTemplate": (("LaunchTemplateData", "UserData"),),
    "AWS::EC2::SpotFleet": (("SpotFleetRequestConfigData", "LaunchSpecifications", "*", "UserData"),),
}
"""Where a type has the script of an instance's first start."""
_ASSIGNED = pattern(
    r"(?<![\w$.])(?P<name>[A-Za-z_]\w{2,60})[ ]?=[ ]?(?P<quote>\\?[\"']|)(?P<value>[^\s\"'\\$`;|&<>(){}]{4,200})"
    r"(?P=quote)(?=\s|[;\\\"']|\Z)"
)
_A_WORD = Answer(Certainty.POSSIBLE, ("the word is the password itself and not what it is called",))


@says("resource", "name")
def variable(subject: TemplateSubject) -> Iterator[Hit]:
    """A variable whose name says that it is a secret has one written out."""
    template = subject.access.template
    for resource in template.resources.values():
        for path in curated.variables(resource.type):
            for name, place in _variables(resource, path, template):
                if names_secret(name):
                    yield from _variable(resource, name, place, template)


@says("resource", "name")
def script(subject: TemplateSubject) -> Iterator[Hit]:
    """A script that an instance runs at its start sets a variable whose name says that it is a secret."""
    template = subject.access.template
    for resource in template.resources.values():
        nodes = [place.node for path in _SCRIPTS.get(resource.type, ()) for place in below(start_of(resource), path, template)]
        metadata = entry_of(resource.node.get("Metadata"), "AWS::CloudFormation::Init")
        for node in [*nodes, metadata.value] if metadata else nodes:
            for found in _ASSIGNED.finditer(node.span.text):
                name, value = found["name"], found["value"]
                answer = _how_surely(name, value) if names_secret(name) else NO
                if answer.certainty and not has_own_rule(name, value):
                    start = node.span.start
                    shown, hidden = found.span("name"), found.span("value")
                    masked = Span(template.source, start + hidden[0], start + hidden[1])
                    facts = {"resource": resource.id, "name": name}
                    yield Hit(Span(template.source, start + shown[0], start + shown[1]), answer, facts, masked=masked)


def _how_surely(name: str, value: str) -> Answer:
    """Whether a value under the name of a secret is the secret itself."""
    return CERTAIN if looks_secret(value) else _A_WORD if may_be_password(name, value) else NO


def _variable(resource: Resource, name: str, place: Place, template: Template) -> Iterator[Hit]:
    for when, text in texts_at(place, template):
        facts = {"resource": resource.id, "name": name}
        symbol, known = text.symbol, text.literal
        if known is not None:
            answer = _how_surely(name, known)
            if answer.certainty and not has_own_rule(name, known):
                masked, related = characters_of(Taken(resource, name, place, text, when))
                yield Hit(place.key.span, answer, facts, when, related, masked=masked)
        elif symbol and symbol.default and symbol.name in template.parameters and looks_secret(symbol.default):
            parameter = template.parameters[symbol.name]
            if not parameter.is_looked_up and parameter.default:
                answer = Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default",))
                yield Hit(place.key.span, answer, facts, when, masked=parameter.default.span)


def _variables(resource: Resource, path: str, template: Template) -> Iterator[tuple[str, Place]]:
    """The named values at a path: each name, and the place of the value."""
    above, _, last = path.rpartition("/")
    start = start_of(resource)
    for place in below(start, tuple(filter(None, above.split("/"))), template):
        for when, found in shallow(place.node, as_written(template, place.when)):
            if not isinstance(found, Mapping):
                continue
            if last == "{}":
                yield from ((entry.key.text, Place(entry.key, entry.value, when)) for entry in found.entries)
            else:
                yield from _pair(found, last, when, template)


def _pair(item: Mapping, keys: str, when: When, template: Template) -> Iterator[tuple[str, Place]]:
    name, value = (item.entry(key) for key in keys.split("="))
    kind = item.get("Type")
    if name is None or value is None or (kind is not None and not (isinstance(kind, Scalar) and kind.text not in _NAMED)):
        return
    for also, text in possible_texts(evaluate(name.value, as_written(template, when))):
        both_hold = both(when, also)
        if both_hold is not None:
            yield str(text), Place(value.key, value.value, both_hold)
