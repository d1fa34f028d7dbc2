"""What would a colleague show you? Each finding in the source it is about, what it rests on and what to write instead."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rolelint.engine.findings import Finding, Related
from rolelint.reporters.excerpt import Mark, excerpt, gutter
from rolelint.reporters.summary import counted, summary
from rolelint.reporters.terminal import CODES, Style, disarmed, one_line, place, visible
from rolelint.reporters.wording import tag
from rolelint.syntax.source import Span
from rolelint.verdicts.report import Report, Verdict

MOST_ALIKE = 5
"""Findings of one rule that are shown in full; further ones say nothing new but their place."""

MOST_LINES = 20
"""Further findings of one rule that have a line each; the others are only counted."""

MOST_RELATED = 6
"""Related places that one finding shows; the others are only counted."""

LONGEST_LABEL = 60
"""Characters of a witness that still fit behind an underline."""


def render(report: Report, *, colour: bool = False, links: bool = False, columns: int = 100) -> str:
    """The report for a person at a terminal; prose is wrapped at ``columns``."""
    style = Style(colour=colour, links=links)
    hidden = tuple(one.finding.masked for one in report.verdicts if one.finding.masked)
    shown, further = _split_alike(one for one in report.verdicts if one.status == "active")
    blocks = ["\n".join(_lines(verdict, columns, style, hidden)) for verdict in shown]
    blocks += ["\n".join(_more(findings, style)) for findings in further]
    return disarmed("\n\n".join([*blocks, summary(report)]) + "\n")


def _split_alike(verdicts: Iterable[Verdict]) -> tuple[list[Verdict], list[list[Finding]]]:
    """The findings to show in full, and the further ones by rule."""
    seen: Counter[str] = Counter()
    shown: list[Verdict] = []
    further: dict[str, list[Finding]] = {}
    for verdict in verdicts:
        rule = verdict.finding.rule
        seen[rule] += 1
        if seen[rule] <= MOST_ALIKE:
            shown.append(verdict)
        else:
            further.setdefault(rule, []).append(verdict.finding)
    return shown, list(further.values())


def _more(findings: list[Finding], style: Style) -> Iterator[str]:
    yield f"{counted(len(findings), 'more finding')} of {visible(findings[0].rule)}:"
    for finding in findings[:MOST_LINES]:
        yield f"  {place(finding.span)}: {tag(finding, style)} {visible(finding.message)}"
    if rest := len(findings[MOST_LINES:]):
        yield f"  and {rest} more; --format concise has a line for each"


def _lines(verdict: Verdict, columns: int, style: Style, hidden: tuple[Span, ...]) -> Iterator[str]:
    finding = verdict.finding
    shown, elsewhere = _split(finding)
    marks = [_primary(finding), *(Mark(related.span, "-", related.message, "34") for related in shown)]
    digits = gutter(marks)
    margin = " " * digits
    yield _header(finding, style)
    yield f"{margin}{style.paint('2', '-->')} {place(finding.span)}"
    yield margin + style.paint("2", " |")
    yield from excerpt(marks, digits, style, hidden)
    yield margin + style.paint("2", " |")
    for word, text in _remarks(verdict, elsewhere):
        yield from _wrapped(f"{margin} = {word}: ", text, columns, style)
    yield from _statements(finding, len(f"{margin} = help: "))
    yield f"{margin} = {style.paint('1', 'rule')}: rolelint rule {visible(finding.rule)}"


def _header(finding: Finding, style: Style) -> str:
    return f"{tag(finding, style)}: {style.paint('1', visible(finding.message))}"


def _primary(finding: Finding) -> Mark:
    witness = visible(finding.witness)
    told = witness in visible(finding.span.on_one_line().text) or len(witness) > LONGEST_LABEL
    return Mark(finding.span, "^", "" if told else witness, CODES[finding.severity])


def _split(finding: Finding) -> tuple[list[Related], list[Related]]:
    """Related places that can be underlined next to the finding, and those that cannot or are too many."""
    path = finding.span.source.path
    here = [related for related in finding.related if related.span.source.path == path]
    away = [related for related in finding.related if related.span.source.path != path]
    return here[:MOST_RELATED], here[MOST_RELATED:] + away


def _remarks(verdict: Verdict, elsewhere: Iterable[Related]) -> Iterator[tuple[str, str]]:
    """What stands below the source: a word and a text each."""
    finding = verdict.finding
    if finding.owner and finding.owner.construct:
        yield "construct", finding.owner.construct
    places = list(elsewhere)
    for related in places[:MOST_RELATED]:
        yield "note", f"{place(related.span)} {related.message}"
    if more := len(places[MOST_RELATED:]):
        yield "note", f"and {counted(more, 'more place')}; see --format json"
    if finding.assumptions:
        yield "note", f"assuming that {' and '.join(finding.assumptions)}"
    if finding.also:
        yield "note", f"also: {', '.join(finding.also)}"
    if verdict.reason:
        yield "note", verdict.reason
    if finding.suggestion and finding.suggestion.text:
        yield "help", finding.suggestion.text
    elif finding.help:
        yield "help", finding.help


def _wrapped(start: str, text: str, columns: int, style: Style) -> Iterator[str]:
    from textwrap import wrap  # noqa: PLC0415  a clean run wraps nothing

    room = max(columns - len(start), 20)
    first, *rest = wrap(one_line(text), room, break_long_words=False, break_on_hyphens=False) or [""]
    margin, word = start.rstrip(": ").rsplit(" ", 1)
    yield f"{margin} {style.paint('1', word)}: {first}".rstrip()
    yield from (" " * len(start) + line for line in rest)


def _statements(finding: Finding, indent: int) -> Iterator[str]:
    if not finding.suggestion or not finding.suggestion.statements:
        return
    from rolelint.fixes.render import dialect, render  # noqa: PLC0415  only when there is something to write

    text = render(finding.suggestion.statements, dialect(finding.span.source.text), indent)
    yield from (visible(line) for line in text.split("\n"))
