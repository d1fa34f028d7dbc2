"""Can a condition be told from the template alone? Three answers: true, false, or it depends."""

from collections.abc import Callable

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.template.template import Template
from rolelint.template.values import Text, Value

Evaluate = Callable[[Node], Value]

_MOST_DEPTH = 50
_FUNCTIONS = {"Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition"}


def truth(template: Template, name: str, evaluate: Evaluate, depth: int = 0) -> bool | None:
    """Whether a named condition holds whatever the parameters are; None when it depends on them or cannot be told."""
    node = template.conditions.get(name)
    return None if node is None or depth > _MOST_DEPTH else _formula(template, node, evaluate, depth + 1)


def _formula(template: Template, node: Node, evaluate: Evaluate, depth: int) -> bool | None:
    if depth > _MOST_DEPTH:
        return None
    name, arguments = _call(node)
    operands = arguments.items if isinstance(arguments, Sequence) else ()
    match name:
        case "Condition":
            return truth(template, arguments.text, evaluate, depth) if isinstance(arguments, Scalar) else None
        case "Fn::Equals":
            return _equal(*map(evaluate, operands)) if len(operands) == 2 else None  # noqa: PLR2004 - it compares two
        case "Fn::Not":
            held = _formula(template, operands[0], evaluate, depth + 1) if operands else None
            return None if held is None else not held
        case "Fn::And" | "Fn::Or":
            found = {_formula(template, operand, evaluate, depth + 1) for operand in operands}
            decisive = name == "Fn::Or"
            return decisive if decisive in found else None if None in found else not decisive
        case _:
            return None


def _call(node: Node) -> tuple[str, Node | None]:
    if node.tag:
        name = node.tag.removeprefix("!")
        return (name if name == "Condition" else f"Fn::{name}"), node
    if isinstance(node, Mapping) and len(node.entries) == 1:
        return node.entries[0].key.text, node.entries[0].value
    return "", None


def _equal(left: Value, right: Value) -> bool | None:
    if not isinstance(left, Text) or not isinstance(right, Text):
        return None
    if left.literal is not None and right.literal is not None:
        return left.literal == right.literal
    if [str(left), left.symbols] == [str(right), right.symbols]:
        return True
    for one, other in ((left, right), (right, left)):
        symbol = one.symbol
        if symbol and symbol.allowed and other.literal is not None and other.literal not in symbol.allowed:
            return False
    return None
