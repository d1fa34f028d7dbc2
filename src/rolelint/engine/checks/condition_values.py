"""Can a value of a condition ever be that of a request, and is it compared as it is meant?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Iterator
from re import fullmatch
from typing import TYPE_CHECKING

from rolelint.engine.checks.grammar import member
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam import operators
from rolelint.iam.elements import Condition, Pattern
from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.template.scalars import plain_meaning

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

_ACCOUNT = (r"\d{12}", "an account id of 12 digits")
_ORGANIZATION = (r"o-[a-z0-9]{10,32}", "the id of an organization, such as o-a1b2c3d4e5")
_SERVICE = (
    r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.com)",
    "the name of a service, such as lambda.amazonaws.com",
)
_FORMS = {
    "aws:principalaccount": _ACCOUNT,
    "aws:principalorgid": _ORGANIZATION,
    "aws:requestedregion": (r"[a-z]{2,4}(?:-[a-z]+)+-\d", "a Region, such as eu-west-1"),
    "aws:resourceaccount": _ACCOUNT,
    "aws:resourceorgid": _ORGANIZATION,
    "aws:sourceaccount": _ACCOUNT,
    "aws:sourceorgid": _ORGANIZATION,
    "aws:sourcevpc": (r"vpc-[0-9a-f]{8}(?:[0-9a-f]{9})?", "the id of a VPC, such as vpc-0a1b2c3d"),
    "aws:sourcevpce": (r"vpce-[0-9a-f]{8}(?:[0-9a-f]{9})?", "the id of a VPC endpoint, such as vpce-0a1b2c3d"),
    "iam:awsservicename": _SERVICE,
    "iam:passedtoservice": _SERVICE,
    "sts:externalid": (r"[\w+=,.@:/-]{2,1224}", "an external id, which has 2 to 1,224 letters, digits or signs of +=,.@:/-"),
}
"""The form of the values that keys have in requests, and how to call it."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PLACEHOLDER = r".*(?:[<>{}$]|example|xxx|your).*"
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""https://datatracker.ietf.org/doc/html/rfc1918"""


@says("key", "value", "problem", "effect")
def impossible_value(subject: StatementSubject) -> Iterator[Hit]:
    """A value that no request has under its key."""
    for condition in subject.statement.conditions:
        for value in condition.values:
            problem = _impossible(condition, value.text.literal)
            if problem:
                facts = {
                    "key": str(condition.key),
                    "value": str(value.text),
                    "problem": problem,
                    "effect": _effect(subject, condition),
                }
                yield Hit(value.span, facts=facts, when=value.when)
                return


def _impossible(condition: Condition, text: str | None) -> str:
    operator = operators.read(condition.operator)
    if text is None:
        return ""
    if operator.family == "binary" and text and not fullmatch(_BASE64, text):
        return "it is not base64"
    if operator.family == "ipaddress" and condition.name == "aws:sourceip" and _is_private(text):
        return "requests from within a VPC carry aws:VpcSourceIp instead, and all others have a public address"
    form, called = _FORMS.get(condition.name, (None, ""))
    exact = operator.family == "string" and not (operator.wild and set(text) & set("*?"))
    if form is None or not exact or fullmatch(form, text) or fullmatch(_PLACEHOLDER, text.lower()):
        return ""
    return f"it is not {called}"


def _effect(subject: StatementSubject, condition: Condition) -> str:
    """What a value that never occurs does to the statement."""
    does = "allows" if subject.statement.allows else "denies"
    others = len(condition.values) > 1
    if operators.read(condition.operator).negated:
        return "this value excludes nobody" if others else "the condition always holds"
    return f"this value {does} nothing" if others else f"the statement {does} nothing"


def _range(text: str) -> "IPv4Network | IPv6Network | None":
    from ipaddress import ip_network  # noqa: PLC0415 - few policies name networks

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _is_private(text: str) -> bool:
    from ipaddress import IPv4Network  # noqa: PLC0415 - likewise

    found = _range(text)
    return isinstance(found, IPv4Network) and any(found.subnet_of(IPv4Network(one)) for one in _PRIVATE)


@says("operator", "key", "value", "like")
def literal_wildcard(subject: StatementSubject) -> Iterator[Hit]:
    """A ``*`` in a value that is compared letter by letter."""
    for condition in subject.statement.conditions:
        operator = operators.read(condition.operator)
        if operator.family != "string" or operator.wild:
            continue
        for value in condition.values:
            if "*" in (value.text.literal or "").replace("${*}", ""):
                like = "StringNotLike" if operator.negated else "StringLike"
                facts = {"operator": condition.operator, "key": str(condition.key), "value": str(value.text), "like": like}
                yield Hit(value.span, facts=facts, when=value.when)
                return


@says("what")
def empty_condition(subject: StatementSubject) -> Iterator[Hit]:
    """A Condition, an operator or a key with nothing in it."""
    node = member(subject.statement.node, "condition")
    if isinstance(node, Mapping) and not node.tag:
        for entry in node.entries:
            lines = entry.value.entries if isinstance(entry.value, Mapping) else ()
            for line in lines:
                if isinstance(line.value, Sequence) and not line.value.items and not line.value.tag:
                    yield Hit(line.key.span, facts={"what": f"{line.key.text} without values"}, when=subject.statement.when)
                    return
            if isinstance(entry.value, Mapping) and not lines:
                yield Hit(entry.key.span, facts={"what": f"{entry.key.text} without keys"}, when=subject.statement.when)
                return
        if not node.entries:
            span = subject.statement.element("Condition")
            yield Hit(span, facts={"what": "a Condition without operators"}, when=subject.statement.when)


@says("key", "problem")
def repeated_key(subject: StatementSubject) -> Iterator[Hit]:
    """A key that one operator has twice in different case, or a Boolean that is to be both."""
    conditions = subject.statement.conditions
    for index, condition in enumerate(conditions):
        for earlier in conditions[:index]:
            same = earlier.operator == condition.operator and earlier.name == condition.name
            if same and str(earlier.key) != str(condition.key) and earlier.when == condition.when:
                problem = f"{condition.operator} has it as {earlier.key} already"
                yield Hit(condition.key.span, facts={"key": str(condition.key), "problem": problem}, when=condition.when)
                return
        values = [one for one in condition.values if one.when == condition.when]
        if (
            operators.read(condition.operator).family in ("bool", "null")
            and len({(one.text.literal or "").lower() for one in values} & {"true", "false"}) > 1
        ):
            problem = f"{condition.operator} takes one value, and these leave nothing out"
            yield Hit(condition.key.span, facts={"key": str(condition.key), "problem": problem}, when=condition.when)
            return


@says("key", "types")
def several_types(subject: StatementSubject) -> Iterator[Hit]:
    """Values of one key that JSON tells apart: text beside a number or a Boolean."""
    for condition in subject.statement.conditions:
        values = [one for one in condition.values if one.when == condition.when]
        types = sorted({_json_type(one.text.node) for one in values})
        if len(types) > 1:
            yield Hit(condition.key.span, facts={"key": str(condition.key), "types": " and ".join(types)}, when=condition.when)
            return


def _json_type(node: Node) -> str:
    """What JSON calls a value: what a function gives is text, and so is whatever stands in quotes."""
    if not isinstance(node, Scalar) or not node.plain or node.tag:
        return "text"
    meaning = plain_meaning(node.text)
    if meaning in ("true", "false"):
        return "a Boolean"
    return "a number" if fullmatch(_NUMBER, meaning) else "text"


@says("operator", "key")
def null_with_more(subject: StatementSubject) -> Iterator[Hit]:
    """Null with a set operator: it asks whether the key is there, not what it holds."""
    for condition in subject.statement.conditions:
        operator = operators.read(condition.operator)
        if operator.over and operator.family == "null":
            facts = {"operator": condition.operator, "key": str(condition.key)}
            yield Hit(condition.key.span, facts=facts, when=condition.when)
            return


@says("key", "value", "meant")
def host_bits(subject: StatementSubject) -> Iterator[Hit]:
    """An IP range whose address goes on after the prefix: IAM masks it off."""
    for condition in subject.statement.conditions:
        if operators.read(condition.operator).family == "ipaddress":
            for value in condition.values:
                meant = _masked(value)
                if meant:
                    yield Hit(
                        value.span, facts={"key": str(condition.key), "value": str(value.text), "meant": meant}, when=value.when
                    )
                    return


def _masked(value: Pattern) -> str:
    """An IPv4 range as IAM reads it, where that is not how it is written."""
    address, slash, _ = (value.text.literal or "").partition("/")
    found = _range(value.text.literal or "") if slash and ":" not in address else None
    return str(found) if found and address != str(found.network_address) else ""
