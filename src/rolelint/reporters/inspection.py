"""What does a template grant, for people? A block for each identity: who may assume it, what it holds, who runs with it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rolelint.catalogue.actions import LEVELS, Action, services
from rolelint.catalogue.actions import actions_of as every_action_of
from rolelint.iam.access import Access, Principal, Unevaluated
from rolelint.iam.capabilities import capabilities
from rolelint.iam.effective import Risk, boundary_of, by_level, not_known, reach_of, risks
from rolelint.iam.reach import Breadth, Reach, actions_of
from rolelint.reporters.identity import trusted_by, used_by
from rolelint.reporters.terminal import disarmed, visible
from rolelint.syntax.regex import pattern

_MOST = 12
"""Services and unknown places that are listed one by one."""

_TOGETHER = 50
"""Services that are counted rather than named when all of each is allowed: more than anybody lists one by one."""

_MOST_PARTS = 3
"""Things that a line says one by one."""

_ARN = pattern(r"arn(?::(?:\$\{[^}]*\}|[^:$]|\$(?!\{))*){4}:(.*)")

_SERVICE = 14
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
        ("trusted by", list(trusted_by(principal))),
        ("used by", list(used_by(principal, within))),
        ("member of", [within + group for group in principal.groups]),
        ("holds", list(_held(principal, within))),
        ("boundary", list(_boundary(principal, access))),
        ("may", [*_may(reach_of(principal, access)), *(f"and what {one} allows" for one in not_known(principal, access))]),
        ("risks", list(_risky(risks(reach_of(principal, access))))),
    ):
        for number, value in enumerate(values):
            yield f"    {label if number == 0 else '':<11} {visible(value)}"


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


def _may(found: tuple[Reach, ...]) -> Iterator[str]:
    """A line a service, those with the strongest access first: how much of each access level on what."""
    table = by_level(actions_of(found))
    for limits, whole in _whole(found).items():
        if len(whole) > _TOGETHER:
            together = "every service" if whole == set(services()) else f"{len(whole)} services"
            yield f"{together:<{_SERVICE}} everything on any resource{limits}"
            table = {service: levels for service, levels in table.items() if service not in whole}
    strength = {service: [-len(levels.get(level, ())) for level in LEVELS] for service, levels in table.items()}
    ordered = sorted(table, key=lambda service: (strength[service], service))
    width = max((_SERVICE, *map(len, ordered[:_MOST])))
    for service in ordered[:_MOST]:
        yield f"{service:<{width}} {'; '.join(_parts(service, found))}"
    if len(ordered) > _MOST:
        yield f"and {len(ordered) - _MOST} more services"


def _whole(found: tuple[Reach, ...]) -> dict[str, set[str]]:
    """The services that are allowed whole on any resource, by what limits that, in words."""
    whole: dict[str, set[str]] = {}
    for one in found:
        if one.breadth is Breadth.ANY and not one.exceptions:
            counts = Counter(action.service for action in one.actions)
            all_of = {service for service, count in counts.items() if count == len(every_action_of(service))}
            whole.setdefault(_limits(one), set()).update(all_of)
    return whole


def _parts(service: str, found: tuple[Reach, ...]) -> Iterator[str]:
    """What is allowed of a service, the broadest first; resources with the same actions stand together."""
    alike: dict[tuple[str, str], dict[str, None]] = {}
    known = frozenset(every_action_of(service))
    for one in found:
        if actions := known & one.actions:
            what = "everything" if actions == known else _counted(actions)
            alike.setdefault((what, _limits(one)), {})[_short(one)] = None
    parts = [f"{what} on {_some(list(where))}{limits}" for (what, limits), where in alike.items()]
    yield from parts[:_MOST_PARTS]
    if len(parts) > _MOST_PARTS:
        yield f"and {len(parts) - _MOST_PARTS} more"


def _counted(actions: frozenset[Action]) -> str:
    (levels,) = by_level(actions).values()
    return ", ".join(f"{len(names)} {level}" for level, names in levels.items())


def _limits(one: Reach) -> str:
    narrowed = f" if {' and '.join(one.conditions)} fit{'' if len(one.conditions) > 1 else 's'}" if one.conditions else ""
    assumed = f" (if {' and '.join(one.assumptions)})" if one.assumptions else ""
    return narrowed + "".join(f", except {each}" for each in one.exceptions) + assumed


def _short(one: Reach) -> str:
    """A resource without what most ARNs have in common: partition, service, region and account."""
    if one.breadth is Breadth.ANY:
        return "any resource"
    found = _ARN.fullmatch(one.resource)
    return f"arn:…:{found[1]}" if found else one.resource


def _some(texts: list[str]) -> str:
    rest = len(texts) - _MOST_PARTS
    return ", ".join(texts[:_MOST_PARTS]) + (f" and {rest} more" if rest > 0 else "")


def _risky(found: tuple[Risk, ...]) -> Iterator[str]:
    """A line for each kind of what is sensitive and reaches more than resources by name."""
    shown = [one for one in found if one.broadest.breadth >= Breadth.PATTERN and one.category.severity != "low"]
    width = max((len(risk.category.id) for risk in shown), default=0)
    for risk in shown:
        names = [action.full_name for action in risk.actions if action in risk.broadest.actions]
        which = " and ".join(names) if len(names) < _MOST_PARTS else f"{len(names)} actions"
        kind = risk.category.id.replace("_", " ")
        yield f"{kind:<{width}} {which} on {_short(risk.broadest)}{_limits(risk.broadest)}"
