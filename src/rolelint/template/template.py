"""Which parts does this template have? Parameters, mappings, conditions and resources, each with its node."""

from collections.abc import Callable, Iterator
from collections.abc import Mapping as ReadOnly
from typing import TypeAlias

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Problem, Source
from rolelint.template.conditions import Conditions
from rolelint.template.values import Hole
from rolelint.tuples import NamedTuple


class Declaration(NamedTuple):
    """Which values a parameter takes. Unlike the parameter it has no place, and so does not keep all of its file alive."""

    name: str
    is_list: bool
    allowed: tuple[str, ...]


class Parameter(NamedTuple):
    """A parameter of the template; ``allowed`` is empty when any value may be given."""

    name: str
    type: str
    node: Node
    default: Scalar | None
    allowed: tuple[Scalar, ...]
    pattern: str | None
    no_echo: bool

    @property
    def is_list(self) -> bool:
        """Whether its value is a list of texts."""
        return self.type == "CommaDelimitedList" or "List<" in self.type

    @property
    def is_looked_up(self) -> bool:
        """Whether its default is the name of a Systems Manager parameter, not a value."""
        return self.type.startswith("AWS::SSM::Parameter::Value<")

    @property
    def declaration(self) -> Declaration:
        """Which values it takes."""
        return Declaration(self.name, self.is_list, tuple(one.text for one in self.allowed))


class Resource(NamedTuple):
    """A resource as declared, or as a transform makes it; then ``cause`` is the node that it is made from.

    ``properties`` may be any node, an intrinsic function included.
    """

    id: str
    type: str
    key: Scalar
    node: Mapping
    properties: Node | None
    condition: str | None
    cause: Node | None = None

    @property
    def construct(self) -> str:
        """The path of the CDK construct that it comes from, as ``cdk synth`` notes it; empty when no CDK made it."""
        metadata = self.node.get("Metadata")
        path = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
        return path.text if isinstance(path, Scalar) else ""


class Export(NamedTuple):
    """A value that a template exports: the template and the node under the output's Value."""

    template: "Template"
    value: Node


_KNOWN_TRANSFORMS = (
    "AWS::CodeDeploy",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-",
    "AWS::Serverless-",
)

Exports: TypeAlias = Callable[[str], Export | None]
"""Finds what is exported under a name."""


def _no_exports(_: str) -> None:
    return None


class Template(NamedTuple):
    """One CloudFormation template, or a bare policy document (then ``document`` is set and the rest is empty)."""

    source: Source
    root: Mapping
    parameters: ReadOnly[str, Parameter]
    mappings: ReadOnly[str, Node]
    conditions: Conditions
    resources: ReadOnly[str, Resource]
    transforms: tuple[Scalar, ...]
    problems: tuple[Problem, ...]
    document: Mapping | None = None
    given: ReadOnly[str, str] = {}
    """Values that parameters are known to have: from the user, or from the stack that this template is nested in."""
    children: "ReadOnly[str, Template]" = {}  # noqa: RUF012 - a named tuple's defaults are only read
    """Templates nested in this one, by the logical id of the resource that holds each."""
    exports: "Exports" = _no_exports
    """What other templates of the run export."""
    loop_variables: frozenset[str] = frozenset()
    """The variables of loops over lists that are not known here, or only if parameters keep their defaults."""
    within: str = ""
    """The logical ids of the resources around a nested template, each with a slash behind it."""
    stand_ins: ReadOnly[str, Hole] = {}
    """What the template around fills in, by the letters that stand for it in the text of this one."""

    @property
    def macros(self) -> tuple[Scalar, ...]:
        """The transforms of which nobody outside the account knows what they make of the template."""
        return tuple(one for one in self.transforms if not one.text.startswith(_KNOWN_TRANSFORMS))


def is_template(root: Node | None) -> bool:
    """Whether a tree is a CloudFormation template: resources whose Type is text with ``::`` in it."""
    resources = root.get("Resources") if isinstance(root, Mapping) else None
    if not isinstance(resources, Mapping):
        return False
    return any(_resource_type(entry) or entry.key.text.startswith("Fn::ForEach::") for entry in resources.entries)


_POLICY_VERSIONS = ("2012-10-17", "2008-10-17")


def is_policy(root: Node | None) -> bool:
    """Whether a tree is a bare IAM policy document: a statement has an Effect of IAM's, or the Version is one of IAM's.

    With that Version a document is one whatever is wrong with its statements, even if Statement is misspelt or missing.
    """
    if not isinstance(root, Mapping) or root.get("Resources") is not None:
        return False
    statement, version = root.get("Statement"), root.get("Version")
    if isinstance(version, Scalar) and version.text in _POLICY_VERSIONS:
        names = {entry.key.text.lower() for entry in root.entries}
        return names <= {"version", "id"} or any("statement" in name for name in names)
    members = statement.items if isinstance(statement, Sequence) else (statement,)
    return any(_is_statement(member) for member in members)


def _is_statement(node: Node | None) -> bool:
    effect = node.get("Effect", "effect") if isinstance(node, Mapping) else None
    return isinstance(effect, Scalar) and effect.text in ("Allow", "Deny")


def _resource_type(entry: Entry) -> str | None:
    kind = entry.value.get("Type") if isinstance(entry.value, Mapping) else None
    return kind.text if isinstance(kind, Scalar) and "::" in kind.text else None


def build(
    source: Source,
    root: Mapping,
    problems: tuple[Problem, ...] = (),
    *,
    given: ReadOnly[str, str] | None = None,
    stand_ins: ReadOnly[str, Hole] | None = None,
) -> Template:
    """The template that a tree is; ``root`` must be a template or a policy document.

    ``given`` are values of parameters, ``stand_ins`` is what letters of its text stand for.
    """
    template = _ruled(_sections(source, root, root, problems)._replace(given=given or {}, stand_ins=stand_ins or {}))
    if "Fn::ForEach::" in source.text:
        from rolelint.template.loops import unroll  # noqa: PLC0415 - few templates have loops

        loops = unroll(template)
        unrolled = _sections(source, root, loops.root, (*problems, *loops.problems))
        template = template._replace(resources=unrolled.resources, problems=unrolled.problems, loop_variables=loops.variables)
        template = _ruled(template._replace(conditions=unrolled.conditions))
    if "AWS::Serverless" in source.text:
        from rolelint.template.sam.expansion import expand  # noqa: PLC0415 - other templates need not pay for it

        template = expand(template)
    return template


def _sections(source: Source, root: Mapping, unrolled: Mapping, problems: tuple[Problem, ...]) -> Template:
    """A template by its sections; ``unrolled`` is the root with loops unrolled."""
    return Template(
        source=source,
        root=root,
        parameters={entry.key.text: _parameter(entry) for entry in _section(root, "Parameters")},
        mappings={entry.key.text: entry.value for entry in _section(root, "Mappings")},
        conditions=Conditions({entry.key.text: entry.value for entry in _section(unrolled, "Conditions")}),
        resources={entry.key.text: _resource(entry) for entry in _section(unrolled, "Resources") if _resource_type(entry)},
        transforms=tuple(_transforms(root)),
        problems=problems,
        document=root if is_policy(root) else None,
    )


def _ruled(template: Template) -> Template:
    """A template whose parameters and conditions know what its rules and patterns demand."""
    rules = template.root.get("Rules")
    if rules is None and not any(parameter.pattern for parameter in template.parameters.values()):
        return template
    from rolelint.template.allowed import assertions, narrowed  # noqa: PLC0415 - most templates demand nothing

    demanded = assertions(rules)
    conditions = Conditions(template.conditions.nodes, tuple(demanded))
    return template._replace(parameters=narrowed(template.parameters, demanded), conditions=conditions)


def _transforms(root: Mapping) -> Iterator[Scalar]:
    """The names of the transforms of the whole template and of its sections, macros and AWS::Include among them."""
    yield from _named(root.get("Transform"))
    for holder in (root, *(entry.value for entry in root.entries)):
        call = holder.get("Fn::Transform") if isinstance(holder, Mapping) else None
        if call is not None:
            yield from _named(call)


def _named(node: Node | None) -> Iterator[Scalar]:
    for member in node.items if isinstance(node, Sequence) else (node,):
        name = member.get("Name") if isinstance(member, Mapping) else member
        if isinstance(name, Scalar):
            yield name


def _section(root: Mapping, name: str) -> tuple[Entry, ...]:
    section = root.get(name)
    return section.entries if isinstance(section, Mapping) else ()


def _scalars(node: Node | None) -> list[Scalar]:
    members = node.items if isinstance(node, Sequence) else (node,)
    return [member for member in members if isinstance(member, Scalar)]


def _text(node: Node | None, otherwise: str = "") -> str:
    return node.text if isinstance(node, Scalar) else otherwise


def _parameter(entry: Entry) -> Parameter:
    node = entry.value
    if not isinstance(node, Mapping):
        return Parameter(entry.key.text, "String", node, None, (), None, no_echo=False)
    default, pattern = node.get("Default"), node.get("AllowedPattern")
    return Parameter(
        name=entry.key.text,
        type=_text(node.get("Type"), "String"),
        node=node,
        default=default if isinstance(default, Scalar) else None,
        allowed=tuple(_scalars(node.get("AllowedValues"))),
        pattern=pattern.text if isinstance(pattern, Scalar) else None,
        no_echo=_text(node.get("NoEcho")).lower() in ("true", "yes", "on"),
    )


def _resource(entry: Entry) -> Resource:
    node = entry.value
    assert isinstance(node, Mapping)  # noqa: S101 - _resource_type looked before
    condition = node.get("Condition")
    return Resource(
        id=entry.key.text,
        type=_resource_type(entry) or "",
        key=entry.key,
        node=node,
        properties=node.get("Properties"),
        condition=condition.text if isinstance(condition, Scalar) else None,
    )
