"""What does SAM make of an API? Permissions for its authorizers and routes, and its resource policy.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-api.html
"""

from collections.abc import Iterator

from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar
from rolelint.template.sam import shapes
from rolelint.template.sam.events import Target, invoke, read_events
from rolelint.template.sam.policies import Made
from rolelint.template.sam.synthesis import Data, ref, sub, synthesise, with_property
from rolelint.template.sam.triggers import IMPLICIT_REST_API
from rolelint.template.template import Resource, Template

_GATEWAY = "apigateway.amazonaws.com"
_EXECUTE_API = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}"
_POLICY = "x-amazon-apigateway-policy"
_METHODS = frozenset(("any", "delete", "get", "head", "options", "patch", "post", "put", "x-amazon-apigateway-any-method"))


def expand_api(api: Resource, template: Template) -> Made:
    """A REST API's permissions for authorizers; its resource policy goes into its definition, as SAM puts it."""
    allowed = tuple(_authorizers(api, unless="DisableFunctionDefaultPermissions"))
    statements = list(_resource_policy(api, template))
    if not statements:
        return Made(resources=allowed)
    cause = statements[0][0]
    body = shapes.mapping(shapes.value(api.properties, "DefinitionBody"))
    before = shapes.members(shapes.value(body, _POLICY, "Statement"))
    listed: Data = {"Version": "2012-10-17", "Statement": [*before, *(synthesise(one, at) for at, one in statements)]}
    written = tuple(entry for entry in body.entries if entry.key.text != _POLICY) if body else ()
    own = Entry(Scalar(_POLICY, cause.origin, cause.number), synthesise(listed, cause))
    place = body or cause
    definition = Mapping((*written, own), place.origin, place.number)
    return Made(resources=(with_property(api, "DefinitionBody", definition, cause), *allowed))


def expand_http_api(api: Resource, _: Template) -> Made:
    """An HTTP API's permissions for authorizers; they have to be asked for."""
    return Made(resources=tuple(_authorizers(api, only="EnableFunctionDefaultPermissions")))


def expand_web_socket_api(api: Resource, _: Template) -> Made:
    """A WebSocket API's permissions: one a route, and one for its authorizer."""
    return Made(resources=(*_routes(api), *_connect_authorizer(api)))


def _authorizers(api: Resource, *, unless: str = "", only: str = "") -> Iterator[Resource]:
    for entry in shapes.entries(shapes.value(api.properties, "Auth", "Authorizers")):
        function = shapes.value(entry.value, "FunctionArn")
        if function is None or shapes.find(entry.value, unless) or (only and not shapes.find(entry.value, only)):
            continue
        name = f"{api.id}{entry.key.text}AuthorizerPermission"
        yield invoke(name, entry.key, api.condition, FunctionName=function, Principal=_GATEWAY, SourceArn=_any_authorizer(api))


def _any_authorizer(api: Resource) -> Data:
    return sub(f"{_EXECUTE_API}:${{__ApiId__}}/authorizers/*", __ApiId__=ref(api.id))


def _routes(api: Resource) -> Iterator[Resource]:
    stage = shapes.value(api.properties, "StageName")
    for entry in shapes.entries(shapes.value(api.properties, "Routes")):
        function = shapes.value(entry.value, "FunctionArn")
        if function is not None:
            key = entry.key.text
            source = sub(
                f"{_EXECUTE_API}:${{__ApiId__}}/${{__StageName__}}/{key}",
                __ApiId__=ref(api.id),
                __StageName__="default" if stage is None else stage,
            )
            name = f"{api.id}{key.replace('$', '').capitalize()}Permission"
            yield invoke(name, entry.key, api.condition, FunctionName=function, Principal=_GATEWAY, SourceArn=source)


def _connect_authorizer(api: Resource) -> Iterator[Resource]:
    auth = shapes.find(api.properties, "Auth")
    function = shapes.value(api.properties, "Auth", "AuthArn")
    if not auth or function is None or shapes.find(auth.value, "InvokeRole"):
        return
    if shapes.text(shapes.value(auth.value, "AuthType")) == "CUSTOM" and shapes.find(api.properties, "Routes", "$connect"):
        yield invoke(
            f"{api.id}AuthorizerPermission",
            auth.key,
            api.condition,
            FunctionName=function,
            Principal=_GATEWAY,
            SourceArn=_any_authorizer(api),
        )


def _resource_policy(api: Resource, template: Template) -> Iterator[tuple[Node, Data]]:
    """The statements of the API's own policy and of those of its methods, each with the place to report."""
    routes = list(_paths(api, template))
    stage = shapes.value(api.properties, "StageName")
    policy = shapes.value(api.properties, "Auth", "ResourcePolicy")
    if policy is not None and routes:
        yield from _lists(policy, [_resource(method, path, stage) for method, path, _ in routes])
    yield from _custom(policy)
    for method, path, own in routes:
        if own is not None:
            yield from _lists(own, [_resource(method, path, stage)])
            yield from _custom(own)


def _resource(method: str, path: str, stage: Node | None) -> Data:
    word = "*" if method in ("any", "x-amazon-apigateway-any-method") else method.upper()
    return sub(f"execute-api:/${{__Stage__}}/{word}{path}", __Stage__="Prod" if stage is None else stage)


def _paths(api: Resource, template: Template) -> Iterator[tuple[str, str, Node | None]]:
    """The methods and paths of an API, each with the resource policy that its event asks for."""
    body = shapes.value(api.properties, "DefinitionBody", "paths")
    for path in shapes.entries(body):
        for method in shapes.entries(path.value):
            if method.key.text.lower() in _METHODS:
                yield method.key.text.lower(), _plain(path.key.text), None
    for resource in template.resources.values():
        target = Target(resource.id, "", None, template)
        if resource.type not in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine"):
            continue
        for event in read_events(shapes.value(resource.properties, "Events"), target):
            named = shapes.referred(event.value("RestApiId")) or event.text("RestApiId") or IMPLICIT_REST_API
            if event.kind == "Api" and named == api.id:
                path_text = _plain(event.text("Path") or "/")
                yield (event.text("Method") or "any").lower(), path_text, event.value("Auth", "ResourcePolicy")


def _plain(path: str) -> str:
    """A path with its variable parts as wildcards."""
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


def _lists(policy: Node, resources: list[Data]) -> Iterator[tuple[Node, Data]]:
    for word, effect in (("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")):
        entry = shapes.find(policy, word)
        if entry:
            yield entry.key, _rule(effect, {"AWS": list(shapes.members(entry.value))}, resources)
    kept_out = (
        ("NotIpAddress", {"IpRangeWhitelist": "aws:SourceIp"}),
        ("IpAddress", {"IpRangeBlacklist": "aws:SourceIp"}),
        ("StringEquals", _networks("Blacklist")),
        ("StringNotEquals", _networks("Whitelist")),
    )
    for operator, words in kept_out:
        found = [(entry, key) for word, key in words.items() if (entry := shapes.find(policy, word))]
        if found:
            # Whoever the lists do not keep out may call: SAM always writes the two together.
            yield found[0][0].key, _rule("Allow", "*", resources)
            condition: Data = {operator: _sources(found)}
            yield found[0][0].key, {**_rule("Deny", "*", resources), "Condition": condition}


def _custom(policy: Node | None) -> Iterator[tuple[Node, Data]]:
    for one in shapes.members(shapes.value(policy, "CustomStatements")):
        yield one, one


def _rule(effect: str, principal: Data, resources: list[Data]) -> dict[str, Data]:
    return {"Effect": effect, "Action": "execute-api:Invoke", "Resource": list(resources), "Principal": principal}


def _networks(kind: str) -> dict[str, str]:
    return {f"SourceVpc{kind}": "", f"IntrinsicVpc{kind}": "aws:SourceVpc", f"IntrinsicVpce{kind}": "aws:SourceVpce"}


def _sources(found: list[tuple[Entry, str]]) -> Data:
    """The listed addresses by condition key; those of networks and their endpoints tell themselves apart by their prefix."""
    sources: dict[str, list[Data]] = {}
    for entry, key in found:
        for one in shapes.members(entry.value):
            own = "aws:SourceVpce" if (shapes.text(one) or "").startswith("vpce-") else "aws:SourceVpc"
            sources.setdefault(key or own, []).append(one)
    return dict(sources)
