"""What does this JSON say, and where? The standard library reads it; spans are found when they are asked for."""

import json
from re import compile as pattern
from typing import TypeAlias

from rolelint.syntax.nodes import Entry, Mapping, Node, Origin, Scalar, Sequence, Spans, whole_source
from rolelint.syntax.source import Problem, Source
from rolelint.syntax.yaml_reader import MOST_DEPTH, Unreadable, without_duplicates

_TOKEN = pattern(r'"(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s,:{}\[\]"]+')


class _Number(str):
    """A number exactly as written."""

    __slots__ = ()


class _Pairs(list[tuple[str, "_Json"]]):
    """The members of an object, duplicates included."""

    __slots__ = ()


_Json: TypeAlias = "_Pairs | list[_Json] | _Number | str | bool | None"
_DECODE = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number).decode


def find_spans(text: str) -> Spans:
    """Start and end of every value and key of a JSON text, in reading order."""
    spans: Spans = []
    opened: list[int] = []
    for token in _TOKEN.finditer(text):
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
        self.count = 0
        self.problems: list[Problem] = []

    def number(self) -> int:
        self.count += 1
        return self.count - 1

    def build(self, value: _Json, depth: int = 0) -> Node:
        if depth > MOST_DEPTH:
            raise Unreadable(f"it is nested more than {MOST_DEPTH} levels deep", 0)
        number = self.number()
        match value:
            case _Pairs():
                pairs = [Entry(Scalar(key, self.origin, self.number()), self.build(below, depth + 1)) for key, below in value]
                return Mapping(without_duplicates(pairs, self.problems), self.origin, number)
            case list():
                return Sequence(tuple([self.build(item, depth + 1) for item in value]), self.origin, number)
            case _Number():
                return Scalar(str(value), self.origin, number, plain=True)
            case str():
                return Scalar(value, self.origin, number)
            case _:
                return Scalar({True: "true", False: "false", None: "null"}[value], self.origin, number, plain=True)


def read_json_at(origin: Origin) -> tuple[Node, tuple[Problem, ...]]:
    """The value of a JSON text whose characters an origin knows.

    Raises:
        Unreadable: the text is not JSON, or nested too deep to be a template.

    """
    try:
        value: _Json = _DECODE(origin.text)
    except json.JSONDecodeError as error:
        raise Unreadable(error.msg[:1].lower() + error.msg[1:], error.pos) from error
    except RecursionError as error:
        raise Unreadable(f"it is nested more than {MOST_DEPTH} levels deep", 0) from error
    builder = _Builder(origin)
    return builder.build(value), tuple(builder.problems)


def read_json(source: Source) -> tuple[Node, tuple[Problem, ...]]:
    """The value of a JSON text and what was odd about it.

    Raises:
        Unreadable: the text is not JSON, or nested too deep to be a template.

    """
    return read_json_at(whole_source(source, lambda: find_spans(source.text)))
