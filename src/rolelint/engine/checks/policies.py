"""Which version of the policy language is a policy written in, and does it read the policy as its author does?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.syntax.source import Span
from rolelint.template.values import Literal, Text

_CURRENT = "2012-10-17"
_OLD = "2008-10-17"
_VARIABLE = compile_pattern(r"\$\{(?:\*|\?|\$|[A-Za-z0-9-]+:[^{}]+)\}")


@says("version")
def invalid_version(subject: StatementSubject) -> Iterator[Hit]:
    """A policy language version that does not exist."""
    found = _version(subject)
    if found and found[0] not in (_CURRENT, _OLD, "") and "${" not in found[0]:
        yield Hit(found[1], facts={"version": found[0]})


@says("version")
def old_version(subject: StatementSubject) -> Iterator[Hit]:
    """No version, which stands for the old one, or the old one itself."""
    found = _version(subject)
    if found and found[0] in ("", _OLD):
        yield Hit(found[1], facts={"version": f"Version {_OLD}" if found[0] else "no Version"})


@says("version", "variable")
def variable_in_old_version(subject: StatementSubject) -> Iterator[Hit]:
    """A policy variable where the policy's version does not know variables."""
    found = _version(subject)
    if not found or found[0] not in ("", _OLD):
        return
    for statement in subject.policy.document.statements:
        for text in _texts(statement):
            for piece in text.pieces:
                variable = _VARIABLE.search(piece.text) if isinstance(piece, Literal) else None
                if variable:
                    version = f"Version {_OLD}" if found[0] else "no Version"
                    yield Hit(text.span, facts={"version": version, "variable": variable[0]}, when=statement.when)
                    return


def _texts(statement: Statement) -> Iterator[Text]:
    yield from (pattern.text for pattern in statement.resources)
    yield from (value.text for condition in statement.conditions for value in condition.values)


def _version(subject: StatementSubject) -> tuple[str, Span] | None:
    """The version of a document as written, empty when there is none, and its place; asked once a document.

    None when it is not known, and for documents that SAM writes, or a service around the statement that it is given.
    """
    document, node, place = subject.policy.document, subject.policy.document.node, subject.policy.place
    if not document.statements or subject.statement is not document.statements[0] or not isinstance(node, Mapping):
        return None
    if place and place.row.shape != "document":
        return None
    entry, statement = node.entry("Version"), node.entry("Statement")
    if statement is None or any(one.key.text.startswith("Fn::") for one in node.entries):
        return None
    if entry is None:
        return "", statement.key.span
    return (document.version, entry.value.span) if document.version else None
