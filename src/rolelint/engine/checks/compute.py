"""Can somebody take a role from the compute that runs with it, or bring code into it?

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
"""

from collections.abc import Iterator

from rolelint.engine.checks.written import below, entry_of, is_set_to, start_of
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters
from rolelint.syntax.nodes import Mapping, Node, Sequence
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate, shallow
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, Unknown, Value, When, alternatives, elements

_UNSAID = Answer(Certainty.POSSIBLE, ("neither the image nor the account's default asks for tokens",))
"""What a launch says wins, then the account's default, then the image's: without a word in the template it is open."""

_ASKS = compile_pattern(
    r"(?:resolve:ssm:)?/aws/service/(?:ami-amazon-linux-latest/al2023-|ecs/optimized-ami/amazon-linux-2023/)\S*"
)
"""The public parameters of Amazon Linux 2023, whose images ask for tokens when nobody says otherwise.

https://docs.aws.amazon.com/linux/al2023/ug/imdsv2.html
"""

_DATA = {
    "AWS::AutoScaling::LaunchConfiguration": (),
    "AWS::EC2::Instance": (),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData",),
}
"""Where an instance's settings stand below the properties of what makes instances."""
_VERSION = ("InstanceMetadataServiceConfiguration", "MinimumInstanceMetadataServiceVersion")


@says("instance", "found")
def without_imdsv2(subject: TemplateSubject) -> Iterator[Hit]:
    """An instance has a role, and nothing in the template makes its metadata service ask for a token."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type == "AWS::SageMaker::NotebookInstance":
            yield from _notebook(template, resource)
        if resource.type not in _DATA:
            continue
        settings = _settings(template, resource)
        profile = settings.entry("IamInstanceProfile") if settings else None
        if settings and profile:
            yield from _without_token(template, resource, settings, profile.key.span)


@says("instance", "found")
def plain_metadata(subject: TemplateSubject) -> Iterator[Hit]:
    """Nothing in the template makes an instance's metadata service ask for a token, whether it has a role or not."""
    template = subject.access.template
    for resource in template.resources.values():
        settings = _settings(template, resource) if resource.type in _DATA else None
        if settings:
            yield from _without_token(template, resource, settings, resource.key.span)


def _settings(template: Template, resource: Resource) -> Mapping | None:
    """What makes an instance, unless a launch template says it: that is judged itself when it is in this template."""
    settings = _mapping(template, resource.properties, *_DATA[resource.type])
    return None if settings is None or settings.get("LaunchTemplate") else settings


def _notebook(template: Template, resource: Resource) -> Iterator[Hit]:
    """A notebook instance always has a role; what it asks for at the least has a property of its own, and is 1 without it.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InstanceMetadataServiceConfiguration.html
    """
    configuration = entry_of(resource.properties, "InstanceMetadataServiceConfiguration")
    if isinstance(resource.properties, Mapping) and configuration is None:
        facts = {"instance": resource.id, "found": "no InstanceMetadataServiceConfiguration"}
        yield Hit(resource.key.span, CERTAIN, facts)
    for place in below(start_of(resource), _VERSION, template):
        answer = is_set_to(template, place.node, "1")
        if answer.certainty:
            yield Hit(place.key.span, answer, {"instance": resource.id, "found": "MinimumInstanceMetadataServiceVersion 1"})


def _without_token(template: Template, resource: Resource, settings: Mapping, span: Span) -> Iterator[Hit]:
    """The first form in which what makes an instance leaves tokens out, told at a place."""
    options = settings.get("MetadataOptions")
    forms = shallow(options, Scope(template)) if options else [((), None)]
    unsaid = NO if _image_asks(template, settings.get("ImageId")) else _UNSAID
    judged = [(*_leaves_out(template, one, unsaid), when) for when, one in forms if one is None or isinstance(one, Mapping)]
    answer, found, when = max(judged, key=lambda one: one[0].certainty, default=(NO, "", ()))
    if answer.certainty:
        yield Hit(span, answer, {"instance": resource.id, "found": found}, when, about=frozenset({resource.id}))


def _image_asks(template: Template, image: Node | None) -> bool:
    """Whether an image asks for tokens of itself; a parameter keeps its default, since that is what its author means."""
    found = alternatives(evaluate(image, Scope(template))) if image else ()
    names = [_name_of_image(template, one) for _, one in found]
    return bool(names) and all(map(_ASKS.fullmatch, names))


def _name_of_image(template: Template, image: Value) -> str:
    """What an image is looked up by, or its id; nothing where that cannot be told."""
    if not isinstance(image, Text):
        return ""
    if image.symbol is None:
        return image.literal or ""
    if image.symbol.kind == "dynamic":
        return image.symbol.name
    parameter = template.parameters.get(image.symbol.name)
    return parameter.default.text if parameter and parameter.default else ""


def _leaves_out(template: Template, options: Mapping | None, unsaid: Answer) -> tuple[Answer, str]:
    """Whether options leave tokens out, and what is written; ``unsaid`` is what holds where they say nothing."""
    if options is None:
        return unsaid, "no MetadataOptions"
    tokens, endpoint = options.get("HttpTokens"), options.get("HttpEndpoint")
    if endpoint is not None and is_set_to(template, endpoint, "disabled").certainty is Certainty.CERTAIN:
        return NO, ""
    if tokens is None:
        return unsaid, "MetadataOptions without HttpTokens"
    return is_set_to(template, tokens, "optional"), "HttpTokens: optional"


def _mapping(template: Template, node: Node | None, *keys: str) -> Mapping | None:
    """The mapping under some keys, if one stands there whatever the conditions are."""
    found = [one for _, one in shallow(node, Scope(template)) if not isinstance(one, Unknown)]
    if len(found) != 1 or not isinstance(found[0], Mapping):
        return None
    return _mapping(template, found[0].get(keys[0]), *keys[1:]) if keys else found[0]


# -- What stands beside the code ---------------------------------------------------------------------------------------

_CONTAINERS = {
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions",),
    "AWS::Batch::JobDefinition": ("ContainerProperties",),
}
"""Where containers are described: a list of them, or one."""

_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_AWS_LAYER = compile_pattern(r"arn:[^:]*:lambda:[^:]*:(\d{12}):layer:[^:]+(?::\d+)?")


@says("task")
def privileged_container(subject: TemplateSubject) -> Iterator[Hit]:
    """A container that runs as the host does, and so reaches what the host's role may do."""
    template = subject.access.template
    for resource in template.resources.values():
        for when, container in _containers(template, resource):
            entry = container.entry("Privileged")
            answer = is_set_to(template, entry.value, "true") if entry else NO
            if entry and answer.certainty:
                yield Hit(entry.key.span, answer, {"task": resource.id}, when)


def _containers(template: Template, resource: Resource) -> Iterator[tuple[When, Mapping]]:
    if resource.type not in _CONTAINERS or not isinstance(resource.properties, Mapping):
        return
    node = resource.properties.get(*_CONTAINERS[resource.type])
    for when, found in shallow(node, Scope(template)):
        for item in found.items if isinstance(found, Sequence) else (found,):
            if not isinstance(item, Unknown):
                yield from ((both, one) for both, one in shallow(item, Scope(template, when)) if isinstance(one, Mapping))


@says("function", "layer", "account")
def foreign_layer(subject: TemplateSubject) -> Iterator[Hit]:
    """A function that runs code from another account's layer, with the function's role."""
    template = subject.access.template
    for resource in template.resources.values():
        layers = resource.properties.get("Layers") if isinstance(resource.properties, Mapping) else None
        if resource.type not in _FUNCTIONS or layers is None:
            continue
        for when, value in elements(evaluate(layers, Scope(template))):
            found = _AWS_LAYER.fullmatch(as_letters(value)) if isinstance(value, Text) else None
            if found and isinstance(value, Text) and found[1] not in subject.trusted.accounts:
                facts = {"function": resource.id, "layer": str(value), "account": found[1]}
                yield Hit(value.span, facts=facts, when=when)
                break


@says("profile", "roles")
def unlimited_profile(subject: TemplateSubject) -> Iterator[Hit]:
    """A profile of IAM Roles Anywhere whose sessions may do all that its roles may."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type == "AWS::RolesAnywhere::Profile" and isinstance(resource.properties, Mapping):
            names = {entry.key.text for entry in resource.properties.entries}
            if not names & {"SessionPolicy", "ManagedPolicyArns"} and not any(name.startswith("Fn::") for name in names):
                roles = resource.properties.get("RoleArns")
                held = (
                    [str(one) for _, one in elements(evaluate(roles, Scope(template))) if isinstance(one, Text)] if roles else []
                )
                yield Hit(resource.key.span, facts={"profile": resource.id, "roles": listed(held) or "its roles"})
