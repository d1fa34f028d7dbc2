"""What was asked for, file by file? The command line over the configuration, and what the two come to."""

import os
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rolelint.commands.clock import today
from rolelint.commands.console import UsageError, did_you_mean, say, standard_input
from rolelint.config import Glob, Settings, settings_finder
from rolelint.engine.findings import Severity
from rolelint.engine.rule import Rule, RuleError
from rolelint.engine.rulebook import Rulebook, builtin, extended
from rolelint.engine.trusted import Trusted
from rolelint.lint import Run, lint
from rolelint.standard import Standard
from rolelint.syntax.beside import load_beside
from rolelint.syntax.files import File, Input, Missing, Skipped, find
from rolelint.syntax.globs import is_glob, matches
from rolelint.template.nesting import Load
from rolelint.template.template import Parameter
from rolelint.verdicts.report import Report

if TYPE_CHECKING:
    from rolelint.parliament import Parliament

LIST = "rolelint rule --all lists them"
"""What helps somebody who named a rule that is not there."""

_ALL = "ALL"


class Work(NamedTuple):
    """What there is to do: the files, and by their paths the settings and the standard for each."""

    inputs: tuple[File, ...]
    settings_for: Callable[[str], Settings]
    standard_for: Callable[[str], Standard]


def environment(asked: Namespace) -> Mapping[str, str]:
    """The environment variables that count."""
    return {} if asked.isolated else os.environ


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
    standard_for = _standards(settings_for, _parliament(asked))
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


def misgiven_words(asked: Namespace, declared: Iterable[Parameter]) -> Iterator[Missing]:
    """The values on the command line that no parameter of any template takes."""
    if not asked.parameter:
        return
    from rolelint.parameters import misgiven  # noqa: PLC0415 - only who gives values pays

    for word, reason, advice in misgiven(asked.parameter, declared):
        yield Missing(f"--parameter {word}", reason, advice)


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
        say("help", "please report it with the template; the other files were judged")
        if debug:
            import traceback  # noqa: PLC0415 - only for ourselves

            traceback.print_exception(failure.error)
    return bool(done.mistakes or done.failures)


def _without_excluded(found: Iterable[File], settings_for: Callable[[str], Settings], *, forced: bool) -> Iterator[File]:
    for one in found:
        if isinstance(one, Input) and (forced or not one.named):
            settings = settings_for(one.path)
            if any(glob.matches(one.path) for glob in settings.exclude):
                yield Skipped(one.path, f"excluded by {settings.origins['exclude']}")
                continue
        yield one


def asked_settings(asked: Namespace) -> Callable[[str], Settings]:
    """The settings for a path: what the command line says over what the configuration says."""
    config = asked.config or environment(asked).get("ROLELINT_CONFIG")
    configured = settings_finder(config=config, search=not asked.isolated)
    known: dict[int, tuple[Settings, Settings]] = {}

    def settings_for(path: str) -> Settings:
        settings = configured(path)
        if id(settings) not in known:
            known[id(settings)] = settings, _overlaid(settings, vars(asked))
        return known[id(settings)][1]

    return settings_for


def _overlaid(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Settings with what the command line says: a selection starts afresh, all other lists grow."""
    said: dict[str, Any] = {key: given[key] for key in ("fail_on", "strict", "foreign_ignores") if given.get(key)}
    origins = dict(settings.origins)
    if given.get("select"):
        settings = settings._replace(extend_select=(), ignore=())
        origins = {key: where for key, where in origins.items() if key not in ("extend-select", "ignore")}
        said["select"] = _split(given["select"])
    more: dict[str, tuple[Any, ...]] = {
        "extend_select": _split(given.get("extend_select", ())),
        "ignore": _split(given.get("ignore", ())),
        "rules": tuple(given.get("rules", ())),
        "exclude": tuple(Glob(os.getcwd(), glob) for glob in given.get("exclude", ())),
    }
    said |= {key: (*getattr(settings, key), *added) for key, added in more.items() if added}
    if parameters := _parameters(settings, given.get("parameters", ()), given.get("parameter", ())):
        said["parameters"] = parameters
    for key in said:
        name, option = key.replace("_", "-"), f"--{key.replace('_', '-')}"
        origins[name] = f"{origins[name]}, {option}" if name in origins and (key in more or key == "parameters") else option
    return settings._replace(**said, origins=origins)


def _split(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.strip() for word in words for name in word.split(",") if name.strip())


def _parameters(settings: Settings, files: Sequence[str], words: Sequence[str]) -> Mapping[str, str]:
    """The values of parameters: those of the configuration's files, of its table, of files that were named, of words."""
    if not settings.parameter_files and not files and not words:
        return {}
    from rolelint.parameters import ParameterError, read_file, read_word  # noqa: PLC0415 - only who gives values pays

    values: dict[str, str] = {}
    try:
        for path in settings.parameter_files:
            values |= read_file(path)
        values |= settings.parameters
        for path in files:
            values |= read_file(path)
        return values | dict(read_word(word) for word in words)
    except ParameterError as error:
        raise UsageError(str(error), "values come as --parameter Name=Value, or in a JSON or samconfig file") from error


def _parliament(asked: Namespace) -> "Parliament | None":
    """Parliament, if it is to be asked."""
    if not asked.with_parliament and not asked.private_auditors:
        return None
    from rolelint.parliament import Unavailable, parliament  # noqa: PLC0415 - an extra

    try:
        return parliament(asked.private_auditors)
    except Unavailable as error:
        raise UsageError(str(error), error.advice) from error


def _standards(settings_for: Callable[[str], Settings], other: "Parliament | None") -> Callable[[str], Standard]:
    """The standard for a path; files with equal settings have one rulebook."""
    books: dict[tuple[str, ...], Rulebook] = {}
    known: dict[int, tuple[Settings, Standard]] = {}

    def standard_for(path: str) -> Standard:
        settings = settings_for(path)
        if id(settings) not in known:
            if settings.rules not in books:
                book = rulebook(settings.rules)
                books[settings.rules] = other.rulebook(book) if other else book
            found = _standard(settings, books[settings.rules])
            known[id(settings)] = settings, found._replace(others=(other.judge,)) if other else found
        standard = known[id(settings)][1]
        unwanted = {
            name
            for glob, names in settings.per_file_ignores.items()
            if glob.matches(path)
            for name in _named(names, standard.rulebook, settings.origins["per-file-ignores"])
        }
        return (
            standard._replace(rules=tuple(rule for rule in standard.rules if rule.name not in unwanted)) if unwanted else standard
        )

    return standard_for


def rulebook(folders: Iterable[str]) -> Rulebook:
    """The built-in rules and those of some folders.

    Raises:
        UsageError: a rule file is wrong.

    """
    try:
        book = builtin()
        for folder in folders:
            book = extended(book, folder)
    except RuleError as error:
        raise UsageError(str(error), "rolelint rule NAME shows how a rule reads, rolelint rule new NAME writes one") from error
    return book


def _standard(settings: Settings, book: Rulebook) -> Standard:
    """The standard that settings come to, apart from what is ignored in some files."""
    for names in settings.per_file_ignores.values():
        _named(names, book, settings.origins["per-file-ignores"])
    where = settings.origins.get("severity", "")
    severities = {name: level for word, level in settings.severity.items() for name in _named([word], book, where)}
    select, more, ignore = (
        _named(getattr(settings, key), book, settings.origins.get(key.replace("_", "-"), ""))
        for key in ("select", "extend_select", "ignore")
    )
    chosen = (rule for rule in book.rules if rule.name in select or (rule.default and not select) or rule.name in more)
    rules = tuple(_graded(rule, severities) for rule in chosen if rule.name not in ignore)
    trusted = Trusted(frozenset(settings.trusted_accounts), settings.organization)
    foreign = None
    if settings.foreign_ignores:
        from rolelint.verdicts.foreign import foreign_ids  # noqa: PLC0415 - only who asks for it needs it

        foreign = foreign_ids(book)
    return Standard(book, rules, settings.parameters, trusted, foreign)


def _graded(rule: Rule, severities: Mapping[str, str]) -> Rule:
    """A rule with the severity that the settings give it."""
    return rule._replace(severity=Severity[severities[rule.name].upper()]) if rule.name in severities else rule


def _named(words: Iterable[str], book: Rulebook, where: str) -> set[str]:
    """The names of the rules that some words stand for: names, globs and ALL."""
    names = [rule.name for rule in book.rules]
    found: set[str] = set()
    for word in words:
        meant = names if word == _ALL else [name for name in names if matches(name, word)] if is_glob(word) else [word]
        if not meant or meant[0] not in names:
            raise UsageError(f"{where}: there is no rule named {word!r}", did_you_mean(word, names, LIST))
        found.update(meant)
    return found
