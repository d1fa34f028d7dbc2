"""What may strangers do whom a Cognito identity pool lets in without signing in?

https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html#authenticated-and-unauthenticated-identities
"""

from collections.abc import Iterator

from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import in_words, telling
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import PrincipalSubject, TemplateSubject
from rolelint.iam.effective import effective
from rolelint.iam.patterns import NO, Answer, Certainty
from rolelint.syntax.nodes import Mapping, Node
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Template
from rolelint.template.values import Text, When, alternatives

_POOL = "AWS::Cognito::IdentityPool"
_ATTACHMENT = "AWS::Cognito::IdentityPoolRoleAttachment"
_ANONYMOUS = "(anonymous web identities)"
_MEANT_FOR_ANYBODY = frozenset(("mobileanalytics", "mobiletargeting", "cognito-identity", "cognito-sync", "rum", "evidently"))
"""Services that are made to hear from apps nobody has signed in to yet."""

_SINGLE = frozenset(
    ("geo:GetMapTile", "geo:GetMapGlyphs", "geo:GetMapSprites", "geo:GetMapStyleDescriptor", "personalize:PutEvents")
)


@says("pool")
def lets_in_anybody(subject: TemplateSubject) -> Iterator[Hit]:
    """An identity pool gives credentials to whoever asks."""
    template = subject.access.template
    for resource in template.resources.values():
        entry = (
            resource.properties.entry("AllowUnauthenticatedIdentities")
            if resource.type == _POOL and isinstance(resource.properties, Mapping)
            else None
        )
        for when, answer in _is_true(entry.value, template) if entry else ():
            if entry and answer.certainty:
                yield Hit(entry.value.span, answer, {"pool": resource.id}, when)
                break


def _is_true(node: Node, template: Template) -> Iterator[tuple[When, Answer]]:
    for when, known in alternatives(evaluate(node, Scope(template))):
        if isinstance(known, Text) and known.literal is not None:
            yield when, Answer(Certainty.CERTAIN) if known.literal.lower() == "true" else NO
        elif isinstance(known, Text) and known.symbol and (known.symbol.default or "").lower() == "true":
            yield when, Answer(Certainty.POSSIBLE, (f"{known.symbol.name} keeps its default {known.symbol.default!r}",))


@says("can", "role")
def anonymous_rights(subject: PrincipalSubject) -> Iterator[Hit]:
    """The role of visitors who have not signed in allows more than to send analytics and to draw maps."""
    principal = subject.principal
    anonymous = [one for one in principal.workloads if one.type == _ATTACHMENT and one.id.endswith(_ANONYMOUS)]
    found = [one for one in effective(principal, subject.access) if not _is_harmless(one)] if anonymous else []
    if found:
        found.sort(key=lambda one: one.full_name)
        facts = {"role": principal.id, "can": in_words(telling(found))}
        yield Hit(principal.resource.key.span, facts=facts)


def _is_harmless(action: Action) -> bool:
    return action.service in _MEANT_FOR_ANYBODY or action.full_name in _SINGLE
