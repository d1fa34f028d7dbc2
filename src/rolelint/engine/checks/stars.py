"""Which statements mean every resource, where their actions could name the few that are needed?"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.actors import needs_everything
from rolelint.engine.checks.phrases import has_something_to_lose, in_words, is_of_its_type, kind_of, telling
from rolelint.engine.checks.weight import is_minor
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.narrower import narrower
from rolelint.engine.subjects import StatementSubject, held_beside
from rolelint.engine.words import came_through
from rolelint.iam.access import Access
from rolelint.iam.arns import fields, is_all_of_a_type
from rolelint.iam.conditions import ON_WHAT, sees_every_resource, verdicts
from rolelint.iam.elements import Pattern, is_every_action
from rolelint.iam.grants import can_be_called, fits, named, names, types_named
from rolelint.iam.patterns import NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import Literal, Piece, Text, both
from rolelint.tuples import NamedTuple

WRITES = frozenset({"permissions", "write", "tagging"})
"""The access levels of actions that change something."""
_LOGGING = frozenset({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"})
_KEEPING = frozenset({"logs:PutRetentionPolicy"})
"""What agents that ship logs do to the groups that they make."""
_CREATES = ("Allocate", "Copy", "Create", "Import", "Register", "Request", "Run")
_GENERATED = compile_pattern(r"Id\}$")

_Stars: TypeAlias = list[tuple[Pattern, Answer]]


# -- What means everything? --------------------------------------------------------------------------------------------------


def is_everything(pattern: str) -> bool:
    """Whether a pattern is ``*``, or an ARN that leaves its whole last field open, such as ``arn:aws:s3:::*``."""
    given = fields(pattern)
    if given is None or set(given[5]) - {"*", "?", "/", ":"} or "*" not in given[5]:
        return False
    slash = given[2] == "apigateway" and given[5] == "/*"  # all of API Gateway's begin with one
    return slash or given[5].startswith(("*", "?"))


def leaves_names_open(_: Access, statement: Statement) -> bool:
    """Whether some resource of a statement has a wildcard, or a hole that may be one: a quick answer before a slow one."""
    return any(_may_be_wild(piece) for one in statement.resources for piece in one.text.pieces)


def _may_be_wild(piece: Piece) -> bool:
    if isinstance(piece, Literal):
        return not {"*", "?"}.isdisjoint(piece.text)
    symbol = piece.symbol
    return symbol.free or any(not {"*", "?"}.isdisjoint(text) for text in (symbol.default or "", *symbol.allowed))


def stars_of(statement: Statement, holds: Callable[[str], bool]) -> _Stars:
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


def whole_service(pattern: Pattern) -> str | None:
    """The service whose every action a pattern names."""
    service, colon, name = (pattern.text.literal or "").partition(":")
    whole = "*" in name and set(name) <= {"*", "?"}
    return service.lower() if colon and whole and catalogue.actions_of(service.lower()) else None


# -- Every resource ----------------------------------------------------------------------------------------------------


@cache
def could_name(action: Action) -> bool:
    """Whether an action could be held to resources by name: it works on some, and they have names before it is called."""
    if not action.scopable or catalogue.needs_star(action) or catalogue.star_ok_when(action) is not None:
        return False
    generated = all(_GENERATED.search(form) for form in catalogue.formats(action))
    return not (generated and action.name.startswith(_CREATES) and is_of_its_type(action))


class _Asked(NamedTuple):
    """Which resource patterns count, which of their actions, how it must reach what those work on, and which are a matter."""

    stars: Callable[[Access, Statement], _Stars]
    wanted: Callable[[Action], bool]
    reaches: Callable[[Pattern, Action], bool]
    matter: Callable[[list[Action]], bool] = bool


def _on_star(subject: StatementSubject, asked: _Asked) -> Iterator[Hit]:
    """What a statement allows on everything although it could be held to names. All of a service has a rule of its own."""
    statement = subject.statement
    found = subject.access.once_of(asked.stars, statement)
    if not found:
        return
    resource, answer = found[0]
    actions: list[Action] = []
    written: list[str] = []
    others: list[str] = []
    for pattern, all_of_it, scopable in subject.access.once_of(_scopable, statement):
        if both(pattern.when, resource.when) is None:
            continue
        could = [one for one in scopable if asked.reaches(resource, one) and not needs_everything(subject, one)]
        chosen = [one for one in could if asked.wanted(one)]
        if chosen and _says_so(chosen, all_of_it):
            actions += chosen
            written.append(str(pattern.text))
        elif could:
            others.append(str(pattern.text))
    if asked.matter(actions):
        told = telling(actions, len(actions))
        facts = {"actions": listed(written), "can": in_words(told[:2]), "resource": str(resource.text), "kinds": _kinds(told)}
        related = came_through(resource.text)
        advice = narrower(statement, subject.policy.resource, subject.access)
        about, beside = frozenset(written), frozenset(others)
        yield Hit(resource.span, answer, facts, resource.when, related, advice, about, beside, minor=is_minor(actions))


def _scopable(_: Access, statement: Statement) -> list[tuple[Pattern, tuple[Action, ...], list[Action]]]:
    """The action patterns of a statement that no graver rule reports, each with its actions and those that could name more."""
    found = named(statement, unless=_is_told_elsewhere)
    return [(pattern, actions, [one for one in actions if could_name(one)]) for pattern, actions in found]


def _unlimited(subject: StatementSubject, asked: _Asked) -> Iterator[Hit]:
    """Likewise, as far as no condition keeps it to less."""
    if not subject.access.once_of(asked.stars, subject.statement):
        return
    left = sees_every_resource(subject.statement)
    for hit in _on_star(subject, asked) if left.certainty else ():
        yield hit._replace(answer=min(hit.answer, left, key=lambda one: one.certainty))


def _plain_stars(_: Access, statement: Statement) -> _Stars:
    return stars_of(statement, lambda text: text == "*")


def _all_stars(_: Access, statement: Statement) -> _Stars:
    return stars_of(statement, is_everything)


def _stars_of_types(_: Access, statement: Statement) -> _Stars:
    return stars_of(statement, is_all_of_a_type)


def _is_told_elsewhere(pattern: Pattern) -> bool:
    """Whether a pattern is for everything, or for all of a service, which graver rules report."""
    service = whole_service(pattern)
    return is_every_action(pattern.text.literal or "?") or (service is not None and has_something_to_lose(service))


def takes_in_all(resource: Pattern, action: Action) -> bool:
    """Whether an ARN that leaves its last field open reaches what an action works on: without a region, most it does not."""
    text = as_letters(resource.text)
    if text == "*":
        return True
    given = fields(text)
    if given is None or not fits(action, text):
        return given is None and fits(action, text)
    shapes = [form.split(":", 5) for form in catalogue.formats(action)]
    return any(all(given[place] or not shape[place] for place in (3, 4)) for shape in shapes)


def _reads_data(action: Action) -> bool:
    """Whether an action reads more than what exists and how it is set up."""
    about_settings = action.name.startswith(("Describe", "List")) and not curated.categories_of(action.full_name)
    return action.level not in WRITES and not about_settings


def _reads_settings(action: Action) -> bool:
    """Whether an action reads what exists and how it is set up, and no more."""
    return action.level not in WRITES and not _reads_data(action)


def _says_so(chosen: list[Action], all_of_them: tuple[Action, ...]) -> bool:
    """Whether a pattern is about what was chosen: of ``ec2:Describe*`` only one action in ten could name a resource."""
    return any(action.level in WRITES for action in chosen) or 2 * len(chosen) > len(all_of_them)


def _kinds(actions: list[Action]) -> str:
    """The kinds of resources that actions could be held to, as a phrase."""
    kinds = dict.fromkeys(kind_of(action) for action in actions)
    return listed(list(kinds), 2)


def _writes(action: Action) -> bool:
    return action.level in WRITES


def _more_than_logs(actions: list[Action]) -> bool:
    """Whether more is written than logs, which are a lesser matter."""
    found = {action.full_name for action in actions}
    return not found <= (_LOGGING | _KEEPING if "logs:PutLogEvents" in found else _LOGGING)


def _changes_others(actions: list[Action]) -> bool:
    """Whether more is done than to write logs and to make things of one's own."""
    return _more_than_logs(actions) and not is_minor(actions)


def _of_more_than_logs(actions: list[Action]) -> bool:
    return any(action.service != "logs" for action in actions)


def _only_logs(actions: list[Action]) -> bool:
    return "logs:PutLogEvents" in {action.full_name for action in actions} and not _more_than_logs(actions)


@says("actions", "can", "resource", "kinds")
def star_resource_write(subject: StatementSubject) -> Iterator[Hit]:
    """``*`` for writes that could name their resources."""
    return _unlimited(subject, _Asked(_plain_stars, _writes, takes_in_all, _more_than_logs))


@says("actions", "can", "resource", "kinds")
def star_resource_read(subject: StatementSubject) -> Iterator[Hit]:
    """``*``, or an ARN that means the same, for reads that could name their resources."""
    matter = _of_more_than_logs if is_gateway(subject) else bool
    return _unlimited(subject, _Asked(_all_stars, _reads_data, takes_in_all, matter))


@says("actions", "can", "resource", "kinds")
def star_resource_list(subject: StatementSubject) -> Iterator[Hit]:
    """Likewise for actions that only list what there is and tell how it is set up."""
    matter = _of_more_than_logs if is_gateway(subject) else bool
    return _unlimited(subject, _Asked(_all_stars, _reads_settings, takes_in_all, matter))


@says("actions", "can", "resource", "kinds")
def star_resource_logs(subject: StatementSubject) -> Iterator[Hit]:
    """``*``, or an ARN that means the same, for nothing but writing logs."""
    if not is_gateway(subject) and not sets_up_delivery(subject.statement):
        yield from _unlimited(subject, _Asked(_all_stars, _writes, takes_in_all, _only_logs))


def is_gateway(subject: StatementSubject) -> bool:
    """Whether only API Gateway uses a statement's holders: one role for all APIs of a region, whose logs have no known names.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    return {one.type for holder in subject.holders for one in holder.workloads} == {"AWS::ApiGateway::Account"}


def sets_up_delivery(statement: Statement) -> bool:
    """Whether a statement sets up the delivery of logs: of Step Functions, AWS asks for that and the writing on every resource.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """
    return any(names(pattern, "logs:CreateLogDelivery") for pattern in statement.actions)


@says("actions", "can", "resource", "kinds")
def disguised_star(subject: StatementSubject) -> Iterator[Hit]:
    """A pattern that looks like an ARN and means every resource, for writes that could name theirs."""
    if not subject.access.once_of(_plain_stars, subject.statement):
        yield from _unlimited(subject, _Asked(_all_stars, _writes, takes_in_all, _more_than_logs))


@says("actions", "can", "resource", "kinds", "keys")
def star_under_condition(subject: StatementSubject) -> Iterator[Hit]:
    """``*`` for writes that could name their resources, where only a condition keeps them to some."""
    if sees_every_resource(subject.statement).certainty:
        return
    keys = listed([str(one.condition.key) for one in verdicts(subject.statement) if one.key.about in ON_WHAT])
    for hit in _on_star(subject, _Asked(_all_stars, _writes, takes_in_all)):
        yield hit._replace(facts={**hit.facts, "keys": keys})


@says("actions", "can", "resource", "kinds")
def all_of_a_type(subject: StatementSubject) -> Iterator[Hit]:
    """An ARN that names a type and leaves the name open, for writes: all tables of the account, whose names somebody chose."""
    held = held_beside(subject) if subject.access.once_of(_stars_of_types, subject.statement) else []

    def leaves_name_open(resource: Pattern, action: Action) -> bool:
        kinds = types_named(action, as_letters(resource.text))
        chosen = any(catalogue.has_chosen_name(action.service, kind) for kind in kinds)
        return chosen and any(can_be_called(action, each) for each in held)

    for hit in _unlimited(subject, _Asked(_stars_of_types, _writes, leaves_name_open, _changes_others)):
        yield hit._replace(about=frozenset())  # a small matter beside whatever else a statement opens on such ARNs
