"""Which single permissions lead to all others?

The paths are curated facts; those that need more than one action are judged over all that a principal holds.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import TypeAlias

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.curated import EscalationPath
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields, opened, reaches
from rolelint.iam.conditions import lacks, leaves_account, what_limits
from rolelint.iam.elements import Pattern
from rolelint.iam.grants import among, fits
from rolelint.iam.patterns import Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Statement
from rolelint.template.values import both
from rolelint.tuples import NamedTuple

_CHOOSES_ROLES = ("aws:Resource*", "iam:ResourceTag/*", "sts:ExternalId")
_ELSEWHERE = frozenset(("iam-federation-provider", "iam-reactivate-access-key"))
"""Paths that lead nowhere without a fact from outside: a role that trusts the provider, a switched-off key in hand."""

_ONLY_IF = frozenset(
    (
        "iam-set-default-policy-version",
        "identitystore-membership",
        "scp-edit",
        "sso-attach-customer-policy",
        "sso-attach-managed-policy",
        "sso-new-assignment",
        "sso-put-inline-policy",
    )
)
"""Paths that are open only if something exists that a template cannot tell."""

_IN_EVERY_ACCOUNT = frozenset(("a function has a stronger role", "a project has a stronger role"))
"""Preconditions that any account may be expected to meet."""

_ONESELF = "${aws:username}"
"""What a user's own ARN ends in: keys and passwords of one's own bring nothing that one does not have."""
_CATEGORIES = ("self-grant", "credential-mint", "trust-edit", "guardrail-removal")
_SERVICES = ("iam", "identitystore", "organizations", "sso")
"""The services that keep permissions; of others, escalation needs something that runs."""

_WITHIN = {
    "AWS::IAM::Role": ("role",),
    "AWS::IAM::User": ("user", "group"),
    "AWS::IAM::Group": ("user", "group"),
}
"""What a holder of a kind is itself, or is in, as IAM names kinds in ARNs."""


_SIGNED_IN = "permission-set"
_HOLDERS_OF = {
    "policy": "whoever holds a policy of the account",
    _SIGNED_IN: "whoever signs in through IAM Identity Center",
}
"""Whom a kind of thing gives permissions to, where that is no identity itself."""


class Gain(NamedTuple):
    """What an action brings its holder, and what must exist for that; nothing when it always does."""

    text: str
    only_if: str = ""


def only_if(path: EscalationPath) -> str:
    """What must exist for a path to be open, if that is not in every account."""
    return "" if path.precondition in _IN_EVERY_ACCOUNT else path.precondition or ""


@says("actions", "resource", "gain", "whom")
def self_grant(subject: StatementSubject) -> Iterator[Hit]:
    """An action that widens its holder's own permissions, or those of every identity of another kind."""
    for hit in _alone(subject, "self-grant"):
        yield hit._replace(facts={**hit.facts, "whom": _whom(subject, hit.facts["kinds"].split())})


def _whom(subject: StatementSubject, kinds: list[str]) -> str:
    """Whose permissions the actions on some kinds of things widen, as seen from the holder."""
    holders = {holder.resource.type for holder in subject.holders}
    own = {kind for holder in holders for kind in _WITHIN.get(holder, ())}
    managed = subject.policy.resource is not None and subject.policy.resource.type == "AWS::IAM::ManagedPolicy"
    managed = managed or any(one.target for holder in subject.holders for one in holder.attachments)
    if not holders or own & set(kinds) or (managed and "policy" in kinds):
        return "themselves" if len(subject.holders) > 1 else "itself"
    return " and ".join(_HOLDERS_OF.get(kind, f"any {kind}") for kind in kinds)


@says("actions", "resource", "gain")
def credentials(subject: StatementSubject) -> Iterator[Hit]:
    """An action that hands out another principal's credentials."""
    return _alone(subject, "credential-mint")


@says("actions", "resource", "gain")
def trust(subject: StatementSubject) -> Iterator[Hit]:
    """An action that opens the trust of another role."""
    return _alone(subject, "trust-edit")


@says("actions", "resource", "gain")
def guardrail(subject: StatementSubject) -> Iterator[Hit]:
    """An action that lifts a permissions boundary."""
    return _alone(subject, "guardrail-removal")


@says("actions", "resource")
def assume_any_role(subject: StatementSubject) -> Iterator[Hit]:
    """Every role, as far as the roles themselves allow it."""
    statement = subject.statement
    if not lacks(statement, _CHOOSES_ROLES).certainty:
        return
    yield from where_reached(statement, {"sts:AssumeRole": Gain("")})


def _alone(subject: StatementSubject, category: str) -> Iterator[Hit]:
    left = leaves_account(subject.statement)
    for hit in where_reached(subject.statement, _gains(category)) if left.certainty else ():
        yield hit._replace(answer=min(hit.answer, left, key=lambda one: one.certainty))


@says("actions", "resource", "gain")
def on_named_target(subject: StatementSubject) -> Iterator[Hit]:
    """An action on permissions for some identities by name: what it brings depends on what these may do."""
    statement = subject.statement
    gains = {action: gain for category in _CATEGORIES for action, gain in _gains(category).items()}
    given = _on_names(statement, gains)
    if not given or any(where_reached(statement, gains)):
        return
    for resource in statement.resources:
        found = [(one, action) for one, actions in given for action in actions if _fits(action, resource)]
        if found:
            answer = Answer(Certainty.POSSIBLE, (f"{resource.text} may do more than whoever holds this",))
            facts = {
                "actions": listed(list(dict.fromkeys(str(one.text) for one, _ in found))),
                "resource": str(resource.text),
                "gain": gains[found[0][1]].text,
            }
            yield Hit(resource.span, answer, facts, resource.when)
            return


def _fits(action: str, resource: Pattern) -> bool:
    known = catalogue.find(action)
    if known is None or (_ONESELF in str(resource.text) and action in _gains("credential-mint")):
        return False
    return resource.text.symbol is None and fits(known, as_letters(resource.text))


def where_reached(statement: Statement, gains: dict[str, Gain]) -> Iterator[Hit]:
    """One hit for the actions among ``gains`` that an Allow gives on everything that they work on."""
    if statement.not_actions:  # what it leaves is told as a whole; only what is open in every account makes that worse
        gains = {action: gain for action, gain in gains.items() if not gain.only_if}
    given = _on_names(statement, gains)
    for action in (action for _, actions in given if statement.limits for action in actions):
        limit = what_limits(statement, action)
        gains = {**gains, action: Gain(gains[action].text, f"{limit} leaves enough")} if limit else gains
    hits = [hit for resource in statement.resources if (hit := _on(resource, given, gains))] if given else []
    yield from sorted(hits, key=lambda hit: -hit.answer.certainty)[:1]


_Given: TypeAlias = list[tuple[Pattern, list[str]]]
"""Action patterns, each with the actions that it gives."""


def _on_names(statement: Statement, gains: dict[str, Gain]) -> _Given:
    """The patterns of an Allow that give actions among ``gains`` on resources that it names."""
    return among(statement, *gains) if statement.allows and not statement.not_resources else []


def _on(resource: Pattern, given: _Given, gains: dict[str, Gain]) -> Hit | None:
    """The hit for one resource pattern: it speaks of every action pattern and points at the first of the surest."""
    found: list[tuple[Pattern, str, Answer]] = []
    for pattern, actions in given:
        for action in actions if both(pattern.when, resource.when) is not None else ():
            answer = judge(resource.text, partial(reaches_all, action))
            if answer.certainty and gains[action].only_if:
                answer = Answer(Certainty.POSSIBLE, (*answer.assumptions, gains[action].only_if))
            if answer.certainty:
                found.append((pattern, action, answer))
    if not found:
        return None
    pattern, action, answer = max(found, key=lambda one: one[2].certainty)
    written = list(dict.fromkeys(str(one[0].text) for one in found))
    kinds = dict.fromkeys(kind for one in found for kind in _kind_names(one[1]))
    facts = {
        "actions": listed(written),
        "resource": str(resource.text),
        "gain": gains[action].text,
        "kinds": " ".join(kinds),
    }
    return Hit(pattern.span, answer, facts, both(pattern.when, resource.when) or (), about=frozenset(written))


@cache
def _gains(category: str) -> dict[str, Gain]:
    """What each action on permissions that alone walks a path of a category brings its holder, the most telling first."""
    found = {
        action: Gain(path.brings, (path.precondition or "") if path.id in _ONLY_IF else "")
        for path, action in walked_alone(category)
        if path.severity != "low" and path.id not in _ELSEWHERE and action.partition(":")[0] in _SERVICES
    }
    return dict(sorted(found.items(), key=lambda item: (item[1].only_if, "Role" not in item[0], item[0])))


def walked_alone(category: str) -> Iterator[tuple[EscalationPath, str]]:
    """The paths of a category that a single action walks, each with that action."""
    for path in curated.escalation_paths():
        if path.category == category:
            yield from ((path, combination[0]) for combination in path.combinations if len(combination) == 1)


def _kind_names(action: str) -> tuple[str, ...]:
    """The kinds of identities whose permissions an action is about, as IAM's ARNs name them."""
    if not action.startswith("iam:"):
        return (_SIGNED_IN,)
    return tuple(kind.rpartition(":")[2].partition("/")[0] for kind in _kinds(action))


@cache
def _kinds(action: str) -> tuple[str, ...]:
    """The ARNs of everything that an action works on, as patterns."""
    found = catalogue.find(action)
    return tuple(opened(form) for form in catalogue.formats(found)) if found else ()


def reaches_all(action: str, resource: str) -> bool:
    """Whether a resource takes in everything of some kind that an action works on."""
    given = fields(resource)
    if given is None or given[4] == "aws":  # AWS's own policies cannot be changed
        return False
    kinds = _kinds(action)
    return any(reaches(resource, kind) for kind in kinds) if kinds else resource == "*"
