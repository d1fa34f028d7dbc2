"""What does a template grant, for machines? Version 1: its places and its principals, field by field."""

import json
from collections.abc import Iterable

from rolelint.iam.access import Access, Principal
from rolelint.iam.capabilities import capabilities
from rolelint.iam.effective import ByLevel, Risk, by_level, not_known, reach_of, risks
from rolelint.iam.inventory import Entry, inventory
from rolelint.iam.reach import Reach, actions_of


def render(accesses: Iterable[Access]) -> str:
    """The templates in the order given; those that stand in a file as text are part of the template that holds them."""
    files: dict[str, list[Access]] = {}
    for access in accesses:
        files.setdefault(access.template.source.path, []).append(access)
    plain = {"version": 1, "templates": [_file(path, found) for path, found in files.items()]}
    return json.dumps(plain, indent=1) + "\n"


def _file(path: str, accesses: list[Access]) -> dict[str, object]:
    return {
        "path": path,
        "capabilities": list(capabilities(accesses[0].template)),
        "places": [_place(entry) for access in accesses for entry in inventory(access)],
        "principals": [_principal(principal, access) for access in accesses for principal in access.principals.values()],
        "unevaluated": [{"line": one.span.first.line, "reason": one.reason} for access in accesses for one in access.unevaluated],
    }


def _place(entry: Entry) -> dict[str, object]:
    line, column = entry.span.first
    return {
        "resource": entry.resource,
        "path": entry.path,
        "kind": entry.kind,
        "when": list(entry.when),
        "start": {"line": line, "column": column},
        "shape": entry.shape,
        "encoding": entry.encoding,
        "version": entry.version,
        "statements": entry.statements,
        "actions": list(entry.actions),
        "not_actions": list(entry.not_actions),
        "resolved": list(entry.resolved),
        "principals": list(entry.principals),
        "condition_values": list(entry.condition_values),
        "unknown": entry.unknown,
        "generated": entry.generated,
        "source_path": entry.source_path,
        "attach_to": list(entry.attach_to),
        "attached": list(entry.attached),
        "workloads": list(entry.workloads),
        "resolved_to": entry.resolved_to,
        "used_as": entry.used_as,
        "effective": entry.effective,
        "missing": list(entry.missing),
    }


def _principal(principal: Principal, access: Access) -> dict[str, object]:
    within = access.template.within
    reach = reach_of(principal, access)
    return {
        "id": within + principal.id,
        "type": principal.resource.type,
        "name": str(principal.name) if principal.name else None,
        "trust": [
            {
                "effect": statement.effect,
                "principals": sorted(f"{one.kind}:{one.text}" for one in statement.principals),
                "not": statement.not_principals,
                "actions": sorted(str(action.text) for action in statement.actions),
                "conditions": sorted(condition.name for condition in statement.conditions),
            }
            for policy in principal.trust
            for statement in policy.document.statements
        ],
        "policies": [
            *(str(attachment.text) for attachment in principal.attachments),
            *(within + policy.resource.id for policy in principal.policies if policy.resource),
        ],
        "boundary": [str(boundary.text) for boundary in principal.boundaries],
        "groups": [within + group for group in principal.groups],
        "workloads": [{"id": within + one.id, "type": one.type} for one in principal.workloads],
        "access": _plain(by_level(actions_of(reach))),
        "reach": [_reach(one) for one in reach],
        "risks": [_risk(one) for one in risks(reach)],
        "not_known": list(not_known(principal, access)),
    }


def _plain(table: ByLevel) -> dict[str, dict[str, list[str]]]:
    return {service: {level: list(names) for level, names in levels.items()} for service, levels in table.items()}


def _reach(one: Reach) -> dict[str, object]:
    return {
        "resource": one.resource,
        "breadth": one.breadth.name.lower(),
        "when": [str(assumption) for assumption in one.when],
        "conditions": list(one.conditions),
        "exceptions": list(one.exceptions),
        "certainty": one.certainty.name.lower(),
        "assumptions": list(one.assumptions),
        "actions": _plain(by_level(one.actions)),
    }


def _risk(one: Risk) -> dict[str, object]:
    return {
        "category": one.category.id,
        "severity": one.category.severity,
        "breadth": one.broadest.breadth.name.lower(),
        "certainty": one.broadest.certainty.name.lower(),
        "actions": [action.full_name for action in one.actions],
    }
