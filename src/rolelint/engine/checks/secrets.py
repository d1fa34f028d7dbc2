"""Is a secret written where one is taken? Or given by a parameter that shows it, or read by whoever deploys?

Dynamic references: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
What NoEcho hides: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from collections.abc import Iterator

from rolelint.catalogue import curated
from rolelint.engine.checks.secret_places import (
    DYNAMIC,
    Taken,
    by_parameters,
    characters_of,
    how_surely,
    is_document,
    is_said,
    parameters_in,
    taken_by,
)
from rolelint.engine.checks.written import Place, as_written, below, entry_of, start_of, texts_at
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.syntax.nodes import Entry, Mapping
from rolelint.template.evaluate import evaluate, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import (
    Literal,
    NoValue,
)

_OPEN = frozenset(("parameter", "pseudo", "name", "mapping"))
"""Kinds of symbols whose value is no secret of its own."""
_FEW = 6
"""Letters of a text beside its symbols from which on the text is a part of the secret."""
_LONG = 14
"""Characters of a password: https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html#iam-15"""


@says("resource", "property", "what")
def literal(subject: TemplateSubject) -> Iterator[Hit]:
    """A property that holds a secret has it written out."""
    template = subject.access.template
    for taken in taken_by(template, curated.secrets):
        answer = _written(taken, template)
        if answer.certainty:
            masked, related = characters_of(taken)
            about = frozenset({taken.resource.id})
            yield Hit(taken.place.key.span, answer, taken.facts, taken.when, related, masked=masked, about=about)


def _written(taken: Taken, template: Template) -> Answer:
    """Whether characters of the secret stand in the template."""
    text, known = taken.text, taken.text.literal
    if known is not None:
        return how_surely(taken, known) if is_said(taken, known) else Answer(Certainty.NO)
    symbol = text.symbol
    if symbol and symbol.kind == "mapping" and symbol.allowed:
        said = [is_said(taken, one) for one in symbol.allowed]
        return CERTAIN if all(said) else Answer(Certainty.POSSIBLE if any(said) else Certainty.NO)
    letters = sum(sum(map(str.isalnum, piece.text)) for piece in text.pieces if isinstance(piece, Literal))
    open_ = all(one.kind in _OPEN for one in text.symbols) and not DYNAMIC.search(str(text))
    if letters < _FEW or not open_ or is_document(taken) or any(one.no_echo for one in parameters_in(text, template)):
        return Answer(Certainty.NO)
    return Answer(Certainty.POSSIBLE, tuple(f"{one} adds nothing that is secret" for one in text.symbols))


@says("resource", "what", "parameter")
def parameter_default(subject: TemplateSubject) -> Iterator[Hit]:
    """A parameter that a secret is given in has a default, which is then the secret of whoever gives none."""
    for parameter, takers in by_parameters(subject.access.template):
        entry = entry_of(parameter.node, "Default")
        if entry is None or parameter.default is None:
            continue
        speaking = [one for one in takers if is_said(one, parameter.default.text)]
        if speaking:
            facts = {**speaking[0].facts, "parameter": parameter.name}
            related = tuple(Related(f"{one.what} of {one.resource.id}", one.place.key.span) for one in speaking)
            answer = how_surely(speaking[0], parameter.default.text)
            about = frozenset(one.resource.id for one in speaking)
            yield Hit(entry.key.span, answer, facts, related=related, masked=parameter.default.span, about=about)


@says("resource", "what", "parameter")
def echoed(subject: TemplateSubject) -> Iterator[Hit]:
    """A parameter that a secret is given in shows it to whoever may describe the stack."""
    template = subject.access.template
    declared = template.root.get("Parameters")
    for parameter, takers in by_parameters(template):
        entry = entry_of(declared, parameter.name)
        if entry is None or parameter.no_echo:
            continue
        facts = {**takers[0].facts, "parameter": parameter.name}
        related = tuple(Related(f"{one.what} of {one.resource.id}", one.place.key.span) for one in takers)
        yield Hit(entry.key.span, facts=facts, related=related, masked=parameter.default.span if parameter.default else None)


@says("resource", "property", "what", "parameter")
def by_parameter(subject: TemplateSubject) -> Iterator[Hit]:
    """A secret comes in a parameter, so somebody who deploys has to know it."""
    for parameter, takers in by_parameters(subject.access.template):
        for one in (one for one in takers if not is_document(one)):
            yield Hit(one.place.key.span, facts={**one.facts, "parameter": parameter.name}, when=one.when)


@says("resource", "property", "what", "found")
def plain_store(subject: TemplateSubject) -> Iterator[Hit]:
    """A secret comes from a Systems Manager parameter that keeps it as plain text."""
    template = subject.access.template
    for taken in taken_by(template, curated.secrets):
        references = DYNAMIC.findall(str(taken.text))
        looked_up = [one for one in parameters_in(taken.text, template) if one.is_looked_up]
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
    for taken in (*taken_by(template, curated.secrets), *taken_by(template, curated.user_names)):
        for one in DYNAMIC.findall(str(taken.text)):
            if one in services:
                yield Hit(taken.place.key.span, facts={**taken.facts, "service": services[one]}, when=taken.when)
                break


@says("resource", "property", "what", "found")
def user_name(subject: TemplateSubject) -> Iterator[Hit]:
    """The name of an account is written out, or shown by the stack."""
    template = subject.access.template
    for taken in taken_by(template, curated.user_names):
        parameters = parameters_in(taken.text, template)
        shown = [one for one in parameters if not one.is_looked_up and (not one.no_echo or one.default)]
        if taken.text.literal is not None and not DYNAMIC.search(taken.text.literal):
            yield Hit(taken.place.key.span, facts={**taken.facts, "found": f"{taken.text.literal!r}"}, when=taken.when)
        elif shown and taken.text.symbol:
            why = "has a default" if shown[0].default else "has no NoEcho"
            facts = {**taken.facts, "found": f"the parameter {shown[0].name}, which {why}"}
            yield Hit(taken.place.key.span, facts=facts, when=taken.when)


@says("resource", "property", "what")
def missing(subject: TemplateSubject) -> Iterator[Hit]:
    """A resource that needs a password has none, and nothing that would stand for it."""
    template = subject.access.template
    for resource in template.resources.values():
        start = start_of(resource) or Place(resource.key, resource.node, ())
        for path, instead in curated.needed(resource.type).items():
            above, _, name = path.rpartition("/")
            for place in below(start, tuple(filter(None, above.split("/"))), template):
                for when, found in shallow(place.node, as_written(template, place.when)):
                    if isinstance(found, Mapping) and not any(
                        entry.key.text in (name, *instead, "Fn::Transform") for entry in found.entries
                    ):
                        what = curated.secrets(resource.type).get(path, "the password")
                        facts = {"resource": resource.id, "property": path.replace("*/", ""), "what": what}
                        yield Hit(place.key.span, facts=facts, when=when)


@says("user", "found")
def password_weak(subject: TemplateSubject) -> Iterator[Hit]:
    """A console password that stands in the template, or in a parameter's default, is short or of few kinds of characters."""
    template = subject.access.template
    for taken in taken_by(template, curated.secrets):
        symbol = taken.text.symbol
        known = taken.text.literal or (symbol.default if symbol else None)
        if taken.resource.type == "AWS::IAM::User" and known and is_said(taken, known) and (found := _lacking(known)):
            assumed = (f"{symbol.name} keeps its default",) if symbol else ()
            answer = Answer(Certainty.POSSIBLE if symbol else Certainty.CERTAIN, assumed)
            masked, related = characters_of(taken)
            facts = {"user": taken.resource.id, "found": listed(found, len(found))}
            about = frozenset({taken.resource.id})
            yield Hit(taken.place.key.span, answer, facts, taken.when, related, masked=masked, about=about)


def _lacking(password: str) -> list[str]:
    """What a password lacks of what Security Hub asks of the password policy of an account."""
    kinds = {
        "no uppercase letter": str.isupper,
        "no lowercase letter": str.islower,
        "no digit": str.isdigit,
        "no symbol": lambda character: not character.isalnum(),
    }
    short = [f"fewer than {_LONG} characters"] if len(password) < _LONG else []
    return short + [lack for lack, is_kind in kinds.items() if not any(map(is_kind, password))]


@says("user", "found")
def password_kept(subject: TemplateSubject) -> Iterator[Hit]:
    """A console password that nothing makes its user change."""
    template = subject.access.template
    for resource in template.resources.values():
        start = start_of(resource) if resource.type == "AWS::IAM::User" else None
        for profile in below(start, ("LoginProfile",), template):
            for when, found in shallow(profile.node, as_written(template, profile.when)):
                if isinstance(found, Mapping):
                    yield from _kept(resource, found.entry("PasswordResetRequired"), profile._replace(when=when), template)


def _kept(resource: Resource, required: Entry | None, profile: Place, template: Template) -> Iterator[Hit]:
    if required is None or isinstance(evaluate(required.value, as_written(template, profile.when)), NoValue):
        facts = {"user": resource.id, "found": "PasswordResetRequired is not set"}
        yield Hit(profile.key.span, facts=facts, when=profile.when)
        return
    for when, text in texts_at(Place(required.key, required.value, profile.when), template):
        symbol = text.symbol
        value = text.literal or (symbol.default if symbol else None) or "true"
        if value.lower() == "false":
            assumed = (f"{symbol.name} keeps its default",) if symbol else ()
            answer = Answer(Certainty.POSSIBLE if symbol else Certainty.CERTAIN, assumed)
            yield Hit(required.key.span, answer, {"user": resource.id, "found": "PasswordResetRequired is false"}, when)
