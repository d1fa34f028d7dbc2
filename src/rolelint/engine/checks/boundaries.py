"""Is there a ceiling over what an identity may be given, and is it one?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import PrincipalSubject
from rolelint.iam.access import Access, Attachment
from rolelint.iam.conditions import restricts
from rolelint.iam.patterns import CERTAIN, Answer
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.template.values import When

_BOUNDED = ("AWS::IAM::Role", "AWS::IAM::User")


@says("kind")
def no_boundary(subject: PrincipalSubject) -> Iterator[Hit]:
    """A role or user without a permissions boundary."""
    resource = subject.principal.resource
    if resource.type in _BOUNDED and not _has(resource.properties, "PermissionsBoundary"):
        yield Hit(resource.key.span, facts={"kind": resource.type.rpartition(":")[2].lower()})


def _has(properties: object, name: str) -> bool:
    if not isinstance(properties, Mapping):
        return False
    return any(entry.key.text == name or entry.key.text.startswith("Fn::") for entry in properties.entries)


@says("boundary", "found")
def broad_boundary(subject: PrincipalSubject) -> Iterator[Hit]:
    """A permissions boundary that everything fits under."""
    for boundary in subject.principal.boundaries:
        for answer, found, when in _broad(boundary, subject.access):
            yield Hit(boundary.text.span, answer, {"boundary": str(boundary.text), "found": found}, when)
            return


def _broad(boundary: Attachment, access: Access) -> Iterator[tuple[Answer, str, When]]:
    for named in boundary.aws_managed:
        if named.name == "AdministratorAccess":
            yield Answer(named.certainty, named.assumptions), "AdministratorAccess allows everything", boundary.when
    for policy in access.policies:
        statements = policy.document.statements
        own = policy.resource is not None and policy.resource.id == boundary.target and policy.kind == "identity_policy"
        denies = bool(policy.document.unknown) or any(one.effect == "Deny" for one in statements)
        if own and boundary.target and not denies and any(map(_is_everything, statements)):
            yield CERTAIN, f"{boundary.target} allows everything and denies nothing", boundary.when


def _is_everything(statement: Statement) -> bool:
    if not statement.allows or statement.not_actions or statement.not_resources or statement.when:
        return False
    free = not any(restricts(one) for one in statement.conditions)
    every = any(one.text.literal in ("*", "*:*") for one in statement.actions)
    return free and every and any(one.text.literal == "*" for one in statement.resources)
