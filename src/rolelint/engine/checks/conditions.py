"""Can a condition ever do what it says? Its operator, its key, and how they go together."""

from collections.abc import Iterator
from functools import cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import condition_keys
from rolelint.catalogue.meta import meta
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam import operators
from rolelint.iam.conditions import Quality, is_over, verdicts
from rolelint.iam.elements import Condition
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.syntax.source import Span
from rolelint.syntax.spelling import closest

_TYPES = {"String": "string", "ARN": "arn", "Bool": "bool", "Numeric": "numeric", "Date": "date", "IPAddress": "ipaddress"}
_FIT = {
    "string": ("string", "arn", "bool", "date"),
    "arn": ("arn", "string"),
    "numeric": ("numeric", "date"),
    "date": ("date", "numeric"),
    "bool": ("bool", "string"),
    "ipaddress": ("ipaddress",),
}
"""The types of keys that operators of a family can compare in practice: every value is sent as text."""
_BY_LUCK = frozenset((("string", "date"), ("arn", "string")))
"""Families and types of those that AWS's documentation has no example of."""

_NUMBER = compile_pattern(r"-?\d+(?:\.\d+)?")
_DATE = compile_pattern(
    r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?|\d+"
)
_VALUES = {"numeric": "a number", "date": "a date", "bool": "true or false", "ipaddress": "an IP range", "null": "true or false"}

_FACTOR = "aws:multifactorauthpresent"
_CLOSE = 0.82
"""Likeness from which an unlisted global key is a slip of the pen; others may be newer than our list."""


def _place(condition: Condition, statement: Statement) -> Span:
    return condition.key.span if condition.key.pieces else statement.element("Condition")


@says("operator", "hint")
def unknown_operator(subject: StatementSubject) -> Iterator[Hit]:
    """A condition with an operator that IAM does not have."""
    for condition in subject.statement.conditions:
        operator = operators.read(condition.operator)
        if operator.family is None and "$" not in condition.operator and "::" not in condition.operator:
            facts = {"operator": condition.operator, "hint": _hint(operator.base)}
            yield Hit(_place(condition, subject.statement), facts=facts, when=condition.when)
            return


def _hint(operator: str) -> str:
    close = closest(operator, operators.NAMES)
    return f" (did you mean {operators.spelt(close)}?)" if close else ""


@says("key", "problem")
def unknown_key(subject: StatementSubject) -> Iterator[Hit]:
    """A condition on a key that no request carries, or not the requests of these actions."""
    statement = subject.statement
    for condition in statement.conditions:
        key = condition.key.literal
        if not key or "$" in key:
            continue
        problem, answer = _key_problem(key, statement), CERTAIN
        if not problem and _is_unlisted(key):
            problem = "AWS lists no such key"
            answer = Answer(Certainty.POSSIBLE, (f"AWS has added no key {key} since {meta().actions_date}",))
        if problem:
            yield Hit(_place(condition, statement), answer, {"key": key, "problem": problem}, condition.when)
            return


def _key_problem(key: str, statement: Statement) -> str:
    """Why no request carries a key; nothing for keys of identity providers, which have their own names."""
    service, _, name = key.lower().partition(":")
    if not service or not name:
        return "a condition key has a prefix, a colon and a name"
    if key.lower().endswith(("resourcetag", "requesttag", "principaltag")):
        return "the tag's name must follow after a slash"
    if service == "aws":
        return _misspelt(key)
    if service not in catalogue.services():
        return ""
    if not condition_keys.is_listed(key):
        return f"{service} has no such condition key"
    return "" if _may_be_there(key.lower(), statement) else "requests for these actions do not carry it"


@cache
def _is_unlisted(key: str) -> bool:
    """Whether a key has the form of a global one and is not among those that were known when this was built."""
    listed = condition_keys.global_keys()
    return key.lower().startswith("aws:") and not any(condition_keys.same(known, key.lower()) for known in listed)


@cache
def _misspelt(key: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a key that is not listed

    if key.lower() == "aws:arn":
        return "there is no such key, only aws:PrincipalArn and aws:SourceArn"
    if not _is_unlisted(key):
        return ""
    names = {known.partition("${")[0].lower(): known.partition("/")[0] for known in condition_keys.global_keys()}
    close = get_close_matches(key.lower(), list(names), 1, _CLOSE)
    return f"there is no such key, only {names[close[0]]}" if close else ""


def _may_be_there(key: str, statement: Statement) -> bool:
    """Whether the requests for some action of a statement may carry a key of a service."""
    if statement.not_actions or statement.unknown:
        return True
    texts = [pattern.text.literal for pattern in statement.actions]
    if not texts or any(text is None or text == "*" for text in texts):
        return True
    found = [action for text in texts if text for action in catalogue.expand(text)]
    return not found or not all(condition_keys.is_never_there(key, action.full_name) for action in found)


@says("operator", "key", "value", "problem")
def mismatch(subject: StatementSubject) -> Iterator[Hit]:
    """An operator of one type on a key of another, or with a value that it cannot compare."""
    for condition in subject.statement.conditions:
        found = _wrong(condition)
        if found:
            value, problem, answer = found
            facts = {"operator": condition.operator, "key": str(condition.key), "value": value, "problem": problem}
            yield Hit(_place(condition, subject.statement), answer, facts, condition.when)
            return


def _wrong(condition: Condition) -> tuple[str, str, Answer] | None:
    family = operators.read(condition.operator).family
    if family is None or family == "binary":
        return None
    for value in condition.values:
        text = value.text.literal
        if text is not None and "${" not in text and not _is_value(family, text):
            return text, f"{text!r} is not {_VALUES[family]}", CERTAIN
    kind = _TYPES.get((condition_keys.find(condition.name).type or "").removeprefix("ArrayOf"))
    if kind is None or family == "null":
        return None
    answer = NO if kind in _FIT[family] else CERTAIN
    if (family, kind) in _BY_LUCK and not condition.name.endswith(":arn"):  # CloudWatch Logs asks for ArnLike on its context
        answer = Answer(Certainty.POSSIBLE, (f"IAM does not compare {_article(kind)} with a {condition.operator}",))
    shown = ", ".join(str(value.text) for value in condition.values[:2])
    return (shown, f"the key holds {_article(kind)}", answer) if answer.certainty else None


def _article(kind: str) -> str:
    return {"string": "text", "arn": "an ARN", **_VALUES}.get(kind, kind)


def _is_value(family: str, text: str) -> bool:
    match family:
        case "numeric":
            return bool(_NUMBER.fullmatch(text))
        case "date":
            return bool(_DATE.fullmatch(text.strip()))
        case "bool" | "null":
            return text.lower() in ("true", "false")
        case "ipaddress":
            return _is_range(text)
        case _:
            return True


def _is_range(text: str) -> bool:
    from ipaddress import ip_network  # noqa: PLC0415 - few policies name networks

    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@says("operator", "key")
def for_all_values(subject: StatementSubject) -> Iterator[Hit]:
    """``ForAllValues`` in an Allow on a key that has one value: it holds when the key is missing."""
    statement = subject.statement
    for verdict in verdicts(statement) if statement.allows else ():
        condition, operator = verdict.condition, operators.read(verdict.condition.operator)
        over = operator.over == "forallvalues" and not operator.if_exists
        if over and verdict.quality is Quality.DECORATIVE and verdict.key.single:
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(_place(condition, statement), facts=facts, when=condition.when)
            return


@says("operator", "key", "problem")
def missing_set_operator(subject: StatementSubject) -> Iterator[Hit]:
    """A key with many values that is compared as if it had one; of services' own keys some are known to hold all the same."""
    for condition in subject.statement.conditions:
        operator, key = operators.read(condition.operator), condition_keys.find(condition.name)
        plain = not operator.over and operator.family not in ("null", None)
        if plain and key.name.startswith("aws:") and key.type is not None and not key.single:
            facts = {"operator": condition.operator, "key": str(condition.key), "problem": operators.spelt(operator.base)}
            yield Hit(_place(condition, subject.statement), facts=facts, when=condition.when)
            return


@says("operator", "key")
def second_factor_skipped(subject: StatementSubject) -> Iterator[Hit]:
    """A Deny of requests that say they have no second factor: those with an access key say nothing."""
    statement = subject.statement
    for condition in statement.conditions if statement.effect == "Deny" else ():
        operator = operators.read(condition.operator)
        asks_for_no = any((value.text.literal or "").lower() == "false" for value in condition.values)
        if condition.name == _FACTOR and operator.family == "bool" and not operator.if_exists and asks_for_no:
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(_place(condition, statement), facts=facts, when=condition.when)
            return


@says("operator", "key")
def arn_as_text(subject: StatementSubject) -> Iterator[Hit]:
    """An ARN that is compared as text: a star in it runs over the borders of its fields."""
    for condition in subject.statement.conditions:
        operator = operators.read(condition.operator)
        if operator.family == "string" and condition_keys.find(condition.name).type in ("ARN", "ArrayOfARN"):
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(_place(condition, subject.statement), facts=facts, when=condition.when)
            return


@says("key", "partner")
def key_without_partner(subject: StatementSubject) -> Iterator[Hit]:
    """A private address without the network that it is in: every network may have it."""
    statement = subject.statement
    names = [condition.name for condition in statement.conditions]
    if statement.allows and not any(name.startswith("aws:sourcevpc") for name in names):
        for condition in statement.conditions:
            if condition.name == "aws:vpcsourceip":
                facts = {"key": str(condition.key), "partner": "aws:SourceVpc"}
                yield Hit(_place(condition, statement), facts=facts, when=condition.when)
                return


@says("effect", "operator", "key", "day")
def over(subject: StatementSubject) -> Iterator[Hit]:
    """A statement whose last day is past."""
    statement = subject.statement
    for condition in statement.conditions:
        if is_over(condition):
            effect = "takes nothing away any more" if statement.effect == "Deny" else "gives nothing any more"
            day = str(condition.values[0].text)
            facts = {"effect": effect, "operator": condition.operator, "key": str(condition.key), "day": day}
            yield Hit(condition.values[0].span, facts=facts, when=condition.when)
            return
