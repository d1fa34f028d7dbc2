"""What does a policy statement say? Every spelling of IAM's grammar becomes one form.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import condition_keys
from rolelint.iam import operators
from rolelint.iam.arns import fields, less, opened, reaches
from rolelint.iam.globs import covers, loosened, overlaps
from rolelint.iam.patterns import as_letters, letter_of, readings
from rolelint.syntax.nodes import Node
from rolelint.syntax.source import Problem, Span
from rolelint.template.values import Assumption, Choice, Fields, Items, Text, Unknown, Value, When, alternatives, both, elements
from rolelint.tuples import NamedTuple


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

    @property
    def asks_for_key(self) -> bool:
        """Whether it holds for no request that lacks the key."""
        operator = operators.read(self.operator)
        if operator.family == "null":
            return self._says("false")
        return operator.family is not None and bool(self.values) and not operator.holds_without_key

    def never_holds_for(self, action: str) -> bool:
        """Whether it asks for a key that no request for an action carries."""
        return self.asks_for_key and condition_keys.is_never_there(self.name, action)

    def always_holds_for(self, action: str) -> bool:
        """Whether it is fulfilled by requests that lack the key, and no request for an action carries that."""
        operator = operators.read(self.operator)
        without = self._says("true") if operator.family == "null" else operator.holds_without_key
        return without and condition_keys.is_never_there(self.name, action)

    def _says(self, word: str) -> bool:
        return {(value.text.literal or "").lower() for value in self.values} == {word}


UNREAD = "a Deny with a condition that could not be read"


class Denial(NamedTuple):
    """What a Deny takes away: always, or where its conditions hold. Texts have letters of a private-use area for holes.

    A ``doubt`` says in words what is not known to apply. ``when`` must hold of the template for it to be there.
    """

    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool = False
    conditions: tuple[Condition, ...] = ()
    doubt: str = ""
    when: When = ()

    @property
    def always(self) -> bool:
        """Whether it applies to every request for its actions."""
        return not self.conditions and not self.doubt

    @property
    def order(self) -> tuple[object, ...]:
        """What denials are sorted by."""
        conditions = ((one.operator, str(one.key), *(str(value.text) for value in one.values)) for one in self.conditions)
        return (*self[:4], self.when, *conditions)

    def is_always_about(self, action: str) -> bool:
        """Whether it denies an action whatever the request carries."""
        return not self.doubt and all(one.always_holds_for(action) for one in self.conditions) and self.is_about(action)

    def is_about(self, action: str) -> bool:
        """Whether it denies an action, by its full name or as a pattern, on some resource at all."""
        named = any(covers(pattern, action, any_case=True) for pattern in self.actions)
        return named != self.not_actions and not any(one.never_holds_for(action) for one in self.conditions)

    def is_beyond(self, resources: tuple[str, ...]) -> bool:
        """Whether it leaves only resources that are named in it, none of which is one of some patterns as a whole."""
        return self.not_resources and not any(covers(mine, pattern) for mine in self.resources for pattern in resources)


def take_away(denials: Iterable[Denial], action: str, resources: tuple[str, ...], when: When) -> bool:
    """Whether denials leave of an action on some resource patterns nothing, or so little that it is another grant."""
    about = [one for one in denials if one.is_always_about(action)]
    cut = any(one.is_beyond(resources) for one in about if set(one.when) <= set(when))
    return cut or leave_nothing(about, action, resources, when)


def leave_nothing(denials: Iterable[Denial], action: str, resources: tuple[str, ...], when: When) -> bool:
    """Whether denials together take an action away from all of some resource patterns, in each branch where ``when`` holds."""
    about = [one for one in denials if one.is_always_about(action)]
    return bool(about) and all(_cover(some, action, resources) for some in _in_each_branch(about, when))


def _cover(denials: list[Denial], action: str, resources: tuple[str, ...]) -> bool:
    """Whether denials of an action together are about all of some resource patterns."""
    taken = tuple(pattern for one in denials if not one.not_resources for pattern in one.resources)
    left = [one.resources for one in denials if one.not_resources]  # no more is left than any of them leaves
    if resources and any(not _works_on(action, some) for some in left):
        return True
    if not taken or not resources:
        return False
    return any(_is_nothing_left(some, taken) for some in (resources, *left)) or _is_all(action, taken)


def _in_each_branch(denials: list[Denial], when: When) -> Iterator[list[Denial]]:
    """The denials that are there in each branch of the template that they tell apart and in which ``when`` holds."""
    names = sorted({one.condition for denial in denials for one in denial.when} - {one.condition for one in when})
    for truths in product((True, False), repeat=len(names) if len(names) <= MOST_DECIDING else 0):
        under = {*when, *(Assumption(name, holds) for name, holds in zip(names, truths, strict=False))}
        yield [one for one in denials if under.issuperset(one.when)]


@lru_cache(maxsize=4096)
def _works_on(action: str, resources: tuple[str, ...]) -> bool:
    """Whether an action, by its full name, may work on something that fits one of some patterns; of unknown ones all may."""
    known = catalogue.find(action)
    forms = [fields(opened(form)) for form in catalogue.formats(known)] if known else [None]
    return any(_alike(form, fields(opened(loosened(pattern)))) for form in forms for pattern in resources)


def _alike(form: list[str] | None, given: list[str] | None) -> bool:
    """Whether an ARN may be of a form, compared field by field; what is not known to be an ARN may be any."""
    return form is None or given is None or all(map(overlaps, form, given))


@lru_cache(maxsize=512)
def _is_nothing_left(resources: tuple[str, ...], taken: tuple[str, ...]) -> bool:
    """Whether patterns together are about all that others are about; asked again for each action of a statement."""
    return less(resources, taken).empty


@lru_cache(maxsize=4096)
def _is_all(action: str, resources: tuple[str, ...]) -> bool:
    """Whether some patterns take in all that an action works on in the stack's account, so that nothing is left even of ``*``."""
    known = catalogue.find(action)
    forms = [opened(form) for form in catalogue.formats(known)] if known else []
    found = _everywhere(resources)
    return bool(forms) and all(
        any(reaches(one, form) for one in (*found.get(form.split(":", 3)[2], ()), *found.get("*", ()))) for form in forms
    )


@lru_cache(maxsize=512)
def _everywhere(resources: tuple[str, ...]) -> dict[str, list[str]]:
    """Those of some patterns that are about every region and the stack's account, by service; under ``*`` those of any."""
    accounts = ("", "*", letter_of("pseudo", "AWS::AccountId"))
    found: dict[str, list[str]] = {}
    for one in resources:
        given = fields(one)
        if given and given[3] in ("", "*") and given[4] in accounts:
            found.setdefault("*" if set(given[2]) & set("*?") or not given[2].isascii() else given[2], []).append(one)
    return found


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
            and (one.is_beyond(self._resources) or _cover([one], action, self._resources))
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
