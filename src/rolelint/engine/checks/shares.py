"""With whom does a resource share something without a policy document? Event buses, endpoint services, resource shares."""

from collections.abc import Iterator

from rolelint.engine.checks.opened import setting, type_of
from rolelint.engine.checks.strangers import public
from rolelint.engine.checks.written import below, is_set_to, start_of, texts_at
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.syntax.nodes import Mapping

_LAUNCHERS = ("Distributions", "*", "AmiDistributionConfiguration", "LaunchPermissionConfiguration", "UserGroups")
_NOT_ASKED = Answer(Certainty.POSSIBLE, ("connections are accepted unless that is set",))
_FACTS = ("actions", "doing", "principal")
_OWN_RULES = (
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::Events::EventBusPolicy",
    "AWS::Lambda::",
    "AWS::S3::",
    "AWS::Serverless::",
)
"""Types whose public grants have a rule that says what they mean."""


@says(*_FACTS)
def public_event_bus(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may send events to a bus."""
    if type_of(subject) == "AWS::Events::EventBusPolicy":
        yield from public(subject)


@says(*_FACTS)
def public_endpoint_service(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may ask for a connection to an endpoint service."""
    if type_of(subject) == "AWS::EC2::VPCEndpointServicePermissions":
        yield from public(subject)


@says(*_FACTS)
def public_share(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody gets something by a grant of a kind that has no rule of its own."""
    if not type_of(subject).startswith(_OWN_RULES):
        yield from public(subject)


@says("service", "found")
def accepts_unseen(subject: TemplateSubject) -> Iterator[Hit]:
    """An endpoint service connects whoever is allowed to ask, without anybody looking at the request."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type != "AWS::EC2::VPCEndpointService" or not isinstance(resource.properties, Mapping):
            continue
        entry = resource.properties.entry("AcceptanceRequired")
        answer = is_set_to(template, entry.value, "false") if entry else _NOT_ASKED
        if answer.certainty:
            found = "AcceptanceRequired is false" if entry else "AcceptanceRequired is not set"
            yield Hit(entry.value.span if entry else resource.key.span, answer, {"service": resource.id, "found": found})


@says("share")
def open_to_outsiders(subject: TemplateSubject) -> Iterator[Hit]:
    """A resource share may name accounts outside of the organization, as it may when it does not say."""
    template = subject.access.template
    for resource in template.resources.values():
        node = resource.properties
        if resource.type != "AWS::RAM::ResourceShare" or not isinstance(node, Mapping):
            continue
        entry, said = node.entry("AllowExternalPrincipals"), setting(resource, template, "AllowExternalPrincipals")
        if entry is None:
            yield Hit(resource.key.span, CERTAIN, {"share": resource.id})
        elif said == "true":
            yield Hit(entry.key.span, CERTAIN, {"share": resource.id})
        elif said != "false":
            yield Hit(entry.key.span, Answer(Certainty.POSSIBLE, ("the setting is true",)), {"share": resource.id})


@says("image")
def public_image(subject: TemplateSubject) -> Iterator[Hit]:
    """An image is made for everybody to launch."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type == "AWS::ImageBuilder::DistributionConfiguration":
            for place in below(start_of(resource), _LAUNCHERS, template):
                for when, text in texts_at(place, template):
                    if text.literal == "all":
                        yield Hit(text.span, facts={"image": resource.id}, when=when)
