"""What is found about each identity? A block a role, user or group: who it is, what it reaches and what is too much of it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rolelint.catalogue.actions import LEVELS
from rolelint.engine.findings import Finding, Owner
from rolelint.iam.access import Access, Principal
from rolelint.iam.effective import by_level, effective
from rolelint.reporters.identity import trusted_by, used_by
from rolelint.reporters.summary import counted, summary
from rolelint.reporters.terminal import Style, disarmed, visible
from rolelint.reporters.wording import tag
from rolelint.tuples import NamedTuple
from rolelint.verdicts.report import Report


class _Identity(NamedTuple):
    """An identity, the template that it is in, and the ids of the resources that say what it may do."""

    principal: Principal
    access: Access
    resources: frozenset[str]


def render(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """The findings by file and identity. Without ``report.accesses`` only the resources that they are about are known."""
    style = Style(colour=colour, links=links)
    identities: dict[str, list[_Identity]] = {}
    for access in report.accesses:
        identities.setdefault(access.template.source.path, []).extend(_identities(access))
    files: dict[str, list[Finding]] = {}
    for finding in report.active:
        files.setdefault(finding.span.source.path, []).append(finding)
    blocks = ["\n".join(_file(path, found, identities.get(path, []), style)) for path, found in files.items()]
    return disarmed("\n\n".join([*blocks, summary(report)]) + "\n")


def _identities(access: Access) -> Iterator[_Identity]:
    for principal in access.principals.values():
        held = (*principal.policies, *principal.trust)
        named = {principal.id, *(policy.resource.id for policy in held if policy.resource)}
        named |= {attachment.resource.id for attachment in (*principal.attachments, *principal.boundaries)}
        yield _Identity(principal, access, frozenset(access.template.within + id_ for id_ in named))


def _file(path: str, findings: list[Finding], identities: list[_Identity], style: Style) -> Iterator[str]:
    """The identities of a file about which something is found, then what is found about other resources."""
    yield style.paint("1", visible(path))
    known = frozenset[str]().union(*(identity.resources for identity in identities))
    others: dict[Owner | None, list[Finding]] = {}
    by_resource: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.owner and finding.owner.id in known:
            by_resource.setdefault(finding.owner.id, []).append(finding)
        else:
            others.setdefault(finding.owner, []).append(finding)
    for identity in identities:
        about = [finding for id_ in identity.resources for finding in by_resource.get(id_, ())]
        if about:
            yield from _block(_heading(identity), [*_facts(identity), *_found(about, style)])
    for owner, about in others.items():
        yield from _block(_owner(owner), _found(about, style))


def _block(heading: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield ""
    yield f"  {visible(heading)}"
    before = ""
    for name, text in rows:
        yield f"    {name if name != before else '':<12}{text}"
        before = name


def _heading(identity: _Identity) -> str:
    resource = identity.principal.resource
    name = f"{identity.access.template.within}{resource.id}{_construct(resource.construct)}"
    return f"{name}  {resource.type}, line {resource.key.span.first.line}"


def _owner(owner: Owner | None) -> str:
    if owner is None:
        return "the template"
    return f"{owner.id}{_construct(owner.construct)}  {owner.type}"


def _construct(path: str) -> str:
    return f" ({path})" if path else ""


def _facts(identity: _Identity) -> Iterator[tuple[str, str]]:
    principal, access = identity.principal, identity.access
    for name, values in (("trusted by", trusted_by(principal)), ("used by", used_by(principal, access.template.within))):
        for value in dict.fromkeys(values):
            yield name, visible(value)
    table = by_level(effective(principal, access))
    reach: Counter[str] = Counter()
    for levels in table.values():
        reach.update({level: len(names) for level, names in levels.items()})
    if table:
        counts = ", ".join(f"{reach[level]} {level}" for level in LEVELS if reach[level])
        yield "may", f"{counts} in {counted(len(table), 'service')}"


def _found(findings: list[Finding], style: Style) -> Iterator[tuple[str, str]]:
    for finding in sorted(findings, key=lambda one: one.span.start):
        line, column = finding.span.first
        yield "findings", f"{line}:{column} {tag(finding, style)} {visible(finding.message)}"
