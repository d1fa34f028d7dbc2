"""Does a condition narrow a statement?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from rolelint.iam.statements import Condition, Statement


def restricts(condition: Condition) -> bool:
    """Whether a condition of an Allow keeps any request out by what its key says.

    ``ForAllValues`` is true when the key is missing, ``*`` under a Like operator fits every value, and ``Null`` with
    ``true`` asks for a request without the key.
    """
    operator = condition.operator.lower()
    if operator.startswith("forallvalues:"):
        return False
    if operator == "null":
        return not any((value.text.literal or "").lower() == "true" for value in condition.values)
    return not ("like" in operator and any(value.text.literal == "*" for value in condition.values))


def demands(condition: Condition) -> bool:
    """Whether a condition of an Allow lets only chosen values of its key through, and no request without the key.

    ``StringNotEquals`` names whom to keep out and lets everybody else in; ``…IfExists`` lets in who has no such key.
    """
    operator = condition.operator.lower()
    return restricts(condition) and "not" not in operator and not operator.endswith("ifexists")


def restricted_keys(statement: Statement) -> frozenset[str]:
    """The condition keys, in lower case, by which a statement is narrowed."""
    return frozenset(condition.name for condition in statement.conditions if restricts(condition))
