"""Which single permissions lead to all others?

The paths are curated facts; those that need more than one action are judged over all that a principal holds.
"""

from collections.abc import Iterator
from functools import cache

from rolelint.catalogue import curated
from rolelint.catalogue.curated import EscalationPath
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import reaches
from rolelint.iam.conditions import restricted_keys
from rolelint.iam.patterns import Answer, Certainty, covers, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.template.values import both

_KINDS = ("role", "user", "group", "policy")
_NARROWING = frozenset(("iam:permissionsboundary", "iam:policyarn", "aws:resourceaccount", "aws:resourcetag"))


@says("actions", "resource", "gain")
def self_grant(subject: StatementSubject) -> Iterator[Hit]:
    """An action that widens its holder's own permissions."""
    return _alone(subject, "self-grant")


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
    """An action that lifts a permissions boundary or a Deny."""
    return _alone(subject, "guardrail-removal")


def _alone(subject: StatementSubject, category: str) -> Iterator[Hit]:
    statement = subject.statement
    if not statement.allows or statement.not_actions or _narrowed(statement):
        return
    for resource, reach in _broad(statement):
        found = [(path, pattern) for pattern in statement.actions for path in _paths(category) if _names(pattern, path)]
        found = [(path, pattern) for path, pattern in found if both(pattern.when, resource.when) is not None]
        if found:
            path, first = found[0]
            written = list(dict.fromkeys(str(pattern.text) for _, pattern in found))
            facts = {"actions": listed(written), "resource": str(resource.text), "gain": path.gain.rstrip(".")}
            yield Hit(first.span, reach, facts, both(first.when, resource.when) or (), about=frozenset(written))
            return


@cache
def _paths(category: str) -> tuple[EscalationPath, ...]:
    """The paths of a category that one action of IAM walks alone."""
    paths = [path for path in curated.escalation_paths() if path.category == category and path.all_of[0].startswith("iam:")]
    return tuple(path for path in paths if len(path.all_of) == 1 and (not path.any_of or () in path.any_of))


def _names(pattern: Pattern, path: EscalationPath) -> bool:
    text = pattern.text.literal
    return text is not None and text not in ("*", "*:*") and covers(text, path.all_of[0], any_case=True)


def _narrowed(statement: Statement) -> bool:
    return any(key.partition("/")[0] in _NARROWING for key in restricted_keys(statement))


def _broad(statement: Statement) -> list[tuple[Pattern, Answer]]:
    """The resource patterns that reach every role, user, group or policy."""
    if statement.not_resources:
        return []
    found = [(pattern, judge(pattern.text, _reaches_all)) for pattern in statement.resources]
    return [one for one in found if one[1].certainty is not Certainty.NO]


def _reaches_all(resource: str) -> bool:
    return any(reaches(resource, f"arn:aws:iam::*:{kind}/*") for kind in _KINDS)
