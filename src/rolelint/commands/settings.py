"""What is set for a file? The command line over the configuration."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from rolelint.config import Glob, Settings, settings_finder
from rolelint.syntax.files import Missing
from rolelint.template.template import Declaration
from rolelint.usage import UsageError


def environment(asked: Namespace) -> Mapping[str, str]:
    """The environment variables that count."""
    return {} if asked.isolated else os.environ


def asked_settings(asked: Namespace) -> Callable[[str], Settings]:
    """The settings for a path: what the command line says over what the configuration says."""
    config = asked.config or environment(asked).get("ROLELINT_CONFIG")
    configured = settings_finder(config=config, search=not asked.isolated)
    known: dict[int, tuple[Settings, Settings]] = {}

    def settings_for(path: str) -> Settings:
        settings = configured(path)
        if id(settings) not in known:
            known[id(settings)] = settings, _overlaid(settings, vars(asked))
        return known[id(settings)][1]

    return settings_for


def _overlaid(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Settings with what the command line says: a selection starts afresh, all other lists grow."""
    said: dict[str, Any] = {key: given[key] for key in ("fail_on", "strict", "foreign_ignores") if given.get(key)}
    origins = dict(settings.origins)
    if given.get("select"):
        settings = settings._replace(extend_select=(), ignore=())
        origins = {key: where for key, where in origins.items() if key not in ("extend-select", "ignore")}
        said["select"] = _split(given["select"])
    more: dict[str, tuple[Any, ...]] = {
        "extend_select": _split(given.get("extend_select", ())),
        "ignore": _split(given.get("ignore", ())),
        "rules": tuple(given.get("rules", ())),
        "exclude": tuple(Glob(os.getcwd(), glob) for glob in given.get("exclude", ())),
    }
    said |= {key: (*getattr(settings, key), *added) for key, added in more.items() if added}
    if parameters := _parameters(settings, given.get("parameters", ()), given.get("parameter", ())):
        said["parameters"] = parameters
    for key in said:
        name, option = key.replace("_", "-"), f"--{key.replace('_', '-')}"
        origins[name] = f"{origins[name]}, {option}" if name in origins and (key in more or key == "parameters") else option
    return settings._replace(**said, origins=origins)


def _split(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip() for word in words for name in word.split(",") if name.strip())


def _parameters(settings: Settings, files: Sequence[str], words: Sequence[str]) -> Mapping[str, str]:
    """The values of parameters: those of the configuration's files, of its table, of files that were named, of words."""
    if not settings.parameter_files and not files and not words:
        return {}
    from rolelint.parameters import ParameterError, read_file, read_word  # noqa: PLC0415 - only who gives values pays

    values: dict[str, str] = {}
    try:
        for path in settings.parameter_files:
            values |= read_file(path)
        values |= settings.parameters
        for path in files:
            values |= read_file(path)
        return values | dict(read_word(word) for word in words)
    except ParameterError as error:
        raise UsageError(str(error), "values come as --parameter Name=Value, or in a JSON or samconfig file") from error


def misgiven_words(asked: Namespace, declared: Iterable[Declaration]) -> Iterator[Missing]:
    """The values on the command line that no parameter of any template takes."""
    if not asked.parameter:
        return
    from rolelint.parameters import misgiven  # noqa: PLC0415 - only who gives values pays

    for word, reason, advice in misgiven(asked.parameter, declared):
        yield Missing(f"--parameter {word}", reason, advice)
