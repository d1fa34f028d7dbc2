"""Which long-lived identities and keys does the template make?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import PrincipalSubject, TemplateSubject
from rolelint.iam.access import Principal
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.template import Resource, Template
from rolelint.template.values import Text, alternatives

_MAIL = frozenset(("ses:sendemail", "ses:sendrawemail"))


@says("held")
def policies_on_user(subject: PrincipalSubject) -> Iterator[Hit]:
    """A user holds policies itself, not through a group or a role; SES's SMTP credentials need such a user."""
    principal = subject.principal
    if principal.resource.type != "AWS::IAM::User" or not (principal.attachments or principal.policies):
        return
    if not _only_sends_mail(principal):
        names = [_short(one.text) for one in principal.attachments]
        count = len(principal.policies)
        held = names + ([f"{count} polic{'y' if count == 1 else 'ies'} of this template"] if count else [])
        yield Hit(principal.resource.key.span, facts={"held": listed(list(dict.fromkeys(held)))})


def _short(text: Text) -> str:
    """A policy's own name, where its ARN ends in one."""
    shown = str(text)
    return shown.rpartition("/")[2] if shown.startswith("arn:") else shown


def _only_sends_mail(principal: Principal) -> bool:
    statements = [one for policy in principal.policies for one in policy.document.statements if one.allows]
    if principal.attachments or not statements:
        return False
    return all(
        not one.not_actions and one.actions and all(str(action.text).lower() in _MAIL for action in one.actions)
        for one in statements
    )


@says("key", "user")
def access_key(subject: TemplateSubject) -> Iterator[Hit]:
    """The template makes a long-lived access key."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.type == "AWS::IAM::AccessKey":
            yield Hit(resource.key.span, facts={"key": resource.id, "user": _user(template, resource)})


def _user(template: Template, resource: Resource) -> str:
    name = resource.properties.get("UserName") if isinstance(resource.properties, Mapping) else None
    values = alternatives(evaluate(name, Scope(template))) if name is not None else ()
    texts = [str(value) for _, value in values if isinstance(value, Text)]
    return f"the user {texts[0].removeprefix('${').removesuffix('}')}" if texts else "a user"
