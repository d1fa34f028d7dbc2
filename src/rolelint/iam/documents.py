"""What does a policy document hold? As a mapping, or as JSON text that may have references inside."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rolelint.iam.statements import Denial, Statement, read_statements
from rolelint.syntax.embedded import FIRST_STAND_IN, Chunk, read_embedded
from rolelint.syntax.nodes import Node, Scalar, Sequence
from rolelint.syntax.source import Problem
from rolelint.syntax.yaml_reader import Unreadable
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Fields, Hole, Items, Literal, Text, Unknown, Value, When, alternatives

MOST_PATTERNS = 10_000
"""Actions, resources and principals in one document; the largest policies of AWS take 32 KB, one in six letters of it."""


class Document(NamedTuple):
    """A policy document. ``encoding`` is object or string; ``unknown`` holds the parts that could not be evaluated."""

    node: Node
    when: When
    version: str | None
    encoding: str
    statements: tuple[Statement, ...]
    unknown: tuple[Unknown, ...]


def read_documents(node: Node, scope: Scope, problems: list[Problem]) -> Iterator[Document]:
    """The documents that a node may be, one for each branch of conditions around the whole."""
    for when, known in alternatives(evaluate(node, scope), scope.when):
        match known:
            case Fields():
                yield _document(known, when, "object", problems)
            case Text():
                yield _from_text(known, scope._replace(when=when), problems)
            case Unknown():
                yield Document(known.node, when, None, "object", (), (known,))
            case Items():
                problems.append(Problem("unreadable-policy", "a policy document must be a mapping, not a list", known.node.span))


def _document(fields: Fields, when: When, encoding: str, problems: list[Problem]) -> Document:
    statements: list[Statement] = []
    unknown: list[Unknown] = []
    statement = fields.get("Statement", "statement")
    if statement is None:
        problems.append(Problem("unreadable-policy", "a policy document needs a Statement", fields.node.span.on_one_line()))
    for found in read_statements(statement, when, problems):
        if isinstance(found, Statement):
            statements.append(found)
        else:
            unknown.append(found)
    size = sum(len(one.actions) + len(one.resources) + len(one.principals) for one in statements)
    if size > MOST_PATTERNS:
        message = f"it names {size:,} actions, resources and principals, more than any policy can hold; it is not judged"
        problems.append(Problem("unreadable-policy", message, fields.node.span.on_one_line()))
        statements = []
    version: Value | None = fields.get("Version")
    shown = str(version) if isinstance(version, Text) else None
    return with_denials(Document(fields.node, when, shown, encoding, tuple(statements), tuple(unknown)), denials(statements))


def denials(statements: Iterable[Statement]) -> tuple[Denial, ...]:
    """What some statements always take away."""
    return tuple(denial for statement in statements if (denial := statement.denial()))


def with_denials(document: Document, more: tuple[Denial, ...]) -> Document:
    """A document whose statements give less: what the denials say."""
    if not more:
        return document
    statements = (statement._replace(denials=(*statement.denials, *more)) for statement in document.statements)
    return document._replace(statements=tuple(statements))


def _from_text(text: Text, scope: Scope, problems: list[Problem]) -> Document:
    """A document given as JSON text; references in it come back as the holes that they are."""
    empty = Document(text.node, scope.when, None, "string", (), ())
    if text.symbol:
        return empty._replace(unknown=(Unknown(f"the document is {text.symbol}", text.node, text.via),))
    stand_ins: dict[str, Hole] = {}
    chunks = []
    for piece in text.pieces:
        holder = piece.node if isinstance(piece.node, Scalar) else None
        if isinstance(piece, Literal) and holder:
            chunks.append(Chunk(piece.text, holder, max(piece.offset, 0), len(piece.text)))
        elif isinstance(piece, Hole):
            letter = chr(FIRST_STAND_IN + len(stand_ins))
            stand_ins[letter] = piece
            chunks.append(Chunk(letter, holder or _first_scalar(piece.node), piece.offset, piece.length, stand_in=True))
        else:
            return empty._replace(unknown=(Unknown("JSON text that is computed", text.node),))
    try:
        node, odd = read_embedded(chunks)
    except Unreadable as error:
        problems.append(Problem("unreadable-policy", f"the policy is not JSON: {error.reason}", text.span.on_one_line()))
        return empty
    problems += odd
    value = evaluate(node, scope._replace(stand_ins=stand_ins))
    if isinstance(value, Fields):
        return _document(value, scope.when, "string", problems)
    problems.append(Problem("unreadable-policy", "the policy is JSON, but not an object", text.span.on_one_line()))
    return empty


def _first_scalar(node: Node) -> Scalar:
    """The first text in a node: where a reference in long form is written."""
    while not isinstance(node, Scalar):
        node = node.items[0] if isinstance(node, Sequence) else node.entries[0].value
    return node
