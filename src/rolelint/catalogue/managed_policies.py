"""What does an AWS managed policy grant? Its document answers, never its name.

Source: AWS's managed policies (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/), through the package `moto`.
A line of `policies.tsv` is one policy: name, path, day of its last change, default version, document as JSON.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from rolelint.catalogue import actions, data_files
from rolelint.catalogue.globs import matcher
from rolelint.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST_NAME = 128  # IAM's own limit


class ManagedPolicy(NamedTuple):
    """A policy that AWS keeps and that an identity can have attached.

    `path` begins and ends with a slash, `updated` is YYYY-MM-DD, `version` is the default version's id (`v3`), `document` has
    `Version` and `Statement`.
    """

    name: str
    path: str
    updated: str
    version: str
    document: Mapping[str, Any]


def names() -> tuple[str, ...]:
    """The name of every attachable managed policy, sorted."""
    return data_files.keys("policies.tsv")


@cache
def find(name: str) -> ManagedPolicy | None:
    """The attachable policy of that name, without its path; IAM heeds the case, so this does."""
    columns = data_files.row("policies.tsv", name)
    if columns is None:
        return None
    import json  # noqa: PLC0415  few templates attach a managed policy

    path, updated, version, document = columns
    return ManagedPolicy(name, path, updated, version, json.loads(document))


def arn(policy: ManagedPolicy, partition: str = "aws") -> str:
    """The policy's ARN; the names are the same in every partition."""
    return f"arn:{partition}:iam::aws:policy{policy.path}{policy.name}"


def retired(name: str) -> str | None:
    """When AWS last listed a policy that it has withdrawn (YYYY-MM-DD): attaching it fails. None for all others."""
    return _retired().get(name)


def is_service_linked(name: str) -> bool:
    """Whether the policy is one that AWS attaches to its own service-linked roles and nobody else can attach."""
    return data_files.row("service_linked.tsv", name) is not None


@lru_cache(maxsize=512)
def similar(name: str) -> tuple[str, ...]:
    """At most three policies that an unknown name may have meant, best first."""
    if len(name) > _LONGEST_NAME:
        return ()
    from difflib import get_close_matches  # noqa: PLC0415  only for a spelling mistake

    folded = {known.lower(): known for known in names()}
    return tuple(folded[close] for close in get_close_matches(name.lower(), folded, n=3, cutoff=0.75))


def service_wide(policy: ManagedPolicy) -> tuple[str, ...]:
    """The services of which the policy allows everything on every resource, sorted.

    That is what `logs:*` or `*` on `*` says in an Allow without a condition, as far as no unconditional Deny takes the whole
    service away again. Judged by the document: a name that ends in FullAccess says little.
    """
    statements = [each for each in _many(policy.document["Statement"]) if _is_sweeping(each)]
    granted = {service for each in statements if each["Effect"] == "Allow" for service in _whole_services(each)}
    for each in statements:
        if each["Effect"] == "Deny":
            granted -= _whole_services(each) if "Action" in each else _unnamed(granted, each)
    return tuple(sorted(granted))


def _many(value: Any) -> list[Any]:  # noqa: ANN401  a policy element: one value or a list of them
    return value if isinstance(value, list) else [value]


def _is_sweeping(statement: Mapping[str, Any]) -> bool:
    return "Condition" not in statement and "*" in _many(statement.get("Resource", []))


def _whole_services(statement: Mapping[str, Any]) -> set[str]:
    """The services of which the statement's actions name everything; a NotAction names none."""
    wholes = (prefix for prefix, name in _patterns(statement.get("Action", [])) if not name.strip("*"))
    return {service for prefix in wholes for service in actions.services(prefix)}


def _unnamed(services: set[str], statement: Mapping[str, Any]) -> set[str]:
    """The services of which a Deny with this NotAction leaves nothing: those that it does not name."""
    named = [matcher(prefix) for prefix, _ in _patterns(statement["NotAction"])]
    return {service for service in services if not any(matches(service) for matches in named)}


def _patterns(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  likewise
    """The action patterns as (service prefix, name), in lower case; `*` alone is `*:*`."""
    for pattern in _many(value):
        prefix, colon, name = pattern.lower().partition(":")
        yield (prefix, name) if colon else (prefix, "*")


@cache
def _retired() -> dict[str, str]:
    rows = data_files.rows("retired.tsv")
    return {name: date for kind, name, date in rows if kind == "policy"}
