"""Where does a template take a secret, and is what stands there the secret itself? By our table of properties."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly

from rolelint.catalogue import curated
from rolelint.engine.checks.secret_texts import has_own_rule, is_made_up, looks_secret, names_secret, stands_for_something
from rolelint.engine.checks.written import Place, below, start_of, texts_at
from rolelint.engine.findings import Related
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Span
from rolelint.template.template import Parameter, Resource, Template
from rolelint.template.values import (
    Hole,
    Literal,
    Text,
    When,
    plain_text,
)
from rolelint.tuples import NamedTuple

DYNAMIC = pattern(r"\{(?:\{)?resolve:(ssm-secure|ssm|secretsmanager):")
_MEMBER = pattern(r'"([^"\\]+)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_WORDS = pattern(r"[A-Za-z _-]{1,24}")
_SCHEMES = frozenset(("basic", "bearer", "token", "splunk", "genie key", "apikey", "key"))
"""Words before a token in a header that says who calls."""
_SKILL = "amzn1."
"""How the id of an Alexa skill begins: a token that says who calls, and no secret."""


class Taken(NamedTuple):
    """A secret that a property takes: what it is for which resource, where, and the text it may be."""

    resource: Resource
    what: str
    place: Place
    text: Text
    when: When

    @property
    def facts(self) -> dict[str, str]:
        """The words for a message."""
        return {"resource": self.resource.id, "property": self.place.key.text, "what": self.what}


_Table = Callable[[str], ReadOnly[str, str]]


def taken_by(template: Template, table: _Table) -> Iterator[Taken]:
    """The texts that properties of a table take, each with what must hold for it."""
    for resource in template.resources.values():
        start = start_of(resource)
        for path, what in table(resource.type).items():
            # All texts of a list count as one place: the list is what a report has to hide.
            for place in below(start, tuple(path.removesuffix("/*").split("/")), template):
                for when, text in texts_at(place, template):
                    taken = Taken(resource, what, place, _bare(text), when)
                    yield from _members(taken) if is_document(taken) and str(text).lstrip().startswith("{") else (taken,)


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


def _members(taken: Taken) -> Iterator[Taken]:
    """The members of a stored JSON object whose name says that they are secret."""
    holes = {str(piece.symbol): piece for piece in taken.text.pieces if isinstance(piece, Hole)}
    for name, value in _MEMBER.findall(str(taken.text)):
        if names_secret(name):
            piece = holes.get(value)
            text = Text((piece,), taken.text.node) if piece else plain_text(value, taken.text.node)
            if piece or "${" not in value:
                yield taken._replace(text=text, what=f"{name} in the stored secret")


def by_parameters(template: Template) -> list[tuple[Parameter, list[Taken]]]:
    """The parameters that are nothing but a secret, and the properties that take each."""
    found: dict[str, list[Taken]] = {}
    for taken in taken_by(template, curated.secrets):
        for parameter in parameters_in(taken.text, template) if taken.text.symbol else ():
            if not parameter.is_looked_up and not _is_skill(taken, parameter):
                found.setdefault(parameter.name, []).append(taken)
    return [(template.parameters[name], takers) for name, takers in found.items()]


def _is_skill(taken: Taken, parameter: Parameter) -> bool:
    """Whether a token is the id of an Alexa skill, which is no secret."""
    return taken.place.key.text == "EventSourceToken" and "skill" in parameter.name.lower()


def parameters_in(text: Text, template: Template) -> list[Parameter]:
    """The parameters that a text holds; a member of a list parameter is called by its number."""
    names = [symbol.name.partition("[")[0] for symbol in text.symbols if symbol.kind == "parameter"]
    return [template.parameters[name] for name in names if name in template.parameters]


def is_said(taken: Taken, text: str) -> bool:
    """Whether a text is the secret itself, and no other rule is about its form."""
    if not text.strip() or stands_for_something(text) or text.startswith(_SKILL) or has_own_rule(taken.place.key.text, text):
        return False
    is_whole = is_document(taken) and taken.what.startswith("the ")
    return (
        not DYNAMIC.search(text) and not (is_whole and not looks_secret(text)) and not (is_document(taken) and is_made_up(text))
    )


def how_surely(taken: Taken, text: str) -> Answer:
    """People choose words for passwords, while keys and tokens are given to them: a word may stand for one."""
    chosen = "pass" in f"{taken.place.key.text} {taken.what}".lower() or not _WORDS.fullmatch(text)
    return CERTAIN if chosen else Answer(Certainty.POSSIBLE, ("the words that are written are the real value",))


def is_document(taken: Taken) -> bool:
    """Whether what is taken may be a JSON object of which only some members are secret."""
    return taken.resource.type == "AWS::SecretsManager::Secret"


def characters_of(taken: Taken) -> tuple[Span, tuple[Related, ...]]:
    """The characters to hide, and their place when it is another one."""
    written = taken.place.node.span
    spans = [piece.span for piece in taken.text.pieces if isinstance(piece, Literal)] or [one.span for one in taken.text.via[:1]]
    away = [one for one in spans if not written.start <= one.start < max(written.end, written.start + 1)]
    if not away:
        return written, ()
    return away[0], (Related("its text is here", away[0]._replace(end=away[0].start)),)
