"""Which sensitive things may a statement's holder do to every resource? Read secrets, take credentials, let others in.

The actions are curated facts by category. What takes in all of a service, and what hands out IAM's own credentials, is told
by graver rules.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import in_words, telling
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields, is_all_of_a_type
from rolelint.iam.conditions import sees_every_resource
from rolelint.iam.grants import among, fits, is_whole_service, names_type_of
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.template.values import Text, both

_Given: TypeAlias = list[tuple[Pattern, list[Action]]]
"""Action patterns, each with the actions that matter among those that it gives."""


@says("actions", "can", "resource")
def secrets(subject: StatementSubject) -> Iterator[Hit]:
    """Reading secrets, or decrypting, wherever they are."""
    return _on_all(subject, _given(subject.statement, _sensitive("secret_read")))


@says("actions", "can", "resource")
def credentials(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that return a credential, for whatever it opens. Those of IAM have a rule of their own."""
    for hit in _on_all(subject, _given(subject.statement, _sensitive("credentials_exposure"), _returns_credentials)):
        if any("*" not in text for text in hit.about):
            yield hit  # s3:Get* is about reading, though it takes in GetDataAccess


@says("actions", "can", "resource")
def sharing(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use a resource, on every resource."""
    return _on_all(subject, _given(subject.statement, _sensitive("resource_exposure"), _lets_in))


@says("actions", "can", "resource")
def sharing_named(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use a resource, on chosen ones."""
    statement = subject.statement
    given = _given(statement, _sensitive("resource_exposure"), _lets_in)
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
    return _on_all(subject, _given(subject.statement, _sensitive("audit_tamper")), whole_account=True)


@says("actions", "resource")
def service_linked_roles(subject: StatementSubject) -> Iterator[Hit]:
    """Creating service-linked roles of whatever service."""
    for hit in _on_all(subject, _given(subject.statement, ("iam:CreateServiceLinkedRole",))):
        yield hit._replace(facts={key: hit.facts[key] for key in ("actions", "resource")})


@cache
def _sensitive(category: str) -> tuple[str, ...]:
    """The actions of a category, by service and name."""
    return tuple(sorted(curated.sensitive(category), key=lambda action: action.split(":")))


def _returns_credentials(action: Action) -> bool:
    return action.service != "iam" and not catalogue.needs_star(action)


def _lets_in(action: Action) -> bool:
    return action.service != "iam" and action.scopable


def _given(statement: Statement, wanted: tuple[str, ...], matters: Callable[[Action], bool] = bool) -> _Given:
    """The patterns of an Allow that give wanted actions. All of a service is told by graver rules."""
    if not statement.allows or statement.not_resources:
        return []
    named = ((one, map(catalogue.find, found)) for one, found in among(statement, *wanted) if not is_whole_service(one))
    given = ((pattern, [action for action in actions if action and matters(action)]) for pattern, actions in named)
    return [one for one in given if one[1]]


def _on_all(subject: StatementSubject, given: _Given, *, whole_account: bool = False) -> Iterator[Hit]:
    """One hit for the actions that a statement allows on everything that they work on."""
    unlimited = sees_every_resource(subject.statement) if given else NO
    if not unlimited.certainty:
        return
    hits = [hit for one in subject.statement.resources if (hit := _on(one, given, whole_account=whole_account))]
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
    if whole_account:
        return given[5] == "*"
    return set(given[5]) <= {"*", "/"} or (is_all_of_a_type(resource) and names_type_of(action, resource))
