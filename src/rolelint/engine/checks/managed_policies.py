"""What does an attached AWS managed policy give away? Judged by its document, not by its name."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated, managed_policies
from rolelint.catalogue.curated import Replacement
from rolelint.catalogue.managed_policies import ManagedPolicy
from rolelint.catalogue.meta import meta
from rolelint.engine.checks.actors import acting_alone
from rolelint.engine.checks.administrators import ADMIN
from rolelint.engine.checks.phrases import has_something_to_lose, in_words, names, telling
from rolelint.engine.checks.weight import does_little
from rolelint.engine.findings import Suggestion
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import AttachmentSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields, is_star
from rolelint.iam.globs import covers
from rolelint.iam.patterns import Answer, Certainty, together
from rolelint.tuples import NamedTuple

_SERVICE_ROLES = "/service-role/"


def _hit(subject: AttachmentSubject, **facts: str) -> Hit:
    named, text = subject.named, subject.attachment.text
    answer = Answer(named.certainty, named.assumptions)
    facts["policy"] = named.name
    return Hit(text.span, answer, facts, subject.attachment.when, came_through(text), _suggestion(subject))


def _given(subject: AttachmentSubject, hit: Hit) -> Iterator[Hit]:
    """A hit about what the policy allows, as far as its holder gets that."""
    answer = together(hit.answer, subject.given)
    if answer.certainty:
        yield hit._replace(answer=answer)


@says("policy")
def allows_everything(subject: AttachmentSubject) -> Iterator[Hit]:
    """The AWS managed policy for administrators, for a holder who is left the power to give permissions."""
    if subject.named.name == "AdministratorAccess" and any(map(subject.leaves, ADMIN)):
        yield from _given(subject, _hit(subject))


@says("policy", "services", "can", "grants")
def grants_whole_service(subject: AttachmentSubject) -> Iterator[Hit]:
    """An AWS managed policy allows every action of a service on every resource."""
    policy = managed_policies.find(subject.named.name)
    if policy and not _is_for_a_service(policy):
        yield from _whole(subject, policy)


@says("policy", "services", "can", "grants")
def service_role_grants_whole_service(subject: AttachmentSubject) -> Iterator[Hit]:
    """Likewise one that AWS made for the role of a service."""
    policy = managed_policies.find(subject.named.name)
    if policy and _is_for_a_service(policy):
        yield from _whole(subject, policy, own=acting_alone(subject))


def _is_for_a_service(policy: ManagedPolicy) -> bool:
    """Whether AWS made a policy for the role of a service, which its path tells, or its name where it has no path."""
    return policy.path == _SERVICE_ROLES or policy.name.endswith("RolePolicy")


class _Gift(NamedTuple):
    """A service that a policy gives away whole, the resources as the policy has them, and the kinds that it keeps back."""

    service: str
    where: str
    kept: frozenset[str] = frozenset()


def _whole(subject: AttachmentSubject, policy: ManagedPolicy, own: frozenset[str] = frozenset()) -> Iterator[Hit]:
    """A hit for the services that a policy gives away; ``own`` are those that nobody but themselves gets."""
    gifts = [gift for gift in _given_away(policy.name) if _most_is_left(gift.service, subject)]
    if gifts:
        first = gifts[0]
        alike = [f"{gift.service}:*" for gift in gifts if gift.where == first.where]
        unkept = (one for one in catalogue.actions_of(first.service) if not any(use.type in first.kept for use in one.resources))
        given = [one for one in unkept if subject.leaves(one.full_name)]
        facts = {
            "services": listed([gift.service for gift in gifts]),
            "can": in_words(telling(given)),
            "grants": f"{listed(alike)} on {first.where}",
        }
        minor = all(gift.service in own or does_little(catalogue.actions_of(gift.service)) for gift in gifts)
        yield from _given(subject, _hit(subject, **facts)._replace(minor=minor))


def _most_is_left(service: str, subject: AttachmentSubject) -> bool:
    """Whether denials and a boundary leave more than half of a service; asked of those only who have any."""
    if not any(subject.access.denied.get(holder.id) for holder in subject.holders):
        return True
    actions = catalogue.actions_of(service)
    return 2 * sum(subject.leaves(one.full_name) for one in actions) > len(actions)


@cache
def _given_away(policy_name: str) -> tuple[_Gift, ...]:
    """The services that a policy gives away: the one that it is named after first, then those with most to lose."""
    policy = managed_policies.find(policy_name)
    gifts = {gift.service: gift for gift in _gifts(policy)} if policy else {}
    called = policy_name.lower().replace("access", "").replace("_", "")

    def order(service: str) -> tuple[bool, int, str]:
        sensitive = curated.entry("sensitive", service) or {}
        return service.replace("-", "") not in called, -len(sensitive), service

    worth = [service for service in sorted(gifts, key=order) if has_something_to_lose(service)]
    told = [service for service in worth if catalogue.resource_types(service) or curated.entry("sensitive", service)]
    return tuple(gifts[service] for service in told or worth)


def _gifts(policy: ManagedPolicy) -> Iterator[_Gift]:
    for statement in _many(policy.document.get("Statement")):
        if statement.get("Effect") == "Allow" and not statement.get("Condition"):
            kept = [_kind(one) for one in _many(statement.get("NotResource"))]
            for pattern in _many(statement.get("Action")):
                prefix, _, name = pattern.partition(":")
                resources = [one for one in _many(statement.get("Resource")) if _is_every_of(prefix, one)]
                if set(name) <= {"*"} and (resources or kept):
                    where = resources[0] if resources else f"all but {listed(kept)}"
                    yield from (_Gift(service, where, frozenset(kept)) for service in catalogue.services(prefix))
    yield from (_Gift(service, "*") for service in managed_policies.service_wide(policy))


def _is_every_of(service: str, resource: str) -> bool:
    """Whether a resource of a managed policy is ``*``, or an ARN that says the same of a service."""
    given = fields(resource)
    return given is not None and is_star(resource) and given[2] in ("*", service)


def _kind(arn: str) -> str:
    return arn.rpartition(":")[2].partition("/")[0]


@says("policy", "actions", "can")
def escalates(subject: AttachmentSubject) -> Iterator[Hit]:
    """An AWS managed policy lets its holder give itself, or take, any other permission."""
    policy = managed_policies.find(subject.named.name)
    found = list(filter(subject.leaves, _self_grants(policy.name))) if policy else []
    if found:
        known = [action for name in found if (action := catalogue.find(name))]
        known.sort(key=lambda action: "Role" not in action.name)  # the holder is most often a role
        yield from _given(subject, _hit(subject, actions=names(known), can=in_words(known[:2])))


@cache
def _self_grants(name: str) -> tuple[str, ...]:
    """The actions of a managed policy that alone widen their holder's permissions on any principal, unconditionally."""
    policy = managed_policies.find(name)
    patterns = [pattern for statement in _unconditional_stars(policy) for pattern in _many(statement.get("Action"))]
    wanted = {path.all_of[0] for path in curated.escalation_paths() if _alone(path)}
    return tuple(sorted(name for name in wanted if any(covers(pattern, name, any_case=True) for pattern in patterns)))


def _alone(path: curated.EscalationPath) -> bool:
    single = len(path.all_of) == 1 and (not path.any_of or () in path.any_of)
    return single and path.category in ("self-grant", "credential-mint", "trust-edit") and path.all_of[0].startswith("iam:")


def _unconditional_stars(policy: ManagedPolicy | None) -> Iterator[dict[str, object]]:
    for statement in _many(policy.document.get("Statement")) if policy else ():
        if statement.get("Effect") == "Allow" and not statement.get("Condition") and "*" in _many(statement.get("Resource")):
            yield statement


def _many(value: Any) -> list[Any]:  # noqa: ANN401 - a policy element: one value or a list of them
    return [] if value is None else value if isinstance(value, list) else [value]


@says("policy", "left")
def allows_all_but(subject: AttachmentSubject) -> Iterator[Hit]:
    """An AWS managed policy allows everything except a few actions."""
    policy = managed_policies.find(subject.named.name)
    for statement in _unconditional_stars(policy):
        if statement.get("NotAction"):
            left = [str(pattern) for pattern in _many(statement["NotAction"])]
            yield from _given(subject, _hit(subject, left=listed(left)))
            return


@says("policy", "date")
def retired(subject: AttachmentSubject) -> Iterator[Hit]:
    """AWS has taken the policy away: attaching it fails."""
    date = managed_policies.retired(subject.named.name)
    if date and managed_policies.find(subject.named.name) is None:
        yield _hit(subject, date=date)


@says("policy", "successor", "more")
def superseded(subject: AttachmentSubject) -> Iterator[Hit]:
    """AWS offers a newer policy for the same purpose, which allows less on every resource."""
    known = curated.replacement(subject.named.name)
    if known and known.successor and managed_policies.find(subject.named.name):
        more = _on_everything(subject.named.name) - _on_everything(known.successor)
        if more:
            told = telling([action for name in more if (action := catalogue.find(name))], len(more))
            yield from _given(subject, _hit(subject, successor=known.successor, more=names(told, 2)))


@cache
def _on_everything(policy_name: str) -> frozenset[str]:
    """The actions that a policy allows on every resource, unconditionally."""
    found = _unconditional_stars(managed_policies.find(policy_name))
    patterns = {pattern for statement in found for pattern in _many(statement.get("Action"))}
    return frozenset(action.full_name for pattern in patterns for action in catalogue.expand(pattern))


@says("policy", "problem")
def cannot_be_attached(subject: AttachmentSubject) -> Iterator[Hit]:
    """No AWS managed policy has this ARN, or it is not for attaching."""
    named = subject.named
    policy = managed_policies.find(named.name)
    if policy and named.misplaced:
        yield _hit(subject, problem=f"its ARN is {managed_policies.arn(policy)}")
    elif managed_policies.is_service_linked(named.name):
        yield _hit(subject, problem="it belongs to a service-linked role and can only be used there")
    elif policy is None and managed_policies.retired(named.name) is None:
        close = managed_policies.similar(named.name)
        date = meta().policies_date
        if close and close[0].lower() == named.name.lower():
            yield _hit(subject, problem=f"its name is {close[0]}, and IAM heeds the case")
        else:
            # AWS adds a policy every other day: that it is not in our list is no proof.
            subject = subject._replace(
                named=named._replace(
                    certainty=Certainty.POSSIBLE, assumptions=(*named.assumptions, f"AWS has added no {named.name} since {date}")
                )
            )
            hint = f"; did you mean {close[0]}?" if close else ""
            yield _hit(subject, problem=f"AWS had no managed policy of that name on {date}{hint}")


def _suggestion(subject: AttachmentSubject) -> Suggestion | None:
    """What to attach or write instead of an AWS managed policy, where that is known."""
    known = curated.replacement(subject.named.name)
    if known is None:
        return None
    statements = tuple(_plain(statement) for intent in known.intents[:1] for statement in intent.statements)
    made_by_sam = subject.attachment.resource.cause is not None
    return Suggestion(_advice(known, sam=made_by_sam), statements)


def _advice(known: Replacement, *, sam: bool) -> str:
    """Sentences, of which the last announces the statements that follow it; ``sam``: where a policy template may stand too."""
    parts = [f"AWS replaced it by {known.successor}."] if known.successor else []
    narrower = [f"{other.name} ({other.when})" for other in known.managed[:2]]
    narrower += [f"SAM's policy template {intent.sam}" for intent in known.intents[:1] if intent.sam and sam]
    if narrower:
        parts.append(f"Narrower: {'; '.join(narrower)}.")
    if known.intents:
        title = known.intents[0].title
        parts.append(f"{'Better, a' if parts else 'A'} policy of its own, to {title[:1].lower()}{title[1:]}:")
    return " ".join(parts)


def _plain(statement: curated.Statement) -> dict[str, object]:
    plain: dict[str, object] = {
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": list(statement.resources),
    }
    if statement.condition:
        plain["Condition"] = {operator: dict(keys) for operator, keys in statement.condition.items()}
    return plain
