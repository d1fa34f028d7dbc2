"""Which sensitive things may a statement's holder do to every resource? Read secrets and data, take credentials, let others in.

The actions are curated facts by category. What hands out IAM's own credentials is told by a graver rule; so is all of a
service, which is therefore told apart from single actions here: the graver rule then speaks for it.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.actors import needs_everything
from rolelint.engine.checks.phrases import in_words, telling
from rolelint.engine.checks.stars import could_name, is_gateway, leaves_names_open, sets_up_delivery
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields, is_all_of_a_type
from rolelint.iam.conditions import sees_every_resource
from rolelint.iam.elements import Pattern
from rolelint.iam.grants import among, fits, is_whole_service, names_type_of
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Statement
from rolelint.template.values import Text, both

_Given: TypeAlias = list[tuple[Pattern, list[Action]]]
"""Action patterns, each with the actions that matter among those that it gives."""
_OF_THEIR_OWN = frozenset(("iam:PassRole", "iam:CreateServiceLinkedRole"))
"""Actions on roles that rules of their own are about."""
_CHANGES_NOBODY = "iam:CreatePolicy"
"""A new policy gives nobody anything until it is attached, which takes another action."""


@says("actions", "can", "resource")
def secrets(subject: StatementSubject) -> Iterator[Hit]:
    """Reading secrets, or decrypting, wherever they are."""
    return _on_all(subject, _given(subject, _sensitive("secret_read")))


@says("actions", "can", "resource")
def data(subject: StatementSubject) -> Iterator[Hit]:
    """Reading what is stored, wherever it is; advice on it takes in the statement's other reads."""
    written = frozenset(str(one.text) for one in subject.statement.actions)
    for hit in _on_all(subject, _given(subject, _sensitive("data_read"), could_name), whole_account=True):
        if not is_gateway(subject) or any(not text.startswith("logs:") for text in hit.about):
            yield hit._replace(beside=written)


@says("actions", "can", "resource")
def credentials(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that return a credential, for whatever it opens. Those of IAM have a rule of their own."""
    for hit in _on_all(subject, _given(subject, _sensitive("credentials_exposure"), _returns_credentials)):
        if any("*" not in text for text in hit.about):
            yield hit  # s3:Get* is about reading, though it takes in GetDataAccess


@says("actions", "can", "resource")
def identities(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change identities or what they may do, whichever these are."""
    return _on_all(subject, _given(subject, _sensitive("iam_write"), _changes_identities))


@says("actions", "can", "resource")
def sharing(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use a resource, on every resource."""
    return _on_all(subject, _given(subject, _sensitive("resource_exposure"), _lets_in))


@says("actions", "can", "resource")
def sharing_named(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use a resource, on chosen ones."""
    statement = subject.statement
    every = _named(statement, _sensitive("resource_exposure"), _lets_in)
    given = [one for one in every if not is_whole_service(one[0])]
    for resource in statement.resources if given else ():
        text = as_letters(resource.text)
        found = [
            (pattern, action)
            for pattern, actions in given
            for action in actions
            if fits(action, text) and both(pattern.when, resource.when) is not None
        ]
        if found and not any(_takes_all(text, action, whole_account=False) for _, action in found):
            texts = list(dict.fromkeys(str(pattern.text) for pattern, _ in found))
            can = in_words(telling([action for _, action in found]))
            facts = {"actions": listed(texts), "can": can, "resource": str(resource.text)}
            yield Hit(resource.span, CERTAIN, facts, resource.when, about=frozenset(texts))
            return


@says("actions", "can", "resource")
def audit(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that switch off what records and watches the account; many of them know no resource but ``*``."""
    return _on_all(subject, _given(subject, _sensitive("audit_tamper")), whole_account=True)


@says("actions", "can")
def credentials_at_large(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that return a credential and know no resource to be held to."""
    wanted = _sensitive("credentials_exposure", extended=True)
    return _at_large(subject, _given(subject, wanted, lambda one: not _returns_credentials(one)))


@says("actions", "can")
def sharing_at_large(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use something and know no resource to be held to."""
    if not sets_up_delivery(subject.statement):
        yield from _at_large(subject, _given(subject, _sensitive("resource_exposure"), lambda one: not _lets_in(one)))


def _at_large(subject: StatementSubject, given: _Given) -> Iterator[Hit]:
    """A hit for the actions that nothing but a condition could hold to less; all of a service is told by graver rules."""
    found = [(pattern, actions) for pattern, actions in given if not is_whole_service(pattern)]
    found = [(pattern, [one for one in actions if one.service != "iam"]) for pattern, actions in found]
    for hit in _on_all(subject, [one for one in found if one[1]]):
        yield hit._replace(facts={key: hit.facts[key] for key in ("actions", "can")})


@cache
def _sensitive(category: str, *, extended: bool = False) -> tuple[str, ...]:
    """The actions of a category, by service and name."""
    return tuple(sorted(curated.sensitive(category, extended=extended), key=lambda action: action.split(":")))


def _returns_credentials(action: Action) -> bool:
    return action.service != "iam" and not catalogue.needs_star(action)


def _changes_identities(action: Action) -> bool:
    return could_name(action) and action.full_name not in (*_OF_THEIR_OWN, _CHANGES_NOBODY)


def _lets_in(action: Action) -> bool:
    return action.service != "iam" and action.scopable


def _given(subject: StatementSubject, wanted: tuple[str, ...], matters: Callable[[Action], bool] = bool) -> _Given:
    """The patterns of an Allow that give wanted actions; nothing at once where no resource can be more than it names."""
    return _named(subject.statement, wanted, matters) if subject.access.once_of(leaves_names_open, subject.statement) else []


def _named(statement: Statement, wanted: tuple[str, ...], matters: Callable[[Action], bool]) -> _Given:
    if not statement.allows or statement.not_resources:
        return []
    named = ((one, map(catalogue.find, found)) for one, found in among(statement, *wanted))
    given = ((pattern, [action for action in actions if action and matters(action)]) for pattern, actions in named)
    return [one for one in given if one[1]]


def _on_all(subject: StatementSubject, given: _Given, *, whole_account: bool = False) -> Iterator[Hit]:
    """A hit for the actions that a statement allows on everything that they work on, and one for those of whole services."""
    unlimited = sees_every_resource(subject.statement) if given else NO
    if not unlimited.certainty:
        return
    given = [(pattern, [one for one in actions if not needs_everything(subject, one)]) for pattern, actions in given]
    for whole in (False, True):
        alike = [one for one in given if is_whole_service(one[0]) is whole]
        hits = [hit for one in subject.statement.resources if (hit := _on(one, alike, whole_account=whole_account))]
        best = sorted(hits, key=lambda hit: -hit.answer.certainty)[:1]
        yield from (hit._replace(answer=min(hit.answer, unlimited, key=lambda one: one.certainty)) for hit in best)


def _on(resource: Pattern, given: _Given, *, whole_account: bool) -> Hit | None:
    found: list[Action] = []
    written: list[Pattern] = []
    answer = NO
    for pattern, actions in given:
        for action in actions if both(pattern.when, resource.when) is not None else ():
            sure = _is_all(resource.text, action, whole_account=whole_account)
            if sure.certainty:
                found.append(action)
                written += [pattern] if pattern not in written else []
                answer = max(answer, sure, key=lambda one: one.certainty)
    if not found:
        return None
    texts = list(dict.fromkeys(str(one.text) for one in written))
    facts = {"actions": listed(texts), "can": in_words(telling(found)), "resource": str(resource.text)}
    when = both(written[0].when, resource.when) or ()
    return Hit(resource.span, answer, facts, when, came_through(resource.text), about=frozenset(texts))


def _is_all(text: Text, action: Action, *, whole_account: bool) -> Answer:
    """Whether a resource is all that an action works on; an ARN given as a parameter is, if its default says so."""
    answer, symbol = judge(text, lambda given: _takes_all(given, action, whole_account=whole_account)), text.symbol
    if answer.certainty is Certainty.POSSIBLE and symbol and symbol.free and not symbol.allowed and symbol.default is None:
        return NO
    return answer


def _takes_all(resource: str, action: Action, *, whole_account: bool) -> bool:
    """``*``, or an ARN that leaves the name of the resource wide open: ``secret:*`` and ``parameter/*`` among them."""
    if resource == "*":
        return True
    given = fields(resource)
    if given is None or not fits(action, resource) or not action.scopable:
        return False
    all_types = set(given[5]) <= {"*", "/"} and ("/" not in given[5] or any("/" in form for form in catalogue.formats(action)))
    return all_types or (not whole_account and is_all_of_a_type(resource) and names_type_of(action, resource))
