"""Can a condition ever do what it says? Its operator, its key, and the values that they compare."""

from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from re import compile as compile_pattern

from rolelint.catalogue import actions as catalogue
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.statements import Condition, Statement
from rolelint.syntax.source import Span

_FAMILIES = {
    "string": (
        "stringequals",
        "stringnotequals",
        "stringequalsignorecase",
        "stringnotequalsignorecase",
        "stringlike",
        "stringnotlike",
    ),
    "numeric": (
        "numericequals",
        "numericnotequals",
        "numericlessthan",
        "numericlessthanequals",
        "numericgreaterthan",
        "numericgreaterthanequals",
    ),
    "date": (
        "dateequals",
        "datenotequals",
        "datelessthan",
        "datelessthanequals",
        "dategreaterthan",
        "dategreaterthanequals",
    ),
    "bool": ("bool",),
    "binary": ("binaryequals",),
    "ipaddress": ("ipaddress", "notipaddress"),
    "arn": ("arnequals", "arnlike", "arnnotequals", "arnnotlike"),
    "null": ("null",),
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

_FAMILY = {operator: family for family, operators in _FAMILIES.items() for operator in operators}
_SETS = ("forallvalues:", "foranyvalue:")
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

_NUMBER = compile_pattern(r"-?\d+(?:\.\d+)?")
_DATE = compile_pattern(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?|\d+")
_VALUES = {"numeric": "a number", "date": "a date", "bool": "true or false", "ipaddress": "an IP range", "null": "true or false"}
_GLOBAL = {
    "aws:AssumedRoot": "Bool",
    "aws:CalledVia": "ArrayOfString",
    "aws:CalledViaFirst": "String",
    "aws:CalledViaLast": "String",
    "aws:ChatbotSourceArn": "ARN",
    "aws:CurrentTime": "Date",
    "aws:Ec2InstanceSourcePrivateIPv4": "IPAddress",
    "aws:Ec2InstanceSourceVpc": "String",
    "aws:EpochTime": "Date",
    "aws:FederatedProvider": "String",
    "aws:MultiFactorAuthAge": "Numeric",
    "aws:MultiFactorAuthPresent": "Bool",
    "aws:PrincipalAccount": "String",
    "aws:PrincipalArn": "ARN",
    "aws:PrincipalIsAWSService": "Bool",
    "aws:PrincipalOrgID": "String",
    "aws:PrincipalOrgPaths": "ArrayOfString",
    "aws:PrincipalServiceName": "String",
    "aws:PrincipalServiceNamesList": "ArrayOfString",
    "aws:PrincipalTag/${TagKey}": "String",
    "aws:PrincipalType": "String",
    "aws:RequestTag/${TagKey}": "String",
    "aws:RequestedRegion": "String",
    "aws:ResourceAccount": "String",
    "aws:ResourceOrgID": "String",
    "aws:ResourceOrgPaths": "ArrayOfString",
    "aws:ResourceTag/${TagKey}": "String",
    "aws:SecureTransport": "Bool",
    "aws:SourceAccount": "String",
    "aws:SourceArn": "ARN",
    "aws:SourceIdentity": "String",
    "aws:SourceIp": "IPAddress",
    "aws:SourceOrgID": "String",
    "aws:SourceOrgPaths": "ArrayOfString",
    "aws:SourceOwner": "String",
    "aws:SourceVpc": "String",
    "aws:SourceVpcArn": "ARN",
    "aws:SourceVpce": "String",
    "aws:TagKeys": "ArrayOfString",
    "aws:TokenIssueTime": "Date",
    "aws:UserAgent": "String",
    "aws:ViaAWSService": "Bool",
    "aws:VpcSourceIp": "IPAddress",
    "aws:VpceAccount": "String",
    "aws:VpceOrgID": "String",
    "aws:VpceOrgPaths": "ArrayOfString",
    "aws:referer": "String",
    "aws:userid": "String",
    "aws:username": "String",
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

_CLOSE = 0.82
"""Likeness from which an unlisted global key is a slip of the pen; others may be newer than our list."""


def _plain(condition: Condition) -> str:
    """The operator without set prefix and IfExists, in lower case."""
    operator = condition.operator.lower()
    for prefix in _SETS:
        operator = operator.removeprefix(prefix)
    return operator.removesuffix("ifexists") if operator != "nullifexists" else operator


def _place(condition: Condition, statement: Statement) -> Span:
    return condition.key.span if condition.key.pieces else statement.element("Condition")


@says("operator", "hint")
def unknown_operator(subject: StatementSubject) -> Iterator[Hit]:
    """A condition with an operator that IAM does not have."""
    for condition in subject.statement.conditions:
        if _plain(condition) not in _FAMILY and "$" not in condition.operator and "::" not in condition.operator:
            facts = {"operator": condition.operator, "hint": _hint(_plain(condition))}
            yield Hit(_place(condition, subject.statement), facts=facts, when=condition.when)
            return


def _hint(operator: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a spelling mistake

    close = get_close_matches(operator, list(_FAMILY), 1)
    return f" (did you mean {_spelt(close[0])}?)" if close else ""


def _spelt(operator: str) -> str:
    words = ("Not", "String", "Equals", "IgnoreCase", "Like", "Numeric", "Date", "Less", "Greater", "Than", "IpAddress", "Arn")
    for word in (*words, "Bool", "Binary", "Null"):
        operator = operator.replace(word.lower(), word)
    return operator


@says("key", "problem")
def unknown_key(subject: StatementSubject) -> Iterator[Hit]:
    """A condition on a key that no request carries, or not the requests of these actions."""
    statement = subject.statement
    for condition in statement.conditions:
        key = condition.key.literal
        problem = _key_problem(key, statement) if key and "$" not in key else ""
        if key and problem:
            yield Hit(_place(condition, statement), facts={"key": key, "problem": problem}, when=condition.when)
            return


def _key_problem(key: str, statement: Statement) -> str:
    """Why no request carries a key; nothing for keys of identity providers, which have their own names."""
    service, colon, _ = key.lower().partition(":")
    if not colon:
        return "a condition key has a prefix and a colon"
    if service == "aws":
        return _misspelt(key)
    if service not in catalogue.services():
        return ""
    if not _is_known(key):
        return f"{service} has no such condition key"
    return "" if _is_for(key.lower(), service, statement) else "requests for these actions do not carry it"


@cache
def _misspelt(key: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for a key that is not listed

    if any(_same(known, key.lower()) for known in _GLOBAL):
        return ""
    names = {known.partition("${")[0].lower(): known.partition("/")[0] for known in _GLOBAL}
    close = get_close_matches(key.lower(), list(names), 1, _CLOSE)
    return f"there is no such key, only {names[close[0]]}" if close else ""


@cache
def _is_known(key: str) -> bool:
    service = key.partition(":")[0].lower()
    return any(_same(known, key.lower()) for known in catalogue.condition_keys(service))


@cache
def _same(known: str, key: str) -> bool:
    """Whether a key is one of the catalogue; both may end in a variable: a tag's key, an attribute's name."""
    known = known.lower()
    if known == key:
        return True
    stem = known.partition("${")[0].partition("<")[0].removesuffix("tag-key")
    return stem != known and key.startswith(stem.rstrip("/"))


def _is_for(key: str, service: str, statement: Statement) -> bool:
    """Whether some action of a statement, or a resource that one works on, has a key of a service."""
    if statement.not_actions or statement.unknown:
        return True
    texts = [pattern.text.literal for pattern in statement.actions]
    if not texts or any(text is None or text == "*" for text in texts):
        return True
    found = [action for text in texts if text for action in catalogue.expand(text)]
    if not found or any(action.service != service for action in found):
        return True  # keys cross services now and then; beside actions of one service alone we know
    types = catalogue.resource_types(service)
    keys = {one for action in found for one in action.condition_keys}
    keys |= {one for action in found for use in action.resources for one in types[use.type].condition_keys}
    return any(_same(known, key) for known in keys)


@says("operator", "key", "value", "problem")
def mismatch(subject: StatementSubject) -> Iterator[Hit]:
    """An operator of one type on a key of another, or with a value that it cannot compare."""
    for condition in subject.statement.conditions:
        found = _wrong(condition)
        if found:
            value, problem = found
            facts = {"operator": condition.operator, "key": str(condition.key), "value": value, "problem": problem}
            yield Hit(_place(condition, subject.statement), facts=facts, when=condition.when)
            return


def _wrong(condition: Condition) -> tuple[str, str] | None:
    family = _FAMILY.get(_plain(condition))
    if family is None or family == "binary":
        return None
    for value in condition.values:
        text = value.text.literal
        if text is not None and "${" not in text and not _is_value(family, text):
            return text, f"{text!r} is not {_VALUES[family]}"
    kind = _type_of(condition.name)
    if family != "null" and kind and kind not in _FIT[family]:
        return ", ".join(str(value.text) for value in condition.values[:2]), f"the key holds {_article(kind)}"
    return None


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
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


@cache
def _type_of(key: str) -> str | None:
    """The type of a condition key's values; None when the key is not known."""
    kind = _kind(key)
    return _TYPES.get(kind.removeprefix("ArrayOf")) if kind else None


def _kind(key: str) -> str | None:
    """The type of a condition key as AWS lists it."""
    service = key.partition(":")[0]
    known = _GLOBAL if service == "aws" else catalogue.condition_keys(service)
    return next((kind for name, kind in known.items() if _same(name, key)), None)


@says("operator", "key")
def for_all_values(subject: StatementSubject) -> Iterator[Hit]:
    """``ForAllValues`` in an Allow on a key that has one value: it holds when the key is missing."""
    statement = subject.statement
    for condition in statement.conditions if statement.allows else ():
        operator = condition.operator.lower()
        single = operator.startswith("forallvalues:") and not operator.endswith("ifexists") and _is_single(condition.name)
        if single and not any(_asks_for(other, condition.name) for other in statement.conditions):
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(_place(condition, statement), facts=facts, when=condition.when)
            return


def _asks_for(condition: Condition, name: str) -> bool:
    """Whether a Null condition refuses requests without a key."""
    refuses = any((value.text.literal or "").lower() == "false" for value in condition.values)
    return condition.operator.lower() == "null" and condition.name == name and refuses


@cache
def _is_single(key: str) -> bool:
    kind = _kind(key)
    return kind is not None and not kind.startswith("ArrayOf")
