"""What does a statement give that only names exceptions? NotAction, NotResource and NotPrincipal."""

from collections.abc import Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam import operators
from rolelint.iam.arns import opened, reaches
from rolelint.iam.conditions import is_over, lacks
from rolelint.iam.documents import never_met, nothing_left
from rolelint.iam.grants import excepting, named
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement

_ADDED_LATER = "service:ActionAddedLater"
"""An action that nobody names."""


@says("element")
def every_other_action(subject: StatementSubject) -> Iterator[Hit]:
    """An Allow for all actions that are not named."""
    statement = subject.statement
    if statement.allows and statement.not_actions and statement.gives(_ADDED_LATER):
        facts = {"element": excepting("NotAction", statement.actions)}
        yield Hit(statement.element("NotAction"), facts=facts, when=statement.when)


@says("element")
def every_other_resource(subject: StatementSubject) -> Iterator[Hit]:
    """An Allow on all resources that are not named, unless those are all that there are."""
    statement = subject.statement
    answer = lacks(statement, ("aws:Resource*", "*:ResourceTag/*"))
    given = statement.not_actions or not statement.actions or any(statement.gives(str(one.text)) for one in statement.actions)
    if statement.allows and statement.not_resources and given and answer.certainty and not _excepts_all(statement):
        facts = {"element": excepting("NotResource", statement.resources)}
        yield Hit(statement.element("NotResource"), answer, facts, statement.when)


@says("effect", "problem")
def everything(subject: StatementSubject) -> Iterator[Hit]:
    """A star among the exceptions of a statement, or a condition that no request fits: it can be about nothing."""
    statement = subject.statement
    effect = "gives nothing" if statement.effect == "Allow" else "takes nothing away"
    for exception, element in nothing_left(statement):
        facts = {"effect": effect, "problem": f"a star under {element} excepts everything"}
        yield Hit(exception.span, facts=facts, when=statement.when)
        return
    for condition in never_met(statement):
        if is_over(condition) or operators.read(condition.operator).base == "stringequals":
            continue  # other rules tell of a day that is past, and of a star that is compared as a letter
        facts = {"effect": effect, "problem": f"{condition.operator} on {condition.key} keeps every request out"}
        yield Hit(condition.key.span, facts=facts, when=condition.when)
        return


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
