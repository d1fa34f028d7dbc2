"""Is a policy larger than its service takes, or about to be?

White space aside. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.access import Access, Policy, Principal
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Choice, Fields, Items, Literal, Text, Value
from rolelint.tuples import NamedTuple

_MANAGED = "AWS::IAM::ManagedPolicy"
_INLINE = {"AWS::IAM::Role": 10240, "AWS::IAM::User": 2048, "AWS::IAM::Group": 5120}
"""Of all inline policies of a principal together."""

_OF_RESOURCES = {
    "AWS::S3::BucketPolicy": 20480,
    "AWS::Organizations::Policy": 10240,
    "AWS::KMS::Key": 32768,
    "AWS::KMS::ReplicaKey": 32768,
    "AWS::SecretsManager::ResourcePolicy": 20480,
}
"""https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html"""

_TRUST, _TRUST_RAISED, _MANAGED_MOST = 2048, 4096, 6144
_NEARLY = 0.9
_GROWS = 3
"""How many times longer than its YAML a policy may be as JSON: brackets and quotes are left out there."""


class _Sized(NamedTuple):
    """Documents that count together, the least that they take, and the most that is taken."""

    holder: str
    span: Span
    what: str
    size: int
    most: int


@says("holder", "size", "most", "what")
def too_large(subject: TemplateSubject) -> Iterator[Hit]:
    """More characters than fit, whatever the references in them become."""
    for one in subject.access.once(_all):
        if one.size > one.most:
            yield _hit(one)


@says("holder", "size", "most", "what")
def nearly_too_large(subject: TemplateSubject) -> Iterator[Hit]:
    """More than nine tenths of what fits, or a trust policy that only fits once the account's quota is raised."""
    for one in subject.access.once(_all):
        most = _TRUST if one.most == _TRUST_RAISED else one.most
        if _NEARLY * most < one.size <= one.most:
            yield _hit(one._replace(most=most))


def _hit(one: _Sized) -> Hit:
    return Hit(one.span, facts={"holder": one.holder, "size": f"{one.size:,}", "most": f"{one.most:,}", "what": one.what})


def _all(access: Access) -> list[_Sized]:
    """Everything that has a quota."""
    return list(_each(access))


def _each(access: Access) -> Iterator[_Sized]:
    for policy in access.policies:
        resource = policy.resource
        if resource is None:
            continue
        if policy.kind == "identity_policy" and resource.type == _MANAGED:
            what, most = "a managed policy", _MANAGED_MOST
        elif policy.kind == "trust_policy" and resource.type == "AWS::IAM::Role":
            what, most = "a trust policy", _TRUST_RAISED
        elif policy.kind in ("resource_policy", "org_policy") and resource.type in _OF_RESOURCES:
            what, most = "this policy", _OF_RESOURCES[resource.type]
        else:
            continue
        size = _together([policy], most, access)
        yield _Sized(resource.id, resource.key.span, what, size, most)
    for principal in access.principals.values():
        if principal.resource.type in _INLINE:
            span, most = principal.resource.key.span, _INLINE[principal.resource.type]
            size = _together(_inline(principal), most, access)
            yield _Sized(principal.id, span, "the inline policies together", size, most)


def _inline(principal: Principal) -> list[Policy]:
    return [one for one in principal.policies if one.resource and one.resource.type != _MANAGED]


def _together(policies: list[Policy], most: int, access: Access) -> int:
    """The fewest characters that policies have together, 0 when they plainly have far less than is taken."""
    always = {id(one.document.node): one.document.node for one in policies if not one.document.when}
    written = sum(span.end - span.start for span in ((node.anchor or node).span for node in always.values()))
    if written * _GROWS < _NEARLY * most:
        return 0
    return sum(_size(evaluate(node, Scope(access.template))) for node in always.values())


def _size(value: Value) -> int:
    """The fewest characters that a value has as JSON without white space; what is not known counts nothing."""
    match value:
        case Text():
            return 2 + sum(len("".join(piece.text.split())) for piece in value.pieces if isinstance(piece, Literal))
        case Fields():
            return 1 + sum(2 + _size(field.key) + _size(field.value) for field in value.fields)
        case Items():
            return 1 + sum(1 + _size(item) for item in value.items)
        case Choice():
            return min((_size(case.value) for case in value.cases), default=0)
        case _:
            return 0
