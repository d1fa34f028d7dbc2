"""Whose tokens does a role take? Providers of web identities that sign for more people than somebody meant.

GitHub's claims: https://docs.github.com/en/actions/concepts/security/openid-connect
Those of others: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from collections.abc import Iterator

from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam import operators
from rolelint.iam.conditions import Quality, Verdict, verdicts, weigh
from rolelint.iam.elements import Pattern, PrincipalPattern
from rolelint.iam.globs import covers, overlaps
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, judge
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Text, alternatives
from rolelint.tuples import NamedTuple

_GITHUB = "token.actions.githubusercontent.com"
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

_PULL_REQUEST = "pull_request"
"""What of a repository a subject names for a workflow that a pull request starts."""

_STRANGERS = "repo:~/*"
"""The subjects of an owner whom no trust policy names: GitHub's names hold no tilde."""


class _Issuer(NamedTuple):
    """Who gets tokens from a provider, the claims that choose among them, and what stands in a subject before somebody's name."""

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
    _Issuer(
        "oidc.circleci.com",
        "every project of the CircleCI organization",
        ("sub", "oidc.circleci.com/project-id"),
        "org/[^/]*/project/",
    ),
    _Issuer("oidc.eks.", "every service account of the cluster", ("sub",), "system:serviceaccount:"),
    _Issuer("oidc.vercel.com", "every project of the team on Vercel", ("sub",), "owner:(?:[^*?:]*:project:)?"),
    _Issuer("vstoken.dev.azure.com", "every project of the Azure DevOps organization", ("sub",), "sc://(?:[^*?/]*/)?"),
    _Issuer("www.amazon.com", "every app that uses Login with Amazon", ("app_id", "user_id")),
)
_ANY_ISSUER = _Issuer("", "everybody whom the provider vouches for", ())
"""A provider that we do not know: an audience may be what chooses, so any claim will do."""


# -- GitHub -------------------------------------------------------------------------------------------------------------


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


def _claims(statement: Statement) -> list[Verdict]:
    """The conditions on claims of GitHub's that tell whose workflow it is."""
    on_github = (one for one in verdicts(statement) if one.key.name.startswith(_GITHUB) and not _is_null(one))
    return [one for one in on_github if _claim(one) in _GITHUB_CLAIMS]


def _claim(verdict: Verdict) -> str:
    return verdict.key.name.rpartition(":")[2]


def _is_null(verdict: Verdict) -> bool:
    return operators.read(verdict.condition.operator).family == "null"


def _open(claims: list[Verdict]) -> Answer:
    """How surely none of some conditions on claims chooses among tokens.

    A condition that only a token without the claim passes is a hole as long as there are such tokens.
    """
    chosen = [_lets_strangers_in(one) for one in claims if one.quality >= Quality.WEAK]
    if chosen:
        return min(chosen, key=lambda one: one.certainty)
    if any(_passes_without(one) for one in claims):
        return Answer(Certainty.POSSIBLE, ("a token without the claim is presented",))
    return CERTAIN


def _lets_strangers_in(verdict: Verdict) -> Answer:
    """How surely a condition that chooses lets in every owner of a repository: for want of a value, or by a wildcard."""
    doubted = Answer(Certainty.POSSIBLE, verdict.doubts) if verdict.doubts else NO
    if _claim(verdict) != "sub" or not _is_pattern(verdict):
        return doubted
    subjects = [one.text for one in verdict.condition.values if not one.when and not (one.text.symbol and one.text.symbol.free)]
    return max((doubted, *(judge(one, _is_anybodys) for one in subjects)), key=lambda one: one.certainty)


def _is_anybodys(subject: str) -> bool:
    return overlaps(subject, _STRANGERS)


def _passes_without(verdict: Verdict) -> bool:
    """Whether a condition holds for tokens without the claim, and else chooses."""
    plain = verdict.condition._replace(operator=operators.read(verdict.condition.operator).base)
    return verdict.quality is Quality.DECORATIVE and weigh(plain).quality is Quality.RESTRICTIVE


@says("principal", "found")
def github_without_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Any repository on GitHub may assume the role."""
    statement = subject.statement
    claims = _claims(statement)
    answer = _open(claims)
    if not statement.allows or not answer.certainty or statement.unread_condition:
        return
    for principal in statement.principals:
        if _is_github(subject, principal):
            related = tuple(Related(_weakness(one), one.condition.key.span) for one in claims)
            facts = {"principal": str(principal.text), "found": _found(claims)}
            yield Hit(principal.span, answer, facts, principal.when, related)


def _weakness(verdict: Verdict) -> str:
    passes = "a token without the claim pass" if _passes_without(verdict) else "every repository pass"
    return f"{verdict.condition.operator} lets {passes}"


def _found(claims: list[Verdict]) -> str:
    if not claims:
        return "no condition on the repository"
    first = claims[0].condition
    values = listed([str(value.text) for value in first.values])
    return f"{first.operator} {first.name.rpartition(':')[2]}: {values}"


@says("subject", "scope")
def github_wide_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Repositories beyond one may assume the role: the subject has a wildcard before the repository's name ends."""
    statement = subject.statement
    if not statement.allows or not any(_is_github(subject, principal) for principal in statement.principals):
        return
    claims = _claims(statement)
    if any(one.quality is Quality.RESTRICTIVE and _claim(one) != "sub" for one in claims):
        return
    for verdict in claims:
        if _claim(verdict) == "sub" and _is_pattern(verdict):
            for value in verdict.condition.values:
                yield from _wide(value)


def _is_pattern(verdict: Verdict) -> bool:
    """Whether a condition asks for texts with wildcards."""
    operator = operators.read(verdict.condition.operator)
    return operator.wild and not operator.negated


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


def _web_claims(statement: Statement) -> list[Verdict]:
    """The conditions on claims of a token: their keys begin with the provider's address rather than with a service of AWS."""
    ours = ("aws:", "sts:", "iam:", "saml:")
    return [one for one in verdicts(statement) if not one.key.name.startswith(ours) and not _is_null(one)]


@says("principal", "everybody", "found")
def any_web_identity(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody who gets a token from a provider may assume the role."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or statement.unread_condition:
        return
    claims = _web_claims(statement)
    if any(one.condition.key.literal is None and ":" not in one.key.name.rpartition("}")[2] for one in claims):
        return  # the key itself is not known
    for principal in statement.principals:
        issuer = _issuer(subject, principal)
        telling = claims if issuer is None or not issuer.claims else [one for one in claims if _is_one_of(one, issuer.claims)]
        answer = _open(telling)
        if issuer and answer.certainty:
            keys = [f"{one.condition.operator} {one.condition.key}" for one in claims]
            found = f"{listed(keys)} alone" if keys else "no condition on its claims"
            facts = {"principal": str(principal.text), "everybody": issuer.everybody, "found": found}
            yield Hit(principal.span, answer, facts, principal.when)


def _is_one_of(verdict: Verdict, claims: tuple[str, ...]) -> bool:
    return verdict.key.name.endswith(tuple(f":{claim}" for claim in claims))


@says("subject", "everybody")
def wide_web_subject(subject: StatementSubject) -> Iterator[Hit]:
    """The subject has a wildcard where the organization, the project or the namespace should stand."""
    statement = subject.statement
    if not statement.allows or statement.not_principals:
        return
    issuers = [issuer for principal in statement.principals if (issuer := _issuer(subject, principal)) and issuer.subject]
    for verdict in _web_claims(statement) if issuers else ():
        if _claim(verdict) == "sub" and _is_pattern(verdict):
            for value in verdict.condition.values:
                answer = _stated(value.text, issuers[0])
                if answer.certainty:
                    facts = {"subject": str(value.text), "everybody": issuers[0].everybody}
                    yield Hit(value.span, answer, facts, value.when)


def _stated(text: Text, issuer: _Issuer) -> Answer:
    """Whether a subject leaves open whose token it is; to take it as a parameter is not held against it."""
    free = text.symbol is not None and text.symbol.free
    return NO if text.literal == "*" or free else judge(text, lambda known: _chooses_nobody(known, issuer))


def _chooses_nobody(text: str, issuer: _Issuer) -> bool:
    """Whether a subject pattern has a wildcard where it should name somebody."""
    where = compile_pattern(issuer.subject).match(text)
    return text[:1] in ("*", "?") or (where is not None and text[where.end() :][:1] in ("*", "?"))


@says("operator", "claim")
def for_all_values(subject: StatementSubject) -> Iterator[Hit]:
    """A condition on a claim that a token without the claim passes."""
    statement = subject.statement
    if not statement.allows or not any(principal.kind == "Federated" for principal in statement.principals):
        return
    for verdict in _web_claims(statement):
        operator = operators.read(verdict.condition.operator)
        spoken_for = verdict.key.name.startswith(_GITHUB) and _claim(verdict) in _GITHUB_CLAIMS
        if operator.over == "forallvalues" and verdict.quality is Quality.DECORATIVE and not operator.negated and not spoken_for:
            key = verdict.condition.key
            yield Hit(key.span, CERTAIN, {"operator": verdict.condition.operator, "claim": str(key)}, verdict.condition.when)


@says("principal", "provider")
def no_audience(subject: StatementSubject) -> Iterator[Hit]:
    """A provider's tokens are taken whatever application they were made for."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or statement.unread_condition:
        return
    audience = [one for one in verdicts(statement) if _is_one_of(one, ("aud", "app_id", "azp", "oaud")) and not _is_null(one)]
    for principal in statement.principals:
        if principal.kind == "Federated" and not any(one.quality >= Quality.WEAK for one in audience):
            kind = "SAML" if ":saml-provider/" in str(principal.text).lower() else "OIDC"
            yield Hit(principal.span, facts={"principal": str(principal.text), "provider": kind}, when=principal.when)


@says("subject")
def pull_request_subject(subject: StatementSubject) -> Iterator[Hit]:
    """Workflows of pull requests may assume the role: whoever may open one writes what runs."""
    statement = subject.statement
    if not statement.allows or not any(_is_github(subject, principal) for principal in statement.principals):
        return
    for verdict in _claims(statement):
        for value in verdict.condition.values if _claim(verdict) == "sub" and verdict.quality >= Quality.WEAK else ():
            what = str(value.text).split(":", 2)[-1]  # behind the repository's name
            if what == _PULL_REQUEST or (_is_pattern(verdict) and covers(what, _PULL_REQUEST)):
                yield Hit(value.span, facts={"subject": str(value.text)}, when=value.when)
                return
