"""What must a function's role hold so that Lambda can poll an event source for it?

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from collections.abc import Iterator

from rolelint.syntax.nodes import Node, Scalar
from rolelint.template.evaluate import function_call
from rolelint.template.sam import shapes
from rolelint.template.sam.events import Event
from rolelint.template.sam.policies import Made, inline_policy, managed, together
from rolelint.template.sam.synthesis import Data, inline, statement, sub, synthesise

_MANAGED = {
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}
KINDS = frozenset((*_MANAGED, "DocumentDB", "MQ", "SelfManagedKafka"))

_ACCOUNT = "${AWS::Region}:${AWS::AccountId}"
_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]
_KAFKA_SECRETS = frozenset(
    (
        "BASIC_AUTH",
        "CLIENT_CERTIFICATE_TLS_AUTH",
        "OAUTHBEARER_AUTH",
        "SASL_SCRAM_256_AUTH",
        "SASL_SCRAM_512_AUTH",
        "SERVER_ROOT_CA_CERTIFICATE",
    )
)


def polled(event: Event) -> Made:
    """What an event source puts into the role of its function."""
    parts = [managed(_MANAGED[event.kind], event.key)] if event.kind in _MANAGED else []
    statements = list(_statements(event))
    if statements:
        parts.append(inline_policy(inline(f"{event.id}Policy", *statements), event.key))
    return together([*parts, *_on_failure(event)])


def _statements(event: Event) -> Iterator[Data]:
    match event.kind:
        case "MQ":
            yield from map(_secret, _uris(event, frozenset(("BASIC_AUTH",))))
            yield from _on_source(event, "mq:DescribeBroker", "Broker")
        case "DocumentDB":
            yield from map(_secret, _uris(event, frozenset(("BASIC_AUTH",))))
            yield statement(["rds:DescribeDBClusterParameters"], sub(f"arn:${{AWS::Partition}}:rds:{_ACCOUNT}:cluster-pg:*"))
            yield statement(["rds:DescribeDBSubnetGroups"], sub(f"arn:${{AWS::Partition}}:rds:{_ACCOUNT}:subgrp:*"))
            yield from _on_source(event, "rds:DescribeDBClusters", "Cluster")
            yield statement(_NETWORK, "*")
        case "MSK":
            yield from _schema_registry(event)
            yield from map(_secret, _uris(event, frozenset(("CLIENT_CERTIFICATE_TLS_AUTH",))))
            return
        case "SelfManagedKafka":
            yield from map(_secret, _uris(event, _KAFKA_SECRETS))
            if {"VPC_SUBNET", "VPC_SECURITY_GROUP"} <= {kind for kind, _ in _access(event)}:
                yield statement(_NETWORK, "*")
            yield from _schema_registry(event)
        case _:
            return
    key = event.value("SecretsManagerKmsKeyId")
    if key is not None:
        yield statement(["kms:Decrypt"], sub(f"arn:${{AWS::Partition}}:kms:{_ACCOUNT}:key/${{Key}}", Key=key))


def _on_source(event: Event, action: str, name: str) -> Iterator[Data]:
    source = event.value(name)
    if source is not None:
        yield statement([action], source)


def _secret(uri: Node) -> Data:
    return statement(["secretsmanager:GetSecretValue"], uri)


def _uris(event: Event, kinds: frozenset[str]) -> list[Node]:
    return [uri for kind, uri in _access(event) if kind in kinds and uri is not None]


def _access(event: Event) -> list[tuple[str | None, Node | None]]:
    listed = shapes.members(event.value("SourceAccessConfigurations"))
    return [(shapes.text(shapes.value(one, "Type")), shapes.value(one, "URI")) for one in listed]


def _schema_registry(event: Event) -> Iterator[Data]:
    """What reading Kafka's schemas takes: the registry's secrets, and the registry when it is one of Glue's."""
    for access in shapes.members(event.value("SchemaRegistryConfig", "AccessConfigs")):
        uri = shapes.value(access, "URI")
        if uri is not None:
            yield _secret(uri)
    registry = event.value("SchemaRegistryConfig", "SchemaRegistryURI")
    name = _registry_name(shapes.settled(registry, event.target.template))
    if registry is not None and name is not None:
        yield statement(["glue:GetRegistry"], registry)
        yield statement(["glue:GetSchemaVersion"], [sub(f"arn:${{AWS::Partition}}:glue:{_ACCOUNT}:schema/{name}/*")])


def _registry_name(node: Node | None) -> str | None:
    call = function_call(node) if node is not None else None
    written = call[1] if call is not None and call[0] == "Fn::Sub" else node
    if not isinstance(written, Scalar):
        return None
    # The colons of ${AWS::Region} and its like are not those of the ARN.
    resource = written.text.replace("::", "").split(":", 5)[5:]
    return resource[0].removeprefix("registry/") if resource and resource[0].startswith("registry/") else None


def _on_failure(event: Event) -> Iterator[Made]:
    destination = event.value("DestinationConfig", "OnFailure", "Destination")
    kind = event.text("DestinationConfig", "OnFailure", "Type")
    if destination is not None and kind is not None:
        yield delivery(kind, destination, event.id, event.key)


def delivery(kind: str, destination: Data, name: str, at: Node) -> Made:
    """What sending to a destination of a kind takes."""
    match kind:
        case "SQS":
            statements = [statement("sqs:SendMessage", destination)]
        case "SNS":
            statements = [statement("sns:Publish", destination)]
        case "EventBridge":
            statements = [statement("events:PutEvents", destination)]
        case "Lambda":
            statements = [statement("lambda:InvokeFunction", destination)]
        case "S3" | "S3Bucket":
            objects: Data = {"Fn::Join": ["/", [destination, "*"]]}
            statements = [statement("s3:PutObject", objects), statement("s3:ListBucket", destination)]
        case _:
            return Made()
    return inline_policy(inline(f"{name}{kind}Policy", *statements), synthesise("", at))
