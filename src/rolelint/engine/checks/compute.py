"""Is a role handed to an instance whose metadata service anybody on it, or behind a careless proxy, can read?

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty, judge
from rolelint.syntax.nodes import Mapping, Node
from rolelint.template.evaluate import Scope, evaluate, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, Unknown, alternatives

_DATA = {
    "AWS::EC2::Instance": (),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",),
    "AWS::AutoScaling::LaunchConfiguration": (),
}
"""Where an instance's settings stand below the properties of what makes instances."""


@says("instance", "found")
def without_imdsv2(subject: TemplateSubject) -> Iterator[Hit]:
    """An instance with a role answers metadata requests that carry no token."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type in _DATA:
            settings = _mapping(template, resource.properties, *_DATA[resource.type])
            profile = settings.entry("IamInstanceProfile") if settings else None
            if settings and profile and not (resource.type == "AWS::EC2::Instance" and settings.get("LaunchTemplate")):
                yield from _judged(template, resource, settings, profile.key.span)


def _judged(template: Template, resource: Resource, settings: Mapping, place: object) -> Iterator[Hit]:
    from rolelint.syntax.source import Span  # noqa: PLC0415 - narrows the place

    options = settings.get("MetadataOptions")
    tokens, found = _tokens(template, options)
    if tokens.certainty is not Certainty.NO and isinstance(place, Span):
        yield Hit(place, tokens, {"instance": resource.id, "found": found})


def _tokens(template: Template, options: Node | None) -> tuple[Answer, str]:
    """Whether tokens are not required, and what is written instead."""
    if options is None:
        return CERTAIN, "nothing requires a token"
    known = _mapping(template, options)
    if known is None:
        return Answer(Certainty.NO), ""
    tokens = known.get("HttpTokens")
    endpoint = known.get("HttpEndpoint")
    if endpoint is not None and _is(template, endpoint, "disabled").certainty is Certainty.CERTAIN:
        return Answer(Certainty.NO), ""
    if tokens is None:
        return CERTAIN, "nothing requires a token"
    return _is(template, tokens, "optional"), "HttpTokens is optional"


def _is(template: Template, node: Node, wanted: str) -> Answer:
    answers = [
        judge(known, lambda text: text.lower() == wanted) if isinstance(known, Text) else Answer(Certainty.NO)
        for _, known in alternatives(evaluate(node, Scope(template)))
    ]
    return max(answers, key=lambda answer: answer.certainty, default=Answer(Certainty.NO))


def _mapping(template: Template, node: Node | None, *keys: str) -> Mapping | None:
    """The mapping under some keys, if one stands there whatever the conditions are."""
    for key in (*keys, None):
        found = [one for _, one in shallow(node, Scope(template)) if not isinstance(one, Unknown)]
        if len(found) != 1 or not isinstance(found[0], Mapping):
            return None
        if key is None:
            return found[0]
        node = found[0].get(key)
    return None
