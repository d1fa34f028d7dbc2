"""Which roles of the template may do anything, and whom does a role let in?"""

from functools import partial

from rolelint.engine.hits import listed
from rolelint.iam.access import Access, Principal
from rolelint.iam.arns import reaches
from rolelint.iam.conditions import restricts
from rolelint.iam.effective import statements_of
from rolelint.iam.grants import allows, among
from rolelint.iam.patterns import Certainty, judge
from rolelint.iam.statements import Statement
from rolelint.template.values import Text
from rolelint.tuples import NamedTuple

EVERY_ROLE = "arn:aws:iam::*:role/*"
ADMIN = ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy")


class LetIn(NamedTuple):
    """Whom a role's trust lets in: services by name, and whether the account as a whole, be it with everybody else."""

    services: frozenset[str]
    account: bool


def trusting(role: Principal) -> LetIn:
    """Whom a role's trust lets in without a condition."""
    services: set[str] = set()
    account = False
    for statement in (one for policy in role.trust for one in policy.document.statements if one.allows):
        if any(restricts(one) for one in statement.conditions) or statement.not_principals:
            continue
        for who in statement.principals:
            text = str(who.text)
            if who.kind == "Service":
                services.add(text.replace("${AWS::URLSuffix}", "amazonaws.com"))
            elif who.kind in ("AWS", "*") and (text in ("*", "${AWS::AccountId}") or text.endswith(":${AWS::AccountId}:root")):
                account = True
    return LetIn(frozenset(services), account)


def trusts(role: Principal, principal: Principal) -> bool:
    """Whether a role's trust names a principal of the template."""
    statements = (one for policy in role.trust for one in policy.document.statements if one.allows)
    return any(is_role(who.text, principal) for one in statements for who in one.principals if not one.not_principals)


def is_role(text: Text, role: Principal) -> bool:
    """Whether a text is the ARN of a principal of the template."""
    symbol = text.symbol
    if symbol is not None:
        return symbol.kind == "attribute" and symbol.name == f"{role.id}.Arn"
    _, kind, name = str(text).partition(":role/" if role.resource.type == "AWS::IAM::Role" else ":user/")
    return bool(kind) and role.name is not None and name == str(role.name)


def powerful(access: Access) -> dict[str, str]:
    """The roles of the template that are administrators, by id, and what makes each one, as it is written."""
    roles = (one for one in access.principals.values() if one.resource.type == "AWS::IAM::Role")
    return {role.id: power for role in roles if (power := _power(role, access))}


def _power(role: Principal, access: Access) -> str | None:
    """What makes a role an administrator, as it is written; None if nothing does."""
    for statement in statements_of(role, access):
        if is_admin(statement) and not statement.when:
            for attachment in role.attachments:
                if statement.node is attachment.text.node:
                    return listed([named.name for named in attachment.aws_managed])
            return listed([str(pattern.text) for pattern, _ in among(statement, *ADMIN)]) + " on *"
    return None


def is_admin(statement: Statement) -> bool:
    """Whether a statement gives power over every role, and with it everything."""
    if statement.not_resources or not allows(statement, *ADMIN) or any(map(restricts, statement.conditions)):
        return False
    return any(judge(one.text, partial(reaches, wanted=EVERY_ROLE)).certainty is Certainty.CERTAIN for one in statement.resources)
