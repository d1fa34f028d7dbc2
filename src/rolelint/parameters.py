"""Which values will the parameters have? Files as CloudFormation, CodePipeline and SAM use them, and words like ``Key=Value``.

https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/ lists the JSON forms of ``--parameter-overrides``.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rolelint.syntax.files import reason
from rolelint.syntax.spelling import closest

if TYPE_CHECKING:
    from rolelint.template.template import Declaration


class ParameterError(Exception):
    """A file or word does not give parameter values; the message says why."""


def read_word(word: str) -> tuple[str, str]:
    """The name and value in ``Key=Value``.

    Raises:
        ParameterError: it has another form.

    """
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise ParameterError(f"{word!r} is not of the form Name=Value")
    return name, value


def read_file(path: str) -> dict[str, str]:
    """The values in a file: JSON in any of the three forms that AWS's tools take, or a samconfig in TOML.

    Raises:
        ParameterError: the file cannot be read, or has none of these forms.

    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        raise ParameterError(f"{path}: {reason(error)}") from error
    except UnicodeDecodeError as error:
        raise ParameterError(f"{path}: not text") from error
    given = dict(_toml(path, text) if path.endswith(".toml") else _json(path, text))
    if not all(isinstance(value, str | int | float | bool) for value in given.values()):
        raise ParameterError(f"{path}: a parameter's value must be text or a number")
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def misgiven(words: Iterable[str], declared: "Iterable[Declaration]") -> Iterator[tuple[str, str, str]]:
    """The words that none of the parameters of all templates can take, each with the reason and with advice."""
    by_name: dict[str, list[Declaration]] = {}
    for parameter in declared:
        by_name.setdefault(parameter.name, []).append(parameter)
    for word in words:
        name, value = read_word(word)
        takers = by_name.get(name, ())
        if not takers:
            yield word, "no template has a parameter of that name", _meant(name, by_name)
        elif not any(_takes(parameter, value) for parameter in takers):
            allowed = dict.fromkeys(one for parameter in takers for one in parameter.allowed)
            yield word, f"the parameter does not allow {value!r}", f"it may be {', '.join(allowed)}"


def _meant(name: str, declared: Iterable[str]) -> str:
    names = sorted(declared)
    close = closest(name, names)
    return f"did you mean {close}?" if close else f"the parameters are {', '.join(names)}" if names else "there are none"


def _takes(parameter: "Declaration", value: str) -> bool:
    values = [part.strip() for part in value.split(",")] if parameter.is_list else [value]
    return not parameter.allowed or set(parameter.allowed).issuperset(values)


def _json(path: str, text: str) -> Iterator[tuple[str, object]]:
    """A list of ParameterKey and ParameterValue, a mapping under Parameters, a plain mapping, or a list of Key=Value."""
    import json  # noqa: PLC0415 - only who gives values pays

    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ParameterError(f"{path}:{error.lineno}: not JSON: {error.msg.lower()}") from error
    if isinstance(given, dict):
        inner = given.get("Parameters", given)
        yield from (inner if isinstance(inner, dict) else {}).items()
        return
    for one in given if isinstance(given, list) else ():
        if isinstance(one, str):
            yield read_word(one)
        elif isinstance(one, dict) and "ParameterKey" in one:
            if "ParameterValue" in one:  # UsePreviousValue leaves it out
                yield one["ParameterKey"], one["ParameterValue"]
        else:
            raise ParameterError(f"{path}: a list of parameters needs ParameterKey and ParameterValue in each member")


def _toml(path: str, text: str) -> Iterator[tuple[str, object]]:
    """The ``parameter_overrides`` of a samconfig: one text or a list of Key=Value, for whichever command and environment."""
    import tomllib  # noqa: PLC0415 - only who gives values pays
    from shlex import split  # noqa: PLC0415 - likewise

    try:
        todo: list[object] = [tomllib.loads(text)]
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"{path}: not TOML: {error}") from error
    while todo:
        table = todo.pop(0)
        for name, value in table.items() if isinstance(table, dict) else ():
            if name == "parameter_overrides":
                words = split(value) if isinstance(value, str) else value
                yield from (read_word(word) for word in words)
            else:
                todo.append(value)
