"""Which workloads run with which role? The properties that hand a role, or an instance profile, to something that runs."""

from collections.abc import Iterator
from typing import NamedTuple

from rolelint.iam.places import Row, follow
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, Unknown, elements


class Use(NamedTuple):
    """A workload that names a role or an instance profile in one of its properties."""

    resource: Resource
    text: Text


def _row(path: str, kind: str) -> Row:
    return Row(tuple(path.split("/")), kind)


_PROFILE, _ROLE = "instance_profile", "role"

CONSUMERS: dict[str, tuple[Row, ...]] = {
    "AWS::AutoScaling::LaunchConfiguration": (_row("IamInstanceProfile", _PROFILE),),
    "AWS::Batch::ComputeEnvironment": (_row("ComputeResources/InstanceRole", _PROFILE),),
    "AWS::CodeBuild::Project": (_row("ServiceRole", _ROLE),),
    "AWS::EC2::Instance": (_row("IamInstanceProfile", _PROFILE),),
    "AWS::EC2::LaunchTemplate": (
        _row("LaunchTemplateData/IamInstanceProfile/Arn", _PROFILE),
        _row("LaunchTemplateData/IamInstanceProfile/Name", _PROFILE),
    ),
    "AWS::EC2::SpotFleet": (_row("SpotFleetRequestConfigData/LaunchSpecifications/*/IamInstanceProfile/Arn", _PROFILE),),
    "AWS::ECS::TaskDefinition": (_row("TaskRoleArn", _ROLE), _row("ExecutionRoleArn", _ROLE)),
    "AWS::EMR::Cluster": (_row("JobFlowRole", _PROFILE), _row("ServiceRole", _ROLE)),
    "AWS::ImageBuilder::InfrastructureConfiguration": (_row("InstanceProfileName", _PROFILE),),
    "AWS::Lambda::Function": (_row("Role", _ROLE),),
    "AWS::Serverless::Function": (_row("Role", _ROLE),),
    "AWS::StepFunctions::StateMachine": (_row("RoleArn", _ROLE),),
}


def uses(template: Template, kind: str) -> Iterator[Use]:
    """The workloads that name something of a kind: ``role`` or ``instance_profile``."""
    for resource in template.resources.values():
        for row in CONSUMERS.get(resource.type, ()):
            if row.kind == kind:
                yield from _uses(template, resource, row)


def _uses(template: Template, resource: Resource, row: Row) -> Iterator[Use]:
    for place in follow(resource, row, Scope(template)):
        node = place.node.node if isinstance(place.node, Unknown) else place.node
        for _, value in elements(evaluate(node, Scope(template, place.when))):
            if isinstance(value, Text):
                yield Use(resource, value)
