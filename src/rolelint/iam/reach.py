"""What may be used on what? The actions that statements allow, less what they deny, by resource pattern.

Pure reasoning about statements, whoever holds them; exact for wildcards, and open about all that it rests on.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.iam.arns import fields, is_star, less, meet, opened, reaches
from rolelint.iam.conditions import always_holds, restricts
from rolelint.iam.denials import Denial, leave_nothing
from rolelint.iam.documents import denials
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import loosened
from rolelint.iam.grants import fits
from rolelint.iam.patterns import Certainty, as_letters, readings
from rolelint.iam.statements import Statement
from rolelint.template.values import Text, When, both
from rolelint.tuples import NamedTuple

_MOST_SHOWN = 2


class Breadth(IntEnum):
    """How much a resource pattern takes in, from a resource of the template itself to anything."""

    OWN = 0
    NAMED = 1
    PATTERN = 2
    """A wildcard in the name."""
    KIND = 3
    """Everything of a service, or of one of its types."""
    ANY = 4


class Reach(NamedTuple):
    """Actions that may be used on one pattern of resources.

    ``resource`` is as written, ``shape`` with letters for holes. ``conditions`` are the keys, in lower case, of conditions that
    narrow it; ``exceptions`` say what denials and the boundary take away of it: "on arn:…", "if a Deny's condition on … holds".
    ``when`` must hold of the template. A reach that is only possible says what it rests on.
    """

    actions: frozenset[Action]
    breadth: Breadth
    resource: str
    shape: str
    when: When = ()
    conditions: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def certainty(self) -> Certainty:
        """Possible when it rests on assumptions."""
        return Certainty.POSSIBLE if self.assumptions else Certainty.CERTAIN


def reached(statements: Iterable[Statement], boundary: tuple[Statement, ...] = ()) -> tuple[Reach, ...]:
    """What statements allow and do not deny, within a boundary if there is one; the broadest first."""
    statements = tuple(statements)
    found = [one for statement in statements if statement.allows for one in _given(statement)]
    denies = [one for one in (*statements, *boundary) if one.effect == "Deny" and not one.idle]
    for deny in denies:
        found = [left for one in found for left in _without(one, deny)]
    if any(one.exceptions for one in found):
        together = denials(denies)
        found = [_left_of(one, together) if one.exceptions else one for one in found]
    if boundary:
        found = [kept for one in found for kept in _within(one, [each for each in boundary if each.allows])]
    alike: dict[Reach, set[Action]] = {}
    for one in found:
        alike.setdefault(one._replace(actions=frozenset()), set()).update(one.actions)
    joined = [one._replace(actions=frozenset(actions)) for one, actions in alike.items() if actions]
    return tuple(sorted(joined, key=lambda one: (-one.breadth, one.resource)))


def actions_of(found: Iterable[Reach]) -> frozenset[Action]:
    """All the actions of some reaches."""
    return frozenset[Action]().union(*(one.actions for one in found))


# -- One statement -----------------------------------------------------------------------------------------------------


def _given(statement: Statement) -> Iterator[Reach]:
    """What a statement allows, by its resource patterns."""
    actions = _meant(_actions(statement), statement)
    keys = tuple(dict.fromkeys(one.name for one in statement.conditions if restricts(one)))
    doubt = ("the condition that could not be read does not narrow it",) if statement.unread_condition else ()
    rest = Reach(frozenset(), Breadth.ANY, "*", "*", statement.when, keys, assumptions=doubt)
    if statement.not_resources:
        kept = tuple(f"on {pattern.text}" for pattern in statement.resources)
        excepted = tuple(as_letters(one.text) for one in statement.resources if set(one.when) <= set(statement.when))
        here = rest._replace(actions=actions, exceptions=kept)
        yield _left_of(here, (Denial(("*",), not_actions=False, resources=excepted),))
        return
    for pattern in statement.resources:
        shape = as_letters(pattern.text)
        when = both(statement.when, pattern.when)
        if when is None:
            continue
        fitting = actions if shape == "*" else frozenset(action for action in actions if fits(action, shape))
        here = rest._replace(resource=str(pattern.text), shape=shape, when=when)
        yield here._replace(actions=fitting, breadth=_breadth(pattern.text, shape))
        symbol = pattern.text.symbol
        for reading in readings(pattern.text) if symbol and not symbol.free else ():
            if reading.text == "*":
                yield here._replace(actions=actions, shape="*", assumptions=(*doubt, *reading.assumptions))


def _actions(statement: Statement) -> frozenset[Action]:
    named: set[Action] = set()
    for pattern in statement.actions:
        if pattern.text.literal is not None:
            named |= _expanded(pattern.text.literal)
    return frozenset(_expanded("*") - named) if statement.not_actions else frozenset(named)


def _meant(actions: frozenset[Action], statement: Statement) -> frozenset[Action]:
    """Actions without those whose requests never carry a key that conditions ask for."""
    return frozenset(one for one in actions if not statement.lacks_key(one.full_name)) if statement.asks_for else actions


def _names_all(statement: Statement) -> bool:
    """Whether all actions of a statement are known."""
    return all(pattern.text.literal is not None for pattern in statement.actions)


@cache
def _expanded(pattern: str) -> frozenset[Action]:
    return frozenset(catalogue.expand(pattern))


def _breadth(text: Text, shape: str) -> Breadth:
    if shape.strip("*") == "":
        return Breadth.ANY
    if _takes_in_a_kind(shape):
        return Breadth.KIND
    if any(symbol.kind in ("name", "attribute") for symbol in text.symbols):
        return Breadth.OWN
    return Breadth.PATTERN if set(_name(shape)) & set("*?") else Breadth.NAMED


@cache
def _takes_in_a_kind(shape: str) -> bool:
    """Whether a pattern is for all of a service or of one of its types."""
    if is_star(shape):
        return True
    given = fields(shape)
    types = catalogue.resource_types(given[2]).values() if given else ()
    return any(reaches(shape, opened(form)) for kind in types for form in kind.formats)


def _name(shape: str) -> str:
    """What names a resource in a pattern: without the objects, streams and the like below it."""
    given = fields(shape)
    last = (given[5] if given else shape).removesuffix(":*").removesuffix("/index/*").removesuffix("/stream/*")
    return last.split("/", 1)[0] if given is None or given[2] == "s3" else last


# -- What takes away ---------------------------------------------------------------------------------------------------


def _without(given: Reach, deny: Statement) -> Iterator[Reach]:
    """What a Deny leaves: the other actions, and its own where it is about other resources or depends on something."""
    taken = given.actions & _actions(deny) if deny.not_actions or _names_all(deny) else given.actions
    taken = _meant(taken, deny)
    if taken != given.actions:
        yield given._replace(actions=given.actions - taken)
    always = frozenset(one for one in taken if _is_always_denied(one, deny)) if deny.conditions else frozenset()
    for actions, conditions in ((always, ()), (taken - always, deny.conditions)):
        except_for = _excepted(given, deny._replace(conditions=conditions)) if actions else None
        if except_for is not None:
            more = (except_for,) if except_for and except_for not in given.exceptions else ()
            yield given._replace(actions=actions, exceptions=(*given.exceptions, *more))


def _is_always_denied(action: Action, deny: Statement) -> bool:
    """Whether all requests for an action fulfil the conditions of a Deny."""
    signed = not deny.principals
    name = action.full_name
    return all(always_holds(one, (name,), signed=signed) or one.always_holds_for(name) for one in deny.conditions)


def _left_of(given: Reach, denied: tuple[Denial, ...]) -> Reach:
    """A reach without the actions of which denials leave nothing: several together, or one that names all of a kind."""
    named = {parts[2] if (parts := fields(pattern)) else "*" for one in denied for pattern in one.resources}
    about = given.actions if "*" in named or given.shape != "*" else {one for one in given.actions if one.service in named}
    gone = {one for one in about if leave_nothing(denied, one.full_name, (given.shape,), given.when)}
    return given._replace(actions=given.actions - gone) if gone else given


def _excepted(given: Reach, deny: Statement) -> str | None:
    """What a Deny of these actions takes away, in words that follow "except": nothing if empty, everything if None."""
    if both(given.when, deny.when) is None:
        return ""
    if (deny.unknown and not deny.unread_condition) or not _names_all(deny):
        return "where a Deny that could not be read applies"
    shapes = [as_letters(pattern.text) for pattern in deny.resources]
    inside, apart = less([given.shape], shapes).empty, _apart(given, shapes)
    if inside if deny.not_resources else apart:
        return ""
    everywhere = apart if deny.not_resources else inside
    where = "" if everywhere else "on " + _listed("all but " if deny.not_resources else "", deny.resources)
    under = _depends(given, deny)
    return " ".join(filter(None, (where, f"if {under}" if under else ""))) or None


def _depends(given: Reach, deny: Statement) -> str:
    """What a Deny depends on, in words; empty when it applies wherever what is given does."""
    when = dict.fromkeys((*deny.when, *(one for pattern in deny.resources for one in pattern.when)))
    return " and ".join(
        dict.fromkeys(
            (
                *(f"a Deny's condition on {one.name} holds" for one in deny.conditions),
                *(
                    f"the template's condition {one.condition} {'holds' if one.holds else 'does not hold'}"
                    for one in when
                    if one not in given.when
                ),
                *(("a Deny's condition that could not be read holds",) if deny.unread_condition else ()),
            )
        )
    )


def _apart(given: Reach, shapes: list[str]) -> bool:
    """Whether a reach has no resource in common with patterns, whatever their holes and variables stand for."""
    return not any(meet(_loose(given.shape), _loose(shape)) for shape in shapes)


def _loose(shape: str) -> str:
    return opened(loosened(shape))


def _listed(before: str, patterns: tuple[Pattern, ...]) -> str:
    shown = [str(pattern.text) for pattern in patterns[:_MOST_SHOWN]]
    more = f" and {len(patterns) - _MOST_SHOWN} more" if len(patterns) > _MOST_SHOWN else ""
    return before + ", ".join(shown) + more


# -- A boundary --------------------------------------------------------------------------------------------------------


def _within(given: Reach, boundary: list[Statement]) -> Iterator[Reach]:
    """What a boundary lets through: it must allow an action on the resource as well, under its own conditions."""
    let_through: set[Action] = set()
    for statement in sorted(boundary, key=lambda one: len(one.conditions)):
        actions = given.actions & _actions(statement) - let_through
        if actions:
            here = given._replace(actions=actions)
            kept = [one for limit in _given(statement) if (one := _narrowed(here, limit))]
            let_through |= {action for one in kept if one.shape == given.shape and not one.exceptions for action in one.actions}
            yield from kept


def _narrowed(given: Reach, limit: Reach) -> Reach | None:
    """What two reaches have in common, None if nothing."""
    actions = given.actions & limit.actions
    when = both(given.when, limit.when)
    if not actions or when is None or not meet(_loose(given.shape), _loose(limit.shape)):
        return None
    smaller = given if less([given.shape], [limit.shape]).empty else limit
    beyond = () if smaller is given or less([limit.shape], [given.shape]).empty else (f"beyond {given.resource}",)
    return smaller._replace(
        actions=actions,
        when=when,
        conditions=tuple(dict.fromkeys((*given.conditions, *limit.conditions))),
        exceptions=tuple(dict.fromkeys((*given.exceptions, *limit.exceptions, *beyond))),
        assumptions=tuple(dict.fromkeys((*given.assumptions, *limit.assumptions))),
    )
