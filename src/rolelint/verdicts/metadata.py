"""Which findings does Metadata excuse? JSON has no comments, and Metadata can name a statement and its actions.

On a resource it covers that resource, at the top of a template all of it::

    Metadata:
      rolelint:
        ignore:
          - {rule: star-resource-read, statement: List, actions: ["ec2:Describe*"], until: 2027-01-31, reason: no finer level}
"""

from collections.abc import Iterable, Iterator

from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Problem, Span
from rolelint.template.template import Template
from rolelint.verdicts.suppressions import NO_DATE, Resource, Scope, Suppression, Whole, is_date

NAME = "rolelint"
_LISTS = ("rule", "actions")
_KEYS = (*_LISTS, "statement", "until", "reason")


def in_metadata(templates: Iterable[Template]) -> Iterator[Suppression | Problem]:
    """The suppressions in the Metadata of templates in one source, and what in it looks like one but is not."""
    for scope, metadata in scopes(templates):
        entry = metadata.entry(NAME)
        if entry is None:
            continue
        ignore = entry.value.entry("ignore") if isinstance(entry.value, Mapping) else None
        if ignore is None or not isinstance(ignore.value, Sequence):
            yield _odd(entry.key, "'rolelint' in Metadata holds no list 'ignore'")
        else:
            yield from (_suppression(item, scope) for item in ignore.value.items)


def scopes(templates: Iterable[Template]) -> Iterator[tuple[Scope, Mapping]]:
    """The Metadata of templates in one source and of their resources, each with what it is about."""
    seen: set[int] = set()
    for number, template in enumerate(templates):
        whole = template.root.get("Metadata") if number == 0 else None  # the others stand as text in the first
        if isinstance(whole, Mapping):
            yield Whole(), whole
        for resource in template.resources.values():
            own = resource.node.get("Metadata")
            if isinstance(own, Mapping) and own.span.start not in seen:  # a loop makes many resources of one text
                seen.add(own.span.start)
                extent = Span(template.source, resource.key.span.start, resource.node.span.end)
                yield Resource(template.within + resource.id, extent), own


def _suppression(node: Node, scope: Scope) -> Suppression | Problem:
    if not isinstance(node, Mapping):
        return _odd(node, "an entry of 'ignore' has a 'rule' and a 'reason'")
    unknown = next((entry.key for entry in node.entries if entry.key.text not in _KEYS), None)
    if unknown is not None:
        return _odd(unknown, f"an entry of 'ignore' has no {unknown.text!r}: known are {', '.join(_KEYS)}")
    texts = {entry.key.text: _texts(entry.value) for entry in node.entries}
    wrong = next((key for key, found in texts.items() if not _fits(key, found)), None)
    if wrong is not None or "rule" not in texts:
        return _odd(node, f"{wrong or 'rule'!r} of this entry is missing, empty or of another form")
    statement, until, reason = ("".join(texts.get(key, ())) for key in ("statement", "until", "reason"))
    if until and not is_date(until):
        return _odd(node, NO_DATE.format(until))
    span = node.span.on_one_line()
    return Suppression(texts["rule"], reason.strip(), scope, span, until, statement, texts.get("actions", ()))


def _fits(key: str, texts: tuple[str, ...]) -> bool:
    if key == "reason":
        return len(texts) == 1  # an empty one is no reason, which a rule of its own reports
    return bool(texts) and all(text.strip() for text in texts) and (key in _LISTS or len(texts) == 1)


def _texts(node: Node) -> tuple[str, ...]:
    """A text, or the texts of a list; nothing for any other form."""
    items = node.items if isinstance(node, Sequence) else (node,)
    texts = tuple(item.text for item in items if isinstance(item, Scalar) and not item.tag)
    return texts if len(texts) == len(items) else ()


def _odd(node: Node, message: str) -> Problem:
    return Problem("unused-suppression", message, node.span.on_one_line())
