"""How is a text with holes parsed? Each hole is replaced by a letter of a private-use area, so that the rest can be read."""

from rolelint.syntax.embedded import FIRST_STAND_IN, Chunk
from rolelint.syntax.nodes import Node, Scalar, Sequence
from rolelint.template.values import Hole, Text
from rolelint.tuples import NamedTuple


class Parsable(NamedTuple):
    """The chunks of a text, and the holes behind the letters that stand in for them."""

    chunks: tuple[Chunk, ...]
    stand_ins: dict[str, Hole]


def parsable(text: Text) -> Parsable | None:
    """A text whose holes are stood in for, None when part of it was computed from something that is no text."""
    stand_ins: dict[str, Hole] = {}
    chunks: list[Chunk] = []
    for piece in text.pieces:
        holder = piece.node if isinstance(piece.node, Scalar) else None
        if isinstance(piece, Hole):
            letter = chr(FIRST_STAND_IN + len(stand_ins))
            stand_ins[letter] = piece
            chunks.append(Chunk(letter, holder or _first_scalar(piece.node), piece.offset, piece.length, stand_in=True))
        elif holder:
            begin = piece.offset if piece.offset >= 0 else _end(chunks, holder)
            chunks.append(Chunk(piece.text, holder, begin, len(piece.text)))
        else:
            return None
    return Parsable(tuple(chunks), stand_ins)


def _end(chunks: list[Chunk], holder: Scalar) -> int:
    """Where what is already there ends in a node: ``${!Name}``, which becomes ``${Name}``, stands behind it."""
    return chunks[-1].offset + chunks[-1].length if chunks and chunks[-1].node is holder else 0


def _first_scalar(node: Node) -> Scalar:
    """The first text in a node: where a reference in long form is written."""
    while not isinstance(node, Scalar):
        node = node.items[0] if isinstance(node, Sequence) else node.entries[0].value
    return node
