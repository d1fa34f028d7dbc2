"""What does a policy statement say? Every spelling of IAM's grammar becomes one form.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections.abc import Iterator

from rolelint.catalogue import condition_keys
from rolelint.iam.denials import UNREAD, Denial, cover, take_away
from rolelint.iam.elements import Condition, Pattern, PrincipalPattern
from rolelint.iam.patterns import as_letters, readings
from rolelint.syntax.nodes import Node
from rolelint.syntax.source import Problem, Span
from rolelint.template.values import Choice, Fields, Items, Text, Unknown, Value, When, alternatives, both, branches, elements
from rolelint.tuples import NamedTuple


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
    asks_for: tuple[str, ...] = ()
    """The condition keys of services, in lower case, without which no request fits."""

    @property
    def allows(self) -> bool:
        """Whether it grants."""
        return self.effect == "Allow" and not self.idle

    def gives(self, action: str) -> bool:
        """Whether an action, by its full name or as a pattern, is left when all denials are taken away.

        No action is given whose requests lack a key that a condition asks for.
        """
        if self.asks_for and self.lacks_key(action):
            return False
        denials = (*self.denials, *self.limits)
        return not denials or not take_away(denials, action, self._resources, self.when)

    def lacks_key(self, action: str) -> bool:
        """Whether no request for an action carries all the keys that the conditions ask for."""
        return any(condition_keys.is_never_there(key, action) for key in self.asks_for)

    def limits_on(self, action: str) -> tuple[Denial, ...]:
        """What takes an action, by its full name or as a pattern, away under conditions."""
        return tuple(
            one
            for one in self.limits
            if set(one.when) <= set(self.when)
            and one.is_about(action)
            and (one.is_beyond(self._resources) or cover([one], action, self._resources))
        )

    @property
    def _resources(self) -> tuple[str, ...]:
        """The resources as letters; everything where only some are excepted."""
        return ("*",) if self.not_resources else tuple(as_letters(pattern.text) for pattern in self.resources)

    def denies(self) -> Iterator[Denial]:
        """What this statement takes away, in each branch of the template that its elements tell apart.

        Nothing if it is no Deny, is about some callers only, or depends on something else than its conditions.
        """
        if self.effect != "Deny" or self.idle or self.not_principals or (self.unknown and not self.unread_condition):
            return
        parts: tuple[Pattern | Condition, ...] = (*self.actions, *self.resources, *self.conditions)
        told: list[Denial] = []
        for when in dict.fromkeys((self.when, *(both(self.when, part.when) for part in parts))):
            denial = self._denies_under(when) if when is not None else None
            if denial and not any(denial._replace(when=one.when) == one for one in told if set(one.when) <= set(denial.when)):
                told.append(denial)
        yield from told
        for denial in told[:1]:
            yield from self._may_deny(denial)

    def _denies_under(self, when: When) -> Denial | None:
        """What it takes away in a branch: of what depends on further conditions, only exceptions and conditions count."""
        everybody = (one for one in self.principals if one.text.literal == "*" and set(one.when) <= set(when))
        actions = [one.text.literal for one in _there(self.actions, when, excepted=self.not_actions)]
        resources = _there(self.resources, when, excepted=self.not_resources)
        known = [text for text in actions if text is not None]
        unclear = self.not_actions and len(known) < len(actions)
        if not actions or unclear or not resources or (self.principals and not any(everybody)):
            return None
        conditions = tuple(one for one in self.conditions if both(one.when, when) is not None)
        texts = tuple(as_letters(pattern.text) for pattern in resources)
        doubt = UNREAD if self.unread_condition else ""
        return Denial(tuple(known), self.not_actions, texts, self.not_resources, conditions, doubt, when)

    def _may_deny(self, denial: Denial) -> Iterator[Denial]:
        """What it takes away besides if a parameter in it has one of its listed values, or keeps its default."""
        for pattern in () if self.not_actions else self.actions:
            if texts := _set_to(pattern.text):
                yield denial._replace(actions=texts, doubt=f"the Deny of {pattern.text}")
        for pattern in () if self.not_resources else self.resources:
            if texts := _set_to(pattern.text):
                yield denial._replace(resources=texts, doubt=f"the Deny on {pattern.text}")

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


def _set_to(text: Text) -> tuple[str, ...]:
    """What a text is for values of its symbols that the template tells."""
    return tuple(one.text for one in readings(text) if any(each.default or each.allowed for each in text.symbols))


def _there(patterns: tuple[Pattern, ...], when: When, *, excepted: bool) -> list[Pattern]:
    """The patterns that are there for sure when something holds; of exceptions, those that may be."""
    if excepted:
        return [one for one in patterns if both(one.when, when) is not None]
    return [one for one in patterns if set(one.when) <= set(when)]


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
    for under in branches(_deciding(value) if value is not None else (), when):
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
        asks_for=tuple(one.name for one in conditions if set(one.when) <= set(when) and _asks_for_own_key(one)),
    )


def _asks_for_own_key(condition: Condition) -> bool:
    """Whether a condition asks for a key that only requests to some service carry."""
    return not condition.name.startswith("aws:") and condition.asks_for_key


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
    for holds, block in _mappings(value, when, unknown):
        for operator in block.fields:
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
