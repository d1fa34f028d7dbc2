"""``rolelint [check]``: what do the rules find in these files?"""

import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from typing import TYPE_CHECKING

from rolelint import __version__
from rolelint.commands.console import Parser, UsageError, did_you_mean, say, show, standard_input
from rolelint.commands.options import add_parameters, add_rule_folders, given_parameters, read_rulebook

if TYPE_CHECKING:
    from rolelint.engine.rule import Rule
    from rolelint.engine.rulebook import Rulebook
    from rolelint.verdicts.report import Report

_FORMATS = ("full", "concise", "json", "sarif")
_LIST = "rolelint rule --all lists them"
_SEVERITIES = ("info", "low", "medium", "high", "critical")


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
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
    options.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, directories, globs or - (default: the current directory)"
    )
    output = options.add_argument_group("output")
    output.add_argument("--format", choices=_FORMATS, default="full", help="how to report (default: %(default)s)")
    output.add_argument("--output-file", metavar="FILE", help="write the report to FILE instead of standard output")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colour in the full format")
    output.add_argument("-q", "--quiet", action="store_true", help="no notes on standard error")
    output.add_argument("-v", "--verbose", action="store_true", help="also name skipped files and what was not judged")
    rules = options.add_argument_group("rules")
    rules.add_argument("--select", metavar="RULES", action="append", help="only these rules, by comma; ALL turns every rule on")
    rules.add_argument("--ignore", metavar="RULES", action="append", default=[], help="all rules but these, by comma")
    add_rule_folders(rules)
    gate = options.add_argument_group("gate")
    gate.add_argument(
        "--fail-on", choices=_SEVERITIES, default="low", help="lowest severity for exit code 1 (default: %(default)s)"
    )
    gate.add_argument("--strict", action="store_true", help="possible findings count for the exit code, too")
    gate.add_argument("--exit-zero", action="store_true", help="exit 0 even with findings")
    gate.add_argument("--no-ignores", action="store_true", help="show what comments in the templates excuse, too")
    gate.add_argument("--isolated", action="store_true", help="ignore configuration files and environment variables")
    reading = options.add_argument_group("input")
    reading.add_argument("--stdin-filename", metavar="NAME", help="the name to report for standard input")
    add_parameters(reading)
    options.add_argument("--version", action="store_true", help="show the version and the dates of the data, and exit")
    options.add_argument("--debug", action="store_true", help=SUPPRESS)
    return options


def run(asked: Namespace) -> int:
    """Lint, report, and give the exit code."""
    if asked.version:
        return _version()
    from rolelint.engine.findings import Severity  # noqa: PLC0415 - --help and --version need none of it
    from rolelint.lint import lint  # noqa: PLC0415 - likewise
    from rolelint.syntax.files import find  # noqa: PLC0415 - likewise

    rulebook = read_rulebook(asked)
    rules = _chosen(rulebook, asked)
    inputs = find(asked.paths or ["."], stdin=standard_input(), stdin_filename=asked.stdin_filename)
    done = lint(inputs, rulebook, rules, given_parameters(asked), ignores=not asked.no_ignores)
    _write(_rendered(done.report, asked), asked)
    if asked.verbose:
        _tell_what_was_left_out(done.report)
    for mistake in done.mistakes:
        say("error", f"{mistake.path}: {mistake.reason}")
        say("help", mistake.help)
    for failure in done.failures:
        say("error", f"{failure.message}: {type(failure.error.__cause__ or failure.error).__name__}, a bug in rolelint")
        say("help", "please report it with the template; the other files were judged")
        if asked.debug:
            import traceback  # noqa: PLC0415 - only for ourselves

            traceback.print_exception(failure.error)
    if _nothing_read(asked, done.report) or done.mistakes or done.failures:
        return 2
    return int(not asked.exit_zero and done.report.gated(Severity[asked.fail_on.upper()], strict=asked.strict))


def _tell_what_was_left_out(report: "Report") -> None:
    for skipped in report.skipped:
        say("note", f"{skipped.path}: skipped: {skipped.reason}")
    for unjudged in report.unjudged:
        say("note", f"{unjudged.path}:{unjudged.line}: not judged: {unjudged.reason}")


def _nothing_read(asked: Namespace, report: "Report") -> bool:
    """Whether a directory was searched in vain: a gate must not be green because its path is wrong.

    Files that are named may all be something else: a hook passes every YAML file that changes.
    """
    if report.templates:
        return False
    searched = [path for path in asked.paths or ["."] if os.path.isdir(path)]
    looked = f"{len(report.skipped)} file{'' if len(report.skipped) == 1 else 's'} looked at"
    if searched:
        say("error", f"no template in {', '.join(searched)} ({looked})")
        say(
            "help",
            "rolelint reads CloudFormation and SAM templates and IAM policy documents, in YAML or JSON; -v names the others",
        )
    elif report.skipped and not asked.quiet:
        say("note", f"no template among the files given ({looked}); -v says why")
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
            raise UsageError(
                f"there is no rule named {name!r}", did_you_mean(name, [rule.name for rule in rulebook.rules], _LIST)
            )
    return names


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
        show(text)
        return
    try:
        with open(asked.output_file, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{asked.output_file}: {error.strerror}", "give --output-file a path that can be written") from error


def _version() -> int:
    from rolelint.catalogue.meta import meta  # noqa: PLC0415 - reading the catalogue is only worth it here

    dates = meta()
    show(f"rolelint {__version__} (actions of {dates.actions_date}, AWS managed policies of {dates.policies_date})\n")
    return 0
