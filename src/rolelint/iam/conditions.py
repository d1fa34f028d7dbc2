"""Does a condition narrow a statement?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from rolelint.iam.statements import Condition, Statement


def restricts(condition: Condition) -> bool:
    """Whether a condition of an Allow keeps any request out.

    ``ForAllValues`` is true when the key is missing, and ``*`` under a Like operator fits every value.
    """
    operator = condition.operator.lower()
    if operator.startswith("forallvalues:"):
        return False
    return not ("like" in operator and any(value.text.literal == "*" for value in condition.values))


def restricted_keys(statement: Statement) -> frozenset[str]:
    """The condition keys, in lower case, by which a statement is narrowed."""
    return frozenset(condition.name for condition in statement.conditions if restricts(condition))
