"""How does a template say in rolelint's words what it says in another tool's?

What stands in Metadata becomes an entry of Metadata, a comment becomes comments where the findings are. A suppression is
rewritten when it excuses findings that there are; what has no equivalent, or nothing to excuse, is left and named.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from rolelint.engine.findings import Finding
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence, children
from rolelint.syntax.reader import Parsed
from rolelint.syntax.regex import pattern
from rolelint.syntax.siblings import Change, NotEditable, changed, is_flow, lines_of, place_of, without
from rolelint.syntax.source import Source, Span
from rolelint.template.template import Template
from rolelint.tuples import NamedTuple
from rolelint.verdicts.comments import texts
from rolelint.verdicts.foreign import KEYS as OTHERS
from rolelint.verdicts.foreign import Foreign, as_ours, ids_in, in_other_words
from rolelint.verdicts.metadata import NAME
from rolelint.verdicts.suppressions import ForeignIds

_PLAIN = pattern(r"[A-Za-z][\w,.()/'-]* [\w ,.()/'-]*[\w.)]")
_INDENT = "  "


class Left(NamedTuple):
    """A suppression of another tool that stays as it is: its line, whose it is and why."""

    line: int
    name: str
    reason: str


class Migration(NamedTuple):
    """A template's text in rolelint's words, how many suppressions that rewrote, and those that stay."""

    text: str
    rewritten: int
    left: tuple[Left, ...]


_Excused: TypeAlias = tuple[Foreign, list[Finding]]
"""A suppression of another tool and the findings that it excuses, at least one."""


def migrate(
    parsed: Parsed, templates: Iterable[Template], findings: Iterable[Finding], known: ForeignIds, *, keep: bool = False
) -> Migration:
    """Rewrite what other tools' suppressions in a source say of findings that stand; ``keep`` leaves them beside ours."""
    source, findings = parsed.source, list(findings)
    groups: dict[int, list[_Excused]] = {}
    left: list[Left] = []
    for foreign in in_other_words(source, parsed.root, templates):
        ours = as_ours(foreign, known)
        found = [one for one in findings if one.rule in ours.rules and ours.concerns(one)]
        if found:
            together = foreign.span.start if foreign.metadata is None else foreign.metadata.span.start
            groups.setdefault(together, []).append((foreign, found))
        else:
            left.append(_left(foreign, "rolelint finds nothing there" if ours.rules else "no rule of rolelint is its equivalent"))
    changes: list[Change] = []
    rewritten = 0
    excused: set[tuple[str, int]] = set()
    for group in sorted(groups.values(), key=lambda group: group[0][0].metadata is None):
        try:
            changes += _changes(parsed, group, frozenset(excused), keep=keep)
        except NotEditable as error:
            left += [_left(foreign, str(error)) for foreign, _ in group]
            continue
        rewritten += len(group)
        excused |= {(one.rule, one.span.start) for _, found in group for one in found}
    return Migration(changed(source.text, changes), rewritten, tuple(sorted(left)))


def is_faithful(before: Node, after: Node) -> bool:
    """Whether two trees say the same but for what suppressions say in Metadata."""
    return _said(before) == _said(after)


def _said(node: Node, under: str = "") -> object:
    match node:
        case Scalar():
            return (node.tag, node.text, node.plain)
        case Sequence():
            return (node.tag, [_said(item) for item in node.items])
        case Mapping():
            left_out = OTHERS | {NAME} if under == "Metadata" else frozenset[str]()
            entries = [one for one in node.entries if one.key.text not in left_out]
            return (node.tag, {one.key.text: _said(one.value, one.key.text) for one in entries})


def _left(foreign: Foreign, reason: str) -> Left:
    return Left(foreign.span.first.line, f"{foreign.tool} {foreign.id}", reason)


def _why(*excuses: Foreign) -> str:
    """The reason for our form, on one line; a number sign would end it in a comment."""
    given = dict.fromkeys(" ".join(one.reason.split()).replace(" # ", " ") for one in excuses if one.reason)
    return "; ".join(given) or f"{excuses[0].tool} {excuses[0].id}"


def _changes(parsed: Parsed, group: list[_Excused], excused: frozenset[tuple[str, int]], *, keep: bool) -> list[Change]:
    """What rewrites the suppressions in one Metadata or one comment; ``excused`` are rule and place of what already is."""
    if group[0][0].metadata is not None:
        return list(_in_metadata(parsed.source, group, keep=keep))
    group = [(foreign, [one for one in found if (one.rule, one.span.start) not in excused]) for foreign, found in group]
    return list(_in_comments(parsed.source, parsed.root, group, keep=keep))


def _in_comments(source: Source, root: Node | None, group: list[_Excused], *, keep: bool) -> Iterator[Change]:
    """Comments above the lines with findings, for one comment that names the ids of a group."""
    comment = group[0][0].span
    by_line: dict[int, dict[str, None]] = {}
    for _, findings in group:
        for finding in findings:
            by_line.setdefault(finding.span.first.line, {})[finding.rule] = None
    scalars = list(texts(root)) if root else []
    for number, rules in by_line.items():
        start, line = source.offset(number), source.line(number)
        if any(first < start < end for first, end in scalars):
            message = "what it excuses stands in a text of several lines"
            raise NotEditable(message)
        indent = line[: len(line) - len(line.lstrip())]
        yield Change(start, start, f"{indent}# rolelint: ignore[{', '.join(rules)}] {_why(group[0][0])}{_line_end(source)}")
    if not keep:
        done = {foreign.id for foreign, _ in group}
        yield _less(source, comment, [one for one in ids_in(comment) if one not in done])


def _less(source: Source, comment: Span, ids: list[str]) -> Change:
    """A comment with no more than some ids; without any it goes, and its line with it when it holds nothing else."""
    if ids:
        return Change(comment.start, comment.end, comment.text.replace(",".join(ids_in(comment)), ",".join(ids), 1))
    line = comment.first.line
    if source.line(line).strip() == comment.text.strip():
        return Change(source.offset(line), source.offset(line + 1), "")
    before = source.text[source.offset(line) : comment.start]
    return Change(comment.start - (len(before) - len(before.rstrip())), comment.end, "")


def _in_metadata(source: Source, group: list[_Excused], *, keep: bool) -> Iterator[Change]:
    """An entry in the Metadata that holds the suppressions of a group, in place of them."""
    metadata = group[0][0].metadata
    if metadata is None or metadata.origin.text is not source.text:
        message = "it stands in a text inside the template"
        raise NotEditable(message)
    entries = [{"rule": rule, "reason": why} for rule, why in _reasons(group).items()]
    gone: set[int] = set()
    if not keep:
        yield from _taken_away(source, metadata, [foreign for foreign, _ in group], gone)
    own = metadata.entry(NAME)
    if own is not None:
        yield _added(source, own, entries)
    else:
        first = min(metadata.entries.index(foreign.entries[0]) for foreign, _ in group)
        yield _new(source, metadata, first, entries, replace=first in gone)
        gone -= {first}
    yield from without(source, metadata, gone)


def _reasons(group: list[_Excused]) -> dict[str, str]:
    """For each rule that finds something why that was accepted, in all the words there are."""
    excuses: dict[str, list[Foreign]] = {}
    for foreign, findings in group:
        for finding in findings:
            excuses.setdefault(finding.rule, []).append(foreign)
    return {rule: _why(*found) for rule, found in excuses.items()}


def _taken_away(source: Source, metadata: Mapping, done: list[Foreign], gone: set[int]) -> Iterator[Change]:
    """What takes away items, and what they leave empty; entries of Metadata itself are only noted as ``gone``."""
    lists: dict[int, list[Foreign]] = {}
    for foreign in done:
        lists.setdefault(foreign.entries[-1].key.number, []).append(foreign)
    for items in lists.values():
        way = items[0].entries
        containers: list[Node] = [metadata, *(entry.value for entry in way)]
        level, numbers = len(way), {one.number for one in items}
        while level and len(numbers) == len(list(children(containers[level]))):
            level -= 1
            parent = containers[level]
            numbers = {parent.entries.index(way[level])} if isinstance(parent, Mapping) else set()
        container = containers[level]
        if not level:
            gone |= numbers
        elif isinstance(container, Mapping | Sequence):
            yield from without(source, container, numbers)


def _new(source: Source, metadata: Mapping, number: int, entries: list[dict[str, str]], *, replace: bool) -> Change:
    """The entry ``rolelint`` in place of, or before, the entry of that number."""
    member = metadata.entries[number]
    start, end = place_of(member)
    if is_flow(metadata):
        gap = _gap(source, start)
        line = source.line(metadata.span.first.line)
        unit = _indent(gap).removeprefix(line[: len(line) - len(line.lstrip())]) or _INDENT
        value = _as_json({NAME: {"ignore": entries}}, gap, unit)[1:-1].strip()
        return Change(start, end, value) if replace else Change(start, start, f"{value},{gap or ' '}")
    first, last = lines_of(source, member)
    indent = source.text[first:start]
    lines = [f"{NAME}:", f"{_INDENT}ignore:", *(_INDENT * 2 + line for one in entries for line in _item(one))]
    return Change(first, last if replace else first, "".join(f"{indent}{line}{_line_end(source)}" for line in lines))


def _added(source: Source, own: Entry, entries: list[dict[str, str]]) -> Change:
    """More items for the list of an entry ``rolelint`` that is there."""
    ignore = own.value.get("ignore") if isinstance(own.value, Mapping) else None
    if not isinstance(ignore, Sequence) or not ignore.items:
        message = "the entry 'rolelint' beside it has another form"
        raise NotEditable(message)
    start = ignore.items[0].span.start
    if is_flow(ignore):
        gap = _gap(source, start) or " "
        return Change(start, start, "".join(f"{json.dumps(one)},{gap}" for one in entries))
    first, _ = lines_of(source, ignore.items[0])
    indent = source.text[first:start].partition("-")[0]
    return Change(first, first, "".join(f"{indent}{line}{_line_end(source)}" for one in entries for line in _item(one)))


def _item(entry: dict[str, str]) -> list[str]:
    """The lines of an entry of ``ignore`` in block style."""
    reason = entry["reason"]
    return [f"- rule: {entry['rule']}", f"{_INDENT}reason: {reason if _PLAIN.fullmatch(reason) else _quoted(reason)}"]


def _quoted(text: str) -> str:
    return json.dumps("".join(one if one.isprintable() else " " for one in text), ensure_ascii=False)


def _as_json(value: object, gap: str, unit: str) -> str:
    """A value in flow style, on lines of its own when its neighbours are."""
    line_end, indent = gap[: len(gap) - len(_indent(gap))], _indent(gap)
    if not line_end:
        return json.dumps(value)
    lines = json.dumps(value, indent=unit).split("\n")
    return (line_end + indent).join(line.removeprefix(unit) for line in lines)


def _indent(gap: str) -> str:
    return gap.lstrip("\r\n")


def _gap(source: Source, offset: int) -> str:
    """The white space before something, with the line end before it if it begins its line."""
    start = len(source.text[:offset].rstrip(" \t"))
    line_end = next((end for end in ("\r\n", "\n", "\r") if source.text.endswith(end, 0, start)), "")
    return source.text[start - len(line_end) : offset]


def _line_end(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"
