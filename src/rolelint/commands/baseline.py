"""``rolelint baseline``: which of today's findings are accepted, so that only new ones count?"""

import os
from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import TYPE_CHECKING

from rolelint.commands.console import Parser, show
from rolelint.commands.options import add_lint_options
from rolelint.syntax.files import reason
from rolelint.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rolelint.syntax.files import File
    from rolelint.verdicts.baseline import Entry

DEFAULT = ".rolelint-baseline.json"


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint baseline",
        description="Writes down the findings that there are, so that 'rolelint --baseline FILE' only counts others.",
        epilog=(
            "examples:\n"
            "  rolelint baseline templates/                                  accept what is found today\n"
            f"  rolelint templates/ --baseline {DEFAULT}        find only what is new\n"
            "  rolelint baseline templates/ --update                         forget what has been mended since"
        ),
    )
    add_lint_options(options)
    output = options.add_argument_group("baseline")
    output.add_argument("--output", metavar="FILE", default=DEFAULT, help="the file to write (default: %(default)s)")
    how = output.add_mutually_exclusive_group()
    how.add_argument("--update", action="store_true", help="take out of FILE what is not found any more; nothing is added")
    how.add_argument("--add", action="store_true", help="accept what is new, too")
    return options


def run(asked: Namespace) -> int:
    """Write a baseline, and give the exit code."""
    from rolelint.commands.linting import asked_work, linted, tell_mistakes, tell_searched_in_vain  # noqa: PLC0415 - --help needs none of it
    from rolelint.verdicts.baseline import accept, grown, shrunk, write_baseline  # noqa: PLC0415 - likewise

    there = os.path.lexists(asked.output)
    if there and not (asked.update or asked.add):
        raise UsageError(f"{asked.output} is there already", "--update takes out what is gone, --add accepts what is new as well")
    known = read_entries(asked.output) if there or asked.update else []
    work = asked_work(asked)
    outcome = linted(asked, work)
    if tell_mistakes(outcome) or (not asked.update and tell_searched_in_vain(asked, outcome.report)):
        return 2
    accepted = accept(outcome.report, known, f"in {asked.output}")
    entries = (shrunk if asked.update else grown)(accepted, linted_paths(work.inputs, known))
    _write(asked.output, write_baseline(entries))
    before, after = (Counter(entry.fingerprint for entry in each) for each in (known, entries))
    new, gone = (after - before).total(), (before - after).total()
    show(f"{asked.output}: {len(entries)} accepted, {new} of them new, {gone} gone\n")
    return 0


def read_entries(path: str) -> "list[Entry]":
    """The entries of a baseline.

    Raises:
        UsageError: there is none at the path.

    """
    from rolelint.verdicts.baseline import BaselineError, read_baseline  # noqa: PLC0415 - it is slow to import, and seldom asked

    try:
        with open(path, encoding="utf-8") as file:
            return read_baseline(file.read())
    except (OSError, UnicodeDecodeError, BaselineError) as error:
        message = reason(error) if isinstance(error, OSError) else str(error) if isinstance(error, BaselineError) else "not text"
        raise UsageError(f"{path}: {message}", "'rolelint baseline --output FILE' writes a baseline") from error


def linted_paths(inputs: "Iterable[File]", entries: "Iterable[Entry]") -> frozenset[str]:
    """The paths whose entries can be told to be stale: those of files that were linted, and of files that are gone."""
    return frozenset(one.path for one in inputs) | {one.path for one in entries if not os.path.exists(one.path)}


def _write(path: str, text: str) -> None:
    if os.path.islink(path):
        raise UsageError(f"{path} is a link", "give --output the path of a file")
    try:
        with open(path, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: {reason(error)}", "give --output a path that can be written") from error
