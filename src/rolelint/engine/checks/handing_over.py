"""Which roles may somebody pass or assume that are not named one by one?"""

from collections.abc import Iterator

from rolelint.engine.checks.actors import acting_alone
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
from rolelint.iam.conditions import lacks
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import covers
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement

_PASS, _ASSUME, _CREATE = "iam:PassRole", "sts:AssumeRole", "iam:CreateRole"
_SERVICE_LINKED = "role/aws-service-role/"
_TO_WHOM = ("iam:PassedToService", "iam:AssociatedResourceArn")
_BY_ORDER = frozenset(("cloudformation",))
"""Services that assume a role of one name only in the accounts that somebody gave them: CloudFormation, for a stack set.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
"""
_WHOSE = ("aws:ResourceOrgID", "aws:ResourceAccount", "aws:ResourceOrgPaths")


def _written(statement: Statement, action: str) -> Pattern | None:
    """The pattern of an Allow that gives an action by its name, or a wildcard over names of its service."""
    if not statement.allows or statement.not_actions or statement.not_resources or not statement.gives(action):
        return None
    texts = ((one, one.text.literal or "") for one in statement.actions)
    return next((one for one, text in texts if ":" in text and covers(text, action, any_case=True)), None)


@says("action", "resource")
def pass_by_prefix(subject: StatementSubject) -> Iterator[Hit]:
    """PassRole on all roles whose names begin alike, to whatever service."""
    statement = subject.statement
    action = _written(statement, _PASS)
    answer = lacks(statement, _TO_WHOM)
    if action is None or not answer.certainty:
        return
    for pattern in statement.resources:
        given = fields(as_letters(pattern.text))
        name = given[5] if given and given[2] == "iam" else ""
        some = name.startswith("role/") and set(name) & set("*?") and set(name.removeprefix("role/")) - set("*?/")
        if some and not name.startswith(_SERVICE_LINKED):
            yield Hit(pattern.span, answer, {"action": str(action.text), "resource": str(pattern.text)}, pattern.when)
            return


@says("resource")
def pass_to_any_service(subject: StatementSubject) -> Iterator[Hit]:
    """PassRole on roles that are named, to whatever service trusts them."""
    statement = subject.statement
    action = _written(statement, _PASS)
    answer = lacks(statement, _TO_WHOM)
    if action and answer.certainty and not any(_is_open(one) for one in statement.resources):
        shown = listed([str(one.text) for one in statement.resources], 2)
        yield Hit(action.span, answer, {"resource": shown}, action.when)


def _is_open(pattern: Pattern) -> bool:
    return bool(set(as_letters(pattern.text)) & set("*?"))


@says("resource")
def assume_in_any_account(subject: StatementSubject) -> Iterator[Hit]:
    """AssumeRole on a role of one name, in whatever account has it."""
    statement = subject.statement
    answer = lacks(statement, _WHOSE)
    if _written(statement, _ASSUME) is None or not answer.certainty or acting_alone(subject) == _BY_ORDER:
        return
    for pattern in statement.resources:
        given = fields(as_letters(pattern.text))
        if given and given[2] == "iam" and set(given[4]) == {"*"} and set(given[5].removeprefix("role/")) - set("*?/"):
            yield Hit(pattern.span, answer, {"resource": str(pattern.text)}, pattern.when)
            return


@says("action", "resource")
def create_without_boundary(subject: StatementSubject) -> Iterator[Hit]:
    """CreateRole without a word about the boundary that the new role must have."""
    statement = subject.statement
    action = _written(statement, _CREATE)
    answer = lacks(statement, ("iam:PermissionsBoundary",))
    if action and answer.certainty:
        shown = listed([str(one.text) for one in statement.resources], 2)
        yield Hit(action.span, answer, {"action": str(action.text), "resource": shown}, action.when)
