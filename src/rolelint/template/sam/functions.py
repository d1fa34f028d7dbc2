"""What does SAM make of a function? The role that it runs with, and what its events and its URL allow."""

from collections.abc import Iterator

from rolelint.syntax.nodes import Entry, Node, Scalar
from rolelint.template.sam import polling, shapes
from rolelint.template.sam.events import Target, read_events
from rolelint.template.sam.policies import Made, inline_policy, managed, read_policies, together
from rolelint.template.sam.roles import managed_role, role, trusted_by
from rolelint.template.sam.synthesis import Data, get_att, if_, inline, make, ref, statement, synthesise, with_property
from rolelint.template.sam.triggers import triggered, uncovered
from rolelint.template.template import Resource, Template

_MOST_OPERANDS = 10
_DEAD_LETTERS = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


def expand_function(function: Resource, template: Template) -> Made:
    """The function, with the role that it runs with, and all that SAM makes for it."""
    properties = function.properties
    target = Target(function.id, _arn(function), function.condition, template)
    events = read_events(shapes.value(properties, "Events"), target)
    parts = together(
        [
            *_needed(function, template),
            *_dead_letters(function),
            *_destinations(function),
            read_policies(shapes.value(properties, "Policies"), f"{function.id}Role"),
            *(polling.polled(event) if event.kind in polling.KINDS else triggered(event) for event in uncovered(events)),
        ]
    )
    runs = _runs_with(function, parts)
    made = (*runs.resources, *parts.resources, *_url(function))
    return Made(resources=made, conditions=(*parts.conditions, *runs.conditions), problems=parts.problems)


def _arn(function: Resource) -> Data:
    """The ARN that events start: the alias's when SAM publishes one."""
    alias = shapes.value(function.properties, "AutoPublishAlias")
    return get_att(function.id) if alias is None else {"Fn::Join": [":", [get_att(function.id), alias]]}


def _needed(function: Resource, template: Template) -> Iterator[Made]:
    """The managed policies that a function's settings bring with them."""
    properties = function.properties
    durable = shapes.find(properties, "DurableConfig")
    if durable:
        yield managed("AWSLambdaBasicDurableExecutionRolePolicy", durable.key)
    else:
        yield managed("AWSLambdaBasicExecutionRole", function.key)
    tracing = shapes.find(properties, "Tracing")
    if tracing and shapes.text(shapes.settled(tracing.value, template)) != "Disabled":
        yield managed("AWSXrayWriteOnlyAccess", tracing.key)
    network = shapes.find(properties, "VpcConfig")
    if network:
        yield managed("AWSLambdaVPCAccessExecutionRole", network.key)


def _dead_letters(function: Resource) -> Iterator[Made]:
    queue = shapes.find(function.properties, "DeadLetterQueue")
    kind = shapes.text(shapes.value(function.properties, "DeadLetterQueue", "Type"))
    arn = shapes.value(function.properties, "DeadLetterQueue", "TargetArn")
    if queue and arn is not None and kind in _DEAD_LETTERS:
        yield inline_policy(inline("DeadLetterQueuePolicy", statement(_DEAD_LETTERS[kind], arn)), queue.key)


def _destinations(function: Resource) -> Iterator[Made]:
    """Where the outcome of an asynchronous invocation goes: the role may send there, and SAM makes what is not given."""
    for outcome in ("OnSuccess", "OnFailure"):
        path = ("EventInvokeConfig", "DestinationConfig", outcome)
        config = shapes.find(function.properties, *path)
        kind = shapes.text(shapes.value(function.properties, *path, "Type"))
        if config and kind:
            yield from _destination(function, config, kind, f"{function.id}EventInvokeConfig{outcome}")


def _destination(function: Resource, config: Entry, kind: str, name: str) -> Iterator[Made]:
    given = shapes.value(config.value, "Destination")
    choice = shapes.branches(given) if given is not None else None
    own = {"SQS": get_att(f"{name}Queue"), "SNS": ref(f"{name}Topic")}.get(kind)
    arn: Data | None = given if given is not None else own
    if choice and own is not None:
        arn = if_(choice[0], *(own if shapes.is_no_value(branch) else branch for branch in choice[1:]))
    if arn is None:
        return
    yield polling.delivery(kind, arn, name, config.key)
    if own is not None and (given is None or (choice and any(shapes.is_no_value(branch) for branch in choice[1:]))):
        noun = "Queue" if kind == "SQS" else "Topic"
        yield Made(resources=(make(name + noun, f"AWS::{kind}::{noun}", {}, config.key, function.condition),))


def _runs_with(function: Resource, parts: Made) -> Made:
    """The function with its role; SAM makes one where none is given, and ``Policies`` counts only there."""
    given = shapes.value(function.properties, "Role")
    own = get_att(f"{function.id}Role")
    if given is None:
        made = _role(function, parts, function.condition)
        return Made(resources=(with_property(function, "Role", own, function.key), made))
    choice = shapes.branches(given)
    if choice is None or not any(shapes.is_no_value(branch) for branch in choice[1:]):
        return Made(resources=(function,))
    condition, yes, no = choice
    always = shapes.is_no_value(yes) and shapes.is_no_value(no)
    chosen = own if always else if_(condition, *(own if shapes.is_no_value(branch) else branch for branch in (yes, no)))
    name = condition.text if isinstance(condition, Scalar) else ""
    changed = with_property(function, "Role", chosen, given)
    if always or not name:
        return Made(resources=(changed, _role(function, parts, function.condition)))
    if shapes.is_no_value(yes):
        return Made(resources=(changed, _role(function, parts, name)))
    negated = Entry(Scalar(f"NOT{name}", given.origin, given.number), synthesise({"Fn::Not": [{"Condition": name}]}, given))
    return Made(resources=(changed, _role(function, parts, negated.key.text)), conditions=(negated,))


def _role(function: Resource, parts: Made, condition: str | None) -> Resource:
    properties = function.properties
    trust: Data | None = shapes.value(properties, "AssumeRolePolicyDocument")
    return role(
        f"{function.id}Role",
        trust if trust is not None else trusted_by("lambda.amazonaws.com"),
        parts.held,
        function.key,
        condition,
        path=shapes.value(properties, "RolePath"),
        boundary=shapes.value(properties, "PermissionsBoundary"),
    )


def _url(function: Resource) -> Iterator[Resource]:
    """A function URL. Without authentication it lets anyone invoke the function, which takes two permissions.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    auth = shapes.find(function.properties, "FunctionUrlConfig", "AuthType")
    if not auth:
        return
    target = ref(function.id) if shapes.find(function.properties, "AutoPublishAlias") is None else _arn(function)
    address: dict[str, Data | None] = {"AuthType": auth.value, "TargetFunctionArn": target}
    yield make(f"{function.id}Url", "AWS::Lambda::Url", address, auth.key, function.condition)
    # SAM looks at what is written: for a parameter it makes no permissions, whatever that is given.
    if shapes.text(auth.value) != "NONE":
        return
    called: dict[str, Data | None] = {"FunctionName": target, "Principal": "*"}
    url: dict[str, Data | None] = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE", **called}
    permission, condition = "AWS::Lambda::Permission", function.condition
    yield make(f"{function.id}UrlPublicPermissions", permission, url, auth.key, condition)
    invoked: dict[str, Data | None] = {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": "true", **called}
    yield make(f"{function.id}URLInvokeAllowPublicAccess", permission, invoked, auth.key, condition)


def deployment_role(functions: list[Resource], template: Template) -> Made:
    """The one role that CodeDeploy shifts traffic with, unless each gradual deployment names its own."""
    shifting = [one for one in functions if _shifts(one, template)]
    if all(shapes.find(one.properties, "DeploymentPreference", "Role") for one in shifting):
        return Made()
    first = shapes.find(shifting[0].properties, "DeploymentPreference")
    cause: Node = first.key if first else shifting[0].key
    condition, added = _deployment_condition(shifting, cause, template)
    made = managed_role("CodeDeployServiceRole", "codedeploy.amazonaws.com", "AWSCodeDeployRoleForLambda", cause, condition)
    return Made(resources=(made,), conditions=added)


def _shifts(function: Resource, template: Template) -> bool:
    preference = shapes.find(function.properties, "DeploymentPreference")
    if not preference:
        return False
    mapping = shapes.mapping(preference.value)
    enabled = shapes.settled(mapping.get("Enabled"), template) if mapping else None
    return enabled is None or not shapes.is_absent(enabled)


def _deployment_condition(functions: list[Resource], cause: Node, template: Template) -> tuple[str | None, tuple[Entry, ...]]:
    """What must hold for any of the deployments; nothing, unless each passes its function's condition on."""
    passed = [shapes.value(one.properties, "DeploymentPreference", "PassthroughCondition") for one in functions]
    if not all(shapes.text(shapes.settled(one, template)) == "true" for one in passed):
        return None, ()
    return shared_condition("ServerlessCodeDeployCondition", functions, cause)


def shared_condition(name: str, functions: list[Resource], cause: Node) -> tuple[str | None, tuple[Entry, ...]]:
    """The condition under which any of some functions exists, and that condition itself where it has to be made."""
    names = list(dict.fromkeys(one.condition for one in functions if one.condition))
    if not all(one.condition for one in functions):
        return None, ()
    if len(names) == 1:
        return names[0], ()
    any_of = synthesise(_any_of([{"Condition": one} for one in names]), cause)
    return name, (Entry(Scalar(name, cause.origin, cause.number), any_of),)


def _any_of(operands: list[Data]) -> Data:
    """``Fn::Or`` of any number of conditions: one takes up to ten."""
    while len(operands) > _MOST_OPERANDS:
        groups = [operands[start : start + _MOST_OPERANDS] for start in range(0, len(operands), _MOST_OPERANDS)]
        operands = [{"Fn::Or": list(group)} if len(group) > 1 else group[0] for group in groups]
    return {"Fn::Or": operands}
