"""Which role do instances and tasks run with? Named in the template, or whatever their surroundings give them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from collections.abc import Iterator

from rolelint.engine.checks.administrators import powerful
from rolelint.engine.checks.written import entry_of, is_set_to, left_out
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.globs import HOLE
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, judge
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.regex import pattern
from rolelint.template.evaluate import Scope, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import When

_INSTANCES = ("AWS::AutoScaling::LaunchConfiguration", "AWS::EC2::Instance")
_TASKS = ("AWS::ECS::DaemonTaskDefinition", "AWS::ECS::TaskDefinition")
_LAUNCHES = "AWS::EC2::LaunchTemplate"
_NAMES_NONE = Answer(Certainty.POSSIBLE, ("what is launched from it names no profile of its own",))

_RUNS = {
    "batch": "a batch job",
    "build.apprunner": "a build",
    "codebuild": "a build",
    "ec2": "an instance",
    "ecs-tasks": "a task",
    "edgelambda": "a function",
    "elasticmapreduce": "a cluster",
    "glue": "a job",
    "lambda": "a function",
    "pods.eks": "a pod",
    "sagemaker": "a notebook",
    "tasks.apprunner": "a service",
}
"""Services that run what customers write, and what they call it."""
_SERVICE = pattern(rf"([a-z0-9.-]+)\.(?:amazonaws\.com(?:\.cn)?|{HOLE})")


@says("instance")
def instance_without_role(subject: TemplateSubject) -> Iterator[Hit]:
    """An instance, or what instances are launched from, names no instance profile."""
    template = subject.access.template
    for resource in template.resources.values():
        answer = _NAMES_NONE if resource.type == _LAUNCHES else CERTAIN
        for when in _without_profile(resource, template):
            yield Hit(resource.key.span, answer, {"instance": resource.id}, when)
            break


def _without_profile(resource: Resource, template: Template) -> Iterator[When]:
    scope, properties = Scope(template), resource.properties
    if resource.type in _INSTANCES:
        by_template = isinstance(properties, Mapping) and properties.get("LaunchTemplate") is not None
        yield from left_out(properties, "IamInstanceProfile", scope) if not by_template else ()
    elif resource.type == _LAUNCHES:
        for when, found in shallow(properties, scope):
            if isinstance(found, Mapping):
                yield from left_out(found.get("LaunchTemplateData"), "IamInstanceProfile", scope._replace(when=when))


@says("task")
def task_without_role(subject: TemplateSubject) -> Iterator[Hit]:
    """A task definition names no role for its containers."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type not in _TASKS:
            continue
        for when in left_out(resource.properties, "TaskRoleArn", Scope(template)):
            yield Hit(resource.key.span, CERTAIN, {"task": resource.id}, when)
            break
        entry = entry_of(resource.properties, "TaskRoleArn")
        answer = is_set_to(template, entry.value, "") if entry else NO
        if entry and answer.certainty is Certainty.CERTAIN:
            yield Hit(entry.key.span, answer, {"task": resource.id})


@says("workload", "role", "power")
def administrators(subject: TemplateSubject) -> Iterator[Hit]:
    """A function, task or service of the template that runs with an administrator's role of the template."""
    access = subject.access
    spans = {use.resource.id: use.text.span for use in access.handed}
    for role, power in access.once(powerful).items():
        for workload in access.principals[role].workloads:
            facts = {"workload": workload.id, "role": role, "power": power}
            yield Hit(spans.get(workload.id, workload.span), facts=facts)


@says("services", "runs")
def trusts_compute(subject: StatementSubject) -> Iterator[Hit]:
    """A role is for a service that runs what customers write."""
    statement = subject.statement
    if not statement.allows or statement.not_principals:
        return
    asked = [(one, judge(one.text, _is_compute)) for one in statement.principals if one.kind == "Service"]
    found = [(one, answer) for one, answer in asked if answer.certainty]
    if found:
        first, answer = found[0]
        texts = [str(one.text) for one, _ in found]
        runs = dict.fromkeys(_RUNS.get(text.split(".amazonaws", 1)[0].split(".$", 1)[0], "what runs there") for text in texts)
        yield Hit(first.span, answer, {"services": listed(texts), "runs": " or ".join(runs)}, first.when)


def _is_compute(text: str) -> bool:
    named = _SERVICE.fullmatch(text)
    return named is not None and named[1] in _RUNS
