"""What do the functions that only compute give? Join, Split, Select, Base64: values in, a value out."""

from collections.abc import Callable, Iterable
from itertools import product

from rolelint.syntax.nodes import Node
from rolelint.template.values import (
    Case,
    Choice,
    Fields,
    Hole,
    Items,
    Known,
    Piece,
    Symbol,
    Text,
    Unknown,
    Value,
    When,
    alternatives,
    both,
)

MOST_CASES = 64
"""Combinations of branches after which a joined text is no longer taken apart."""

_SEPARATORS = ":/,|;"
_STREAM_LABEL = ".StreamLabel"
"""When a table's stream was made, as in 2027-01-31T12:00:00.000."""
_WITHOUT_SEPARATORS = ("AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix", "AWS::StackName")


def opaque(reason: str, node: Node) -> Hole:
    """A hole for something that has no name of its own."""
    return Hole(Symbol("opaque", reason), node)


def concatenate(parts: Iterable[Value], node: Node) -> Value:
    """The parts as one text; a part that depends on conditions makes the whole depend on them."""
    choices = [list(alternatives(part)) for part in parts]
    count = 1
    for choice in choices:
        count *= max(len(choice), 1)
    if count > MOST_CASES:
        return Text((opaque("more branches than can be followed", node),), node)
    cases: list[Case] = []
    for combination in product(*(choice for choice in choices if choice)):
        when: When | None = ()
        for holds, _ in combination:
            when = both(when, holds) if when is not None else None
        if when is not None:
            cases.append(Case(when, _one_text([value for _, value in combination], node)))
    return cases[0].value if len(cases) == 1 and not cases[0].when else Choice(tuple(cases), node)


def _one_text(values: list[Known], node: Node) -> Text:
    pieces: list[Piece] = []
    for value in values:
        match value:
            case Text():
                pieces += value.pieces
            case Unknown():
                pieces.append(opaque(value.reason, value.node))
            case Items() | Fields():
                pieces.append(opaque("a list or mapping inside a text", value.node))
    via = tuple(step for value in values for step in value.via)
    return Text(tuple(pieces), node, via)


def each_case(value: Value, change: Callable[[Known], Value], node: Node) -> Value:
    """A change made to every value that a value may have."""
    cases = tuple(Case(when, change(known)) for when, known in alternatives(value))
    return cases[0].value if len(cases) == 1 and not cases[0].when else Choice(cases, node)


def join(delimiter: Text, value: Value, node: Node) -> Value:
    """``Fn::Join``: the members of a list with a delimiter between them."""
    return each_case(value, lambda known: _join_known(delimiter, known, node), node)


def _join_known(delimiter: Text, known: Known, node: Node) -> Value:
    if not isinstance(known, Items):
        return Text((opaque("Fn::Join of a list that is not known here", known.node),), node, known.via)
    parts: list[Value] = []
    for item in known.items:
        if parts and delimiter.literal and any(True for _ in alternatives(item)):
            parts.append(delimiter)
        parts.append(item)
    return concatenate(parts, node)


def split(delimiter: str, value: Value, node: Node) -> Value:
    """``Fn::Split``: the texts between delimiters, where it is known that no hole holds one."""
    return each_case(value, lambda known: _split_known(delimiter, known, node), node)


def _split_known(delimiter: str, known: Known, node: Node) -> Value:
    if not isinstance(known, Text) or not delimiter:
        return Unknown("Fn::Split of a text that is not known here", node)
    fields: list[list[Piece]] = [[]]
    for piece in known.pieces:
        if isinstance(piece, Hole):
            if not _lacks(piece.symbol, delimiter):
                return Unknown(f"Fn::Split of a text that holds {piece.symbol}", node)
            fields[-1].append(piece)
            continue
        offset = piece.offset
        for index, text in enumerate(piece.text.split(delimiter)):
            if index:
                fields.append([])
            if text:
                fields[-1].append(piece._replace(text=text, offset=offset))
            if offset >= 0:
                offset += len(text) + len(delimiter)
    return Items(tuple(Text(tuple(pieces), known.node, known.via) for pieces in fields), node)


def _lacks(symbol: Symbol, delimiter: str) -> bool:
    """Whether no value of a symbol holds a delimiter. No name holds a colon, but that of a log group may hold slashes."""
    if symbol.allowed:
        return not any(delimiter in value for value in symbol.allowed)
    if symbol.kind == "attribute" and symbol.name.endswith(_STREAM_LABEL):
        return delimiter in _SEPARATORS and delimiter != ":"
    if symbol.kind == "name":
        return delimiter in _SEPARATORS and delimiter != "/"
    return symbol.name in _WITHOUT_SEPARATORS and delimiter in _SEPARATORS


def select(index: str | None, value: Value, node: Node) -> Value:
    """``Fn::Select``: one member of a list."""
    return each_case(value, lambda known: _select_known(index, known, node), node)


def _select_known(index: str | None, known: Known, node: Node) -> Value:
    if isinstance(known, Items) and index is not None and index.isdigit():
        # Members that depend on conditions move the ones behind them.
        ahead = known.items[: int(index) + 1]
        if len(ahead) == int(index) + 1 and not any(isinstance(item, Choice | Unknown) for item in ahead[:-1]):
            return ahead[-1]
    return Text((opaque("Fn::Select from a list that is not known here", node),), node, known.via)
