"""For which applications does an identity provider of the template vouch?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Text, elements


@says("provider", "audiences")
def many_audiences(subject: TemplateSubject) -> Iterator[Hit]:
    """An OIDC provider that takes tokens made for several applications: each trust has to tell them apart."""
    template = subject.access.template
    for resource in template.resources.values():
        properties = resource.properties
        entry = properties.entry("ClientIdList") if isinstance(properties, Mapping) else None
        if resource.type == "AWS::IAM::OIDCProvider" and entry:
            values = [one for when, one in elements(evaluate(entry.value, Scope(template))) if not when]
            texts = list(dict.fromkeys(str(one) for one in values if isinstance(one, Text)))
            if len(texts) > 1:
                yield Hit(entry.key.span, facts={"provider": resource.id, "audiences": listed(texts)})
