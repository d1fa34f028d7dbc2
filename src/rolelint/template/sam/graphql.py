"""What does SAM make of a GraphQL API? A role for its logs, one for each data source, and permissions for authorizers.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html
"""

from collections.abc import Iterator

from rolelint.syntax.nodes import Entry, Node
from rolelint.template.sam import shapes
from rolelint.template.sam.connectors import End, connect
from rolelint.template.sam.policies import Held, Made, together
from rolelint.template.sam.roles import managed_role, role, trusted_by
from rolelint.template.sam.synthesis import Data, get_att, ref, sub
from rolelint.template.template import Resource, Template

_SERVICE = "appsync.amazonaws.com"


def expand_graphql_api(api: Resource, _: Template) -> Made:
    """The roles and permissions of a GraphQL API."""
    return together([*_authorizers(api), *_logging(api), *_sources(api)])


def _logging(api: Resource) -> Iterator[Made]:
    """Logging is on, with a role for it, unless it is turned off or has a role."""
    properties = shapes.mapping(api.properties)
    given = properties.get("Logging") if properties else None
    if given is not None and (shapes.is_absent(given) or shapes.find(given, "CloudWatchLogsRoleArn")):
        return
    entry = properties.entry("Logging") if properties else None
    cause = entry.key if entry else api.key
    name = f"{api.id}CloudWatchRole"
    yield Made(resources=(managed_role(name, _SERVICE, "AWSAppSyncPushToCloudWatchLogs", cause, api.condition),))


def _authorizers(api: Resource) -> Iterator[Made]:
    auth = shapes.value(api.properties, "Auth")
    listed = [auth, *shapes.members(shapes.value(auth, "Additional"))]
    found = [entry for one in listed if (entry := shapes.find(one, "LambdaAuthorizer", "AuthorizerUri"))]
    own = End("AWS::AppSync::GraphQLApi", {"Arn": ref(api.id), "ResourceId": get_att(api.id, "ApiId")})
    for number, entry in enumerate(found, 1):
        function = End("AWS::Lambda::Function", {"Arn": entry.value})
        yield connect(f"{api.id}ToLambdaAuthConnector{number}", own, function, {"Write"}, entry.key, api.condition)


def _sources(api: Resource) -> Iterator[Made]:
    for entry in shapes.entries(shapes.value(api.properties, "DataSources", "DynamoDb")):
        table = shapes.value(entry.value, "TableArn")
        listed = shapes.members(shapes.value(entry.value, "Permissions"))
        wanted = {text for node in listed if (text := shapes.text(node))} or {"Read", "Write"}
        arn: Data = table if table is not None else _table_arn(entry.value)
        yield from _source(api, entry, "DynamoDB", "ToTableConnector", End("AWS::DynamoDB::Table", {"Arn": arn}), wanted)
    for entry in shapes.entries(shapes.value(api.properties, "DataSources", "Lambda")):
        function = shapes.value(entry.value, "FunctionArn")
        if function is not None:
            end = End("AWS::Lambda::Function", {"Arn": function})
            yield from _source(api, entry, "Lambda", "ToLambdaConnector", end, {"Write"})


def _table_arn(source: Node) -> Data:
    name, region = shapes.value(source, "TableName"), shapes.value(source, "Region")
    return sub(
        "arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:table/${__TableName__}",
        __TableName__="*" if name is None else name,
        __Region__=ref("AWS::Region") if region is None else region,
    )


def _source(  # noqa: PLR0913, PLR0917 - a data source's parts
    api: Resource, entry: Entry, kind: str, connector: str, end: End, wanted: set[str]
) -> Iterator[Made]:
    if shapes.find(entry.value, "ServiceRoleArn"):
        return
    name = f"{api.id}{entry.key.text}{kind}DataSource"
    own = role(f"{name}Role", trusted_by(_SERVICE), Held(), entry.key, api.condition)
    yield Made(resources=(own,))
    source = End("AWS::AppSync::DataSource", {"Arn": ref(name)}, ref(own.id))
    yield connect(name + connector, source, end, wanted, entry.key, api.condition)
