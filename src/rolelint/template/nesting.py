"""Which templates does this one hold or name? Bodies that stand in it as text, and files that its nested stacks are made from.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly

from rolelint.syntax.embedded import joined
from rolelint.syntax.nodes import Mapping, Node, Scalar
from rolelint.syntax.reader import Parsed, read_inside
from rolelint.syntax.source import Problem
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.stand_ins import parsable
from rolelint.template.template import Export, Resource, Template, build, is_template
from rolelint.template.values import Fields, Hole, Text

Load = Callable[[str, str], Parsed | str]
"""Reads the file that a template at one path names by another; gives the reason why not as text."""

MOST_DEPTH = 5
"""Levels of stacks in stacks that are followed."""

MOST_NESTED = 500
"""Templates that are followed from one: stacks that all name the same few files multiply at each level."""

_BODIES = {"AWS::CloudFormation::StackSet": "TemplateBody"}
_FILES = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def with_nested(template: Template, load: Load) -> Template:
    """The template with the ones nested in it as its children, by the logical id of the resource that holds each.

    What cannot be followed is reported where it is named, unless it is not a local file in the first place.
    """
    return _Following(load).nested(template, (template.source.path,))


class _Following:
    """Follows what a template names, and counts how much it has followed."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.left = MOST_NESTED

    def nested(self, template: Template, around: tuple[str, ...]) -> Template:
        """A template with its children; ``around`` are the files that it stands in, its own the last."""
        if len(around) > MOST_DEPTH:
            return template
        children: dict[str, Template] = {}
        problems: list[Problem] = []
        for resource in template.resources.values():
            if resource.type in _BODIES:
                child = _body(template, resource, problems)
            elif resource.type in _FILES:
                child = self.file(template, resource, around, problems)
            else:
                continue
            if child is not None:
                children[resource.id] = self.nested(child, (*around, child.source.path))
        return (
            template._replace(children=children, problems=(*template.problems, *problems)) if children or problems else template
        )

    def file(self, template: Template, resource: Resource, around: tuple[str, ...], problems: list[Problem]) -> Template | None:
        """The template in the file that a nested stack is made from."""
        node = _property(resource, _FILES[resource.type])
        if not isinstance(node, Scalar) or node.tag or "://" in node.text:
            return None
        loaded = self.load(template.source.path, node.text) if self.left else f"is one of more than {MOST_NESTED}"
        if isinstance(loaded, Parsed) and loaded.source.path in around:
            loaded = "holds this stack itself, and so would never end"
        elif isinstance(loaded, Parsed) and not is_template(loaded.root):
            loaded = "is no template"
        if isinstance(loaded, str) or not isinstance(loaded.root, Mapping):
            problems.append(Problem("nested-template-not-read", f"{node.text} {loaded}", node.span.on_one_line()))
            return None
        self.left -= 1
        child = build(loaded.source, loaded.root, loaded.problems, given=_given(resource, template))
        return child._replace(within=f"{template.within}{resource.id}/")


def descendants(template: Template) -> Iterator[Template]:
    """The templates nested in a template, those in them included."""
    for child in template.children.values():
        yield child
        yield from descendants(child)


def _body(template: Template, resource: Resource, problems: list[Problem]) -> Template | None:
    node = _property(resource, _BODIES[resource.type])
    value = evaluate(node, Scope(template)) if node is not None else None
    parts = parsable(value) if isinstance(value, Text) and not value.symbol else None
    if parts is None:
        return None
    text, place = joined(parts.chunks)
    parsed = read_inside(text, template.source.path, place)
    # A hole may stand for more than a value: then it is not known what the text is.
    problems += parsed.problems if not parts.stand_ins else ()
    if not isinstance(parsed.root, Mapping) or not is_template(parsed.root):
        return None
    owner = template.within or f"{template.source.path}/"
    stand_ins = {letter: _outer(hole, owner) for letter, hole in parts.stand_ins.items()}
    child = build(parsed.source, parsed.root, given=_given(resource, template), stand_ins=stand_ins)
    # It stands in the file of the template that holds it: places and pointers are those of that file.
    return child._replace(source=template.source, root=template.root, within=f"{template.within}{resource.id}/")


def _outer(hole: Hole, owner: str) -> Hole:
    """A hole that the template around fills: its symbols, the account among them, are not those of the template inside."""
    return hole._replace(symbol=hole.symbol._replace(name=owner + hole.symbol.name))


def exports_of(template: Template) -> Iterator[tuple[str, Export]]:
    """What a template exports under a name that it tells."""
    outputs = template.root.get("Outputs")
    for entry in outputs.entries if isinstance(outputs, Mapping) and not template.within else ():
        export = entry.value.get("Export") if isinstance(entry.value, Mapping) else None
        value = entry.value.get("Value") if isinstance(entry.value, Mapping) else None
        name = export.get("Name") if isinstance(export, Mapping) else None
        known = evaluate(name, Scope(template)) if name is not None else None
        if isinstance(known, Text) and known.literal is not None and value is not None:
            yield known.literal, Export(template, value)


def _property(resource: Resource, name: str) -> Node | None:
    return resource.properties.get(name) if isinstance(resource.properties, Mapping) else None


def _given(resource: Resource, template: Template) -> ReadOnly[str, str]:
    """The values that a stack gives to the parameters of its template, as far as they are known."""
    node = _property(resource, "Parameters")
    value = evaluate(node, Scope(template)) if node is not None else None
    fields = value.fields if isinstance(value, Fields) else ()
    known = {str(field.key): field.value.literal for field in fields if isinstance(field.value, Text)}
    return {name: text for name, text in known.items() if text is not None}
