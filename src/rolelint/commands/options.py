"""Which options do several commands take, and what do they come to?"""

from argparse import ArgumentParser, Namespace, _ArgumentGroup
from typing import TYPE_CHECKING

from rolelint.commands.console import UsageError

if TYPE_CHECKING:
    from rolelint.engine.rulebook import Rulebook


def add_rule_folders(group: _ArgumentGroup | ArgumentParser) -> None:
    """The option that adds a team's own rules."""
    group.add_argument("--rules", metavar="DIR", action="append", default=[], help="add the rules in the files of a directory")


def read_rulebook(asked: Namespace) -> "Rulebook":
    """The built-in rules and those of the directories that were named."""
    from rolelint.engine.rulebook import RuleError, builtin, extended  # noqa: PLC0415 - --help and --version need none of it

    try:
        book = builtin()
        for folder in asked.rules:
            book = extended(book, folder)
    except RuleError as error:
        raise UsageError(
            str(error), "rolelint rule NAME shows how a rule reads; CONTRIBUTING.md says how to write one"
        ) from error
    return book


def add_parameters(group: _ArgumentGroup) -> None:
    """The options that give parameters values."""
    group.add_argument("--parameters", metavar="FILE", action="append", default=[], help="a file with values of parameters")
    group.add_argument("--parameter", metavar="NAME=VALUE", action="append", default=[], help="the value of one parameter")


def given_parameters(asked: Namespace) -> dict[str, str]:
    """The values of parameters that the user gave; a word on the command line wins over a file."""
    if not asked.parameters and not asked.parameter:
        return {}
    from rolelint.parameters import ParameterError, read_file, read_word  # noqa: PLC0415 - only who gives values pays

    given: dict[str, str] = {}
    try:
        for path in asked.parameters:
            given |= read_file(path)
        return given | dict(read_word(word) for word in asked.parameter)
    except ParameterError as error:
        raise UsageError(str(error), "values come as --parameter Name=Value, or in a JSON or samconfig file") from error
