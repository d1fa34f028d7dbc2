"""Which sensitive things may a statement's holder do to every resource? Read secrets, take credentials, let others in.

The actions are curated facts by category. What takes in all of a service, and what hands out IAM's own credentials, is told
by graver rules.
"""

from collections.abc import Callable, Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import in_words, telling
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields
from rolelint.iam.conditions import sees_every_resource
from rolelint.iam.grants import fits, named
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import Text, both

_ALL_OF_A_TYPE = compile_pattern(r"([\w-]+[:/])[*:/]+")


@says("actions", "can", "resource")
def secrets(subject: StatementSubject) -> Iterator[Hit]:
    """Reading secrets, or decrypting, wherever they are."""
    return _on_all(subject, _reads_secrets)


@says("actions", "can", "resource")
def credentials(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that return a credential, for whatever it opens. Those of IAM have a rule of their own."""
    for hit in _on_all(subject, _returns_credentials):
        if any("*" not in text for text in hit.about):
            yield hit  # s3:Get* is about reading, though it takes in GetDataAccess


@says("actions", "can", "resource")
def sharing(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use a resource, on every resource."""
    return _on_all(subject, _lets_in)


@says("actions", "can", "resource")
def sharing_named(subject: StatementSubject) -> Iterator[Hit]:
    """Actions that change who else may use a resource, on chosen ones."""
    statement = subject.statement
    if not statement.allows or statement.not_resources:
        return
    for resource in statement.resources:
        text = as_letters(resource.text)
        found = [
            (pattern, action)
            for pattern, actions in named(statement)
            for action in actions
            if _lets_in(action)
            and not _is_whole(pattern)
            and fits(action, text)
            and both(pattern.when, resource.when) is not None
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
    return _on_all(subject, lambda action: action.full_name in curated.sensitive("audit_tamper"), whole_account=True)


@says("actions", "resource")
def service_linked_roles(subject: StatementSubject) -> Iterator[Hit]:
    """Creating service-linked roles of whatever service."""
    for hit in _on_all(subject, lambda action: action.full_name == "iam:CreateServiceLinkedRole"):
        yield hit._replace(facts={key: hit.facts[key] for key in ("actions", "resource")})


def _reads_secrets(action: Action) -> bool:
    return action.full_name in curated.sensitive("secret_read")


def _returns_credentials(action: Action) -> bool:
    held = action.full_name in curated.sensitive("credentials_exposure")
    return held and action.service != "iam" and not catalogue.needs_star(action)


def _lets_in(action: Action) -> bool:
    return action.full_name in curated.sensitive("resource_exposure") and action.service != "iam" and action.scopable


def _on_all(subject: StatementSubject, wanted: Callable[[Action], bool], *, whole_account: bool = False) -> Iterator[Hit]:
    """One hit for the wanted actions that a statement allows on everything that they work on."""
    statement = subject.statement
    unlimited = sees_every_resource(statement)
    if not statement.allows or statement.not_resources or not unlimited.certainty:
        return
    hits = [hit for resource in statement.resources if (hit := _on(statement, resource, wanted, whole_account=whole_account))]
    best = sorted(hits, key=lambda hit: -hit.answer.certainty)[:1]
    yield from (hit._replace(answer=min(hit.answer, unlimited, key=lambda one: one.certainty)) for hit in best)


def _on(statement: Statement, resource: Pattern, wanted: Callable[[Action], bool], *, whole_account: bool) -> Hit | None:
    found: list[Action] = []
    written: list[Pattern] = []
    answer = NO
    for pattern, actions in named(statement):
        if _is_whole(pattern) or both(pattern.when, resource.when) is None:
            continue
        for action in actions:
            if not wanted(action):
                continue
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


def _is_whole(pattern: Pattern) -> bool:
    """Whether a pattern is for everything, or for all of a service, which graver rules report."""
    return set((pattern.text.literal or "").rpartition(":")[2]) == {"*"}


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
    typed = _ALL_OF_A_TYPE.fullmatch(given[5])
    words = {form.split(":", 5)[5].partition("$")[0] for form in catalogue.formats(action)}
    return set(given[5]) <= {"*", "/"} or bool(typed and typed[1] in words)
