"""Does a text hold ``${…}`` that neither CloudFormation nor IAM replaces?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from collections.abc import Iterator

from rolelint.engine.checks.grammar import is_written
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.elements import Condition
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.template import Template
from rolelint.template.values import Literal, Text, When

_VARIABLE = compile_pattern(r"\$\{([^{}]*)(\}|$|(?=\{))")
_GOOD = compile_pattern(r"[*?$]|[A-Za-z0-9-]+:[^\s,'{}]+(?:\s*,\s*'[^']*')?")
_SPACED = compile_pattern(r"\s*(?:aws|saml|sts):\s*[^\s,:'{}]+\s*")
_DEFAULT = compile_pattern(r"[A-Za-z0-9-]+:[^\s,:'{}]+\s*,.*")
_TYPED = ("numeric", "date", "bool", "null", "binary", "ipaddress", "notipaddress")


@says("text", "problem")
def never_replaced(subject: StatementSubject) -> Iterator[Hit]:
    """A text has ``${…}`` that neither CloudFormation nor IAM replaces, so it is compared letter by letter."""
    statement = subject.statement
    if not is_written(statement):
        return
    for text, when, variables in _texts(statement):
        problem = _variable_problem(text, subject.access.template, variables=variables)
        if problem:
            yield Hit(text.span, facts={"text": str(text), "problem": problem}, when=when)
            return


def _texts(statement: Statement) -> Iterator[tuple[Text, When, str]]:
    """The texts of a statement, and why IAM's variables have no meaning in them; nothing where they have one."""
    yield from ((one.text, one.when, "an action") for one in statement.actions)
    yield from ((one.text, one.when, "a principal") for one in statement.principals)
    yield from ((one.text, one.when, "") for one in statement.resources)
    for condition in statement.conditions:
        yield from ((one.text, one.when, _takes_none(condition)) for one in condition.values)


def _takes_none(condition: Condition) -> str:
    operator = condition.operator.lower().rpartition(":")[2]
    return f"a value of {condition.operator}" if operator.startswith(_TYPED) else ""


def _variable_problem(text: Text, template: Template, *, variables: str) -> str:
    for piece in text.pieces:
        if not isinstance(piece, Literal) or "${" not in piece.text:
            continue
        for found in _VARIABLE.finditer(piece.text):
            name = found[1]
            if name.partition(".")[0] in template.resources or name in template.parameters:
                return f"{found[0]} stands there without Fn::Sub"
            if _GOOD.fullmatch(name) and found[2]:
                if variables and name.startswith("aws:"):  # others may be meant for what writes the template
                    return f"IAM replaces no variable in {variables}"
            elif problem := _unreadable(found[0], name, goes_on=bool(found[2]) or piece is not text.pieces[-1]):
                return problem
    return ""


def _unreadable(written: str, name: str, *, goes_on: bool) -> str:
    """What keeps IAM from reading a variable; nothing of one that may be meant for what writes the template."""
    if not goes_on:
        return f"{written} has no closing brace"
    if not name.strip():
        return "the variable has no name"
    if _SPACED.fullmatch(name):
        return f"{written} has a space in it"
    return f"{written} has a default that is not in single quotes" if _DEFAULT.fullmatch(name) else ""
