"""May another account read what this one holds, by a role that carries a policy for reading everything?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import PrincipalSubject
from rolelint.iam.elements import PrincipalPattern
from rolelint.iam.patterns import Answer, Certainty

_READS_DATA = "ReadOnlyAccess"


@says("account", "policy")
def lent_to_other_account(subject: PrincipalSubject) -> Iterator[Hit]:
    """A role that another account may assume carries ReadOnlyAccess, which reads data and not only settings."""
    principal = subject.principal
    for attachment in principal.attachments:
        for named in attachment.aws_managed:
            for who in _others(subject) if named.name == _READS_DATA else ():
                facts = {"account": str(who.text), "policy": named.name}
                assumed = (*named.assumptions, f"{who.text} is not of the account that the role is in")
                yield Hit(attachment.text.span, Answer(Certainty.POSSIBLE, assumed), facts, attachment.when)
                return


def _others(subject: PrincipalSubject) -> Iterator[PrincipalPattern]:
    for policy in subject.principal.trust:
        for statement in policy.document.statements:
            for who in statement.principals if statement.allows and not statement.not_principals else ():
                text = who.text.literal or ""
                account = text.split(":")[4] if text.startswith("arn:") and text.count(":") > 4 else text  # noqa: PLR2004
                if who.kind == "AWS" and account.isdigit():
                    yield who
