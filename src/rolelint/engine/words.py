"""Which words may a rule use? Each gives the places of a subject where it holds, and how surely.

Fields of a statement: ``effect``, ``action``, ``resource``, ``principal``, ``condition``, ``element``, ``holder``.
Fields of an attachment: ``policy``, ``holder``. Fields of a principal: ``type``.
"""

from collections.abc import Callable, Iterator
from functools import partial

from rolelint.engine.findings import Related
from rolelint.engine.rule import Clause
from rolelint.engine.subjects import AttachmentSubject, PrincipalSubject, StatementSubject, Subject
from rolelint.iam.arns import reaches
from rolelint.iam.conditions import lacks, leaves_account, what_limits
from rolelint.iam.elements import Pattern, PrincipalPattern, is_every_action
from rolelint.iam.globs import covers
from rolelint.iam.grants import excepting
from rolelint.iam.patterns import CERTAIN, Answer, Certainty, judge, together
from rolelint.iam.statements import Statement
from rolelint.syntax.source import Span
from rolelint.template.values import Text, When
from rolelint.tuples import NamedTuple


class Match(NamedTuple):
    """A place where a clause holds."""

    answer: Answer
    span: Span | None = None
    shown: str = ""
    when: When = ()
    related: tuple[Related, ...] = ()


WORDS: dict[str, dict[str, frozenset[str]]] = {
    "statement": {
        "effect": frozenset({"is"}),
        "action": frozenset({"is", "covers"}),
        "resource": frozenset({"is", "covers"}),
        "principal": frozenset({"is"}),
        "condition": frozenset({"has", "lacks", "leaves"}),
        "element": frozenset({"has"}),
        "holder": frozenset({"is"}),
    },
    "attachment": {"policy": frozenset({"is"}), "holder": frozenset({"is"})},
    "principal": {"type": frozenset({"is"})},
    "template": {},
    "problem": {},
}
WORDS |= dict.fromkeys(("trust", "resource-policy", "grant", "inbound", "endpoint-policy", "any-statement"), WORDS["statement"])
"""The words that each field of each kind of subject understands."""


def matches(subject: Subject, clause: Clause) -> Iterator[Match]:
    """The places of a subject where a clause holds."""
    match subject:
        case StatementSubject():
            yield from _statement(subject, clause)
        case AttachmentSubject():
            found = subject.named.name if clause.field == "policy" else subject.attachment.resource.type
            if found in clause.argument:
                named, (_, text, when, *_) = subject.named, subject.attachment
                answer = together(Answer(named.certainty, named.assumptions), subject.given)
                if answer.certainty:
                    yield Match(answer, text.span, named.name, when, came_through(text))
        case PrincipalSubject():
            if subject.principal.resource.type in clause.argument:
                yield Match(CERTAIN, subject.principal.resource.key.span, subject.principal.id)


def _statement(subject: StatementSubject, clause: Clause) -> Iterator[Match]:
    statement = subject.statement
    match clause.field:
        case "effect":
            yield from _if(statement.effect.lower() in clause.argument and not statement.idle)
        case "action":
            given = clause._replace(argument=tuple(filter(statement.gives, clause.argument)))
            hold = _action_is if clause.word == "is" else _action_covers
            found = _elements(statement, statement.actions, hold, given, excluded=statement.not_actions)
            yield from _limited(found, [what_limits(statement, one) for one in given.argument]) if statement.limits else found
        case "resource":
            hold = _resource_is if clause.word == "is" else _resource_covers
            yield from _elements(statement, statement.resources, hold, clause, excluded=statement.not_resources)
        case "principal":
            yield from _each(statement.principals, _is, clause) if not statement.not_principals else ()
        case "condition":
            yield from _condition(statement, clause)
        case "element":
            wanted = {name.lower() for name in clause.argument}
            yield from (Match(CERTAIN, key.span, name) for name, key in statement.element_keys if name.lower() in wanted)
        case "holder":
            yield from _if(any(holder.resource.type in clause.argument for holder in subject.holders))


def _condition(statement: Statement, clause: Clause) -> Iterator[Match]:
    """``lacks`` and ``has`` ask for keys, ``leaves: account`` whether a star still means all of the account."""
    answer = leaves_account(statement) if clause.word == "leaves" else lacks(statement, clause.argument)
    if clause.word == "has":
        answer = Answer(Certainty(Certainty.CERTAIN - answer.certainty), answer.assumptions)
    if answer.certainty:
        yield Match(answer)


def _limited(matches: Iterator[Match], limits: list[str]) -> Iterator[Match]:
    """Matches of actions; only possible where each action is denied on some targets."""
    doubt = limits[0] if limits and all(limits) else ""
    for match in matches:
        if doubt and match.answer.certainty:
            assumed = (*match.answer.assumptions, f"{doubt} leaves enough")
            match = match._replace(answer=Answer(Certainty.POSSIBLE, assumed))  # noqa: PLW2901 - the same match, less sure
        yield match


def _if(holds: bool) -> Iterator[Match]:  # noqa: FBT001 - it is the question itself
    if holds:
        yield Match(CERTAIN)


_Holds = Callable[[str, tuple[str, ...]], bool]


def _is(text: str, wanted: tuple[str, ...]) -> bool:
    return text in wanted


def _resource_is(text: str, wanted: tuple[str, ...]) -> bool:
    return text in wanted or ("*" in wanted and "*" in text and set(text) <= {"*", "?"})


def _action_is(text: str, wanted: tuple[str, ...]) -> bool:
    return text.lower() in {one.lower() for one in wanted} or ("*" in wanted and is_every_action(text))


def _action_covers(text: str, wanted: tuple[str, ...]) -> bool:
    written = ":" in text or is_every_action(text)  # IAM takes no other word without a service
    return written and any(covers(text, one, any_case=True) for one in wanted)


def _resource_covers(text: str, wanted: tuple[str, ...]) -> bool:
    return any(reaches(text, one) for one in wanted)


def _each(patterns: tuple[Pattern, ...] | tuple[PrincipalPattern, ...], holds: _Holds, clause: Clause) -> Iterator[Match]:
    for pattern in patterns:
        answer = judge(pattern.text, lambda text: holds(text, clause.argument))
        if answer.certainty:
            yield Match(answer, pattern.span, str(pattern.text), pattern.when, came_through(pattern.text))


def _elements(
    statement: Statement, patterns: tuple[Pattern, ...], holds: _Holds, clause: Clause, *, excluded: bool
) -> Iterator[Match]:
    """Where a clause holds of patterns; of a NotAction or NotResource it holds for what none of its patterns takes away."""
    if not excluded:
        yield from _each(patterns, holds, clause)
    elif clause.word == "covers":
        for wanted in clause.argument:
            answers = [judge(pattern.text, partial(_holds_of, holds, wanted)) for pattern in patterns]
            worst = max((answer.certainty for answer in answers), default=Certainty.NO)
            if worst is not Certainty.CERTAIN:
                name = f"Not{clause.field.capitalize()}"
                certainty = Certainty.CERTAIN if worst is Certainty.NO else Certainty.POSSIBLE
                yield Match(Answer(certainty), statement.element(name), excepting(name, patterns))
                return


def _holds_of(holds: _Holds, wanted: str, text: str) -> bool:
    return holds(text, (wanted,))


def came_through(text: Text) -> tuple[Related, ...]:
    """The definitions that a value came through, as places to show beside a finding."""
    return tuple(Related(step.role, step.span.on_one_line()) for step in text.via)
