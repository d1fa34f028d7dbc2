"""Is this file a template at all, and what does it say? Bytes become nodes, or a reason to leave them alone."""

from collections.abc import Callable
from functools import partial
from re import search

from rolelint.syntax.encoding import decode, is_text, is_utf16
from rolelint.syntax.json_reader import find_spans, read_json, read_json_at
from rolelint.syntax.nodes import Node, Origin, Scalar
from rolelint.syntax.source import Problem, Source, Span
from rolelint.syntax.unreadable import Unreadable, spot
from rolelint.tuples import NamedTuple

_NEITHER = "no Resources and no policy Statement"
# Letters and colons need no escape, words no line end: a text that has them may hide the words looked for.
_HIDDEN_WORDS = rb"\\(?:u00|U000000|x)(?:3[aA]|[4-7])|[\w:]\\\r?\n[ \t]*[\w:]"
_SIGNS = r"AWS::|AWSTemplateFormatVersion|\bTransform['\"]?\s*:"


class Parsed(NamedTuple):
    """What became of a file: a tree, or the problems that kept it from being read, or why it was left alone."""

    source: Source
    root: Node | None
    problems: tuple[Problem, ...]
    skip: str | None


def read(path: str, data: bytes) -> Parsed:
    """The tree of a template or policy; ``path`` is as reports show it."""
    if not is_text(data):
        return Parsed(Source(path, ""), None, (), "not text")
    text = decode(data)
    source = Source(path, text)
    if not _is_candidate(text.encode() if is_utf16(data) else data):
        return Parsed(source, None, (), _NEITHER)
    try:
        root, problems = _parse(source)
    except Unreadable as error:
        if not search(_SIGNS, text):
            return Parsed(source, None, (), f"neither YAML nor JSON: {error.reason}")
        return Parsed(source, None, (Problem("unreadable-template", error.reason, spot(source, error.offset)),), None)
    if isinstance(root, Scalar) and search(_SIGNS, text):
        reason = "it is one piece of text and not a mapping; JSON takes no comments"
        return Parsed(source, None, (Problem("unreadable-template", reason, spot(source, root.span.start)),), None)
    return Parsed(source, root, problems, None if root else "empty")


def read_inside(text: str, path: str, place: Callable[[int, int], Span]) -> Parsed:
    """The tree of a template that stands as text in a value of another; its nodes stand where ``place`` finds characters."""
    source = Source(path, text)
    root: Node | None
    try:
        if text.lstrip()[:1] == "{":
            root, problems = read_json_at(Origin(text, partial(find_spans, text), place))
        else:
            root, problems = _read_yaml(source, place)
    except Unreadable as error:
        span = place(error.offset, error.offset + 1).on_one_line()
        return Parsed(source, None, (Problem("unreadable-template", error.reason, span),), None)
    return Parsed(source, root, problems, None if root else "empty")


def _is_candidate(data: bytes) -> bool:
    is_template = b"Resources" in data and b"::" in data
    is_policy = (b"Statement" in data and b"ffect" in data) or b"2012-10-17" in data or b"2008-10-17" in data
    return is_template or is_policy or search(_HIDDEN_WORDS, data) is not None


def _parse(source: Source) -> tuple[Node | None, tuple[Problem, ...]]:
    if source.text.lstrip()[:1] not in ("{", "["):
        return _read_yaml(source)
    try:
        return read_json(source)
    except Unreadable as not_json:
        try:
            return _read_yaml(source)  # a flow mapping, or JSON with the comments that YAML allows
        except Unreadable:
            raise not_json from None


def _read_yaml(source: Source, to_source: Callable[[int, int], Span] | None = None) -> tuple[Node | None, tuple[Problem, ...]]:
    from rolelint.syntax.yaml_reader import read_yaml  # noqa: PLC0415 - JSON does without PyYAML, the costliest import of all

    return read_yaml(source, to_source=to_source)
