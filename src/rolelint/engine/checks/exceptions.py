"""What does a statement give that only names exceptions? NotAction and NotResource."""

from collections.abc import Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import opened, reaches
from rolelint.iam.conditions import lacks
from rolelint.iam.grants import named
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement


@says("element")
def every_other_action(subject: StatementSubject) -> Iterator[Hit]:
    """An Allow for all actions that are not named."""
    statement = subject.statement
    if statement.allows and statement.not_actions:
        yield Hit(statement.element("NotAction"), facts={"element": "NotAction"}, when=statement.when)


@says("element")
def every_other_resource(subject: StatementSubject) -> Iterator[Hit]:
    """An Allow on all resources that are not named, unless those are all that there are."""
    statement = subject.statement
    answer = lacks(statement, ("aws:Resource*", "*:ResourceTag/*"))
    if statement.allows and statement.not_resources and answer.certainty and not _excepts_all(statement):
        yield Hit(statement.element("NotResource"), answer, {"element": "NotResource"}, statement.when)


def _excepts_all(statement: Statement) -> bool:
    """Whether the exceptions are everything that the actions work on, as for messages to phones but to no topic."""
    patterns = list(named(statement))
    actions = [action for _, found in patterns for action in found]
    if statement.not_actions or not actions or len(patterns) < len(statement.actions):
        return False
    return all(action.scopable and _is_excepted(action, statement) for action in actions)


def _is_excepted(action: Action, statement: Statement) -> bool:
    exceptions = [as_letters(one.text) for one in statement.resources if not one.when]
    forms = [opened(form) for form in catalogue.formats(action)]
    return all(any(reaches(one, form) for one in exceptions) for form in forms)
