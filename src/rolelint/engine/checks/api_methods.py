"""Who may call an API and its methods?

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Template
from rolelint.template.values import Text, When, alternatives, elements

_UNSAID = Answer(Certainty.POSSIBLE, ("API Gateway takes it for NONE",))

_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_PARTS = (
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::Method",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Route",
)
_SAID_ELSEWHERE = frozenset(("Body", "BodyS3Location", "CloneFrom", "Policy"))
"""Properties by which something else tells who may call an API."""


@says("method", "found")
def open_method(subject: TemplateSubject) -> Iterator[Hit]:
    """A method without authentication and without a key, other than what browsers ask before they call."""
    template = subject.access.template
    for resource in template.resources.values():
        properties = resource.properties
        if resource.type != "AWS::ApiGateway::Method" or not isinstance(properties, Mapping):
            continue
        if "OPTIONS" in _texts(properties, "HttpMethod", template) or "true" in _texts(properties, "ApiKeyRequired", template):
            continue
        entry = properties.entry("AuthorizationType")
        if entry is None:
            yield Hit(resource.key.span, _UNSAID, {"method": resource.id, "found": "there is no AuthorizationType"})
            continue
        when = _texts(properties, "AuthorizationType", template).get("NONE")
        if when is not None:
            yield Hit(entry.value.span, facts={"method": resource.id, "found": "AuthorizationType is NONE"}, when=when)


@says("api")
def without_authorizer(subject: TemplateSubject) -> Iterator[Hit]:
    """An API for which the template has no authorizer, no method that asks for one, no key and no policy."""
    template = subject.access.template
    guarded, described = _guarded(template)
    for resource in template.resources.values():
        if resource.type not in _APIS or resource.id in guarded or not isinstance(resource.properties, Mapping):
            continue
        entries = {entry.key.text for entry in resource.properties.entries}
        if entries & _SAID_ELSEWHERE or _is_private(resource.properties, template):
            continue
        unsaid = Answer(Certainty.POSSIBLE, ("the methods, which are not in this template, ask for nothing",))
        yield Hit(resource.key.span, CERTAIN if resource.id in described else unsaid, {"api": resource.id})


def _guarded(template: Template) -> tuple[set[str], set[str]]:
    """The APIs with something in the template that asks who calls, and those with a method of any kind."""
    guarded: set[str] = set()
    described: set[str] = set()
    for resource in template.resources.values():
        properties = resource.properties
        if not isinstance(properties, Mapping) or resource.type not in _PARTS:
            continue
        owner = properties.get("RestApiId") or properties.get("ApiId")
        value = evaluate(owner, Scope(template)) if owner is not None else None
        api = value.symbol.name if isinstance(value, Text) and value.symbol else ""
        described.add(api)
        asked = set(_texts(properties, "AuthorizationType", template)) - {"NONE"}
        if resource.type.endswith("::Authorizer") or asked or "true" in _texts(properties, "ApiKeyRequired", template):
            guarded.add(api)
    return guarded, described


def _is_private(properties: Mapping, template: Template) -> bool:
    """Whether an API is reached from VPCs only."""
    endpoint = properties.get("EndpointConfiguration")
    types = endpoint.get("Types") if isinstance(endpoint, Mapping) else None
    known = elements(evaluate(types, Scope(template))) if types is not None else ()
    return any(isinstance(value, Text) and value.literal == "PRIVATE" for _, value in known)


def _texts(properties: Mapping, name: str, template: Template) -> dict[str, When]:
    """The texts that a property may be, and when."""
    node = properties.get(name)
    found = alternatives(evaluate(node, Scope(template))) if node is not None else ()
    return {value.literal: when for when, value in found if isinstance(value, Text) and value.literal is not None}
