"""Whom does a resource let in? Policies and grants that open it to everybody, to other accounts, or for every action.

What makes a policy public: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from re import compile as compile_pattern

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import in_words, telling
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
from rolelint.iam.conditions import demands, restricts
from rolelint.iam.grants import named
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, covers, judge
from rolelint.iam.permissions import missing_source
from rolelint.iam.places import attached_to
from rolelint.iam.statements import Condition, Pattern, PrincipalPattern, Statement
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource
from rolelint.template.values import Text, alternatives

_WRITES = frozenset(("permissions", "tagging", "write"))
_BUCKETS = ("AWS::S3::", "AWS::S3Express::", "AWS::S3ObjectLambda::", "AWS::S3Outposts::", "AWS::S3Tables::", "AWS::S3Vectors::")
_QUEUES = ("AWS::SNS::", "AWS::SQS::")
_KEYS = ("AWS::KMS::",)
_FILES = ("AWS::EFS::", "AWS::S3Files::")
_DOMAINS = ("AWS::Elasticsearch::", "AWS::OpenSearchService::")
_APIS = ("AWS::ApiGateway", "AWS::RUM::", "AWS::Serverless::", "AWS::VpcLattice::")
"""An API without a policy is as open as one that lets everybody in, a lattice is reached from its own networks only, and the
visitors of a web page, whom RUM measures, are everybody."""

_TIES = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorg",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorg",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:userid",
    "cognito-identity.amazonaws.com:",
    "elasticfilesystem:accessedviamounttarget",
    "glue:resourceshare",
    "kms:calleraccount",
    "lambda:eventsourcetoken",
    "ram:",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
)
"""Keys that say who the caller is, or through what of the owner's the request comes; a stranger cannot choose these."""
_HOLLOW = (
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauth",
    "aws:principaltag",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:requesttag",
    "aws:resource",
    "aws:securetransport",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "s3:delimiter",
    "s3:existingobjecttag",
    "s3:max-keys",
    "s3:prefix",
    "s3:tlsversion",
    "s3:x-amz-",
)
"""Keys that are about the request: anybody can send one that fits."""
_NARROWEST_OPEN = {4: 8, 6: 32}
"""Networks with a shorter prefix than this are the internet, as S3 itself counts them."""
_ROOT = compile_pattern(r"arn:(?:[^:$]+|\$\{[^}]*\}):iam::(\d{12}|\$\{[^}]*\}):root|(\d{12})|(\$\{AWS::AccountId\})")
_ACCOUNT = compile_pattern(r"(?:arn:(?:[^:$]+|\$\{[^}]*\}):(?:iam|sts)::(\d+|\$\{[^}]*\}):.*|(\d{12}))")
_OWN_ACCOUNT = "${AWS::AccountId}"
_LOG_DELIVERY = frozenset(
    (
        "009996457667",
        "027434742980",
        "033677994240",
        "037604701340",
        "048591011584",
        "054676820928",
        "076674570225",
        "098369216593",
        "114774131450",
        "127311923021",
        "156460612806",
        "190560391635",
        "383597477331",
        "507241528517",
        "582318560864",
        "589379963580",
        "600734575887",
        "635631232127",
        "638102146993",
        "652711504416",
        "718504428378",
        "754344448648",
        "783225319266",
        "797873946194",
        "897822967062",
        "985666609251",
    )
)
"""AWS's own accounts that deliver access logs, one a region:
https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-access-logs.html"""
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


# -- Everybody ---------------------------------------------------------------------------------------------------------


def _type(subject: StatementSubject) -> str:
    return subject.policy.resource.type if subject.policy.resource else ""


def _everybody(principal: PrincipalPattern) -> Answer:
    """Whether a principal is everybody; one that a parameter without a default stands for is whoever is named there."""
    return _known(principal.text, lambda text: text == "*") if principal.kind in ("*", "AWS") else NO


def _known(text: Text, holds: Callable[[str], bool]) -> Answer:
    """Whether something holds of a text; of one that a parameter without a default stands for, nothing does."""
    return NO if text.symbol and text.symbol.free else judge(text, holds)


def _openness(subject: StatementSubject) -> Answer:
    """How surely nothing in a statement, or in a Deny beside it, keeps strangers out."""
    statement = subject.statement
    if not statement.allows or _denied(subject):
        return NO
    answers = [_lets_in(condition) for condition in statement.conditions if demands(condition) or _asks_elsewhere(condition)]
    if _unread(statement):
        answers.append(Answer(Certainty.POSSIBLE, ("the condition that could not be read lets strangers through",)))
    return min(answers, key=lambda answer: answer.certainty, default=CERTAIN)


def _asks_elsewhere(condition: Condition) -> bool:
    """Whether a condition that names whom to keep out is about something that we do not know to be the caller's choice."""
    return restricts(condition) and not condition.name.startswith((*_TIES, *_HOLLOW, "aws:sourceip", "aws:referer"))


def _unread(statement: Statement) -> bool:
    conditions = next((span for name, span in statement.element_spans if name.lower() == "condition"), None)
    return conditions is not None and any(one.node.span.start >= conditions.start for one in statement.unknown)


def _lets_in(condition: Condition) -> Answer:
    """Whether a stranger's request can pass a condition."""
    name = condition.name
    if condition.operator.lower() == "null" or (name.startswith("aws:principalis") and _says_no(condition)):
        return CERTAIN
    if name == "aws:sourceip":
        return max((_known(value.text, _is_internet) for value in condition.values), default=NO)
    if name in ("aws:sourcearn", "aws:principalarn"):
        return max((_known(value.text, _is_any_arn) for value in condition.values), default=NO)
    if name.startswith(_TIES):
        return NO
    if name.startswith(_HOLLOW):
        return CERTAIN
    shown = listed([str(value.text) for value in condition.values]) or "nothing"
    return Answer(Certainty.POSSIBLE, (f"a stranger's request fits {condition.operator} {condition.key}: {shown}",))


def _says_no(condition: Condition) -> bool:
    return any((value.text.literal or "").lower() == "false" for value in condition.values)


def _is_internet(text: str) -> bool:
    """Whether a network is so wide that strangers are in it."""
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return text == "*"
    return network.prefixlen < _NARROWEST_OPEN[network.version]


def _is_any_arn(text: str) -> bool:
    """Whether an ARN pattern fits something that a stranger has: of any account, and of buckets any name.

    A bucket's ARN has no account, but no two buckets have one name.
    """
    given = fields(text)
    if given is None or given[0] != "arn":
        return bool(text) and set(text) <= {"*"}
    if given[2] == "s3":
        return set(given[4]) <= {"*"} and set(given[5]) <= {"*", "/"}
    return set(given[4]) == {"*"}


def _denied(subject: StatementSubject) -> bool:
    """Whether a Deny beside the statement takes away all that it allows from those who are not named there."""
    mine = [action.text.literal for action in subject.statement.actions]
    for other in subject.policy.document.statements:
        if other.effect != "Deny" or other.not_actions or None in mine or subject.statement.not_actions:
            continue
        theirs = [action.text.literal for action in other.actions]
        taken = all(any(one and covers(one, action or "", any_case=True) for one in theirs) for action in mine)
        everybody = any(principal.text.literal == "*" for principal in other.principals)
        chooses = all(_keeps_out_strangers(one) for one in other.conditions)
        taken = taken and _on_the_same(subject.statement, other)
        if taken and ((other.not_principals and not other.conditions) or (everybody and chooses)):
            return True
    return False


def _on_the_same(allow: Statement, deny: Statement) -> bool:
    """Whether a Deny is there whenever an Allow is, and for all of its resources."""
    if not set(deny.when) <= set(allow.when) or deny.not_resources or allow.not_resources:
        return False
    theirs = [as_letters(pattern.text) for pattern in deny.resources]
    mine = [as_letters(pattern.text) for pattern in allow.resources]
    return not theirs or all(any(covers(their, one) for their in theirs) for one in mine)


def _keeps_out_strangers(condition: Condition) -> bool:
    """Whether a condition of a Deny holds for everybody but chosen callers."""
    operator, name = condition.operator.lower(), condition.name
    if operator.startswith("foranyvalue:"):
        return False  # false when the key is missing, as it is for a stranger
    if "not" in operator:
        fits_all = any(value.text.literal in ("*", "0.0.0.0/0", "::/0") for value in condition.values)
        return name.startswith((*_TIES, "aws:sourceip", "aws:vpcsourceip", "aws:referer")) and not fits_all
    if operator.startswith("bool"):
        return _says_no(condition) and name.startswith(("aws:principalis", "aws:viaawsservice"))
    return operator == "null" and not _says_no(condition) and name.startswith(_TIES)


def _given(statement: Statement) -> list[Action]:
    """The actions that a statement gives."""
    return [action for _, actions in named(statement) for action in actions]


def _service(type_name: str) -> str:
    """IAM's prefix of the service that a CloudFormation type belongs to."""
    service = type_name.split("::")[1].lower() if "::" in type_name else ""
    return {"opensearchservice": "es", "elasticsearch": "es", "efs": "elasticfilesystem"}.get(service, service)


def _doing(statement: Statement, type_name: str) -> str:
    """What a statement lets somebody do to the resource, in words."""
    if statement.not_actions:
        return "do everything but what NotAction lists"
    if not type_name and any(action.text.literal == "*" for action in statement.actions):
        return "do everything"
    mine = [action for action in _given(statement) if action.service.startswith(_service(type_name))]
    return in_words(telling(mine or _given(statement))) or "call " + _shown(statement)


def _shown(statement: Statement) -> str:
    """The actions of a statement as they are written."""
    written = listed([str(action.text) for action in statement.actions])
    return f"NotAction {written}".strip() if statement.not_actions else written


def _changes(statement: Statement, type_name: str) -> bool:
    """Whether a statement gives more than reading and listing; an action that is not known is not held against it."""
    given = [action for action in _given(statement) if action.service.startswith(_service(type_name)[:2])]
    return statement.not_actions or any(action.level in _WRITES for action in given)


def _public(subject: StatementSubject) -> Iterator[Hit]:
    """The principals of a statement that are everybody, when nothing ties the caller down."""
    statement = subject.statement
    if statement.not_principals or not statement.allows:
        return
    open_to = [(principal, _everybody(principal)) for principal in statement.principals]
    if not any(answer.certainty for _, answer in open_to):
        return
    openness = _openness(subject)
    for principal, answer in open_to:
        certainty = min(answer.certainty, openness.certainty)
        if certainty:
            facts = {
                "principal": str(principal.text),
                "actions": _shown(statement),
                "doing": _doing(statement, _type(subject)),
            }
            assumptions = tuple(dict.fromkeys((*answer.assumptions, *openness.assumptions)))
            yield Hit(principal.span, Answer(certainty, assumptions), facts, principal.when)


def _opened(subject: StatementSubject) -> Iterator[Resource]:
    """The resources of this template that a policy opens."""
    place, template = subject.policy.place, subject.access.template
    for id_ in attached_to(place, template) if place else ():
        if id_ in template.resources:
            yield template.resources[id_]


def _setting(subject: StatementSubject, resource: Resource, *path: str) -> str:
    """A setting of a resource in lower case, if it is the same whatever the conditions are."""
    node = resource.properties
    for key in path:
        node = node.get(key) if isinstance(node, Mapping) else None
    if node is None:
        return ""
    found = {
        str(value).lower() for _, value in alternatives(evaluate(node, Scope(subject.access.template))) if isinstance(value, Text)
    }
    return found.pop() if len(found) == 1 else ""


def _blocked(subject: StatementSubject, *settings: str) -> bool:
    """Whether the bucket's own block of public access makes the statement void."""
    return any(
        _setting(subject, bucket, "PublicAccessBlockConfiguration", setting) == "true"
        for bucket in _opened(subject)
        for setting in settings
    )


_FACTS = ("actions", "doing", "principal")


@says(*_FACTS)
def public_bucket_read(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may read or list what is in a bucket."""
    type_name = _type(subject)
    if type_name.startswith(_BUCKETS) and not _changes(subject.statement, type_name) and not _blocked_policy(subject):
        yield from _public(subject)


@says(*_FACTS)
def public_bucket_write(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may change a bucket or what is in it."""
    type_name = _type(subject)
    if type_name.startswith(_BUCKETS) and _changes(subject.statement, type_name) and not _blocked_policy(subject):
        yield from _public(subject)


def _blocked_policy(subject: StatementSubject) -> bool:
    """Whether S3 refuses the policy or lets only the owner's account use it, or an access point only a VPC."""
    properties = [resource.properties for resource in _opened(subject)]
    in_vpc = any(isinstance(one, Mapping) and one.get("VpcConfiguration") is not None for one in properties)
    return in_vpc or _blocked(subject, "BlockPublicPolicy", "RestrictPublicBuckets")


@says(*_FACTS)
def public_queue_or_topic(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may use a queue or a topic."""
    if _type(subject).startswith(_QUEUES) and not _limits_endpoint(subject.statement):
        yield from _public(subject)


def _limits_endpoint(statement: Statement) -> bool:
    """Whether a topic lets strangers do no more than subscribe addresses that its owner chose."""
    actions = {(action.text.literal or "").lower() for action in statement.actions}
    limited = any(demands(one) and one.name == "sns:endpoint" for one in statement.conditions)
    return limited and not statement.not_actions and actions <= {"sns:subscribe", "sns:receive"}


@says(*_FACTS)
def public_key(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may use a key."""
    if _type(subject).startswith(_KEYS):
        yield from _public(subject)


@says(*_FACTS)
def public_file_system(subject: StatementSubject) -> Iterator[Hit]:
    """Whoever reaches a file system over the network may use it."""
    if _type(subject).startswith(_FILES):
        yield from _public(subject)


@says(*_FACTS)
def public_resource(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may use a resource of a kind that has no rule of its own."""
    type_name = _type(subject)
    own_rules = (*_BUCKETS, *_QUEUES, *_KEYS, *_FILES)
    if type_name.startswith((*own_rules, *_APIS)) or (type_name.startswith(_DOMAINS) and _guards_itself(subject)):
        return
    yield from _public(subject)


def _guards_itself(subject: StatementSubject) -> bool:
    """Whether a search domain is in a VPC, or asks for a name and password of its own."""
    for domain in _opened(subject):
        properties = domain.properties
        if isinstance(properties, Mapping) and properties.get("VPCOptions") is not None:
            return True
        if _setting(subject, domain, "AdvancedSecurityOptions", "Enabled") == "true":
            return True
        if _setting(subject, domain, "AdvancedSecurityOptions", "InternalUserDatabaseEnabled") == "true":
            return True
    return False


# -- Too much ----------------------------------------------------------------------------------------------------------


@says("actions", "principal", "doing")
def star_action(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody other than the own account as a whole may do everything to a resource."""
    statement, type_name = subject.statement, _type(subject)
    if not statement.allows or statement.not_actions or statement.not_principals or type_name.startswith(_APIS):
        return
    if type_name.startswith(_DOMAINS) and all(str(one.text).endswith("/*") for one in statement.resources):
        return  # what is below a domain knows HTTP requests only
    principals = [one for one in statement.principals if not _is_own_account(subject, one)]
    if not principals or _for_own_account(statement):
        return
    for action in statement.actions:
        answer = judge(action.text, lambda text: bool(text) and set(text.partition(":")[2] or text) <= {"*"})
        if answer.certainty:
            if all(_ROOT.fullmatch(str(one.text)) for one in principals):
                answer = Answer(Certainty.POSSIBLE, (*answer.assumptions, "that account is another one than the stack's"))
            shown = listed([str(one.text) for one in principals])
            facts = {"actions": str(action.text), "principal": shown, "doing": _doing(statement, type_name)}
            yield Hit(action.span, answer, facts, action.when, about=frozenset())


def _for_own_account(statement: Statement) -> bool:
    """Whether a condition takes in the stack's account as a whole: then identity policies decide, as without a policy here."""
    keys = ("aws:principalaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount")
    return any(
        demands(one) and one.name in keys and all(str(value.text) == _OWN_ACCOUNT for value in one.values)
        for one in statement.conditions
    )


def _is_own_account(subject: StatementSubject, principal: PrincipalPattern) -> bool:
    """Whether a principal is the stack's account as a whole; in a key's policy one account written out is taken for it."""
    root = _ROOT.fullmatch(str(principal.text))
    if principal.kind != "AWS" or root is None:
        return False
    account = root[1] or root[2] or root[3]
    if account == _OWN_ACCOUNT:
        return True
    if not _type(subject).startswith(_KEYS):
        return False
    named_in_policy = [
        _ROOT.fullmatch(str(other.text))
        for statement in subject.policy.document.statements
        for other in statement.principals
        if statement.allows
    ]
    accounts = {one[1] or one[2] or one[3] for one in named_in_policy if one}
    return _OWN_ACCOUNT not in accounts and len(accounts) == 1


@says("actions", "principal")
def administers(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody other than the own account may administer a queue or a topic."""
    statement, type_name = subject.statement, _type(subject)
    if not type_name.startswith(_QUEUES) or not statement.allows or statement.not_principals or statement.not_actions:
        return
    pinned = ("aws:sourceowner", "aws:sourceaccount", "aws:principalaccount", "aws:principalarn", "aws:principalorg")
    if any(demands(one) and one.name.startswith(pinned) for one in statement.conditions):
        return
    principals = [one for one in statement.principals if not _is_own_account(subject, one) and not _is_of_stack(one)]
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


# -- Other accounts ----------------------------------------------------------------------------------------------------


@says("account", "actions", "doing", "principal")
def other_account(subject: StatementSubject) -> Iterator[Hit]:
    """An account that is written out, or that a parameter names, may use a resource."""
    statement = subject.statement
    if not statement.allows or statement.not_principals:
        return
    for principal in statement.principals:
        account = account_of(principal)
        if account and account not in _LOG_DELIVERY and not _is_own_account(subject, principal):
            answer = Answer(Certainty.POSSIBLE, (f"{account} is of another account than the stack's",))
            doing = _doing(statement, _type(subject))
            facts = {"account": account, "actions": _shown(statement), "doing": doing, "principal": str(principal.text)}
            yield Hit(principal.span, answer, facts, principal.when)


def account_of(principal: PrincipalPattern) -> str:
    """The account that a principal is of, if it is written out, or the parameter that tells it; nothing for the own one."""
    if principal.kind != "AWS":
        return ""
    symbol = principal.text.symbol
    if symbol and symbol.kind == "parameter":
        return str(symbol)
    found = _ACCOUNT.fullmatch(str(principal.text))
    account = (found[1] or found[2]) if found else ""
    return "" if account == _OWN_ACCOUNT else account


@says("principal")
def wildcard_in_principal(subject: StatementSubject) -> Iterator[Hit]:
    """A principal has a wildcard inside its ARN, where IAM takes it for a letter and refuses the policy."""
    statement = subject.statement
    for principal in statement.principals if not statement.not_principals else ():
        answer = _known(principal.text, is_wildcard_arn)
        if principal.kind == "AWS" and answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


def is_wildcard_arn(text: str) -> bool:
    """Whether a text is an ARN of a principal with a wildcard inside."""
    given = fields(text)
    return text != "*" and given is not None and bool({"*", "?"} & set(given[4] + given[5]))


# -- Grants without a document -----------------------------------------------------------------------------------------


def _invokes(statement: Statement, action: str) -> bool:
    return any(covers(one.text.literal or "", action, any_case=True) for one in statement.actions)


def _is_public_url(statement: Statement) -> bool:
    """Whether a grant is what a function's public URL needs, rather than one to call the function itself."""
    names = {(action.text.literal or "").lower() for action in statement.actions}
    by_url = any(
        one.name.startswith(("lambda:functionurlauthtype", "lambda:invokedviafunctionurl")) for one in statement.conditions
    )
    return names == {"lambda:invokefunctionurl"} or (by_url and names == {"lambda:invokefunction"})


@says(*_FACTS)
def public_function(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may call a function."""
    if _type(subject) == "AWS::Lambda::Permission" and not _is_public_url(subject.statement):
        yield from _public(subject)


@says(*_FACTS)
def public_function_url(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may call a function by its URL."""
    statement = subject.statement
    if _type(subject) != "AWS::Lambda::Permission" or not _is_public_url(statement):
        return
    if not _invokes(statement, "lambda:InvokeFunctionUrl"):
        return  # a URL needs a second grant, which opens nothing without the first
    signed = [judge(value.text, lambda text: text == "AWS_IAM") for one in statement.conditions for value in one.values]
    if not any(answer.certainty is Certainty.CERTAIN for answer in signed):
        sure = [one for one in statement.conditions if not one.name.startswith("lambda:")]
        yield from _public(subject._replace(statement=statement._replace(conditions=tuple(sure))))


@says(*_FACTS)
def public_layer(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may fetch a layer."""
    if _type(subject) == "AWS::Lambda::LayerVersionPermission":
        yield from _public(subject)


@says(*_FACTS)
def public_event_bus(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may send events to a bus."""
    if _type(subject) == "AWS::Events::EventBusPolicy":
        yield from _public(subject)


@says(*_FACTS)
def public_endpoint_service(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may ask for a connection to an endpoint service."""
    if _type(subject) == "AWS::EC2::VPCEndpointServicePermissions":
        yield from _public(subject)


@says("who", "acl")
def public_acl_read(subject: StatementSubject) -> Iterator[Hit]:
    """A canned ACL lets strangers list a bucket."""
    yield from _acl(subject, writes=False)


@says("who", "acl")
def public_acl_write(subject: StatementSubject) -> Iterator[Hit]:
    """A canned ACL lets strangers write to a bucket."""
    yield from _acl(subject, writes=True)


def _acl(subject: StatementSubject, *, writes: bool) -> Iterator[Hit]:
    statement = subject.statement
    if _type(subject) != "AWS::S3::Bucket" or _invokes(statement, "s3:PutObject") != writes:
        return
    if _blocked(subject, "BlockPublicAcls", "IgnorePublicAcls"):
        return
    for principal in statement.principals:
        if principal.text.literal == "*":
            who = "everybody with an AWS account" if principal.kind == "AWS" else "everybody on the internet"
            yield Hit(statement.node.span, CERTAIN, {"who": who, "acl": statement.node.span.text}, statement.when)


@says("principal")
def service_without_source(subject: StatementSubject) -> Iterator[Hit]:
    """A service may call a function on behalf of anybody."""
    yield from _without(subject, "SourceArn")


@says("principal")
def bucket_without_account(subject: StatementSubject) -> Iterator[Hit]:
    """A service may call a function for a bucket by name, whoever owns the name."""
    if "SourceArn" not in missing_source(subject.statement):
        yield from _without(subject, "SourceAccount")


@says("principal", "found")
def any_service(subject: StatementSubject) -> Iterator[Hit]:
    """Any service may call a function, as long as it does so for a chosen source."""
    statement = subject.statement
    if _type(subject) != "AWS::Lambda::Permission" or not statement.allows:
        return
    sources = [one for one in statement.conditions if one.name in ("aws:sourcearn", "aws:sourceaccount") and demands(one)]
    if not sources or any(one.name.startswith(("aws:principal", "lambda:")) for one in statement.conditions):
        return
    for principal in statement.principals:
        answer = _everybody(principal)
        if answer.certainty:
            found = listed([str(value.text) for one in sources for value in one.values])
            yield Hit(principal.span, answer, {"principal": str(principal.text), "found": found}, principal.when)


_NO_SOURCE = ("cloudformation.", "lambda.")
"""Services that call a function for a macro or in another way, and are not documented to tell for whom."""


def _without(subject: StatementSubject, wanted: str) -> Iterator[Hit]:
    statement = subject.statement
    if _type(subject) != "AWS::Lambda::Permission" or not statement.allows or wanted not in missing_source(statement):
        return
    for principal in statement.principals:
        if principal.kind == "Service" and not str(principal.text).startswith(_NO_SOURCE):
            yield Hit(principal.span, CERTAIN, {"principal": str(principal.text)}, principal.when)


@says("actions", "principal", "doing")
def more_than_invoke(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody may do more with a function than call it."""
    statement = subject.statement
    if _type(subject) != "AWS::Lambda::Permission" or not statement.allows:
        return
    for action in statement.actions:
        answer = judge(action.text, _is_more_than_invoke)
        if answer.certainty:
            facts = {"actions": str(action.text), "principal": listed([str(one.text) for one in statement.principals])}
            yield Hit(action.span, answer, {**facts, "doing": _doing(statement, "AWS::Lambda::")}, action.when)


def _is_more_than_invoke(text: str) -> bool:
    return any(not action.name.startswith("Invoke") for action in catalogue.expand(text) if action.service == "lambda")
