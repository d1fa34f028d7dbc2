"""What do the curated files say? The YAML in `src/rolelint/catalogue/curated/`, checked and compiled to one file."""

from __future__ import annotations

import fnmatch
import json
import os
from typing import TYPE_CHECKING, Any

import yaml
from compiled import compact, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The keys that an entry of a curated file may have, and which of them it must have. An unquoted comma in a flow mapping makes
# one key into two without an error, so nothing else is let through.
SHAPES = {
    "escalation path": "id category severity gain refs / all_of any_of passed_to precondition parent",
    "intent": "title statements / sam managed",
    "statement": "actions resources / condition note",
    "policy": "grade note / successor intents managed",
    "alternative": "name when",
    "category": "severity title core / extended derive",
    "rule": "access_level scope / name_prefix except_services",
    "star": "actions why / when instead",
    "star for a service": "services actions why",
    "global key": "type about / always",
    "service key": "about / always",
}
CURATED = (
    "accounts",
    "condition_keys",
    "escalation_paths",
    "replacements",
    "resource_types",
    "retired_policies",
    "secrets",
    "sensitive_actions",
    "star_ok",
)


def read_curated(directory: str) -> dict[str, Any]:
    """The curated YAML files by name.

    Raises ValueError for an entry with a key too many or too few.
    """
    curated = {name: yaml.load(read(os.path.join(directory, f"{name}.yaml")), LOADER) for name in CURATED}  # noqa: S506 - a safe one
    for kind, entry in entries(curated):
        needed, _, optional = (set(part.split()) for part in SHAPES[kind].partition("/"))
        if wrong := (needed - set(entry)) | (set(entry) - needed - optional):
            raise ValueError(f"{kind} {json.dumps(entry)}: missing or unknown {', '.join(map(repr, sorted(wrong)))}")
    return curated


def entries(curated: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry of the curated files with its kind, a key of SHAPES."""
    yield from (("escalation path", path) for path in curated["escalation_paths"]["paths"])
    for intent in curated["replacements"]["intents"].values():
        yield "intent", intent
        yield from (("statement", statement) for statement in intent["statements"])
    for policy in curated["replacements"]["policies"].values():
        yield "policy", policy
        yield from (("alternative", other) for other in policy.get("managed", ()))
    for category in curated["sensitive_actions"]["categories"].values():
        yield "category", category
        yield from (("rule", category[key]) for key in category if key == "derive")
    yield from (("star", entry) for entry in curated["star_ok"]["allow"])
    yield from (("star for a service", entry) for entry in curated["star_ok"]["for_service"])
    yield from (("global key", entry) for entry in curated["condition_keys"]["global"].values())
    yield from (("service key", entry) for entry in curated["condition_keys"]["service"].values())


def compile_curated(curated: Mapping[str, Any], levels: Mapping[str, frozenset[str]]) -> str:
    """The curated files as one JSON text with a line for each entry; `rolelint.catalogue.curated` reads it.

    `levels` holds every live action with its access levels as AWS names them: some categories are completed by a rule.
    """
    sections = {
        "accounts": {number: purpose for purpose, numbers in curated["accounts"].items() for number in numbers},
        "categories": {
            name: {key: entry[key] for key in ("severity", "title")}
            for name, entry in curated["sensitive_actions"]["categories"].items()
        },
        "chosen_ids": sorted(curated["star_ok"]["ids"]["chosen"]),
        "escalation_paths": {
            path["id"]: {key: value for key, value in path.items() if key not in ("id", "refs")}
            for path in curated["escalation_paths"]["paths"]
        },
        "families": known_patterns(curated["star_ok"]["families"], levels),
        "global_keys": curated["condition_keys"]["global"],
        "intents": curated["replacements"]["intents"],
        "made_ids": sorted(curated["star_ok"]["ids"]["made"]),
        "replacements": curated["replacements"]["policies"],
        "secrets": curated["secrets"]["secrets"],
        "sends_source": curated["condition_keys"]["sends_source"],
        "service_keys": curated["condition_keys"]["service"],
        "sensitive": sensitive_actions(curated["sensitive_actions"]["categories"], levels, "core"),
        "sensitive_extended": sensitive_actions(curated["sensitive_actions"]["categories"], levels, "extended"),
        "needed": curated["secrets"]["needed"],
        "named": sorted(expand(curated["star_ok"]["named"], levels)),
        "star": {
            action: {key: value for key, value in entry.items() if key not in ("actions", "instead")}
            for entry in curated["star_ok"]["allow"]
            for action in expand(entry["actions"], levels)
        },
        "star_for": {
            action: sorted(entry["services"])
            for entry in curated["star_ok"]["for_service"]
            for action in expand(entry["actions"], levels)
        },
        "user_names": curated["secrets"]["user_names"],
        "variables": {kind: sorted(paths) for kind, paths in curated["secrets"]["variables"].items()},
    }
    return "{" + ",".join(f'\n"{name}": {section(content)}' for name, content in sections.items()) + "\n}\n"


def section(content: Any) -> str:  # noqa: ANN401  a mapping or a list
    """A section of the compiled file, one line an entry, sorted."""
    if isinstance(content, list):
        return "[" + ",".join(f"\n {compact(entry)}" for entry in sorted(content)) + "\n]"
    return "{" + ",".join(f"\n {compact(key)}: {compact(content[key])}" for key in sorted(content)) + "\n}"


def sensitive_actions(categories: Mapping[str, Any], levels: Mapping[str, frozenset[str]], scope: str) -> dict[str, list[str]]:
    """The actions of each category that are in a scope, `core` or `extended`; core wins over extended."""
    found = {category: in_scope(entry, levels, scope) for category, entry in categories.items()}
    if scope == "extended":
        found = {category: actions - in_scope(categories[category], levels, "core") for category, actions in found.items()}
    return {category: sorted(actions) for category, actions in found.items()}


def in_scope(category: Mapping[str, Any], levels: Mapping[str, frozenset[str]], scope: str) -> set[str]:
    """The actions that a category lists in a scope, and those that its rule adds there."""
    rule = category.get("derive")
    listed = {f"{service}:{name}" for service, names in category.get(scope, {}).items() for name in names}
    return listed | derived(rule, levels) if rule and rule["scope"] == scope else listed


def expand(patterns: Iterable[str], actions: Collection[str]) -> set[str]:
    """The actions that the patterns match.

    Raises ValueError for a pattern that matches none.
    """
    found = {pattern: {action for action in actions if fnmatch.fnmatchcase(action, pattern)} for pattern in patterns}
    if idle := sorted(pattern for pattern, matched in found.items() if not matched):
        raise ValueError(f"no action is called {', '.join(idle)}")
    return set().union(*found.values())


def known_patterns(patterns: Iterable[str], actions: Collection[str]) -> list[str]:
    """The patterns themselves in lower case, sorted.

    Raises ValueError for a pattern that matches no action.
    """
    patterns = list(patterns)
    expand(patterns, actions)
    return sorted(pattern.lower() for pattern in patterns)


def derived(rule: Mapping[str, Any], levels: Mapping[str, frozenset[str]]) -> set[str]:
    """The live actions that a category's rule names: by access level, by the start of the name, but for some services."""
    prefixes = tuple(rule.get("name_prefix", [""]))
    left_out = set(rule.get("except_services", ()))
    return {
        action
        for action, found in levels.items()
        if rule["access_level"] in found
        and action.partition(":")[2].startswith(prefixes)
        and action.partition(":")[0] not in left_out
    }
