"""What does a policy document hold? As a mapping, or as JSON text that may have references inside."""

from collections.abc import Iterable, Iterator, Sequence

from rolelint.catalogue import actions as catalogue
from rolelint.iam.conditions import always_holds, is_over, never_holds, opposite
from rolelint.iam.denials import Denial
from rolelint.iam.elements import Condition, Pattern, PrincipalPattern, is_every_action
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement, read_statements
from rolelint.syntax.embedded import read_embedded
from rolelint.syntax.nodes import Node
from rolelint.syntax.source import Problem
from rolelint.syntax.unreadable import Unreadable
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.stand_ins import parsable
from rolelint.template.values import Fields, Items, Text, Unknown, Value, When, alternatives, both
from rolelint.tuples import NamedTuple

MOST_PATTERNS = 4_096
"""Actions, resources and principals in one document; the largest policies of AWS take 32 KB, one in eight letters of it."""

MOST_STATEMENTS = 1_000
"""Statements in one document; the shortest takes 40 letters."""

LONGEST_PATTERN = 2_048
"""Letters of an action, resource or principal; no ARN of AWS has more."""


class Document(NamedTuple):
    """A policy document. ``encoding`` is object or string; ``unknown`` holds the parts that could not be evaluated."""

    node: Node
    when: When
    version: str | None
    encoding: str
    statements: tuple[Statement, ...]
    unknown: tuple[Unknown, ...]


def read_documents(node: Node, scope: Scope, problems: list[Problem]) -> Iterator[Document]:
    """The documents that a node may be, one for each branch of conditions around the whole."""
    for when, known in alternatives(evaluate(node, scope), scope.when):
        match known:
            case Fields():
                yield _document(known, when, "object", problems)
            case Text():
                yield _from_text(known, scope._replace(when=when), problems)
            case Unknown():
                yield Document(known.node, when, None, "object", (), (known,))
            case Items():
                problems.append(Problem("unreadable-policy", "a policy document must be a mapping, not a list", known.node.span))


def _document(fields: Fields, when: When, encoding: str, problems: list[Problem]) -> Document:
    statements: list[Statement] = []
    unknown: list[Unknown] = []
    statement = fields.get("Statement", "statement")
    if statement is None:
        problems.append(Problem("unreadable-policy", "a policy document needs a Statement", fields.node.span.on_one_line()))
    for found in read_statements(statement, when, problems):
        if isinstance(found, Statement):
            statements.append(found._replace(idle=_is_idle(found)))
        else:
            unknown.append(found)
    if excess := _excess(statements):
        message = f"{excess}, more than any policy can hold; it is not judged"
        problems.append(Problem("unreadable-policy", message, fields.node.span.on_one_line()))
        statements = []
    version: Value | None = fields.get("Version")
    shown = str(version) if isinstance(version, Text) else None
    return with_denials(Document(fields.node, when, shown, encoding, tuple(statements), tuple(unknown)), denials(statements))


def _excess(statements: Sequence[Statement]) -> str:
    """What there is so much of that judging it would take minutes; nothing in a policy that AWS accepts."""
    patterns = [one.text for each in statements for some in (each.actions, each.resources, each.principals) for one in some]
    if len(patterns) > MOST_PATTERNS:
        return f"it names {len(patterns):,} actions, resources and principals"
    if (many := len({statement.number for statement in statements})) > MOST_STATEMENTS:
        return f"it has {many:,} statements"
    longest = max((len(str(text)) for text in patterns), default=0)
    return f"an action, resource or principal of it has {longest:,} letters" if longest > LONGEST_PATTERN else ""


def _is_idle(statement: Statement) -> bool:
    """Whether a statement never applies: everything is excepted, its time is over, or no request carries what it asks for."""
    return (
        any(True for _ in nothing_left(statement))
        or any(is_over(one) for one in statement.conditions if not one.when)
        or (bool(statement.conditions) and _asks_for_too_much(statement))
    )


def nothing_left(statement: Statement) -> Iterator[tuple[Pattern | PrincipalPattern, str]]:
    """The exceptions of a statement that leave nothing, each with its element: a star in a NotAction, for one."""
    excepted: list[tuple[str, Sequence[Pattern | PrincipalPattern]]] = []
    if statement.not_actions:
        excepted.append(("NotAction", statement.actions))
    if statement.not_resources:
        excepted.append(("NotResource", statement.resources))
    if statement.not_principals:
        excepted.append(("NotPrincipal", statement.principals))
    for element, patterns in excepted:
        for one in patterns:
            if is_every_action(one.text.literal or "") and set(one.when) <= set(statement.when):
                yield one, element


def _asks_for_too_much(statement: Statement) -> bool:
    """Whether no request for an action that a statement names fits one of its conditions."""
    if any(True for _ in never_met(statement)):
        return True
    if not statement.asks_for or statement.not_actions:
        return False
    named = [catalogue.expand(one.text.literal or "") for one in statement.actions]
    services = {key.partition(":")[0] for key in statement.asks_for}
    # The services whose keys they are first: of all actions there are, most are of others.
    found = sorted((each for some in named for each in some), key=lambda each: each.service not in services)
    return all(named) and all(statement.lacks_key(each.full_name) for each in found)


def never_met(statement: Statement) -> Iterator[Condition]:
    """The conditions of a statement that no request for its actions fits."""
    actions = ["*"] if statement.not_actions else [as_letters(action.text) for action in statement.actions]
    for one in statement.conditions:
        if set(one.when) <= set(statement.when) and never_holds(one, actions, signed=not statement.principals):
            yield one


def denials(statements: Iterable[Statement]) -> tuple[Denial, ...]:
    """What some statements take away, always or under conditions."""
    return tuple(_weighed(denial, statement) for statement in statements for denial in statement.denies())


def _weighed(denial: Denial, statement: Statement) -> Denial:
    """A denial without those of its conditions that hold for every request. Only a policy of a resource meets unsigned ones."""
    actions = ("*",) if denial.not_actions else denial.actions
    kept = tuple(one for one in denial.conditions if not always_holds(one, actions, signed=not statement.principals))
    return denial._replace(conditions=kept)


def with_denials(document: Document, more: tuple[Denial, ...]) -> Document:
    """A document whose statements give less: what the denials say."""
    if not more:
        return document
    return document._replace(statements=tuple(less(statement, more) for statement in document.statements))


def less(statement: Statement, more: tuple[Denial, ...]) -> Statement:
    """A statement that gives less: what the denials say."""
    if not statement.allows:
        return statement
    there = [one for one in more if both(one.when, statement.when) is not None]
    always = tuple(one for one in there if one.always and one not in statement.denials)
    limits = tuple(one for one in there if not one.always and one not in statement.limits)
    statement = statement._replace(denials=(*statement.denials, *always), limits=(*statement.limits, *limits))
    implied = tuple(left for one in limits if (left := _left_by(one, statement)))
    return statement._replace(implied=(*statement.implied, *implied)) if implied else statement


def _left_by(denial: Denial, statement: Statement) -> Condition | None:
    """The condition under which an Allow still gives something, if a Deny with one condition is about all of it."""
    if len(denial.conditions) != 1 or denial.doubt or statement.not_actions or not statement.actions:
        return None
    about_all = all(denial in statement.limits_on(as_letters(action.text)) for action in statement.actions)
    return opposite(denial.conditions[0]) if about_all else None


def _from_text(text: Text, scope: Scope, problems: list[Problem]) -> Document:
    """A document given as JSON text; references in it come back as the holes that they are."""
    empty = Document(text.node, scope.when, None, "string", (), ())
    if text.symbol:
        return empty._replace(unknown=(Unknown(f"the document is {text.symbol}", text.node, text.via),))
    parts = parsable(text)
    if parts is None:
        return empty._replace(unknown=(Unknown("JSON text that is computed", text.node),))
    try:
        node, odd = read_embedded(parts.chunks)
    except Unreadable as error:
        problems.append(Problem("unreadable-policy", f"the policy is not JSON: {error.reason}", text.span.on_one_line()))
        return empty
    problems += odd
    value = evaluate(node, scope._replace(stand_ins=parts.stand_ins))
    if isinstance(value, Fields):
        return _document(value, scope.when, "string", problems)
    problems.append(Problem("unreadable-policy", "the policy is JSON, but not an object", text.span.on_one_line()))
    return empty
