"""What would a colleague show you? Each finding in the source it is about, what it rests on and what to write instead."""

from collections.abc import Iterable, Iterator

from rolelint.engine.findings import Finding, Related, Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters.excerpt import Mark, excerpt, gutter
from rolelint.reporters.summary import counted, summary
from rolelint.reporters.terminal import Paint, coloured, disarmed, one_line, plain, visible
from rolelint.syntax.source import Span
from rolelint.verdicts.report import Report

MOST_RELATED = 6
"""Related places that one finding shows; the others are only counted."""

LONGEST_LABEL = 60
"""Characters of a witness that still fit behind an underline."""

_CODES = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "1;31",
    Severity.MEDIUM: "1;33",
    Severity.LOW: "1;36",
    Severity.INFO: "1;34",
}


def render(report: Report, *, colour: bool = False, columns: int = 100) -> str:
    """The report for a person at a terminal; prose is wrapped at ``columns``."""
    paint = coloured if colour else plain
    hidden = tuple(one.finding.masked for one in report.verdicts if one.finding.masked)
    blocks = ["\n".join(_lines(finding, columns, paint, hidden)) for finding in report.active]
    return disarmed("\n\n".join([*blocks, summary(report)]) + "\n")


def _lines(finding: Finding, columns: int, paint: Paint, hidden: tuple[Span, ...]) -> Iterator[str]:
    shown, elsewhere = _split(finding)
    marks = [_primary(finding), *(Mark(related.span, "-", related.message, "34") for related in shown)]
    digits = gutter(marks)
    margin = " " * digits
    yield _header(finding, paint)
    yield f"{margin}{paint('2', '-->')} {_place(finding.span.source.path, *finding.span.first)}"
    yield margin + paint("2", " |")
    yield from excerpt(marks, digits, paint, hidden)
    yield margin + paint("2", " |")
    for word, text in _remarks(finding, elsewhere):
        yield from _wrapped(f"{margin} = {word}: ", text, columns, paint)
    yield from _statements(finding, len(f"{margin} = help: "))
    yield f"{margin} = {paint('1', 'rule')}: rolelint rule {visible(finding.rule)}"


def _header(finding: Finding, paint: Paint) -> str:
    doubt = "" if finding.certainty is Certainty.CERTAIN else "possible "
    mark = paint(_CODES[finding.severity], f"{doubt}{finding.severity}[{visible(finding.rule)}]")
    return f"{mark}: {paint('1', visible(finding.message))}"


def _primary(finding: Finding) -> Mark:
    witness = visible(finding.witness)
    told = witness in visible(finding.span.on_one_line().text) or len(witness) > LONGEST_LABEL
    return Mark(finding.span, "^", "" if told else witness, _CODES[finding.severity])


def _split(finding: Finding) -> tuple[list[Related], list[Related]]:
    """Related places that can be underlined next to the finding, and those that cannot or are too many."""
    path = finding.span.source.path
    here = [related for related in finding.related if related.span.source.path == path]
    away = [related for related in finding.related if related.span.source.path != path]
    return here[:MOST_RELATED], here[MOST_RELATED:] + away


def _remarks(finding: Finding, elsewhere: Iterable[Related]) -> Iterator[tuple[str, str]]:
    """What stands below the source: a word and a text each."""
    places = list(elsewhere)
    for related in places[:MOST_RELATED]:
        yield "note", f"{_place(related.span.source.path, *related.span.first)} {related.message}"
    if more := len(places[MOST_RELATED:]):
        yield "note", f"and {counted(more, 'more place')}; see --format json"
    if finding.assumptions:
        yield "note", f"assuming that {' and '.join(finding.assumptions)}"
    if finding.also:
        yield "note", f"also: {', '.join(finding.also)}"
    if finding.suggestion and finding.suggestion.text:
        yield "help", finding.suggestion.text
    elif finding.help:
        yield "help", finding.help


def _place(path: str, line: int, column: int) -> str:
    return f"{visible(path)}:{line}:{column}"


def _wrapped(start: str, text: str, columns: int, paint: Paint) -> Iterator[str]:
    from textwrap import wrap  # noqa: PLC0415  a clean run wraps nothing

    room = max(columns - len(start), 20)
    first, *rest = wrap(one_line(text), room, break_long_words=False, break_on_hyphens=False) or [""]
    margin, word = start.rstrip(": ").rsplit(" ", 1)
    yield f"{margin} {paint('1', word)}: {first}".rstrip()
    yield from (" " * len(start) + line for line in rest)


def _statements(finding: Finding, indent: int) -> Iterator[str]:
    if not finding.suggestion or not finding.suggestion.statements:
        return
    from rolelint.fixes.render import dialect, render  # noqa: PLC0415  only when there is something to write

    text = render(finding.suggestion.statements, dialect(finding.span.source.text), indent)
    yield from (visible(line) for line in text.split("\n"))
