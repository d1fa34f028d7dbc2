"""What does a policy statement say? Every spelling of IAM's grammar becomes one form.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from rolelint.catalogue import actions as catalogue
from rolelint.iam.arns import fields, less, opened, reaches
from rolelint.iam.globs import covers
from rolelint.iam.patterns import as_letters, letter_of
from rolelint.syntax.nodes import Node
from rolelint.syntax.source import Problem, Span
from rolelint.template.values import Assumption, Choice, Fields, Items, Text, Unknown, Value, When, alternatives, both, elements


class Pattern(NamedTuple):
    """An action, resource or other text of a statement, and what must hold for it to stand there."""

    text: Text
    when: When = ()

    @property
    def span(self) -> Span:
        """The characters that it stands on."""
        return self.text.span


class PrincipalPattern(NamedTuple):
    """A principal that a statement names: kind AWS, Service, Federated or CanonicalUser, or ``*`` for the bare star."""

    kind: str
    text: Text
    when: When = ()

    @property
    def span(self) -> Span:
        """The characters that it stands on."""
        return self.text.span


class Condition(NamedTuple):
    """One line of a Condition block: an operator, a key and the values that it compares with."""

    operator: str
    key: Text
    values: tuple[Pattern, ...]
    when: When = ()

    @property
    def name(self) -> str:
        """The condition key in lower case: keys are compared without regard to case."""
        return str(self.key).lower()


class Denial(NamedTuple):
    """What a Deny takes away: always, or where its conditions hold. Texts have letters of a private-use area for holes.

    An ``unread`` one has a condition that could not be evaluated.
    """

    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool = False
    conditions: tuple[Condition, ...] = ()
    unread: bool = False

    @property
    def always(self) -> bool:
        """Whether it applies to every request for its actions."""
        return not self.conditions and not self.unread

    @property
    def order(self) -> tuple[object, ...]:
        """What denials are sorted by."""
        conditions = ((one.operator, str(one.key), *(str(value.text) for value in one.values)) for one in self.conditions)
        return (*self[:4], *conditions)

    def denies(self, action: str, resources: tuple[str, ...]) -> bool:
        """Whether an action, by its full name or as a pattern, is denied on all of some resource patterns."""
        named = any(covers(pattern, action, any_case=True) for pattern in self.actions)
        if named == self.not_actions:
            return False
        if self.not_resources:  # what is left are these resources at most: no longer what the Allow says
            return not any(any(covers(mine, one) for mine in self.resources) for one in resources)
        return bool(resources) and (less(resources, self.resources).empty or _is_all(action, self.resources))


def _is_all(action: str, resources: tuple[str, ...]) -> bool:
    """Whether some patterns take in all that an action works on in the stack's account, so that nothing is left even of ``*``."""
    known = catalogue.find(action)
    forms = catalogue.formats(known) if known else ()
    accounts = ("", "*", letter_of("pseudo", "AWS::AccountId"))
    everywhere = [one for one in resources if (given := fields(one)) and given[3] in ("", "*") and given[4] in accounts]
    return bool(forms) and all(any(reaches(one, opened(form)) for one in everywhere) for form in forms)


class Statement(NamedTuple):
    """One statement in normal form.

    ``not_actions`` tells that ``actions`` are those of a NotAction, and likewise for resources and principals.
    ``unknown`` holds what of it could not be evaluated; then the statement may say more than what is here.
    ``denials`` are those of the same holder: what they take away, the statement does not give. ``limits`` are those that take
    away under conditions; where one of them is about all of the statement, what it leaves is in ``implied``. An ``idle``
    statement never applies, whatever it says.
    """

    number: int
    node: Node
    when: When
    effect: str
    sid: str | None
    actions: tuple[Pattern, ...]
    not_actions: bool
    resources: tuple[Pattern, ...]
    not_resources: bool
    principals: tuple[PrincipalPattern, ...]
    not_principals: bool
    conditions: tuple[Condition, ...]
    unknown: tuple[Unknown, ...]
    element_keys: tuple[tuple[str, Text], ...]
    """The elements that are present, each with the key that it is written under."""
    denials: tuple[Denial, ...] = ()
    unread_condition: bool = False
    """Whether part of the Condition could not be evaluated: it may narrow the statement."""
    limits: tuple[Denial, ...] = ()
    implied: tuple[Condition, ...] = ()
    idle: bool = False

    @property
    def allows(self) -> bool:
        """Whether it grants."""
        return self.effect == "Allow" and not self.idle

    def gives(self, action: str) -> bool:
        """Whether an action, by its full name or as a pattern, is left when all denials are taken away."""
        return not self.denials or not any(self._denying(action, self.denials))

    def limits_on(self, action: str) -> tuple[Denial, ...]:
        """What takes an action, by its full name or as a pattern, away under conditions."""
        return tuple(self._denying(action, self.limits)) if self.limits else ()

    def _denying(self, action: str, denials: tuple[Denial, ...]) -> Iterator[Denial]:
        if not denials or self.not_resources:
            return
        resources = tuple(as_letters(pattern.text) for pattern in self.resources)
        yield from (denial for denial in denials if denial.denies(action, resources))

    def denial(self) -> Denial | None:
        """What this statement takes away, None if it is no Deny or depends on something else than its conditions."""
        if self.effect != "Deny" or self.idle or self.when or (self.unknown and not self.unread_condition):
            return None
        parts: tuple[Pattern | Condition, ...] = (*self.actions, *self.resources, *self.conditions)
        if any(part.when for part in parts) or any(action.text.literal is None for action in self.actions):
            return None
        if self.not_principals or (self.principals and not any(one.text.literal == "*" for one in self.principals)):
            return None  # it is about some callers only
        actions = tuple(action.text.literal or "" for action in self.actions)
        resources = tuple(as_letters(pattern.text) for pattern in self.resources)
        return Denial(actions, self.not_actions, resources, self.not_resources, self.conditions, self.unread_condition)

    def element(self, *names: str) -> Span:
        """The key of the first of these elements that is present, or the statement itself."""
        for name in names:
            for present, key in self.element_keys:
                if present.lower() == name.lower():
                    return key.span
        return self.node.span

    @property
    def element_spans(self) -> tuple[tuple[str, Span], ...]:
        """The elements that are present, and where their keys stand."""
        return tuple((name, key.span) for name, key in self.element_keys)


def is_every_action(pattern: str) -> bool:
    """Whether an action pattern matches every name that there is: ``*``, ``*:*``, ``?*``."""
    return set(pattern) <= {"*", "?", ":"} and all("*" in part for part in pattern.split(":"))


MOST_DECIDING = 3
"""Conditions of the template that one Condition element is followed through."""

_EFFECTS = {"allow": "Allow", "deny": "Deny"}


def read_statements(value: Value | None, when: When, problems: list[Problem]) -> Iterator[Statement | Unknown]:
    """The statements under a Statement element, one or many; what is not a statement becomes a problem."""
    number = 0
    for holds, member in elements(value, when):
        match member:
            case Fields():
                for under, effect in _effects(member, holds, problems):
                    for within, condition in _conditions_of(member, under):
                        yield _statement(number, member, within, effect, condition)
                number += 1
            case Unknown():
                yield member
            case Text():
                problems.append(Problem("unreadable-policy", "a statement must be a mapping, not text", member.span))


def _member(fields: Fields, name: str) -> Value | None:
    """An element by name; IAM wants its exact case, but what was meant is judged all the same."""
    exact = fields.get(name)
    if exact is not None:
        return exact
    return next((field.value for field in fields.fields if (field.key.literal or "").lower() == name.lower()), None)


def _effects(fields: Fields, when: When, problems: list[Problem]) -> list[tuple[When, str]]:
    value = _member(fields, "Effect")
    found = []
    for holds, known in alternatives(value, when):
        text = known.literal if isinstance(known, Text) else None
        effect = _EFFECTS.get((text or "").lower())
        if effect is None and text is not None:
            where = known.span if isinstance(known, Text) else known.node.span
            problems.append(Problem("unreadable-policy", f"Effect must be Allow or Deny, not {text!r}", where))
        found.append((holds, effect or ("Unread" if text is None else "Unknown")))
    if value is None:
        problems.append(Problem("unreadable-policy", "a statement has no Effect", fields.node.span.on_one_line()))
    return found


def _conditions_of(fields: Fields, when: When) -> Iterator[tuple[When, Value | None]]:
    """The Condition element under each combination of what decides about it: in some branches it may narrow nothing."""
    value = _member(fields, "Condition")
    names = sorted(_deciding(value) - {assumption.condition for assumption in when}) if value is not None else []
    for truths in product((True, False), repeat=len(names) if len(names) <= MOST_DECIDING else 0):
        under = both(when, tuple(Assumption(name, holds) for name, holds in zip(names, truths, strict=False)))
        if under is not None:
            yield under, value


def _deciding(value: Value) -> set[str]:
    """The conditions of the template on which some part of a value depends."""
    match value:
        case Choice():
            own = {assumption.condition for case in value.cases for assumption in case.when}
            return own.union(*(_deciding(case.value) for case in value.cases))
        case Fields():
            return set[str]().union(*(_deciding(field.value) for field in value.fields))
        case Items():
            return set[str]().union(*(_deciding(item) for item in value.items))
        case _:
            return set()


def _statement(number: int, fields: Fields, when: When, effect: str, condition: Value | None) -> Statement:
    unknown = [Unknown("an Effect that is not known", fields.node)] if effect == "Unread" else []
    not_actions, actions = _either(fields, "Action", unknown, when)
    not_resources, resources = _either(fields, "Resource", unknown, when)
    not_principals = _member(fields, "NotPrincipal") is not None and _member(fields, "Principal") is None
    principals = _member(fields, "NotPrincipal" if not_principals else "Principal")
    sid = _member(fields, "Sid")
    unread: list[Unknown] = []
    conditions = tuple(_conditions(condition, when, unread))
    return Statement(
        number=number,
        node=fields.node,
        when=when,
        effect=effect,
        sid=str(sid) if isinstance(sid, Text) else None,
        actions=actions,
        not_actions=not_actions,
        resources=resources,
        not_resources=not_resources,
        principals=tuple(_principals(principals, when, unknown)),
        not_principals=not_principals,
        conditions=conditions,
        unknown=(*unknown, *unread),
        element_keys=tuple((str(field.key), field.key) for field in fields.fields),
        unread_condition=bool(unread),
    )


def _either(fields: Fields, name: str, unknown: list[Unknown], when: When) -> tuple[bool, tuple[Pattern, ...]]:
    """The patterns of an element or of its negation, and whether it is the negation."""
    value = _member(fields, name)
    if value is not None:
        return False, tuple(_patterns(value, unknown, when))
    negated = _member(fields, f"Not{name}")
    return negated is not None, tuple(_patterns(negated, unknown, when))


def _patterns(value: Value | None, unknown: list[Unknown], when: When) -> Iterator[Pattern]:
    for holds, known in elements(value, when):
        if isinstance(known, Text):
            yield Pattern(known, holds)
        else:
            unknown.append(known if isinstance(known, Unknown) else Unknown("a mapping where text belongs", known.node))


def _principals(value: Value | None, when: When, unknown: list[Unknown]) -> Iterator[PrincipalPattern]:
    for holds, known in elements(value, when):
        match known:
            case Text():
                yield PrincipalPattern("*" if known.literal == "*" else "AWS", known, holds)
            case Fields():
                for field in known.fields:
                    for pattern in _patterns(field.value, unknown, holds):
                        yield PrincipalPattern(str(field.key), pattern.text, pattern.when)
            case Unknown():
                unknown.append(known)


def _conditions(value: Value | None, when: When, unknown: list[Unknown]) -> Iterator[Condition]:
    for holds, operators in _mappings(value, when, unknown):
        for operator in operators.fields:
            for under, lines in _mappings(operator.value, holds, unknown):
                for line in lines.fields:
                    if any(True for _ in alternatives(line.value, under)):  # a key whose value is no value is not there
                        yield Condition(str(operator.key), line.key, tuple(_patterns(line.value, unknown, under)), under)


def _mappings(value: Value | None, when: When, unknown: list[Unknown]) -> Iterator[tuple[When, Fields]]:
    """The mappings that a value may be; anything else in its place is not known."""
    for holds, known in alternatives(value, when):
        if isinstance(known, Fields):
            yield holds, known
        else:
            unknown.append(known if isinstance(known, Unknown) else Unknown("no mapping where one belongs", known.node))
