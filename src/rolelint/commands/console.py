"""What do the commands share in talking to a person: mistakes, notes, output, standard input?"""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, NoReturn

from rolelint.usage import UsageError, did_you_mean

_WIDTH = 110
_SCREEN = 50


class _Formatter(RawDescriptionHelpFormatter):
    """Help of a fixed width: to ask the terminal, argparse would import shutil for every run."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=_WIDTH)

    def _format_action_invocation(self, action: Action) -> str:
        """``-o, --output-file FILE``: the value is named once, as newer versions of argparse do."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        return f"{', '.join(action.option_strings)} {self._format_args(action, action.dest.upper())}"


class _Short(Action):
    """Shows the help that fits a screen, and ends the program."""

    def __call__(self, parser: ArgumentParser, *_: object) -> NoReturn:
        show(parser.short() if isinstance(parser, Parser) else parser.format_help())
        parser.exit()


def _by_name(title: str, options: Iterable[Action]) -> str:
    """A group's options on few lines; empty when it has none."""
    from textwrap import fill  # noqa: PLC0415 - only for help

    names = " ".join(one.option_strings[-1] for one in options if one.option_strings and one.help != SUPPRESS)
    start = f"  {title + ':':<15}"
    return fill(names, _WIDTH, initial_indent=start, subsequent_indent=" " * 17, break_on_hyphens=False) if names else ""


class Parser(ArgumentParser):
    """argparse, but a mistake is one ``error:`` line and one ``help:`` line, and an option is written in full."""

    def __init__(self, prog: str, description: str, *, usage: str | None = None, epilog: str | None = None) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=_Formatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.add_argument("-h", action=_Short, nargs=0, help="show help that fits a screen, and exit")
        self.add_argument("--help", action="help", help="show all options, and exit")

    def short(self) -> str:
        """The help, with options by name only where all of it would not fit a screen."""
        whole = self.format_help()
        if whole.count("\n") <= _SCREEN:
            return whole
        lines = [_by_name(group.title or "", group._group_actions) for group in self._action_groups]  # noqa: SLF001 - argparse lists them nowhere else
        parts = (self.format_usage(), self.description or "", "", *filter(None, lines), "", "--help explains each option.", "")
        return "\n".join([*parts, f"{self.epilog}\n"])

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Namespace:  # type: ignore[override]  # noqa: ANN401 - argparse's own
        """What the arguments say. Raises UsageError for one that is not known."""
        asked, unknown = self.parse_known_intermixed_args(_shielded(sys.argv[1:] if args is None else args), namespace)
        for name, value in vars(asked).items():
            setattr(asked, name, _bare(value))
        if unknown:
            name = unknown[0].partition("=")[0]
            advice = did_you_mean(name, list(self._option_string_actions), f"{self.prog} --help lists the options")
            raise UsageError(f"unknown option {name}" if name.startswith("-") else f"one argument too many: {name}", advice)
        return asked  # type: ignore[no-any-return]

    def error(self, message: str) -> NoReturn:
        """What argparse calls for a mistake in the arguments. Raises UsageError."""
        raise UsageError(message, f"{self.prog} --help lists the options")


_SHIELD = "\0"
"""What no argument of a process can hold."""


def _shielded(args: Sequence[str]) -> list[str]:
    """Arguments in which no word behind ``--`` looks like an option: intermixed with others, argparse takes it for one."""
    end = list(args).index("--") if "--" in args else len(args)
    return [*args[:end], *(_SHIELD + word if word.startswith("-") else word for word in args[end + 1 :])]


def _bare(value: object) -> object:
    """What an option or argument was given as."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return value.removeprefix(_SHIELD) if isinstance(value, str) else value


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
