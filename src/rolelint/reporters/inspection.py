"""What does a template grant, for people? A block for each identity: who may assume it, what it holds, who runs with it."""

from collections.abc import Iterable, Iterator

from rolelint.catalogue.actions import LEVELS
from rolelint.iam.access import Access, Principal, Unevaluated
from rolelint.iam.capabilities import capabilities
from rolelint.iam.effective import ByLevel, boundary_of, by_level, effective
from rolelint.reporters.terminal import disarmed, visible

_MOST = 12
"""Services and unknown places that are listed one by one."""

_SERVICE = 22
"""Columns for the name of a service; few are longer."""


def render(accesses: Iterable[Access]) -> str:
    """One block a file, with a block for each of its identities; templates that stand in a file as text are part of it."""
    files: dict[str, list[Access]] = {}
    for access in accesses:
        files.setdefault(access.template.source.path, []).append(access)
    return disarmed("\n".join("\n".join(_file(path, found)) + "\n" for path, found in files.items()))


def _file(path: str, accesses: list[Access]) -> Iterator[str]:
    needs = " and ".join(capabilities(accesses[0].template)) or "no capability"
    yield f"{visible(path)}: needs {needs}"
    for access in accesses:
        for principal in access.principals.values():
            yield ""
            yield from _principal(principal, access)
    if not any(access.principals for access in accesses):
        policies = sum(len(access.policies) for access in accesses)
        yield f"  no identities, {policies} polic{'y' if policies == 1 else 'ies'}"
    yield from _not_known([unknown for access in accesses for unknown in access.unevaluated])


def _not_known(unevaluated: list[Unevaluated]) -> Iterator[str]:
    if unevaluated:
        yield ""
        yield "  not known here"
    for unknown in unevaluated[:_MOST]:
        yield f"    line {unknown.span.first.line:<5} {visible(unknown.reason)}"
    if len(unevaluated) > _MOST:
        yield f"    and {len(unevaluated) - _MOST} more"


def _principal(principal: Principal, access: Access) -> Iterator[str]:
    resource = principal.resource
    within = access.template.within
    yield f"  {visible(within + resource.id)}  {resource.type}, line {resource.key.span.first.line}"
    for label, values in (
        ("trusted by", list(_trusted(principal))),
        ("used by", [f"{within}{one.id} ({one.type})" for one in (*principal.profiles, *principal.workloads)]),
        ("member of", [within + group for group in principal.groups]),
        ("holds", list(_held(principal, within))),
        ("boundary", list(_boundary(principal, access))),
        ("may", list(_may(by_level(effective(principal, access))))),
    ):
        for number, value in enumerate(values):
            yield f"    {label if number == 0 else '':<11} {visible(value)}"


def _trusted(principal: Principal) -> Iterator[str]:
    for policy in principal.trust:
        for statement in policy.document.statements:
            if statement.allows:
                under = f" if {', '.join(one.name for one in statement.conditions)} fits" if statement.conditions else ""
                for one in statement.principals:
                    yield f"{'everyone but ' if statement.not_principals else ''}{one.text}{under}"


def _held(principal: Principal, within: str) -> Iterator[str]:
    for attachment in principal.attachments:
        known = [f"{one.name}{'' if one.certainty > 1 else ' (possibly)'}" for one in attachment.aws_managed]
        if attachment.target is None:
            yield f"{' or '.join(known) or attachment.text}, line {attachment.text.span.first.line}"
    for policy in principal.policies:
        count = len(policy.document.statements)
        place = f"line {policy.document.node.span.first.line}"
        where = within + policy.resource.id if policy.resource and policy.resource.id != principal.id else "inline policy"
        yield f"{where}, {place}: {count} statement{'' if count == 1 else 's'}"


def _boundary(principal: Principal, access: Access) -> Iterator[str]:
    known = boundary_of(principal, access) is not None
    for boundary in principal.boundaries:
        yield f"{boundary.text}{'' if known else ', whose document is not known here'}"


def _may(table: ByLevel) -> Iterator[str]:
    """A line a service, those with the strongest access first."""
    strength = {service: [-len(levels.get(level, ())) for level in LEVELS] for service, levels in table.items()}
    services = sorted(table, key=lambda service: (strength[service], service))
    width = max((_SERVICE, *map(len, services[:_MOST])))
    for service in services[:_MOST]:
        yield f"{service:<{width}} " + ", ".join(f"{len(names)} {level}" for level, names in table[service].items())
    if len(services) > _MOST:
        yield f"and {len(services) - _MOST} more services"
