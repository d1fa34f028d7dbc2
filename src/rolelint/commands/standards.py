"""By which rules is a file judged? What is set for it, as rules of a rulebook."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from rolelint.config import Settings
from rolelint.engine.findings import Severity
from rolelint.engine.rule import Rule, RuleError
from rolelint.engine.rulebook import Rulebook, builtin, extended
from rolelint.engine.trusted import Trusted
from rolelint.standard import Standard
from rolelint.syntax.globs import is_glob, matches
from rolelint.usage import UsageError, did_you_mean

if TYPE_CHECKING:
    from rolelint.parliament import Parliament

LIST = "rolelint rule --all lists them"
"""What helps somebody who named a rule that is not there."""

_ALL = "ALL"


def standards(settings_for: Callable[[str], Settings], asked: Namespace) -> Callable[[str], Standard]:
    """The standard for a path; files with equal settings have one rulebook."""
    other = _parliament(asked)
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
        return _without_ignored(known[id(settings)][1], settings, path)

    return standard_for


def _without_ignored(standard: Standard, settings: Settings, path: str) -> Standard:
    """A standard without the rules that settings ignore in some files, this one among them."""
    where = settings.origins.get("per-file-ignores", "")
    ignored = [names for glob, names in settings.per_file_ignores.items() if glob.matches(path)]
    unwanted = {name for names in ignored for name in _named(names, standard.rulebook, where)}
    if not unwanted:
        return standard
    return standard._replace(rules=tuple(rule for rule in standard.rules if rule.name not in unwanted))


def _parliament(asked: Namespace) -> "Parliament | None":
    """Parliament, if it is to be asked."""
    if not asked.with_parliament and not asked.private_auditors:
        return None
    from rolelint.parliament import Unavailable, parliament  # noqa: PLC0415 - an extra

    try:
        return parliament(asked.private_auditors)
    except Unavailable as error:
        raise UsageError(str(error), error.advice) from error


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
    if rule.name not in severities:
        return rule
    return rule._replace(severity=Severity[severities[rule.name].upper()], minor=None)


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
