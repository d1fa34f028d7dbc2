"""What do the intrinsic functions give that need the template: references, substitution, look-ups, branches?

The functions: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from collections.abc import Callable, Iterator
from itertools import islice, product
from re import Match

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.syntax.regex import pattern
from rolelint.template import functions
from rolelint.template.evaluate import MOST_DEPTH, Scope, branches, came_through, can_be, evaluate, pieces_of, values_of
from rolelint.template.references import attribute, pseudo, resource_name
from rolelint.template.template import Parameter, Resource, Template
from rolelint.template.values import (
    Case,
    Choice,
    Fields,
    Hole,
    Items,
    Known,
    Literal,
    NoValue,
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
from rolelint.tuples import NamedTuple

MOST_ALLOWED = 64
"""Values of a parameter or a mapping after which the symbol is treated as one that may be any name."""

_VARIABLE = pattern(r"\$\{(!?)([^}]*)\}")


class Spot(NamedTuple):
    """Where a reference stands: in a node, or at an offset of its text when it is a part of that."""

    node: Node
    offset: int = 0
    length: int = 0


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
        return _where_set(_parameter(parameter, hole, scope.template.given.get(name)), scope)
    symbol = Symbol("loop", name) if name in scope.template.loop_variables else pseudo(name)
    if symbol:
        return Text((hole._replace(symbol=symbol),), node)
    resource = scope.template.resources.get(name)
    if resource:
        return resource_name(resource, hole, _property_reader(resource, scope))
    holder, _, part = name.partition(".")
    return _published(holder, part, spot, scope) or Unknown(f"{name} is not defined in this template", node)


def _published(name: str, part: str, spot: Spot, scope: Scope) -> Value | None:
    """The ARN of the version or alias that SAM publishes of a function, which is referred to as ``Name.Alias``.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
    """
    function = scope.template.resources.get(name) if part in ("Alias", "Version") else None
    properties = function.properties if function and function.type == "AWS::Serverless::Function" else None
    alias = properties.get("AutoPublishAlias") if isinstance(properties, Mapping) else None
    if alias is None:
        return None
    version = Text((Hole(Symbol("attribute", f"{name}.Version"), *spot),), spot.node)
    parts = [get_att(name, "Arn", spot, scope), plain_text(":", spot.node)]
    return functions.concatenate([*parts, evaluate(alias, scope) if part == "Alias" else version], spot.node)


def _property_reader(resource: Resource, scope: Scope) -> Callable[[str], Value | None]:
    def read(name: str) -> Value | None:
        properties = resource.properties
        found = properties.get(name) if isinstance(properties, Mapping) else None
        return None if found is None else evaluate(found, further)

    # A name may be built from another resource's name: a few hops suffice, and definitions may run in circles.
    further = scope._replace(depth=scope.depth + MOST_DEPTH // 5)
    return read


def _parameter(parameter: Parameter, hole: Hole, given: str | None) -> Value:
    if given is not None and not parameter.is_looked_up:
        texts = [part.strip() for part in given.split(",")] if parameter.is_list else [given]
        values = tuple(Text((Literal(text, hole.node, -1),), hole.node) for text in texts)
        return Items(values, hole.node) if parameter.is_list else values[0]
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


def _where_set(value: Value, scope: Scope) -> Value:
    """The value of a parameter where its empty default, which stands for "not set", may be excluded by a condition."""
    symbol = value.symbol if isinstance(value, Text) else None
    if not isinstance(value, Text) or symbol is None or symbol.default != "" or can_be(symbol, "", scope):
        return value
    unset = symbol._replace(default=None)
    return value._replace(pieces=tuple(one._replace(symbol=unset) for one in value.pieces if isinstance(one, Hole)))


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
    published = _published(name, of, spot, scope)
    if published is not None:
        return published
    if name in scope.template.children and of.startswith("Outputs."):
        return _output(scope.template.children[name], of.removeprefix("Outputs."), hole)
    return attribute(resource, of, hole, _property_reader(resource, scope))


def _output(child: Template, name: str, hole: Hole) -> Value:
    outputs = child.root.get("Outputs") if child.root.origin.text is child.source.text else None
    output = outputs.get(name) if isinstance(outputs, Mapping) else None
    written = output.get("Value") if isinstance(output, Mapping) else None
    return _elsewhere(child, written, hole, "the output of the nested stack") if written else Text((hole,), hole.node)


def _elsewhere(template: Template, written: Node, hole: Hole, role: str) -> Value:
    """A value of another template; its symbols are told apart from those of this one by what they belong to."""
    value = evaluate(written, Scope(template, depth=MOST_DEPTH // 2))
    if not isinstance(value, Text):
        return Text((hole,), hole.node)
    owner = template.within or f"{template.source.path}/"
    pieces: list[Literal | Hole] = []
    for piece in value.pieces:
        if isinstance(piece, Literal):
            pieces.append(Literal(piece.text, hole.node, -1))
        else:
            own = piece.symbol.kind != "pseudo"
            symbol = piece.symbol._replace(name=owner + piece.symbol.name) if own else piece.symbol
            pieces.append(hole._replace(symbol=symbol))
    return Text(tuple(pieces), hole.node, (*value.via, Via(written.span.on_one_line(), role)))


def _sub(arguments: Node, node: Node, scope: Scope) -> Value:
    match arguments:
        case Scalar():
            return _substitute(arguments, node, scope)
        case Sequence(items=(Scalar() as text, Mapping() as given)):
            values = {entry.key.text: evaluate(entry.value, scope) for entry in given.entries}
            return _substitute(text, node, scope._replace(variables={**scope.variables, **values}))
    return Unknown("Fn::Sub without a text", node)


def variables_of(text: str) -> Iterator[Match[str]]:
    """The variables in a text of Fn::Sub: an exclamation mark when one is meant as text, and its name."""
    # Behind the last brace none ends, and every one that begins there would be followed to the end.
    return _VARIABLE.finditer(text, 0, text.rfind("}") + 1)


def _substitute(text: Scalar, node: Node, scope: Scope) -> Value:
    parts: list[Value] = []
    start = 0

    def literal(end: int) -> None:
        if end > start:
            parts.append(Text(pieces_of(Literal(text.text[start:end], text, start), scope), text))

    for found in variables_of(text.text):
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
    cases = tuple(Case(when, evaluate(branch, scope._replace(when=when))) for when, branch in branches(arguments, scope))
    if not cases:
        return Unknown("Fn::If without a condition and two values", node)
    return cases[0].value if len(cases) == 1 and cases[0].when == scope.when else Choice(cases, node)


def _find_in_map(arguments: Node, node: Node, scope: Scope) -> Value:
    if not isinstance(arguments, Sequence) or len(arguments.items) not in (3, 4):
        return Unknown("Fn::FindInMap without a mapping and two keys", node)
    names = [list(alternatives(evaluate(item, scope), scope.when)) for item in arguments.items[:3]]
    cases: list[Case] = []
    for chosen in islice(product(*names), functions.MOST_CASES):
        when: When | None = scope.when
        for holds, _ in chosen:
            when = both(when, holds) if when is not None else None
        if when is not None:
            cases.append(Case(when, _found([known for _, known in chosen], arguments, node, scope._replace(when=when))))
    if not cases:
        return Unknown("Fn::FindInMap of a mapping that is not known here", node)
    return cases[0].value if len(cases) == 1 and cases[0].when == scope.when else Choice(tuple(cases), node)


def _found(names: list[Known], arguments: Sequence, node: Node, scope: Scope) -> Value:
    """What a look-up gives for one combination of names."""
    texts = [_settled(name, scope) for name in names if isinstance(name, Text)]
    if len(texts) < len(names) or texts[0].literal is None:
        return Unknown("Fn::FindInMap of a mapping that is not known here", node)
    found = list(_looked_up(scope.template.mappings.get(texts[0].literal), texts[1:]))
    if len(arguments.items) == 4 and isinstance(arguments.items[3], Mapping):  # noqa: PLR2004 - the default comes fourth
        default = arguments.items[3].get("DefaultValue")
        found += [default] if default is not None and (len(found) != 1 or texts[1].symbols or texts[2].symbols) else []
    return _one_of(found, texts, node, scope)


def _settled(name: Text, scope: Scope) -> Text:
    """A key that is a parameter, with the values that are left of it where the scope's assumptions hold."""
    symbol = name.symbol
    left = values_of(symbol, scope) if symbol and symbol.kind == "parameter" else ()
    if symbol is None or not left:
        return name
    if len(left) == 1:
        return name._replace(pieces=(Literal(left[0], name.node, -1),))
    return name._replace(pieces=(name.pieces[0]._replace(symbol=symbol._replace(allowed=left)),))  # type: ignore[call-arg]


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
        return came_through(evaluate(found[0], scope), Via(node.span.on_one_line(), "looked up here"))
    texts = {item.text for item in found if isinstance(item, Scalar)}
    if len(texts) < 1 or not all(isinstance(item, Scalar) for item in found):
        return Unknown("Fn::FindInMap with a key that is not known here", node)
    allowed = tuple(sorted(texts)) if len(texts) <= MOST_ALLOWED else ()
    where = tuple(Via(item.span, "one of its values is here") for item in found[:1])
    return Text((Hole(Symbol("mapping", name, None, allowed), node),), node, where)


def _import_value(arguments: Node, node: Node, scope: Scope) -> Value:
    name = evaluate(arguments, scope)
    shown = str(name) if isinstance(name, Text) else "?"
    hole = Hole(Symbol("import", f"import:{shown}"), node)
    export = scope.template.exports(shown) if isinstance(name, Text) and name.literal is not None else None
    return _elsewhere(export.template, export.value, hole, "the export") if export else Text((hole,), node)


def _base64(arguments: Node, node: Node, scope: Scope) -> Value:
    """The text itself: what stands in it matters, not how it is sent."""
    return functions.each_case(evaluate(arguments, scope), lambda known: known, node)


def _to_json_string(arguments: Node, node: Node, scope: Scope) -> Value:
    """The object itself: read as the document that the text will be."""
    return functions.each_case(evaluate(arguments, scope), lambda known: known, node)


def _length(arguments: Node, node: Node, scope: Scope) -> Value:
    def count(known: Known) -> Value:
        if isinstance(known, Items) and all(isinstance(item, Text | Items | Fields) for item in known.items):
            return plain_text(str(len(known.items)), node)
        return Text((functions.opaque("Fn::Length of a list that is not known here", node),), node)

    return functions.each_case(evaluate(arguments, scope), count, node)


def _get_stack_output(arguments: Node, node: Node, scope: Scope) -> Value:
    """``Fn::GetStackOutput``: an output of another stack, of which this template knows the name only."""
    given = evaluate(arguments, scope)
    stack, output = (given.get(key) if isinstance(given, Fields) else None for key in ("StackName", "OutputName"))
    shown = ".".join(str(part) if isinstance(part, Text) else "?" for part in (stack, output))
    return Text((Hole(Symbol("import", f"output:{shown}"), node),), node)


def _cidr(arguments: Node, node: Node, scope: Scope) -> Value:
    """``Fn::Cidr``: the first blocks of a size within a block, where all three are known."""
    given = evaluate(arguments, scope)
    texts = [item.literal if isinstance(item, Text) else None for item in given.items] if isinstance(given, Items) else []
    if len(texts) in (2, 3) and all(texts):
        blocks = _blocks([text or "" for text in texts])
        if blocks:
            return Items(tuple(plain_text(block, node) for block in blocks), node)
    return Unknown("Fn::Cidr of values that are not known here", node)


def _blocks(texts: list[str]) -> list[str]:
    from ipaddress import ip_network  # noqa: PLC0415 - few policies need it
    from itertools import islice  # noqa: PLC0415 - likewise

    try:
        block = ip_network(texts[0], strict=False)
        bits = int(texts[2]) if len(texts) > 2 else 8  # noqa: PLR2004 - the third is how many bits a block leaves free
        return [str(one) for one in islice(block.subnets(new_prefix=block.max_prefixlen - bits), min(int(texts[1]), 256))]
    except ValueError:
        return []


_Function = Callable[[Node, Node, Scope], Value]
FUNCTIONS: dict[str, _Function] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json_string,
}
