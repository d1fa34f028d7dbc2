"""The command line: what did the user ask for, and what do they get back?

Exit codes: 0 clean, 1 findings at or above ``--fail-on``, 2 the job could not be done. No format changes them.
"""

import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace, RawDescriptionHelpFormatter, _ArgumentGroup
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from rolelint import __version__

if TYPE_CHECKING:
    from rolelint.engine.rule import Rule
    from rolelint.engine.rulebook import Rulebook
    from rolelint.verdicts.report import Report

_FORMATS = ("full", "concise", "json", "sarif")
_SEVERITIES = ("info", "low", "medium", "high", "critical")


class UsageError(Exception):
    """The user asked for something that cannot be done: what is wrong, and what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def _formatter(prog: str) -> RawDescriptionHelpFormatter:
    """A formatter of fixed width: to ask the terminal, argparse would import shutil for every run."""
    return RawDescriptionHelpFormatter(prog, width=100)


class _Parser(ArgumentParser):
    """argparse, but a mistake is one ``error:`` line and one ``help:`` line."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=_formatter)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"{self.prog} --help lists the options")


def run() -> NoReturn:
    """The console entry point: ``main`` with the process's own arguments, exit code and broken pipes."""
    import gc  # noqa: PLC0415 - only a whole process may choose this

    gc.set_threshold(100_000, 50, 100)  # trees of nodes are large and die whole: fewer, later collections
    try:
        code = main(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1  # nobody read to the end: that must not open a gate
    except OSError as error:
        _say("error", f"the report cannot be written: {(error.strerror or 'unknown error').lower()}")
        _say("help", "give --output-file a path that can be written")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 2
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run rolelint with arguments; the exit code."""
    try:
        if arguments[:1] == ["rule"]:
            return _rule(_rule_parser().parse_args(arguments[1:]))
        if arguments[:1] == ["inspect"]:
            return _inspect(_inspect_parser().parse_args(arguments[1:]))
        rest = arguments[1:] if arguments[:1] == ["check"] else arguments
        return _check(_check_parser().parse_args(rest))
    except UsageError as error:
        _say("error", str(error))
        _say("help", error.advice)
        return 2


def _stdin() -> "BinaryIO":
    """Standard input; empty when whoever started us closed it."""
    from io import BytesIO  # noqa: PLC0415 - io is loaded anyway

    return sys.stdin.buffer if sys.stdin is not None else BytesIO()


def _say(kind: str, message: str) -> None:
    if sys.stderr is None:
        return
    printable = "".join(one if one.isprintable() else repr(one)[1:-1] for one in message)
    sys.stderr.write(f"{kind}: {printable}\n")


def _check_parser() -> ArgumentParser:
    parser = _Parser(
        prog="rolelint",
        description="Says what each identity in a CloudFormation or SAM template may do beyond what it needs.",
        epilog=(
            "commands:\n"
            "  rolelint [check] PATH…       lint files, directories or - (standard input); this is the default\n"
            "  rolelint inspect PATH…       show every identity: who may assume it, what it holds and may do, who runs with it\n"
            "  rolelint inspect POLICY      show what an AWS managed policy grants and what there is instead\n"
            "  rolelint rule NAME | --all   show what a rule finds, why it matters and what to write instead\n\n"
            "exit codes: 0 clean, 1 findings at or above --fail-on, 2 the job could not be done"
        ),
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, directories, globs or - (default: the current directory)"
    )
    output = parser.add_argument_group("output")
    output.add_argument("--format", choices=_FORMATS, default="full", help="how to report (default: %(default)s)")
    output.add_argument("--output-file", metavar="FILE", help="write the report to FILE instead of standard output")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colour in the full format")
    output.add_argument("-q", "--quiet", action="store_true", help="no notes on standard error")
    output.add_argument("-v", "--verbose", action="store_true", help="also name skipped files and what was not judged")
    rules = parser.add_argument_group("rules")
    rules.add_argument("--select", metavar="RULES", action="append", help="only these rules, by comma; ALL turns every rule on")
    rules.add_argument("--ignore", metavar="RULES", action="append", default=[], help="all rules but these, by comma")
    _add_rule_folders(rules)
    gate = parser.add_argument_group("gate")
    gate.add_argument(
        "--fail-on", choices=_SEVERITIES, default="low", help="lowest severity for exit code 1 (default: %(default)s)"
    )
    gate.add_argument("--strict", action="store_true", help="possible findings count for the exit code, too")
    gate.add_argument("--exit-zero", action="store_true", help="exit 0 even with findings")
    gate.add_argument("--no-ignores", action="store_true", help="show what comments in the templates excuse, too")
    gate.add_argument("--isolated", action="store_true", help="ignore configuration files and environment variables")
    reading = parser.add_argument_group("input")
    reading.add_argument("--stdin-filename", metavar="NAME", help="the name to report for standard input")
    _add_parameters(reading)
    parser.add_argument("--version", action="store_true", help="show the version and the dates of the data, and exit")
    parser.add_argument("--debug", action="store_true", help=SUPPRESS)
    return parser


def _rule_parser() -> ArgumentParser:
    parser = _Parser(prog="rolelint rule", description="Shows what a rule finds, why it matters and what to write instead.")
    parser.add_argument("name", nargs="?", metavar="NAME", help="the rule's name")
    parser.add_argument("--all", action="store_true", help="every rule")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to show it (default: %(default)s)")
    _add_rule_folders(parser)
    return parser


def _add_rule_folders(group: "_ArgumentGroup | ArgumentParser") -> None:
    group.add_argument("--rules", metavar="DIR", action="append", default=[], help="add the rules in the files of a directory")


def _rulebook(asked: Namespace) -> "Rulebook":
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


def _inspect_parser() -> ArgumentParser:
    parser = _Parser(
        prog="rolelint inspect", description="Shows what identities hold and may do, or what an AWS managed policy grants."
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="templates, or the name of an AWS managed policy")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to show it (default: %(default)s)")
    _add_parameters(parser.add_argument_group("input"))
    return parser


def _add_parameters(group: _ArgumentGroup) -> None:
    group.add_argument("--parameters", metavar="FILE", action="append", default=[], help="a file with values of parameters")
    group.add_argument("--parameter", metavar="NAME=VALUE", action="append", default=[], help="the value of one parameter")


def _check(asked: Namespace) -> int:
    if asked.version:
        return _version()
    from rolelint.engine.findings import Severity  # noqa: PLC0415 - --help and --version need none of it
    from rolelint.lint import lint  # noqa: PLC0415 - likewise
    from rolelint.syntax.files import find  # noqa: PLC0415 - likewise

    rulebook = _rulebook(asked)
    rules = _chosen(rulebook, asked)
    inputs = find(asked.paths or ["."], stdin=_stdin(), stdin_filename=asked.stdin_filename)
    run = lint(inputs, rulebook, rules, _given(asked), ignores=not asked.no_ignores)
    _write(_rendered(run.report, asked), asked)
    if asked.verbose:
        _tell_what_was_left_out(run.report)
    for mistake in run.mistakes:
        _say("error", f"{mistake.path}: {mistake.reason}")
        _say("help", mistake.help)
    for failure in run.failures:
        _say("error", f"{failure.message}: {type(failure.error.__cause__ or failure.error).__name__}, a bug in rolelint")
        _say("help", "please report it with the template; the other files were judged")
        if asked.debug:
            import traceback  # noqa: PLC0415 - only for ourselves

            traceback.print_exception(failure.error)
    if _nothing_read(asked, run.report) or run.mistakes or run.failures:
        return 2
    return int(not asked.exit_zero and run.report.gated(Severity[asked.fail_on.upper()], strict=asked.strict))


def _tell_what_was_left_out(report: "Report") -> None:
    for skipped in report.skipped:
        _say("note", f"{skipped.path}: skipped: {skipped.reason}")
    for unjudged in report.unjudged:
        _say("note", f"{unjudged.path}:{unjudged.line}: not judged: {unjudged.reason}")


def _nothing_read(asked: Namespace, report: "Report") -> bool:
    """Whether a directory was searched in vain: a gate must not be green because its path is wrong.

    Files that are named may all be something else: a hook passes every YAML file that changes.
    """
    if report.templates:
        return False
    searched = [path for path in asked.paths or ["."] if os.path.isdir(path)]
    looked = f"{len(report.skipped)} file{'' if len(report.skipped) == 1 else 's'} looked at"
    if searched:
        _say("error", f"no template in {', '.join(searched)} ({looked})")
        _say(
            "help",
            "rolelint reads CloudFormation and SAM templates and IAM policy documents, in YAML or JSON; -v names the others",
        )
    elif report.skipped and not asked.quiet:
        _say("note", f"no template among the files given ({looked}); -v says why")
    return bool(searched)


def _chosen(rulebook: "Rulebook", asked: Namespace) -> list["Rule"]:
    """The rules to run, in fixed order."""
    wanted = _names(asked.select or [], rulebook)
    unwanted = _names(asked.ignore, rulebook)
    chosen = [rule for rule in rulebook.rules if ("ALL" in wanted or rule.name in wanted or (rule.default and not wanted))]
    return [rule for rule in chosen if rule.name not in unwanted and "ALL" not in unwanted]


def _names(given: list[str], rulebook: "Rulebook") -> set[str]:
    names = {name.strip() for names in given for name in names.split(",") if name.strip()}
    for name in sorted(names - {"ALL"}):
        if rulebook.named(name) is None:
            raise UsageError(f"there is no rule named {name!r}", _advice(name, [rule.name for rule in rulebook.rules]))
    return names


def _advice(name: str, known: list[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for somebody's mistake

    close = get_close_matches(name, known, 1, 0.5)
    return f"did you mean {close[0]}?" if close else "rolelint rule --all lists them"


def _given(asked: Namespace) -> dict[str, str]:
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


def _rendered(report: "Report", asked: Namespace) -> str:
    match asked.format:
        case "json":
            from rolelint.reporters import json_report  # noqa: PLC0415 - one format is enough

            return json_report.render(report)
        case "sarif":
            from rolelint.reporters import sarif  # noqa: PLC0415 - likewise

            return sarif.render(report)
        case "concise":
            from rolelint.reporters import concise  # noqa: PLC0415 - likewise

            return concise.render(report)
        case _:
            from rolelint.reporters import text  # noqa: PLC0415 - likewise

            return text.render(report, colour=_colour(asked))


def _colour(asked: Namespace) -> bool:
    """Whether to colour: as asked, by NO_COLOR and FORCE_COLOR, else on a terminal. https://no-color.org"""
    if asked.color != "auto":
        return bool(asked.color == "always")
    if asked.output_file or sys.stdout is None:
        return False
    if not asked.isolated and (os.environ.get("NO_COLOR") or os.environ.get("FORCE_COLOR")):
        return not os.environ.get("NO_COLOR")
    return sys.stdout.isatty()


def _write(text: str, asked: Namespace) -> None:
    text = text if text.endswith("\n") else text + "\n"
    if not asked.output_file:
        _print(text)
        return
    try:
        with open(asked.output_file, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{asked.output_file}: {error.strerror}", "give --output-file a path that can be written") from error


def _print(text: str) -> None:
    """Text to standard output, whatever its encoding can show."""
    if sys.stdout is None:  # closed by whoever started us: there is nobody to tell, but the exit code counts
        return
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _version() -> int:
    from rolelint.catalogue.meta import meta  # noqa: PLC0415 - reading the catalogue is only worth it here

    dates = meta()
    _print(f"rolelint {__version__} (actions of {dates.actions_date}, AWS managed policies of {dates.policies_date})\n")
    return 0


def _rule(asked: Namespace) -> int:
    from rolelint.engine import pages  # noqa: PLC0415 - linting needs no pages

    rulebook = _rulebook(asked)
    if asked.all == bool(asked.name):
        raise UsageError("name one rule, or --all", "rolelint rule --all lists them")
    rule = rulebook.named(asked.name) if asked.name else None
    if asked.name and rule is None:
        raise UsageError(f"there is no rule named {asked.name!r}", _advice(asked.name, [one.name for one in rulebook.rules]))
    if asked.format == "json":
        _print(pages.as_json(rulebook, [rule] if rule else rulebook.rules, one=rule is not None))
    else:
        _print(pages.page(rule, rulebook.page(rule.name)) if rule else pages.table(rulebook.rules))
    return 0


def _inspect(asked: Namespace) -> int:
    from rolelint.catalogue import managed_policies  # noqa: PLC0415 - only a look at a policy needs it here

    policy = managed_policies.find(asked.paths[0]) if len(asked.paths) == 1 and not os.path.exists(asked.paths[0]) else None
    if policy:
        from rolelint.reporters import policy_card  # noqa: PLC0415 - likewise

        _print(policy_card.as_json(policy) if asked.format == "json" else policy_card.render(policy))
        return 0
    if len(asked.paths) == 1 and asked.paths[0].isalnum() and not os.path.exists(asked.paths[0]):
        close = managed_policies.similar(asked.paths[0])
        advice = f"did you mean {close[0]}?" if close else "give a template, a directory, or a policy by its name"
        raise UsageError(f"{asked.paths[0]} is neither a file nor an AWS managed policy", advice)
    from rolelint.lint import inspect  # noqa: PLC0415 - likewise
    from rolelint.reporters import inspection, inspection_json  # noqa: PLC0415 - likewise
    from rolelint.syntax.files import find  # noqa: PLC0415 - likewise

    accesses, mistakes = inspect(find(asked.paths, stdin=_stdin(), stdin_filename=None), _given(asked))
    _print((inspection_json if asked.format == "json" else inspection).render(accesses))
    for mistake in mistakes:
        _say("error", f"{mistake.path}: {mistake.reason}")
        _say("help", mistake.help)
    return 2 if mistakes else 0
