"""Which findings were accepted before? A file that lists them, and how a report is held against it.

An entry has no line numbers: it is the fingerprint of a finding, which survives moves, and what the statement gave, so that
a statement that comes to give more is found again. The file is sorted, one entry a line, and can be read in a diff.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rolelint.engine.findings import Finding, Stated
from rolelint.tuples import NamedTuple
from rolelint.verdicts.fingerprint import fingerprint
from rolelint.verdicts.report import Report, Verdict
from rolelint.verdicts.widening import added

VERSION = 1
_TEXTS = ("path", "resource", "rule", "certainty", "fingerprint")
_LISTS = ("actions", "resources", "principals", "conditions")
_NOTHING = Stated("", (), (), (), ())


class BaselineError(Exception):
    """A file is no baseline of this version; the message says why."""


class Entry(NamedTuple):
    """An accepted finding: where it was, its fingerprint, and what its statement gave, if it is about one (else empty)."""

    path: str
    resource: str
    rule: str
    certainty: str
    fingerprint: str
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


def entries_of(report: Report) -> list[Entry]:
    """The findings of a report that stand, as entries of a baseline, sorted."""
    return sorted(map(_entry, report.active))


class Accepted(NamedTuple):
    """A report in which findings that were accepted before are baselined, and the entries that accept nothing."""

    report: Report
    left: tuple[Entry, ...]


def accept(report: Report, entries: Iterable[Entry], where: str) -> Accepted:
    """Hold a report against entries of which each accepts one finding; ``where`` is where they stand, as words for the reason.

    A finding whose statement gives more than its entry says stands, and its reason says what is new.
    """
    left: dict[str, list[Entry]] = {}
    for entry in entries:
        left.setdefault(entry.fingerprint, []).append(entry)
    verdicts = list(report.verdicts)
    stand = {number: _entry(verdict.finding) for number, verdict in enumerate(verdicts) if verdict.status == "active"}
    # Two statements may have one fingerprint: each takes the entry that is exactly its own before any that says more.
    for exact in (True, False):
        for number, entry in list(stand.items()):
            known = left.get(entry.fingerprint, [])
            match = next((one for one in known if one == entry or not (exact or any(_more(entry, one)))), None)
            if match:
                known.remove(match)
                del stand[number]
                verdicts[number] = Verdict(verdicts[number].finding, "baselined", where)
    for number, entry in stand.items():
        for nearest in left.get(entry.fingerprint, [])[:1]:
            verdicts[number] = verdicts[number]._replace(reason=f"{where}, but without {', '.join(_more(entry, nearest))}")
    rest = tuple(sorted(one for found in left.values() for one in found))
    return Accepted(report._replace(verdicts=tuple(verdicts)), rest)


def stale(accepted: Accepted, paths: frozenset[str]) -> list[Entry]:
    """The entries for some files whose finding is gone, sorted; where the rule did not run, nobody can tell."""
    ran = {rule.name for rule in accepted.report.rules}
    there = {fingerprint(finding) for finding in accepted.report.active}  # with more than was accepted
    return [one for one in accepted.left if one.path in paths and one.rule in ran and one.fingerprint not in there]


def shrunk(accepted: Accepted, paths: frozenset[str]) -> list[Entry]:
    """What is left of the entries: those of what is gone are not, and others accept no more than there is now."""
    now = [_entry(verdict.finding) for verdict in accepted.report.verdicts if verdict.status == "baselined"]
    return sorted([*now, *(Counter(accepted.left) - Counter(stale(accepted, paths))).elements()])


def grown(accepted: Accepted, paths: frozenset[str]) -> list[Entry]:
    """What is left of the entries, and new ones for all findings that stand."""
    new = entries_of(accepted.report)
    names = {entry.fingerprint for entry in new}
    replaced = Counter(entry for entry in accepted.left if entry.fingerprint in names)
    return sorted([*(Counter(shrunk(accepted, paths)) - replaced).elements(), *new])


def read_baseline(text: str) -> list[Entry]:
    """The entries in the text of a baseline.

    Raises:
        BaselineError: it is not one.

    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BaselineError("it is not JSON") from error
    version = data.get("version") if isinstance(data, dict) else None
    if version != VERSION:
        raise BaselineError("it is no baseline of rolelint" if version is None else f"its version is not {VERSION}")
    try:
        return [_from_data(one) for one in data["findings"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise BaselineError("an entry has not the form that rolelint writes") from error


def write_baseline(entries: Iterable[Entry]) -> str:
    """The text of a baseline: sorted, in ASCII, one entry a line."""
    lines = ",\n".join(f"    {json.dumps(_data(one))}" for one in sorted(entries))
    return f'{{\n  "version": {VERSION},\n  "findings": [{chr(10) + lines + chr(10) + "  " if lines else ""}]\n}}\n'


def _entry(finding: Finding) -> Entry:
    owner = finding.owner.id if finding.owner else ""
    statement = finding.statement or _NOTHING
    certainty = finding.certainty.name.lower()
    return Entry(finding.span.source.path, owner, finding.rule, certainty, fingerprint(finding), *statement[1:])


def _more(entry: Entry, accepted: Entry) -> list[str]:
    """What an entry gives beyond an accepted one of the same fingerprint."""
    surer = ["being certain"] if accepted.certainty == "possible" != entry.certainty else []
    return [*surer, *added(_stated(entry), _stated(accepted))]


def _stated(entry: Entry) -> Stated:
    return Stated("", entry.actions, entry.resources, entry.principals, entry.conditions)


def _data(entry: Entry) -> dict[str, object]:
    return {key: value for key, value in entry._asdict().items() if value}


def _from_data(data: dict[str, Any]) -> Entry:
    texts = [data.get(key, "") for key in _TEXTS]
    lists = [data.get(key, []) for key in _LISTS]
    inside = [one for each in lists for one in each]
    if not all(isinstance(one, str) for one in (*texts, *inside)) or not all(isinstance(one, list) for one in lists):
        raise TypeError
    return Entry(*texts, *map(tuple, lists))
