"""What does a permissions boundary leave out? Said as denials, so that it is weighed like any other.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from collections.abc import Iterator, Sequence

from rolelint.catalogue import actions as catalogue
from rolelint.iam.conditions import always_holds, opposite
from rolelint.iam.denials import Denial
from rolelint.iam.documents import denials
from rolelint.iam.globs import covers, overlaps
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement

_EVERYTHING = ("*",)
_MOST_ACTIONS = 700
"""Actions for which there is room in the 6,144 characters of a managed policy."""


def denials_beyond(boundary: Sequence[Statement]) -> Iterator[Denial]:
    """What a boundary denies, and what it does not allow as far as that can be told; nothing of one without statements."""
    yield from denials(boundary)
    allows = [one for one in boundary if one.allows]
    unclear = any(one.unknown or any(action.text.literal is None for action in one.actions) for one in allows)
    if boundary and not unclear:
        yield _other_actions(allows)
        named = tuple(dict.fromkeys(action for one in allows for action in _actions(one)))
        all_but = [one for one in allows if one.not_actions]
        if all_but:
            yield from _limits_of(Denial(named, not_actions=True, resources=_EVERYTHING), all_but)
        for action in named if len(named) <= _MOST_ACTIONS else ():
            about = [one for one in allows if _concerns(one, action)]
            yield from _limits_of(Denial((action,), not_actions=False, resources=_EVERYTHING), about) if about else ()


def _actions(statement: Statement) -> tuple[str, ...]:
    return tuple((action.text.literal or "").lower() for action in statement.actions)


def _concerns(statement: Statement, action: str) -> bool:
    """Whether a statement allows some of what an action pattern stands for."""
    if statement.not_actions:
        return not any(covers(one, action) for one in _actions(statement))
    return any(overlaps(one, action) for one in _actions(statement))


def _other_actions(allows: list[Statement]) -> Denial:
    """A denial of the actions that no statement allows."""
    excepted = [_actions(one) for one in allows if one.not_actions]
    if not excepted:
        return Denial(tuple(action for one in allows for action in _actions(one)), not_actions=True, resources=_EVERYTHING)
    left = [name for action in excepted[0] for name in _names(action) if not any(_concerns(one, name) for one in allows)]
    return Denial(tuple(left), not_actions=False, resources=_EVERYTHING)


def _names(action: str) -> tuple[str, ...]:
    """An action pattern, and the names that it stands for: some of them may be allowed."""
    return (action, *(one.full_name.lower() for one in catalogue.expand(action)))


def _limits_of(all_of_it: Denial, allows: list[Statement]) -> Iterator[Denial]:
    """What keeps actions, given as a denial of them, to some resources or some requests where statements allow them."""
    actions = _EVERYTHING if all_of_it.not_actions else all_of_it.actions
    resources = tuple(dict.fromkeys(as_letters(pattern.text) for one in allows for pattern in one.resources))
    if "*" not in resources and not any(one.not_resources for one in allows):
        yield all_of_it._replace(resources=resources, not_resources=True)
    asked = [[each for each in one.conditions if not always_holds(each, actions, signed=True)] for one in allows]
    if len(asked) == 1:
        for condition in asked[0]:
            turned = opposite(condition)
            doubt = "" if turned else f"a boundary with a condition on {condition.key}"
            yield all_of_it._replace(conditions=(turned,) if turned else (), doubt=doubt)
