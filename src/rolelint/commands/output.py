"""Where does the report go, in which form? A format a target, several in one run."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module

from rolelint.commands.console import show
from rolelint.syntax.files import reason
from rolelint.tuples import NamedTuple
from rolelint.usage import UsageError, did_you_mean
from rolelint.verdicts.report import Report

FORMATS = {
    "full": "full",
    "concise": "concise",
    "grouped": "grouped",
    "statistics": "statistics",
    "json": "json_report",
    "jsonl": "jsonl",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "markdown": "markdown",
    "csv": "csv_report",
}
"""The module of ``reporters`` for each format."""

_STYLED = ("full", "concise", "grouped")
_FOR_PEOPLE = (*_STYLED, "statistics")


class Output(NamedTuple):
    """A format and the file that it goes to; without one it goes to standard output. ``origin`` is who asked for it."""

    format: str
    file: str
    origin: str


def outputs(asked: Namespace, environ: Mapping[str, str]) -> tuple[Output, ...]:
    """The reports that were asked for.

    Raises:
        UsageError: a format is not known, or two would go to one place.

    """
    words, origin = asked.format or [], "--format"
    if asked.statistics:
        words = [*words, "statistics"]
    if not words:
        words, origin = (
            ([environ["ROLELINT_FORMAT"]], "ROLELINT_FORMAT") if environ.get("ROLELINT_FORMAT") else (["full"], "default")
        )
    if asked.output_file == "":
        raise UsageError("--output-file names no file", "write --output-file FILE, or leave it out")
    found = [_output(word, origin, asked.output_file or "") for word in words]
    if asked.output_file and asked.output_file not in {one.file for one in found}:
        raise UsageError(
            f"no report goes to {asked.output_file}: each format has a file of its own", f"add --format full={asked.output_file}"
        )
    for index, one in enumerate(found):
        for other in found[:index]:
            if one.file == other.file:
                raise UsageError(
                    f"{other.format} and {one.format} both go to {one.file or 'standard output'}",
                    f"give one of them a file: --format {one.format}=FILE",
                )
    return tuple(found)


def _output(word: str, origin: str, otherwise: str) -> Output:
    name, equals, file = word.partition("=")
    if name not in FORMATS:
        known = [one for one in FORMATS if one != "statistics"]
        raise UsageError(f"{origin}: there is no format {name!r}", did_you_mean(name, known, f"known are {', '.join(known)}"))
    if equals and not file:
        raise UsageError(f"{origin}: {word} names no file", f"write --format {name}=FILE, or --format {name}")
    return Output(name, file or otherwise, origin)


def write(report: Report, wanted: tuple[Output, ...], asked: Namespace, environ: Mapping[str, str]) -> None:
    """Write a report in every form that was asked for.

    Raises:
        UsageError: a file cannot be written.

    """
    for one in wanted:
        reporter = import_module(f"rolelint.reporters.{FORMATS[one.format]}")
        style = {}
        if one.format in _STYLED and not one.file:
            style = {"colour": colour(asked.color, environ), "links": links(asked.color, environ)}
        text = reporter.render(report, **style)
        if one.file:
            _write_file(text, one.file)
        elif not (asked.quiet and one.format in _FOR_PEOPLE and not any(report.active)):
            show(text if text.endswith("\n") or not text else text + "\n")


def colour(when: str, environ: Mapping[str, str]) -> bool:
    """Whether to colour standard output: as asked, by NO_COLOR and FORCE_COLOR, else on a terminal and in logs that show it.

    https://no-color.org
    """
    if when != "auto" or sys.stdout is None:
        return when == "always"
    if environ.get("NO_COLOR") or environ.get("FORCE_COLOR"):
        return not environ.get("NO_COLOR")
    if environ.get("GITHUB_ACTIONS") or environ.get("GITLAB_CI"):
        return True
    return sys.stdout.isatty() and environ.get("TERM") != "dumb"


def links(when: str, environ: Mapping[str, str]) -> bool:
    """Whether links may stand behind words: only a terminal makes anything of them."""
    return sys.stdout is not None and sys.stdout.isatty() and colour(when, environ)


def _write_file(text: str, path: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text if text.endswith("\n") or not text else text + "\n")
    except OSError as error:
        raise UsageError(
            f"{path}: {reason(error)}", "give --format NAME=FILE or --output-file a path that can be written"
        ) from error
