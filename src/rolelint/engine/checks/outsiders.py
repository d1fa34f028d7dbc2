"""Which other accounts are let in? By number, by a parameter, by an organization; and does the team trust them?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from collections.abc import Iterator

from rolelint.catalogue import curated
from rolelint.engine.checks.opened import doing, given, shown, type_of
from rolelint.engine.checks.strangers import everybody, known
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import fields
from rolelint.iam.conditions import demands
from rolelint.iam.elements import Pattern, PrincipalPattern
from rolelint.iam.patterns import NO, Answer, Certainty
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern

_ARN_OF_ACCOUNT = r"arn:(?:[^:$]+|\$\{[^}]*\})"
_ROOT = compile_pattern(rf"{_ARN_OF_ACCOUNT}:iam::(\d{{12}}|\$\{{[^}}]*\}}):root|(\d{{12}})|(\$\{{AWS::AccountId\}})")
_ACCOUNT = compile_pattern(rf"(?:{_ARN_OF_ACCOUNT}:(?:iam|sts)::(\d+|\$\{{[^}}]*\}}):.*|(\d{{12}}))")
_NUMBER = compile_pattern(r"\d{12}")
OWN_ACCOUNT = "${AWS::AccountId}"
"""How a text shows the account of the stack."""

_OF_ACCOUNTS = ("aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount")
_OF_ARNS = ("aws:principalarn", "aws:sourcearn")
_OF_ORGANIZATIONS = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths")


@says("account", "actions", "doing", "principal")
def other_account(subject: StatementSubject) -> Iterator[Hit]:
    """An account that is written out, or that a parameter names, may use a resource; those that the team trusts do not count."""
    statement = subject.statement
    if not statement.allows or statement.not_principals or subject.policy.kind == "trust_policy":
        return
    for principal in statement.principals:
        account = account_of(principal)
        known_well = account in subject.trusted.accounts or is_of_aws(account) or is_own_account(subject, principal)
        if account and not known_well:
            answer = Answer(Certainty.POSSIBLE, (f"{account} is of another account than the stack's",))
            yield Hit(principal.span, answer, _facts(subject, account, str(principal.text)), principal.when)


def _facts(subject: StatementSubject, account: str, principal: str) -> dict[str, str]:
    actions, purpose = shown(subject.statement), doing(subject, type_of(subject))
    return {"account": account, "actions": actions, "doing": purpose, "principal": principal}


def account_of(principal: PrincipalPattern) -> str:
    """The account that a principal is of, if it is written out, or the parameter that tells it; nothing for the own one."""
    if principal.kind != "AWS":
        return ""
    symbol = principal.text.symbol
    if symbol and symbol.kind == "parameter":
        return str(symbol)
    found = _ACCOUNT.fullmatch(str(principal.text))
    account = (found[1] or found[2]) if found else ""
    return "" if account == OWN_ACCOUNT else account


def is_of_aws(account: str) -> bool:
    """Whether an account is one of AWS's own that its documentation tells to let in."""
    return bool(curated.aws_account(account))


def is_root(principal: PrincipalPattern) -> bool:
    """Whether a principal is an account as a whole."""
    return _ROOT.fullmatch(str(principal.text)) is not None


def is_own_account(subject: StatementSubject, principal: PrincipalPattern) -> bool:
    """Whether a principal is the stack's account as a whole; in a key's policy one account written out is taken for it."""
    root = _ROOT.fullmatch(str(principal.text))
    if principal.kind != "AWS" or root is None:
        return False
    account = root[1] or root[2] or root[3]
    if account == OWN_ACCOUNT:
        return True
    if not type_of(subject).startswith("AWS::KMS::"):
        return False
    named_in_policy = [
        _ROOT.fullmatch(str(other.text))
        for statement in subject.policy.document.statements
        for other in statement.principals
        if statement.allows
    ]
    accounts = {one[1] or one[2] or one[3] for one in named_in_policy if one}
    return OWN_ACCOUNT not in accounts and len(accounts) == 1


# -- Whom the team does not trust --------------------------------------------------------------------------------------


@says("account", "actions", "doing", "principal")
def untrusted_account(subject: StatementSubject) -> Iterator[Hit]:
    """An account that is not among those of the configuration may do more than read."""
    if subject.trusted.accounts and not _only_reads(subject):
        yield from _untrusted(subject)


@says("account", "actions", "doing", "principal")
def untrusted_reader(subject: StatementSubject) -> Iterator[Hit]:
    """An account that is not among those of the configuration may read."""
    if subject.trusted.accounts and _only_reads(subject):
        yield from _untrusted(subject)


def _only_reads(subject: StatementSubject) -> bool:
    """Whether all that a statement gives is reading, and not of secrets."""
    actions = given(subject)
    if subject.statement.not_actions or not actions:
        return False
    secret = curated.sensitive("secret_read")
    return all(action.level in ("list", "read") and action.full_name not in secret for action in actions)


def _untrusted(subject: StatementSubject) -> Iterator[Hit]:
    """The foreign accounts that a statement lets in: principals, or what conditions tell of callers that a star takes in."""
    statement, trusted = subject.statement, subject.trusted
    if not statement.allows or statement.not_principals or _is_of_organization(subject):
        return
    named = [(one.text, one.span, one.when, str(one.text)) for one in statement.principals if one.kind == "AWS"]
    callers = ", ".join(str(one.text) for one in statement.principals)
    named += [(one.text, one.span, one.when, callers) for one in _told_by_conditions(statement)]
    for text, span, when, principal in named:
        answer = known(text, lambda reading: _is_foreign(reading, trusted.accounts))
        if answer.certainty:
            found = _ACCOUNT.fullmatch(str(text))
            account = _account_in(str(text)) or (found and (found[1] or found[2])) or str(text)
            yield Hit(span, answer, _facts(subject, account, principal), when)


def _told_by_conditions(statement: Statement) -> Iterator[Pattern]:
    """The accounts and ARNs of callers that conditions ask for, where the principals themselves say nothing of them."""
    if all(principal.kind == "Service" or everybody(principal).certainty for principal in statement.principals):
        for condition in statement.conditions:
            if demands(condition) and condition.name in (*_OF_ACCOUNTS, *_OF_ARNS):
                yield from condition.values


def _is_foreign(text: str, accounts: frozenset[str]) -> bool:
    account = _account_in(text)
    return bool(account) and account not in accounts and not is_of_aws(account)


def _account_in(text: str) -> str:
    """The account that a text is, or that an ARN is of; nothing when it is none that is written out."""
    arn = fields(text)
    if arn and arn[2] == "organizations":
        return ""  # the account of whoever administers it, not that of whoever is let in
    account = arn[4] if arn else text
    return account if _NUMBER.fullmatch(account) else ""


def _is_of_organization(subject: StatementSubject) -> bool:
    """Whether a condition lets in nobody from outside the team's organization."""
    mine = subject.trusted.organization
    return bool(mine) and any(
        demands(one) and one.name in _OF_ORGANIZATIONS and all(_organization(str(value.text)) == mine for value in one.values)
        for one in subject.statement.conditions
    )


def _organization(text: str) -> str:
    """The id of the organization in an id or a path (``o-…/r-…/ou-…``)."""
    return text.partition("/")[0]


@says("key", "organization", "actions", "doing")
def untrusted_organization(subject: StatementSubject) -> Iterator[Hit]:
    """A condition lets in an organization that is not the one of the configuration."""
    statement, mine = subject.statement, subject.trusted.organization
    if not mine or not statement.allows:
        return
    for condition in statement.conditions:
        if not demands(condition) or condition.name not in _OF_ORGANIZATIONS:
            continue
        for value in condition.values:
            answer = known(value.text, lambda text: text.startswith("o-") and _organization(text) != mine)
            if answer.certainty:
                facts = _facts(subject, "", "")
                told = {"key": str(condition.key), "organization": _organization(str(value.text))}
                yield Hit(value.span, answer, {"actions": facts["actions"], "doing": facts["doing"], **told}, value.when)


# -- Principals that IAM refuses ---------------------------------------------------------------------------------------


@says("principal")
def wildcard_in_principal(subject: StatementSubject) -> Iterator[Hit]:
    """A principal has a wildcard inside its ARN or its name, where IAM takes it for a letter and refuses the policy."""
    statement = subject.statement
    for principal in statement.principals if not statement.not_principals else ():
        inside = _WITH_WILDCARD.get(principal.kind)
        answer = known(principal.text, inside) if inside else NO
        if answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


def is_wildcard_arn(text: str) -> bool:
    """Whether a text is an ARN of a principal with a wildcard inside."""
    parts = fields(text)
    return text != "*" and parts is not None and bool({"*", "?"} & set(parts[4] + parts[5]))


def _is_wildcard_name(text: str) -> bool:
    """Whether a text is the name of a service with a wildcard inside, such as ``*.amazonaws.com``."""
    return bool({"*", "?"} & set(text)) and text != "*"


_WITH_WILDCARD = {"AWS": is_wildcard_arn, "Federated": is_wildcard_arn, "Service": _is_wildcard_name}
"""What a wildcard inside is, for each kind of principal."""


@says("principal")
def wildcard_for_identity(subject: StatementSubject) -> Iterator[Hit]:
    """A policy of an identity names everybody, or all of some kind, as the principal: it was written for a resource."""
    statement = subject.statement
    if subject.policy.kind != "identity_policy" or not statement.allows or statement.not_principals:
        return
    for principal in statement.principals:
        answer = known(principal.text, lambda text: "*" in text)
        if answer.certainty:
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)
            return
