"""Who acts as a statement's holders? Where nobody but a service may assume a role, what the service does with it is known."""

from collections.abc import Iterable
from functools import cache

from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.subjects import AttachmentSubject, StatementSubject
from rolelint.iam.access import Principal
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import Text

_MAIL = frozenset(("ses:sendemail", "ses:sendrawemail"))
_REGION = compile_pattern(r"\.(?:\$\{AWS::Region\}|[a-z]{2}(?:-[a-z]+)+-\d)$")


def service_name(text: Text) -> str:
    """A service principal without the domain: ``vpc-flow-logs``, ``pods.eks``."""
    return str(text).partition(".amazonaws.com")[0].partition(".${AWS::URLSuffix}")[0]


def needs_everything(subject: StatementSubject, action: Action) -> bool:
    """Whether those who alone act as a statement's holders call an action on what no template can name."""
    if action.full_name.lower() in _MAIL and subject.holders:
        return all(map(is_mailer, subject.holders))
    services = _asking_for(action.full_name)
    return bool(services) and bool(actors := acting_alone(subject)) and actors <= services


def is_mailer(principal: Principal) -> bool:
    """Whether a principal is a user that may do nothing but send mail: SES's SMTP interface needs one, with every identity.

    https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
    """
    statements = [one for policy in principal.policies for one in policy.document.statements]
    return principal.resource.type == "AWS::IAM::User" and not principal.attachments and only_sends_mail(statements)


def only_sends_mail(statements: Iterable[Statement]) -> bool:
    """Whether statements allow something, and that is sending mail."""
    allows = [one for one in statements if one.allows]
    return bool(allows) and all(map(_is_about_mail, allows))


def _is_about_mail(statement: Statement) -> bool:
    actions = {str(action.text).lower() for action in statement.actions}
    return not statement.not_actions and bool(actions) and actions <= _MAIL


@cache
def _asking_for(action: str) -> frozenset[str]:
    return curated.needs_star_for(action)


def acting_alone(subject: StatementSubject | AttachmentSubject) -> frozenset[str]:
    """The services, without domain and region, that may assume a subject's holders; none if somebody else may as well."""
    found = [_trusted(holder) for holder in subject.holders]
    return frozenset().union(*found) if all(found) else frozenset()


def _trusted(holder: Principal) -> frozenset[str]:
    """The services that may assume a role; none if somebody else may, or that cannot be told."""
    documents = [policy.document for policy in holder.trust]
    statements = [one for document in documents for one in document.statements if one.allows]
    if any(document.unknown for document in documents) or any(one.not_principals for one in statements):
        return frozenset()
    principals = [principal for one in statements for principal in one.principals]
    if any(one.kind != "Service" for one in principals):
        return frozenset()
    return frozenset(_REGION.sub("", service_name(one.text)) for one in principals)
