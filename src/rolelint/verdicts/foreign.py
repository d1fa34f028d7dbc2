"""What do other tools' suppressions in a template excuse, in their own words and in ours?

checkov: ``# checkov:skip=CKV_AWS_111:reason`` in a resource, and Metadata; cfn_nag, cdk_nag, cfn-lint and cfn-guard: Metadata.
"""

from collections.abc import Iterable, Iterator

from rolelint.engine.rulebook import Rulebook
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Source, Span
from rolelint.template.template import Template
from rolelint.tuples import NamedTuple
from rolelint.verdicts.comments import comments
from rolelint.verdicts.metadata import scopes
from rolelint.verdicts.suppressions import ForeignIds, Resource, Scope, Suppression, Whole

_SKIP = pattern(r"#[ \t]*(?:checkov|bridgecrew|cortex):skip=[ \t]*([A-Za-z0-9_]+(?:,[A-Za-z0-9_]+)*)(?::([^\r\n]*))?")


class _Form(NamedTuple):
    """Where a tool keeps its list in Metadata, how an item gives its id and reason, and whose ids these are."""

    path: tuple[str, ...]
    id: str
    reason: str
    tool: str


_FORMS = (
    _Form(("cfn_nag", "rules_to_suppress"), "id", "reason", "cfn_nag"),
    _Form(("cdk_nag", "rules_to_suppress"), "id", "reason", "cdk_nag"),
    _Form(("checkov", "skip"), "id", "comment", "checkov"),
    _Form(("cfn-lint", "config", "ignore_checks"), "", "", "cfn-lint"),
    _Form(("guard", "SuppressedRules"), "", "", "aws-guard-rules-registry"),
)
KEYS = frozenset(form.path[0] for form in _FORMS)
"""The keys of Metadata that are other tools'."""


class Foreign(NamedTuple):
    """One id in a suppression in another tool's words: the tool whose id it is, and what it excuses there.

    In Metadata it is the item ``number`` of the list that ``entries`` lead to; in a comment there are neither.
    """

    tool: str
    id: str
    reason: str
    scope: Scope
    span: Span
    metadata: Mapping | None = None
    entries: tuple[Entry, ...] = ()
    number: int = 0


def foreign_ids(rulebook: Rulebook) -> ForeignIds:
    """For each tool and id the rules that name it as their equivalent, in the order of their names."""
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for rule in rulebook.rules:
        for tool, ids in rulebook.page(rule.name).equivalents.items():
            for one in ids:
                known[tool, one] = (*known.get((tool, one), ()), rule.name)
    return known


def as_ours(foreign: Foreign, known: ForeignIds) -> Suppression:
    """What a suppression in another tool's words excuses of ours; nobody complains when that is nothing."""
    reason = f"{foreign.tool} {foreign.id}" + (f": {foreign.reason}" if foreign.reason else "")
    return Suppression(known.get((foreign.tool, foreign.id), ()), reason, foreign.scope, foreign.span, foreign=True)


def in_other_words(source: Source, root: Node | None, templates: Iterable[Template]) -> Iterator[Foreign]:
    """The suppressions of other tools in a source, those in comments first."""
    templates = tuple(templates)
    if ":skip=" in source.text:
        for comment in comments(source, root, _SKIP):
            span = Span(source, comment.start(), comment.end())
            scope = _around(span, templates)
            if scope is not None:
                for one in ids_in(span):
                    yield Foreign("checkov", one, (comment[2] or "").strip(), scope, span)
    if any(form.path[0] in source.text for form in _FORMS):
        for scope, metadata in scopes(templates):
            for form in _FORMS:
                yield from _listed(form, metadata, scope)


def ids_in(comment: Span) -> list[str]:
    """The ids in one of checkov's comments."""
    found = _SKIP.match(comment.text)
    return found[1].split(",") if found else []


def _around(span: Span, templates: tuple[Template, ...]) -> Scope | None:
    """The resource on whose lines a comment stands: checkov looks nowhere else."""
    for template in templates:
        for resource in template.resources.values():
            extent = Span(template.source, resource.key.span.start, resource.node.span.end)
            if resource.cause is None and extent.start <= span.start < template.source.offset(extent.last.line + 1):
                return Resource(template.within + resource.id, extent)
    return None


def _listed(form: _Form, metadata: Mapping, scope: Scope) -> Iterator[Foreign]:
    if form.tool in ("cfn_nag", "checkov") and isinstance(scope, Whole):
        return  # these look at resources only
    entries: list[Entry] = []
    here: Node = metadata
    for key in form.path:
        entry = here.entry(key) if isinstance(here, Mapping) else None
        if entry is None:
            return
        entries.append(entry)
        here = entry.value
    for number, item in enumerate(here.items if isinstance(here, Sequence) else ()):
        named, reason = _named(item, form)
        if isinstance(named, Scalar):
            said = reason.text.strip() if isinstance(reason, Scalar) else ""
            yield Foreign(form.tool, named.text.strip(), said, scope, item.span.on_one_line(), metadata, tuple(entries), number)


def _named(item: Node, form: _Form) -> tuple[Node | None, Node | None]:
    """The id and the reason in an item; guard also takes ``- ID: reason``."""
    if not isinstance(item, Mapping):
        return (item, None) if not form.id else (None, None)
    if form.id:
        return item.get(form.id), item.get(form.reason)
    return (item.entries[0].key, item.entries[0].value) if len(item.entries) == 1 else (None, None)
