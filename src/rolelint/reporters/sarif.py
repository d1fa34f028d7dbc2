"""What does code scanning accept? SARIF 2.1.0 within GitHub's rules and limits, one run, nothing of this machine in it.

Excused findings are left out, because GitHub opens alerts for suppressed results too. A finding that is only possible has
the level ``note`` and says so first: the rank of a rule, ``security-severity``, cannot differ between its results.
"""

from collections.abc import Iterable, Iterator
from json import dumps
from os import fsencode
from urllib.parse import quote

from rolelint import __version__
from rolelint.engine.findings import Finding, Related
from rolelint.fixes.edits import Edit, Fix, fixes
from rolelint.reporters.line_hash import line_hashes
from rolelint.reporters.sarif_rules import descriptor
from rolelint.reporters.summary import counted, not_judged, skipped
from rolelint.reporters.terminal import visible
from rolelint.reporters.wording import level, sentence
from rolelint.syntax.source import Source, Span
from rolelint.tuples import NamedTuple
from rolelint.verdicts.fingerprint import fingerprints
from rolelint.verdicts.report import Report

MOST_RESULTS = 5000
"""Results of a run that GitHub keeps."""

MOST_RELATED = 100
"""Locations of a result that GitHub keeps."""

LONGEST_SNIPPET = 200
"""Characters of source that are quoted; what is longer can be read in the file."""

_ROOT = "%SRCROOT%"


class _Named(NamedTuple):
    """A finding with its fingerprint."""

    finding: Finding
    fingerprint: str


def render(report: Report, *, most: int = MOST_RESULTS) -> str:
    """The report as a SARIF log in ASCII. Of more than ``most`` findings the worst are kept, in the report's order."""
    findings = list(report.active)
    named = [_Named(*pair) for pair in zip(findings, fingerprints(findings), strict=True)]
    kept = _worst(named, most)
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(report)},
                "automationDetails": {"id": "rolelint/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The directory that rolelint was run in."}}},
                "invocations": [_invocation(report, len(named) - len(kept))],
                "results": list(_results(report, kept)),
            }
        ],
    }
    return dumps(log, indent=2) + "\n"


def _driver(report: Report) -> dict[str, object]:
    return {
        "name": "rolelint",
        "semanticVersion": __version__,
        "version": __version__,
        "informationUri": "https://github.com/rolelint/rolelint",
        "rules": [descriptor(rule, report.page(rule.name)) for rule in report.rules],
    }


def _worst(named: list[_Named], most: int) -> list[_Named]:
    if len(named) <= most:
        return named
    ranks = [(one.finding.severity, one.finding.certainty) for one in named]
    kept = sorted(range(len(named)), key=lambda index: ranks[index], reverse=True)[:most]
    return [named[index] for index in sorted(kept)]


def _invocation(report: Report, left_out: int) -> dict[str, object]:
    notes = [_notification("note", text) for text in (skipped(report), not_judged(report)) if text]
    if left_out:
        notes.append(_notification("warning", f"{counted(left_out, 'finding')} of the least severe left out."))
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _notification(level: str, text: str) -> dict[str, object]:
    return {"level": level, "message": {"text": text}}


def _results(report: Report, named: list[_Named]) -> Iterator[dict[str, object]]:
    index = {rule.name: number for number, rule in enumerate(report.rules)}
    hashes = _hashes(one.finding.span for one in named)
    for finding, fingerprint in named:
        line = hashes[finding.span.source][finding.span.first.line]
        yield {
            "ruleId": finding.rule,
            **({"ruleIndex": index[finding.rule]} if finding.rule in index else {}),
            "level": level(finding),
            "message": {"text": f"{_text(sentence(finding))}."},
            "locations": [_location(finding)],
            **_related(finding.related),
            **_fixes(finding),
            "partialFingerprints": {"primaryLocationLineHash": line, "rolelintFingerprint/v1": fingerprint},
            "properties": {"certainty": finding.certainty.name.lower(), "also": list(finding.also)},
        }


def _hashes(spans: Iterable[Span]) -> dict[Source, dict[int, str]]:
    wanted: dict[Source, set[int]] = {}
    for span in spans:
        wanted.setdefault(span.source, set()).add(span.first.line)
    return {source: line_hashes(source.text, lines) for source, lines in wanted.items()}


def _text(text: str) -> str:
    r"""Words of a message; ``[text](target)`` would be a link there, and ``\]`` ends no link text."""
    return visible(text).replace("](", "\\](")


def _location(finding: Finding) -> dict[str, object]:
    location: dict[str, object] = {"physicalLocation": _place(finding.span)}
    if finding.owner:
        name = visible(finding.owner.id)
        location["logicalLocations"] = [
            {"name": name, "fullyQualifiedName": visible(finding.pointer) or name, "kind": "resource"}
        ]
    return location


def _related(related: tuple[Related, ...]) -> dict[str, object]:
    places = [
        {"id": number, "physicalLocation": _place(one.span), "message": {"text": _text(one.message) or "Related place"}}
        for number, one in enumerate(related[:MOST_RELATED], start=1)
    ]
    return {"relatedLocations": places} if places else {}


def _fixes(finding: Finding) -> dict[str, object]:
    offered = [_fix(fix) for fix in fixes(finding)]
    return {"fixes": offered} if offered else {}


def _fix(fix: Fix) -> dict[str, object]:
    changes = [{"artifactLocation": _artifact(edit.span.source.path), "replacements": [_replacement(edit)]} for edit in fix.edits]
    return {"description": {"text": f"{_text(fix.message)}."}, "artifactChanges": changes}


def _replacement(edit: Edit) -> dict[str, object]:
    return {"deletedRegion": _extent(edit.span), "insertedContent": {"text": edit.text}}


def _place(span: Span) -> dict[str, object]:
    return {"artifactLocation": _artifact(span.source.path), "region": _region(span)}


def _region(span: Span) -> dict[str, object]:
    line = span.on_one_line()
    snippet = {"snippet": {"text": line.text}} if 0 < len(line.text) <= LONGEST_SNIPPET else {}
    return {**_extent(line), **snippet}


def _extent(line: Span) -> dict[str, object]:
    first, last = line.first, line.last
    return {"startLine": first.line, "startColumn": first.column, "endLine": last.line, "endColumn": last.column}


def _artifact(path: str) -> dict[str, str]:
    # A file's name is bytes: the ones that are not UTF-8 are encoded as they are.
    address = quote(fsencode(path))
    if path.startswith("/"):
        return {"uri": f"file://{address}"}
    return {"uri": address.removeprefix("./"), "uriBaseId": _ROOT}
