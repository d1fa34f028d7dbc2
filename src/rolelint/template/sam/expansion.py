"""What is the template once SAM has had its turn? The same, and all the roles, permissions and policies that SAM makes.

SAM's own resources stay, with what ``Globals`` adds and the role that they run with; so everything that reads a template
reads this one.
"""

from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

from rolelint.syntax.nodes import Node, Scalar
from rolelint.template.sam import shapes
from rolelint.template.sam.functions import deployment_role, expand_function, shared_condition
from rolelint.template.sam.policies import Made
from rolelint.template.sam.shared import with_globals
from rolelint.template.sam.synthesis import make
from rolelint.template.sam.triggers import IMPLICIT_HTTP_API, IMPLICIT_REST_API
from rolelint.template.template import Resource, Template

_FUNCTION = "AWS::Serverless::Function"
_MACHINE = "AWS::Serverless::StateMachine"

_Expander: TypeAlias = Callable[[Resource, Template], Made]


def expand(template: Template) -> Template:
    """The template with all that SAM makes of it; a made role or permission never takes the place of one that is written."""
    template = _with_implicit_apis(template)
    template = template._replace(resources=with_globals(template))
    written = template.resources
    functions = [one for one in written.values() if one.type == _FUNCTION]
    made = [expander(one, template) for one in written.values() if (expander := _expander(one.type))]
    template = _with(template, [*made, deployment_role(functions, template)])
    # A connector names roles that the functions have only now.
    return _with(template, [found for one in template.resources.values() for found in _connected(one, template)])


def _expander(kind: str) -> _Expander | None:
    """What expands resources of a type; only functions are common enough to be read in for every template."""
    if kind == _FUNCTION:
        return expand_function
    if kind == _MACHINE:
        from rolelint.template.sam.state_machines import expand_state_machine  # noqa: PLC0415

        return expand_state_machine
    if kind.endswith("Api"):
        return _api_expander(kind)
    return _operator_expander(kind) if kind.startswith("AWS::Serverless::") else None


def _api_expander(kind: str) -> _Expander | None:
    if kind == "AWS::Serverless::GraphQLApi":
        from rolelint.template.sam.graphql import expand_graphql_api  # noqa: PLC0415

        return expand_graphql_api
    from rolelint.template.sam.apis import expand_api, expand_http_api, expand_web_socket_api  # noqa: PLC0415

    expanders: dict[str, _Expander] = {
        "AWS::Serverless::Api": expand_api,
        "AWS::Serverless::HttpApi": expand_http_api,
        "AWS::Serverless::WebSocketApi": expand_web_socket_api,
    }
    return expanders.get(kind)


def _operator_expander(kind: str) -> _Expander | None:
    from rolelint.template.sam import operators  # noqa: PLC0415

    expanders: dict[str, _Expander] = {
        "AWS::Serverless::CapacityProvider": operators.expand_capacity_provider,
        "AWS::Serverless::MicrovmImage": operators.expand_image,
        "AWS::Serverless::NetworkConnector": operators.expand_network_connector,
        "AWS::Serverless::WebFunction": operators.expand_web_function,
    }
    return expanders.get(kind)


def _connected(resource: Resource, template: Template) -> Iterable[Made]:
    if resource.type == "AWS::Serverless::Connector" or resource.node.get("Connectors") is not None:
        from rolelint.template.sam.connectors import expand_connectors  # noqa: PLC0415

        yield expand_connectors(resource, template)


def _with(template: Template, parts: list[Made], over: Collection[str] = ()) -> Template:
    resources = dict(template.resources)
    for one in parts:
        for resource in one.resources:
            before = resources.get(resource.id)
            if before is None or before.cause is not None or resource.cause is None or resource.id in over:
                resources[resource.id] = resource
    problems = tuple(problem for one in parts for problem in one.problems)
    template = template._replace(resources=resources, problems=(*template.problems, *problems))
    added = {name.text: formula for one in parts for name, formula in one.conditions}
    return template._replace(conditions=template.conditions.with_more(added)) if added else template


def _with_implicit_apis(template: Template) -> Template:
    """The template with the APIs that SAM makes for events which name none, each where the first of those events is written.

    Such an API exists when any of their functions does, and takes the place of whatever else has its name.
    """
    found: dict[str, list[tuple[Resource, Scalar]]] = {}
    for resource in template.resources.values():
        if resource.type in (_FUNCTION, _MACHINE):
            for entry in shapes.entries(shapes.value(resource.properties, "Events")):
                name = _implicit_api(entry.value)
                if name:
                    found.setdefault(name, []).append((resource, entry.key))
    return _with(template, [_shared_api(name, events) for name, events in found.items()], over=found)


def _implicit_api(event: Node) -> str:
    match shapes.text(shapes.value(event, "Type")):
        case "Api" if not shapes.find(event, "Properties", "RestApiId"):
            return IMPLICIT_REST_API
        case "HttpApi" if not shapes.find(event, "Properties", "ApiId"):
            return IMPLICIT_HTTP_API
    return ""


def _shared_api(name: str, events: list[tuple[Resource, Scalar]]) -> Made:
    kind = "AWS::Serverless::Api" if name == IMPLICIT_REST_API else "AWS::Serverless::HttpApi"
    condition, added = shared_condition(f"{name}Condition", [function for function, _ in events], events[0][1])
    return Made(resources=(make(name, kind, {}, events[0][1], condition),), conditions=added)
