"""Who may become this role? Trust policies that let in more than somebody meant.

GitHub's claims: https://docs.github.com/en/actions/concepts/security/openid-connect
"""

from collections.abc import Iterator
from re import compile as compile_pattern

from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.conditions import restricts
from rolelint.iam.patterns import Answer, Certainty, judge
from rolelint.iam.statements import Condition, PrincipalPattern, Statement
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Text

_GITHUB = "token.actions.githubusercontent.com"
_ACCOUNT = compile_pattern(r"\d{12}|arn:[^:]*:iam::([^:]*):root")
_OWN_ACCOUNT = "${AWS::AccountId}"
_PINS_CALLER = ("aws:principal", "aws:source", "sts:externalid", "aws:multifactorauth", "saml:", "sts:rolesessionname")


def _pinned(statement: Statement) -> list[str]:
    """The condition keys by which a trust statement chooses among callers."""
    return [one.name for one in statement.conditions if restricts(one) and one.name.startswith(_PINS_CALLER)]


@says("principal")
def anyone(subject: StatementSubject) -> Iterator[Hit]:
    """Every AWS account, or everybody, may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or _pinned(statement):
        return
    for principal in statement.principals:
        answer = judge(principal.text, lambda text: text == "*")
        if principal.kind in ("*", "AWS") and answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


@says("principal", "account")
def whole_account(subject: StatementSubject) -> Iterator[Hit]:
    """Every principal of another account may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or _pinned(statement):
        return
    for principal in statement.principals:
        shown = str(principal.text)
        found = _ACCOUNT.fullmatch(shown)
        account = (found[1] or shown) if found else ""
        if principal.kind == "AWS" and account and account != _OWN_ACCOUNT:
            yield Hit(principal.span, facts={"principal": shown, "account": account}, when=principal.when)


def _is_github(subject: StatementSubject, principal: PrincipalPattern) -> bool:
    """Whether a federated principal is GitHub's provider: by its ARN, or by the Url of the provider that it refers to."""
    if principal.kind != "Federated":
        return False
    if _GITHUB in str(principal.text):
        return True
    template = subject.access.template
    for symbol in principal.text.symbols:
        resource = template.resources.get(symbol.name.partition(".")[0])
        if resource and resource.type == "AWS::IAM::OIDCProvider" and isinstance(resource.properties, Mapping):
            url = resource.properties.get("Url")
            value = evaluate(url, Scope(template)) if url is not None else None
            return isinstance(value, Text) and _GITHUB in str(value)
    return any(condition.name.startswith(_GITHUB) for condition in subject.statement.conditions)


def _claims(statement: Statement, claim: str) -> list[Condition]:
    return [
        one for one in statement.conditions if one.name == f"{_GITHUB}:{claim}" and not one.operator.lower().startswith("null")
    ]


@says("principal", "operator")
def github_without_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Any repository on GitHub may assume the role."""
    statement = subject.statement
    for principal in statement.principals if statement.allows else ():
        if not _is_github(subject, principal):
            continue
        claims = [*_claims(statement, "sub"), *_claims(statement, "job_workflow_ref"), *_claims(statement, "repository")]
        claims += [
            *_claims(statement, "repository_id"),
            *_claims(statement, "repository_owner"),
            *_claims(statement, "enterprise"),
        ]
        weak = [one for one in claims if not restricts(one)]
        if len(weak) == len(claims):
            related = tuple(Related(f"{one.operator} lets a missing or any claim pass", one.key.span) for one in weak)
            yield Hit(
                principal.span, facts={"principal": str(principal.text), "operator": ""}, when=principal.when, related=related
            )


@says("subject", "scope")
def github_wide_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Repositories beyond one may assume the role: the subject has a wildcard before the repository's name ends."""
    statement = subject.statement
    if not statement.allows or not any(_is_github(subject, principal) for principal in statement.principals):
        return
    for condition in _claims(statement, "sub"):
        if not restricts(condition) or "like" not in condition.operator.lower():
            continue
        for value in condition.values:
            answer = judge(value.text, _wide_subject)
            if answer.certainty:
                facts = {"subject": str(value.text), "scope": _scope(str(value.text))}
                yield Hit(value.span, answer, facts, value.when)


def _wide_subject(text: str) -> bool:
    kind, _, rest = text.partition(":")
    owner, slash, name = rest.partition(":")[0].partition("/")
    return bool(set(kind) & set("*?")) or (kind == "repo" and (not slash or bool(set(owner) & set("*?")) or set(name) == {"*"}))


def _scope(text: str) -> str:
    owner = text.removeprefix("repo:").partition("/")[0]
    return (
        f"every repository of {owner}"
        if owner and not set(owner) & set("*?") and text.startswith("repo:")
        else "any repository on GitHub"
    )


@says("actions")
def star_action(subject: StatementSubject) -> Iterator[Hit]:
    """A trust statement that allows more than the one way of assuming the role that the principal needs."""
    statement = subject.statement
    for action in statement.actions if statement.allows and not statement.not_actions else ():
        answer = judge(action.text, lambda text: text.lower() in ("*", "sts:*", "*:*"))
        if answer.certainty is not Certainty.NO:
            yield Hit(action.span, answer, {"actions": listed([str(action.text)])}, action.when)


__all__ = ["Answer", "anyone", "github_wide_subject", "github_without_subject", "star_action", "whole_account"]
