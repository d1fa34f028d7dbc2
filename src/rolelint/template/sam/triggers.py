"""Who may invoke a function because of its events? Each trigger makes a permission for one service.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from collections.abc import Callable

from rolelint.syntax.nodes import Node
from rolelint.syntax.regex import pattern
from rolelint.template.sam import shapes
from rolelint.template.sam.events import Event, dead_letters, made_queue, permission, queue_policy, rule, rule_dead_letters
from rolelint.template.sam.policies import Held, Made, managed
from rolelint.template.sam.roles import role, trusted_by
from rolelint.template.sam.synthesis import get_att, inline, make, ref, statement, sub, synthesise

IMPLICIT_REST_API, IMPLICIT_HTTP_API = "ServerlessRestApi", "ServerlessHttpApi"

_EXECUTE_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}"


_VARIABLE = pattern(r"\{[^{}]*\}")


def triggered(event: Event) -> Made:
    """What an event that invokes a function makes."""
    trigger = _TRIGGERS.get(event.kind)
    return trigger(event) if trigger else Made()


def uncovered(events: list[Event]) -> list[Event]:
    """The events without those that need no permission: the default route of an HTTP API covers its other routes."""
    covering = {shapes.referred(event.value("ApiId")) for event in events if _is_default_route(event)}
    return [
        one
        for one in events
        if one.kind != "HttpApi" or _is_default_route(one) or shapes.referred(one.value("ApiId")) not in covering
    ]


def _is_default_route(event: Event) -> bool:
    return event.kind == "HttpApi" and event.text("Path") in (None, "$default") and _method(event) == "*"


def _alexa(event: Event) -> Made:
    """Without the id of a skill, every Alexa skill may invoke the function."""
    return Made(resources=(permission(event, "alexa-appkit.amazon.com", EventSourceToken=event.value("SkillId")),))


def _api(event: Event) -> Made:
    """The stage is any; its name only shows in the permission's logical id."""
    api = event.value("RestApiId")
    resource = f"{_method(event)}{_path(event)}"
    source = sub(f"{_EXECUTE_API}/{resource}", __ApiId__=api if api is not None else ref(IMPLICIT_REST_API), __Stage__="*")
    name = f"{event.id}Permission{_stage_suffix(event, api)}"
    return Made(resources=(permission(event, "apigateway.amazonaws.com", source, logical_id=name),))


def _stage_suffix(event: Event, api: Node | None) -> str:
    name = shapes.text(api) or shapes.referred(api)
    if api is None or name == IMPLICIT_REST_API:
        return "Prod"
    if name is None:
        return "AllStages"
    resource = event.target.template.resources.get(name)
    stage = shapes.text(shapes.value(resource.properties, "StageName")) if resource else None
    if stage is None:
        return "Stage"
    return stage if stage.isalnum() else _digest(stage)


def _digest(written: str) -> str:
    from hashlib import sha1  # noqa: PLC0415 - few stages have a name that no logical id may hold

    return sha1(written.encode(), usedforsecurity=False).hexdigest()[:10]


def _method(event: Event) -> str:
    method = (event.text("Method") or "any").upper()
    return "*" if method in ("ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD") else method


def _path(event: Event) -> str:
    """The path as a permission writes it: a variable part is any text, and a slash at its end does not count."""
    path = _VARIABLE.sub("*", event.text("Path") or "/")
    return path if path == "/" else path.rstrip("/")


def _http_api(event: Event) -> Made:
    api = event.value("ApiId")
    path = event.text("Path")
    resource = "/*" if path in (None, "$default") else f"/{_method(event)}{_path(event)}"
    source = sub(f"{_EXECUTE_API}{resource}", __ApiId__=api if api is not None else ref(IMPLICIT_HTTP_API), __Stage__="*")
    return Made(resources=(permission(event, "apigateway.amazonaws.com", source),))


def _bucket(event: Event) -> Made:
    """The permission names the account, not the bucket: SAM could not name it without a circle."""
    return Made(resources=(permission(event, "s3.amazonaws.com", SourceAccount=ref("AWS::AccountId")),))


def _user_pool(event: Event) -> Made:
    pool = shapes.referred(event.value("UserPool"))
    source = get_att(pool) if pool else None
    name = f"{event.target.id}CognitoPermission"
    return Made(resources=(permission(event, "cognito-idp.amazonaws.com", source, logical_id=name),))


def _iot(event: Event) -> Made:
    source = sub("arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}", RuleName=ref(event.id))
    rule_made = make(event.id, "AWS::IoT::TopicRule", {}, event.key, event.target.condition)
    return Made(resources=(rule_made, permission(event, "iot.amazonaws.com", source, SourceAccount=ref("AWS::AccountId"))))


def _logs(event: Event) -> Made:
    group = event.value("LogGroupName") or synthesise("*", event.key)
    text = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*"
    return Made(resources=(permission(event, "logs.amazonaws.com", sub(text, __LogGroupName__=group)),))


def _rule(event: Event) -> Made:
    allowed = permission(event, "events.amazonaws.com", get_att(event.id))
    return Made(resources=(rule(event), allowed, *rule_dead_letters(event)))


def scheduled(event: Event, starting: str = "lambda:InvokeFunction") -> Made:
    """EventBridge Scheduler needs a role of its own to start its target, unless it is given one."""
    if event.value("RoleArn") is not None:
        return Made()
    letters, made = dead_letters(event)
    policies = [inline(f"{event.id}Policy", statement(starting, event.target.arn))]
    if letters is not None:
        policies.append(inline(f"{event.id}SQSPolicy", statement("sqs:SendMessage", letters)))
    held = Held((), tuple(synthesise(policy, event.key) for policy in policies))
    boundary = event.value("PermissionsBoundary")
    trust = trusted_by("scheduler.amazonaws.com")
    return Made(resources=(role(f"{event.id}Role", trust, held, event.key, event.target.condition, boundary=boundary), *made))


def _topic(event: Event) -> Made:
    """A topic invokes the function, or writes to a queue that the function polls."""
    topic = event.value("Topic")
    subscription = event.value("SqsSubscription")
    if subscription is None:
        return Made(resources=(permission(event, "sns.amazonaws.com", topic),))
    arn, url = shapes.value(subscription, "QueueArn"), shapes.value(subscription, "QueueUrl")
    name = shapes.text(shapes.value(subscription, "QueuePolicyLogicalId")) or f"{event.id}QueuePolicy"
    made = f"{event.id}Queue"
    policy = queue_policy(
        event,
        name,
        (arn if arn is not None else get_att(made), url if url is not None else ref(made)),
        "*",
        topic if topic is not None else "*",
    )
    held = managed("AWSLambdaSQSQueueExecutionRole", event.key).held
    return Made(held, (policy,) if arn is not None else (made_queue(event, made), policy))


_TRIGGERS: dict[str, Callable[[Event], Made]] = {
    "AlexaSkill": _alexa,
    "Api": _api,
    "CloudWatchEvent": _rule,
    "CloudWatchLogs": _logs,
    "Cognito": _user_pool,
    "EventBridgeRule": _rule,
    "HttpApi": _http_api,
    "IoTRule": _iot,
    "S3": _bucket,
    "SNS": _topic,
    "Schedule": _rule,
    "ScheduleV2": scheduled,
}
