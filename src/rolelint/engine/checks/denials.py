"""Does the policy of a resource deny what no grant elsewhere may allow? Plain HTTP to a bucket, a secret to anybody else.

Only a Deny overrules what the policies of identities allow:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
"""

from collections.abc import Callable, Iterator

from rolelint.engine.checks.opened import type_of
from rolelint.engine.checks.strangers import keeps_out_strangers
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.elements import Condition
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.source import Span


@says()
def plain_http(subject: StatementSubject) -> Iterator[Hit]:
    """No statement of a bucket's policy denies requests without TLS."""
    if type_of(subject) == "AWS::S3::BucketPolicy":
        yield from _without(subject, _denies_plain_http)


@says()
def other_principals(subject: StatementSubject) -> Iterator[Hit]:
    """No statement of a secret's policy denies everybody but chosen callers."""
    if type_of(subject) == "AWS::SecretsManager::ResourcePolicy":
        yield from _without(subject, keeps_out_strangers)


def _without(subject: StatementSubject, wanted: Callable[[Statement], bool]) -> Iterator[Hit]:
    """One hit for a document none of whose Deny statements is wanted; none where some of it could not be read."""
    document = subject.policy.document
    if document.unknown or any(one.unknown for one in document.statements) or subject.statement is not document.statements[0]:
        return
    if not any(one.effect == "Deny" and wanted(one) for one in document.statements):
        yield Hit(_heading(subject), when=document.when)


def _denies_plain_http(deny: Statement) -> bool:
    everybody = any(principal.text.literal == "*" for principal in deny.principals)
    return everybody and any(map(_is_plain_http, deny.conditions))


def _is_plain_http(condition: Condition) -> bool:
    return condition.name == "aws:securetransport" and any(
        (one.text.literal or "").lower() == "false" for one in condition.values
    )


def _heading(subject: StatementSubject) -> Span:
    """The word Statement of a document, or the document where it is text."""
    node = subject.policy.document.node
    entry = node.entry("Statement") if isinstance(node, Mapping) else None
    return entry.key.span if entry else node.span
