"""What does this JSON say, and where? The standard library reads it; spans are found when they are asked for."""

import json
from itertools import count
from typing import TypeAlias

from rolelint.syntax.nodes import (
    Mapping,
    Node,
    Origin,
    Scalar,
    Sequence,
    Spans,
    new_entry,
    new_mapping,
    new_scalar,
    new_sequence,
    whole_source,
)
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Problem, Source
from rolelint.syntax.unreadable import MOST_DEPTH, Unreadable, without_duplicates

# Patterns stay text until they are needed: compiling them takes longer than reading a template.
_LEXEME = r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s,:{}\[\]"]+'
# In turn: an escaped character outside the 65,536 that one escape can name, half of one (in the group), any other escape.
_ESCAPES = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
_TOO_DEEP = f"it is nested more than {MOST_DEPTH} levels deep"


class _Number(str):
    """A number exactly as written."""

    __slots__ = ()


class _Pairs(tuple[tuple[str, "_Json"], ...]):
    """The members of an object, duplicates included."""

    __slots__ = ()


_Json: TypeAlias = "_Pairs | list[_Json] | _Number | str | bool | None"
_DECODE = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number).decode


def find_spans(text: str) -> Spans:
    """Start and end of every value and key of a JSON text, in reading order."""
    spans: Spans = []
    opened: list[int] = []
    for token in pattern(_LEXEME).finditer(text):
        match token[0]:
            case "{" | "[":
                opened.append(len(spans))
                spans.append(token.span())
            case "}" | "]":
                start = opened.pop()
                spans[start] = (spans[start][0], token.end())
            case _:
                spans.append(token.span())
    return spans


class _Builder:
    """Numbers the values of a decoded JSON text in reading order."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.number = count().__next__
        self.problems: list[Problem] = []

    def build(self, value: _Json, depth: int = 0) -> Node:
        if value.__class__ is str:
            return new_scalar((value, self.origin, self.number(), "", False, None))
        if isinstance(value, _Pairs):
            return self.mapping(value, depth)
        if isinstance(value, list):
            return self.sequence(value, depth)
        text = "null" if value is None else "true" if value is True else "false" if value is False else str(value)
        return Scalar(text, self.origin, self.number(), plain=True)

    def mapping(self, members: _Pairs, depth: int) -> Mapping:
        if depth == MOST_DEPTH:
            raise Unreadable(_TOO_DEEP, 0)
        origin, next_number, build = self.origin, self.number, self.build
        number = next_number()
        entries = []
        for key, value in members:
            name = new_scalar((key, origin, next_number(), "", False, None))
            if value.__class__ is str:
                entries.append(new_entry((name, new_scalar((value, origin, next_number(), "", False, None)))))
            else:
                entries.append(new_entry((name, build(value, depth + 1))))
        unique = tuple(entries) if len(dict(members)) == len(members) else without_duplicates(entries, self.problems)
        return new_mapping((unique, origin, number, "", None))

    def sequence(self, items: list[_Json], depth: int) -> Sequence:
        if depth == MOST_DEPTH:
            raise Unreadable(_TOO_DEEP, 0)
        number = self.number()
        return new_sequence((tuple([self.build(item, depth + 1) for item in items]), self.origin, number, "", None))


def read_json_at(origin: Origin) -> tuple[Node, tuple[Problem, ...]]:
    """The value of a JSON text whose characters an origin knows.

    Raises:
        Unreadable: the text is not JSON, or nested too deep to be a template.

    """
    text = origin.text
    try:
        value: _Json = _DECODE(text)
    except json.JSONDecodeError as error:
        from rolelint.syntax.diagnosis import of_json  # noqa: PLC0415 - only a text that cannot be read needs it

        raise Unreadable(*of_json(text, error.msg, error.pos)) from error
    except RecursionError as error:
        raise Unreadable(_TOO_DEEP, 0) from error
    for escape in pattern(_ESCAPES).finditer(text) if "\\u" in text else ():
        if escape[1]:
            raise Unreadable(f"{escape[1]} is half of a character, its other half is missing", escape.start())
    builder = _Builder(origin)
    return builder.build(value), tuple(builder.problems)


def read_json(source: Source) -> tuple[Node, tuple[Problem, ...]]:
    """The value of a JSON text and what was odd about it.

    Raises:
        Unreadable: the text is not JSON, or nested too deep to be a template.

    """
    return read_json_at(whole_source(source, lambda: find_spans(source.text)))
