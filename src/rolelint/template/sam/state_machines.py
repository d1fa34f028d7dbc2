"""What does SAM make of a state machine? The role that it runs with, and a role for each event that starts it."""

from collections.abc import Iterator

from rolelint.template.sam import shapes
from rolelint.template.sam.events import Event, Target, read_events, rule, rule_dead_letters
from rolelint.template.sam.policies import Held, Made, managed, read_policies, together
from rolelint.template.sam.roles import role, trusted_by
from rolelint.template.sam.synthesis import Data, get_att, inline, ref, statement, synthesise, with_property
from rolelint.template.sam.triggers import scheduled
from rolelint.template.template import Resource, Template

_STARTING = "states:StartExecution"
_STARTERS = {
    "Api": "apigateway.amazonaws.com",
    "CloudWatchEvent": "events.amazonaws.com",
    "EventBridgeRule": "events.amazonaws.com",
    "Schedule": "events.amazonaws.com",
}


def expand_state_machine(machine: Resource, template: Template) -> Made:
    """The state machine, with the role that it runs with, and the roles of what starts it."""
    boundary = shapes.value(machine.properties, "PermissionsBoundary")
    target = Target(machine.id, _arn(machine), machine.condition, template, boundary)
    events = read_events(shapes.value(machine.properties, "Events"), target)
    started = together(_started(event) for event in events)
    if shapes.find(machine.properties, "Role"):
        return started
    parts = together([read_policies(shapes.value(machine.properties, "Policies"), f"{machine.id}Role"), *_tracing(machine)])
    made = role(
        f"{machine.id}Role",
        trusted_by("states.amazonaws.com"),
        parts.held,
        machine.key,
        machine.condition,
        path=shapes.value(machine.properties, "RolePath"),
        boundary=boundary,
    )
    own = Made(resources=(with_property(machine, "Role", get_att(made.id), machine.key), made), problems=parts.problems)
    return together([own, started])


def _arn(machine: Resource) -> Data:
    """The ARN that events start: the alias's when the machine says so."""
    alias = shapes.value(machine.properties, "AutoPublishAlias")
    if alias is None or not shapes.find(machine.properties, "UseAliasAsEventTarget"):
        return ref(machine.id)
    return {"Fn::Join": [":", [ref(machine.id), alias]]}


def _tracing(machine: Resource) -> Iterator[Made]:
    enabled = shapes.find(machine.properties, "Tracing", "Enabled")
    if enabled and shapes.text(enabled.value) == "true":
        yield managed("AWSXrayWriteOnlyAccess", enabled.key)


def _started(event: Event) -> Made:
    if event.kind == "ScheduleV2":
        return scheduled(event, _STARTING)
    service = _STARTERS.get(event.kind)
    if service is None:
        return Made()
    letters = () if event.kind == "Api" else (rule(event), *rule_dead_letters(event))
    if event.kind == "Schedule" and event.value("RoleArn") is not None:
        return Made(resources=letters)
    policy = inline(f"{event.id}RoleStartExecutionPolicy", statement(_STARTING, event.target.arn))
    held = Held((), (synthesise(policy, event.key),))
    boundary, condition = event.target.boundary, event.target.condition
    return Made(resources=(role(f"{event.id}Role", trusted_by(service), held, event.key, condition, boundary=boundary), *letters))
