"""Which resource does a policy open, and what may people then do with it? In words, and by its settings."""

from collections.abc import Iterator

from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import in_words, telling
from rolelint.engine.hits import listed
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.access import Access
from rolelint.iam.grants import fits, named
from rolelint.iam.patterns import as_letters
from rolelint.iam.places import attached_to
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, alternatives

_READS = frozenset(("list", "read"))
_WRITES = frozenset(("permissions", "tagging", "write"))


def type_of(subject: StatementSubject) -> str:
    """The type of the resource that a policy is written in; nothing for a document in a file of its own."""
    return subject.policy.resource.type if subject.policy.resource else ""


def opened(subject: StatementSubject) -> Iterator[Resource]:
    """The resources of this template that a policy opens."""
    place, template = subject.policy.place, subject.access.template
    for id_ in attached_to(place, template) if place else ():
        if id_ in template.resources:
            yield template.resources[id_]


def setting(resource: Resource, template: Template, *path: str) -> str:
    """A setting of a resource in lower case, if it is the same whatever the conditions are."""
    node = resource.properties
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    if node is None:
        return ""
    found = {str(value).lower() for _, value in alternatives(evaluate(node, Scope(template))) if isinstance(value, Text)}
    return found.pop() if len(found) == 1 else ""


def shown(statement: Statement) -> str:
    """The actions of a statement as they are written."""
    written = listed([str(action.text) for action in statement.actions])
    return f"NotAction {written}".strip() if statement.not_actions else written


def given(subject: StatementSubject) -> list[Action]:
    """The actions that a statement gives."""
    return subject.access.once_of(_given, subject.statement)


def _given(_: Access, statement: Statement) -> list[Action]:
    return [action for _, actions in named(statement) for action in actions]


def changes(subject: StatementSubject, type_name: str) -> bool:
    """Whether a statement gives more than reading and listing; an action that is not known is not held against it."""
    beginning = _service(type_name)[:2]
    writes = (action for action in given(subject) if action.level in _WRITES)
    return subject.statement.not_actions or any(action.service.startswith(beginning) for action in writes)


def reads(subject: StatementSubject, type_name: str) -> bool:
    """Whether a statement gives reading or listing, alone or beside changes."""
    looks = any(action.level in _READS for action in given(subject))
    return looks or subject.statement.not_actions or not changes(subject, type_name)


def doing(subject: StatementSubject, type_name: str) -> str:
    """What a statement lets somebody do to the resource, in words."""
    statement = subject.statement
    if statement.not_actions:
        return "do everything but what NotAction lists"
    if not type_name and any(action.text.literal == "*" for action in statement.actions):
        return "do everything"
    gifts, service = given(subject), _service(type_name)
    mine = [action for action in gifts if action.service.startswith(service)]
    shapes = [as_letters(one.text) for one in statement.resources]
    there = [action for action in mine if any(fits(action, shape) for shape in shapes)]
    return in_words(telling(there or mine or gifts)) or "call " + shown(statement)


def _service(type_name: str) -> str:
    """IAM's prefix of the service that a CloudFormation type belongs to."""
    service = type_name.split("::")[1].lower() if "::" in type_name else ""
    return {"opensearchservice": "es", "elasticsearch": "es", "efs": "elasticfilesystem"}.get(service, service)
