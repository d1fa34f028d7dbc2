"""What is the value of this node? Intrinsic functions in every spelling, with holes for what the template cannot tell.

The functions: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from re import compile as pattern
from typing import NamedTuple

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.template import functions
from rolelint.template.references import attribute, pseudo, resource_name
from rolelint.template.scalars import is_null, plain_meaning
from rolelint.template.template import Parameter, Resource, Template
from rolelint.template.values import (
    Assumption,
    Case,
    Choice,
    Field,
    Fields,
    Hole,
    Items,
    Literal,
    NoValue,
    Piece,
    Symbol,
    Text,
    Unknown,
    Value,
    Via,
    When,
    alternatives,
    both,
    plain_text,
)

MOST_ALLOWED = 64
"""Values of a parameter or a mapping after which the symbol is treated as one that may be any name."""

_MOST_DEPTH = 100
_VARIABLE = pattern(r"\$\{(!?)([^}]*)\}")
_DYNAMIC = pattern(r"\{\{(resolve:[^}]*)\}\}")


class Scope(NamedTuple):
    """What a node is read against: its template, what is assumed, and what stands-ins in a policy given as text mean."""

    template: Template
    when: When = ()
    variables: ReadOnly[str, Value] = {}
    stand_ins: ReadOnly[str, Hole] = {}
    depth: int = 0

    def deeper(self) -> "Scope":
        """The scope one level further in."""
        return self._replace(depth=self.depth + 1)


class Spot(NamedTuple):
    """Where a reference stands: in a node, or at an offset of its text when it is a part of that."""

    node: Node
    offset: int = 0
    length: int = 0


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of a node, all of it."""
    if scope.depth > _MOST_DEPTH:
        return Unknown("it is nested too deep, or refers to itself", node)
    if node.anchor is not None:
        return _through(evaluate(node._replace(anchor=None), scope), Via(node.span, "used here"))
    call = function_call(node)
    if call:
        return _call(*call, node, scope.deeper())
    match node:
        case Scalar():
            return _scalar(node, scope)
        case Sequence():
            return Items(tuple(evaluate(item, scope.deeper()) for item in node.items), node)
        case Mapping():
            below = scope.deeper()
            return Fields(tuple(Field(_key(entry.key, scope), evaluate(entry.value, below)) for entry in node.entries), node)


def function_call(node: Node) -> tuple[str, Node] | None:
    """The name of the intrinsic function that a node calls and its arguments; short and long form are one."""
    if node.tag.startswith("!"):
        name = node.tag[1:]
        return (name if name in ("Ref", "Condition") else f"Fn::{name}"), node._replace(tag="")
    if isinstance(node, Mapping) and len(node.entries) == 1:
        name = node.entries[0].key.text
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith("Fn::ForEach")):
            return name, node.entries[0].value
    return None


def shallow(node: Node | None, scope: Scope) -> Iterator[tuple[When, Node | Unknown]]:
    """The nodes that stand for a node once ``Fn::If`` and aliases are seen through; nothing below is evaluated."""
    if node is None or scope.depth > _MOST_DEPTH:
        return
    call = function_call(node)
    if call is None:
        yield scope.when, node
    elif call[0] == "Fn::If":
        for when, branch in _branches(call[1], scope):
            yield from shallow(branch, scope.deeper()._replace(when=when))
    elif not (call[0] == "Ref" and isinstance(call[1], Scalar) and call[1].text == "AWS::NoValue"):
        yield scope.when, Unknown(call[0], node)


def _call(name: str, arguments: Node, node: Node, scope: Scope) -> Value:
    function = _FUNCTIONS.get(name)
    if function is None:
        return Unknown(name, node)
    return function(arguments, node, scope)


def _key(key: Scalar, scope: Scope) -> Text:
    value = _pieces(key, scope) if scope.stand_ins else (Literal(key.text, key, 0),)
    return Text(value, key)


def _scalar(node: Scalar, scope: Scope) -> Value:
    if not node.plain:
        return Text(_pieces(node, scope), node)
    if is_null(node.text):
        return NoValue(node)
    meaning = plain_meaning(node.text)
    return Text(_pieces(node, scope), node) if meaning == node.text else plain_text(meaning, node)


def _pieces(node: Scalar, scope: Scope) -> tuple[Piece, ...]:
    """Plain text with its dynamic references and stand-ins as holes."""
    pieces: list[Piece] = []
    for literal in _split_stand_ins(node, scope.stand_ins):
        pieces += _dynamic(literal) if isinstance(literal, Literal) else [literal]
    return tuple(pieces)


def _split_stand_ins(node: Scalar, stand_ins: ReadOnly[str, Hole]) -> Iterator[Piece]:
    start = 0
    for index, character in enumerate(node.text) if stand_ins else ():
        if character in stand_ins:
            if index > start:
                yield Literal(node.text[start:index], node, start)
            yield stand_ins[character]._replace(node=node, offset=index, length=1)
            start = index + 1
    if start < len(node.text) or not node.text:
        yield Literal(node.text[start:], node, start)


def _dynamic(literal: Literal) -> list[Piece]:
    """``{{resolve:ssm:…}}`` and its like: always a hole, wherever it stands in the text."""
    if "{{resolve:" not in literal.text:
        return [literal]
    pieces: list[Piece] = []
    start = 0
    for found in _DYNAMIC.finditer(literal.text):
        if found.start() > start:
            pieces.append(literal._replace(text=literal.text[start : found.start()], offset=literal.offset + start))
        hole = Hole(Symbol("dynamic", found[1]), literal.node, literal.offset + found.start(), len(found[0]))
        pieces.append(hole)
        start = found.end()
    if start < len(literal.text):
        pieces.append(literal._replace(text=literal.text[start:], offset=literal.offset + start))
    return pieces


def _through(value: Value, via: Via) -> Value:
    """The value, with one more definition that it came through; the parts of a list or mapping came through it too."""
    match value:
        case Text() | Unknown():
            return value._replace(via=(*value.via, via))
        case Items():
            return value._replace(items=tuple(_through(item, via) for item in value.items))
        case Fields():
            return value._replace(fields=tuple(field._replace(value=_through(field.value, via)) for field in value.fields))
        case Choice():
            return value._replace(cases=tuple(case._replace(value=_through(case.value, via)) for case in value.cases))
        case NoValue():
            return value


def _ref(arguments: Node, node: Node, scope: Scope) -> Value:
    if not isinstance(arguments, Scalar):
        return Unknown("Ref of something that is not a name", node)
    return ref(arguments.text, node, scope)


def ref(name: str, at: Node | Spot, scope: Scope) -> Value:
    """What ``Ref`` gives for a name: a variable of Fn::Sub, a parameter, a pseudo parameter or a resource."""
    spot = at if isinstance(at, Spot) else Spot(at)
    node = spot.node
    if name in scope.variables:
        return scope.variables[name]
    if name == "AWS::NoValue":
        return NoValue(node)
    hole = Hole(Symbol("opaque", name), *spot)
    parameter = scope.template.parameters.get(name)
    if parameter:
        return _parameter(parameter, hole)
    symbol = pseudo(name)
    if symbol:
        return Text((hole._replace(symbol=symbol),), node)
    resource = scope.template.resources.get(name)
    if resource:
        return resource_name(resource, hole, _property_reader(resource, scope))
    return Unknown(f"{name} is not defined in this template", node)


def _property_reader(resource: Resource, scope: Scope) -> Callable[[str], Value | None]:
    def read(name: str) -> Value | None:
        properties = resource.properties
        found = properties.get(name) if isinstance(properties, Mapping) else None
        return None if found is None else evaluate(found, further)

    # A name may be built from another resource's name: a few hops suffice, and definitions may run in circles.
    further = scope._replace(depth=scope.depth + _MOST_DEPTH // 5)
    return read


def _parameter(parameter: Parameter, hole: Hole) -> Value:
    where = (Via(parameter.node.span.on_one_line(), "the parameter"),)
    if parameter.is_looked_up:
        return Text((hole._replace(symbol=Symbol("parameter", parameter.name)),), hole.node, where)
    allowed = tuple(value.text for value in parameter.allowed)
    if len(allowed) == 1 and not parameter.is_list:
        only = parameter.allowed[0]
        return Text((Literal(only.text, only, -1),), hole.node, (Via(only.span, "its only allowed value is here"),))
    default = parameter.default.text if parameter.default else None
    if parameter.default:
        where = (Via(parameter.default.span, "its default is here"),)
    free = parameter.type in ("String", "CommaDelimitedList") and not allowed and parameter.pattern is None
    symbol = Symbol("parameter", parameter.name, default, allowed if len(allowed) <= MOST_ALLOWED else (), free and not default)
    if not parameter.is_list:
        return Text((hole._replace(symbol=symbol),), hole.node, where)
    return _list_parameter(parameter, symbol, hole, where)


def _list_parameter(parameter: Parameter, symbol: Symbol, hole: Hole, where: tuple[Via, ...]) -> Value:
    """The members of a list parameter's default, each as a symbol of its own: any list may be given instead."""
    if parameter.default is None:
        return Items((Text((hole._replace(symbol=symbol),), hole.node, where),), hole.node, where)
    members = [member.strip() for member in parameter.default.text.split(",")]
    symbols = [
        symbol._replace(name=parameter.name if len(members) == 1 else f"{parameter.name}[{index}]", default=member)
        for index, member in enumerate(members)
    ]
    return Items(tuple(Text((hole._replace(symbol=one),), hole.node, where) for one in symbols), hole.node, where)


def _get_att(arguments: Node, node: Node, scope: Scope) -> Value:
    match arguments:
        case Scalar(text=text) if "." in text:
            name, _, of = text.partition(".")
            return get_att(name, of, node, scope)
        case Sequence(items=(Scalar(text=name), last)):
            value = evaluate(last, scope)
            if isinstance(value, Text) and value.literal is not None:
                return get_att(name, value.literal, node, scope)
    return Unknown("Fn::GetAtt of something that is not a resource and its attribute", node)


def get_att(name: str, of: str, at: Node | Spot, scope: Scope) -> Value:
    """What ``Fn::GetAtt`` gives for an attribute of a resource."""
    spot = at if isinstance(at, Spot) else Spot(at)
    hole = Hole(Symbol("attribute", f"{name}.{of}"), *spot)
    resource = scope.template.resources.get(name)
    if resource is None:
        return Text((hole,), spot.node)
    return attribute(resource, of, hole, _property_reader(resource, scope))


def _sub(arguments: Node, node: Node, scope: Scope) -> Value:
    match arguments:
        case Scalar():
            return _substitute(arguments, node, scope)
        case Sequence(items=(Scalar() as text, Mapping() as given)):
            values = {entry.key.text: evaluate(entry.value, scope) for entry in given.entries}
            return _substitute(text, node, scope._replace(variables={**scope.variables, **values}))
    return Unknown("Fn::Sub without a text", node)


def _substitute(text: Scalar, node: Node, scope: Scope) -> Value:
    parts: list[Value] = []
    start = 0

    def literal(end: int) -> None:
        if end > start:
            pieces = _dynamic(Literal(text.text[start:end], text, start))
            parts.append(Text(tuple(pieces), text))

    for found in _VARIABLE.finditer(text.text):
        literal(found.start())
        name = found[2].strip()
        spot = Spot(text, found.start(), len(found[0]))
        if found[1]:
            parts.append(Text((Literal(f"${{{found[2]}}}", text, -1),), text))
        elif "." in name and name not in scope.variables:
            holder, _, of = name.partition(".")
            parts.append(get_att(holder, of, spot, scope))
        else:
            parts.append(ref(name, spot, scope))
        start = found.end()
    literal(len(text.text))
    if not parts:
        return Text((Literal("", text, 0),), node)
    return functions.concatenate(parts, node)


def _join(arguments: Node, node: Node, scope: Scope) -> Value:
    match arguments:
        case Sequence(items=(first, rest)):
            delimiter = evaluate(first, scope)
            if isinstance(delimiter, NoValue):
                delimiter = Text((), first)
            if isinstance(delimiter, Text) and (delimiter.literal is not None or not delimiter.pieces):
                return functions.join(delimiter, evaluate(rest, scope), node)
    return Unknown("Fn::Join without a delimiter and a list", node)


def _split(arguments: Node, node: Node, scope: Scope) -> Value:
    match arguments:
        case Sequence(items=(Scalar(text=delimiter), text)):
            return functions.split(delimiter, evaluate(text, scope), node)
    return Unknown("Fn::Split without a delimiter and a text", node)


def _select(arguments: Node, node: Node, scope: Scope) -> Value:
    match arguments:
        case Sequence(items=(first, rest)):
            index = evaluate(first, scope)
            return functions.select(index.literal if isinstance(index, Text) else None, evaluate(rest, scope), node)
    return Unknown("Fn::Select without an index and a list", node)


def _if(arguments: Node, node: Node, scope: Scope) -> Value:
    cases = tuple(Case(when, evaluate(branch, scope._replace(when=when))) for when, branch in _branches(arguments, scope))
    if not cases:
        return Unknown("Fn::If without a condition and two values", node)
    return cases[0].value if len(cases) == 1 and cases[0].when == scope.when else Choice(cases, node)


def _branches(arguments: Node, scope: Scope) -> list[tuple[When, Node]]:
    """The branches of an Fn::If that can be reached, each with what holds there."""
    match arguments:
        case Sequence(items=(Scalar(text=name), yes, no)):
            held = holds(name, scope)
            if held is not None:
                return [(scope.when, yes if held else no)]
            whens = [both(scope.when, (Assumption(name, holds=truth),)) for truth in (True, False)]
            return [(when, branch) for when, branch in zip(whens, (yes, no), strict=True) if when is not None]
    return []


def holds(condition: str, scope: Scope) -> bool | None:
    """Whether a condition holds wherever the scope's assumptions do; None when it may or may not."""
    yes, no = (both(scope.when, (Assumption(condition, holds=truth),)) for truth in (True, False))
    can_hold, can_fail = (when is not None and reachable(when, scope.template) for when in (yes, no))
    return can_hold if can_hold != can_fail else None


def reachable(when: When, template: Template) -> bool:
    """Whether some values of the parameters make all assumptions true at once."""
    plain = Scope(template, depth=_MOST_DEPTH // 2)
    return template.conditions.reachable(when, lambda node: evaluate(node, plain))


def _find_in_map(arguments: Node, node: Node, scope: Scope) -> Value:
    if not isinstance(arguments, Sequence) or len(arguments.items) not in (3, 4):
        return Unknown("Fn::FindInMap without a mapping and two keys", node)
    names = [evaluate(item, scope) for item in arguments.items[:3]]
    texts = [name for name in names if isinstance(name, Text)]
    if len(texts) < len(names) or texts[0].literal is None:
        return Unknown("Fn::FindInMap of a mapping that is not known here", node)
    found = list(_looked_up(scope.template.mappings.get(texts[0].literal), texts[1:]))
    if len(arguments.items) == 4 and isinstance(arguments.items[3], Mapping):  # noqa: PLR2004 - the default comes fourth
        default = arguments.items[3].get("DefaultValue")
        found += [default] if default is not None and (len(found) != 1 or texts[1].symbols or texts[2].symbols) else []
    return _one_of(found, texts, node, scope)


def _looked_up(mapping: Node | None, keys: list[Text]) -> Iterator[Node]:
    """The nodes that a mapping has under two keys; a key that is a symbol stands for every key there is."""
    if not keys:
        if mapping is not None:
            yield mapping
        return
    for entry in mapping.entries if isinstance(mapping, Mapping) else ():
        symbol = keys[0].symbol
        fits = entry.key.text in symbol.allowed if symbol and symbol.allowed else keys[0].literal in (None, entry.key.text)
        if fits:
            yield from _looked_up(entry.value, keys[1:])


def _one_of(found: list[Node], keys: list[Text], node: Node, scope: Scope) -> Value:
    name = f"{keys[0].literal}[{keys[1]}][{keys[2]}]"
    if not found:
        return Text((Hole(Symbol("mapping", name), node),), node)
    if len(found) == 1 and keys[1].literal is not None and keys[2].literal is not None:
        return _through(evaluate(found[0], scope), Via(node.span.on_one_line(), "looked up here"))
    texts = {item.text for item in found if isinstance(item, Scalar)}
    if len(texts) < 1 or not all(isinstance(item, Scalar) for item in found):
        return Unknown("Fn::FindInMap with a key that is not known here", node)
    allowed = tuple(sorted(texts)) if len(texts) <= MOST_ALLOWED else ()
    where = tuple(Via(item.span, "one of its values is here") for item in found[:1])
    return Text((Hole(Symbol("mapping", name, None, allowed), node),), node, where)


def _import_value(arguments: Node, node: Node, scope: Scope) -> Value:
    name = evaluate(arguments, scope)
    shown = str(name) if isinstance(name, Text) else "?"
    return Text((Hole(Symbol("import", f"import:{shown}"), node),), node)


def _base64(arguments: Node, node: Node, scope: Scope) -> Value:
    """The text itself: what stands in it matters, not how it is sent."""
    return functions.each_case(evaluate(arguments, scope), lambda known: known, node)


def _to_json_string(arguments: Node, node: Node, scope: Scope) -> Value:
    """The object itself: read as the document that the text will be."""
    return functions.each_case(evaluate(arguments, scope), lambda known: known, node)


_Function = Callable[[Node, Node, Scope], Value]
_FUNCTIONS: dict[str, _Function] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
}


def possible_texts(value: Value | None) -> list[tuple[When, Text]]:
    """The texts that a value may be, lists and mappings left out."""
    return [(when, known) for when, known in alternatives(value) if isinstance(known, Text)]
