"""Is a policy of a resource about that resource? Services refuse one that speaks of anything else."""

from collections.abc import Iterator

from rolelint.engine.checks.grammar import is_written
from rolelint.engine.checks.written import entry_of
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import has_hole
from rolelint.iam.patterns import as_letters
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Text

_SERVICES = {
    "AWS::ECR::Repository": ("ecr",),
    "AWS::S3::BucketPolicy": ("s3", "s3-object-lambda"),
    "AWS::SNS::TopicPolicy": ("sns",),
    "AWS::SQS::QueuePolicy": ("sqs",),
}
"""The services whose actions a policy of a type may name; other types take any and heed their own."""


@says("text", "problem")
def elsewhere(subject: StatementSubject) -> Iterator[Hit]:
    """An action or a resource of another service, or another bucket, in the policy of a resource."""
    statement, resource = subject.statement, subject.policy.resource
    services = _SERVICES.get(resource.type) if resource else None
    if resource is None or services is None or not is_written(statement):
        return
    for pattern in statement.actions:
        service, colon, _ = (pattern.text.literal or "").lower().partition(":")
        if colon and not set(service) & set("*?$") and service not in services:
            problem = f"{resource.type} takes actions of {services[0]} only"
            yield Hit(pattern.span, facts={"text": str(pattern.text), "problem": problem}, when=pattern.when)
            return
    bucket = _bucket(subject) if resource.type == "AWS::S3::BucketPolicy" else None
    for pattern in statement.resources if not statement.not_resources else ():
        problem = _is_elsewhere(pattern, resource.type, bucket)
        if problem:
            yield Hit(pattern.span, facts={"text": str(pattern.text), "problem": problem}, when=pattern.when)
            return


def _is_elsewhere(pattern: Pattern, type_name: str, bucket: str | None) -> str:
    """Why a resource is not what a policy is for; nothing of one that is left open."""
    given, services = fields(as_letters(pattern.text)), _SERVICES[type_name]
    service = given[2] if given else ""
    if given is None or has_hole(service) or not service or set(service) & set("*?$"):
        return ""
    if service not in services:
        return f"{type_name} takes resources of {services[0]} only"
    named = given[5].partition("/")[0] if service == "s3" and pattern.text.literal else ""
    foreign = named and bucket and not set(named) & set("*?$") and named != bucket
    return f"the policy is for {bucket}" if foreign else ""


def _bucket(subject: StatementSubject) -> str | None:
    """The name of the bucket that a policy is for, or the reference to one that CloudFormation names."""
    template = subject.access.template
    properties = subject.policy.resource.properties if subject.policy.resource else None
    node = properties.get("Bucket") if isinstance(properties, Mapping) else None
    known = evaluate(node, Scope(template)) if node is not None else None
    if not isinstance(known, Text):
        return None
    made = template.resources.get(known.symbol.name) if known.symbol and known.symbol.kind == "name" else None
    unnamed = made is not None and made.type == "AWS::S3::Bucket" and entry_of(made.properties, "BucketName") is None
    return str(known) if unnamed else known.literal
