"""Has CloudFormation got new places where permissions are written? The registry's schemas against our tables.

    python tools/build_places.py                 # the pinned schemas against the tables; exit 1 when something is unclassified
    python tools/build_places.py --cache DIR     # keep the downloaded package in DIR
    python tools/build_places.py --accept        # add what is unclassified to reviewed_properties.tsv: read each line of its diff

The schemas are those of the package `cfn-lint`, which collects them from all regions. It is only ever read as an archive.
To bump it: change its version and hash below, run this, and give each property that it prints a line in
`src/rolelint/iam/data/places.tsv` (also kind `not_iam` for what only looks like a policy) or `consumers.tsv`; what does not even
look like one goes to `tools/reviewed_properties.tsv`. New types get a line in `src/rolelint/template/data/references.tsv`.

A property is a candidate by any of five signals, because each alone misses some (`AWS::IAM::ManagedPolicy.PolicyDocument` has no
type in its schema): it is free-form JSON and its name or description tells of policies; it is text with such a name; its
description says policy document; the handlers of its resource put policies or grants; its resource is named for one of these.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from compiled import SOURCE
from packages import Package, fetch, kept

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable, Iterator

SCHEMAS = Package("cfn_lint", "1.58.0", "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987", "MIT-0")

TOOLS = os.path.dirname(os.path.abspath(__file__))
REVIEWED = os.path.join(TOOLS, "reviewed_properties.tsv")

WORDS = re.compile(r"polic|permission|statement", re.IGNORECASE)
DOCUMENT = re.compile(
    r"resource-based polic|policy document|(?:iam|access|resource|key|bucket|session|trust) policy (?:text|json)", re.IGNORECASE
)
LABELS = re.compile(r"(?:Name|Names|Id|Ids|Arn|ARN|Arns|Type|Version|VersionId|Enabled|Status|Level|Description|Title)$")
# Encrypting services create grants on keys for themselves: KMS's own say nothing about a template.
PUTS = re.compile(r"^(?!kms:).*:(?:(?:Put|Set|Create|Attach)\w*Policy|Add\w*Permission|Create\w*Grant|Grant\w+)$")
NAMED = re.compile(r"(?:Policy|Policies|Permissions?|Grant|Entitlement|Assignment)(?:V\d+)?$")
WHOLE = "."
DEEPEST = 12


class Property(NamedTuple):
    """A property of a resource type, by its path as in places.tsv, with its part of the schema."""

    type: str
    path: str
    schema: dict[str, Any]


class Candidate(NamedTuple):
    """A property that somebody has to look at, and the signal that says so."""

    type: str
    path: str
    signal: str


def main(arguments: list[str] | None = None) -> int:
    """Compare and print; the exit code is 1 when something is unclassified or a row of ours is in no schema."""
    parser = argparse.ArgumentParser(description="look for places that the tables do not know")
    parser.add_argument("--cache", metavar="DIR", help="keep the downloaded package here")
    parser.add_argument("--accept", action="store_true", help="add unclassified properties to reviewed_properties.tsv")
    options = parser.parse_args(arguments)
    with kept(options.cache) as cache:
        found = schemas(fetch(SCHEMAS, cache))
    open_questions = sorted(unclassified(found))
    lost = sorted(absent(found))
    for candidate in open_questions:
        print("unclassified", *candidate, sep="\t")
    for table, kind, path in lost:
        print("in no schema", table, kind, path, sep="\t")
    if options.accept:
        write_reviewed([*read_table(REVIEWED), *(list(candidate) for candidate in open_questions)])
        return int(bool(lost))
    return int(bool(open_questions or lost))


def schemas(wheel: zipfile.ZipFile) -> dict[str, dict[str, Any]]:
    """The schemas of all resource types, by type."""
    names = (name for name in wheel.namelist() if "data/schemas/resources/" in name and name.endswith(".json"))
    found = (json.loads(wheel.read(name)) for name in names)
    return {schema["typeName"]: schema for schema in found}


def unclassified(found: dict[str, dict[str, Any]]) -> Iterator[Candidate]:
    """What no table of ours has."""
    places = {(kind, path) for kind, path, *_ in read_table(table("iam", "places.tsv"))}
    consumers = {(kind, path) for kind, path, *_ in read_table(table("iam", "consumers.tsv"))}
    reviewed = {(kind, path) for kind, path, *_ in read_table(REVIEWED)}
    known = {kind for kind, *_ in read_table(table("template", "references.tsv"))}
    holders = {kind for kind, _ in places}
    for kind, schema in found.items():
        if kind not in known:
            yield Candidate(kind, WHOLE, "new type")
        candidates = [*policy_candidates(kind, schema), *(whole_candidates(kind, schema) if kind not in holders else ())]
        for candidate in candidates:
            if not covered(candidate, places | reviewed):
                yield candidate
        for candidate in role_candidates(kind, schema):
            if not covered(candidate, consumers | reviewed | places):
                yield candidate


def covered(candidate: Candidate, rows: set[tuple[str, str]]) -> bool:
    """Whether a row is about the candidate itself, about something that holds it, or about something in it."""
    path = candidate.path
    steps = path.split("/")
    above = {WHOLE, *("/".join(steps[:length]) for length in range(1, len(steps) + 1))}
    return any(kind == candidate.type and (at in above or at.startswith(f"{path}/")) for kind, at in rows)


def policy_candidates(kind: str, schema: dict[str, Any]) -> Iterator[Candidate]:
    """The properties that may hold a policy."""
    for found in properties(kind, schema):
        name = found.path.rstrip("/*{}").rpartition("/")[2]
        text = str(found.schema.get("description", ""))
        types = types_of(found.schema)
        if is_free_form(found.schema, types) and (WORDS.search(name) or WORDS.search(text)):
            yield Candidate(kind, found.path, "free-form")
        elif "string" in types and WORDS.search(name) and not LABELS.search(name) and "enum" not in found.schema:
            yield Candidate(kind, found.path, "text")
        elif DOCUMENT.search(text) and "string" in types and not LABELS.search(name):
            yield Candidate(kind, found.path, "description")


def whole_candidates(kind: str, schema: dict[str, Any]) -> Iterator[Candidate]:
    """Resource types that grant by what their handlers do or by what they are called."""
    handlers = schema.get("handlers", {})
    called = [one for name in ("create", "update") for one in handlers.get(name, {}).get("permissions", ())]
    if any(PUTS.search(one) for one in called):
        yield Candidate(kind, WHOLE, "handler")
    elif NAMED.search(kind):
        yield Candidate(kind, WHOLE, "type")


def role_candidates(kind: str, schema: dict[str, Any]) -> Iterator[Candidate]:
    """The properties that take a role's ARN."""
    for found in properties(kind, schema):
        if found.schema.get("format") == "AWS::IAM::Role.Arn":
            yield Candidate(kind, found.path, "role")


def absent(found: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """The rows of ours whose type or path no schema has."""
    for name in ("places.tsv", "consumers.tsv"):
        for kind, path, *_ in read_table(table("iam", name)):
            if kind not in found or (path != WHOLE and not exists(found[kind], path)):
                yield name, kind, path


def exists(schema: dict[str, Any], path: str) -> bool:
    """Whether a path leads somewhere; below free-form JSON every path does."""
    parts = [schema]
    for step in path.split("/"):
        if any(is_free_form(part, types_of(part)) for part in parts):
            return True
        parts = [below for part in parts for taken, below in children(schema, part) if taken in (step, "{}")]
    return bool(parts)


def properties(kind: str, schema: dict[str, Any]) -> Iterator[Property]:
    """All properties that can be written, once a path."""
    read_only = {name.removeprefix("/properties/") for name in schema.get("readOnlyProperties", ())}
    seen: set[str] = set()
    todo: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [("", schema, ())]
    while todo:
        path, part, through = todo.pop()
        for step, below in children(schema, part):
            at = f"{path}/{step}" if path else step
            # A definition that refers to itself has no last level.
            reference = str(below.get("$ref", ""))
            if at in seen or at in read_only or (reference and reference in through) or at.count("/") > DEEPEST:
                continue
            seen.add(at)
            resolved = resolve(schema, below)
            yield Property(kind, at, resolved)
            todo.append((at, resolved, (*through, reference) if reference else through))


def children(schema: dict[str, Any], part: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parts right below one, with the steps of a path that lead there."""
    part = resolve(schema, part)
    for name, below in part.get("properties", {}).items():
        yield name, below
    items = part.get("items")
    if isinstance(items, dict):
        yield "*", items
    for below in part.get("patternProperties", {}).values():
        yield "{}", below
    if isinstance(part.get("additionalProperties"), dict):
        yield "{}", part["additionalProperties"]
    for word in ("oneOf", "anyOf", "allOf"):
        for branch in part.get(word, ()):
            yield from children(schema, branch)


def resolve(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A part with its reference followed; what stands beside the reference is kept."""
    reference = part.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return part
    found: Any = schema
    for step in reference[2:].split("/"):
        found = found[step]
    return {**resolve(schema, found), **{key: value for key, value in part.items() if key != "$ref"}}


def types_of(part: dict[str, Any]) -> set[str]:
    """The JSON types that a part admits."""
    named = part.get("type", ())
    return {named} if isinstance(named, str) else set(named)


def is_free_form(part: dict[str, Any], types: set[str]) -> bool:
    """Whether a part is JSON of any shape."""
    shaped = any(part.get(word) for word in ("properties", "patternProperties", "oneOf", "anyOf", "allOf"))
    return part.get("format") == "json" or (
        "object" in types and not shaped and not isinstance(part.get("additionalProperties"), dict)
    )


def table(room: str, name: str) -> str:
    """Where a table of the package is."""
    return os.path.join(SOURCE, room, "data", name)


def read_table(path: str) -> list[list[str]]:
    """The lines of a table, as columns."""
    with open(path, encoding="ascii") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def write_reviewed(rows: Iterable[list[str]]) -> None:
    """The properties that were looked at and are neither places nor look-alikes."""
    with open(REVIEWED, "w", encoding="ascii", newline="\n") as file:
        file.writelines("\t".join(row) + "\n" for row in sorted(rows))


if __name__ == "__main__":
    sys.exit(main())
