"""Is a policy of a resource about that resource? Services refuse one that speaks of anything else."""

from collections.abc import Iterator

from rolelint.engine.checks.grammar import is_written
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
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
    """An action of another service, or another bucket, in the policy of a resource."""
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
    for pattern in statement.resources if bucket else ():
        given = fields(as_letters(pattern.text))
        named = given[5].partition("/")[0] if given and given[2] == "s3" and pattern.text.literal else ""
        if named and bucket and not set(named) & set("*?$") and named != bucket:
            yield Hit(
                pattern.span, facts={"text": str(pattern.text), "problem": f"the policy is for {bucket}"}, when=pattern.when
            )
            return


def _bucket(subject: StatementSubject) -> str | None:
    """The name of the bucket that a policy is for, if the template tells it."""
    properties = subject.policy.resource.properties if subject.policy.resource else None
    node = properties.get("Bucket") if isinstance(properties, Mapping) else None
    known = evaluate(node, Scope(subject.access.template)) if node is not None else None
    return known.literal if isinstance(known, Text) else None
