"""Is a secret written where one is taken, or shown where anybody may look? By our table of properties and variables.

Dynamic references: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
What NoEcho hides: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from re import compile as pattern
from typing import NamedTuple

from rolelint.catalogue import curated
from rolelint.engine.checks.secret_texts import has_own_rule, is_made_up, looks_secret, names_secret, stands_for_something
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate, possible_texts, shallow
from rolelint.template.template import Parameter, Resource, Template
from rolelint.template.values import (
    Choice,
    Fields,
    Hole,
    Items,
    Literal,
    NoValue,
    Symbol,
    Text,
    Value,
    When,
    both,
    elements,
    plain_text,
)

_DYNAMIC = pattern(r"\{(?:\{)?resolve:(ssm-secure|ssm|secretsmanager):")
_MEMBER = pattern(r'"([^"\\]+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_AUTHENTICATION = "AWS::CloudFormation::Authentication"
_CREDENTIALS = {"password": "the password", "secretKey": "the secret key"}
_NAMED = frozenset(("PARAMETER_STORE", "SECRETS_MANAGER"))
"""Types of CodeBuild's variables whose value is the name of a secret."""
_OPEN = frozenset(("parameter", "pseudo", "name", "mapping"))
"""Kinds of symbols whose value is no secret of its own."""
_WORDS = pattern(r"[A-Za-z _-]{1,24}")
_SCHEMES = frozenset(("basic", "bearer", "token", "splunk", "genie key", "apikey", "key"))
"""Words before a token in a header that says who calls."""
_FEW = 6
"""Letters of a text beside its symbols from which on the text is a part of the secret."""
_SKILL = "amzn1."
"""How the id of an Alexa skill begins: a token that says who calls, and no secret."""


class _Place(NamedTuple):
    """Where a value stands: the key before it, the node, and what must hold for it."""

    key: Scalar
    node: Node
    when: When


class _Taken(NamedTuple):
    """A secret that a property takes: what it is for which resource, where, and the text it may be."""

    resource: Resource
    what: str
    place: _Place
    text: Text
    when: When

    @property
    def facts(self) -> dict[str, str]:
        return {"resource": self.resource.id, "property": self.place.key.text, "what": self.what}


_Table = Callable[[str], ReadOnly[str, str]]


@says("resource", "property", "what")
def literal(subject: TemplateSubject) -> Iterator[Hit]:
    """A property that holds a secret has it written out."""
    template = subject.access.template
    for taken in _taken(template, curated.secrets):
        answer = _written(taken, template)
        if answer.certainty:
            masked, related = _masked(taken)
            yield Hit(taken.place.key.span, answer, taken.facts, taken.when, related, masked=masked)


def _written(taken: _Taken, template: Template) -> Answer:
    """Whether characters of the secret stand in the template."""
    text, known = taken.text, taken.text.literal
    if known is not None:
        return _how_surely(taken, known) if _is_said(taken, known) else Answer(Certainty.NO)
    symbol = text.symbol
    if symbol and symbol.kind == "mapping" and symbol.allowed:
        said = [_is_said(taken, one) for one in symbol.allowed]
        return CERTAIN if all(said) else Answer(Certainty.POSSIBLE if any(said) else Certainty.NO)
    letters = sum(sum(map(str.isalnum, piece.text)) for piece in text.pieces if isinstance(piece, Literal))
    open_ = all(one.kind in _OPEN for one in text.symbols) and not _DYNAMIC.search(str(text))
    if letters < _FEW or not open_ or _is_document(taken) or any(one.no_echo for one in _parameters(text, template)):
        return Answer(Certainty.NO)
    return Answer(Certainty.POSSIBLE, tuple(f"{one} adds nothing that is secret" for one in text.symbols))


def _is_said(taken: _Taken, text: str) -> bool:
    """Whether a text is the secret itself, and no other rule is about its form."""
    if not text.strip() or stands_for_something(text) or text.startswith(_SKILL) or has_own_rule(taken.place.key.text, text):
        return False
    is_whole = _is_document(taken) and taken.what.startswith("the ")
    return (
        not _DYNAMIC.search(text) and not (is_whole and not looks_secret(text)) and not (_is_document(taken) and is_made_up(text))
    )


def _how_surely(taken: _Taken, text: str) -> Answer:
    """People choose words for passwords, while keys and tokens are given to them: a word may stand for one."""
    chosen = "pass" in f"{taken.place.key.text} {taken.what}".lower() or not _WORDS.fullmatch(text)
    return CERTAIN if chosen else Answer(Certainty.POSSIBLE, ("the words that are written are the real value",))


def _is_document(taken: _Taken) -> bool:
    return taken.resource.type == "AWS::SecretsManager::Secret"


def _masked(taken: _Taken) -> tuple[Span, tuple[Related, ...]]:
    """The characters to hide, and their place when it is another one."""
    written = taken.place.node.span
    spans = [piece.span for piece in taken.text.pieces if isinstance(piece, Literal)] or [one.span for one in taken.text.via[:1]]
    away = [one for one in spans if not written.start <= one.start < max(written.end, written.start + 1)]
    if not away:
        return written, ()
    return away[0], (Related("its text is here", away[0]._replace(end=away[0].start)),)


@says("resource", "what", "parameter")
def parameter_default(subject: TemplateSubject) -> Iterator[Hit]:
    """A parameter that a secret is given in has a default, which is then the secret of whoever gives none."""
    for parameter, takers in _by_parameter(subject.access.template):
        entry = _entry(parameter.node, "Default")
        if entry is None or parameter.default is None:
            continue
        speaking = [one for one in takers if _is_said(one, parameter.default.text)]
        if speaking:
            facts = {**speaking[0].facts, "parameter": parameter.name}
            related = tuple(Related(f"{one.what} of {one.resource.id}", one.place.key.span) for one in speaking)
            answer = _how_surely(speaking[0], parameter.default.text)
            yield Hit(entry.key.span, answer, facts, related=related, masked=parameter.default.span)


@says("resource", "what", "parameter")
def echoed(subject: TemplateSubject) -> Iterator[Hit]:
    """A parameter that a secret is given in shows it to whoever may describe the stack."""
    template = subject.access.template
    declared = template.root.get("Parameters")
    for parameter, takers in _by_parameter(template):
        entry = _entry(declared, parameter.name)
        if entry is None or parameter.no_echo:
            continue
        facts = {**takers[0].facts, "parameter": parameter.name}
        related = tuple(Related(f"{one.what} of {one.resource.id}", one.place.key.span) for one in takers)
        yield Hit(entry.key.span, facts=facts, related=related, masked=parameter.default.span if parameter.default else None)


@says("resource", "property", "what", "parameter")
def by_parameter(subject: TemplateSubject) -> Iterator[Hit]:
    """A secret comes in a parameter, so somebody who deploys has to know it."""
    for parameter, takers in _by_parameter(subject.access.template):
        for one in (one for one in takers if not _is_document(one)):
            yield Hit(one.place.key.span, facts={**one.facts, "parameter": parameter.name}, when=one.when)


@says("resource", "property", "what", "found")
def plain_store(subject: TemplateSubject) -> Iterator[Hit]:
    """A secret comes from a Systems Manager parameter that keeps it as plain text."""
    template = subject.access.template
    for taken in _taken(template, curated.secrets):
        references = _DYNAMIC.findall(str(taken.text))
        looked_up = [one for one in _parameters(taken.text, template) if one.is_looked_up]
        if references and all(one == "ssm" for one in references):
            yield Hit(taken.place.key.span, facts={**taken.facts, "found": "a dynamic reference to ssm"}, when=taken.when)
        elif looked_up and taken.text.symbol:
            found = f"the parameter {looked_up[0].name} of type {looked_up[0].type}"
            yield Hit(taken.place.key.span, facts={**taken.facts, "found": found}, when=taken.when)


@says("resource", "property", "what", "service")
def dynamic(subject: TemplateSubject) -> Iterator[Hit]:
    """A secret is read by whoever deploys."""
    services = {"secretsmanager": "Secrets Manager", "ssm-secure": "Systems Manager"}
    template = subject.access.template
    for taken in (*_taken(template, curated.secrets), *_taken(template, curated.user_names)):
        for one in _DYNAMIC.findall(str(taken.text)):
            if one in services:
                yield Hit(taken.place.key.span, facts={**taken.facts, "service": services[one]}, when=taken.when)
                break


@says("resource", "property", "what", "found")
def user_name(subject: TemplateSubject) -> Iterator[Hit]:
    """The name of an account is written out, or shown by the stack."""
    template = subject.access.template
    for taken in _taken(template, curated.user_names):
        parameters = _parameters(taken.text, template)
        shown = [one for one in parameters if not one.is_looked_up and (not one.no_echo or one.default)]
        if taken.text.literal is not None and not _DYNAMIC.search(taken.text.literal):
            yield Hit(taken.place.key.span, facts={**taken.facts, "found": f"{taken.text.literal!r}"}, when=taken.when)
        elif shown and taken.text.symbol:
            why = "has a default" if shown[0].default else "has no NoEcho"
            facts = {**taken.facts, "found": f"the parameter {shown[0].name}, which {why}"}
            yield Hit(taken.place.key.span, facts=facts, when=taken.when)


@says("resource", "name")
def variable(subject: TemplateSubject) -> Iterator[Hit]:
    """A variable whose name says that it is a secret has one written out."""
    template = subject.access.template
    for resource in template.resources.values():
        for path in curated.variables(resource.type):
            for name, place in _variables(resource, path, template):
                if names_secret(name):
                    yield from _variable(resource, name, place, template)


def _variable(resource: Resource, name: str, place: _Place, template: Template) -> Iterator[Hit]:
    for when, text in _texts(place, template):
        facts = {"resource": resource.id, "name": name}
        symbol, known = text.symbol, text.literal
        if known is not None:
            if looks_secret(known) and not has_own_rule(name, known):
                masked, related = _masked(_Taken(resource, name, place, text, when))
                yield Hit(place.key.span, facts=facts, when=when, related=related, masked=masked)
        elif symbol and symbol.default and symbol.name in template.parameters and looks_secret(symbol.default):
            parameter = template.parameters[symbol.name]
            if not parameter.is_looked_up and parameter.default:
                answer = Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default",))
                yield Hit(place.key.span, answer, facts, when, masked=parameter.default.span)


def _variables(resource: Resource, path: str, template: Template) -> Iterator[tuple[str, _Place]]:
    """The named values at a path: each name, and the place of the value."""
    above, _, last = path.rpartition("/")
    start = _start(resource)
    for place in _below(start, tuple(filter(None, above.split("/"))), template):
        for when, found in shallow(place.node, _scope(template, place.when)):
            if not isinstance(found, Mapping):
                continue
            if last == "{}":
                yield from ((entry.key.text, _Place(entry.key, entry.value, when)) for entry in found.entries)
            else:
                yield from _pair(found, last, when, template)


def _pair(item: Mapping, keys: str, when: When, template: Template) -> Iterator[tuple[str, _Place]]:
    name, value = (item.entry(key) for key in keys.split("="))
    kind = item.get("Type")
    if name is None or value is None or (kind is not None and not (isinstance(kind, Scalar) and kind.text not in _NAMED)):
        return
    for also, text in possible_texts(evaluate(name.value, _scope(template, when))):
        both_hold = both(when, also)
        if both_hold is not None:
            yield str(text), _Place(value.key, value.value, both_hold)


@says("output", "found")
def shown_by_output(subject: TemplateSubject) -> Iterator[Hit]:
    """An output, or a plain parameter in Systems Manager, shows a secret."""
    template = subject.access.template
    outputs = template.root.get("Outputs")
    places = [
        (f"the output {entry.key.text}", _Place(value.key, value.value, ()))
        for entry in (outputs.entries if isinstance(outputs, Mapping) else ())
        if (value := _entry(entry.value, "Value"))
    ]
    for resource in template.resources.values():
        if resource.type == "AWS::SSM::Parameter":
            places += [(f"the parameter {resource.id}", place) for place in _below(_start(resource), ("Value",), template)]
    for name, place in places:
        for when, text in _texts(place, template):
            found = [shown for symbol in text.symbols if (shown := _hidden(symbol, template))]
            if found:
                yield Hit(place.key.span, facts={"output": name, "found": found[0]}, when=when)


@says("place", "found")
def shown_by_metadata(subject: TemplateSubject) -> Iterator[Hit]:
    """Metadata hold a secret that is hidden elsewhere."""
    template = subject.access.template
    if not any(one.no_echo for one in template.parameters.values()) and "SecretAccessKey" not in template.source.text:
        return
    nodes = [(f"the metadata of {one.id}", one.node.get("Metadata")) for one in template.resources.values()]
    for name, node in [("the template's metadata", template.root.get("Metadata")), *nodes]:
        seen: set[str] = set()
        for hole in _holes(evaluate(node, _scope(template))) if node is not None else ():
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


def _hidden(symbol: Symbol, template: Template) -> str:
    """What secret a symbol is, if CloudFormation hides it elsewhere."""
    name = symbol.name.partition("[")[0]
    if symbol.kind == "parameter" and name in template.parameters and template.parameters[name].no_echo:
        return f"the parameter {name}, which has NoEcho"
    holder, _, of = symbol.name.partition(".")
    resource = template.resources.get(holder)
    if symbol.kind == "attribute" and of == "SecretAccessKey" and resource and resource.type == "AWS::IAM::AccessKey":
        return f"the secret access key of {holder}"
    return ""


@says("resource", "property", "what")
def authentication(subject: TemplateSubject) -> Iterator[Hit]:
    """The credentials that an instance downloads with are written in its metadata."""
    template = subject.access.template
    for resource in template.resources.values():
        metadata = _entry(resource.node, "Metadata")
        if metadata is None:
            continue
        start = _Place(metadata.key, metadata.value, ())
        for key, what in _CREDENTIALS.items():
            for place in _below(start, (_AUTHENTICATION, "{}", key), template):
                yield from _authentication(resource, what, place, template)


def _authentication(resource: Resource, what: str, place: _Place, template: Template) -> Iterator[Hit]:
    for when, text in _texts(place, template):
        taken = _Taken(resource, what, place, text, when)
        symbol = text.symbol
        if text.literal is not None and _is_said(taken, text.literal):
            masked, related = _masked(taken)
            yield Hit(place.key.span, facts=taken.facts, when=when, related=related, masked=masked)
        elif symbol and symbol.default and _is_said(taken, symbol.default):
            answer = Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default",))
            yield Hit(place.key.span, answer, taken.facts, when, masked=text.via[0].span if text.via else None)


@says("user", "found")
def password_kept(subject: TemplateSubject) -> Iterator[Hit]:
    """A console password that nothing makes its user change."""
    template = subject.access.template
    for resource in template.resources.values():
        start = _start(resource) if resource.type == "AWS::IAM::User" else None
        for profile in _below(start, ("LoginProfile",), template):
            for when, found in shallow(profile.node, _scope(template, profile.when)):
                if isinstance(found, Mapping):
                    yield from _kept(resource, found.entry("PasswordResetRequired"), profile._replace(when=when), template)


def _kept(resource: Resource, required: Entry | None, profile: _Place, template: Template) -> Iterator[Hit]:
    if required is None or isinstance(evaluate(required.value, _scope(template, profile.when)), NoValue):
        facts = {"user": resource.id, "found": "PasswordResetRequired is not set"}
        yield Hit(profile.key.span, facts=facts, when=profile.when)
        return
    for when, text in _texts(_Place(required.key, required.value, profile.when), template):
        symbol = text.symbol
        value = text.literal or (symbol.default if symbol else None) or "true"
        if value.lower() == "false":
            assumed = (f"{symbol.name} keeps its default",) if symbol else ()
            answer = Answer(Certainty.POSSIBLE if symbol else Certainty.CERTAIN, assumed)
            yield Hit(required.key.span, answer, {"user": resource.id, "found": "PasswordResetRequired is false"}, when)


def _taken(template: Template, table: _Table) -> Iterator[_Taken]:
    """The texts that properties of a table take, each with what must hold for it."""
    for resource in template.resources.values():
        start = _start(resource)
        for path, what in table(resource.type).items():
            # All texts of a list count as one place: the list is what a report has to hide.
            for place in _below(start, tuple(path.removesuffix("/*").split("/")), template):
                for when, text in _texts(place, template):
                    taken = _Taken(resource, what, place, _bare(text), when)
                    yield from _members(taken) if _is_document(taken) and str(text).lstrip().startswith("{") else (taken,)


def _bare(text: Text) -> Text:
    """The text without the word that says how it is sent: of ``Bearer ${Token}`` the token."""
    match text.pieces:
        case (Literal(text=word), Hole() as hole) if word.strip(" =:").lower() in _SCHEMES:
            return text._replace(pieces=(hole,))
        case (Literal(text=known) as literal_,) if literal_.offset >= 0 and known.partition(" ")[0].lower() in _SCHEMES:
            rest = known.partition(" ")[2]
            return text._replace(pieces=(literal_._replace(text=rest, offset=literal_.offset + len(known) - len(rest)),))
        case _:
            return text


def _members(taken: _Taken) -> Iterator[_Taken]:
    """The members of a stored JSON object whose name says that they are secret."""
    holes = {str(piece.symbol): piece for piece in taken.text.pieces if isinstance(piece, Hole)}
    for name, value in _MEMBER.findall(str(taken.text)):
        if names_secret(name):
            piece = holes.get(value)
            text = Text((piece,), taken.text.node) if piece else plain_text(value, taken.text.node)
            if piece or "${" not in value:
                yield taken._replace(text=text, what=f"{name} in the stored secret")


def _by_parameter(template: Template) -> list[tuple[Parameter, list[_Taken]]]:
    """The parameters that are nothing but a secret, and the properties that take each."""
    found: dict[str, list[_Taken]] = {}
    for taken in _taken(template, curated.secrets):
        for parameter in _parameters(taken.text, template) if taken.text.symbol else ():
            if not parameter.is_looked_up and not _is_skill(taken, parameter):
                found.setdefault(parameter.name, []).append(taken)
    return [(template.parameters[name], takers) for name, takers in found.items()]


def _is_skill(taken: _Taken, parameter: Parameter) -> bool:
    """Whether a token is the id of an Alexa skill, which is no secret."""
    return taken.place.key.text == "EventSourceToken" and "skill" in parameter.name.lower()


def _parameters(text: Text, template: Template) -> list[Parameter]:
    """The parameters that a text holds; a member of a list parameter is called by its number."""
    names = [symbol.name.partition("[")[0] for symbol in text.symbols if symbol.kind == "parameter"]
    return [template.parameters[name] for name in names if name in template.parameters]


def _start(resource: Resource) -> _Place | None:
    return None if resource.properties is None else _Place(resource.key, resource.properties, ())


def _below(place: _Place | None, steps: tuple[str, ...], template: Template) -> Iterator[_Place]:
    """The places that a path leads to."""
    if place is None:
        return
    if not steps:
        yield place
        return
    for when, found in shallow(place.node, _scope(template, place.when)):
        match found:
            case Sequence() if steps[0] == "*":
                for item in found.items:
                    yield from _below(_Place(place.key, item, when), steps[1:], template)
            case Mapping():
                for entry in found.entries:
                    if steps[0] in ("{}", entry.key.text):
                        yield from _below(_Place(entry.key, entry.value, when), steps[1:], template)


def _texts(place: _Place, template: Template) -> Iterator[tuple[When, Text]]:
    """The texts that may stand at a place, one by one for a list."""
    for when, known in elements(evaluate(place.node, _scope(template, place.when)), place.when):
        if isinstance(known, Text):
            yield when, known


def _scope(template: Template, when: When = ()) -> Scope:
    """A template as it is written: what the user gives a parameter stands nowhere in it."""
    return Scope(template._replace(given={}), when)


def _entry(node: Node | None, key: str) -> Entry | None:
    return node.entry(key) if isinstance(node, Mapping) else None
