"""Who may call a function? Everybody, or a service on behalf of anybody; grants that a resource spreads over fields."""

from collections.abc import Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.engine.checks.opened import doing, type_of
from rolelint.engine.checks.strangers import everybody, known, public
from rolelint.engine.checks.written import entry_of, is_set_to
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject, TemplateSubject
from rolelint.iam.arns import fields
from rolelint.iam.conditions import demands
from rolelint.iam.globs import covers
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, judge
from rolelint.iam.permissions import missing_source
from rolelint.iam.statements import Statement

_FACTS = ("actions", "doing", "principal")
_NO_SOURCE = ("cloudformation.", "elasticloadbalancing.", "lambda.")
"""Services that call a function for a macro or in another way, and are not documented to tell for whom.

A load balancer calls functions of its own account only:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""


@says(*_FACTS)
def public_function(subject: StatementSubject) -> Iterator[Hit]:
    """Every AWS account may call a function, be it by a URL that asks for a signature: each account can make one.

    A caller from another account needs the permission on both sides, and gives it to itself on its own.
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    if type_of(subject) != "AWS::Lambda::Permission":
        return
    if not _is_for_url(subject.statement):
        yield from public(subject)
    elif _asks_for_signature(subject.statement):
        yield from _public_url(subject)


@says(*_FACTS)
def public_function_url(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may call a function by its URL."""
    if type_of(subject) == "AWS::Lambda::Permission" and _is_for_url(subject.statement):
        yield from () if _asks_for_signature(subject.statement) else _public_url(subject)


def _public_url(subject: StatementSubject) -> Iterator[Hit]:
    statement = subject.statement
    if _invokes(statement, "lambda:InvokeFunctionUrl"):  # a URL needs a second grant, which opens nothing without the first
        sure = [one for one in statement.conditions if not one.name.startswith("lambda:")]
        yield from public(subject._replace(statement=statement._replace(conditions=tuple(sure))))


@says("url")
def unsigned_url(subject: TemplateSubject) -> Iterator[Hit]:
    """The URL of a function takes requests that nobody has signed; who may send them is for permissions to say."""
    template = subject.access.template
    for resource in template.resources.values():
        entry = entry_of(resource.properties, "AuthType") if resource.type == "AWS::Lambda::Url" else None
        answer = is_set_to(template, entry.value, "none") if entry else NO
        if entry and answer.certainty:
            yield Hit(entry.value.span, answer, {"url": resource.id})


def _asks_for_signature(statement: Statement) -> bool:
    """Whether a grant is for a URL that answers only requests which somebody with an AWS account has signed."""
    named = [judge(value.text, lambda text: text == "AWS_IAM") for one in statement.conditions for value in one.values]
    return any(answer.certainty is Certainty.CERTAIN for answer in named)


def _is_for_url(statement: Statement) -> bool:
    """Whether a grant is what a function's URL needs, rather than one to call the function itself."""
    names = {(action.text.literal or "").lower() for action in statement.actions}
    by_url = any(
        one.name.startswith(("lambda:functionurlauthtype", "lambda:invokedviafunctionurl")) for one in statement.conditions
    )
    return names == {"lambda:invokefunctionurl"} or (by_url and names == {"lambda:invokefunction"})


def _invokes(statement: Statement, action: str) -> bool:
    """Whether a statement takes in an action."""
    return any(covers(one.text.literal or "", action, any_case=True) for one in statement.actions)


@says(*_FACTS)
def public_layer(subject: StatementSubject) -> Iterator[Hit]:
    """Everybody may fetch a layer."""
    if type_of(subject) == "AWS::Lambda::LayerVersionPermission":
        yield from public(subject)


@says("principal")
def service_without_source(subject: StatementSubject) -> Iterator[Hit]:
    """A service may call a function on behalf of anybody."""
    yield from _without(subject, "SourceArn")


@says("principal")
def bucket_without_account(subject: StatementSubject) -> Iterator[Hit]:
    """A service may call a function for a bucket by name, whoever owns the name."""
    if "SourceArn" not in missing_source(subject.statement):
        yield from _without(subject, "SourceAccount")


def _without(subject: StatementSubject, wanted: str) -> Iterator[Hit]:
    statement = subject.statement
    if type_of(subject) != "AWS::Lambda::Permission" or not statement.allows or wanted not in missing_source(statement):
        return
    for principal in statement.principals:
        symbol = principal.text.symbol
        meant = symbol.default if symbol and symbol.default else str(principal.text)
        if principal.kind == "Service" and not meant.startswith(_NO_SOURCE):
            answer = Answer(Certainty.POSSIBLE, (f"{symbol.name} keeps its default",)) if symbol else CERTAIN
            yield Hit(principal.span, answer, {"principal": str(principal.text)}, principal.when)


@says("principal", "found")
def every_route(subject: StatementSubject) -> Iterator[Hit]:
    """An API may call a function for every stage, method and path."""
    statement = subject.statement
    if type_of(subject) != "AWS::Lambda::Permission" or not statement.allows:
        return
    sources = (value for one in statement.conditions if one.name == "aws:sourcearn" for value in one.values)
    for value in sources:
        answer = known(value.text, _is_every_route)
        if answer.certainty:
            facts = {"principal": listed([str(one.text) for one in statement.principals]), "found": str(value.text)}
            yield Hit(value.span, answer, facts, value.when)


def _is_every_route(arn: str) -> bool:
    """Whether an ARN is ``…:api-id/stage/method/path`` with nothing but stars behind the API's id.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
    """
    given = fields(arn)
    if given is None or given[2] != "execute-api":
        return False
    _, slash, route = given[5].partition("/")
    return set(route) <= {"*", "/"} and "*" in route if slash else given[5].endswith("*")


@says("principal", "found")
def any_service(subject: StatementSubject) -> Iterator[Hit]:
    """Any service may call a function, as long as it does so for a chosen source."""
    statement = subject.statement
    if type_of(subject) != "AWS::Lambda::Permission" or not statement.allows:
        return
    sources = [one for one in statement.conditions if one.name in ("aws:sourcearn", "aws:sourceaccount") and demands(one)]
    if not sources or any(one.name.startswith(("aws:principal", "lambda:")) for one in statement.conditions):
        return
    for principal in statement.principals:
        answer = everybody(principal)
        if answer.certainty:
            found = listed([str(value.text) for one in sources for value in one.values])
            yield Hit(principal.span, answer, {"principal": str(principal.text), "found": found}, principal.when)


@says("actions", "principal", "doing")
def more_than_invoke(subject: StatementSubject) -> Iterator[Hit]:
    """Somebody may do more with a function than call it."""
    statement = subject.statement
    if type_of(subject) != "AWS::Lambda::Permission" or not statement.allows:
        return
    for action in statement.actions:
        answer = judge(action.text, _is_more_than_invoke)
        if answer.certainty:
            facts = {"actions": str(action.text), "principal": listed([str(one.text) for one in statement.principals])}
            yield Hit(action.span, answer, {**facts, "doing": doing(subject, "AWS::Lambda::")}, action.when)


def _is_more_than_invoke(text: str) -> bool:
    return any(not action.name.startswith("Invoke") for action in catalogue.expand(text) if action.service == "lambda")
