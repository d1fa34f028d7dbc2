"""What do we say? Escalation paths, sensitive actions, where secrets stand, and what to write instead of a broad managed policy.

Source: our own YAML files in `curated/`, compiled into `data/curated.json`; no YAML is read at run time.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from rolelint.catalogue import data_files
from rolelint.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Statement(NamedTuple):
    """A statement to adapt: texts may hold `${AWS::Region}` and placeholders in angle brackets (`<Bucket>`)."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]]
    note: str | None


class Intent(NamedTuple):
    """One purpose that a policy serves.

    `sam` names the SAM policy template and `managed` the AWS managed policy that say about the same, where there is one.
    """

    id: str
    title: str
    statements: tuple[Statement, ...]
    sam: str | None
    managed: str | None


class Alternative(NamedTuple):
    """A narrower managed policy and the case that it fits (`reading only`)."""

    name: str
    when: str


class Replacement(NamedTuple):
    """What to write instead of a managed policy.

    `grade` is admin, full-service, multi-service, broad-read, broad-role, baseline, superseded or retired; a baseline policy is
    acceptable as it is. `successor` is AWS's own newer policy. `note` is a sentence about what the policy lets somebody do.
    """

    policy: str
    grade: str
    managed: tuple[Alternative, ...]
    successor: str | None
    intents: tuple[Intent, ...]
    note: str


class EscalationPath(NamedTuple):
    """A way to gain power.

    It is open to a principal that is allowed every action of `all_of` and, unless `any_of` is empty, every action of one of its
    groups. Where `iam:PassRole` is among them, it must reach one of the service principals in `passed_to`. `parent` is the id
    of a shorter path that this one contains.
    """

    id: str
    category: str
    severity: str
    all_of: tuple[str, ...]
    any_of: tuple[tuple[str, ...], ...]
    passed_to: tuple[str, ...]
    precondition: str | None
    gain: str
    parent: str | None

    @property
    def combinations(self) -> tuple[tuple[str, ...], ...]:
        """Every set of actions that opens the path."""
        return tuple((*self.all_of, *group) for group in self.any_of) or (self.all_of,)

    @property
    def brings(self) -> str:
        """The gain as words within a sentence."""
        sentence = self.gain.rstrip(".")
        return sentence[:1].lower() + sentence[1:]


class Category(NamedTuple):
    """A kind of sensitive action."""

    id: str
    severity: str
    title: str


def replacement(policy: str) -> Replacement | None:
    """What to write instead of the AWS managed policy of that name; None when nobody has thought about it yet."""
    found = entry("replacements", policy)
    if found is None:
        return None
    return Replacement(
        policy=policy,
        grade=found["grade"],
        managed=tuple(Alternative(other["name"], other["when"]) for other in found.get("managed", ())),
        successor=found.get("successor"),
        intents=tuple(intent(name) for name in found.get("intents", ())),
        note=found["note"],
    )


def replaced() -> tuple[str, ...]:
    """The names of all policies with a replacement, sorted."""
    return tuple(section("replacements"))


@cache
def intent(name: str) -> Intent:
    """The intent of that id (`log-writer`); raises KeyError for another."""
    found = entry("intents", name)
    if found is None:
        raise KeyError(name)
    statements = tuple(
        Statement(tuple(each["actions"]), tuple(each["resources"]), each.get("condition", {}), each.get("note"))
        for each in found["statements"]
    )
    return Intent(name, found["title"], statements, found.get("sam"), found.get("managed"))


def intents() -> tuple[Intent, ...]:
    """All intents, by id."""
    return tuple(intent(name) for name in section("intents"))


@cache
def escalation_paths() -> tuple[EscalationPath, ...]:
    """All paths, by id."""
    return tuple(
        EscalationPath(
            id=name,
            category=path["category"],
            severity=path["severity"],
            all_of=tuple(path.get("all_of", ())),
            any_of=tuple(tuple(group) for group in path.get("any_of", ())),
            passed_to=tuple(path.get("passed_to", ())),
            precondition=path.get("precondition"),
            gain=path["gain"],
            parent=path.get("parent"),
        )
        for name, path in section("escalation_paths").items()
    )


def categories() -> tuple[Category, ...]:
    """The categories of sensitive actions, by id."""
    return tuple(Category(name, each["severity"], each["title"]) for name, each in section("categories").items())


@cache
def sensitive(category: str, *, extended: bool = False) -> frozenset[str]:
    """The actions of a category as `s3:GetObject`, with `extended` the opt-in ones too; raises KeyError for another category."""
    core = entry("sensitive", category)
    if core is None:
        raise KeyError(category)
    return frozenset((*core, *(entry("sensitive_extended", category) or () if extended else ())))


def categories_of(action: str, *, extended: bool = False) -> tuple[str, ...]:
    """The ids of the categories that an action is in, sorted; the action as AWS spells it (`s3:GetObject`)."""
    return tuple(name for name in section("categories") if action in sensitive(name, extended=extended))


def services_with_source() -> tuple[str, ...]:
    """The services, by principal without its domain, whose requests to assume a role tell for whom they act."""
    return tuple(_read("sends_source"))


@cache
def needs_star_for(action: str) -> frozenset[str]:
    """The services, likewise, whose roles need an action on every resource; the action as AWS spells it."""
    return frozenset(entry("star_for", action) or ())


@cache
def named() -> frozenset[str]:
    """Actions that always name a resource although AWS's reference calls every one of their types optional."""
    return frozenset(_read("named"))


@cache
def families() -> frozenset[str]:
    """Wildcards in the names of actions that AWS's own guides give (`es:eshttp*`), in lower case."""
    return frozenset(_read("families"))


@cache
def ids(how: str) -> frozenset[str]:
    """Resource types (`secretsmanager:Secret`) whose id is `chosen` by the owner, or `made` up by AWS, against its name."""
    return frozenset(_read(f"{how}_ids"))


def aws_account(number: str) -> str:
    """What an account of AWS's own is let in for (`deliver CloudTrail logs …`); nothing for another account."""
    return str(entry("accounts", number) or "")


def secrets(kind: str) -> Mapping[str, str]:
    """The properties of a resource type that hold a secret, as paths (`Users/*/Password`), and what each is."""
    return entry("secrets", kind) or {}


def user_names(kind: str) -> Mapping[str, str]:
    """The properties of a resource type that name the account whose password another one holds, and who that is."""
    return entry("user_names", kind) or {}


def needed(kind: str) -> Mapping[str, list[str]]:
    """The properties without which a resource type has no password, as paths, and those beside them that stand for them."""
    return entry("needed", kind) or {}


def variables(kind: str) -> tuple[str, ...]:
    """Where a resource type has named values: a path ends in `{}`, or in the keys of a name and its value (`Name=Value`)."""
    return tuple(entry("variables", kind) or ())


@cache
def section(name: str) -> Mapping[str, Any]:
    """A section of the compiled file by its entries' ids, which are sorted."""
    found: Mapping[str, Any] = _read(name)
    return found


@cache
def entry(section_name: str, key: str) -> Mapping[str, Any] | None:
    """One entry of a section, without reading the others; None when there is no such."""
    import json  # noqa: PLC0415  a run without findings needs none of this

    start, end = _place(section_name)
    data = data_files.content("curated.json")
    label = f"\n {json.dumps(key)}: ".encode("ascii")
    line = data.find(label, start, end)
    if line < 0:
        return None
    found: Mapping[str, Any] = json.loads(data[line + len(label) : data.index(b"\n", line + 1)].removesuffix(b","))
    return found


def _read(section_name: str) -> Any:  # noqa: ANN401  a mapping or a list
    import json  # noqa: PLC0415  likewise

    start, end = _place(section_name)
    return json.loads(data_files.content("curated.json")[start:end])


@cache
def _place(section_name: str) -> tuple[int, int]:
    """Where a section starts and ends: each entry has a line that starts with a space, the end has one that does not."""
    data = data_files.content("curated.json")
    label = f'\n"{section_name}": '.encode("ascii")
    start = data.index(label) + len(label)
    end = min(place for closing in (b"\n}", b"\n]") if (place := data.find(closing, start)) > 0)
    return start, end + 2
