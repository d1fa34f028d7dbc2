"""What does a condition key tell, is it always there, and has it one value or many?

Global keys are curated, from https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html; those of
services come from the service authorization reference, with a curated word on those that are not about the resource.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from rolelint.catalogue import actions, curated
from rolelint.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

ABOUT = ("caller", "network", "resource", "call", "creation", "request", "session", "time")
"""What a key may tell; `curated/condition_keys.yaml` says what each word means."""


class ConditionKey(NamedTuple):
    """A condition key by its name in lower case.

    `type` is as AWS writes it (`ArrayOfString` for several values), None when the key is in no list. `always` are the actions,
    as patterns in lower case, whose requests all carry it; `signed` tells that all requests do whose caller is known.
    """

    name: str
    type: str | None
    about: str
    always: tuple[str, ...] = ()
    signed: bool = False

    @property
    def single(self) -> bool:
        """Whether it is known to have one value."""
        return self.type is not None and not self.type.startswith("ArrayOf")


@cache
def find(name: str) -> ConditionKey:
    """What is known of a key, in any case; of one that nobody lists, only what its form tells."""
    name = name.lower()
    prefix, _, rest = name.partition(":")
    if prefix == "aws":
        said = next((entry for known, entry in global_keys().items() if same(known, name)), None)
        if said is None:
            return ConditionKey(name, None, "request")
        always = said.get("always")
        return ConditionKey(name, said["type"], said["about"], ("*",) if always is True else (), signed=always == "signed")
    types = actions.condition_keys(prefix)
    kind = next((kind for known, kind in types.items() if same(known, name)), None)
    said = next((entry for pattern, entry in curated.section("service_keys").items() if _fits(pattern.lower(), name)), None)
    if said:
        return ConditionKey(name, kind, said["about"], tuple(action.lower() for action in said.get("always", ())))
    claim = "." in prefix or "/" in prefix or "$" in prefix or not rest  # a provider's address: the key is a claim of its tokens
    return ConditionKey(name, kind, "caller" if claim else "resource")


def global_keys() -> Mapping[str, Any]:
    """The keys that all services know, by name, each with `type`, `about` and, where it holds, `always`."""
    return curated.section("global_keys")


@cache
def is_listed(name: str) -> bool:
    """Whether AWS's reference lists a key of a service, be it for another one, or a guide does; in any case."""
    name = name.lower()
    if any(_fits(one.lower(), name) for one in curated.section("service_keys")):
        return True
    services = (name.partition(":")[0], *actions.services())
    return any(same(one, name) for service in services for one in actions.condition_keys(service))


def is_never_there(name: str, action: str) -> bool:
    """Whether requests for an action, by its full name, lack a key: AWS lists it for other actions of the key's service only.

    Of a key that AWS lists for no action at all, or that another service lists as well, that cannot be told.
    """
    name = name.lower()
    prefix = name.partition(":")[0]
    known = actions.find(action) if prefix != "aws" and _is_carried_in(prefix, name) else None
    if known is None:
        return False
    own = prefix == known.service
    if _is_listed_by(known.service, name) and (not own or _is_carried(name, known)):
        return False
    # What belongs to another service may bring that one's keys: ssm:SendCommand runs on EC2's instances.
    return own or not any(form.split(":", 3)[2] == prefix for form in actions.formats(known) if form.startswith("arn:"))


@cache
def _is_carried_in(service: str, name: str) -> bool:
    """Whether AWS lists a key for some action of a service."""
    return any(_is_carried(name, one) for one in actions.actions_of(service))


@cache
def _is_listed_by(service: str, name: str) -> bool:
    return any(same(one, name) for one in actions.condition_keys(service))


def _is_carried(name: str, action: actions.Action) -> bool:
    """Whether AWS lists a key for an action or for something that it works on."""
    types = actions.resource_types(action.service)
    keys = (*action.condition_keys, *(key for use in action.resources for key in types[use.type].condition_keys))
    return any(same(one, name) for one in keys)


@cache
def same(known: str, key: str) -> bool:
    """Whether a key in lower case is one of a list; both may end in a variable: a tag's key, an attribute's name."""
    known = known.lower()
    if known == key:
        return True
    stem = known.partition("${")[0].partition("<")[0].removesuffix("tag-key")
    return stem != known and key.startswith(stem.rstrip("/"))


def _fits(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
