"""Who may call a method of an API?

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Template
from rolelint.template.values import Text, When, alternatives


@says("method")
def open_method(subject: TemplateSubject) -> Iterator[Hit]:
    """A method without authentication and without a key, other than what browsers ask before they call."""
    template = subject.access.template
    for resource in template.resources.values():
        properties = resource.properties
        entry = properties.entry("AuthorizationType") if isinstance(properties, Mapping) else None
        if resource.type != "AWS::ApiGateway::Method" or entry is None or not isinstance(properties, Mapping):
            continue
        if "OPTIONS" in _texts(properties, "HttpMethod", template) or "true" in _texts(properties, "ApiKeyRequired", template):
            continue
        when = _texts(properties, "AuthorizationType", template).get("NONE")
        if when is not None:
            yield Hit(entry.value.span, facts={"method": resource.id}, when=when)


def _texts(properties: Mapping, name: str, template: Template) -> dict[str, When]:
    """The texts that a property may be, and when."""
    node = properties.get(name)
    found = alternatives(evaluate(node, Scope(template))) if node is not None else ()
    return {value.literal: when for when, value in found if isinstance(value, Text) and value.literal is not None}
