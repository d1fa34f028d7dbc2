"""Which long-lived identities and keys does the template make?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import PrincipalSubject, TemplateSubject


@says("held")
def policies_on_user(subject: PrincipalSubject) -> Iterator[Hit]:
    """A user holds policies itself, not through a group or a role."""
    principal = subject.principal
    if principal.resource.type != "AWS::IAM::User":
        return
    spans = [one.text.span for one in principal.attachments] + [one.document.node.span for one in principal.policies]
    if spans:
        names = [str(one.text).rpartition("/")[2] for one in principal.attachments]
        count = len(principal.policies)
        held = names + ([f"{count} polic{'y' if count == 1 else 'ies'} of this template"] if count else [])
        yield Hit(principal.resource.key.span, facts={"held": listed(held)})


@says("key")
def access_key(subject: TemplateSubject) -> Iterator[Hit]:
    """The template makes a long-lived access key."""
    for resource in subject.access.template.resources.values():
        if resource.type == "AWS::IAM::AccessKey":
            yield Hit(resource.key.span, facts={"key": resource.id})
