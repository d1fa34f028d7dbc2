"""Which permissions can somebody reach by changing a role of the template, or what runs with it?

Between the roles of one template the targets are known, so that also a statement on a single role or function can tell.
"""

from collections.abc import Iterator

from rolelint.engine.checks.administrators import is_admin, is_role, powerful, trusting, trusts
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import PrincipalSubject
from rolelint.iam.access import Access, Principal
from rolelint.iam.conditions import lacks
from rolelint.iam.effective import statements_of
from rolelint.iam.elements import Pattern
from rolelint.iam.grants import allows, among
from rolelint.iam.patterns import Certainty
from rolelint.iam.statements import Statement
from rolelint.template.evaluate import Scope
from rolelint.template.intrinsics import ref
from rolelint.template.template import Resource
from rolelint.template.values import Text, When, both

_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_NEW_CODE = "lambda:UpdateFunctionCode"
_ASSUME, _TRUST = "sts:AssumeRole", "iam:UpdateAssumeRolePolicy"
_WIDENS = {
    "AWS::IAM::Role": ("iam:AttachRolePolicy", "iam:PutRolePolicy"),
    "AWS::IAM::User": ("iam:AttachUserPolicy", "iam:PutUserPolicy"),
}
"""What gives a principal of a type more permissions."""

_LIMITS = ("iam:PermissionsBoundary", "iam:PolicyARN")
"""Keys by which a statement says what may be given."""


@says("function", "role", "power", "action")
def through_function(subject: PrincipalSubject) -> Iterator[Hit]:
    """A principal that is no administrator may write the code of a function that runs as one."""
    principal, access = subject.principal, subject.access
    mine = list(_own(principal, _NEW_CODE))
    strong = access.once(powerful) if mine else {}
    if not strong or any(map(is_admin, statements_of(principal, access))):
        return
    for role, power in strong.items():
        functions = [one.id for one in access.principals[role].workloads if one.type in _FUNCTIONS]
        for statement, pattern, when in _resources(mine):
            for function in functions if role != principal.id else ():
                if _is_function(pattern.text, access.template.resources[function], access):
                    related = (Related("the role that may do anything", access.principals[role].resource.key.span),)
                    facts = {"function": function, "role": role, "power": power, "action": _written(statement, _NEW_CODE)}
                    yield Hit(pattern.span, facts=facts, when=when, related=related)
                    return


@says("action", "role", "result")
def through_change(subject: PrincipalSubject) -> Iterator[Hit]:
    """A principal may change its own permissions, the trust of an administrator, or a role that it may then assume."""
    principal, access = subject.principal, subject.access
    mine = list(_own(principal, *_widening(), _TRUST))
    if not mine or any(map(is_admin, statements_of(principal, access))):
        return
    for statement, pattern, when in _resources(mine):
        for other in access.principals.values():
            if other.resource.type in _WIDENS and is_role(pattern.text, other):
                found = _gain(principal, other, statement, access)
                if found:
                    action, result = found
                    facts = {"action": _written(statement, action), "role": other.id, "result": result}
                    related = (Related("what it may change", other.resource.key.span),) if other.id != principal.id else ()
                    yield Hit(pattern.span, facts=facts, when=when, related=related)
                    return


def _gain(principal: Principal, other: Principal, statement: Statement, access: Access) -> tuple[str, str] | None:
    """The action on another principal, or on itself, that leads to more, and to what it leads."""
    widening = next((one for one in _WIDENS[other.resource.type] if allows(statement, one)), None)
    if widening and other.id == principal.id:
        return widening, "it can give itself any permission"
    if allows(statement, _TRUST) and other.id in access.once(powerful):
        return _TRUST, f"it can let itself in as {other.id}, an administrator"
    if widening and other.id != principal.id and _may_assume(principal, other, access):
        return widening, f"it can give {other.id} any permission and then assume it"
    return None


def _may_assume(principal: Principal, role: Principal, access: Access) -> bool:
    """Whether a principal is let in by a role's trust and, where that lets in the account, allowed to assume it."""
    if trusts(role, principal):
        return True
    held = (one for one in statements_of(principal, access) if allows(one, _ASSUME) and not one.conditions)
    return trusting(role).account and any(is_role(pattern.text, role) for one in held for pattern in one.resources)


def _widening() -> Iterator[str]:
    for actions in _WIDENS.values():
        yield from actions


def _own(principal: Principal, *actions: str) -> Iterator[Statement]:
    """The statements of a principal's policies in this template that allow one of some actions, without a limit on it."""
    for policy in principal.policies:
        for statement in policy.document.statements:
            if (
                not statement.not_resources
                and allows(statement, *actions)
                and lacks(statement, _LIMITS).certainty is Certainty.CERTAIN
            ):
                yield statement


def _written(statement: Statement, action: str) -> str:
    """What gives an action, as it is written."""
    return str(among(statement, action)[0][0].text)


def _resources(statements: list[Statement]) -> Iterator[tuple[Statement, Pattern, When]]:
    for statement in statements:
        for pattern in statement.resources:
            when = both(statement.when, pattern.when)
            if when is not None:
                yield statement, pattern, when


def _is_function(text: Text, function: Resource, access: Access) -> bool:
    """Whether a text is the ARN of a function of the template."""
    if text.symbol is not None:
        return text.symbol.kind == "attribute" and text.symbol.name == f"{function.id}.Arn"
    name = ref(function.id, function.key, Scope(access.template))
    return isinstance(name, Text) and str(text).partition(":function:")[2] == str(name)
