"""What can a rule be asked about? A statement, a trust statement, an attachment, a principal or a whole template."""

from collections.abc import Iterator
from typing import TypeAlias

from rolelint.engine.findings import Owner, Related
from rolelint.engine.trusted import NOBODY, Trusted
from rolelint.iam.access import Access, Attachment, AwsManaged, Policy, Principal
from rolelint.iam.denials import Denial
from rolelint.iam.documents import less
from rolelint.iam.effective import given_by, is_left, statements_of
from rolelint.iam.holdings import kind_by_content
from rolelint.iam.patterns import Answer
from rolelint.iam.places import attached_to
from rolelint.iam.statements import Statement
from rolelint.template.evaluate import exists, reachable
from rolelint.template.values import both
from rolelint.tuples import NamedTuple

_MOST_NAMES = 3
_SEVERAL = 2
_BARE = {"trust_policy": "the role with this policy", "resource_policy": "the resource with this policy"}
"""Who a statement of a document in a file of its own is about."""
_DOCUMENTS = {
    "statement": ("identity_policy",),
    "trust": ("trust_policy",),
    "resource-policy": ("resource_policy",),
    "grant": ("grant",),
    "inbound": ("trust_policy", "resource_policy", "grant"),
    "endpoint-policy": ("endpoint_policy",),
    "any-statement": (
        "identity_policy",
        "trust_policy",
        "resource_policy",
        "endpoint_policy",
        "session_policy",
        "org_policy",
    ),
}
"""The kinds of policies whose statements a subject is about."""


class StatementSubject(NamedTuple):
    """A statement of a policy, and the principals that hold it. Trust statements have the role as their holder."""

    access: Access
    policy: Policy
    statement: Statement
    holders: tuple[Principal, ...]
    trusted: Trusted = NOBODY


class AttachmentSubject(NamedTuple):
    """An AWS managed policy that is attached to a principal."""

    access: Access
    attachment: Attachment
    named: AwsManaged
    holders: tuple[Principal, ...]
    given: Answer
    """How surely the holder gets what the policy allows: denials or a boundary may take all of it away."""

    def leaves(self, action: str) -> bool:
        """Whether denials and a boundary leave the holder an action that the policy allows on everything."""
        return is_left(action, self.attachment, self.access)


class PrincipalSubject(NamedTuple):
    """A role, user, group or permission set."""

    access: Access
    principal: Principal


class TemplateSubject(NamedTuple):
    """All of a template."""

    access: Access
    trusted: Trusted = NOBODY


Subject: TypeAlias = StatementSubject | AttachmentSubject | PrincipalSubject | TemplateSubject


def subjects(access: Access, kind: str, trusted: Trusted = NOBODY) -> Iterator[Subject]:
    """The subjects of a kind, in the order of the template."""
    match kind:
        case _ if kind in _DOCUMENTS:
            yield from _statements(access, _DOCUMENTS[kind], trusted)
        case "attachment":
            for attachment in access.attachments:
                holder = access.principals.get(attachment.resource.id)
                for named in attachment.aws_managed:
                    given = given_by(attachment, named, access)
                    yield AttachmentSubject(access, attachment, named, (holder,) if holder else (), given)
        case "principal":
            for principal in access.principals.values():
                yield PrincipalSubject(access, principal)
        case "template":
            yield TemplateSubject(access, trusted)


def _statements(access: Access, kinds: tuple[str, ...], trusted: Trusted) -> Iterator[StatementSubject]:
    for policy in access.policies:
        if _kind_of(policy) in kinds:
            held_by = access.holders(policy)
            holders = tuple(one for one in held_by if _together(policy, one, access))
            if held_by and not holders:
                continue  # whoever would hold it does not exist when the policy does
            boundary = not holders and policy.resource is not None and policy.resource.id in access.boundaries
            if boundary and "trust_policy" not in kinds:
                continue  # it grants nothing, but has to be as valid as any policy
            for statement in policy.document.statements:
                yield StatementSubject(access, policy, statement, holders, trusted)


def _together(policy: Policy, holder: Principal, access: Access) -> bool:
    """Whether a policy and one of its holders can exist at once."""
    when = exists(holder.resource, access.template)
    joined = both(policy.document.when, when) if when is not None else None
    return joined is not None and (not joined or reachable(joined, access.template))


def _kind_of(policy: Policy) -> str:
    """What a policy is; in a type that nobody has described to us, by what its document says."""
    return kind_by_content(policy.document) if policy.kind == "unclassified_policy" else policy.kind


def by_what_is_denied(subject: Subject) -> Iterator[Subject]:
    """A subject as each of its holders has it: what is denied to one of them may be left to the others."""
    if not isinstance(subject, StatementSubject) or len(subject.holders) < _SEVERAL or not subject.access.denied:
        yield subject
        return
    alike: dict[tuple[Denial, ...], list[Principal]] = {}
    for holder in subject.holders:
        alike.setdefault(subject.access.denied.get(holder.id, ()), []).append(holder)
    for denied, holders in alike.items():
        yield subject._replace(statement=less(subject.statement, denied), holders=tuple(holders))


def with_holders_of(subject: Subject, other: Subject | None) -> Subject:
    """A subject as what its holders and those of another have."""
    if isinstance(subject, StatementSubject) and isinstance(other, StatementSubject):
        return other._replace(holders=(*other.holders, *subject.holders))
    return subject


def holders_of(subject: Subject) -> tuple[Principal, ...]:
    """The principals that a subject gives something to."""
    match subject:
        case StatementSubject() | AttachmentSubject():
            return subject.holders
        case PrincipalSubject():
            return (subject.principal,)
        case TemplateSubject():
            return ()


def held_beside(subject: StatementSubject) -> list[tuple[Statement, ...]]:
    """All that each holder of a statement has; what stands beside it when nobody in the template holds it."""
    if not subject.holders:
        return [subject.policy.document.statements]
    return [statements_of(holder, subject.access) for holder in subject.holders]


def owner_of(subject: Subject) -> Owner | None:
    """The resource that a finding about a subject belongs to."""
    match subject:
        case StatementSubject():
            resource = subject.policy.resource
        case AttachmentSubject():
            resource = subject.attachment.resource
        case PrincipalSubject():
            resource = subject.principal.resource
        case TemplateSubject():
            return None
    return Owner(resource.id, resource.type) if resource else None


def owner_name(subject: Subject) -> str:
    """Who may do it, or for a resource policy what it opens, as the beginning of a sentence."""
    names = [principal.id for principal in holders_of(subject)] or list(_opened(subject))
    if len(names) > _MOST_NAMES:
        names = [*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1} others"]
    if names:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    owner = owner_of(subject)
    if owner:
        return f"whoever holds {owner.id}"
    return (
        _BARE.get(subject.policy.kind, "whoever holds this policy") if isinstance(subject, StatementSubject) else "this template"
    )


def _opened(subject: Subject) -> tuple[str, ...]:
    """The resources that a resource policy or a grant opens."""
    policy = subject.policy if isinstance(subject, StatementSubject) else None
    if policy and policy.place and _kind_of(policy) in ("resource_policy", "grant", "endpoint_policy"):
        return attached_to(policy.place, subject.access.template) or (policy.place.resource.id,)
    return ()


def served(subject: Subject) -> Iterator[Related]:
    """The holders of a subject and the workloads that run as them, as places to show beside a finding."""
    owner = owner_of(subject)
    for principal in holders_of(subject):
        word = principal.resource.type.rpartition("::")[2].lower()
        users = [f"{_kind(one.type)} {one.id}" for one in (*principal.profiles, *principal.workloads)]
        message = f"this {word} gets it" if owner and owner.id != principal.id else f"this {word}"
        if users:
            message += ", used by " + " and ".join(users)
        if users or (owner and owner.id != principal.id):
            yield Related(message, principal.resource.key.span)


def _kind(type_name: str) -> str:
    """``AWS::IAM::InstanceProfile`` as people say it: instance profile."""
    word = type_name.rpartition("::")[2]
    return "".join(f" {letter.lower()}" if letter.isupper() and index else letter.lower() for index, letter in enumerate(word))
