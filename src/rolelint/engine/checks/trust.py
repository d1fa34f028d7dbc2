"""Who may become this role? Trust policies that let in more than somebody meant.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from collections.abc import Iterator
from functools import cache

from rolelint.catalogue import curated
from rolelint.engine.checks.actors import service_name
from rolelint.engine.checks.outsiders import OWN_ACCOUNT, account_of
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.conditions import BY_WHOM, Quality, Verdict, is_open, leaves_open, opposite, verdicts, weigh
from rolelint.iam.elements import is_every_action
from rolelint.iam.globs import covers
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, judge, readings
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import Text

_ACCOUNT = compile_pattern(r"\d{12}")
_ROOT = compile_pattern(r"arn:(?:[^:$]+|\$\{[^}]*\}):iam::(\d{12}|\$\{[^}]*\}):root")
_ASSUMES = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
"""The actions that make somebody the role; the others of a trust policy only add to such a session."""
_OF_PEOPLE = ("aws:principalorgid", "aws:principalorgpaths")
"""Keys that requests of services do not carry; aws:SourceOrgID and aws:SourceOrgPaths tell it of those."""


# -- Everybody ---------------------------------------------------------------------------------------------------------


@says("principal")
def anyone(subject: StatementSubject) -> Iterator[Hit]:
    """Every AWS account, or everybody, may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or not _assumes(statement):
        return
    unpinned = is_open(statement, *BY_WHOM)
    for principal in statement.principals:
        answer = _past_denials(subject, min(_is_everybody(principal.text), unpinned, key=_sureness))
        if principal.kind in ("*", "AWS") and answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


@says("principal", "keys")
def anyone_under_condition(subject: StatementSubject) -> Iterator[Hit]:
    """Every AWS account may assume the role, as far as a condition on the caller lets it."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or is_open(statement, *BY_WHOM).certainty:
        return
    keys = [str(one.condition.key) for one in verdicts(statement) if one.key.about in BY_WHOM]
    for principal in statement.principals:
        answer = _is_everybody(principal.text)
        if principal.kind in ("*", "AWS") and answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text), "keys": listed(keys)}, principal.when)


def _is_everybody(text: Text) -> Answer:
    """Whether a principal is ``*``; one that a parameter without a default stands for is whoever is named there."""
    return NO if text.symbol and text.symbol.free else judge(text, lambda known: known == "*")


def _sureness(answer: Answer) -> Certainty:
    return answer.certainty


def _assumes(statement: Statement) -> bool:
    """Whether a statement allows assuming the role, and not only tagging a session that another one allows."""
    if statement.not_actions:
        return True
    known = [action.text.literal for action in statement.actions]
    return any(text is None or covers(text, one, any_case=True) for text in known for one in _ASSUMES)


def _past_denials(subject: StatementSubject, answer: Answer) -> Answer:
    """The answer less what a Deny for everybody beside the statement takes away: all, or those whom its conditions name."""
    for other in subject.policy.document.statements if answer.certainty else ():
        everybody = other.not_principals or any(principal.text.literal == "*" for principal in other.principals)
        if other.effect == "Deny" and not other.idle and everybody and _assumes(other):
            if other.when == subject.statement.when and not other.not_principals and _leaves_known_callers(other):
                return NO
            answer = Answer(min(answer.certainty, Certainty.POSSIBLE), ("the Deny beside it lets such callers through",))
    return answer


def _leaves_known_callers(deny: Statement) -> bool:
    """Whether a Deny for everybody leaves nobody, or only callers that one condition chooses."""
    if deny.unread_condition or len(deny.conditions) > 1:
        return False
    left = [opposite(one) for one in deny.conditions]
    return all(one is not None and weigh(one).restricts(BY_WHOM) for one in left)


# -- Other accounts ----------------------------------------------------------------------------------------------------


@says("principal", "account")
def whole_account(subject: StatementSubject) -> Iterator[Hit]:
    """Every principal of another account may assume the role, as far as that account's administrators let it."""
    statement = subject.statement
    if not statement.allows or statement.not_principals:
        return
    unpinned = leaves_open(statement, _chooses_within_account, Quality.WEAK)
    for principal in statement.principals:
        account, answer = _other_account(principal.text)
        answer = _past_denials(subject, min(answer, unpinned, key=_sureness)) if _assumes(statement) else NO
        if principal.kind == "AWS" and answer.certainty and account not in subject.trusted.accounts:
            facts = {"principal": str(principal.text), "account": account}
            yield Hit(principal.span, answer, facts, principal.when)


def _chooses_within_account(verdict: Verdict) -> bool:
    """Whether a condition chooses among the callers of one account: a second factor or a tag of theirs will do there."""
    return verdict.restricts(BY_WHOM) or verdict.key.about == "session"


def _other_account(text: Text) -> tuple[str, Answer]:
    """The account that a principal is all of, and how surely it is another one than the stack's own."""
    shown = str(text)
    root = _ROOT.fullmatch(shown)
    if root and root[1] == OWN_ACCOUNT:
        return "", NO
    if root and root[1].startswith("$"):
        return root[1], Answer(Certainty.POSSIBLE, (f"{root[1][2:-1]} is another account than the stack's",))
    if root or (text.literal and _ACCOUNT.fullmatch(shown)):
        return root[1] if root else shown, CERTAIN
    for reading in readings(text):
        found = _ROOT.fullmatch(reading.text)
        if found or _ACCOUNT.fullmatch(reading.text):
            return found[1] if found else reading.text, Answer(Certainty.POSSIBLE, reading.assumptions)
    return "", NO


@says("principal", "account")
def other_account(subject: StatementSubject) -> Iterator[Hit]:
    """A principal of an account that is written out, or that a parameter names, may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or _knows_the_caller(statement):
        return
    for principal in statement.principals:
        account = account_of(principal)
        if account and account not in subject.trusted.accounts:
            answer = Answer(Certainty.POSSIBLE, (f"{account} is of another account than the stack's",))
            yield Hit(principal.span, answer, {"principal": str(principal.text), "account": account}, principal.when)


def _knows_the_caller(statement: Statement) -> bool:
    """Whether a condition asks for an external id, or for an organization."""
    asked = (one for one in verdicts(statement) if one.quality is Quality.RESTRICTIVE and one.key.name in _OF_PEOPLE)
    return any(one.name == "sts:externalid" for one in statement.conditions) or any(asked)


# -- Services ----------------------------------------------------------------------------------------------------------


@says("principal")
def any_service(subject: StatementSubject) -> Iterator[Hit]:
    """Every service may assume the role, for whomever it acts."""
    statement = subject.statement
    unpinned = is_open(statement, *BY_WHOM)
    if not statement.allows or statement.not_principals or not _assumes(statement):
        return
    for principal in statement.principals:
        answer = min(_is_everybody(principal.text), unpinned, key=_sureness)
        if principal.kind == "Service" and answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


@says("principal")
def service_without_source(subject: StatementSubject) -> Iterator[Hit]:
    """A service that acts for many customers may assume the role without telling for whom."""
    statement = subject.statement
    answer = is_open(statement, "caller", "creation")  # tags of the session tell whose pod it is
    if not statement.allows or statement.not_principals or not answer.certainty:
        return
    for principal in statement.principals:
        if principal.kind == "Service" and service_name(principal.text) in _sends_source():
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


@says("principal", "key", "instead")
def key_without_service(subject: StatementSubject) -> Iterator[Hit]:
    """A condition on the caller's organization beside services only, whose requests do not carry it."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or any(one.kind != "Service" for one in statement.principals):
        return
    for verdict in verdicts(statement):
        if statement.principals and verdict.key.name in _OF_PEOPLE and verdict.quality is Quality.RESTRICTIVE:
            instead = "aws:SourceOrgID" if verdict.key.name.endswith("id") else "aws:SourceOrgPaths"
            facts = {"principal": str(statement.principals[0].text), "key": str(verdict.condition.key), "instead": instead}
            yield Hit(verdict.condition.key.span, facts=facts, when=verdict.condition.when)
            return


@cache
def _sends_source() -> frozenset[str]:
    return frozenset(curated.services_with_source())


# -- In how many ways --------------------------------------------------------------------------------------------------


@says("actions")
def wildcard_action(subject: StatementSubject) -> Iterator[Hit]:
    """A trust statement whose actions are a pattern."""
    statement = subject.statement
    for action in statement.actions if statement.allows and not statement.not_actions else ():
        free = action.text.symbol is not None and action.text.symbol.free
        answer = NO if free else judge(action.text, lambda text: "*" in text or "?" in text)
        if answer.certainty:
            yield Hit(action.span, answer, {"actions": str(action.text)}, action.when)


@says("actions")
def star_action(subject: StatementSubject) -> Iterator[Hit]:
    """A trust statement that allows more than the one way of assuming the role that the principal needs."""
    statement = subject.statement
    if not statement.allows:
        return
    if statement.not_actions:
        shown = " " + listed([str(action.text) for action in statement.actions]) if statement.actions else ""
        yield Hit(statement.element("NotAction"), facts={"actions": f"NotAction{shown}"}, when=statement.when)
        return
    for action in statement.actions:
        answer = judge(action.text, lambda text: is_every_action(text) or text.lower() == "sts:*")
        if answer.certainty:
            yield Hit(action.span, answer, {"actions": str(action.text)}, action.when)
