"""Does a service find the role that a property names? By its name alone it finds those without a path only."""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.consumers import Use
from rolelint.iam.globs import is_hole
from rolelint.iam.patterns import NO, Answer, judge
from rolelint.iam.places import reference
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text

_BY_NAME = (
    ("AWS::Batch::ComputeEnvironment", "ServiceRole"),
    ("AWS::CodeBuild::Project", "ServiceRole"),
    ("AWS::ECS::Service", "Role"),
)
"""Properties that take the name of a role without a path, and otherwise the ARN.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateComputeEnvironment.html
"""


@says("resource", "property", "role", "path")
def without_path(subject: TemplateSubject) -> Iterator[Hit]:
    """A role that has a path is named without it."""
    template = subject.access.template
    for use in subject.access.handed:
        role = template.resources.get(reference(use.text.node))
        if role is None or role.type != "AWS::IAM::Role" or not _is_by_name(use):
            continue
        answer, path = _path(role, template)
        if answer.certainty:
            facts = {"resource": use.resource.id, "property": use.path[0], "role": role.id, "path": path}
            yield Hit(use.text.span, answer, facts)


def _is_by_name(use: Use) -> bool:
    return (use.resource.type, use.path[0]) in _BY_NAME and not str(use.text).startswith("arn:")


def _path(role: Resource, template: Template) -> tuple[Answer, str]:
    """How surely a role has a path, and the path as written."""
    node = role.properties.get("Path") if isinstance(role.properties, Mapping) else None
    known = evaluate(node, Scope(template)) if node is not None else None
    return (judge(known, _is_path), str(known)) if isinstance(known, Text) else (NO, "")


def _is_path(text: str) -> bool:
    return text not in ("/", "*") and not (len(text) == 1 and is_hole(text))
