"""Which wildcards in a statement allow more than anybody wrote down?"""

from collections.abc import Callable, Iterator
from re import compile as compile_pattern

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.catalogue.globs import matcher
from rolelint.engine.checks.phrases import has_something_to_lose, in_words, names, telling
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields
from rolelint.iam.conditions import restricts
from rolelint.iam.grants import fits, named
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.template.template import Template
from rolelint.template.values import Hole, Text, both

_WRITES = frozenset({"permissions", "write", "tagging"})
_CREATES = ("Allocate", "Copy", "Create", "Import", "Register", "Request", "Run")
_GENERATED = compile_pattern(r"Id\}$")
_LETTER = compile_pattern("[\ue000-\uf8ff]")


# -- Which resources? --------------------------------------------------------------------------------------------------


def _is_everything(pattern: str) -> bool:
    """Whether a pattern is ``*``, or an ARN that leaves its whole last field open, such as ``arn:aws:s3:::*``."""
    given = fields(pattern)
    return given is not None and "*" in given[5] and set(given[5]) <= {"*", "/", ":"}


def _stars(statement: Statement, holds: Callable[[str], bool]) -> list[tuple[Pattern, Answer]]:
    """The resource patterns of an Allow for which something holds, the surest first."""
    if not statement.allows or statement.not_resources:
        return []
    found = [(pattern, _stated(pattern.text, holds)) for pattern in statement.resources]
    return sorted((one for one in found if one[1].certainty), key=lambda one: -one[1].certainty)


def _stated(text: Text, holds: Callable[[str], bool]) -> Answer:
    """Whether something holds of a resource, by what the template says of it.

    To take an ARN as a parameter is good practice: that somebody could pass a ``*`` is not held against it, a default is.
    """
    answer, symbol = judge(text, holds), text.symbol
    if answer.certainty is not Certainty.POSSIBLE or symbol is None or not symbol.free or symbol.allowed:
        return answer
    return answer if symbol.default is not None and holds(symbol.default) else NO


def _reach(action: Action, statement: Statement, template: Template) -> Answer:
    """Whether an action can be allowed on a statement's resources. A hole alone may be an ARN of any kind."""
    if statement.not_resources:
        return CERTAIN
    best = NO
    for pattern in statement.resources:
        shape = _shape(pattern.text, template)
        if not fits(action, shape):
            continue
        if not _LETTER.fullmatch(shape) or len(catalogue.resource_types(action.service)) == 1:
            return CERTAIN
        best = Answer(Certainty.POSSIBLE, (f"{pattern.text} is what {action.full_name} works on",))
    return best


def _shape(text: Text, template: Template) -> str:
    """A resource as text, with the ARN of a resource of the template in the form that its type's ARNs have."""
    plain = as_letters(text)
    first = text.pieces[0] if text.pieces else None
    if isinstance(first, Hole) and first.symbol.kind in ("attribute", "name"):
        logical_id, _, attribute = first.symbol.name.partition(".")
        owner = template.resources.get(logical_id)
        form = _arn_format(owner.type) if owner and attribute in ("Arn", "") else None
        if form and (attribute or "Arn" not in owner_attributes(form)):
            return form + plain[1:]
    return plain


