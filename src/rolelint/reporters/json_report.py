"""What can a program rely on? Version 1 of the JSON report, written field by field; its schema is ``schema/report-v1.json``."""

from json import dumps

from rolelint import __version__
from rolelint.engine.findings import Finding, Owner, Related, Severity, Suggestion
from rolelint.fixes.edits import Edit, Fix, fixes
from rolelint.syntax.source import Position, Span
from rolelint.verdicts.fingerprint import fingerprints
from rolelint.verdicts.report import Report

VERSION = 1
"""Grows when a key goes, is renamed or changes its type; new keys do not count."""


def render(report: Report) -> str:
    """The report as one JSON object in ASCII, so that no terminal and no encoding can spoil it."""
    from rolelint.catalogue.meta import meta  # noqa: PLC0415  no other format needs the catalogue here

    known = meta()
    findings = list(report.active)
    content = {
        "version": VERSION,
        "tool": {
            "name": "rolelint",
            "version": __version__,
            "catalogue": {"actions": known.actions_date, "policies": known.policies_date},
        },
        "summary": _summary(report, findings),
        "findings": [as_data(*pair) for pair in zip(findings, fingerprints(findings), strict=True)],
    }
    return dumps(content, indent=2) + "\n"


def _summary(report: Report, findings: list[Finding]) -> dict[str, object]:
    return {
        "templates": report.templates,
        "principals": report.principals,
        "statements": report.statements,
        "unevaluated": len(report.unjudged),
        "suppressed": report.suppressed,
        "baselined": sum(verdict.status == "baselined" for verdict in report.verdicts),
        "severities": {str(one): sum(finding.severity is one for finding in findings) for one in reversed(Severity)},
        "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in report.skipped],
    }


def as_data(finding: Finding, fingerprint: str) -> dict[str, object]:
    """One finding, with the fingerprint that tells it from equal ones of the report."""
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "certainty": finding.certainty.name.lower(),
        "message": finding.message,
        "path": finding.span.source.path,
        **_extent(finding.span),
        "pointer": finding.pointer,
        "resource": _resource(finding.owner) if finding.owner else None,
        "also": list(finding.also),
        "related": [_related(related) for related in finding.related],
        "assumptions": list(finding.assumptions),
        "help": finding.help,
        "suggestion": _suggestion(finding.suggestion) if finding.suggestion else None,
        "fixes": [_fix(fix) for fix in fixes(finding)],
        "fingerprint": fingerprint,
    }


def _resource(owner: Owner) -> dict[str, object]:
    return {"id": owner.id, "type": owner.type, "construct": owner.construct or None}


def _suggestion(suggestion: Suggestion) -> dict[str, object]:
    return {"text": suggestion.text, "statements": list(suggestion.statements)}


def _fix(fix: Fix) -> dict[str, object]:
    return {"message": fix.message, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: Edit) -> dict[str, object]:
    return {"path": edit.span.source.path, **_extent(edit.span), "text": edit.text}


def _related(related: Related) -> dict[str, object]:
    return {"message": related.message, "path": related.span.source.path, **_extent(related.span)}


def _extent(span: Span) -> dict[str, object]:
    line = span.on_one_line()
    return {"start": _position(line.first), "end": _position(line.last)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
