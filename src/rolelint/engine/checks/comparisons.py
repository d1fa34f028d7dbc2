"""Does a condition ask what its author means: of this key, with this operator, for these actions?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Iterator
from functools import cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import condition_keys
from rolelint.catalogue.actions import Action
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam import operators
from rolelint.iam.statements import Statement

_NAMES_OF_TAGS = ("aws:resourcetag", "aws:requesttag", "aws:principaltag")
_UNNAMED_TAGS = (":resourcetag/", ":requesttag/")
_OF_TAGS = ("aws:resourcetag", "aws:requesttag", "aws:tagkeys")


@says("operator", "key")
def second_factor_kept_out(subject: StatementSubject) -> Iterator[Hit]:
    """An Allow for those sessions only that were opened without a second factor."""
    statement = subject.statement
    for condition in statement.conditions if statement.allows else ():
        operator = operators.read(condition.operator)
        says_no = [(value.text.literal or "").lower() for value in condition.values] == ["false"]
        if condition.name == "aws:multifactorauthpresent" and operator.family == "bool" and says_no:
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(condition.key.span, facts=facts, when=condition.when)
            return


@says("operator", "key")
def many_compared_as_one(subject: StatementSubject) -> Iterator[Hit]:
    """A global key that may have many values under an operator without ForAllValues or ForAnyValue.

    Of keys that services define, AWS's own examples compare some so: requests carry just one value.
    """
    for condition in subject.statement.conditions:
        operator = operators.read(condition.operator)
        kind = condition_keys.find(condition.name).type or ""
        many = condition.name.startswith("aws:") and kind.startswith("ArrayOf")
        if many and not operator.over and operator.family not in (None, "null"):
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(condition.key.span, facts=facts, when=condition.when)
            return


@says("key", "meant")
def key_without_tag(subject: StatementSubject) -> Iterator[Hit]:
    """A key for tags that names no tag."""
    for condition in subject.statement.conditions:
        if condition.name.rstrip("/") in _NAMES_OF_TAGS or condition.name.endswith(_UNNAMED_TAGS):
            facts = {"key": str(condition.key), "meant": f"{str(condition.key).rstrip('/')}/project"}
            yield Hit(condition.key.span, facts=facts, when=condition.when)
            return


@says("key", "actions", "effect")
def tag_not_compared(subject: StatementSubject) -> Iterator[Hit]:
    """A condition on tags beside actions whose requests carry no tags."""
    statement = subject.statement
    found = _named(statement)
    for condition in statement.conditions if found else ():
        operator = operators.read(condition.operator)
        open_without = operator.if_exists or operator.negated or operator.family == "null" or operator.over == "forallvalues"
        stem = condition.name.partition("/")[0]
        if stem in _OF_TAGS and not open_without and not any(_carries(action, stem) for action in found):
            names = [action.full_name for action in found]
            effect = "the statement allows nothing" if statement.allows else "the statement denies nothing"
            facts = {"key": str(condition.key), "actions": listed(names, 2), "effect": effect}
            yield Hit(condition.key.span, facts=facts, when=condition.when)
            return


def _named(statement: Statement) -> tuple[Action, ...]:
    """The actions of a statement if all are written out; wildcards are for more than what carries tags."""
    texts = [one.text.literal or "*" for one in statement.actions]
    if statement.not_actions or statement.unknown or any(set(text) & set("*?") for text in texts):
        return ()
    found = [catalogue.find(text) for text in texts]
    return tuple(one for one in found if one) if all(found) else ()


@cache
def _carries(action: Action, stem: str) -> bool:
    """Whether AWS lists a key for tags for an action or for what it works on."""
    types = catalogue.resource_types(action.service)
    keys = (*action.condition_keys, *(key for use in action.resources for key in types[use.type].condition_keys))
    own = f"{action.service}:{stem.partition(':')[2]}"
    return any(key.lower().startswith((stem, own)) for key in keys)
