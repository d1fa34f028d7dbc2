"""May a service be talked into using a resource for a stranger? The confused deputy, and grants that it may pass on.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Iterator

from rolelint.engine.checks.opened import doing, given, shown, type_of
from rolelint.engine.checks.outsiders import is_own_account
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.conditions import demands
from rolelint.iam.elements import PrincipalPattern
from rolelint.iam.patterns import CERTAIN
from rolelint.iam.statements import Statement

_DEPUTIES = ("cloudtrail.", "cloudwatch.", "config.", "delivery.logs.", "events.", "logging.s3.", "s3.", "ses.", "sns.")
"""Services that use a resource of one customer on behalf of another, and say whose with aws:SourceArn or aws:SourceAccount."""
_WITHOUT_CONDITION = ("AWS::SNS::", "AWS::Logs::")
"""Where AWS itself tells to let EventBridge write without a condition, of log groups together with the delivery of logs:
https://repost.aws/knowledge-center/sns-not-getting-eventbridge-notification
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
_TELLS_WHOSE = ("aws:source",)
_PASSES_ON = "kms:creategrant"
_LIMITS_GRANTS = ("kms:grant", "kms:viaservice", "aws:source", "aws:principal")


@says("actions", "doing", "principal")
def service_without_source(subject: StatementSubject) -> Iterator[Hit]:
    """A service may use a resource on behalf of anybody."""
    statement, type_name = subject.statement, type_of(subject)
    if not statement.allows or statement.not_principals or type_name.startswith("AWS::KMS::"):
        return
    if any(demands(one) and one.name.startswith(_TELLS_WHOSE) for one in statement.conditions):
        return
    for principal in statement.principals:
        service = str(principal.text)
        if (
            principal.kind == "Service"
            and (service == "*" or service.startswith(_DEPUTIES))
            and not (service.startswith("events.") and type_name.startswith(_WITHOUT_CONDITION))
            and not (service.startswith("delivery.logs.") and type_name.startswith("AWS::Logs::") and _lets_events_in(statement))
            and not _only_looks(subject)
        ):
            purpose = doing(subject, type_name)
            who = "every service" if service == "*" else service
            facts = {"actions": shown(statement), "doing": purpose, "principal": who}
            yield Hit(principal.span, CERTAIN, facts, principal.when)
            return


def _lets_events_in(statement: Statement) -> bool:
    return any(str(one.text).startswith("events.") for one in statement.principals)


def _only_looks(subject: StatementSubject) -> bool:
    """Whether a statement gives nothing but to read settings, as services do before they write."""
    actions = given(subject)
    return bool(actions) and not subject.statement.not_actions and all(action.level in ("list", "read") for action in actions)


@says("actions", "principal")
def grants_for_anybody(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody may pass the use of a key on to whomever they like, rather than to services that work for them."""
    statement = subject.statement
    if not type_of(subject).startswith("AWS::KMS::") or not statement.allows or statement.not_principals:
        return
    if any(demands(one) and one.name.startswith(_LIMITS_GRANTS) for one in statement.conditions):
        return
    passed_on_by = [one for one in statement.principals if _is_somebody(subject, one)]
    for action in statement.actions:
        if passed_on_by and (action.text.literal or "").lower() == _PASSES_ON:
            facts = {"actions": str(action.text), "principal": str(passed_on_by[0].text)}
            yield Hit(action.span, CERTAIN, facts, action.when)


def _is_somebody(subject: StatementSubject, principal: PrincipalPattern) -> bool:
    """Whether a principal is an identity, rather than a service, its role, or the own account, whose policies decide."""
    own = is_own_account(subject, principal) or "/aws-service-role/" in str(principal.text)
    return principal.kind in ("*", "AWS") and not own
