"""What does a ``Policies`` property hold? Names, ARNs, documents and policy templates, each in its place in a role.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html#sam-function-policies
"""

from collections.abc import Iterable, Iterator

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Problem
from rolelint.template.evaluate import function_call
from rolelint.template.sam.data_files import managed_path, policy_template
from rolelint.template.sam.shapes import branches, is_no_value, mapping, members
from rolelint.template.sam.synthesis import Data, if_, no_value, sub, synthesise
from rolelint.template.template import Resource
from rolelint.tuples import NamedTuple


class Held(NamedTuple):
    """What a role holds: ARNs of managed policies and members of its ``Policies``."""

    managed: tuple[Node, ...] = ()
    inline: tuple[Node, ...] = ()


class Made(NamedTuple):
    """What SAM makes of one property: something in the role of its resource, resources, conditions for them."""

    held: Held = Held()
    resources: tuple[Resource, ...] = ()
    conditions: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


def together(parts: Iterable[Made]) -> Made:
    """All that several properties make; an AWS managed policy that a role would hold twice, it holds once."""
    listed = list(parts)
    return Made(
        Held(
            tuple(_once(node for one in listed for node in one.held.managed)),
            tuple(node for one in listed for node in one.held.inline),
        ),
        tuple(resource for one in listed for resource in one.resources),
        tuple(condition for one in listed for condition in one.conditions),
        tuple(problem for one in listed for problem in one.problems),
    )


def aws_managed(name: str, at: Node) -> Node:
    """The ARN of an AWS managed policy, given its name."""
    return synthesise(sub(f"arn:${{AWS::Partition}}:iam::aws:policy{managed_path(name)}{name}"), at)


def managed(name: str, at: Node) -> Made:
    """An AWS managed policy in the role."""
    return Made(Held((aws_managed(name, at),)))


def inline_policy(policy: Data, at: Node) -> Made:
    """A policy of the role's own."""
    return Made(Held((), (synthesise(policy, at),)))


def read_policies(node: Node | None, role: str) -> Made:
    """What a ``Policies`` property puts into a role."""
    return together(_read(entry, f"{role}Policy{index}") for index, entry in enumerate(_members(node)))


def _members(node: Node | None) -> Iterator[Node]:
    """The members; where a whole list depends on a condition, each of its members does."""
    for member in members(node):
        found = branches(member)
        if found is None:
            yield member
            continue
        condition, yes, no = found
        if not isinstance(yes, Sequence) and not isinstance(no, Sequence):
            yield member
            continue
        for item in _members(yes):
            yield synthesise(if_(condition, item, no_value()), item)
        for item in _members(no):
            yield synthesise(if_(condition, no_value(), item), item)


def _read(node: Node, name: str) -> Made:  # noqa: PLR0911 - one a form
    found = branches(node)
    if found is not None:
        return _either(found[0], _read(found[1], name), _read(found[2], name), node)
    if is_no_value(node):
        return Made()
    if function_call(node) is not None:
        return Made(Held((node,)))
    match node:
        case Scalar():
            return Made(Held((node if node.text.startswith(("arn:", "{{resolve:")) else aws_managed(node.text, node),)))
        case Mapping() if node.get("Statement", "statement") is not None:
            return inline_policy({"PolicyName": name, "PolicyDocument": node}, node)
        case Mapping(entries=(entry,)):
            return _from_template(entry, name)
    return _odd(node, "a policy is a name, an ARN, a document or a policy template")


def _either(condition: Node, yes: Made, no: Made, at: Node) -> Made:
    """The members that two branches make, each under the condition."""

    def choose(first: tuple[Node, ...], second: tuple[Node, ...]) -> tuple[Node, ...]:
        if not first and not second:
            return ()
        chosen = if_(condition, first[0] if first else no_value(), second[0] if second else no_value())
        return (synthesise(chosen, at),)

    held = Held(choose(yes.held.managed, no.held.managed), choose(yes.held.inline, no.held.inline))
    return Made(held, problems=(*yes.problems, *no.problems))


def _from_template(entry: Entry, name: str) -> Made:
    """The statements of a policy template, with what the user gives in place of its parameters."""
    template = policy_template(entry.key.text)
    if template is None:
        return _odd(entry.key, f"SAM has no policy template called {entry.key.text}")
    given = mapping(entry.value)
    values = {one.key.text: one.value for one in given.entries} if given else {}
    missing = [parameter for parameter in template.parameters if parameter not in values]
    filled = {parameter: values.get(parameter, synthesise("", entry.key)) for parameter in template.parameters}
    statements = synthesise(_fill(template.statements, filled), entry.key)
    made = inline_policy({"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}, entry.key)
    return made._replace(problems=_odd(entry.key, f"{template.name} needs {', '.join(missing)}").problems) if missing else made


def _fill(data: Data, values: dict[str, Node]) -> Data:
    match data:
        case {"Ref": str(name)} if name in values:
            return values[name]
        case dict():
            return {key: _fill(value, values) for key, value in data.items()}
        case list():
            return [_fill(item, values) for item in data]
    return data


def _odd(node: Node, message: str) -> Made:
    return Made(problems=(Problem("unreadable-policy", message, node.span.on_one_line()),))


def _once(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes without those that name the same AWS managed policy again."""
    seen: set[str] = set()
    for node in nodes:
        name = _aws_name(node)
        if name is None or name not in seen:
            yield node
        if name is not None:
            seen.add(name)


def _aws_name(node: Node) -> str | None:
    call = function_call(node)
    written = call[1] if call is not None and call[0] == "Fn::Sub" else node
    if not isinstance(written, Scalar) or ":aws:policy/" not in written.text:
        return None
    return written.text.partition(":aws:policy/")[2]
