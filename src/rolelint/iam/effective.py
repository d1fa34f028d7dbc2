"""Which actions can a principal really use? What its policies allow, less what is denied, within its boundary.

Judged action by action, on whatever resources. A Deny takes an action away only when it always applies: on every
resource and without conditions. Guardrails outside the template (service control policies, session policies) are not known.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as ReadOnly
from functools import cache
from typing import TypeAlias

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import LEVELS, Action
from rolelint.iam.access import Access, Attachment, Principal
from rolelint.iam.grants import applies
from rolelint.iam.managed import managed_statements
from rolelint.iam.patterns import Certainty
from rolelint.iam.statements import Statement

ByLevel: TypeAlias = ReadOnly[str, ReadOnly[str, tuple[str, ...]]]
"""Service to access level to action names without the service, all sorted; levels from the strongest to the weakest."""


def statements_of(principal: Principal, access: Access) -> Iterator[Statement]:
    """All that a principal holds: its own policies, the managed ones attached to it, and those of its groups."""
    for policy in principal.policies:
        yield from policy.document.statements
    for attachment in principal.attachments:
        yield from _attached(attachment)
    for group in principal.groups:
        if group in access.principals:
            yield from statements_of(access.principals[group], access)


def _attached(attachment: Attachment) -> Iterator[Statement]:
    for named in attachment.aws_managed:
        if named.certainty is Certainty.CERTAIN:
            yield from managed_statements(named.name, attachment.text.node)


def boundary_of(principal: Principal, access: Access) -> tuple[Statement, ...] | None:
    """The statements of a principal's boundary, None when it has none or one that this template does not show."""
    found: list[Statement] = []
    for boundary in principal.boundaries:
        known = list(_attached(boundary))
        for policy in access.policies:
            if policy.resource and policy.resource.id == boundary.target:
                known += policy.document.statements
        if not known:
            return None
        found += known
    return tuple(found) or None


def allowed(statements: Iterable[Statement]) -> frozenset[Action]:
    """The actions of the catalogue that statements allow on some resource and do not always deny."""
    given: set[Action] = set()
    taken: set[Action] = set()
    for statement in statements:
        if statement.allows:
            given |= {action for action in _actions(statement) if _everywhere(statement) or applies(action, statement)}
        elif statement.effect == "Deny" and _always(statement):
            taken |= _actions(statement)
    return frozenset(given - taken)


def effective(principal: Principal, access: Access) -> frozenset[Action]:
    """The actions that a principal can use on some resource, within its boundary where that is known."""
    found = allowed(statements_of(principal, access))
    boundary = boundary_of(principal, access)
    return found if boundary is None else found & allowed(boundary)


def by_level(actions: Iterable[Action]) -> ByLevel:
    """Actions sorted into services and access levels."""
    table: dict[str, dict[str, list[str]]] = {}
    for action in sorted(actions, key=lambda one: (one.service, LEVELS.index(one.level), one.name)):
        table.setdefault(action.service, {}).setdefault(action.level, []).append(action.name)
    return {service: {level: tuple(names) for level, names in levels.items()} for service, levels in table.items()}


def _everywhere(statement: Statement) -> bool:
    return not statement.not_resources and any(pattern.text.literal == "*" for pattern in statement.resources)


def _always(statement: Statement) -> bool:
    """Whether a statement applies to every request for its actions."""
    return _everywhere(statement) and not statement.conditions and not statement.when


def _actions(statement: Statement) -> frozenset[Action]:
    named: set[Action] = set()
    for pattern in statement.actions:
        if pattern.text.literal is not None:
            named |= _expanded(pattern.text.literal)
    return frozenset(_expanded("*") - named) if statement.not_actions else frozenset(named)


@cache
def _expanded(pattern: str) -> frozenset[Action]:
    return frozenset(catalogue.expand(pattern))
