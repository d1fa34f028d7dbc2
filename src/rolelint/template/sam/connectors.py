"""What does a connector allow? Between two resources, it lets one of them reach the other as a profile says.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/managing-permissions-connectors.html
"""

from collections.abc import Iterator

from rolelint.syntax.nodes import Mapping, Node, Scalar
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Problem
from rolelint.template.sam import shapes
from rolelint.template.sam.data_files import Profile, profile
from rolelint.template.sam.events import invoke
from rolelint.template.sam.policies import Made, together
from rolelint.template.sam.synthesis import Data, Properties, document, get_att, make, ref, sub
from rolelint.template.template import Resource, Template
from rolelint.tuples import NamedTuple

_TRANSLATED = {
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::GraphQLApi": "AWS::AppSync::GraphQLApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
}
_REF_IS_ARN = frozenset(
    (
        "AWS::AppSync::DataSource",
        "AWS::AppSync::GraphQLApi",
        "AWS::SNS::Topic",
        "AWS::StepFunctions::StateMachine",
    )
)
_APIS = frozenset(("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"))
_ROLES = {
    "AWS::AppSync::DataSource": "ServiceRoleArn",
    "AWS::Lambda::Function": "Role",
    "AWS::Serverless::Function": "Role",
    "AWS::Serverless::StateMachine": "Role",
    "AWS::StepFunctions::StateMachine": "RoleArn",
}
_PLACEHOLDER = pattern(r"%\{(Source|Destination)\.(\w+)\}")


class End(NamedTuple):
    """One end of a connector: its type as CloudFormation has it, and its names under the profile's words for them."""

    type: str
    names: dict[str, Data]
    role: Data | None = None


def expand_connectors(resource: Resource, template: Template) -> Made:
    """What a connector makes that is a resource of its own, or those that stand in a resource under ``Connectors``."""
    if resource.type == "AWS::Serverless::Connector":
        source = shapes.value(resource.properties, "Source")
        return _expand(resource.id, resource.properties, source, resource.key, resource.condition, template)
    return together(
        _expand(
            resource.id + entry.key.text,
            shapes.value(entry.value, "Properties"),
            _own_end(resource, shapes.value(entry.value, "Properties", "SourceReference")),
            entry.key,
            resource.condition,
            template,
        )
        for entry in shapes.entries(resource.node.get("Connectors"))
    )


def _own_end(resource: Resource, more: Node | None) -> Node:
    """The end that an embedded connector stands in, as it would be written out."""
    key = resource.key
    own = make("", "", {"Id": resource.id, **{entry.key.text: entry.value for entry in shapes.entries(more)}}, key)
    return own.properties or key


def _expand(  # noqa: PLR0913, PLR0917 - a connector's parts
    logical_id: str, properties: Node | None, source: Node | None, cause: Node, condition: str | None, template: Template
) -> Made:
    given = shapes.value(properties, "Destination")
    several = given is not None and shapes.mapping(given) is None
    wanted = {text for node in shapes.members(shapes.value(properties, "Permissions")) if (text := shapes.text(node))}
    parts = []
    for index, destination in enumerate(shapes.members(given)):
        begin, end = _end(source, destination, template), _end(destination, source, template)
        suffix = f"Destination{index}" if several else ""
        if begin and end:
            parts.append(connect(logical_id, begin, end, wanted, cause, condition, suffix))
    return together(parts)


def _end(node: Node | None, other: Node | None, template: Template) -> End | None:
    logical_id = shapes.text(shapes.value(node, "Id"))
    if logical_id is None:
        kind = shapes.text(shapes.value(node, "Type"))
        if kind is None:
            return None
        words = {"Arn": "Arn", "Name": "Name", "Qualifier": "Qualifier", "ResourceId": "ResourceId", "QueueUrl": "Url"}
        names: dict[str, Data] = {ours: found for word, ours in words.items() if (found := shapes.value(node, word)) is not None}
        return End(_TRANSLATED.get(kind, kind), names, shapes.value(node, "RoleName"))
    resource = template.resources.get(logical_id)
    if resource is None:
        return None
    qualifier = shapes.value(node, "Qualifier")
    own = _names(logical_id, _TRANSLATED.get(resource.type, resource.type))
    return End(
        _TRANSLATED.get(resource.type, resource.type),
        own if qualifier is None else {**own, "Qualifier": qualifier},
        _role_of(resource, other),
    )


def _names(logical_id: str, kind: str) -> dict[str, Data]:
    names = {"Arn": ref(logical_id) if kind in _REF_IS_ARN else get_att(logical_id)}
    if kind in _APIS:
        names |= {"Qualifier": "*", "ResourceId": ref(logical_id)}
    if kind == "AWS::AppSync::GraphQLApi":
        names["ResourceId"] = get_att(logical_id, "ApiId")
    if kind == "AWS::StepFunctions::StateMachine":
        names["Name"] = get_att(logical_id, "Name")
    if kind == "AWS::SQS::Queue":
        names["Url"] = ref(logical_id)
    return names


def _role_of(resource: Resource, other: Node | None) -> Data | None:
    """The role that a resource runs with, if it is one of the template; a rule has one for each of its targets."""
    if resource.type == "AWS::Events::Rule":
        targets = shapes.members(shapes.value(resource.properties, "Targets"))
        fitting = (one for one in targets if _starts(shapes.value(one, "Arn"), other))
        role = shapes.referred(next((shapes.value(one, "RoleArn") for one in fitting), None))
    else:
        role = shapes.referred(shapes.value(resource.properties, _ROLES.get(resource.type, "")))
    return ref(role) if role else None


def _starts(target: Node | None, other: Node | None) -> bool:
    """Whether a rule's target is the other end, by its id or as its ARN is written."""
    wanted, arn = shapes.text(shapes.value(other, "Id")), shapes.value(other, "Arn")
    if wanted:
        return shapes.referred(target) == wanted
    return target is not None and arn is not None and shapes.written(target) == shapes.written(arn)


def connect(  # noqa: PLR0913, PLR0917 - a connector's parts
    logical_id: str, source: End, destination: End, wanted: set[str], cause: Node, condition: str | None, suffix: str = ""
) -> Made:
    """What a connector between two ends makes."""
    found = profile(source.type, destination.type)
    if found is None:
        message = f"SAM has no connector from {source.type} to {destination.type}"
        return Made(problems=(Problem("unreadable-policy", message, cause.span.on_one_line()),))
    names = {
        **{f"Source.{k}": v for k, v in source.names.items()},
        **{f"Destination.{k}": v for k, v in destination.names.items()},
    }
    allowed = {word: parts for word, parts in found.allows.items() if word in wanted}
    return Made(resources=tuple(_made(logical_id, found, source, destination, allowed, names, cause, condition, suffix)))


def _made(  # noqa: PLR0913, PLR0917 - a connector's parts
    logical_id: str,
    found: Profile,
    source: End,
    destination: End,
    allowed: dict[str, dict[str, Data]],
    names: dict[str, Data],
    cause: Node,
    condition: str | None,
    suffix: str,
) -> Iterator[Resource]:
    end = source if found.end == "source" else destination
    if found.makes == "permission":
        for word, parts in allowed.items():
            properties = {name: _replace(value, names) for name, value in parts.items()}
            function = end.names.get("Arn")
            yield invoke(f"{logical_id}{word}LambdaPermission{suffix}", cause, condition, FunctionName=function, **properties)
        return
    statements = [one for parts in allowed.values() for one in _listed(_replace(parts["Statement"], names))]
    policy = document(*statements)
    shapes_of: dict[str, tuple[str, str, Properties]] = {
        "policy": ("Policy", "AWS::IAM::ManagedPolicy", {"Roles": [end.role] if end.role is not None else None}),
        "queue": ("QueuePolicy", "AWS::SQS::QueuePolicy", {"Queues": [end.names.get("Url", "")]}),
        "topic": ("TopicPolicy", "AWS::SNS::TopicPolicy", {"Topics": [end.names.get("Arn", "")]}),
    }
    noun, kind, attached = shapes_of[found.makes]
    yield make(f"{logical_id}{noun}{suffix}", kind, {"PolicyDocument": policy, **attached}, cause, condition)


def _listed(data: Data) -> list[Data]:
    return data if isinstance(data, list) else [data]


def _replace(data: Data, names: dict[str, Data]) -> Data:
    """The data with the ends' names in place of ``%{Source.Arn}`` and its like; text around them becomes ``Fn::Sub``."""
    match data:
        case Scalar() | Mapping():
            return data
        case str():
            return _replace_text(data, names)
        case list():
            return [_replace(item, names) for item in data]
        case dict():
            return {key: _replace(value, names) for key, value in data.items()}
    return data


def _replace_text(text: str, names: dict[str, Data]) -> Data:
    whole = _PLACEHOLDER.fullmatch(text)
    if whole:
        return names.get(f"{whole[1]}.{whole[2]}", "")
    variables = {one[1] + one[2]: names.get(f"{one[1]}.{one[2]}", "") for one in _PLACEHOLDER.finditer(text)}
    replaced = _PLACEHOLDER.sub(lambda one: f"${{{one[1]}{one[2]}}}", text)
    return sub(replaced, **variables) if "${" in replaced else text
