"""The whole row: files are read, understood, judged and classified, one after the other."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

from rolelint.outcome import Asked, Failure, Outcome, of_file, of_nested
from rolelint.reading import exports_among
from rolelint.standard import Standard
from rolelint.syntax.beside import load_beside
from rolelint.syntax.files import File, Input, Missing, Skipped
from rolelint.template.nesting import Load
from rolelint.template.template import Declaration, Template
from rolelint.tuples import NamedTuple
from rolelint.verdicts.report import Report, Verdict


class Run(NamedTuple):
    """A report, the user's mistakes and our own failures; ``parameters`` are those of all templates."""

    report: Report
    mistakes: tuple[Missing, ...]
    failures: tuple[Failure, ...]
    parameters: tuple[Declaration, ...]


def lint(  # noqa: PLR0913 - each is a word of the command line
    inputs: Iterable[File],
    standard_for: Callable[[str], Standard],
    *,
    ignores: bool = True,
    keep_access: bool = False,
    today: str = "",
    load: Load = load_beside,
    watch: Callable[[Sequence[File]], Iterable[File]] = iter,
) -> Run:
    """Lint files, each by the standard for its path. A file that fails never costs the findings of another.

    Without ``ignores`` nothing in a template excuses anything; with ``keep_access`` the report has who may do what, too;
    without a day in ``today``, as 2027-01-31, no excuse is over. ``load`` reads the files that templates name.
    ``watch`` passes the files on one by one.
    """
    files = list(inputs)
    asked = Asked(cache(standard_for), exports_among(files), load, ignores, keep_access, today)
    came = [of_file(one, asked) if isinstance(one, Input) else one for one in watch(files)]
    outcomes = {one.path: one for one in came if isinstance(one, Outcome)}
    given = {one.path: one for one in files if isinstance(one, Input)}
    for path, uses in _uses(outcomes.values(), asked).items():
        again = of_file(given[path], asked, uses) if path in given else of_nested(uses, asked)
        outcomes |= {path: again} if isinstance(again, Outcome) else {}
    return Run(
        report=_report(list(outcomes.values()), tuple(one for one in came if isinstance(one, Skipped)), asked),
        mistakes=tuple(one for one in came if isinstance(one, Missing)),
        failures=tuple(one.failure for one in outcomes.values() if one.failure),
        parameters=tuple(parameter for one in outcomes.values() for parameter in one.parameters),
    )


def _uses(outcomes: Collection[Outcome], asked: Asked) -> dict[str, list[Template]]:
    """What nested stacks make of files, by path: one template for each way to give its parameters that is not the file's own."""
    uses: dict[str, dict[object, Template]] = {}
    own = {one.path: frozenset(asked.standard_for(one.path).given.items()) for one in outcomes}
    for use in [use for one in outcomes for use in one.nested]:
        way = frozenset(use.given.items())
        if way != own.get(use.source.path):
            uses.setdefault(use.source.path, {}).setdefault(way, use)
    return {path: list(ways.values()) for path, ways in uses.items()}


def _report(outcomes: Sequence[Outcome], skipped: tuple[Skipped, ...], asked: Asked) -> Report:
    standards = [asked.standard_for(one.path) for one in outcomes]
    rules = {rule.name: rule for some in {id(one.rules): one.rules for one in standards}.values() for rule in some}
    books = list({id(one.rulebook): one.rulebook for one in standards}.values())
    verdicts = (verdict for one in outcomes for verdict in one.verdicts)
    return Report(
        verdicts=tuple(sorted(verdicts, key=_place)),
        templates=sum(one.failure is None for one in outcomes),
        principals=sum(one.principals for one in outcomes),
        statements=sum(one.statements for one in outcomes),
        unjudged=tuple(place for one in outcomes for place in one.unjudged),
        skipped=skipped,
        rules=tuple(rules[name] for name in sorted(rules)),
        page=lambda name: next(book for book in books if book.named(name)).page(name),
        paths=tuple(sorted(one.path for one in outcomes)),
        accesses=tuple(access for one in outcomes for access in one.accesses),
    )


def _place(verdict: Verdict) -> tuple[str, int, str]:
    finding = verdict.finding
    return finding.span.source.path, finding.span.start, finding.rule
