"""The command line: which command did the user ask for, and how does it end?

Exit codes: 0 clean, 1 findings at or above ``--fail-on``, 2 the job could not be done. No format changes them.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from rolelint.commands.console import say
from rolelint.usage import UsageError, did_you_mean

COMMANDS = ("check", "inspect", "rule new", "rule test", "rule", "baseline", "migrate", "completion")
"""One module of ``commands`` for each; only that of the command that was asked for is imported."""


def run() -> NoReturn:
    """The console entry point: ``main`` with the process's own arguments, exit code and broken pipes.

    What has been built is left to the operating system: to take it down object by object would take a tenth of a short run.
    """
    import gc  # noqa: PLC0415 - only a whole process may choose this

    gc.set_threshold(100_000, 50, 100)  # trees of nodes are large and die whole: fewer, later collections
    try:
        code = main(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = 1  # nobody read to the end: that must not open a gate
    except OSError as error:
        say("error", f"the report cannot be written: {(error.strerror or 'unknown error').lower()}")
        say("help", "give --output-file a path that can be written")
        code = 2
    except KeyboardInterrupt:
        code = 130
    os._exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run rolelint with arguments; the exit code."""
    try:
        name, rest = _command(arguments)
        command = import_module(f"rolelint.commands.{name.replace(' ', '_')}")
        return int(command.run(command.parser().parse_args(rest)))
    except UsageError as error:
        say("error", str(error))
        say("help", error.advice)
        return 2


def _command(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The command and its own arguments; without one it is ``check``."""
    for words in (2, 1):
        name = " ".join(arguments[:words])
        if name in COMMANDS:
            return name, arguments[words:]
    if arguments and arguments[0].isalpha() and not os.path.lexists(arguments[0]):
        advice = did_you_mean(arguments[0], [one for one in COMMANDS if " " not in one], "")
        if advice:
            raise UsageError(f"there is no command, file or directory {arguments[0]!r}", advice)
    return "check", arguments
