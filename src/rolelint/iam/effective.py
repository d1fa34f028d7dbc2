"""What can a principal really do? What its policies allow, less what is denied, within its boundary; action by action.

Service control policies and session policies stand outside of the template: nothing is known of them here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from functools import cache
from typing import TypeAlias

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import LEVELS, Action
from rolelint.iam.access import Access, Attachment, AwsManaged, Policy, Principal
from rolelint.iam.denials import take_away
from rolelint.iam.documents import less as without
from rolelint.iam.managed import managed_statements
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty
from rolelint.iam.reach import Reach, actions_of, reached
from rolelint.iam.statements import Statement
from rolelint.template.evaluate import exists
from rolelint.template.values import When, both
from rolelint.tuples import NamedTuple

ByLevel: TypeAlias = ReadOnly[str, ReadOnly[str, tuple[str, ...]]]
"""Service to access level to action names without the service, all sorted; levels from the strongest to the weakest."""


class Risk(NamedTuple):
    """Sensitive actions of a category that a principal may use, with the most that one of them reaches."""

    category: curated.Category
    actions: tuple[Action, ...]
    broadest: Reach


# -- What is held ------------------------------------------------------------------------------------------------------


def statements_of(principal: Principal, access: Access) -> tuple[Statement, ...]:
    """All that a principal holds: its own policies, the managed ones attached to it, and those of its groups.

    What it is denied by one of them is taken away from the statements of all.
    """
    return access.once(_statements, principal.id)


def _statements(access: Access, principal_id: str) -> tuple[Statement, ...]:
    principal = access.principals[principal_id]
    own = [statement for policy in principal.policies for statement in _of(policy, principal)]
    attached = [statement for attachment in principal.attachments for statement in _attached(attachment)]
    groups = [access.principals[group] for group in principal.groups if group in access.principals]
    held = (*own, *attached, *(statement for group in groups for statement in statements_of(group, access)))
    denied = access.denied.get(principal_id, ())
    return tuple(without(statement, denied) for statement in held) if denied else held


def _of(policy: Policy, principal: Principal) -> Iterator[Statement]:
    """The statements of a policy as a principal holds it: a policy that only one branch attaches gives and denies there only."""
    resource = policy.resource.id if policy.resource else None
    whens = [one.when for one in principal.attachments if one.target is not None and one.target == resource]
    attached = min(whens, key=len, default=())
    for statement in policy.document.statements:
        when = both(statement.when, attached)
        if when is not None:
            yield statement._replace(when=when) if when != statement.when else statement


def _attached(attachment: Attachment) -> Iterator[Statement]:
    for named in attachment.aws_managed:
        if named.certainty is Certainty.CERTAIN and not named.misplaced:
            found = managed_statements(named.name, attachment.text.node)
            yield from (statement._replace(when=attachment.when) for statement in found) if attachment.when else found


def given_by(attachment: Attachment, named: AwsManaged, access: Access) -> Answer:
    """How surely an AWS managed policy gives its holder what it says: not at all when denials or a boundary leave nothing."""
    if named.misplaced:
        return NO
    holder = access.principals.get(attachment.resource.id)
    denied = access.denied.get(holder.id, ()) if holder else ()
    if denied:
        allows = [one for one in managed_statements(named.name, attachment.text.node) if one.allows]
        left = (without(one._replace(when=attachment.when), denied) for one in allows)
        if allows and not any(map(_gives_anything, left)):
            return NO
    return taken_on_trust(holder, access) if holder else CERTAIN


def is_left(action: str, attachment: Attachment, access: Access) -> bool:
    """Whether what its holder is denied leaves an action that an attached policy allows on everything."""
    denied = access.denied.get(attachment.resource.id, ())
    return not denied or not take_away(denied, action, ("*",), attachment.when)


def _gives_anything(statement: Statement) -> bool:
    return statement.not_actions or any(statement.gives(str(pattern.text)) for pattern in statement.actions)


def taken_on_trust(principal: Principal, access: Access) -> Answer:
    """How surely a principal may do what its policies allow: possibly, where it has a boundary that nobody can read here."""
    found = dict(_boundaries(principal, access))
    opposites = (tuple(one._replace(holds=not one.holds) for one in when) for when in found if len(when) == 1)
    if (() not in found and not any(when in found for when in opposites)) or boundary_of(principal, access) is not None:
        return CERTAIN
    return Answer(Certainty.POSSIBLE, tuple(f"the boundary {one.text} allows it" for one in principal.boundaries))


def _boundaries(principal: Principal, access: Access) -> Iterator[tuple[When, Attachment]]:
    """The boundaries of a principal, each with what must hold for it when the principal exists."""
    own = exists(principal.resource, access.template) or ()
    yield from ((tuple(one for one in boundary.when if one not in own), boundary) for boundary in principal.boundaries)


def boundary_of(principal: Principal, access: Access) -> tuple[Statement, ...] | None:
    """The statements of a principal's boundary, None when it has none or one that this template does not show in full."""
    found: list[Statement] = []
    for when, boundary in _boundaries(principal, access):
        known = list(_attached(boundary))
        for policy in access.policies:
            if policy.resource and policy.resource.id == boundary.target:
                known += policy.document.statements
        unclear = any(one.unknown or any(each.text.literal is None for each in one.actions) for one in known if one.allows)
        if not known or unclear or when:
            return None
        found += known
    return tuple(found) or None


# -- What is left of it ------------------------------------------------------------------------------------------------


def reach_of(principal: Principal, access: Access) -> tuple[Reach, ...]:
    """All that a principal may do, the broadest first."""
    return access.once(_reach_of, principal.id)


def _reach_of(access: Access, principal_id: str) -> tuple[Reach, ...]:
    principal = access.principals[principal_id]
    held, boundary = statements_of(principal, access), boundary_of(principal, access) or ()
    found = reached(held, boundary)
    denies = [one for one in held if not one.allows]
    for attachment in principal.attachments:
        for named in attachment.aws_managed:
            if named.certainty is Certainty.POSSIBLE:
                also = (*managed_statements(named.name, attachment.text.node), *denies)
                found += _assuming(reached(also, boundary), named.assumptions)
    return tuple(sorted(_assuming(found, taken_on_trust(principal, access).assumptions), key=lambda one: -one.breadth))


def _assuming(found: tuple[Reach, ...], assumptions: tuple[str, ...]) -> tuple[Reach, ...]:
    return tuple(one._replace(assumptions=(*one.assumptions, *assumptions)) for one in found) if assumptions else found


def not_known(principal: Principal, access: Access) -> tuple[str, ...]:
    """What may allow more, as it is written: attached policies and actions that nobody can read here."""
    groups = [access.principals[group] for group in principal.groups if group in access.principals]
    attachments = [attachment for one in (principal, *groups) for attachment in one.attachments if not attachment.target]
    unread = [
        one.text for one in attachments if not any(managed_statements(each.name, one.text.node) for each in one.aws_managed)
    ]
    actions = [
        each.text for one in statements_of(principal, access) if one.allows and not one.not_actions for each in one.actions
    ]
    return tuple(dict.fromkeys(str(text) for text in (*unread, *(one for one in actions if one.literal is None))))


def effective(principal: Principal, access: Access) -> frozenset[Action]:
    """The actions that a principal can use on some resource, within its boundary where that is known."""
    return actions_of(reach_of(principal, access))


def by_level(actions: Iterable[Action]) -> ByLevel:
    """Actions sorted into services and access levels."""
    table: dict[str, dict[str, list[str]]] = {}
    for action in sorted(actions, key=lambda one: (one.service, LEVELS.index(one.level), one.name)):
        table.setdefault(action.service, {}).setdefault(action.level, []).append(action.name)
    return {service: {level: tuple(names) for level, names in levels.items()} for service, levels in table.items()}


def risks(found: tuple[Reach, ...]) -> tuple[Risk, ...]:
    """The sensitive actions among what is reached, by category; those that reach the most first."""
    listed = []
    for category in curated.categories():
        known = _sensitive(category.id)
        reaching = [one for one in found if one.actions & known]
        if reaching:
            most = max(reaching, key=_worst)
            actions = frozenset[Action]().union(*(one.actions & known for one in reaching))
            ordered = sorted(actions, key=lambda each: (each not in most.actions, each.full_name))
            listed.append(Risk(category, tuple(ordered), most))
    return tuple(sorted(listed, key=lambda risk: -risk.broadest.breadth))


@cache
def _sensitive(category: str) -> frozenset[Action]:
    return frozenset(known for name in curated.sensitive(category) if (known := catalogue.find(name)))


def _worst(one: Reach) -> tuple[int, bool, bool, bool]:
    return one.breadth, not one.assumptions, not one.exceptions, not one.conditions
