"""Is a role handed to an instance whose metadata service answers whoever can make it send a request?

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import NO, Answer, Certainty
from rolelint.syntax.nodes import Mapping, Node
from rolelint.template.evaluate import Scope, evaluate, shallow
from rolelint.template.template import Template
from rolelint.template.values import Text, Unknown, alternatives

_UNSAID = Answer(Certainty.POSSIBLE, ("neither the image nor the account's default asks for tokens",))
"""What a launch says wins, then the account's default, then the image's: without a word in the template it is open."""

_DATA = {
    "AWS::AutoScaling::LaunchConfiguration": (),
    "AWS::EC2::Instance": (),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",),
}
"""Where an instance's settings stand below the properties of what makes instances."""


@says("instance", "found")
def without_imdsv2(subject: TemplateSubject) -> Iterator[Hit]:
    """An instance has a role, and nothing in the template makes its metadata service ask for a token."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type not in _DATA:
            continue
        settings = _mapping(template, resource.properties, *_DATA[resource.type])
        profile = settings.entry("IamInstanceProfile") if settings else None
        if settings is None or profile is None or settings.get("LaunchTemplate"):
            continue  # the launch template says it, and is judged itself when it is in this template
        answer, found = _without_token(template, settings.get("MetadataOptions"))
        if answer.certainty:
            yield Hit(profile.key.span, answer, {"instance": resource.id, "found": found})


def _without_token(template: Template, options: Node | None) -> tuple[Answer, str]:
    """Whether the options leave tokens out, and what is written."""
    if options is None:
        return _UNSAID, "no MetadataOptions"
    known = _mapping(template, options)
    if known is None:
        return NO, ""
    tokens, endpoint = known.get("HttpTokens"), known.get("HttpEndpoint")
    if endpoint is not None and _is(template, endpoint, "disabled").certainty is Certainty.CERTAIN:
        return NO, ""
    if tokens is None:
        return _UNSAID, "MetadataOptions without HttpTokens"
    return _is(template, tokens, "optional"), "HttpTokens: optional"


def _is(template: Template, node: Node, wanted: str) -> Answer:
    """Whether a setting is some word; a parameter keeps its default, since that is what its author means."""
    answers = []
    for when, known in alternatives(evaluate(node, Scope(template))):
        symbol = known.symbol if isinstance(known, Text) else None
        if isinstance(known, Text) and known.literal is not None:
            assumed = tuple(f"the condition {name} {'holds' if holds else 'does not hold'}" for name, holds in when)
            answers.append(Answer(Certainty.CERTAIN, assumed) if known.literal.lower() == wanted else NO)
        elif symbol and symbol.default is not None and symbol.default.lower() == wanted:
            answers.append(Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default {symbol.default!r}",)))
    return max(answers, key=lambda answer: answer.certainty, default=NO)


def _mapping(template: Template, node: Node | None, *keys: str) -> Mapping | None:
    """The mapping under some keys, if one stands there whatever the conditions are."""
    found = [one for _, one in shallow(node, Scope(template)) if not isinstance(one, Unknown)]
    if len(found) != 1 or not isinstance(found[0], Mapping):
        return None
    return _mapping(template, found[0].get(keys[0]), *keys[1:]) if keys else found[0]
