"""What do a template's ``Globals`` add to its resources? Maps merge, lists follow each other, else the resource's own value wins.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from rolelint.syntax.nodes import Entry, Mapping, Node, Sequence
from rolelint.template.evaluate import function_call
from rolelint.template.sam import shapes
from rolelint.template.template import Resource, Template

_PREFIX = "AWS::Serverless::"

# SAM refuses other sections, and other properties in these.
_SUPPORTED = {
    section: frozenset(names.split())
    for section, names in {
        "Api": "AccessLogSetting AlwaysDeploy Auth BinaryMediaTypes CacheClusterEnabled CacheClusterSize CanarySetting Cors"
        " DefinitionUri Domain EndpointAccessMode EndpointConfiguration GatewayResponses MergeDefinitions MethodSettings"
        " MinimumCompressionSize Name OpenApiVersion PropagateTags SecurityPolicy TracingEnabled Variables",
        "CapacityProvider": "InstanceRequirements KmsKeyArn LoggingConfig ManagedResourceTags OperatorRole PropagateTags"
        " ScalingConfig Tags VpcConfig",
        "Function": "Architectures AssumeRolePolicyDocument AutoPublishAlias AutoPublishAliasAllProperties CapacityProviderConfig"
        " CodeSigningConfigArn CodeUri DeadLetterQueue DeploymentPreference Description DurableConfig Environment"
        " EphemeralStorage EventInvokeConfig FileSystemConfigs FunctionScalingConfig FunctionUrlConfig Handler KmsKeyArn Layers"
        " LoggingConfig MemorySize PermissionsBoundary PropagateTags ProvisionedConcurrencyConfig PublishToLatestPublished"
        " RecursiveLoop ReservedConcurrentExecutions RolePath Runtime RuntimeManagementConfig SnapStart SourceKMSKeyArn Tags"
        " TenancyConfig Timeout Tracing VersionDeletionPolicy VpcConfig",
        "HttpApi": "AccessLogSettings Auth CorsConfiguration DefaultRouteSettings Domain FailOnWarnings PropagateTags"
        " RouteSettings StageVariables Tags",
        "MicrovmImage": "AdditionalOsCapabilities BaseImageArn BaseImageVersion BuildRoleArn CpuConfigurations"
        " EgressNetworkConnectors EnvironmentVariables Hooks Logging PropagateTags Resources Tags",
        "NetworkConnector": "OperatorRole PropagateTags Tags",
    }.items()
}


def with_globals(template: Template) -> dict[str, Resource]:
    """The template's resources, those of SAM's types with what ``Globals`` says about them."""
    sections = {entry.key.text: entry.value for entry in shapes.entries(template.root.get("Globals"))}
    return {name: _with_section(one, sections) if sections else one for name, one in template.resources.items()}


def _with_section(resource: Resource, sections: dict[str, Node]) -> Resource:
    section = resource.type.removeprefix(_PREFIX) if resource.type.startswith(_PREFIX) else ""
    shared = sections.get(section) if section in _SUPPORTED else None
    left_out = _left_out(resource)
    entries = [
        one
        for one in shapes.entries(shared)
        if one.key.text in _SUPPORTED[section] and one.key.text not in left_out and "*" not in left_out
    ]
    own = resource.properties
    if not entries or (own is not None and shapes.mapping(own) is None):
        return resource
    place = own if own is not None else resource.key
    merged = _merge_entries(tuple(entries), shapes.entries(own))
    return resource._replace(properties=Mapping(merged, place.origin, place.number))


def _left_out(resource: Resource) -> set[str | None]:
    """The properties for which a resource asks to be left alone."""
    return {shapes.text(name) for name in shapes.members(resource.node.get("IgnoreGlobals"))}


def _merge_entries(shared: tuple[Entry, ...], own: tuple[Entry, ...]) -> tuple[Entry, ...]:
    merged = {one.key.text: one for one in shared}
    for entry in own:
        above = merged.get(entry.key.text)
        merged[entry.key.text] = entry._replace(value=_merge(above.value, entry.value)) if above else entry
    return tuple(merged.values())


def _merge(shared: Node, own: Node) -> Node:
    if function_call(shared) is None and function_call(own) is None:
        match shared, own:
            case Mapping(), Mapping():
                return own._replace(entries=_merge_entries(shared.entries, own.entries))
            case Sequence(), Sequence():
                return own._replace(items=(*shared.items, *own.items))
    return own
