"""``rolelint [check]``: what do the rules find in these files?"""

import os
from argparse import SUPPRESS, ArgumentParser, Namespace
from typing import TYPE_CHECKING

from rolelint import __version__
from rolelint.commands.console import Parser, say, show
from rolelint.commands.options import add_lint_options
from rolelint.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rolelint.commands.output import Output
    from rolelint.config import Settings
    from rolelint.engine.findings import Finding
    from rolelint.syntax.files import File
    from rolelint.verdicts.report import Report

_SEVERITIES = ("info", "low", "medium", "high", "critical")
_WHEN = ("auto", "always", "never")

_EXAMPLES = """\
examples:
  rolelint templates/                                        lint every template in a directory
  rolelint templates/api.yaml --parameter Stage=prod         judge it as it will be deployed
  rolelint . --format full --format sarif=rolelint.sarif     a log for people and a file for code scanning
  rolelint . --diff-base origin/main                         only what the branch adds
  rolelint . --select ALL --statistics                       how often each rule finds something

commands:
  rolelint inspect PATH…       show every identity: who may assume it, what it holds and may do, who runs with it
  rolelint inspect POLICY      show what an AWS managed policy grants and what there is instead
  rolelint rule NAME | --all   show what a rule finds, why it matters and what to write instead
  rolelint rule new NAME       write a rule of your own; rolelint rule test DIR runs the examples of your rules
  rolelint baseline PATH…      write down what is found today, so that only what is new counts
  rolelint migrate PATH…       rewrite suppressions for other tools into rolelint's own
  rolelint completion SHELL    print completion for bash, zsh or fish

to accept a finding, write behind the line that it points at, or on a line above that one:
  # rolelint: ignore[rule-name] until 2027-01-31 why it is right here
in JSON, in the Metadata of the resource: {"rolelint": {"ignore": [{"rule": "rule-name", "reason": "…"}]}}

exit codes: 0 clean, 1 findings at or above --fail-on, 2 the job could not be done"""


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint",
        usage="rolelint [check] [OPTIONS] [PATH ...]",
        description="Says what each identity in a CloudFormation or SAM template may do beyond what it needs.",
        epilog=_EXAMPLES,
    )
    add_lint_options(options)
    _add_gate(options)
    _add_output(options)
    options.add_argument("--version", action="store_true", help="show the version and the dates of the data, and exit")
    options.add_argument("--debug", action="store_true", help=SUPPRESS)
    return options


def _add_gate(options: ArgumentParser) -> None:
    gate = options.add_argument_group("gate")
    gate.add_argument(
        "--fail-on",
        choices=_SEVERITIES,
        metavar="SEVERITY",
        help=f"lowest for exit code 1: {', '.join(_SEVERITIES)} (default: low)",
    )
    gate.add_argument("--strict", action="store_true", help="possible findings count for the exit code, too")
    gate.add_argument("-e", "--exit-zero", action="store_true", help="exit 0 even with findings")
    gate.add_argument("--baseline", metavar="FILE", help="accept the findings that rolelint baseline wrote down")
    gate.add_argument("--diff-base", metavar="REF", help="report only what was not there yet at a git commit or branch")


def _add_output(options: ArgumentParser) -> None:
    output = options.add_argument_group("output")
    output.add_argument(
        "--format",
        metavar="NAME[=FILE]",
        action="append",
        help="full, concise, grouped, json, jsonl, sarif, github, gitlab, junit, markdown or csv; several with a file each",
    )
    output.add_argument("-o", "--output-file", metavar="FILE", help="write the report to FILE instead of standard output")
    output.add_argument("--statistics", action="store_true", help="count what each rule finds instead of showing it")
    output.add_argument("--color", choices=_WHEN, metavar="WHEN", default="auto", help="auto (default), always or never")
    output.add_argument(
        "-q", "--quiet", action="store_true", help="no notes and no progress, and nothing at all when nothing is found"
    )
    output.add_argument("-v", "--verbose", action="store_true", help="also name skipped files and what was not judged")
    output.add_argument("--show-files", action="store_true", help="show which templates would be linted, by which configuration")
    output.add_argument("--show-settings", action="store_true", help="show every setting and where it comes from")


def run(asked: Namespace) -> int:
    """Lint, report, and give the exit code."""
    if asked.version:
        return _version()
    from rolelint.commands import linting  # noqa: PLC0415 - --help needs none of it
    from rolelint.commands.output import outputs, write  # noqa: PLC0415 - likewise
    from rolelint.commands.progress import progress  # noqa: PLC0415 - likewise
    from rolelint.commands.settings import environment  # noqa: PLC0415 - likewise
    from rolelint.verdicts.crowding import uncrowded  # noqa: PLC0415 - likewise

    wanted = outputs(asked, environment(asked))
    work = linting.asked_work(asked)
    if asked.show_files or asked.show_settings:
        from rolelint.commands import showing  # noqa: PLC0415 - few ask for it

        show(showing.files(work) if asked.show_files else showing.settings(work, wanted))
        return 2 if linting.tell_missing(work.inputs) else 0
    keep_access = any(one.format == "grouped" for one in wanted)
    _spare_the_templates(wanted, work.inputs)
    done = linting.linted(asked, work, keep_access=keep_access, watch=progress(quiet=asked.quiet))
    report = linting.accepted(done.report, asked, work) if asked.baseline or asked.diff_base else done.report
    report = uncrowded(report)
    write(report, wanted, asked, environment(asked))
    if asked.verbose:
        _tell_what_was_left_out(report)
    if linting.tell_mistakes(done, debug=asked.debug) or linting.tell_searched_in_vain(asked, report):
        return 2
    found = [(one, work.settings_for(one.span.source.path)) for one in report.active]
    failing = any(_fails(one, settings) for one, settings in found)
    if not failing and not asked.exit_zero and not asked.quiet:
        _tell_why_nothing_fails(found)
    return int(failing and not asked.exit_zero)


def _spare_the_templates(wanted: "Iterable[Output]", inputs: "Iterable[File]") -> None:
    """Refuse to write a report over a file that is linted."""
    targets = {os.path.realpath(one.file): one.file for one in wanted if one.file}
    for path in (os.path.realpath(one.path) for one in inputs) if targets else ():
        if path in targets:
            raise UsageError(f"{targets[path]} is one of the files to lint", "give the report a file of its own")


def _fails(finding: "Finding", settings: "Settings") -> bool:
    """Whether a finding that stands fails the gate."""
    from rolelint.engine.findings import Severity  # noqa: PLC0415 - --help needs none of it
    from rolelint.iam.patterns import Certainty  # noqa: PLC0415 - likewise

    sure = settings.strict or finding.certainty is Certainty.CERTAIN
    return sure and finding.severity >= Severity[settings.fail_on.upper()]


def _tell_why_nothing_fails(found: "Collection[tuple[Finding, Settings]]") -> None:
    """An exit code 0 beside findings is told, or a gate looks broken."""
    possible = sum(_fails(one, settings._replace(strict=True)) for one, settings in found)
    why = {"only possible (--strict counts those)": possible, "below the severity that fails (--fail-on)": len(found) - possible}
    if found:
        say("note", f"no finding fails: {' and '.join(f'{count} {reason}' for reason, count in why.items() if count)}")


def _tell_what_was_left_out(report: "Report") -> None:
    for skipped in report.skipped:
        say("note", f"{skipped.path}: skipped: {skipped.reason}")
    for unjudged in report.unjudged:
        say("note", f"{unjudged.path}:{unjudged.line}: not judged: {unjudged.reason}")


def _version() -> int:
    from rolelint.catalogue.meta import meta  # noqa: PLC0415 - reading the catalogue is only worth it here

    dates = meta()
    show(f"rolelint {__version__} (actions of {dates.actions_date}, AWS managed policies of {dates.policies_date})\n")
    return 0
