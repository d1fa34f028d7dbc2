"""What does this YAML say, and where? PyYAML's events become nodes; nothing is guessed or converted.

CloudFormation reads YAML 1.1 but keeps dates as text and rejects aliases and merge keys; ``aws cloudformation package``
and ``sam build`` expand both, so sources contain them. Both are read here.
"""

from typing import Any, NamedTuple, TypeAlias

import yaml

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence, Spans, whole_source
from rolelint.syntax.source import Problem, Source, Span

MOST_DEPTH = 200
MOST_NODES = 1_000_000
"""More than the largest template can hold; an alias counts as all that it stands for."""

LoaderType: TypeAlias = "type[yaml.SafeLoader] | type[yaml.CSafeLoader]"
_Event: TypeAlias = Any  # PyYAML's stubs allow events without marks, which its parsers never send

FASTEST: LoaderType
try:
    FASTEST = yaml.CSafeLoader
except AttributeError:  # pragma: no cover - PyYAML without libyaml: the same events, some ten times slower
    FASTEST = yaml.SafeLoader

_LINE_ENDS = "\r\n\x85\u2028\u2029"
# Tags of YAML's own say what a value is anyway, save that what is tagged as text is never a number.
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_OWN_TAGS = _TEXT_TAGS | {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "seq", "map")}


class Unreadable(Exception):  # noqa: N818 - it is what the text is, not what went wrong
    """The text is not what its reader expects: a reason for people and the offset where it shows."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


class _Open(NamedTuple):
    """A list or mapping whose end has not been seen yet; ``around`` holds the items of the one that it stands in."""

    event: _Event
    number: int
    aliased: int
    around: list[Node]


class _Composer:
    """Builds nodes from events; one composer reads the first document, which is the one that CloudFormation reads."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.spans: Spans = []
        self.origin = whole_source(source, lambda: self.spans)
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.aliased = 0  # how many nodes the aliases so far stand for
        self.opened: list[_Open] = []
        self.items: list[Node] = []  # of the innermost open list or mapping, where keys and values take turns

    def compose(self, loader: "yaml.SafeLoader | yaml.CSafeLoader") -> Node | None:
        next_event, scalar_event = loader.get_event, yaml.ScalarEvent  # most of a run is spent here
        while True:
            event: _Event = next_event()
            kind = event.__class__
            if kind is scalar_event:
                self.items.append(self.scalar(event))
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self.start(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.end(event)
            elif kind is yaml.AliasEvent:
                self.alias(event)
            elif kind is yaml.DocumentEndEvent or kind is yaml.StreamEndEvent:
                return self.items[0] if self.items else None

    def scalar(self, event: _Event) -> Scalar:
        text, style, tag = event.value, event.style, event.tag
        start, end = event.start_mark.index, event.end_mark.index
        if style == "|" or style == ">":  # noqa: PLR1714 - a comparison costs less than a tuple for every scalar
            end = start + _length_of_block(self.source.text[start:end], text)
        spans = self.spans
        number = len(spans)
        spans.append((start, end))
        if tag is None:
            node = Scalar(text, self.origin, number, "", not style)
        else:
            node = Scalar(text, self.origin, number, "" if tag in _OWN_TAGS else tag, not style and tag not in _TEXT_TAGS)
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 1)
        return node

    def alias(self, event: _Event) -> None:
        start = event.start_mark.index
        known = self.anchors.get(event.anchor)
        if known is None:
            raise Unreadable(f"the alias *{event.anchor} has no anchor before it", start)
        node, weight = known
        self.aliased += weight
        if self.aliased > MOST_NODES:
            raise Unreadable(f"its aliases stand for more than {MOST_NODES:,} nodes", start)
        if not isinstance(node, Scalar):
            self.refuse_as_key(start)
        self.spans.append((start, event.end_mark.index))
        self.items.append(node._replace(number=len(self.spans) - 1, anchor=node))

    def start(self, event: _Event) -> None:
        start = event.start_mark.index
        if len(self.opened) >= MOST_DEPTH:
            raise Unreadable(f"it is nested more than {MOST_DEPTH} levels deep", start)
        self.refuse_as_key(start)
        self.opened.append(_Open(event, len(self.spans), self.aliased, self.items))
        self.spans.append((start, event.end_mark.index))
        self.items = []

    def refuse_as_key(self, start: int) -> None:
        """Refuse a list or mapping that begins where a mapping has its next key."""
        if self.opened and len(self.items) % 2 == 0 and self.opened[-1].event.__class__ is yaml.MappingStartEvent:
            raise Unreadable("a mapping key is not plain text", start)

    def end(self, event: _Event) -> None:
        items, spans = self.items, self.spans
        begun, number, aliased, self.items = self.opened.pop()
        # The end mark of a block collection is the next token's, past comments and blank lines.
        end = event.end_mark.index if begun.flow_style or not items else spans[items[-1].number][1]
        spans[number] = (spans[number][0], end)
        tag = "" if begun.tag is None or begun.tag in _OWN_TAGS else begun.tag
        node: Node
        if begun.__class__ is yaml.MappingStartEvent:
            node = Mapping(self.entries(items), self.origin, number, tag)
        else:
            node = Sequence(tuple(items), self.origin, number, tag)
        if begun.anchor is not None:
            self.anchors[begun.anchor] = (node, len(spans) - number + self.aliased - aliased)
        self.items.append(node)

    def entries(self, items: list[Any]) -> tuple[Entry, ...]:
        """Pairs of keys and values: the last of duplicate keys counts, merged mappings fill what is missing."""
        keys, values = items[::2], items[1::2]
        different = {key.text for key in keys}
        entries = tuple(map(Entry, keys, values))
        if len(different) == len(keys) and "<<" not in different:
            return entries
        merging = [entry for entry in entries if _merges(entry)]
        self.problems += [Problem("merge-key", "a YAML merge key", entry.key.span) for entry in merging]
        own = without_duplicates([entry for entry in entries if not _merges(entry)], self.problems)
        return own + _merged(own, merging)


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


def without_duplicates(pairs: list[Entry], problems: list[Problem]) -> tuple[Entry, ...]:
    """The pairs with the last one of each key; the overridden ones are reported, since a statement may hide there."""
    last = {entry.key.text: entry for entry in pairs}
    problems += [
        Problem("duplicate-key", f"the key {entry.key.text} stands again further down", entry.key.span)
        for entry in pairs
        if last[entry.key.text] is not entry
    ]
    return tuple(last.values())


def _length_of_block(raw: str, text: str) -> int:
    """How long a block scalar is without the blank lines that its end mark lies behind."""
    ends_blank = text.rstrip(_LINE_ENDS)[-1:] in (" ", "\t")
    return len(raw.rstrip(_LINE_ENDS) if ends_blank else raw.rstrip(_LINE_ENDS + " \t"))


def read_yaml(source: Source, *, loader: LoaderType = FASTEST) -> tuple[Node | None, tuple[Problem, ...]]:
    """The first document of a YAML text, or None when there is none; and what was odd about it.

    Raises:
        Unreadable: the text is not YAML, or too large or deep to be a template.

    """
    composer = _Composer(source)
    try:
        return composer.compose(loader(source.text)), tuple(composer.problems)
    except (Unreadable, yaml.YAMLError) as error:
        pass

        raise


def spot(source: Source, offset: int) -> Span:
    """The line at an offset, as the place of something that cannot be read."""
    offset = min(offset, len(source.text))
    return Span(source, offset, max(offset, source.offset(source.position(offset).line + 1))).on_one_line()
