"""Which conditions can hold together? Conditions are formulas over parameters; their worlds are counted out.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from itertools import product
from typing import TypeAlias

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.template.values import Symbol, Text, Value, When
from rolelint.tuples import NamedTuple

MOST_WORLDS = 4096
"""Combinations of values that are tried; beyond that every combination of conditions counts as possible."""

_MOST_DEPTH = 50
_FUNCTIONS = frozenset(("Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Fn::Contains", "Fn::EachMemberIn", "Condition"))


class _Equals(NamedTuple):
    """One comparison. What cannot be told by trying values, such as two parameters being the same, is left open."""

    left: str
    right: str
    symbols: tuple[Symbol, ...]
    open: bool


class _Other(str):
    """What stands for all values of a symbol that nothing is compared with."""

    __slots__ = ()


class _Named(NamedTuple):
    name: str


class _Formula(NamedTuple):
    function: str
    operands: "tuple[_Any, ...]"


_Any: TypeAlias = _Equals | _Named | _Formula | None
_World: TypeAlias = ReadOnly[object, object]


class Conditions:
    """The conditions of one template. Formulas are read when they are first asked for.

    ``demanded`` is what its rules demand of the parameters: pairs of a condition, if there is one, and a demand.
    """

    def __init__(self, nodes: ReadOnly[str, Node], demanded: tuple[tuple[Node | None, Node], ...] = ()) -> None:
        self.nodes = nodes
        self.demanded = demanded
        self._rules: list[_Any] | None = None
        self._formulas: dict[str, _Any] = {}
        self._reachable: dict[When, bool] = {}
        self._left: dict[tuple[Symbol, When], tuple[str, ...]] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.nodes

    def with_more(self, nodes: ReadOnly[str, Node]) -> "Conditions":
        """These conditions and others; of the same name, these."""
        return Conditions({**nodes, **self.nodes}, self.demanded)

    def reachable(self, when: When, evaluate: Callable[[Node], Value]) -> bool:
        """Whether all that is assumed can hold at once, for some values of the parameters."""
        if when not in self._reachable:
            self._reachable[when] = not when or self._search(when, evaluate)
        return self._reachable[when]

    def values_of(self, symbol: Symbol, when: When, evaluate: Callable[[Node], Value]) -> tuple[str, ...]:
        """The values that a symbol can have when all that is assumed holds; none when it may have others than are named."""
        if (symbol, when) not in self._left:
            found = dict.fromkeys(world.get(symbol, _Other("")) for world in self._worlds_where(when, evaluate))
            named = not any(isinstance(value, _Other) for value in found)
            self._left[symbol, when] = tuple(map(str, found)) if named else ()
        return self._left[symbol, when]

    def can_be(self, symbol: Symbol, value: str, when: When, evaluate: Callable[[Node], Value]) -> bool:
        """Whether a symbol can have a value when all that is assumed holds."""
        found = {world.get(symbol) for world in self._worlds_where(when, evaluate)}
        compared = self._equals([_Named(name) for name, _ in when if name in self.nodes], evaluate)
        named = any(value in (one.left, one.right) for one in compared if symbol in one.symbols)
        return None in found or any(str(one) == value if named else isinstance(one, _Other) for one in found)

    def _search(self, when: When, evaluate: Callable[[Node], Value]) -> bool:
        return any(True for _ in self._worlds_where(when, evaluate))

    def _worlds_where(self, when: When, evaluate: Callable[[Node], Value]) -> Iterator[_World]:
        """The worlds in which all that is assumed may hold, and that no rule forbids."""
        named: list[_Any] = [_Named(name) for name, _ in when if name in self.nodes]
        equals = list(self._equals(named, evaluate))
        rules = self._rules_about({symbol for one in equals for symbol in one.symbols}, evaluate)
        values = _values([*equals, *self._equals(rules, evaluate)])
        if values is None:
            rules, values = [], _values(equals)
        return (world for world in _worlds(values or {}) if self._allows(when, rules, world))

    def _allows(self, when: When, rules: list[_Any], world: _World) -> bool:
        """Whether a world may be one in which all that is assumed holds, and that no rule forbids."""
        return all(self._holds(_Named(name), world) in (held, None) for name, held in when) and not any(
            self._holds(rule, world) is False for rule in rules
        )

    def _rules_about(self, symbols: set[Symbol], evaluate: Callable[[Node], Value]) -> list[_Any]:
        """What is demanded of some symbols."""
        if self._rules is None:
            self._rules = [_rule(condition, demand, evaluate) for condition, demand in self.demanded]
        return [rule for rule in self._rules if any(symbols & {*one.symbols} for one in self._equals([rule], evaluate))]

    def _formula(self, name: str, evaluate: Callable[[Node], Value]) -> _Any:
        if name not in self._formulas:
            self._formulas[name] = None  # a condition that refers to itself is left open
            self._formulas[name] = _read(self.nodes[name], evaluate, 0) if name in self.nodes else None
        return self._formulas[name]

    def _equals(self, formulas: list[_Any], evaluate: Callable[[Node], Value]) -> Iterator[_Equals]:
        """The comparisons that some formulas come down to."""
        seen: set[str] = set()
        todo = list(formulas)
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
    if name in ("Fn::Contains", "Fn::EachMemberIn"):
        return _membership(name, operands, evaluate)
    return _Formula(name, tuple(_read(operand, evaluate, depth + 1) for operand in operands))


def _rule(condition: Node | None, demand: Node, evaluate: Callable[[Node], Value]) -> _Any:
    demanded = _read(demand, evaluate, 0)
    if condition is None:
        return demanded
    return _Formula("Fn::Or", (_Formula("Fn::Not", (_read(condition, evaluate, 0),)), demanded))


def _membership(name: str, operands: tuple[Node, ...], evaluate: Callable[[Node], Value]) -> _Any:
    """``Fn::Contains`` of a list and a value, ``Fn::EachMemberIn`` of two lists: comparisons with what is written in a list."""
    match name, operands:
        case ("Fn::Contains", (Sequence(items=items, tag=""), member)):
            members: tuple[Node, ...] = (member,)
        case ("Fn::EachMemberIn", (Sequence(items=members, tag=""), Sequence(items=items, tag=""))):
            pass
        case _:
            return None
    values = [evaluate(item) for item in items]
    found = (tuple(_comparison(evaluate(one), value) for value in values) for one in members)
    return _Formula("Fn::And", tuple(_Formula("Fn::Or", compared) for compared in found))


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


def _values(equals: list[_Equals]) -> dict[object, tuple[object, ...]] | None:
    """The values that the compared symbols can take; None when there are too many combinations of them to try."""
    values: dict[object, tuple[object, ...]] = {}
    for one in equals:
        if one.open:
            values[one] = (True, False)
        for symbol in () if one.open else one.symbols:
            compared = [side for side in (one.left, one.right) if side != str(symbol)]
            tried: list[object] = [*values.get(symbol, ()), *compared, _Other(f"any other {symbol}")]
            values[symbol] = symbol.allowed or tuple(dict.fromkeys(tried))
    count = 1
    for candidates in values.values():
        count *= len(candidates)
    return values if count <= MOST_WORLDS else None


def _worlds(values: dict[object, tuple[object, ...]]) -> Iterator[_World]:
    """The combinations of values; one empty world when there are none."""
    for chosen in product(*values.values()):
        yield dict(zip(values, chosen, strict=True))
