"""What does one configuration file say? TOML or YAML becomes values that the shipped JSON Schema allows, each with its place."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from json import load
from typing import Any, TypeAlias

from rolelint.syntax.files import MOST_BYTES, reason, shown
from rolelint.syntax.nodes import Mapping, Node, Sequence
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Source
from rolelint.syntax.unreadable import Unreadable
from rolelint.tuples import NamedTuple
from rolelint.usage import UsageError, did_you_mean

SCHEMA = os.path.join(os.path.dirname(__file__), "config.schema.json")
"""The JSON Schema that editors use and that this module goes by; it has only the keywords that ``_allowed`` knows."""

PROJECT = "pyproject.toml"
"""A file that others share: the settings stand in its table ``tool.rolelint``."""

_Data: TypeAlias = Any  # as TOML and YAML have it
_Steps: TypeAlias = tuple[str | int, ...]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "array": list,
    "object": dict,
}
_NOUNS = {"string": "text", "boolean": "true or false", "number": "a number", "array": "a list", "object": "a table"}
# Many projects name rolelint among what they need; to parse their file for that would cost more than to lint a template.
_MAY_HAVE_TABLE = re.compile(rb"""\btool["']?\s*(\.\s*["']?rolelint\b|=|\])""")
_WHOLE = pattern(r"[-+]?[0-9]{1,100}")
_FRACTION = pattern(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?")


class Said(NamedTuple):
    """What was said about a key, and where: ``rolelint.toml:3``."""

    value: _Data
    where: str


class _Read(NamedTuple):
    """A file's data, and the line of what stands at some steps in it (0 where that is not known)."""

    data: _Data
    line: Callable[[_Steps], int]


def has_settings(path: str) -> bool:
    """Whether a file that exists is rolelint's: a pyproject.toml has to have the table ``tool.rolelint``."""
    if os.path.basename(path) != PROJECT:
        return True
    data = _bytes(path)
    return _MAY_HAVE_TABLE.search(data) is not None and _project_table(path, _text(path, data)) is not None


def read_config(path: str) -> dict[str, Said]:
    """What a file says, by key.

    Raises:
        UsageError: it cannot be read, has an unknown key, or a value of the wrong kind.

    """
    text = _text(path, _bytes(path))
    read = _toml(path, text) if path.endswith(".toml") else _yaml(path, text)
    with open(SCHEMA, encoding="utf-8") as file:
        schema = load(file)
    for steps, message, advice in _wrong(read.data, schema, ()):
        raise UsageError(f"{_place(path, read.line(steps))}: {message}", advice)
    return {key: Said(value, _place(path, read.line((key,)))) for key, value in read.data.items()}


def _place(path: str, line: int) -> str:
    return f"{shown(path)}:{line}" if line else shown(path)


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MOST_BYTES)
    except OSError as error:
        raise UsageError(f"{shown(path)}: {reason(error)}", "name a configuration file that can be read") from error


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown(path)}: not text", "write it in UTF-8") from error


def _toml(path: str, text: str) -> _Read:
    if os.path.basename(path) != PROJECT:
        return _Read(_toml_data(path, text), lambda steps: _toml_line(text, 0, steps))
    table = _project_table(path, text)
    if table is None:
        raise UsageError(f"{shown(path)}: there is no table tool.rolelint in it", "add [tool.rolelint], or name another file")
    return _Read(table, lambda steps: _toml_line(text, text.find("rolelint"), steps))


def _project_table(path: str, text: str) -> _Data:
    tool = _toml_data(path, text).get("tool")
    return tool.get("rolelint") if isinstance(tool, dict) else None


def _toml_data(path: str, text: str) -> dict[str, _Data]:
    import tomllib  # noqa: PLC0415 - it is slow to import, and few runs have a file in TOML

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason, _, place = str(error).partition(" (at line ")
        line = int(place.partition(",")[0]) if place[:1].isdigit() else 0
        raise UsageError(f"{_place(path, line)}: not TOML: {reason[:1].lower()}{reason[1:]}", "see https://toml.io") from error


def _toml_line(text: str, start: int, steps: _Steps) -> int:
    """The line on which the keys among some steps follow each other; tomllib keeps no places, so this looks for the words."""
    at = start
    for step in steps:
        if isinstance(step, str):
            found = re.compile(rf"(?<![\w-]){re.escape(step)}(?![\w-])").search(text, at)
            at = found.start() if found else at
    return text.count("\n", 0, at) + 1


def _yaml(path: str, text: str) -> _Read:
    from rolelint.syntax.yaml_reader import read_yaml  # noqa: PLC0415 - most configuration is TOML, or there is none

    source = Source(path, text)
    try:
        root, problems = read_yaml(source)
    except Unreadable as error:
        line = source.position(error.offset).line
        raise UsageError(f"{_place(path, line)}: not YAML: {error.reason}", "see https://yaml.org") from error
    for problem in problems:
        raise UsageError(f"{_place(path, problem.span.first.line)}: {problem.message}", "write each key once, without aliases")
    return _Read({} if root is None else _plain(root), lambda steps: _yaml_line(root, steps))


def _plain(node: Node) -> _Data:
    match node:
        case Mapping():
            return {entry.key.text: _plain(entry.value) for entry in node.entries}
        case Sequence():
            return [_plain(item) for item in node.items]
    return _meaning(node.text) if node.plain and not node.tag else node.text


def _meaning(text: str) -> _Data:
    """What unquoted text stands for in YAML 1.2, as editors read it."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text


def _yaml_line(node: Node | None, steps: _Steps) -> int:
    line = 1
    for step in steps:
        if isinstance(node, Mapping) and (entry := node.entry(str(step))):
            node, line = entry.value, entry.key.span.first.line
        elif isinstance(node, Sequence) and isinstance(step, int):
            node = node.items[step]
            line = node.span.first.line
    return line


def _wrong(value: _Data, schema: dict[str, _Data], steps: _Steps) -> Iterator[tuple[_Steps, str, str]]:
    """What the schema does not allow: the steps to it, what is wrong, and what to do."""
    if not _allowed(value, schema):
        yield steps, f"{_name(steps)} must be {_wanted(schema)}", _advice(value, schema, steps)
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        for key, member in value.items():
            inner = known.get(key, schema["additionalProperties"])
            if inner is False:
                yield (*steps, key), f"unknown key {key!r}", did_you_mean(key, list(known), f"known are {_listed(known)}")
            else:
                yield from _wrong(member, {"description": schema["description"], **inner}, (*steps, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _wrong(item, {"description": schema["description"], **schema["items"]}, (*steps, index))


def _allowed(value: _Data, schema: dict[str, _Data]) -> bool:
    """Whether a value itself, apart from its members, is what the schema wants."""
    if "enum" in schema:
        return value in schema["enum"]
    # Python takes True for a number.
    if not any(isinstance(value, _TYPES[one]) and (one == "boolean") >= isinstance(value, bool) for one in _types(schema)):
        return False
    if isinstance(value, str):
        return len(value) >= schema.get("minLength", 0) and re.fullmatch(schema.get("pattern", "(?s).*"), value) is not None
    return True


def _types(schema: dict[str, _Data]) -> list[str]:
    types: str | list[str] = schema["type"]
    return [types] if isinstance(types, str) else types


def _name(steps: _Steps) -> str:
    return ".".join(step for step in steps if isinstance(step, str)) or "a configuration"


def _wanted(schema: dict[str, _Data]) -> str:
    if "enum" in schema:
        return f"one of {_listed(schema['enum'])}"
    wanted = " or ".join(_NOUNS[one] for one in _types(schema))
    return f"{wanted} of the form {schema['pattern'].strip('^$')}" if "pattern" in schema else wanted


def _advice(value: _Data, schema: dict[str, _Data], steps: _Steps) -> str:
    described = f"{_name(steps[:1])}: {schema['description']}"
    return did_you_mean(value, schema["enum"], described) if "enum" in schema and isinstance(value, str) else described


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
