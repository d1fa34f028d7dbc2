"""Which statements does a place hold? Documents, single statements, and grants that a resource spreads over fields.

Each line of ``data/grants.tsv`` tells how fields are read as a statement that allows something:

    type, path      a place of kind grant, as in places.tsv
    actions         the property with the actions, or the actions themselves
    principals      the property with the principals; empty when the place itself names them
    resource        the property with the ARN; an ARN's beginning and the property with its name; or ``self``
    conditions      operator, key and property, by ``|``; or the fields that hold operator, key and values, and the property of
                    such conditions; ``?`` stands for a condition that is not read

Properties: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

import os
from collections.abc import Iterator
from functools import cache

from rolelint.iam.conditions import demands
from rolelint.iam.documents import Document, read_documents
from rolelint.iam.elements import Condition, Pattern, PrincipalPattern
from rolelint.iam.patterns import as_letters, readings
from rolelint.iam.places import HERE, Place
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Problem
from rolelint.template import data
from rolelint.template.evaluate import Scope, evaluate, function_call
from rolelint.template.intrinsics import get_att
from rolelint.template.references import pseudo
from rolelint.template.template import Template
from rolelint.template.values import (
    Fields,
    Hole,
    Literal,
    Piece,
    Text,
    Unknown,
    Value,
    alternatives,
    branches,
    elements,
    plain_text,
)
from rolelint.tuples import NamedTuple

_TABLE = os.path.join(HERE, "grants.tsv")
_SYMBOL = pattern(r"(\$\{\w+\})")
_STACK = {"${Partition}": "AWS::Partition", "${Region}": "AWS::Region", "${Account}": "AWS::AccountId"}

_LIST = ("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions")
_LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
_ACLS = {
    "authenticatedread": ("AWS", "*", _LIST),
    "logdeliverywrite": ("Group", _LOG_DELIVERY, ("s3:GetBucketAcl", "s3:PutObject")),
    "publicread": ("*", "*", _LIST),
    "publicreadwrite": ("*", "*", (*_LIST, "s3:PutObject")),
}
"""What a canned ACL lets whom do: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl"""


class _Form(NamedTuple):
    """A line of the table."""

    actions: str
    principals: str
    resource: str
    conditions: str


def read_place(place: Place, template: Template, problems: list[Problem]) -> Iterator[Document]:
    """What a place says, as policy documents, whatever its shape; nothing for a grant that has no form as a statement."""
    if isinstance(place.node, Unknown):
        yield Document(place.node.node, place.when, None, place.row.encoding, (), (place.node,))
        return
    scope = Scope(template, place.when)
    match place.row.shape:
        case "document":
            # As text is what the function makes of it; its nodes are read as the document that they are.
            as_text = (function_call(place.node) or ("",))[0] == "Fn::ToJsonString"
            for document in read_documents(place.node, scope, problems):
                yield document._replace(encoding="string") if as_text else document
        case "statement" | "statements":
            yield from read_documents(_wrapped(place.node), scope, problems)
        case "fields" if place.row.kind == "grant":
            read = _acls if place.resource.type == "AWS::S3::Bucket" else _in_each_branch
            statements = tuple(read(place, place.node, scope))
            if statements:
                yield Document(place.node, place.when, None, "object", statements, ())


def missing_source(statement: Statement) -> tuple[str, ...]:
    """The properties without which a service may use a grant on behalf of anybody.

    A service that acts for many customers tells them apart by source: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    if not any(principal.kind == "Service" for principal in statement.principals):
        return ()
    keys = {condition.name for condition in statement.conditions if demands(condition)}
    if not keys & {"aws:sourcearn", "aws:sourceaccount", "aws:principalorgid", "lambda:eventsourcetoken"}:
        return ("SourceArn", "SourceAccount")
    # A bucket's ARN has no account, and somebody else may create the bucket once it is gone.
    arns = [as_letters(value.text) for one in statement.conditions if one.name == "aws:sourcearn" for value in one.values]
    by_s3 = "aws:sourcearn" in keys and any(str(one.text).startswith("s3.") for one in statement.principals)
    of_bucket = by_s3 or any(arn.split(":")[2:3] == ["s3"] for arn in arns)
    return ("SourceAccount",) if of_bucket and "aws:sourceaccount" not in keys else ()


def _wrapped(node: Node) -> Node:
    """A document around a statement, or a list of them, that stands alone; its nodes stand where the statement does."""
    call = function_call(node)
    if call and call[0] == "Ref":
        return node
    _, origin, number, *_ = node
    if isinstance(node, Scalar) or (call and call[0] in ("Fn::Sub", "Fn::Join")):
        pieces = (Scalar('{"Statement":', origin, number), node, Scalar("}", origin, number))
        joined = Sequence((Scalar("", origin, number), Sequence(pieces, origin, number)), origin, number)
        return Mapping((Entry(Scalar("Fn::Join", origin, number), joined),), origin, number)
    return Mapping((Entry(Scalar("Statement", origin, number), node),), origin, number)


@cache
def _form(kind: str, path: str) -> _Form | None:
    return next((_Form(*columns) for at, *columns in data.lines(_TABLE, kind) if at == path), None)


def _in_each_branch(place: Place, node: Node, scope: Scope) -> Iterator[Statement]:
    """A grant under each combination of what decides about its conditions: in some branches they may not be there."""
    for grant in _granted(place, node, scope):
        whens = {assumption.condition for one in grant.conditions for value in one.values for assumption in value.when}
        for under in branches(whens, place.when):
            if under == place.when:
                yield grant
            else:
                yield from _granted(place._replace(when=under), node, scope._replace(when=under))


def _granted(place: Place, node: Node, scope: Scope) -> Iterator[Statement]:
    form = _form(place.resource.type, "/".join(place.row.path) or ".")
    if form is None:
        return
    fields = _Properties(node, scope)
    actions = fields.patterns(form.actions) if ":" not in form.actions else _known(form.actions.split(" "), node)
    named = fields.patterns(form.principals) if form.principals else tuple(_texts(evaluate(node, scope), scope))
    effect = fields.patterns("Effect")
    elements_at = [("Action", form.actions), ("Principal", form.principals), ("Resource", form.resource.split(" ")[-1])]
    yield Statement(
        number=0,
        node=node,
        when=place.when,
        effect=str(effect[0].text) if effect else "Allow",
        sid=None,
        actions=actions,
        not_actions=False,
        resources=_resources(
            place, form.resource, _Properties(place.resource.properties or node, scope) if place.row.path else fields
        ),
        not_resources=False,
        principals=tuple(PrincipalPattern(_principal_kind(one.text), one.text, one.when) for one in named),
        not_principals=False,
        conditions=tuple(_conditions(form.conditions, fields)),
        unknown=tuple(fields.unread("Condition") if form.conditions.startswith("?") else ()),
        element_keys=tuple(
            (name, plain_text(entry.key.text, entry.key))
            for name, at in elements_at
            if (entry := fields.entry(at.partition("=")[0]))
        ),
    )


class _Properties(NamedTuple):
    """The properties that make a grant, and what they are read against."""

    node: Node
    scope: Scope

    def entry(self, path: str) -> Entry | None:
        """A property, or one below it (``Grantee/GranteeIdentifier``)."""
        node: Node | None = self.node
        found = None
        for name in path.split("/"):
            found = node.entry(name) if isinstance(node, Mapping) else None
            node = found.value if found else None
        return found

    def value(self, name: str) -> Value | None:
        entry = self.entry(name)
        return None if entry is None else evaluate(entry.value, self.scope)

    def patterns(self, name: str) -> tuple[Pattern, ...]:
        return tuple(_texts(self.value(name), self.scope))

    def unread(self, name: str) -> Iterator[Unknown]:
        entry = self.entry(name)
        if entry:
            yield Unknown("a condition given as text", entry.value)


def _texts(value: Value | None, scope: Scope) -> Iterator[Pattern]:
    for when, known in elements(value, scope.when):
        if isinstance(known, Text):
            yield Pattern(known, when)


def _known(texts: list[str], node: Node) -> tuple[Pattern, ...]:
    return tuple(Pattern(plain_text(text, node)) for text in texts)


def _principal_kind(text: Text) -> str:
    """What a principal is by its form; a parameter's default tells what its author takes it for."""
    shown = str(text)
    meant = (text.symbol and text.symbol.default) or shown
    return "*" if shown == "*" else "Service" if ".amazonaws.com" in meant or "${AWS::URLSuffix}" in meant else "AWS"


def _resources(place: Place, how: str, fields: _Properties) -> tuple[Pattern, ...]:
    if how == "self":
        value = get_att(place.resource.id, "Arn", place.resource.key, fields.scope)
        return tuple(_texts(value, fields.scope))
    beginning, _, name = how.rpartition(" ")
    name, _, default = name.partition("=")
    given = fields.patterns(name) or (_known([default], fields.node) if default else ())
    return tuple(one._replace(text=_arn(beginning, one.text)) for one in given)


def _arn(beginning: str, name: Text) -> Text:
    """The ARN of what a property names; an ARN as it is, and also a symbol, which may stand for one."""
    match name.pieces:
        case (Literal(text=text), *_) if beginning and not text.startswith("arn:"):
            return name._replace(pieces=(*_pieces(beginning, name.node), *name.pieces))
        case (Hole(symbol=symbol), *_) if beginning and symbol.kind == "name":
            return name._replace(pieces=(*_pieces(beginning, name.node), *name.pieces))
        case _:
            return name


def _pieces(form: str, node: Node) -> Iterator[Piece]:
    for part in filter(None, _SYMBOL.split(form)):
        symbol = pseudo(_STACK.get(part, ""))
        yield Hole(symbol, node) if symbol else Literal(part, node, -1)


def _conditions(how: str, fields: _Properties) -> Iterator[Condition]:
    for words in filter(None, how.split("|")):
        match words.split(" "):
            case [operator, key, name]:
                values = fields.patterns(name)
                if values:
                    yield Condition(operator, plain_text(key, values[0].text.node), values, fields.scope.when)
            case [*names, name]:
                yield from _spelled_out(names, fields.value(name), fields.scope)


def _spelled_out(names: list[str], value: Value | None, scope: Scope) -> Iterator[Condition]:
    """Conditions given as fields: one holds the operator, one the key and one the values."""
    for when, known in elements(value, scope.when):
        operator, key, values = (
            (known.get(name) for name in names) if isinstance(known, Fields) and len(names) > 1 else (None,) * 3
        )
        if isinstance(operator, Text) and isinstance(key, Text):
            yield Condition(str(operator), key, tuple(_texts(values, scope)), when)


def _acls(place: Place, node: Node, scope: Scope) -> Iterator[Statement]:
    """What each canned ACL that a bucket has, or may have by what its parameter allows or keeps, lets whom do."""
    for when, known in alternatives(evaluate(node, scope), scope.when):
        if isinstance(known, Text):
            texts = [known.literal] if known.literal is not None else [reading.text for reading in readings(known)]
            for name in dict.fromkeys(text.lower() for text in texts):
                if name in _ACLS:
                    yield _acl(place, node, scope._replace(when=when), name)


def _acl(place: Place, node: Node, scope: Scope, name: str) -> Statement:
    """A canned ACL: what it lets whom do, for the groups that are not this account."""
    kind, who, actions = _ACLS[name]
    bucket = [one.text for one in _texts(get_att(place.resource.id, "Arn", place.resource.key, scope), scope)]
    objects = [text._replace(pieces=(*text.pieces, Literal("/*", text.node, -1))) for text in bucket]
    return Statement(
        number=0,
        node=node,
        when=scope.when,
        effect="Allow",
        sid=None,
        actions=_known(list(actions), node),
        not_actions=False,
        resources=tuple(map(Pattern, (*bucket, *objects) if "s3:PutObject" in actions else bucket)),
        not_resources=False,
        principals=(PrincipalPattern(kind, plain_text(who, node)),),
        not_principals=False,
        conditions=(),
        unknown=(),
        element_keys=(),
    )
