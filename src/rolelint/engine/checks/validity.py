"""Does a statement name things that exist, and do they go together so that it can ever match?"""

from collections.abc import Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.catalogue.meta import meta
from rolelint.engine.checks.grammar import is_written
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import covers, has_hole, is_hole
from rolelint.iam.grants import fits
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import Text, both

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


_UNLISTED = frozenset(
    (
        "greengrass:getdeploymentconfiguration",
        "greengrass:listthinggroupsforcoredevice",
        "iot:assumerolewithcertificate",
        "sns:receive",
    )
)
"""What the policies that AWS itself makes have, although its reference does not list it.

https://docs.aws.amazon.com/greengrass/v2/developerguide/device-auth.html
https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""


def _unmatched(subject: StatementSubject) -> Iterator[tuple[Pattern, str]]:
    """The actions that match nothing in the catalogue. Those that SAM writes for a policy template are not the author's."""
    for pattern in subject.statement.actions:
        text = pattern.text.literal
        if text and text != "*" and not catalogue.expand(text) and text.lower() not in _UNLISTED and text in pattern.span.text:
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


# -- ARNs --------------------------------------------------------------------------------------------------------------

_PARTITION = compile_pattern(r"aws(?:-[a-z]+)*")
_SERVICE = compile_pattern(r"[a-z0-9*?.-]+")
_REGION = compile_pattern(r"(?:aws-)?global|[a-z]{2,4}(?:-[a-z]+)+-\d+")
_PLACEHOLDER = compile_pattern(r"(?i).*(?:account|[<>{}$]|xxx).*|\d{1,11}|\d{13,}|\d+(?:-\d+)+")
_PSEUDO = compile_pattern(r"\$\{AWS::\w+\}")
_FIELDS = 6
_REJECTED = "IAM rejects the policy"
_MATCHES_NOTHING = "the statement matches nothing by it"
_COMPLETED = "AWS reads a star in each field that is missing"
_NAMED_BY_AWS = frozenset(("dynamodb:ListStreams", "kinesis:DescribeLimits", "kinesis:ListStreams", "ssm:DescribeParameters"))
"""Actions without resources that the policies of SAM and of the CDK have beside one: nobody can write those differently.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
"""


@says("resource", "problem", "effect")
def malformed_arn(subject: StatementSubject) -> Iterator[Hit]:
    """A resource that is no ARN, or one with a field that no ARN can have."""
    statement = subject.statement
    for pattern in statement.resources:
        found = _arn_problem(pattern.text) if is_written(statement) else None
        if found:
            problem, effect = found
            facts = {"resource": str(pattern.text), "problem": problem, "effect": effect}
            yield Hit(pattern.span, facts=facts, when=pattern.when)
            return


def _arn_problem(text: Text) -> tuple[str, str] | None:
    """What is wrong with an ARN for every value of its holes, and what comes of it.

    What IAM does with an ARN that breaks off:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    shape = as_letters(text)
    if is_hole(shape[:1]) or shape.startswith(("*", "?", "{{")):
        return None
    unresolved = _PSEUDO.search(shape)
    if unresolved:
        return f"{unresolved[0]} stands there without Fn::Sub", _MATCHES_NOTHING if shape.startswith("arn:") else _REJECTED
    if not shape.startswith("arn:"):
        return None if has_hole(shape[:4]) or set(shape[:4]) & set("*?") else ("it does not begin with arn:", _REJECTED)
    parts = shape.split(":", _FIELDS - 1)
    if len(parts) < _FIELDS:
        goes_on = parts[-1].endswith("*") and "/" not in parts[-1]  # of the fields, only the last one may have a slash
        return None if goes_on or has_hole(shape) else (f"it has {len(parts)} of the six fields of an ARN", _COMPLETED)
    return _field_problem(parts)


def _field_problem(parts: list[str]) -> tuple[str, str] | None:
    _, partition, service, region, account, _ = parts
    checks = (
        (partition, _PARTITION, "partition", _REJECTED),
        (service, _SERVICE, "service", _REJECTED),
        (region, _REGION, "region", _MATCHES_NOTHING),
    )
    for value, form, field, effect in checks:
        left_open = has_hole(value) or set(value) & set("*?") or (not value and field == "region")
        if not left_open and not form.fullmatch(value):
            return f"{value!r} is no {field}" if value else f"the {field} is empty", effect
    if account and not has_hole(account) and not set(account) & set("*?") and _PLACEHOLDER.fullmatch(account):
        return f"{account!r} is no account", _MATCHES_NOTHING
    return None


@says("actions", "resources")
def unfit_resource(subject: StatementSubject) -> Iterator[Hit]:
    """An action that works on none of the resources beside it: one type of resource that fits is enough."""
    statement = subject.statement
    if not statement.allows or statement.not_actions or statement.not_resources or statement.unknown:
        return
    if not statement.resources or any(_is_open(one.text) for one in statement.resources):
        return
    shapes = [as_letters(one.text) for one in statement.resources]
    found: list[tuple[Pattern, Answer]] = []
    for pattern in statement.actions:
        text = pattern.text.literal or ""
        actions = catalogue.expand(text) if ":" in text else ()
        fit = any(fits(action, shape) for action in actions for shape in shapes)
        if actions and not fit and text in pattern.span.text:
            found.append((pattern, _sure(actions, shapes)))
    found = [
        one
        for one in found
        if one[1].certainty and not (str(one[0].text).lower().startswith("s3:list") and _is_every_bucket(shapes))
    ]
    if found:
        first, answer = max(found, key=lambda one: one[1].certainty)
        found = [one for one in found if one[1].certainty == answer.certainty]
        facts = {
            "actions": listed([str(one.text) for one, _ in found]),
            "resources": listed([str(one.text) for one in statement.resources], 2),
        }
        yield Hit(first.span, answer, facts, both(statement.when, first.when) or statement.when)


def _sure(actions: tuple[Action, ...], resources: list[str]) -> Answer:
    """How surely actions work on none of some resources: of a few, AWS lists no resource and takes one all the same."""
    own = {action.service for action in actions}
    for given in filter(None, map(fields, resources)):
        if given[2] in own and any(_is_named_after(action, given[5]) for action in actions):
            return NO
        if given[2] in own and given[4] == "*" and given[5].startswith("/"):  # so Glue's guide and its managed policy had it
            return Answer(Certainty.POSSIBLE, ("a star in an ARN ends at the next colon",))
    if all(action.scopable for action in actions) or not any((fields(one) or [""] * 3)[2] in own for one in resources):
        return CERTAIN
    if own == {"logs"} or any(action.level not in ("read", "list") for action in actions):
        return NO  # AWS's own guides name a resource for some of these, such as CodeDeploy's for lifecycle hooks
    action = next(one for one in actions if not one.scopable)
    if action.full_name in _NAMED_BY_AWS:
        return NO
    return Answer(Certainty.POSSIBLE, (f"{action.full_name} takes no resource, as AWS lists it",))


def _is_named_after(action: Action, resource: str) -> bool:
    """Whether an action makes what a resource is, and names something else only if it likes: CreateGuardrail, guardrail/*.

    Some services deny an operation without a resource under its own path, ``arn:aws:oam:…:/ListLinks``: so it is written, too.
    """
    if resource.removesuffix("*") == f"/{action.name}":
        return True
    kind = resource.partition("/")[0].partition(":")[0].replace("-", "").lower()
    return bool(kind) and action.name.lower() == f"create{kind}" and not any(use.required for use in action.resources)


def _is_open(text: Text) -> bool:
    """Whether a resource may be of any kind: it begins with a reference, or leaves the service open."""
    shape = as_letters(text)
    given = fields(shape)
    if given is None or shape == "*" or has_hole(given[2]) or set(given[2]) & set("*?") or "${" in shape:
        return True
    if given[2] == "cloudformation" and given[5].startswith("transform/"):
        return True  # change sets need them, although AWS lists no such type
    named = given[2] == "s3" and "/" in given[5]  # a bucket's ARN has no word for its type
    return not named and is_hole(given[5][:1])


def _is_every_bucket(shapes: list[str]) -> bool:
    """S3 takes ``arn:aws:s3:::*`` for what AWS lists without resources, as AWS's own examples have it."""
    return any(covers(shape.split(":", 5)[-1], "*") for shape in shapes)
