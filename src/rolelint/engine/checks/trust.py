"""Who may become this role? Trust policies that let in more than somebody meant.

GitHub's claims: https://docs.github.com/en/actions/concepts/security/openid-connect
Those of others: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from collections.abc import Iterator
from re import compile as compile_pattern
from typing import NamedTuple

from rolelint.engine.checks.resource_policies import account_of
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
from rolelint.iam.conditions import demands
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, covers, judge, overlaps, readings
from rolelint.iam.statements import Condition, Pattern, PrincipalPattern, Statement
from rolelint.syntax.nodes import Mapping
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Text, alternatives

_GITHUB = "token.actions.githubusercontent.com"
_ACCOUNT = compile_pattern(r"\d{12}")
_ROOT = compile_pattern(r"arn:(?:[^:$]+|\$\{[^}]*\}):iam::(\d{12}|\$\{[^}]*\}):root")
_OWN_ACCOUNT = "${AWS::AccountId}"
_NAMES_CALLERS = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorg",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:source",
    "aws:userid",
    "aws:vpcsourceip",
    "saml:",
    "sts:externalid",
)
"""Keys that a stranger cannot satisfy. A second factor, tags and session names are the stranger's own to choose."""
_PINS_WITHIN_ACCOUNT = (*_NAMES_CALLERS, "aws:multifactorauth", "aws:principaltag", "aws:principaltype", "aws:username")
_GITHUB_CLAIMS = frozenset(
    (
        "enterprise",
        "enterprise_id",
        "job_workflow_ref",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "sub",
    )
)
"""Claims that tell whose workflow it is; a branch, an actor or a workflow's name can be anybody's."""
_SENDS_SOURCE = frozenset(
    (
        "bedrock",
        "codebuild",
        "pipes",
        "scheduler",
        "states",
        "transfer",
        "vpc-flow-logs",
    )
)
"""Services whose own guide shows a role's trust policy with aws:SourceArn and aws:SourceAccount."""


_ASSUMES = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
"""The actions that make somebody the role; the others of a trust policy only add to such a session."""


class _Issuer(NamedTuple):
    """Who gets tokens from a provider, the claims that choose among them, and how a subject begins that chooses nobody."""

    host: str
    everybody: str
    claims: tuple[str, ...]
    subject: str = ""


_ISSUERS = (
    _Issuer("accounts.google.com", "every user of Google's", ("aud", "oaud", "sub", "email")),
    _Issuer(
        "agent.buildkite.com", "every organization on Buildkite", ("sub", "organization", "organization_id"), "organization:"
    ),
    _Issuer("api.bitbucket.org", "every pipeline of the Bitbucket workspace", ("sub",)),
    _Issuer("app.terraform.io", "every organization on HCP Terraform", ("sub", "terraform_organization_id"), "organization:"),
    _Issuer("cognito-identity.amazonaws.com", "the visitors of every identity pool", ("aud", "sub")),
    _Issuer(
        "gitlab.com", "every project on GitLab.com", ("sub", "project_path", "namespace_path", "project_id"), "project_path:"
    ),
    _Issuer("graph.facebook.com", "every app on Facebook", ("app_id", "id")),
    _Issuer("oidc.circleci.com", "every project of the CircleCI organization", ("sub", "oidc.circleci.com/project-id")),
    _Issuer("oidc.eks.", "every service account of the cluster", ("sub",), "system:serviceaccount:"),
    _Issuer("www.amazon.com", "every app that uses Login with Amazon", ("app_id", "user_id")),
)
_ANY_ISSUER = _Issuer("", "everybody whom the provider vouches for", ())
"""A provider that we do not know: an audience may be what chooses, so any claim will do."""


def _pinned(statement: Statement, keys: tuple[str, ...]) -> bool:
    """Whether a trust statement chooses among callers by one of some condition keys."""
    return any(
        demands(one) and one.name.startswith(keys) and not _any_account(one) and _asks(one) for one in statement.conditions
    )


def _any_account(condition: Condition) -> bool:
    """Whether a condition names principals of any account at all."""
    given = [fields(value.text.literal or "") for value in condition.values]
    return condition.name == "aws:principalarn" and any(one is not None and set(one[4]) == {"*"} for one in given)


def _asks(condition: Condition) -> bool:
    """Whether the condition asks for a second factor, rather than for its absence."""
    return condition.name != "aws:multifactorauthpresent" or not any(
        (value.text.literal or "").lower() == "false" for value in condition.values
    )


def _judge_known(text: Text) -> Answer:
    """Whether a principal is ``*``; one that a parameter without a default stands for is whoever is named there."""
    return NO if text.symbol and text.symbol.free else judge(text, lambda known: known == "*")


@says("principal")
def anyone(subject: StatementSubject) -> Iterator[Hit]:
    """Every AWS account, or everybody, may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or _pinned(statement, _NAMES_CALLERS) or not _assumes(statement):
        return
    for principal in statement.principals:
        answer = _past_denials(subject, _judge_known(principal.text))
        if principal.kind in ("*", "AWS") and answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


def _assumes(statement: Statement) -> bool:
    """Whether a statement allows assuming the role, and not only tagging a session that another one allows."""
    if statement.not_actions:
        return True
    known = [action.text.literal for action in statement.actions]
    return any(text is None or covers(text, one, any_case=True) for text in known for one in _ASSUMES)


def _past_denials(subject: StatementSubject, answer: Answer) -> Answer:
    """The answer less what a Deny for everybody beside the statement takes away: all, or those whom its conditions name."""
    for other in subject.policy.document.statements:
        everybody = other.not_principals or any(principal.text.literal == "*" for principal in other.principals)
        if other.effect == "Deny" and everybody and _assumes(other):
            if other.conditions or other.not_principals or other.when != subject.statement.when:
                answer = Answer(min(answer.certainty, Certainty.POSSIBLE), ("the Deny beside it lets such callers through",))
            else:
                return NO
    return answer


@says("principal", "account")
def whole_account(subject: StatementSubject) -> Iterator[Hit]:
    """Every principal of another account may assume the role, as far as that account's administrators let it."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or _pinned(statement, _PINS_WITHIN_ACCOUNT):
        return
    for principal in statement.principals:
        account, answer = _other_account(principal.text)
        answer = _past_denials(subject, answer) if answer.certainty and _assumes(statement) else NO
        if principal.kind == "AWS" and answer.certainty:
            facts = {"principal": str(principal.text), "account": account}
            yield Hit(principal.span, answer, facts, principal.when)


def _other_account(text: Text) -> tuple[str, Answer]:
    """The account that a principal is all of, and how surely it is another one than the stack's own."""
    shown = str(text)
    root = _ROOT.fullmatch(shown)
    if root and root[1] == _OWN_ACCOUNT:
        return "", NO
    if root and root[1].startswith("$"):
        return root[1], Answer(Certainty.POSSIBLE, (f"{root[1][2:-1]} is another account than the stack's",))
    if root or (text.literal and _ACCOUNT.fullmatch(shown)):
        return root[1] if root else shown, CERTAIN
    for reading in readings(text):
        found = _ROOT.fullmatch(reading.text)
        if found or _ACCOUNT.fullmatch(reading.text):
            return found[1] if found else reading.text, Answer(Certainty.POSSIBLE, reading.assumptions)
    return "", NO


def _is_github(subject: StatementSubject, principal: PrincipalPattern) -> bool:
    """Whether a federated principal is GitHub's provider: by its ARN, or by the Url of the provider that it refers to."""
    if principal.kind != "Federated":
        return False
    if _GITHUB in str(principal.text):
        return True
    urls = _provider_urls(subject, principal)
    if urls is not None:
        return any(_GITHUB in url for url in urls)
    return any(condition.name.startswith(_GITHUB) for condition in subject.statement.conditions)


def _provider_urls(subject: StatementSubject, principal: PrincipalPattern) -> list[str] | None:
    """The URLs that the provider of this template may have which a principal refers to; None when it refers to none."""
    template = subject.access.template
    for symbol in principal.text.symbols:
        resource = template.resources.get(symbol.name.partition(".")[0])
        if resource and resource.type == "AWS::IAM::OIDCProvider" and isinstance(resource.properties, Mapping):
            url = resource.properties.get("Url")
            values = alternatives(evaluate(url, Scope(template))) if url is not None else ()
            return [str(value) for _, value in values if isinstance(value, Text)]
    return None


def _claims(statement: Statement) -> list[Condition]:
    """The conditions on claims of GitHub's that tell whose workflow it is."""
    on_github = [one for one in statement.conditions if one.name.startswith(_GITHUB)]
    return [one for one in on_github if one.name.rpartition(":")[2] in _GITHUB_CLAIMS and one.operator.lower() != "null"]


@says("principal", "found")
def github_without_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Any repository on GitHub may assume the role."""
    statement = subject.statement
    claims = _claims(statement)
    if not statement.allows or any(demands(one) for one in claims) or _has_unread_conditions(statement):
        return
    for principal in statement.principals:
        if _is_github(subject, principal):
            related = tuple(Related(_weakness(one), one.key.span) for one in claims)
            facts = {"principal": str(principal.text), "found": _found(claims)}
            yield Hit(principal.span, _how_surely(claims), facts, principal.when, related)


def _has_unread_conditions(statement: Statement) -> bool:
    """Whether part of a Condition could not be evaluated: the claim may be asked for there."""
    conditions = next((span for name, span in statement.element_spans if name.lower() == "condition"), None)
    return conditions is not None and any(one.node.span.start >= conditions.start for one in statement.unknown)


def _how_surely(claims: list[Condition]) -> Answer:
    """A condition that only a token without the claim passes is a hole as long as there are such tokens."""
    if any(_passes_without(one) for one in claims):
        return Answer(Certainty.POSSIBLE, ("a token without the claim is presented",))
    return CERTAIN


def _passes_without(condition: Condition) -> bool:
    operator = condition.operator.lower()
    fits_all = "like" in operator and any(value.text.literal == "*" for value in condition.values)
    return "not" not in operator and not fits_all and (operator.startswith("forallvalues:") or operator.endswith("ifexists"))


def _weakness(condition: Condition) -> str:
    passes = "a token without the claim pass" if _passes_without(condition) else "every repository pass"
    return f"{condition.operator} lets {passes}"


def _found(claims: list[Condition]) -> str:
    if not claims:
        return "no condition on the repository"
    first = claims[0]
    values = listed([str(value.text) for value in first.values])
    return f"{first.operator} {first.name.rpartition(':')[2]}: {values}"


@says("subject", "scope")
def github_wide_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Repositories beyond one may assume the role: the subject has a wildcard before the repository's name ends."""
    statement = subject.statement
    if not statement.allows or not any(_is_github(subject, principal) for principal in statement.principals):
        return
    claims = _claims(statement)
    if any(demands(one) and not one.name.endswith(":sub") for one in claims):
        return
    for condition in claims:
        operator = condition.operator.lower()
        if condition.name.endswith(":sub") and "like" in operator and "not" not in operator:
            for value in condition.values:
                yield from _wide(value)


def _wide(value: Pattern) -> Iterator[Hit]:
    text = value.text
    answer = NO if text.literal == "*" or (text.symbol and text.symbol.free) else judge(text, _wide_subject)
    if answer.certainty:
        yield Hit(value.span, answer, {"subject": str(text), "scope": _scope(text)}, value.when)


def _wide_subject(text: str) -> bool:
    """Whether a subject takes in more than one repository; letters of a private-use area may be an owner with a name."""
    if not overlaps(text, "repo:*"):
        return False
    kind, colon, rest = text.partition(":")
    repository = rest.partition(":")[0]
    owner, slash, name = repository.partition("/")
    if not colon or set(kind) & set("*?"):
        return True
    if not slash:
        return repository[:1] in ("*", "?") or (bool(set(owner) & set("*?")) and owner.isascii())
    return bool(set(owner) & set("*?")) or set(name) == {"*"}


def _scope(text: Text) -> str:
    kind, _, rest = str(text).partition(":")
    owner, slash, _ = rest.removesuffix(":*").partition("/")
    if kind == "repo" and owner and not set(owner) & set("*?"):
        return f"every repository of {owner}" if slash else "more than one repository"
    return "repositories of strangers"


@says("actions")
def star_action(subject: StatementSubject) -> Iterator[Hit]:
    """A trust statement that allows more than the one way of assuming the role that the principal needs."""
    statement = subject.statement
    if not statement.allows:
        return
    if statement.not_actions:
        shown = " " + listed([str(action.text) for action in statement.actions]) if statement.actions else ""
        yield Hit(statement.element("NotAction"), facts={"actions": f"NotAction{shown}"}, when=statement.when)
        return
    for action in statement.actions:
        answer = judge(action.text, lambda text: text.lower() in ("*", "sts:*", "*:*"))
        if answer.certainty:
            yield Hit(action.span, answer, {"actions": str(action.text)}, action.when)


# -- Other providers ---------------------------------------------------------------------------------------------------


def _issuer(subject: StatementSubject, principal: PrincipalPattern) -> _Issuer | None:
    """The provider of web identities that a principal is; None for SAML, for GitHub, and for all that is no provider."""
    statement = subject.statement
    if principal.kind != "Federated" or statement.not_actions or _is_github(subject, principal):
        return None
    if not any(covers(one.text.literal or "", "sts:AssumeRoleWithWebIdentity", any_case=True) for one in statement.actions):
        return None
    names = [str(principal.text).lower(), *(url.lower() for url in _provider_urls(subject, principal) or ())]
    known = (one for one in _ISSUERS if any(one.host in name for name in names))
    return next(known, None) or (None if ":saml-provider/" in names[0] else _ANY_ISSUER)


def _web_claims(statement: Statement) -> list[Condition]:
    """The conditions on claims of a token: their keys begin with the provider's address rather than with a service of AWS."""
    ours = ("aws:", "sts:", "iam:", "saml:")
    return [one for one in statement.conditions if not one.name.startswith(ours) and one.operator.lower() != "null"]


@says("principal", "everybody", "found")
def any_web_identity(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody who gets a token from a provider may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or _has_unread_conditions(statement):
        return
    claims = _web_claims(statement)
    demanded = [one for one in claims if demands(one)]
    for principal in statement.principals:
        issuer = _issuer(subject, principal)
        if issuer is None or any(
            not issuer.claims or one.name.endswith(tuple(f":{c}" for c in issuer.claims)) for one in demanded
        ):
            continue
        if any(one.key.literal is None and ":" not in one.name.rpartition("}")[2] for one in demanded):
            continue  # the key itself is not known
        found = "no condition on its claims" if not claims else listed([f"{one.operator} {one.key}" for one in claims]) + " alone"
        facts = {"principal": str(principal.text), "everybody": issuer.everybody, "found": found}
        yield Hit(principal.span, _how_surely(claims), facts, principal.when)


@says("subject", "everybody")
def wide_web_subject(subject: StatementSubject) -> Iterator[Hit]:
    """The subject has a wildcard where the organization, the project or the namespace should stand."""
    statement = subject.statement
    if not statement.allows or statement.not_principals:
        return
    issuers = [issuer for principal in statement.principals if (issuer := _issuer(subject, principal)) and issuer.subject]
    for condition in _web_claims(statement) if issuers else ():
        operator = condition.operator.lower()
        if not condition.name.endswith(":sub") or "like" not in operator or "not" in operator:
            continue
        for value in condition.values:
            free = value.text.symbol and value.text.symbol.free
            answer = (
                NO if value.text.literal == "*" or free else judge(value.text, lambda text: _chooses_nobody(text, issuers[0]))
            )
            if answer.certainty:
                facts = {"subject": str(value.text), "everybody": issuers[0].everybody}
                yield Hit(value.span, answer, facts, value.when)


def _chooses_nobody(text: str, issuer: _Issuer) -> bool:
    """Whether a subject pattern has a wildcard before it names somebody."""
    return text[:1] in ("*", "?") or (text.startswith(issuer.subject) and text[len(issuer.subject) :][:1] in ("*", "?"))


@says("operator", "claim")
def for_all_values(subject: StatementSubject) -> Iterator[Hit]:
    """A condition on a claim that a token without the claim passes."""
    statement = subject.statement
    if not statement.allows or not any(principal.kind == "Federated" for principal in statement.principals):
        return
    for condition in _web_claims(statement):
        spoken_for = condition.name.startswith(_GITHUB) and condition.name.rpartition(":")[2] in _GITHUB_CLAIMS
        if condition.operator.lower().startswith("forallvalues:") and "not" not in condition.operator.lower() and not spoken_for:
            yield Hit(condition.key.span, CERTAIN, {"operator": condition.operator, "claim": str(condition.key)}, condition.when)


# -- Services and other accounts ---------------------------------------------------------------------------------------


@says("principal")
def service_without_source(subject: StatementSubject) -> Iterator[Hit]:
    """A service that acts for many customers may assume the role without telling for whom."""
    statement = subject.statement
    tied = ("aws:source", "aws:principal", "sts:externalid")
    if not statement.allows or statement.not_principals or any(one.name.startswith(tied) for one in statement.conditions):
        return
    if _has_unread_conditions(statement):
        return
    for principal in statement.principals:
        if principal.kind == "Service" and str(principal.text).partition(".")[0] in _SENDS_SOURCE:
            yield Hit(principal.span, CERTAIN, {"principal": str(principal.text)}, principal.when)


@says("principal", "account")
def other_account(subject: StatementSubject) -> Iterator[Hit]:
    """A principal of an account that is written out, or that a parameter names, may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or any(one.name == "sts:externalid" for one in statement.conditions):
        return
    for principal in statement.principals:
        account = account_of(principal)
        if account:
            answer = Answer(Certainty.POSSIBLE, (f"{account} is of another account than the stack's",))
            yield Hit(principal.span, answer, {"principal": str(principal.text), "account": account}, principal.when)
