"""What do the commands share in talking to a person: mistakes, notes, output, standard input?"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import BinaryIO, NoReturn


class UsageError(Exception):
    """The user asked for something that cannot be done: what is wrong, and what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def _formatter(prog: str) -> RawDescriptionHelpFormatter:
    """A formatter of fixed width: to ask the terminal, argparse would import shutil for every run."""
    return RawDescriptionHelpFormatter(prog, width=100)


class Parser(ArgumentParser):
    """argparse, but a mistake is one ``error:`` line and one ``help:`` line."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=_formatter)

    def error(self, message: str) -> NoReturn:
        """What argparse calls for a mistake in the arguments. Raises UsageError."""
        raise UsageError(message, f"{self.prog} --help lists the options")


def say(kind: str, message: str) -> None:
    """A line on standard error: an ``error``, the ``help`` that belongs to it, or a ``note``."""
    if sys.stderr is None:
        return
    printable = "".join(one if one.isprintable() else repr(one)[1:-1] for one in message)
    sys.stderr.write(f"{kind}: {printable}\n")


def show(text: str) -> None:
    """Text to standard output, whatever its encoding can show."""
    if sys.stdout is None:  # closed by whoever started us: there is nobody to tell, but the exit code counts
        return
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def standard_input() -> BinaryIO:
    """Standard input; empty when whoever started us closed it."""
    from io import BytesIO  # noqa: PLC0415 - io is loaded anyway

    return sys.stdin.buffer if sys.stdin is not None else BytesIO()


def did_you_mean(name: str, known: list[str], otherwise: str) -> str:
    """Advice for a name that is not known: the closest that is, else the other advice."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for somebody's mistake

    close = get_close_matches(name, known, 1, 0.5)
    return f"did you mean {close[0]}?" if close else otherwise
