"""Can whom a statement names ever be a caller? The form of principals, and the actions that suit them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Iterator
from functools import cache
from re import Pattern as Form

from rolelint.engine.checks.grammar import is_written, member
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.arns import FIELDS
from rolelint.iam.elements import PrincipalPattern
from rolelint.iam.globs import HOLE, covers, is_hole
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Scalar
from rolelint.syntax.regex import pattern as compile_pattern

_KINDS = ("AWS", "Service", "Federated", "CanonicalUser", "*")
_NEVER_A_STAR = ("Federated", "CanonicalUser")
_DELETED = r"(?:AIDA|AROA|AGPA|ANPA|ASIA)[A-Z0-9]{12,}"
_FORMS = {
    "AWS": (
        (
            rf"\d{{12}}|{HOLE}|{_DELETED}|arn:(?:aws[a-z-]*|{HOLE}):(?:"
            rf"iam::(?:\d{{12}}|{HOLE}):(?:root|(?:user|role|federated-user)/.+|{HOLE}+)"
            rf"|sts::(?:\d{{12}}|{HOLE}):(?:self|(?:assumed-role|federated-user)/.+|{HOLE}+)"
            r"|iam::cloudfront:user/CloudFront Origin Access Identity .+)"
        ),
        "",
    ),
    "Service": (
        rf"(?:[a-z0-9-]|{HOLE})+(?:\.(?:[a-z0-9-]|{HOLE})+)*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|{HOLE})|.*{HOLE}",
        "services have names like lambda.amazonaws.com",
    ),
    "Federated": (
        (
            rf"arn:(?:aws[a-z-]*|{HOLE}):iam::(?:\d{{12}}|{HOLE}):(?:(?:oidc|saml)-provider/.+|{HOLE}+)"
            r"|cognito-identity(?:-us-gov)?\.amazonaws\.com|www\.amazon\.com|graph\.facebook\.com|accounts\.google\.com"
        ),
        "identities come from the ARN of a SAML or OIDC provider",
    ),
    "CanonicalUser": (rf"[0-9a-f]{{64}}|.*{HOLE}.*", "the canonical id of an account has 64 hexadecimal digits"),
    "role": (rf"arn:(?:aws[a-z-]*|{HOLE}):iam::(?:\d{{12}}|{HOLE}+):(?:role(?:/|{HOLE}).+|{HOLE}+)|{HOLE}.*", ""),
}
"""The form of each kind of principal, and of a role where nothing else may stand, and what to say of one that has another."""


@cache
def _form(kind: str) -> Form[str]:
    return compile_pattern(_FORMS[kind][0])


@says("principal", "problem")
def malformed_principal(subject: StatementSubject) -> Iterator[Hit]:
    """A principal of a kind or a form that no policy may have; wildcards and deleted identities are told by other rules."""
    if not is_written(subject.statement):
        return
    for name in ("principal", "notprincipal"):
        node = member(subject.statement.node, name)
        if isinstance(node, Scalar) and not node.tag and node.text not in ("*", ""):
            problem = "a principal stands under its kind, such as AWS or Service"
            yield Hit(node.span, facts={"principal": node.text, "problem": problem}, when=subject.statement.when)
            return
    for pattern in subject.statement.principals:
        problem = _problem(pattern)
        if problem:
            yield Hit(pattern.span, facts={"principal": str(pattern.text), "problem": problem}, when=pattern.when)
            return


def _problem(pattern: PrincipalPattern) -> str:
    text = as_letters(pattern.text)
    if pattern.kind not in _KINDS:
        close = next((kind for kind in _KINDS if kind.lower() == pattern.kind.lower()), "")
        return f"{pattern.kind} is no kind of principal" + (f", {close} is" if close else "")
    starred = text == "*" and pattern.kind in _NEVER_A_STAR
    open_ended = is_hole(text[:1]) or bool(set(text) & set("*?<>{}"))
    if (open_ended and not starred) or pattern.kind not in _FORMS or _form(pattern.kind).fullmatch(text):
        return ""
    return _FORMS[pattern.kind][1] or _why_not(text)


def _why_not(text: str) -> str:
    if text.endswith((".amazonaws.com", ".amazon.com")):
        return "a service belongs under Service"
    if text.isdigit():
        return f"an account id has 12 digits, this has {len(text)}"
    if ":group/" in text:
        return "a group is no principal, only its users are"
    if text.startswith("arn:") and text.count(":") >= FIELDS - 1 and text.split(":")[2] not in ("iam", "sts", ""):
        return "it is the ARN of a resource, which calls nothing"
    return "it is neither an account id nor the ARN of a role, a user or a session"


@cache
def _deleted() -> Form[str]:
    return compile_pattern(_DELETED)


@says("principal")
def deleted_principal(subject: StatementSubject) -> Iterator[Hit]:
    """A unique id where an ARN was: IAM puts it there when the role or user is deleted."""
    for pattern in subject.statement.principals:
        if pattern.kind == "AWS" and _deleted().fullmatch(pattern.text.literal or ""):
            yield Hit(pattern.span, facts={"principal": str(pattern.text)}, when=pattern.when)
            return


@says("session", "role")
def redundant_session(subject: StatementSubject) -> Iterator[Hit]:
    """A session of a role beside the role, which takes in all its sessions."""
    statement = subject.statement
    texts = {one.text.literal: one for one in statement.principals if one.text.literal and one.kind == "AWS"}
    for text, pattern in texts.items():
        head, found, rest = text.partition(":assumed-role/")
        role = f"{head.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}"
        if found and role in texts and not statement.not_principals:
            yield Hit(pattern.span, facts={"session": text, "role": role}, when=pattern.when)
            return


# -- Actions that suit the principal -----------------------------------------------------------------------------------

_BY = {"plain": "sts:AssumeRole", "saml": "sts:AssumeRoleWithSAML", "web": "sts:AssumeRoleWithWebIdentity"}
_CALLERS = {
    "plain": "services and AWS accounts",
    "saml": "those whom a SAML provider vouches for",
    "web": "those whom an OIDC provider vouches for",
}
_ROUTES = frozenset(_BY.values())


@says("actions", "principal", "wanted", "callers")
def unsuited_action(subject: StatementSubject) -> Iterator[Hit]:
    """All ways in that a trust statement opens are for principals of another kind than those that it names."""
    statement = subject.statement
    literal = [one.text.literal for one in statement.actions]
    if not statement.allows or statement.not_actions or statement.not_principals or statement.unknown or None in literal:
        return
    routes = {route for route in _ROUTES if any(covers(text or "", route, any_case=True) for text in literal)}
    kinds = {_caller(one) for one in statement.principals}
    if not routes or not kinds or "" in kinds or routes & {_BY[kind] for kind in kinds}:
        return
    first = statement.principals[0]
    kind = min(kinds)
    facts = {
        "actions": listed([text or "" for text in literal]),
        "principal": str(first.text),
        "wanted": _BY[kind],
        "callers": _CALLERS[kind],
    }
    yield Hit(statement.actions[0].span, facts=facts, when=statement.when)


def _caller(pattern: PrincipalPattern) -> str:
    """How a principal assumes a role; empty when any way may be right."""
    text = as_letters(pattern.text)
    if pattern.kind in ("AWS", "Service"):
        return "" if "*" in text else "plain"
    if pattern.kind == "Federated" and ":saml-provider/" in text:
        return "saml"
    if pattern.kind == "Federated" and (":oidc-provider/" in text or text == "cognito-identity.amazonaws.com"):
        return "web"
    return ""


_SESSION_ACTIONS = {
    "pods.eks.amazonaws.com": ("sts:AssumeRole", "sts:TagSession"),
    "rolesanywhere.amazonaws.com": ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"),
}
"""What services ask for together; without one of them they get no session.

https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
"""
_NEEDED_BY_KEY = {
    "aws:requesttag": "sts:TagSession",
    "aws:tagkeys": "sts:TagSession",
    "sts:sourceidentity": "sts:SetSourceIdentity",
}


@says("what", "actions")
def lacks_session_action(subject: StatementSubject) -> Iterator[Hit]:
    """A trust statement without an action that its principal, or a key of its condition, cannot do without."""
    statement = subject.statement
    if not statement.allows or statement.not_actions or statement.unknown or not statement.actions:
        return
    for pattern in statement.principals:
        missing = _missing(statement, subject, _SESSION_ACTIONS.get(pattern.text.literal or "", ()))
        if missing and pattern.kind == "Service":
            yield Hit(pattern.span, facts={"what": str(pattern.text), "actions": listed(missing)}, when=pattern.when)
            return
    for condition in statement.conditions:
        action = _NEEDED_BY_KEY.get(condition.name.partition("/")[0])
        optional = condition.operator.lower().endswith("ifexists") or condition.operator.lower().startswith(
            ("null", "forallvalues")
        )
        if action and not optional and _missing(statement, subject, (action,)):
            yield Hit(condition.key.span, facts={"what": str(condition.key), "actions": action}, when=condition.when)
            return


def _missing(statement: Statement, subject: StatementSubject, wanted: tuple[str, ...]) -> list[str]:
    """The actions that no statement of the policy allows the same principals."""
    names = {str(one.text) for one in statement.principals}
    beside = [
        one
        for one in subject.policy.document.statements
        if one.allows and (one is statement or names & {str(who.text) for who in one.principals})
    ]
    texts = [str(pattern.text) for one in beside for pattern in one.actions if not one.not_actions]
    return [action for action in wanted if not any(covers(text, action, any_case=True) for text in texts)]


# -- Roles named elsewhere ---------------------------------------------------------------------------------------------

_INSTEAD = ("NONE", "CALLER_CREDENTIALS")
"""What SAM's APIs take in place of a role."""


@says("workload", "text")
def malformed_role_arn(subject: TemplateSubject) -> Iterator[Hit]:
    """A property that takes the ARN of a role has something else."""
    for use in subject.access.handed:
        text = as_letters(use.text)
        open_ended = not text or bool(set(text) & set("*?{}<>$"))
        if use.accepts == "arn" and not open_ended and text not in _INSTEAD and not _form("role").fullmatch(text):
            yield Hit(use.text.span, facts={"workload": use.resource.id, "text": str(use.text)})
