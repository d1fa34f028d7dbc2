"""Has a statement the form that IAM accepts? Its elements, its Sid, and the lists in it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate, function_call
from rolelint.template.template import Template
from rolelint.template.values import Items, When, alternatives, both

_ELEMENTS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_KNOWN_ELEMENTS = frozenset(name.lower() for name in _ELEMENTS)
_OF_DOCUMENT = frozenset(("version", "id", "statement"))
_OF_IDENTITIES = ("identity_policy", "session_policy")
_WITH_RESOURCE = (*_OF_IDENTITIES, "org_policy")
_NAMES_ITS_RESOURCE = frozenset(("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::KMS::Key", "AWS::KMS::ReplicaKey"))
"""Of other resources, such as repositories and secrets, a policy may leave out what it is about."""

_IOT = "AWS::IoT::Policy"
_HOLE = compile_pattern(r"\$\{[^}]*\}")
_MAY_MIND = frozenset(("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"))
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"""
_MINDED = Answer(Certainty.POSSIBLE, ("the service wants every Sid to be another",))
_SID = compile_pattern("[A-Za-z0-9]*")


def is_written(statement: Statement) -> bool:
    """Whether a statement stands in the template as such; others are made from what SAM's short forms say."""
    return member(statement.node, "effect") is not None


def member(node: Node, name: str) -> Node | None:
    """An element of a statement as it is written, by its name in lower case."""
    return next((entry.value for entry in _entries(node) if entry.key.text.lower() == name), None)


def _entries(node: Node) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()


# -- Elements ----------------------------------------------------------------------------------------------------------


@says("problem")
def malformed_statement(subject: StatementSubject) -> Iterator[Hit]:
    """A statement lacks an element, or has one that does not go with the others or with the kind of policy."""
    statement = subject.statement
    if not is_written(statement):
        return
    misplaced = (*_beside_statement(subject), *_misplaced_keys(member(statement.node, "condition")))
    for span, problem in misplaced if statement.unknown else (*misplaced, *_problems(subject)):
        yield Hit(span, facts={"problem": problem}, when=statement.when)
        return


def _problems(subject: StatementSubject) -> Iterator[tuple[Span, str]]:
    statement = subject.statement
    present = {name.lower(): (name, key) for name, key in statement.element_keys}
    members = {entry.key.text.lower(): entry.value for entry in reversed(_entries(statement.node))}
    for name, (written, key) in present.items():
        if name not in _KNOWN_ELEMENTS and "::" not in name and "$" not in name:
            yield key.span, f"{written} is no element of a statement"
    effect = members.get("effect")
    if isinstance(effect, Scalar) and not effect.tag and _is_in_other_case(effect.text, statement.effect):
        yield effect.span, f"Effect must be {statement.effect}, not {effect.text}"
    for element in ("Action", "Resource", "Principal"):
        yes, no = element.lower(), f"not{element.lower()}"
        if yes in present and no in present:
            yield present[no][1].span, f"both {element} and Not{element}"
        if yes not in present and no not in present and _must_have(element, subject):
            yield statement.element("Effect"), f"a statement without {element}"
        node = members.get(yes) or members.get(no)
        if node is not None and _is_empty(node):
            yield node.span, f"an empty {element}"
    foreign, where = _foreign(subject)
    yield from ((present[name][1].span, f"{present[name][0]} in {where}") for name in foreign if name in present)


def _beside_statement(subject: StatementSubject) -> Iterator[tuple[Span, str]]:
    """The keys of a document that it cannot have, told of its first statement."""
    document = subject.policy.document
    of_iam = document.encoding == "object" and subject.policy.kind != "unclassified_policy"
    if of_iam and document.statements[0].number == subject.statement.number:
        for entry in _entries(document.node):
            name = entry.key.text
            if name.lower() not in _OF_DOCUMENT and "::" not in name and "$" not in name:
                yield entry.key.span, f"{name} beside Statement"


def _is_in_other_case(written: str, meant: str) -> bool:
    return written != meant and written.lower() == meant.lower()


def _misplaced_keys(condition: Node | None) -> Iterator[tuple[Span, str]]:
    """Condition keys that stand where an operator belongs, and mappings and lists where a value does."""
    for entry in condition.entries if isinstance(condition, Mapping) and function_call(condition) is None else ():
        if isinstance(entry.value, Scalar) and not entry.value.tag and not entry.key.text.startswith(("Ref", "Fn::")):
            yield entry.key.span, f"{entry.key.text} where an operator belongs, in a Condition"
        for asked in _entries(entry.value) if function_call(entry.value) is None else ():
            values = asked.value.items if isinstance(asked.value, Sequence) and not asked.value.tag else (asked.value,)
            if any(_is_no_value(one, asked.value) for one in values):
                yield asked.key.span, f"values of {asked.key.text} that are no texts, numbers or Booleans"


def _is_no_value(node: Node, of: Node) -> bool:
    """Whether a node is a mapping that calls no function, or a list in a list."""
    if isinstance(node, Mapping):
        return not node.tag and not any(entry.key.text.startswith(("Fn::", "Ref")) for entry in node.entries)
    return node is not of and isinstance(node, Sequence) and not node.tag


def _foreign(subject: StatementSubject) -> tuple[tuple[str, ...], str]:
    """The elements that a kind of policy cannot have, and what to call it."""
    match subject.policy.kind:
        case "identity_policy" | "session_policy" if not (subject.policy.resource and subject.policy.resource.type == _IOT):
            return ("principal", "notprincipal"), "a policy of an identity"
        case "trust_policy":
            return ("resource", "notresource"), "a trust policy"
        case "org_policy" if _is_service_control(subject):
            return ("principal", "notprincipal"), "a service control policy"
        case _:
            return (), ""


def _is_service_control(subject: StatementSubject) -> bool:
    properties = subject.policy.resource.properties if subject.policy.resource else None
    kind = properties.get("Type") if isinstance(properties, Mapping) else None
    return isinstance(kind, Scalar) and kind.text == "SERVICE_CONTROL_POLICY"


def _is_empty(node: Node) -> bool:
    """Whether an element is there with nothing in it: a list, a mapping of lists, or a text."""
    if isinstance(node, Mapping) and not node.tag:
        return all(isinstance(entry.value, Sequence) and _is_empty(entry.value) for entry in node.entries)
    if isinstance(node, Scalar):
        return not node.plain and not node.text and not node.tag
    return isinstance(node, Sequence) and not node.items and not node.tag


def _must_have(element: str, subject: StatementSubject) -> bool:
    """Whether a policy of a kind is refused without an element."""
    kind, resource = subject.policy.kind, subject.policy.resource
    match element:
        case "Action":
            return True
        case "Resource":
            return kind in _WITH_RESOURCE or (resource is not None and resource.type in _NAMES_ITS_RESOURCE)
        case _:
            return kind in ("trust_policy", "resource_policy")


# -- Sids --------------------------------------------------------------------------------------------------------------


def _sid(statement: Statement) -> Span:
    node = member(statement.node, "sid")
    return node.span if node else statement.node.span


@says("sid")
def invalid_sid(subject: StatementSubject) -> Iterator[Hit]:
    """A Sid with characters that IAM does not take. What stands for a reference is left out."""
    sid = subject.statement.sid
    of_iam = subject.policy.kind in (*_OF_IDENTITIES, "trust_policy")  # services take more in policies of their resources
    if of_iam and sid and is_written(subject.statement) and not _SID.fullmatch(_HOLE.sub("", sid)):
        yield Hit(_sid(subject.statement), facts={"sid": sid}, when=subject.statement.when)


@says()
def empty_sid(subject: StatementSubject) -> Iterator[Hit]:
    """A Sid without a letter."""
    statement = subject.statement
    if statement.sid == "" and is_written(statement):
        yield Hit(_sid(statement), when=statement.when)


@says("sid")
def duplicate_sid(subject: StatementSubject) -> Iterator[Hit]:
    """A Sid that an earlier statement of the same policy has. S3, KMS and others take that in policies of their resources."""
    statement, resource = subject.statement, subject.policy.resource
    of_iam = subject.policy.kind in (*_OF_IDENTITIES, "trust_policy")
    minds = of_iam or (resource is not None and resource.type in _MAY_MIND)
    if not minds or not statement.sid or "${" in statement.sid or not is_written(statement):
        return
    for earlier in subject.policy.document.statements:
        if earlier.number >= statement.number:
            return
        when = both(earlier.when, statement.when)
        if earlier.sid == statement.sid and when is not None and earlier.node is not statement.node:
            yield Hit(_sid(statement), CERTAIN if of_iam else _MINDED, {"sid": statement.sid}, when)
            return


# -- Lists in lists ----------------------------------------------------------------------------------------------------


_TEXTS = ("Fn::Base64", "Fn::Join", "Fn::Sub")
"""Functions that never give a list."""


@says("element")
def list_in_list(subject: StatementSubject) -> Iterator[Hit]:
    """A list as a member of a list, as an ``Fn::If`` or a list parameter makes it: CloudFormation joins them nowhere."""
    statement, template = subject.statement, subject.access.template
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        node = member(statement.node, element.lower())
        if not isinstance(node, Sequence) or node.tag or all(isinstance(one, Scalar) and not one.tag for one in node.items):
            continue
        for when, place in _inner_lists(node, statement.when, template):
            yield Hit(place.span, facts={"element": element}, when=when)
            return


def _inner_lists(node: Sequence, when: When, template: Template) -> Iterator[tuple[When, Node]]:
    for item in node.items:
        if (function_call(item) or ("",))[0] in _TEXTS:
            continue
        for holds, value in alternatives(evaluate(item, Scope(template, when)), when):
            if isinstance(value, Items):
                yield holds, item
