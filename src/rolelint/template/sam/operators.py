"""Which roles does SAM make for what Lambda runs on? Capacity providers, connectors, images, web functions each need one.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html
"""

from rolelint.syntax.nodes import Node
from rolelint.template.sam import shapes
from rolelint.template.sam.policies import Held, Made
from rolelint.template.sam.roles import managed_role, role, trusted_by
from rolelint.template.sam.synthesis import Data, get_att, inline, statement, sub, synthesise, with_property
from rolelint.template.template import Resource, Template

_LAMBDA = "lambda.amazonaws.com"
_LOGGING = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]


def expand_capacity_provider(provider: Resource, _: Template) -> Made:
    """The role by which Lambda manages a capacity provider's instances."""
    return _operated(provider, "AWSLambdaManagedEC2ResourceOperator")


def expand_network_connector(connector: Resource, _: Template) -> Made:
    """The role by which Lambda manages a connector's network interfaces."""
    return _operated(connector, "AWSLambdaNetworkConnectorOperatorPolicy")


def expand_web_function(function: Resource, _: Template) -> Made:
    """A web function's role: it only writes logs."""
    if shapes.find(function.properties, "ExecutionRoleArn"):
        return Made()
    made = managed_role(f"{function.id}Role", _LAMBDA, "AWSLambdaBasicExecutionRole", function.key, function.condition)
    return Made(resources=(with_property(function, "ExecutionRoleArn", get_att(made.id), function.key), made))


def _operated(resource: Resource, policy: str) -> Made:
    if shapes.find(resource.properties, "OperatorRole"):
        return Made()
    made = managed_role(f"{resource.id}OperatorRole", _LAMBDA, policy, resource.key, resource.condition)
    return Made(resources=(with_property(resource, "OperatorRole", get_att(made.id), resource.key), made))


def expand_image(image: Resource, template: Template) -> Made:
    """The role that builds an image: it reads the code's bucket and writes logs, all of them."""
    if shapes.find(image.properties, "BuildRoleArn"):
        return Made()
    policy = inline(
        "MicrovmImageBuildPolicy",
        statement(["s3:GetObject"], _code_of(shapes.value(image.properties, "CodeUri"), template)),
        statement(list(_LOGGING), "*"),
    )
    held = Held((), (synthesise(policy, image.key),))
    made = role(f"{image.id}BuildRole", trusted_by(_LAMBDA), held, image.key, image.condition)
    return Made(resources=(with_property(image, "BuildRoleArn", get_att(made.id), image.key), made))


def _code_of(uri: Node | None, template: Template) -> Data:
    """All objects of the bucket in ``s3://bucket/key``."""
    known = shapes.text(shapes.settled(uri, template))
    if known is not None and known.startswith("s3://"):
        return sub(f"arn:${{AWS::Partition}}:s3:::{known.removeprefix('s3://').partition('/')[0]}/*")
    parts: Data = {"Fn::Split": ["/", uri if uri is not None else ""]}
    return sub("arn:${AWS::Partition}:s3:::${Bucket}/*", Bucket={"Fn::Select": ["2", parts]})
