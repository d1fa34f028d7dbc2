"""Does the policy of a resource give too much? Everybody may use it, or somebody may do everything to it."""

from collections.abc import Iterator

from rolelint.engine.checks.opened import doing, opened, setting, type_of
from rolelint.engine.checks.outsiders import OWN_ACCOUNT, is_own_account, is_root
from rolelint.engine.checks.strangers import public
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.conditions import demands
from rolelint.iam.elements import Pattern, PrincipalPattern
from rolelint.iam.globs import covers
from rolelint.iam.patterns import CERTAIN, Answer, Certainty, judge
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping

_FACTS = ("actions", "doing", "principal")
_BUCKETS = ("AWS::S3::", "AWS::S3Express::", "AWS::S3ObjectLambda::", "AWS::S3Outposts::", "AWS::S3Tables::", "AWS::S3Vectors::")
_QUEUES = ("AWS::SNS::", "AWS::SQS::")
_KEYS = ("AWS::KMS::",)
_FILES = ("AWS::EFS::", "AWS::S3Files::")
_DOMAINS = ("AWS::Elasticsearch::", "AWS::OpenSearchService::")
_REST_APIS = ("AWS::ApiGateway", "AWS::Serverless::Api")
_APIS = ("AWS::ApiGateway", "AWS::RUM::", "AWS::Serverless::", "AWS::VpcLattice::")
"""An API without a policy is as open as one that lets everybody in, a lattice is reached from its own networks only, and the
visitors of a web page, whom RUM measures, are everybody."""
_ADMINISTERS = (
    "sns:AddPermission",
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:TagResource",
    "sns:UntagResource",
    "sqs:AddPermission",
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sqs:RemovePermission",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
)


@says(*_FACTS)
def public_queue_or_topic(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may use a queue or a topic."""
    if type_of(subject).startswith(_QUEUES) and not _limits_endpoint(subject.statement):
        yield from public(subject)


def _limits_endpoint(statement: Statement) -> bool:
    """Whether a topic lets strangers do no more than subscribe addresses that its owner chose."""
    actions = {(action.text.literal or "").lower() for action in statement.actions}
    limited = any(demands(one) and one.name == "sns:endpoint" for one in statement.conditions)
    return limited and not statement.not_actions and actions <= {"sns:subscribe", "sns:receive"}


@says(*_FACTS)
def public_key(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may use a key."""
    if type_of(subject).startswith(_KEYS):
        yield from public(subject)


@says(*_FACTS)
def public_file_system(subject: StatementSubject) -> Iterator[Hit]:
    """Whoever reaches a file system over the network may use it."""
    if type_of(subject).startswith(_FILES):
        yield from public(subject)


@says(*_FACTS)
def public_resource(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may use a resource of a kind that has no rule of its own."""
    type_name = type_of(subject)
    own_rules = (*_BUCKETS, *_QUEUES, *_KEYS, *_FILES)
    if type_name.startswith((*own_rules, *_APIS)) or (type_name.startswith(_DOMAINS) and _guards_itself(subject)):
        return
    yield from public(subject)


@says(*_FACTS)
def public_api(subject: StatementSubject) -> Iterator[Hit]:
    """The policy of an API lets everybody call it, as it would be without one; a private API is then every network's."""
    if type_of(subject).startswith(_REST_APIS):
        yield from public(subject)


def _guards_itself(subject: StatementSubject) -> bool:
    """Whether a search domain is in a VPC, or asks for a name and password of its own."""
    for domain in opened(subject):
        properties = domain.properties
        if isinstance(properties, Mapping) and properties.get("VPCOptions") is not None:
            return True
        if setting(domain, subject.access.template, "AdvancedSecurityOptions", "Enabled") == "true":
            return True
        if setting(domain, subject.access.template, "AdvancedSecurityOptions", "InternalUserDatabaseEnabled") == "true":
            return True
    return False


@says("actions", "principal", "doing")
def star_action(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody other than the own account as a whole may do everything to a resource."""
    statement, type_name = subject.statement, type_of(subject)
    if not statement.allows or statement.not_actions or statement.not_principals or type_name.startswith(_APIS):
        return
    if type_name.startswith(_DOMAINS) and all(str(one.text).endswith("/*") for one in statement.resources):
        return  # what is below a domain knows HTTP requests only
    principals = [one for one in statement.principals if not is_own_account(subject, one)]
    if not principals or _for_own_account(statement):
        return
    for action in statement.actions:
        answer = judge(action.text, lambda text: bool(text) and set(text.partition(":")[2] or text) <= {"*"})
        if answer.certainty:
            if all(map(is_root, principals)):
                answer = Answer(Certainty.POSSIBLE, (*answer.assumptions, "that account is another one than the stack's"))
            who = listed([str(one.text) for one in principals])
            facts = {"actions": str(action.text), "principal": who, "doing": doing(subject, type_name)}
            yield Hit(action.span, answer, facts, action.when, about=frozenset())


def _for_own_account(statement: Statement) -> bool:
    """Whether a condition takes in the stack's account as a whole: then identity policies decide, as without a policy here."""
    keys = ("aws:principalaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount")
    return any(
        demands(one) and one.name in keys and all(str(value.text) == OWN_ACCOUNT for value in one.values)
        for one in statement.conditions
    )


@says("actions", "principal")
def administers(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody other than the own account may administer a queue or a topic."""
    statement, type_name = subject.statement, type_of(subject)
    if not type_name.startswith(_QUEUES) or not statement.allows or statement.not_principals or statement.not_actions:
        return
    pinned = ("aws:sourceowner", "aws:sourceaccount", "aws:principalaccount", "aws:principalarn", "aws:principalorg")
    if any(demands(one) and one.name.startswith(pinned) for one in statement.conditions):
        return
    principals = [one for one in statement.principals if not is_own_account(subject, one) and not _is_of_stack(one)]
    found = [action for action in statement.actions if _is_administration(action)]
    if principals and found:
        facts = {"actions": listed([str(one.text) for one in found]), "principal": listed([str(one.text) for one in principals])}
        yield Hit(found[0].span, CERTAIN, facts, found[0].when)


def _is_of_stack(principal: PrincipalPattern) -> bool:
    """Whether a principal belongs to the stack's account, or is somebody whom a parameter names."""
    return bool(principal.text.symbols) and principal.kind == "AWS"


def _is_administration(action: Pattern) -> bool:
    text = action.text.literal or ""
    return any(covers(text, one, any_case=True) for one in _ADMINISTERS)
