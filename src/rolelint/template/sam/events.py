"""What is an event of a SAM resource, and what do its own properties ask for?"""

from rolelint.syntax.nodes import Entry, Node, Scalar
from rolelint.template.sam import shapes
from rolelint.template.sam.synthesis import Data, document, get_att, make, ref, statement
from rolelint.template.template import Resource, Template
from rolelint.tuples import NamedTuple


class Target(NamedTuple):
    """What events start: a function or a state machine. ``boundary`` is that of the roles which its events need."""

    id: str
    arn: Data
    condition: str | None
    template: Template
    boundary: Node | None = None


class Event(NamedTuple):
    """One event: its id is the target's with the event's name, ``key`` is where that name is written."""

    id: str
    kind: str
    key: Scalar
    properties: Node | None
    target: Target

    def value(self, *path: str) -> Node | None:
        """The value of a property, unless it is nothing."""
        return shapes.value(self.properties, *path)

    def text(self, *path: str) -> str | None:
        """The value of a property that is plain text."""
        return shapes.text(self.value(*path))


def read_events(node: Node | None, target: Target) -> list[Event]:
    """The events of a resource."""
    return [found for entry in shapes.entries(node) if (found := _event(entry, target))]


def _event(entry: Entry, target: Target) -> Event | None:
    kind = shapes.text(shapes.value(entry.value, "Type"))
    if kind is None:
        return None
    return Event(target.id + entry.key.text, kind, entry.key, shapes.value(entry.value, "Properties"), target)


def permission(event: Event, service: str, source: Data | None = None, *, logical_id: str = "", **more: Data | None) -> Resource:
    """The permission by which a service invokes the function that an event starts."""
    name = logical_id or f"{event.id}Permission"
    function = ref(event.target.id)
    return invoke(name, event.key, event.target.condition, FunctionName=function, Principal=service, SourceArn=source, **more)


def invoke(logical_id: str, cause: Node, condition: str | None, **properties: Data | None) -> Resource:
    """A permission to invoke a function, with the properties that it has besides."""
    return make(logical_id, "AWS::Lambda::Permission", {"Action": "lambda:InvokeFunction", **properties}, cause, condition)


def made_queue(event: Event, logical_id: str) -> Resource:
    """A queue that SAM makes for an event."""
    return make(logical_id, "AWS::SQS::Queue", {}, event.key, event.target.condition)


def queue_policy(event: Event, logical_id: str, queue: tuple[Data, Data], principal: Data, source: Data) -> Resource:
    """The policy of a queue, given by ARN and URL, that something with an ARN sends messages to."""
    arn, url = queue
    sending = statement("sqs:SendMessage", arn, Principal=principal, Condition={"ArnEquals": {"aws:SourceArn": source}})
    properties: dict[str, Data | None] = {"PolicyDocument": document(sending), "Queues": [url]}
    return make(logical_id, "AWS::SQS::QueuePolicy", properties, event.key, event.target.condition)


def dead_letters(event: Event) -> tuple[Data | None, list[Resource]]:
    """The ARN of the queue for what an event could not deliver, and that queue if SAM makes it."""
    if event.value("DeadLetterConfig") is None:
        return None, []
    given = event.value("DeadLetterConfig", "Arn")
    if given is not None:
        return given, []
    name = event.text("DeadLetterConfig", "QueueLogicalId") or f"{event.id}Queue"
    return get_att(name), [made_queue(event, name)]


def rule(event: Event) -> Resource:
    """The rule of EventBridge that SAM makes for an event."""
    name = event.value("Name") if event.kind == "Schedule" else event.value("RuleName")
    properties: dict[str, Data | None] = {"Name": name, "EventBusName": event.value("EventBusName")}
    return make(event.id, "AWS::Events::Rule", properties, event.key, event.target.condition)


def rule_dead_letters(event: Event) -> list[Resource]:
    """The queue that SAM makes for what an EventBridge rule could not deliver, and the policy that lets the rule write to it."""
    arn, made = dead_letters(event)
    if arn is None or not made:
        return []
    source = get_att(event.id)
    events: Data = {"Service": "events.amazonaws.com"}
    return [*made, queue_policy(event, f"{event.id}QueuePolicy", (arn, ref(made[0].id)), events, source)]
