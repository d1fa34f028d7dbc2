"""What does an endpoint of a network let through? Everything, when no policy says otherwise.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.conditions import restricts
from rolelint.iam.globs import covers
from rolelint.iam.patterns import CERTAIN, judge
from rolelint.syntax.nodes import Mapping

_FILTERED = ("Gateway", "Interface")


@says("actions", "principal", "resource")
def everything(subject: StatementSubject) -> Iterator[Hit]:
    """An endpoint's policy lets everybody call everything on everything, as no policy would."""
    statement = subject.statement
    if not statement.allows or statement.not_actions or statement.not_resources or statement.not_principals:
        return
    if any(map(restricts, statement.conditions)):
        return
    everybody = any(one.text.literal == "*" for one in statement.principals)
    everywhere = any(one.text.literal == "*" for one in statement.resources)
    for action in statement.actions if everybody and everywhere else ():
        answer = judge(action.text, lambda text: covers(text, "*"))
        if answer.certainty:
            facts = {"actions": str(action.text), "principal": "*", "resource": "*"}
            yield Hit(action.span, answer, facts, action.when)


@says("endpoint")
def without_policy(subject: TemplateSubject) -> Iterator[Hit]:
    """An endpoint has no policy, which lets everything through."""
    for resource in subject.access.template.resources.values():
        node = resource.properties
        if resource.type != "AWS::EC2::VPCEndpoint" or not isinstance(node, Mapping) or node.get("PolicyDocument") is not None:
            continue
        kind = node.get("VpcEndpointType")
        if kind is None or kind.span.text.strip("\"'") in _FILTERED:
            yield Hit(resource.key.span, CERTAIN, {"endpoint": resource.id})
