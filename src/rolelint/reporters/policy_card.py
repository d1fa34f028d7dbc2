"""What does an AWS managed policy grant, and what is there to use instead?"""

from collections.abc import Iterator
from textwrap import fill

from rolelint.catalogue import curated, managed_policies
from rolelint.catalogue.managed_policies import ManagedPolicy
from rolelint.fixes.render import render as render_statements
from rolelint.iam.effective import by_level
from rolelint.iam.managed import managed_statements
from rolelint.iam.reach import actions_of, reached
from rolelint.syntax.nodes import Scalar, whole_source
from rolelint.syntax.source import Source

_NOWHERE = Scalar("", whole_source(Source("", ""), lambda: [(0, 0)]), 0)


def table(policy: ManagedPolicy) -> dict[str, dict[str, list[str]]]:
    """What the policy allows on some resource: service to access level to action names."""
    levels = by_level(actions_of(reached(managed_statements(policy.name, _NOWHERE))))
    return {service: {level: list(names) for level, names in found.items()} for service, found in levels.items()}


def render(policy: ManagedPolicy) -> str:
    """The policy's services, by access level, the services that it grants whole, and what to write instead."""
    return "\n".join(_lines(policy)) + "\n"


def as_json(policy: ManagedPolicy) -> str:
    """The same for machines."""
    import json  # noqa: PLC0415 - people read text

    known = curated.replacement(policy.name)
    plain = {
        "version": 1,
        "policy": {
            "name": policy.name,
            "arn": managed_policies.arn(policy),
            "default_version": policy.version,
            "updated": policy.updated,
            "whole_services": list(managed_policies.service_wide(policy)),
            "access": table(policy),
            "note": known.note if known else "",
            "narrower": [{"name": other.name, "when": other.when} for other in known.managed] if known else [],
        },
    }
    return json.dumps(plain, indent=2) + "\n"


def _lines(policy: ManagedPolicy) -> Iterator[str]:
    yield f"{policy.name}  {managed_policies.arn(policy)}, {policy.version} of {policy.updated}"
    whole = managed_policies.service_wide(policy)
    for service, levels in table(policy).items():
        counts = ", ".join(f"{len(names)} {level}" for level, names in levels.items())
        yield f"  {service:<22} {counts}{', all of it on every resource' if service in whole else ''}"
    known = curated.replacement(policy.name)
    if known is None:
        return
    yield ""
    yield fill(f"Note: {known.note}", 100, subsequent_indent="      ")
    for other in known.managed:
        yield f"Narrower: {other.name} ({other.when})"
    for intent in known.intents:
        plain = [{"Effect": "Allow", "Action": list(one.actions), "Resource": list(one.resources)} for one in intent.statements]
        yield ""
        yield f"To {intent.title[:1].lower()}{intent.title[1:]}:"
        yield render_statements(tuple(plain), "yaml", 2)
