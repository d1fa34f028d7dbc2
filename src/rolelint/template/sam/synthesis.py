"""How is a node made that nobody wrote? Each one stands where the node stands that it is made for.

What the user wrote goes into the made tree as it is, with its own positions.
"""

from typing import TypeAlias

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.template.template import Resource

Data: TypeAlias = str | Node | list["Data"] | dict[str, "Data"]
"""Plain data with nodes inside."""

Properties: TypeAlias = dict[str, Data | None]
"""A resource's properties; those that are None are left out."""

VERSION = "2012-10-17"


def synthesise(data: Data, at: Node) -> Node:
    """The node that plain data makes at the place of another node."""
    match data:
        case Scalar() | Sequence() | Mapping():
            return data
        case str():
            return Scalar(data, at.origin, at.number)
        case list():
            return Sequence(tuple(synthesise(item, at) for item in data), at.origin, at.number)
        case dict():
            entries = (Entry(Scalar(key, at.origin, at.number), synthesise(value, at)) for key, value in data.items())
            return Mapping(tuple(entries), at.origin, at.number)


def make(logical_id: str, kind: str, properties: Properties, cause: Node, condition: str | None = None) -> Resource:
    """A resource that is made for a node."""
    held = synthesise({name: value for name, value in properties.items() if value is not None}, cause)
    node = Mapping((_entry("Type", kind, cause), _entry("Properties", held, cause)), cause.origin, cause.number)
    key = Scalar(logical_id, cause.origin, cause.number)
    return Resource(logical_id, kind, key, node, held, condition, cause)


def with_property(resource: Resource, name: str, value: Data, at: Node) -> Resource:
    """A resource with one property set, and all its others."""
    properties = resource.properties
    written = properties.entries if isinstance(properties, Mapping) else ()
    kept = tuple(entry for entry in written if entry.key.text != name)
    place = properties if properties is not None else resource.key
    return resource._replace(properties=Mapping((*kept, _entry(name, value, at)), place.origin, place.number))


def _entry(name: str, value: Data, at: Node) -> Entry:
    return Entry(Scalar(name, at.origin, at.number), synthesise(value, at))


def ref(logical_id: str) -> Data:
    """What ``Ref`` of a resource is written as."""
    return {"Ref": logical_id}


def get_att(logical_id: str, attribute: str = "Arn") -> Data:
    """What ``Fn::GetAtt`` of a resource is written as."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def sub(text: str, **variables: Data) -> Data:
    """What ``Fn::Sub`` of a text is written as."""
    return {"Fn::Sub": [text, variables]} if variables else {"Fn::Sub": text}


def if_(condition: Data, yes: Data, no: Data) -> Data:
    """What ``Fn::If`` is written as."""
    return {"Fn::If": [condition, yes, no]}


def no_value() -> Data:
    """What stands for nothing at all."""
    return ref("AWS::NoValue")


def statement(action: str | list[str], resource: Data, **more: Data) -> Data:
    """A statement that allows actions on a resource."""
    actions: Data = list(action) if isinstance(action, list) else action
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def document(*statements: Data) -> Data:
    """A policy document."""
    return {"Version": VERSION, "Statement": list(statements)}


def inline(name: str, *statements: Data) -> Data:
    """A member of a role's ``Policies``."""
    return {"PolicyName": name, "PolicyDocument": document(*statements)}
