"""What shape did the user give a node? SAM accepts several, and what it cannot use is passed over."""

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.template.evaluate import function_call
from rolelint.template.scalars import is_null, plain_meaning
from rolelint.template.template import Template

FALSE = "false"


def mapping(node: Node | None) -> Mapping | None:
    """The node if it is a mapping that is not a call of a function."""
    return node if isinstance(node, Mapping) and function_call(node) is None else None


def entries(node: Node | None) -> tuple[Entry, ...]:
    """The entries of a mapping; none of anything else."""
    found = mapping(node)
    return found.entries if found else ()


def members(node: Node | None) -> tuple[Node, ...]:
    """The members of a list, or the one value in its place."""
    if node is None or is_absent(node):
        return ()
    return node.items if isinstance(node, Sequence) and not node.tag else (node,)


def text(node: Node | None) -> str | None:
    """The text of a node that is plain text."""
    if not isinstance(node, Scalar) or node.tag or is_absent(node):
        return None
    return plain_meaning(node.text) if node.plain else node.text


def find(node: Node | None, *path: str) -> Entry | None:
    """The entry that a path of keys leads to, unless what stands there is nothing."""
    entry: Entry | None = None
    for key in path:
        found = mapping(node)
        entry = found.entry(key) if found else None
        if entry is None:
            return None
        node = entry.value
    return None if entry is None or is_absent(entry.value) else entry


def value(node: Node | None, *path: str) -> Node | None:
    """The value that a path of keys leads to, unless it is nothing."""
    entry = find(node, *path)
    return entry.value if entry else None


def is_absent(node: Node) -> bool:
    """Whether a value counts as not given: null, false, or empty."""
    match node:
        case Scalar(tag="", plain=True, text=written):
            return is_null(written) or plain_meaning(written) == FALSE
        case Scalar(tag="", text=""):
            return True
        case Sequence(items=()) | Mapping(entries=()):
            return True
    return False


def is_no_value(node: Node) -> bool:
    """Whether a node is a reference to ``AWS::NoValue``."""
    call = function_call(node)
    return call is not None and call[0] == "Ref" and isinstance(call[1], Scalar) and call[1].text == "AWS::NoValue"


def branches(node: Node) -> tuple[Node, Node, Node] | None:
    """The condition and the two values of an ``Fn::If``."""
    match function_call(node):
        case ("Fn::If", Sequence(items=(condition, yes, no))):
            return condition, yes, no
    return None


def settled(node: Node | None, template: Template) -> Node | None:
    """The node, or what the parameter that it refers to is given: SAM reads some properties before it deploys."""
    call = function_call(node) if node is not None else None
    if node is None or call is None or call[0] != "Ref" or not isinstance(call[1], Scalar):
        return node
    if call[1].text in template.given:
        return Scalar(template.given[call[1].text], node.origin, node.number)
    parameter = template.parameters.get(call[1].text)
    return parameter.default if parameter and parameter.default else node


def referred(node: Node | None) -> str | None:
    """The logical id that ``Ref`` or ``Fn::GetAtt`` names."""
    match function_call(node) if node is not None else None:
        case ("Ref", Scalar(text=name)):
            return name
        case ("Fn::GetAtt", Scalar(text=name)):
            return name.partition(".")[0]
        case ("Fn::GetAtt", Sequence(items=(Scalar(text=name), _))):
            return name
    return None


def written(node: Node) -> object:
    """What is written in a node, wherever it stands: short and long form of a function are one."""
    call = function_call(node)
    if call is not None:
        return call[0], written(call[1])
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return tuple(written(item) for item in node.items)
        case Mapping():
            return frozenset((entry.key.text, written(entry.value)) for entry in node.entries)
