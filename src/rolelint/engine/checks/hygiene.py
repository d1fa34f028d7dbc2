"""Are policies, names and roles where a reviewer looks for them?"""

from collections.abc import Iterator

from rolelint.catalogue import managed_policies
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import PrincipalSubject, TemplateSubject
from rolelint.iam.access import Principal
from rolelint.iam.effective import effective
from rolelint.iam.patterns import Answer, Certainty
from rolelint.syntax.nodes import Entry, Mapping, Node
from rolelint.syntax.source import Span
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, elements

_NAMED = {
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}
_AGENT = "AWS::Bedrock::Agent"
_HOLDERS = ("Groups", "Roles", "Users")
_LOG_WRITER = "logs:PutLogEvents"
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


def _entry(resource: Resource, name: str) -> Entry | None:
    return resource.properties.entry(name) if isinstance(resource.properties, Mapping) else None


@says("kind", "policies")
def inline_policies(subject: PrincipalSubject) -> Iterator[Hit]:
    """A role, user or group with policies written into it."""
    principal = subject.principal
    kind = principal.resource.type.rpartition(":")[2].lower()
    own = [one for one in principal.policies if one.place and one.place.resource.id == principal.id]
    entry = _entry(principal.resource, "Policies")
    if own and entry and principal.resource.type.startswith("AWS::IAM::"):
        count = f"{len(own)} inline polic{'y' if len(own) == 1 else 'ies'}"
        yield Hit(entry.key.span, facts={"kind": kind, "policies": count})


@says("policy")
def held_by_nobody(subject: TemplateSubject) -> Iterator[Hit]:
    """An inline policy in a resource of its own that names no role, user or group: IAM needs one to write it into."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type == "AWS::IAM::Policy" and isinstance(resource.properties, Mapping):
            names = [entry.key.text for entry in resource.properties.entries]
            held = any(_names_any(resource.properties.get(name), template) for name in _HOLDERS)
            if not held and not any(name.startswith("Fn::") for name in names):
                yield Hit(resource.key.span, facts={"policy": resource.id})


def _names_any(node: Node | None, template: Template) -> bool:
    return node is not None and any(True for _ in elements(evaluate(node, Scope(template))))


@says("role", "workloads")
def shared_role(subject: TemplateSubject) -> Iterator[Hit]:
    """Several functions, tasks or agents that run with one role, told where the second of them takes it."""
    access = subject.access
    users: dict[str, dict[str, Span]] = {}
    for principal in access.principals.values():
        for one in principal.workloads if principal.resource.type == "AWS::IAM::Role" else ():
            if (one.runs_customer_code or one.type == _AGENT) and "(" not in one.id:
                users.setdefault(principal.id, {}).setdefault(one.id, one.span)
    own = {workload: role for role, workloads in users.items() for workload in workloads}
    for use in access.handed:
        if (use.runs_customer_code or use.resource.type == _AGENT) and not use.who:
            id_ = use.resource.id
            users.setdefault(own.get(id_, str(use.text)), {})[id_] = use.text.span
    for role, workloads in users.items():
        if role and len(workloads) > 1:
            yield Hit(list(workloads.values())[1], facts={"role": role, "workloads": listed(list(workloads))})


@says("name", "property")
def fixed_name(subject: TemplateSubject) -> Iterator[Hit]:
    """An identity or policy with a name of its own."""
    for resource in subject.access.template.resources.values():
        name = _NAMED.get(resource.type)
        entry = _entry(resource, name) if name else None
        if entry and name:
            known = evaluate(entry.value, Scope(subject.access.template))
            shown = str(known) if isinstance(known, Text) else name
            yield Hit(entry.key.span, facts={"name": shown, "property": name})


@says("functions")
def cannot_log(subject: PrincipalSubject) -> Iterator[Hit]:
    """The role of a function without the permission to write its log."""
    principal = subject.principal
    functions = [one.id for one in principal.workloads if one.type in _FUNCTIONS]
    unread = any(one.document.unknown for one in principal.policies) or any(not one.aws_managed for one in principal.attachments)
    if functions and not unread and not any(one.full_name == _LOG_WRITER for one in effective(principal, subject.access)):
        yield Hit(principal.resource.key.span, facts={"functions": listed(functions)})


# -- What nothing here needs -------------------------------------------------------------------------------------------

_MAKES = {
    "dynamodb": ("AWS::DynamoDB::", "AWS::Serverless::SimpleTable"),
    "firehose": ("AWS::KinesisFirehose::",),
    "kinesis": ("AWS::Kinesis::",),
    "s3": ("AWS::S3::",),
    "secretsmanager": ("AWS::SecretsManager::",),
    "sns": ("AWS::SNS::",),
    "sqs": ("AWS::SQS::",),
    "states": ("AWS::StepFunctions::", "AWS::Serverless::StateMachine"),
}
"""Services whose resources stand in the template of what uses them, as a rule, and the types that they have there."""


@says("services", "workloads")
def nothing_of_the_kind(subject: PrincipalSubject) -> Iterator[Hit]:
    """A workload of the template may do everything with a service of which the template makes nothing."""
    principal = subject.principal
    if not principal.workloads:
        return
    found = {service: span for service, span in _whole_services(principal) if not _is_made(service, subject)}
    if found:
        assumed = (f"{listed([one.id for one in principal.workloads])} needs nothing that other stacks make",)
        facts = {"services": listed(sorted(found)), "workloads": listed([one.id for one in principal.workloads])}
        yield Hit(next(iter(found.values())), Answer(Certainty.POSSIBLE, assumed), facts)


def _whole_services(principal: Principal) -> Iterator[tuple[str, Span]]:
    for policy in principal.policies:
        for statement in policy.document.statements:
            for pattern in statement.actions if statement.allows and not statement.not_actions else ():
                service, _, name = (pattern.text.literal or "").lower().partition(":")
                if service in _MAKES and name == "*":
                    yield service, pattern.span
    for attachment in principal.attachments:
        for named in attachment.aws_managed:
            policy_of_aws = managed_policies.find(named.name)
            for service in managed_policies.service_wide(policy_of_aws) if policy_of_aws else ():
                if service in _MAKES:
                    yield service, attachment.text.span


def _is_made(service: str, subject: PrincipalSubject) -> bool:
    types = {resource.type for resource in subject.access.template.resources.values()}
    return any(kind.startswith(_MAKES[service]) for kind in types)
