"""How much can be done with an action? Severity follows that, not how the action is spelt."""

from collections.abc import Iterable
from functools import cache

from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import is_of_its_type

_MAKES = ("Allocate", "Create", "Import", "Register", "Request", "Run")
_RUNS = ("Cancel", "Start", "Stop")


def is_minor(actions: Iterable[Action]) -> bool:
    """Whether nothing that is there already is changed, deleted, read or opened: things are made, and jobs come and go."""
    return all(map(_leaves_what_is_there, actions))


def does_little(actions: Iterable[Action]) -> bool:
    """Whether no action matters whoever holds it: none opens, destroys, discloses or runs anything, by our curated list."""
    return not any(map(_is_grave, actions))


@cache
def _leaves_what_is_there(action: Action) -> bool:
    if _is_grave(action) or not is_of_its_type(action):
        return False
    return action.name.startswith(_MAKES) or (action.name.startswith(_RUNS) and action.name.endswith("Job"))


@cache
def _is_grave(action: Action) -> bool:
    return action.level == "permissions" or not _cheap().issuperset(curated.categories_of(action.full_name))


@cache
def _cheap() -> frozenset[str]:
    """The categories of actions that cost money and do no other harm."""
    return frozenset(category.id for category in curated.categories() if category.severity == "low")
