"""What would CloudFormation refuse in this template, whatever its parameters are?

Names that nothing has, functions without the arguments that they need, and definitions that go in circles. Only what fails in
every deployment is told; a template that a macro may still change is left alone.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from rolelint.syntax.inside import inside
from rolelint.syntax.nodes import Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Problem, Span
from rolelint.syntax.spelling import closest
from rolelint.template.evaluate import function_call
from rolelint.template.intrinsics import Spot, variables_of
from rolelint.template.references import pseudo
from rolelint.template.template import Resource, Template
from rolelint.tuples import NamedTuple

_MOST_HINTS = 20
"""Names for which a similar one is looked up: a text that is no template may hold thousands."""

_MOST_COMPARED = 1_000
"""Names that it is compared with; CloudFormation allows 500 resources and 200 parameters."""

_MOST_SHOWN = 5
"""Definitions on a circle that are named."""

_MADE_BY_SAM = ("CodeDeployServiceRole", "ServerlessDeployment", "ServerlessHttpApi", "ServerlessRestApi")
_PREFIX = "AWS::"
_SECTIONS_OF_TOOLS = ("Modules", "Packages", "Rain")
"""Sections by which the AWS CLI's ``package`` and ``rain`` bring in resources: https://github.com/aws-cloudformation/rain"""


class _Reference(NamedTuple):
    """A name that a node uses, and what it should be the name of: resource, attribute, condition or mapping."""

    name: str
    kind: str
    spot: Spot


_Edges: TypeAlias = dict[str, dict[str, Spot]]
"""For each definition the names that it refers to in all cases, and where."""


def faults(template: Template) -> list[Problem]:
    """What CloudFormation refuses in a template that is a file of its own."""
    if template.macros:
        return []
    reader = _Reader(template)
    reader.read()
    found = [*reader.problems, *_circles(reader.resources, "resource"), *_circles(reader.conditions, "condition")]
    return [*found, *_undefined(reader.references, template)] if _is_whole(template) else found


def _is_whole(template: Template) -> bool:
    """Whether all names can be seen: not in a file that another tool merges into a template, or with loops over open lists."""
    says_so = template.root.get("AWSTemplateFormatVersion", "Transform") is not None
    return says_so and not template.loop_variables and template.root.get(*_SECTIONS_OF_TOOLS) is None


class _Reader:
    """Collects the references of one template, and the calls that cannot be right."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.drops_branches = any(one.text == "AWS::LanguageExtensions" for one in template.transforms)
        """Whether a branch that is not taken is gone before CloudFormation looks for what it refers to."""
        self.references: list[_Reference] = []
        self.problems: list[Problem] = []
        self.resources: _Edges = {}
        self.conditions: _Edges = {}

    def read(self) -> None:
        for resource in self.template.resources.values():
            if resource.cause is None:
                self.resource(resource)
        for name, node in self.template.conditions.nodes.items():
            self.walk(node, self.conditions.setdefault(name, {}), ("condition",))
        outputs = self.template.root.get("Outputs")
        for key, node in outputs.entries if isinstance(outputs, Mapping) else ():
            if not key.text.startswith("Fn::ForEach::"):
                self.condition(node)
                self.walk(node, {}, ())

    def resource(self, resource: Resource) -> None:
        self.condition(resource.node)
        edges: dict[str, Spot] = {}
        after = resource.node.get("DependsOn")
        for named in after.items if isinstance(after, Sequence) else (after,):
            if isinstance(named, Scalar) and not named.tag:
                self.references.append(_Reference(named.text, "attribute", Spot(named)))
                edges.setdefault(named.text, Spot(named))
        if resource.properties is not None:
            self.walk(resource.properties, edges, ("resource", "attribute"))
        # One that a transform takes apart may refer to another only in a part that is no longer in it.
        if resource.condition is None and not _is_taken_apart(resource):
            self.resources[resource.id] = edges

    def condition(self, holder: Node) -> None:
        named = holder.get("Condition") if isinstance(holder, Mapping) else None
        if isinstance(named, Scalar) and not named.tag:
            self.references.append(_Reference(named.text, "condition", Spot(named)))

    def walk(self, root: Node, edges: dict[str, Spot], kinds: Collection[str]) -> None:
        """Read all calls in a node; what it refers to in any case, of some kinds, goes into ``edges``."""
        todo: list[tuple[Node, dict[str, Spot] | None]] = [(root, edges)]
        while todo:
            node, into = todo.pop()
            call = function_call(node) if node.tag or (isinstance(node, Mapping) and len(node.entries) == 1) else None
            if call is not None:
                for reference in self.call(*call, node):
                    if into is not None or not self.drops_branches:
                        self.references.append(reference)
                    if into is not None and reference.kind in kinds:
                        into.setdefault(reference.name, reference.spot)
                into = None if call[0] == "Fn::If" else into
                node = call[1]
            match node:
                case Mapping():
                    todo += [(value, into) for _, value in node.entries if value.tag or not isinstance(value, Scalar)]
                case Sequence():
                    todo += [(item, into) for item in node.items if item.tag or not isinstance(item, Scalar)]

    def call(self, name: str, arguments: Node, node: Node) -> Iterator[_Reference]:
        """The names that a call uses; it is a problem if it lacks something else."""
        fits, needed = _ARGUMENTS.get(name, (None, ""))
        if fits and not fits(arguments) and function_call(arguments) is None:
            self.problems.append(Problem("malformed-function", f"{name} needs {needed}", node.span.on_one_line()))
        else:
            yield from _references(name, arguments, node)


def _is_taken_apart(resource: Resource) -> bool:
    return resource.type.startswith("AWS::Serverless::") or resource.type.endswith("::MODULE")


# -- Names -------------------------------------------------------------------------------------------------------------


def _references(name: str, arguments: Node, node: Node) -> Iterator[_Reference]:
    """The names that one call uses."""
    match name, arguments:
        case "Ref", Scalar(text=text):
            yield _Reference(text, "resource", Spot(node))
        case "Fn::GetAtt", Scalar(text=text) | Sequence(items=(Scalar(text=text), *_)):
            yield _Reference(text.partition(".")[0], "attribute", Spot(node))
        case "Fn::Sub", Scalar():
            yield from _substituted(arguments, ())
        case "Fn::Sub", Sequence(items=(Scalar() as text, Mapping(entries=entries))):
            yield from _substituted(text, {entry.key.text for entry in entries})
        case "Fn::FindInMap", Sequence(items=(Scalar(text=text, tag="") as written, _, _)):
            yield _Reference(text, "mapping", Spot(written))
        case "Fn::If", Sequence(items=(Scalar(text=text) as written, *_)):
            yield _Reference(text, "condition", Spot(written))
        case "Condition", Scalar(text=text):
            yield _Reference(text, "condition", Spot(node))


def _substituted(text: Scalar, variables: Collection[str]) -> Iterator[_Reference]:
    for found in variables_of(text.text):
        name = found[2].strip()
        if name and not found[1] and name not in variables:
            holder, dot, _ = name.partition(".")
            spot = Spot(text, found.start(), len(found[0]))
            yield _Reference(holder, "attribute" if dot else "resource", spot)


def _undefined(references: list[_Reference], template: Template) -> Iterator[Problem]:
    section = template.root.get("Resources")
    written = section.entries if isinstance(section, Mapping) else ()
    # Those that are not read have no type: that is another mistake, or another tool's way of writing.
    untyped = [entry.key.text for entry in written if entry.key.text not in template.resources]
    resources = {*template.resources, *untyped}
    known: dict[str, Collection[str]] = {
        "resource": resources | template.parameters.keys(),
        "attribute": resources,
        "condition": template.conditions.nodes,
        "mapping": template.mappings,
    }
    made = (*_MADE_BY_SAM, *untyped, *(one.id for one in template.resources.values() if _is_taken_apart(one)))
    hints: dict[str, str] = {}
    for name, kind, spot in references:
        if name in known[kind] or (kind == "resource" and _is_pseudo(name)):
            continue
        if kind in ("resource", "attribute") and name.startswith(made):
            continue  # what a transform makes is named for what it is made of
        if name not in hints and len(hints) < _MOST_HINTS:
            hints[name] = _meant(name, known[kind])
        yield Problem("undefined-name", _complaint(name, kind, template) + hints.get(name, ""), _span(spot).on_one_line())


def _is_pseudo(name: str) -> bool:
    return name == "AWS::NoValue" or pseudo(name) is not None


def _complaint(name: str, kind: str, template: Template) -> str:
    match kind:
        case "attribute" if name in template.parameters:
            return f"{name} is a parameter, which has no attributes"
        case "resource":
            return f"no resource or parameter is called {name}"
        case "attribute":
            return f"no resource is called {name}"
        case _:
            return f"no {kind} is called {name}"


def _meant(name: str, known: Collection[str]) -> str:

    if ":" in name and not name.startswith(_PREFIX):
        return f" (a policy variable is written ${{!{name}}} here)"
    close = closest(name, list(known)[:_MOST_COMPARED])
    return f" (did you mean {close}?)" if close else ""


def _span(spot: Spot) -> Span:
    node, offset, length = spot
    return inside(node, offset, offset + length) if isinstance(node, Scalar) and length else node.span


# -- Circles -----------------------------------------------------------------------------------------------------------


def _circles(edges: _Edges, noun: str) -> Iterator[Problem]:
    """One problem for each circle, at the reference by which its first definition refers to the next one."""
    left = _endless(edges)
    seen: set[str] = set()
    for start in left:
        path: dict[str, None] = {}
        name = start
        while name not in seen:
            seen.add(name)
            path[name] = None
            name = next(further for further in edges[name] if further in left)
        if name in path:
            circle = [*path][[*path].index(name) :]
            between = circle[1:] if len(circle) <= _MOST_SHOWN else [circle[1], f"{len(circle) - 2} more one after the other"]
            around = ", which refers to ".join([*between, name])
            span = _span(edges[name][(*circle[1:], name)[0]]).on_one_line()
            yield Problem("circular-reference", f"the {noun} {name} refers to {around}", span)


def _endless(edges: _Edges) -> dict[str, None]:
    """The definitions from which references go on for ever, in the order of the template."""
    referring: dict[str, list[str]] = {}
    ahead = {name: sum(further in edges for further in found) for name, found in edges.items()}
    for name, found in edges.items():
        for further in found:
            referring.setdefault(further, []).append(name)
    ended = [name for name, count in ahead.items() if not count]
    while ended:
        for name in referring.get(ended.pop(), ()):
            ahead[name] -= 1
            if not ahead[name]:
                ended.append(name)
    return {name: None for name, count in ahead.items() if count}


# -- Arguments ---------------------------------------------------------------------------------------------------------


def _is_call(node: Node) -> bool:
    return function_call(node) is not None


def _is_text(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.tag


def _is_plain_list(node: Node) -> bool:
    return isinstance(node, Sequence) and not node.tag


def _is_index(node: Node) -> bool:
    return _is_call(node) or (isinstance(node, Scalar) and node.text.strip().isdigit())


def _members(node: Node) -> int:
    return len(node.items) if isinstance(node, Sequence) else -1


def _attribute(node: Node) -> bool:
    match node:
        case Scalar(text=text):
            return 0 < text.find(".") < len(text) - 1
        case Sequence(items=(first, _, *_)):
            return _is_call(first) or isinstance(first, Scalar)
    return False


def _choice(node: Node) -> bool:
    match node:
        case Sequence(items=(condition, _, _)):
            return not _is_plain_list(condition)
    return False


def _joined(node: Node) -> bool:
    match node:
        case Sequence(items=(_, parts)):
            return _is_plain_list(parts) or _is_call(parts)
    return False


def _selection(node: Node) -> bool:
    match node:
        case Sequence(items=(index, members)):
            return _is_index(index) and (_is_plain_list(members) or _is_call(members))
    return False


def _parted(node: Node) -> bool:
    match node:
        case Sequence(items=(_, text)):
            return not _is_plain_list(text)
    return False


def _substitution(node: Node) -> bool:
    match node:
        case Scalar() | Sequence(items=(Scalar(tag=""),)):
            return True
        case Sequence(items=(first, second)):
            return _is_text(first) and isinstance(second, Mapping)
    return False


_ARGUMENTS: dict[str, tuple[Callable[[Node], bool], str]] = {
    "Fn::And": (lambda node: _members(node) in range(2, 11), "two to ten conditions"),
    "Fn::Equals": (lambda node: _members(node) == 2, "two values"),  # noqa: PLR2004 - it compares two
    "Fn::FindInMap": (lambda node: _members(node) in (3, 4), "a mapping and two keys"),
    "Fn::GetAtt": (_attribute, "a resource and its attribute"),
    "Fn::If": (_choice, "the name of a condition and two values"),
    "Fn::Join": (_joined, "a delimiter and a list"),
    "Fn::Not": (lambda node: _members(node) in (-1, 1), "one condition"),
    "Fn::Or": (lambda node: _members(node) in range(2, 11), "two to ten conditions"),
    "Fn::Select": (_selection, "a number and a list"),
    "Fn::Split": (_parted, "a delimiter and a text"),
    "Fn::Sub": (_substitution, "a text, and the values of its variables as a mapping"),
    "Ref": (lambda node: isinstance(node, Scalar) and bool(node.text), "a name"),
}
"""What the arguments of a function must look like, and that in words."""
