"""Will IAM take this policy, and read it as its author does? Its version, and its size."""

from collections.abc import Iterator
from re import compile as compile_pattern

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.access import Access, Policy, Principal
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping, Node
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Choice, Fields, Items, Literal, Text, Value

_CURRENT = "2012-10-17"
_OLD = "2008-10-17"
_VARIABLE = compile_pattern(r"\$\{(?:\*|\?|\$|[A-Za-z0-9-]+:[^}]+)\}")
_MANAGED = "AWS::IAM::ManagedPolicy"
_MOST = {"AWS::IAM::Role": 10240, "AWS::IAM::User": 2048, "AWS::IAM::Group": 5120, _MANAGED: 6144}
"""Characters, white space aside: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


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

    None when it is not known, and for documents that SAM writes.
    """
    document, node = subject.policy.document, subject.policy.document.node
    if not document.statements or subject.statement is not document.statements[0] or not isinstance(node, Mapping):
        return None
    entry, statement = node.entry("Version"), node.entry("Statement")
    if statement is None or any(one.key.text.startswith("Fn::") for one in node.entries):
        return None
    if entry is None:
        return "", statement.key.span
    return (document.version, entry.value.span) if document.version else None


@says("holder", "size", "most", "what")
def too_large(subject: TemplateSubject) -> Iterator[Hit]:
    """A managed policy, or all inline policies of a principal together, have more characters than IAM takes."""
    access = subject.access
    for policy in access.policies:
        if policy.kind == "identity_policy" and policy.resource and policy.resource.type == _MANAGED:
            yield from _over(policy.resource.type, policy.resource.id, policy.resource.key.span, [policy], access)
    for principal in access.principals.values():
        if principal.resource.type in _MOST:
            yield from _over(principal.resource.type, principal.id, principal.resource.key.span, _inline(principal), access)


def _inline(principal: Principal) -> list[Policy]:
    return [one for one in principal.policies if one.resource and one.resource.type != _MANAGED]


def _over(kind: str, holder: str, span: Span, policies: list[Policy], access: Access) -> Iterator[Hit]:
    always = {id(one.document.node): one.document.node for one in policies if not one.document.when}
    size = sum(_least(node, access) for node in always.values())
    if size > _MOST[kind]:
        what = "a managed policy" if kind == _MANAGED else "the inline policies together"
        yield Hit(span, facts={"holder": holder, "size": str(size), "most": str(_MOST[kind]), "what": what})


def _least(node: Node, access: Access) -> int:
    return _size(evaluate(node, Scope(access.template)))


def _size(value: Value) -> int:
    """The fewest characters that a value has as JSON without white space; what is not known counts nothing."""
    match value:
        case Text():
            return 2 + sum(len("".join(piece.text.split())) for piece in value.pieces if isinstance(piece, Literal))
        case Fields():
            return 1 + sum(2 + _size(field.key) + _size(field.value) for field in value.fields)
        case Items():
            return 1 + sum(1 + _size(item) for item in value.items)
        case Choice():
            return min((_size(case.value) for case in value.cases), default=0)
        case _:
            return 0
