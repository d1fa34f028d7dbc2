"""What does this YAML say, and where? PyYAML's events become nodes; nothing is guessed or converted.

CloudFormation reads YAML 1.1 but keeps dates as text and rejects aliases and merge keys; ``aws cloudformation package``
and ``sam build`` expand both, so sources contain them. Both are read here.
"""

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

import yaml

from rolelint.syntax.nodes import (
    Entry,
    Mapping,
    Node,
    Origin,
    Scalar,
    Sequence,
    Spans,
    new_entry,
    new_mapping,
    new_scalar,
    new_sequence,
)
from rolelint.syntax.source import Problem, Source, Span
from rolelint.syntax.unreadable import MOST_DEPTH, Unreadable, without_duplicates

MOST_ALIASED = 200_000
"""How many nodes the aliases of a text may stand for: ten times what the largest templates hold."""

LoaderType: TypeAlias = "type[yaml.SafeLoader | yaml.CSafeLoader]"
_Event: TypeAlias = Any  # PyYAML's stubs allow events without marks, which its parsers never send
# An open list or mapping: its start, its number, the nodes that aliases stood for by then, the items around it.
_Open: TypeAlias = tuple[_Event, int, int, list[Node]]

FASTEST: LoaderType
try:
    FASTEST = yaml.CSafeLoader
except AttributeError:  # pragma: no cover - PyYAML without libyaml: the same events, some ten times slower
    FASTEST = yaml.SafeLoader

_STARTS = frozenset({yaml.MappingStartEvent, yaml.SequenceStartEvent})
_ENDS = frozenset({yaml.MappingEndEvent, yaml.SequenceEndEvent})
_BLOCKS = frozenset({"|", ">"})
_LINE_ENDS = "\r\n\x85\u2028\u2029"
# Tags of YAML's own say what a value is anyway, save that what is tagged as text is never a number.
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_OWN_TAGS = _TEXT_TAGS | {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "seq", "map")}


_text_of = attrgetter("text")


class _Composer:
    """Builds nodes from events; one composer reads the first document, which is the one that CloudFormation reads."""

    def __init__(self, source: Source, to_source: Callable[[int, int], Span] | None) -> None:
        self.source = source
        self.spans: Spans = []
        self.origin = Origin(source.text, lambda: self.spans, to_source or partial(Span, source))
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.aliased = 0  # how many nodes the aliases so far stand for

    def compose(self, loader: "yaml.SafeLoader | yaml.CSafeLoader") -> Node | None:
        next_event, scalar_event, origin = loader.get_event, yaml.ScalarEvent, self.origin
        spans = self.spans
        opened: list[_Open] = []
        items: list[Node] = []  # of the innermost list or mapping that is open; keys and values take turns
        while True:
            event: _Event = next_event()
            kind = event.__class__
            if kind is scalar_event:
                style = event.style
                if event.tag is None and event.anchor is None:
                    items.append(new_scalar((event.value, origin, len(spans), "", not style, None)))
                else:
                    items.append(self.scalar(event))
                spans.append((event.start_mark.index, self.end_of_block(event) if style in _BLOCKS else event.end_mark.index))
            elif kind in _STARTS:
                if len(opened) == MOST_DEPTH:
                    raise Unreadable(f"it is nested more than {MOST_DEPTH} levels deep", event.start_mark.index)
                opened.append((event, len(spans), self.aliased, items))
                spans.append((event.start_mark.index, event.end_mark.index))
                items = []
            elif kind in _ENDS:
                around = opened[-1][3]
                around.append(self.collection(opened.pop(), items, event))
                items = around
            elif kind is yaml.AliasEvent:
                items.append(self.alias(event))
            elif kind is yaml.DocumentEndEvent:
                self.look_further(loader, event)
                return items[0] if items else None
            elif kind is yaml.StreamEndEvent:
                return None

    def look_further(self, loader: "yaml.SafeLoader | yaml.CSafeLoader", end: _Event) -> None:
        """A second document is told, not read, and so is what is no YAML behind the first."""
        try:
            following: _Event = loader.get_event()
            if following.__class__ is yaml.StreamEndEvent:
                return
            end = following
            if getattr(loader.get_event(), "value", None) == "":
                return
        except yaml.YAMLError:
            pass
        span = self.origin.to_source(end.start_mark.index, end.end_mark.index)
        self.problems.append(Problem("second-document", "a second document begins here", span))

    def scalar(self, event: _Event) -> Scalar:
        tag = event.tag or ""
        plain = not event.style and tag not in _TEXT_TAGS
        node = Scalar(event.value, self.origin, len(self.spans), "" if tag in _OWN_TAGS else tag, plain)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 1)
        return node

    def end_of_block(self, event: _Event) -> int:
        """Where a block scalar ends: its end mark lies behind the blank lines that follow it."""
        start: int = event.start_mark.index
        end = event.end_mark.index
        ends_blank = event.value.rstrip(_LINE_ENDS)[-1:] in (" ", "\t")
        raw: str = self.source.text[start:end]
        return start + len(raw.rstrip(_LINE_ENDS) if ends_blank else raw.rstrip(_LINE_ENDS + " \t"))

    def collection(self, opened: "_Open", items: list[Node], ending: _Event) -> Node:
        event, number, aliased, _ = opened
        spans = self.spans
        # The end mark of a block collection is the next token's, past comments and blank lines.
        end = ending.end_mark.index if event.flow_style or not items else spans[items[-1].number][1]
        spans[number] = (spans[number][0], end)
        tag = "" if event.tag is None or event.tag in _OWN_TAGS else event.tag
        node: Node
        if event.__class__ is yaml.MappingStartEvent:
            node = new_mapping((self.entries(items), self.origin, number, tag, None))
        else:
            node = new_sequence((tuple(items), self.origin, number, tag, None))
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, len(spans) - number + self.aliased - aliased)
        return node

    def entries(self, items: list[Any]) -> tuple[Entry, ...]:
        """Pairs of keys and values: the last of duplicate keys counts, merged mappings fill what is missing."""
        keys = items[::2]
        try:
            names = set(map(_text_of, keys))
        except AttributeError:  # only scalars have a text
            wrong = next(key for key in keys if not isinstance(key, Scalar))
            raise Unreadable("a mapping key is not plain text", self.spans[wrong.number][0]) from None
        entries = tuple(map(new_entry, zip(keys, items[1::2])))  # noqa: B905 - every key has a value, if an empty one
        if len(names) == len(keys) and "<<" not in names:
            return entries
        merging = [entry for entry in entries if _merges(entry)]
        self.problems += [Problem("merge-key", "a YAML merge key", entry.key.span) for entry in merging]
        own = without_duplicates([entry for entry in entries if not _merges(entry)], self.problems)
        return own + _merged(own, merging)

    def alias(self, event: _Event) -> Node:
        start = event.start_mark.index
        known = self.anchors.get(event.anchor)
        if known is None:
            raise Unreadable(f"the alias *{event.anchor} has no anchor before it", start)
        node, weight = known
        self.aliased += weight
        if self.aliased > MOST_ALIASED:
            raise Unreadable(f"its aliases stand for more than {MOST_ALIASED:,} nodes", start)
        self.spans.append((start, event.end_mark.index))
        return node._replace(number=len(self.spans) - 1, anchor=node)


def _merges(entry: Entry) -> bool:
    return entry.key.text == "<<" and entry.key.plain and not isinstance(entry.value, Scalar)


def _merged(own: tuple[Entry, ...], merging: list[Entry]) -> tuple[Entry, ...]:
    """What ``<<`` adds: of several mappings with the same key the first one counts."""
    taken = {entry.key.text for entry in own}
    added: dict[str, Entry] = {}
    for _, value in merging:
        for node in value.items if isinstance(value, Sequence) else (value,):
            for key, below in node.entries if isinstance(node, Mapping) else ():
                if key.text not in taken and key.text not in added:
                    added[key.text] = Entry(key, below._replace(anchor=below.anchor or below))
    return tuple(added.values())


def read_yaml(
    source: Source, *, loader: LoaderType = FASTEST, to_source: Callable[[int, int], Span] | None = None
) -> tuple[Node | None, tuple[Problem, ...]]:
    """The first document of a YAML text, or None when there is none; and what was odd about it.

    ``to_source`` says where characters of the text really stand when it was taken from a value in another one.

    Raises:
        Unreadable: the text is not YAML, or too large or deep to be a template.

    """
    composer = _Composer(source, to_source)
    try:
        return composer.compose(loader(source.text)), tuple(composer.problems)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError, Unreadable) as error:
        from rolelint.syntax.diagnosis import of_yaml  # noqa: PLC0415 - only a text that cannot be read needs it

        raise Unreadable(*of_yaml(source, error)) from error
