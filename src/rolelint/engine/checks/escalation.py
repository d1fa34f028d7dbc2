"""Which single permissions lead to all others?

The paths are curated facts; those that need more than one action are judged over all that a principal holds.
"""

from collections.abc import Iterator
from functools import cache, partial
from re import compile as compile_pattern

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields, reaches
from rolelint.iam.conditions import restricts
from rolelint.iam.patterns import Answer, covers, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.template.values import both

_VARIABLE = compile_pattern(r"\$\{[^}]*\}")
_NARROWING = frozenset(("iam:permissionsboundary", "iam:policyarn", "iam:resourcetag", "aws:resourcetag"))
_CHOOSES_ROLES = ("aws:resource", "iam:resourcetag", "sts:externalid")
_ELSEWHERE = frozenset(("iam-federation-provider", "iam-reactivate-access-key"))
"""Paths that lead nowhere without a fact from outside: a role that trusts the provider, a switched-off key in hand."""


@says("actions", "resource", "gain")
def self_grant(subject: StatementSubject) -> Iterator[Hit]:
    """An action that widens its holder's own permissions."""
    return _alone(subject, "self-grant")


@says("actions", "resource", "gain")
def credentials(subject: StatementSubject) -> Iterator[Hit]:
    """An action that hands out another principal's credentials."""
    return _alone(subject, "credential-mint")


@says("actions", "resource", "gain")
def trust(subject: StatementSubject) -> Iterator[Hit]:
    """An action that opens the trust of another role."""
    return _alone(subject, "trust-edit")


@says("actions", "resource", "gain")
def guardrail(subject: StatementSubject) -> Iterator[Hit]:
    """An action that lifts a permissions boundary."""
    return _alone(subject, "guardrail-removal")


@says("action", "resource")
def assume_any_role(subject: StatementSubject) -> Iterator[Hit]:
    """Every role, as far as the roles themselves allow it."""
    statement = subject.statement
    if any(restricts(one) and one.name.startswith(_CHOOSES_ROLES) for one in statement.conditions):
        return
    yield from _where_reached(statement, {"sts:AssumeRole": ""})


def _alone(subject: StatementSubject, category: str) -> Iterator[Hit]:
    if not _narrowed(subject.statement):
        yield from _where_reached(subject.statement, _gains(category))


def _where_reached(statement: Statement, gains: dict[str, str]) -> Iterator[Hit]:
    """One hit for the actions among ``gains`` that an Allow gives on everything that they work on."""
    if not statement.allows or statement.not_actions or statement.not_resources:
        return
    best: Hit | None = None
    for resource in statement.resources:
        written: dict[str, tuple[Pattern, str, Answer]] = {}
        for pattern in statement.actions:
            if both(pattern.when, resource.when) is None:
                continue
            for action in gains:
                answer = judge(resource.text, partial(_reaches_all, action))
                if _names(pattern, action) and answer.certainty:
                    written.setdefault(str(pattern.text), (pattern, action, answer))
        if written:
            pattern, action, answer = next(iter(written.values()))
            shown = listed(list(written))
            facts = {"actions": shown, "action": shown, "resource": str(resource.text), "gain": gains[action]}
            hit = Hit(pattern.span, answer, facts, both(pattern.when, resource.when) or (), about=frozenset(written))
            if best is None or hit.answer.certainty > best.answer.certainty:
                best = hit
    if best:
        yield best


@cache
def _gains(category: str) -> dict[str, str]:
    """What each action of IAM that walks a path of a category alone brings its holder."""
    found: dict[str, str] = {}
    for path in curated.escalation_paths():
        if path.category == category and path.severity != "low" and path.id not in _ELSEWHERE:
            for combination in path.combinations:
                if len(combination) == 1 and combination[0].startswith("iam:"):
                    gain = path.gain.rstrip(".")
                    found[combination[0]] = gain[:1].lower() + gain[1:]
    return found


def _names(pattern: Pattern, action: str) -> bool:
    text = pattern.text.literal
    return text is not None and (text == "*" or ":" in text) and covers(text, action, any_case=True)


def _narrowed(statement: Statement) -> bool:
    """Whether a condition leaves some targets out, or asks for a key that requests of these actions never carry."""
    for condition in statement.conditions:
        key = condition.name.partition("/")[0]
        never_there = not key.startswith("aws:") and not condition.operator.lower().endswith("ifexists")
        if restricts(condition) and (key in _NARROWING or never_there):
            return True
    return False


@cache
def _kinds(action: str) -> tuple[str, ...]:
    """The ARNs of everything that an action works on, as patterns."""
    found = catalogue.find(action)
    return tuple(_VARIABLE.sub("*", form) for form in catalogue.formats(found)) if found else ()


def _reaches_all(action: str, resource: str) -> bool:
    given = fields(resource)
    if given is None or given[4] == "aws":  # AWS's own policies cannot be changed
        return False
    return any(reaches(resource, kind) for kind in _kinds(action))
