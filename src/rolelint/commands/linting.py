"""What is there to lint, what comes of it, and what has the user to be told?"""

import os
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence

from rolelint.commands.clock import today
from rolelint.commands.console import say, standard_input
from rolelint.commands.settings import asked_settings, environment, misgiven_words
from rolelint.commands.standards import standards
from rolelint.config import Settings
from rolelint.lint import Run, lint
from rolelint.reporters.summary import counted
from rolelint.standard import Standard
from rolelint.syntax.beside import load_beside
from rolelint.syntax.files import File, Input, Missing, Skipped, find
from rolelint.template.nesting import Load
from rolelint.tuples import NamedTuple
from rolelint.usage import UsageError
from rolelint.verdicts.report import Report

READABLE = "rolelint reads CloudFormation and SAM templates and IAM policy documents, in YAML or JSON"
"""What helps somebody whose files are something else."""


class Work(NamedTuple):
    """What there is to do: the files, and by their paths the settings and the standard for each."""

    inputs: tuple[File, ...]
    settings_for: Callable[[str], Settings]
    standard_for: Callable[[str], Standard]


def asked_work(asked: Namespace) -> Work:
    """The files that the command line names and by what each is judged.

    Raises:
        UsageError: a configuration file, an option or a rule file is wrong.

    """
    settings_for = asked_settings(asked)
    found = find(
        asked.paths or ["."],
        stdin=standard_input(),
        stdin_filename=asked.stdin_filename,
        gitignore=not asked.no_respect_gitignore,
    )
    inputs = tuple(_without_excluded(found, settings_for, forced=asked.force_exclude))
    standard_for = standards(settings_for, asked)
    for one in inputs:
        if isinstance(one, Input):
            standard_for(one.path)  # a mistake in any configuration comes before all findings
    return Work(inputs, settings_for, standard_for)


def linted(
    asked: Namespace,
    work: Work,
    *,
    keep_access: bool = False,
    load: Load = load_beside,
    watch: Callable[[Sequence[File]], Iterable[File]] = iter,
) -> Run:
    """Lint what was asked for; ``watch`` passes on the files one by one, ``load`` reads those that templates name."""
    done = lint(
        work.inputs,
        work.standard_for,
        ignores=not asked.no_ignores,
        keep_access=keep_access,
        today=today(environment(asked)),
        load=load,
        watch=watch,
    )
    return done._replace(mistakes=(*done.mistakes, *misgiven_words(asked, done.parameters))) if done.report.templates else done


def accepted(report: Report, asked: Namespace, work: Work) -> Report:
    """A report in which what ``--baseline`` and ``--diff-base`` accept does not stand.

    Raises:
        UsageError: the file or the commit cannot be read.

    """
    from rolelint.verdicts.baseline import accept, entries_of, stale  # noqa: PLC0415 - it is slow to import, and seldom asked

    if asked.baseline:
        from rolelint.commands.baseline import linted_paths, read_entries  # noqa: PLC0415 - likewise

        entries = read_entries(asked.baseline)
        outcome = accept(report, entries, f"in {asked.baseline}")
        report = outcome.report
        gone = stale(outcome, linted_paths(work.inputs, entries))
        if gone and not asked.quiet:
            many = "1 entry accepts" if len(gone) == 1 else f"{len(gone)} entries accept"
            say("note", f"{asked.baseline}: {many} nothing any more; rolelint baseline --update takes them out")
    if asked.diff_base:
        from rolelint.syntax.history import HistoryError, at_merge_base  # noqa: PLC0415 - likewise

        try:
            past = at_merge_base(asked.diff_base, work.inputs)
        except HistoryError as error:
            raise UsageError(str(error), error.advice) from error
        before = linted(asked, work._replace(inputs=past.inputs), load=past.load)
        report = accept(report, entries_of(before.report), f"there at {asked.diff_base}").report
    return report


def tell_missing(inputs: Iterable[File]) -> bool:
    """Say what the user named and is not there; whether there was anything."""
    missing = [one for one in inputs if isinstance(one, Missing)]
    for one in missing:
        say("error", f"{one.path}: {one.reason}")
        say("help", one.help)
    return bool(missing)


def tell_mistakes(done: Run, *, debug: bool = False) -> bool:
    """Say what the user and rolelint itself got wrong; whether there was anything."""
    tell_missing(done.mistakes)
    for failure in done.failures:
        say("error", f"{failure.message}: {type(failure.error.__cause__ or failure.error).__name__}, a bug in rolelint")
        say("help", "please report it with the template (--debug says where it failed); the other files were judged")
        if debug:
            import traceback  # noqa: PLC0415 - only for ourselves

            traceback.print_exception(failure.error)
    return bool(done.mistakes or done.failures)


def tell_searched_in_vain(asked: Namespace, report: Report) -> bool:
    """Whether a directory, or standard input, holds no template; says so: a gate must not be green because its path is wrong.

    Files that are named may all be something else: a hook passes every YAML file that changes, an editor what it has open.
    """
    if report.templates:
        return False
    searched = [path for path in asked.paths or ["."] if os.path.isdir(path)]
    if "-" in asked.paths and not asked.stdin_filename:
        searched.append("standard input")
    looked = f"{counted(len(report.skipped), 'file')} looked at"
    if searched:
        say("error", f"no template in {', '.join(searched)} ({looked})")
        say("help", f"{READABLE}; -v names the others")
    elif report.skipped and not asked.quiet:
        say("note", f"no template among the files given ({looked}); -v says why")
    return bool(searched)


def _without_excluded(found: Iterable[File], settings_for: Callable[[str], Settings], *, forced: bool) -> Iterator[File]:
    for one in found:
        if isinstance(one, Input) and (forced or not one.named):
            settings = settings_for(one.path)
            if any(glob.matches(one.path) for glob in settings.exclude):
                yield Skipped(one.path, f"excluded by {settings.origins['exclude']}")
                continue
        yield one
