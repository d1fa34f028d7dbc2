"""Does a statement name things that exist?"""

from collections.abc import Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.meta import meta
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.statements import Pattern

_MOST_HINTS = 2
_OPERATIONS = {
    "bedrock:converse": ("bedrock:InvokeModel",),
    "bedrock:conversestream": ("bedrock:InvokeModelWithResponseStream",),
    "dynamodb:createitem": ("dynamodb:PutItem",),
    "dynamodb:executestatement": ("dynamodb:PartiQLSelect",),
    "dynamodb:transactgetitems": ("dynamodb:GetItem",),
    "dynamodb:transactwriteitems": ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
    "lambda:invoke": ("lambda:InvokeFunction",),
    "s3:completemultipartupload": ("s3:PutObject",),
    "s3:copyobject": ("s3:GetObject", "s3:PutObject"),
    "s3:createmultipartupload": ("s3:PutObject",),
    "s3:deletebucketencryption": ("s3:PutEncryptionConfiguration",),
    "s3:deleteobjects": ("s3:DeleteObject",),
    "s3:getbucketencryption": ("s3:GetEncryptionConfiguration",),
    "s3:getbucketlifecycleconfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:headbucket": ("s3:ListBucket",),
    "s3:headobject": ("s3:GetObject",),
    "s3:listbuckets": ("s3:ListAllMyBuckets",),
    "s3:listmultipartuploads": ("s3:ListBucketMultipartUploads",),
    "s3:listobjects": ("s3:ListBucket",),
    "s3:listobjectsv2": ("s3:ListBucket",),
    "s3:listobjectversions": ("s3:ListBucketVersions",),
    "s3:listparts": ("s3:ListMultipartUploadParts",),
    "s3:putbucketencryption": ("s3:PutEncryptionConfiguration",),
    "s3:putbucketlifecycleconfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:selectobjectcontent": ("s3:GetObject",),
    "s3:setbucketencryption": ("s3:PutEncryptionConfiguration",),
    "s3:uploadpart": ("s3:PutObject",),
}
"""Operations of APIs whose permission has another name, and that name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""


def _unmatched(subject: StatementSubject) -> Iterator[tuple[Pattern, str]]:
    """The actions that match nothing in the catalogue. Those that SAM writes for a policy template are not the author's."""
    for pattern in subject.statement.actions:
        text = pattern.text.literal
        if text and text != "*" and text in pattern.span.text and not catalogue.expand(text):
            yield pattern, text


@says("actions", "date", "hint", "effect")
def unknown_action(subject: StatementSubject) -> Iterator[Hit]:
    """An action that AWS does not list."""
    found = [(pattern, text) for pattern, text in _unmatched(subject) if not catalogue.is_retired(text)]
    if found:
        first, text = found[0]
        close = _meant(text)
        facts = {
            "actions": listed(list(dict.fromkeys(text for _, text in found))),
            "date": meta().actions_date,
            "hint": f" (did you mean {_either(close)}?)" if close else "",
            "effect": _effect(subject),
        }
        yield Hit(first.span, facts=facts, when=first.when, about=frozenset(text for _, text in found))


def _meant(text: str) -> tuple[str, ...]:
    """The actions that an unknown name may stand for: those of its own service, as far as there are any."""
    known = _OPERATIONS.get(text.lower())
    if known:
        return known
    close = catalogue.similar(text) if not set(text) & set("*?") else ()
    own = tuple(one for one in close if one.startswith(f"{text.partition(':')[0].lower()}:"))
    return (own or close)[:_MOST_HINTS]


def _either(names: tuple[str, ...]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _effect(subject: StatementSubject) -> str:
    statement = subject.statement
    if statement.not_actions:
        return "excludes"
    return "allows" if statement.allows else "denies"


@says("actions", "date")
def retired_action(subject: StatementSubject) -> Iterator[Hit]:
    """An action of something that AWS has shut down."""
    found = [(pattern, text) for pattern, text in _unmatched(subject) if catalogue.is_retired(text)]
    if found:
        written = list(dict.fromkeys(text for _, text in found))
        facts = {"actions": listed(written), "date": catalogue.last_seen(written[0]) or ""}
        yield Hit(found[0][0].span, facts=facts, when=found[0][0].when, about=frozenset(written))
