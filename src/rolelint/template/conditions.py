"""Which conditions can hold together? Conditions are formulas over parameters; their worlds are counted out.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from itertools import product
from typing import NamedTuple, TypeAlias

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.template.values import Symbol, Text, Value, When

MOST_WORLDS = 4096
"""Combinations of values that are tried; beyond that every combination of conditions counts as possible."""

_MOST_DEPTH = 50
_FUNCTIONS = frozenset(("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition"))


class _Equals(NamedTuple):
    """One comparison. What cannot be told by trying values, such as two parameters being the same, is left open."""

    left: str
    right: str
    symbols: tuple[Symbol, ...]
    open: bool


class _Named(NamedTuple):
    name: str


class _Formula(NamedTuple):
    function: str
    operands: "tuple[_Any, ...]"


_Any: TypeAlias = _Equals | _Named | _Formula | None
_World: TypeAlias = ReadOnly[object, object]


class Conditions:
    """The conditions of one template. Formulas are read when they are first asked for."""

    def __init__(self, nodes: ReadOnly[str, Node]) -> None:
        self.nodes = nodes
        self._formulas: dict[str, _Any] = {}
        self._reachable: dict[When, bool] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.nodes

    def reachable(self, when: When, evaluate: Callable[[Node], Value]) -> bool:
        """Whether all that is assumed can hold at once, for some values of the parameters."""
        if when not in self._reachable:
            self._reachable[when] = not when or self._search(when, evaluate)
        return self._reachable[when]

    def _search(self, when: When, evaluate: Callable[[Node], Value]) -> bool:
        needed = [name for name, _ in when if name in self.nodes]
        equals = list(self._equals(needed, evaluate))
        return any(all(self._holds(_Named(name), world) in (held, None) for name, held in when) for world in _worlds(equals))

    def _formula(self, name: str, evaluate: Callable[[Node], Value]) -> _Any:
        if name not in self._formulas:
            self._formulas[name] = None  # a condition that refers to itself is left open
            self._formulas[name] = _read(self.nodes[name], evaluate, 0) if name in self.nodes else None
        return self._formulas[name]

    def _equals(self, names: list[str], evaluate: Callable[[Node], Value]) -> Iterator[_Equals]:
        """The comparisons that some conditions come down to."""
        seen: set[str] = set()
        todo: list[_Any] = [_Named(name) for name in names]
        while todo:
            match todo.pop():
                case _Named(name=name) if name not in seen:
                    seen.add(name)
                    todo.append(self._formula(name, evaluate))
                case _Formula(operands=operands):
                    todo += operands
                case _Equals() as found:
                    yield found

    def _holds(self, formula: _Any, world: _World, depth: int = 0) -> bool | None:
        """Whether a formula holds in a world; None when that cannot be told."""
        match formula:
            case _Named(name=name) if depth < _MOST_DEPTH:
                return self._holds(self._formulas.get(name), world, depth + 1)
            case _Equals():
                return _equal(formula, world)
            case _Formula(function="Fn::Not", operands=(operand,)):
                held = self._holds(operand, world, depth + 1)
                return None if held is None else not held
            case _Formula(function="Fn::And" | "Fn::Or" as function, operands=operands):
                found = {self._holds(operand, world, depth + 1) for operand in operands}
                decisive = function == "Fn::Or"
                return decisive if decisive in found else None if None in found else not decisive
            case _:
                return None


def _read(node: Node, evaluate: Callable[[Node], Value], depth: int) -> _Any:
    name, arguments = _call(node)
    operands = arguments.items if isinstance(arguments, Sequence) else ()
    if name not in _FUNCTIONS or depth > _MOST_DEPTH:
        return None
    if name == "Condition":
        return _Named(arguments.text) if isinstance(arguments, Scalar) else None
    if name == "Fn::Equals":
        return _comparison(*map(evaluate, operands)) if len(operands) == 2 else None  # noqa: PLR2004 - it compares two
    return _Formula(name, tuple(_read(operand, evaluate, depth + 1) for operand in operands))


def _call(node: Node) -> tuple[str, Node | None]:
    if node.tag:
        name = node.tag.removeprefix("!")
        return (name if name == "Condition" else f"Fn::{name}"), node
    if isinstance(node, Mapping) and len(node.entries) == 1:
        return node.entries[0].key.text, node.entries[0].value
    return "", None


def _comparison(left: Value, right: Value) -> _Any:
    if not isinstance(left, Text) or not isinstance(right, Text):
        return None
    sides = (left, right)
    symbols = tuple(dict.fromkeys(symbol for side in sides for symbol in side.symbols))
    if str(left) == str(right):
        return _Equals("", "", (), open=False)
    closed = all(side.literal is not None or (side.symbol and len(symbols) == 1) for side in sides)
    closed = closed or all(symbol.allowed for symbol in symbols)
    return _Equals(str(left), str(right), symbols, open=not closed)


def _equal(comparison: _Equals, world: _World) -> bool | None:
    if comparison.open or not world.keys() >= set(comparison.symbols):
        return bool(world[comparison]) if comparison in world else None
    left, right = comparison.left, comparison.right
    for symbol in comparison.symbols:
        value = str(world[symbol])
        left, right = left.replace(str(symbol), value), right.replace(str(symbol), value)
    return left == right


def _worlds(equals: list[_Equals]) -> Iterator[_World]:
    """The combinations of values that the compared symbols can take; one empty world when there are too many."""
    values: dict[object, tuple[object, ...]] = {}
    for one in equals:
        if one.open:
            values[one] = (True, False)
        for symbol in () if one.open else one.symbols:
            compared = [side for side in (one.left, one.right) if side != str(symbol)]
            tried: list[object] = [*values.get(symbol, ()), *compared, f"any other {symbol}"]
            values[symbol] = symbol.allowed or tuple(dict.fromkeys(tried))
    count = 1
    for candidates in values.values():
        count *= len(candidates)
    if count > MOST_WORLDS:
        yield {}
        return
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))
