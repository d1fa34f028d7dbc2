"""Which values do an AllowedPattern and the Rules section leave of a parameter's? Only what they pin to a few is read.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.syntax.regex import pattern
from rolelint.template.evaluate import function_call
from rolelint.template.template import Parameter
from rolelint.tuples import NamedTuple

_WORDS = pattern(r"\^(?:\((?:\?:)?([\w|-]+)\)|([\w-]+))\$")


class Assertion(NamedTuple):
    """What a rule demands of the parameters, and when: always if there is no condition."""

    condition: Node | None
    demanded: Node


def assertions(rules: Node | None) -> tuple[Assertion, ...]:
    """All that a Rules section demands."""
    return tuple(_assertions(rules))


def _assertions(rules: Node | None) -> Iterator[Assertion]:
    for _, rule in rules.entries if isinstance(rules, Mapping) else ():
        listed = rule.get("Assertions") if isinstance(rule, Mapping) else None
        for one in listed.items if isinstance(listed, Sequence) else ():
            demanded = one.get("Assert") if isinstance(one, Mapping) else None
            if demanded is not None and isinstance(rule, Mapping):
                yield Assertion(rule.get("RuleCondition"), demanded)


def narrowed(parameters: ReadOnly[str, Parameter], demanded: tuple[Assertion, ...]) -> dict[str, Parameter]:
    """The parameters, each with the values that its pattern and the rules without a condition leave it."""
    left = {name: _by_pattern(parameter) for name, parameter in parameters.items()}
    for assertion in demanded:
        for name, values in _pinned(assertion.demanded) if assertion.condition is None else ():
            if name in left:
                left[name] = _left(left[name], values)
    return left


def _by_pattern(parameter: Parameter) -> Parameter:
    written = parameter.node.get("AllowedPattern") if parameter.pattern and isinstance(parameter.node, Mapping) else None
    found = _WORDS.fullmatch(parameter.pattern or "") if isinstance(written, Scalar) else None
    if found is None or not isinstance(written, Scalar):
        return parameter
    words = (found[1] or found[2]).split("|")
    return _left(parameter, tuple(written._replace(text=word) for word in words if word))


def _left(parameter: Parameter, values: tuple[Scalar, ...]) -> Parameter:
    """A parameter that may only have some values; what leaves it none, or is about a list, tells nothing."""
    texts = {value.text for value in values}
    allowed = tuple(one for one in parameter.allowed if one.text in texts) if parameter.allowed else values
    if not allowed or parameter.is_list or parameter.is_looked_up:
        return parameter
    default = parameter.default if parameter.default and parameter.default.text in texts else None
    return parameter._replace(allowed=allowed, default=default)


def _pinned(node: Node) -> Iterator[tuple[str, tuple[Scalar, ...]]]:
    """The parameters that a demand pins to values written in it."""
    match function_call(node):
        case ("Fn::And", Sequence(items=items)):
            for item in items:
                yield from _pinned(item)
        case ("Fn::Equals", Sequence(items=(first, second))):
            yield from _among(first, (second,))
            yield from _among(second, (first,))
        case ("Fn::Contains", Sequence(items=(Sequence(items=values, tag=""), named))):
            yield from _among(named, values)
        case ("Fn::EachMemberIn", Sequence(items=(Sequence(items=members, tag=""), Sequence(items=values, tag="")))):
            for member in members:
                yield from _among(member, values)


def _among(named: Node, values: tuple[Node, ...]) -> Iterator[tuple[str, tuple[Scalar, ...]]]:
    known = tuple(value for value in values if isinstance(value, Scalar) and not value.tag)
    match function_call(named):
        case ("Ref", Scalar(text=name)) if len(known) == len(values):
            yield name, known
