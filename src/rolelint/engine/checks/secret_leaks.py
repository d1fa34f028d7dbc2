"""Is a secret shown where anybody may look? In outputs, in plain parameters of Systems Manager, in metadata.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from collections.abc import Iterator

from rolelint.engine.checks.secret_places import Taken, characters_of, is_said
from rolelint.engine.checks.written import Place, as_written, below, entry_of, start_of, texts_at
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import Answer, Certainty
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import (
    Choice,
    Fields,
    Hole,
    Items,
    Symbol,
    Text,
    Value,
)

_KEY = "AWS::IAM::AccessKey"
_AUTHENTICATION = "AWS::CloudFormation::Authentication"
_CREDENTIALS = {"password": "the password", "secretKey": "the secret key"}


@says("output", "found")
def shown_by_output(subject: TemplateSubject) -> Iterator[Hit]:
    """An output, or a plain parameter in Systems Manager, shows a secret."""
    template = subject.access.template
    if not _hides_anything(template):
        return
    outputs = template.root.get("Outputs")
    places = [
        (f"the output {entry.key.text}", Place(value.key, value.value, ()))
        for entry in (outputs.entries if isinstance(outputs, Mapping) else ())
        if (value := entry_of(entry.value, "Value"))
    ]
    for resource in template.resources.values():
        if resource.type == "AWS::SSM::Parameter":
            places += [(f"the parameter {resource.id}", place) for place in below(start_of(resource), ("Value",), template)]
    for name, place in places:
        for when, text in texts_at(place, template):
            found = [shown for symbol in text.symbols if (shown := _hidden(symbol, template))]
            if found:
                yield Hit(place.key.span, facts={"output": name, "found": found[0]}, when=when)


@says("place", "found")
def shown_by_metadata(subject: TemplateSubject) -> Iterator[Hit]:
    """Metadata hold a secret that is hidden elsewhere."""
    template = subject.access.template
    if not _hides_anything(template):
        return
    nodes = [(f"the metadata of {one.id}", one.node.get("Metadata")) for one in template.resources.values()]
    for name, node in [("the template's metadata", template.root.get("Metadata")), *nodes]:
        seen: set[str] = set()
        for hole in _holes(evaluate(node, as_written(template))) if node is not None else ():
            found = _hidden(hole.symbol, template)
            if found and found not in seen:
                seen.add(found)
                yield Hit(hole.span.on_one_line(), facts={"place": name, "found": found})


def _holes(value: Value) -> Iterator[Hole]:
    """The symbols in a value, wherever they stand in it."""
    match value:
        case Text():
            yield from (piece for piece in value.pieces if isinstance(piece, Hole))
        case Items():
            for item in value.items:
                yield from _holes(item)
        case Fields():
            for field in value.fields:
                yield from _holes(field.value)
        case Choice():
            for case in value.cases:
                yield from _holes(case.value)


def _hides_anything(template: Template) -> bool:
    """Whether a template has any secret that CloudFormation hides."""
    keys = any(one.type == _KEY for one in template.resources.values())
    return keys or any(one.no_echo for one in template.parameters.values())


def _hidden(symbol: Symbol, template: Template) -> str:
    """What secret a symbol is, if CloudFormation hides it elsewhere."""
    name = symbol.name.partition("[")[0]
    if symbol.kind == "parameter" and name in template.parameters and template.parameters[name].no_echo:
        return f"the parameter {name}, which has NoEcho"
    holder, _, of = symbol.name.partition(".")
    resource = template.resources.get(holder)
    if symbol.kind == "attribute" and of == "SecretAccessKey" and resource and resource.type == _KEY:
        return f"the secret access key of {holder}"
    return ""


@says("resource", "property", "what")
def authentication(subject: TemplateSubject) -> Iterator[Hit]:
    """The credentials that an instance downloads with are written in its metadata."""
    template = subject.access.template
    for resource in template.resources.values():
        metadata = entry_of(resource.node, "Metadata")
        if metadata is None:
            continue
        start = Place(metadata.key, metadata.value, ())
        for key, what in _CREDENTIALS.items():
            for place in below(start, (_AUTHENTICATION, "{}", key), template):
                yield from _authentication(resource, what, place, template)


def _authentication(resource: Resource, what: str, place: Place, template: Template) -> Iterator[Hit]:
    for when, text in texts_at(place, template):
        taken = Taken(resource, what, place, text, when)
        symbol = text.symbol
        if text.literal is not None and is_said(taken, text.literal):
            masked, related = characters_of(taken)
            yield Hit(place.key.span, facts=taken.facts, when=when, related=related, masked=masked)
        elif symbol and symbol.default and is_said(taken, symbol.default):
            answer = Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default",))
            yield Hit(place.key.span, answer, taken.facts, when, masked=text.via[0].span if text.via else None)
