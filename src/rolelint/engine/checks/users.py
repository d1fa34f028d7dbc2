"""Which long-lived identities and keys does the template make, and what do they hold?"""

from collections.abc import Iterator

from rolelint.engine.checks.actors import is_mailer, only_sends_mail
from rolelint.engine.checks.opened import setting
from rolelint.engine.checks.written import entry_of
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import PrincipalSubject, TemplateSubject
from rolelint.iam.access import Access, Principal
from rolelint.syntax.nodes import Mapping, Node
from rolelint.template.evaluate import Scope, evaluate, exists
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, Unknown, When, alternatives, elements

_USER = "AWS::IAM::User"
_GROUP = "AWS::IAM::Group"
_ADDITION = "AWS::IAM::UserToGroupAddition"
_NAMES_USERS = {"AWS::IAM::Policy": "Users", "AWS::IAM::ManagedPolicy": "Users", "AWS::IAM::UserPolicy": "UserName"}
_ROTATED = "access_keys_rotated"
_LONGEST = 9
"""Digits of a number of days that are read; Python reads no number of thousands of them."""
_MOST_DAYS = 90
"""What the rule of AWS Config asks for unless it is told otherwise, and the CIS benchmark with it."""

_SOMEBODY = "a user"


@says("held")
def policies_on_user(subject: PrincipalSubject) -> Iterator[Hit]:
    """A user has policies of its own, not through a group or a role; SES's SMTP credentials need such a user."""
    principal = subject.principal
    if principal.resource.type != _USER or is_mailer(principal):
        return
    names = [_short(one.text) for one in principal.attachments]
    count = sum(policy.resource is not None and policy.resource.id == principal.id for policy in principal.policies)
    held = names + ([f"{count} inline polic{'y' if count == 1 else 'ies'}"] if count else [])
    if held:
        yield Hit(principal.resource.key.span, facts={"held": listed(list(dict.fromkeys(held)))})


@says("users")
def policy_for_users(subject: TemplateSubject) -> Iterator[Hit]:
    """A policy names users as its holders, of the template or others."""
    access = subject.access
    for resource in access.template.resources.values():
        name = _NAMES_USERS.get(resource.type)
        entry = resource.properties.entry(name) if name and isinstance(resource.properties, Mapping) else None
        if entry is None:
            continue
        own = [one for policy in access.policies if policy.resource is resource for one in policy.document.statements]
        found = _names_in(entry.value, access.template, resource)
        if found and not only_sends_mail(own):
            when, names = found
            yield Hit(entry.key.span, facts={"users": listed(names)}, when=when)


def _names_in(node: Node, template: Template, resource: Resource) -> tuple[When, list[str]] | None:
    """The names in a list, and what must hold for the first of them to be there."""
    when = exists(resource, template)
    if when is None:
        return None
    found = [(holds, one) for holds, one in elements(evaluate(node, Scope(template, when)), when) if not isinstance(one, Unknown)]
    names = [str(one) if isinstance(one, Text) else "a user" for _, one in found]
    return (found[0][0], names) if found else None


def _short(text: Text) -> str:
    """A policy's own name, where its ARN ends in one."""
    shown = str(text)
    return shown.rpartition("/")[2] if shown.startswith("arn:") else shown


@says("user")
def declared(subject: PrincipalSubject) -> Iterator[Hit]:
    """The template makes a user, for something else than sending mail."""
    principal = subject.principal
    if principal.resource.type == _USER and not is_mailer(principal):
        yield Hit(principal.resource.key.span, facts={"user": principal.id})


@says("user")
def without_group(subject: PrincipalSubject) -> Iterator[Hit]:
    """A user that neither names a group nor is added to one."""
    principal, access = subject.principal, subject.access
    if principal.resource.type == _USER and not principal.groups and not _is_added(principal, access):
        properties = principal.resource.properties
        if not isinstance(properties, Mapping) or _is_empty(properties.get("Groups"), access.template):
            yield Hit(principal.resource.key.span, facts={"user": principal.id})


def _is_added(principal: Principal, access: Access) -> bool:
    return any(link.target == principal.id and link.source.type == _ADDITION for link in access.links)


def _is_empty(node: Node | None, template: Template) -> bool:
    return node is None or not any(True for _ in elements(evaluate(node, Scope(template))))


@says("group")
def without_members(subject: PrincipalSubject) -> Iterator[Hit]:
    """A group that no user of the template is in."""
    principal, access = subject.principal, subject.access
    if principal.resource.type == _GROUP and not any(principal.id in one.groups for one in access.principals.values()):
        added = any(link.target == principal.id and link.source.type == _ADDITION for link in access.links)
        if not added:
            yield Hit(principal.resource.key.span, facts={"group": principal.id})


@says("key", "user")
def access_key(subject: TemplateSubject) -> Iterator[Hit]:
    """The template makes a long-lived access key."""
    template = subject.access.template
    for resource in _keys(template):
        yield Hit(resource.key.span, facts={"key": resource.id, "user": _user(template, resource)})


@says("key", "user", "other")
def second_key(subject: TemplateSubject) -> Iterator[Hit]:
    """An access key for a user who has another one, both of them in use."""
    template = subject.access.template
    first: dict[str, Resource] = {}
    for resource in _keys(template):
        if setting(resource, template, "Status") == "inactive" or exists(resource, template) != ():
            continue
        users = _users(template, resource)
        if len(users) != 1:
            continue
        user = f"the user {users[0]}"
        other = first.setdefault(user, resource)
        if other is not resource:
            related = (Related("the other key", other.key.span),)
            yield Hit(resource.key.span, facts={"key": resource.id, "user": user, "other": other.id}, related=related)


@says("key")
def root_key(subject: TemplateSubject) -> Iterator[Hit]:
    """An access key for a user by the name of root."""
    template = subject.access.template
    for resource in _keys(template):
        entry = entry_of(resource.properties, "UserName")
        if entry and setting(resource, template, "UserName") == "root":
            yield Hit(entry.key.span, facts={"key": resource.id})


@says("rule", "days")
def keys_kept_long(subject: TemplateSubject) -> Iterator[Hit]:
    """A rule of AWS Config that lets access keys grow older than they should."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type != "AWS::Config::ConfigRule" or setting(resource, template, "Source", "SourceIdentifier") != _ROTATED:
            continue
        days = setting(resource, template, "InputParameters", "maxAccessKeyAge")
        entry = entry_of(resource.properties, "InputParameters")
        if entry and days.isdecimal() and int(days[:_LONGEST]) > _MOST_DAYS:
            yield Hit(entry.key.span, facts={"rule": resource.id, "days": days})


def _keys(template: Template) -> Iterator[Resource]:
    return (resource for resource in template.resources.values() if resource.type == "AWS::IAM::AccessKey")


def _user(template: Template, resource: Resource) -> str:
    users = _users(template, resource)
    return f"the user {users[0]}" if users else _SOMEBODY


def _users(template: Template, resource: Resource) -> list[str]:
    """The users that a key may be for, one for each branch of the template."""
    name = resource.properties.get("UserName") if isinstance(resource.properties, Mapping) else None
    values = alternatives(evaluate(name, Scope(template))) if name is not None else ()
    return [str(value).removeprefix("${").removesuffix("}") for _, value in values if isinstance(value, Text)]
