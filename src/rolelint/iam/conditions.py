"""Does a condition narrow a statement, and by what?

Every rule that weighs conditions asks here. A condition of an Allow is taken by itself: conditions are joined by *and*, so one
that narrows is enough; the values of one are joined by *or*, so one that everything fits spoils the others.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from enum import IntEnum

from rolelint.catalogue import condition_keys
from rolelint.catalogue.condition_keys import ConditionKey
from rolelint.catalogue.globs import matcher
from rolelint.iam import operators
from rolelint.iam.arns import fields
from rolelint.iam.elements import Condition
from rolelint.iam.globs import covers
from rolelint.iam.operators import Operator
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Statement
from rolelint.template.values import Text, plain_text
from rolelint.tuples import NamedTuple

ON_WHAT = ("resource", "call", "creation")
"""What keys tell that keep a statement on ``*`` to less: some resources, calls of some service, things made in some way."""
BY_WHOM = ("caller", "network")
"""What keys tell that a stranger cannot choose."""

_BEGINNINGS = ("o-", "vpc-", "vpce-")
"""How every id of an organization, a network and an endpoint begins."""
_WIDE = {4: 8, 6: 32}
"""Networks with this prefix or a shorter one hold a large part of the internet; S3 counts those as public."""


class Quality(IntEnum):
    """What a condition does for an Allow, from nothing to what its author meant."""

    DECORATIVE = 0
    """It holds for every request, or for every one without the key."""
    INVERTED = 1
    """It names what to keep out and lets in all else, and requests without the key."""
    UNREAD = 2
    """It could not be read, so it may do anything."""
    WEAK = 3
    """It keeps some requests out, but chooses neither who asks nor what for."""
    RESTRICTIVE = 4
    """It lets in chosen values of a key only."""


class Verdict(NamedTuple):
    """What a condition does. ``because`` ends a sentence on one that does not help: "…, which every value fits".

    ``doubts`` are assumptions under which a condition that looks restrictive does nothing, such as a default of ``*``.
    """

    condition: Condition
    quality: Quality
    key: ConditionKey
    because: str = ""
    doubts: tuple[str, ...] = ()

    def restricts(self, about: Collection[str]) -> bool:
        """Whether it holds requests to less, by a key that tells one of these things about them."""
        return self.quality is Quality.RESTRICTIVE and self.key.about in about


def verdicts(statement: Statement) -> Iterator[Verdict]:
    """What each condition of a statement does, and each that a Deny of the same holder comes to."""
    together = (*statement.conditions, *statement.implied)
    if not together:
        return iter(())
    actions = ("*",) if statement.not_actions else tuple(as_letters(action.text).lower() for action in statement.actions)
    return (weigh(one, together, actions) for one in together)


def weigh(condition: Condition, among: tuple[Condition, ...] = (), actions: tuple[str, ...] = ()) -> Verdict:
    """What a condition does beside others, which may ask that the key be there, for requests of some actions.

    Without actions it is asked about those that the key is made for.
    """
    key, operator = condition_keys.find(condition.name), operators.read(condition.operator)
    if operator.family is None or not condition.values:
        return Verdict(condition, Quality.UNREAD, key, "which could not be read")
    if operator.family == "null":
        return Verdict(condition, *_asks_for_key(condition, key))
    there = _is_always_there(key, actions) or any(_asks_that_it_is_there(other, condition.name) for other in among)
    if without := _why_open_without_key(condition, operator, actions) if not there else "":
        return Verdict(condition, Quality.DECORATIVE, key, without)
    if (operator.negated and not _tells_owner(key)) or _asks_for_no(condition, operator, key):
        return Verdict(condition, Quality.INVERTED, key, "which lets in everything but what it names")
    answers = [(NO if _is_tag(key) else _spoils(value.text, operator, key), value.text) for value in condition.values]
    spoilt = max((answer for answer, _ in answers), key=lambda one: one.certainty)
    if spoilt.certainty is Certainty.CERTAIN:
        return Verdict(condition, Quality.DECORATIVE, key, _why_spoilt(operator))
    doubts = spoilt.assumptions if spoilt.certainty else ()
    because = next((why for _, text in answers if (why := _why_weak(text, operator, key))), "")
    if key.name == "aws:vpcsourceip" and not any(one.name.startswith("aws:sourcevpc") for one in among):
        because = "which a host in any VPC can fit"
    return Verdict(condition, Quality.WEAK if because else Quality.RESTRICTIVE, key, because, doubts)


def restricts(condition: Condition) -> bool:
    """Whether a condition of an Allow keeps any request out by what its key says."""
    return weigh(condition).quality is not Quality.DECORATIVE and not _asks_for_absence(condition)


def demands(condition: Condition) -> bool:
    """Whether a condition of an Allow lets only chosen values of its key through, and no request without the key."""
    return weigh(condition).quality in (Quality.WEAK, Quality.RESTRICTIVE)


def leaves_open(statement: Statement, chooses: Callable[[Verdict], bool], least: Quality = Quality.RESTRICTIVE) -> Answer:
    """How surely no condition chooses: no when one that is good enough does, possible when a default would spoil it."""
    return _none_of(verdicts(statement), chooses, least)


def _none_of(found: Iterable[Verdict], chooses: Callable[[Verdict], bool], least: Quality) -> Answer:
    chosen = (one for one in found if one.quality >= least and chooses(one))
    answers = (Answer(Certainty.POSSIBLE, one.doubts) if one.doubts else NO for one in chosen)
    return min(answers, key=lambda answer: answer.certainty, default=CERTAIN)


def is_open(statement: Statement, *about: str) -> Answer:
    """How surely a statement chooses by nothing of what keys may be about: ``resource``, ``caller`` and so on."""
    return leaves_open(statement, lambda one: one.key.about in about)


def sees_every_resource(statement: Statement) -> Answer:
    """How surely no condition keeps a statement on ``*`` to less than everything."""
    return is_open(statement, *ON_WHAT)


def keeps_small(condition: Condition) -> bool:
    """Whether a condition keeps a statement to some resources or to calls that another service makes."""
    return weigh(condition).restricts(ON_WHAT)


def leaves_account(statement: Statement) -> Answer:
    """How surely a statement on ``*`` reaches all of the stack's account: to stay within an account is no limit within it."""
    chosen = [one for one in verdicts(statement) if one.restricts(ON_WHAT)]
    return min((_reaches_account(one) for one in chosen), key=lambda answer: answer.certainty, default=CERTAIN)


def _reaches_account(verdict: Verdict) -> Answer:
    """How surely a condition lets all of the stack's account through, because it names that account or its organization."""
    if verdict.doubts:
        return Answer(Certainty.POSSIBLE, verdict.doubts)
    if not _tells_owner(verdict.key):
        return NO
    values = [str(value.text) for value in verdict.condition.values]
    out = operators.read(verdict.condition.operator).negated
    if "${AWS::AccountId}" in values:
        return NO if out else CERTAIN
    return Answer(Certainty.POSSIBLE, (f"{verdict.condition.key} {values[0]} is {'not ' if out else ''}the stack's own",))


def _tells_owner(key: ConditionKey) -> bool:
    """Whether a key tells whose resource it is. To keep out the own account leaves nothing of it, so that is no inversion."""
    return key.name.partition(":")[2].startswith(("resourceaccount", "resourceorg"))


def lacks(statement: Statement, keys: Iterable[str]) -> Answer:
    """How surely a statement chooses by none of some condition keys, which may end in wildcards (``aws:ResourceTag/*``).

    It is asked about the actions that the keys are made for.
    """
    together = (*statement.conditions, *statement.implied)
    if not together:
        return CERTAIN
    fit = [matcher(key.lower()) for key in keys]
    named = (weigh(one, together) for one in together if any(matches(one.name) for matches in fit))
    return _none_of(named, lambda _: True, Quality.RESTRICTIVE)


def conditions_on(statement: Statement, action: str) -> tuple[Condition, ...]:
    """The conditions under which a statement gives an action: its own, and what each Deny with one condition leaves of it."""
    limits = (one for one in statement.limits_on(action) if len(one.conditions) == 1 and not one.doubt)
    left = tuple(other for one in limits if (other := opposite(one.conditions[0])))
    return (*statement.conditions, *(one for one in statement.implied if one not in left), *left)


def what_limits(statement: Statement, action: str) -> str:
    """The condition of a Deny that takes an action away on some targets, in words; empty when none does.

    The conditions of a Deny hold together, so what it leaves is open if one of them is about something else than targets.
    """
    for denial in statement.limits_on(action):
        left = [opposite(one) for one in denial.conditions]
        if denial.doubt or all(one is None or _keeps_from_account(one) for one in left):
            keys = ", ".join(dict.fromkeys(str(one.key) for one in denial.conditions))
            return f"a Deny with a condition on {keys}" if keys else denial.doubt
    return ""


def _keeps_from_account(condition: Condition) -> bool:
    """Whether a condition keeps an Allow from some of what the stack's account has."""
    verdict = weigh(condition)
    return verdict.restricts(ON_WHAT) and _reaches_account(verdict).certainty is not Certainty.CERTAIN


def despite(statement: Statement) -> str:
    """The condition that looks as if it narrowed a statement, and why it does not, as words to add to a sentence."""
    for one in sorted(verdicts(statement), key=lambda verdict: verdict.quality):
        written = one.condition in statement.conditions  # what a Deny leaves stands there under another operator, or nowhere
        if written and one.because and one.quality is not Quality.UNREAD:
            return f", despite {one.condition.operator} on {one.condition.key}, {one.because}"
    return ""


def opposite(condition: Condition) -> Condition | None:
    """The condition that holds for just those requests for which this one does not: what a Deny with it leaves."""
    operator = operators.opposite(condition.operator)
    if operator is None:
        return None
    if operators.read(operator).family not in ("bool", "null"):
        return condition._replace(operator=operator)
    said = {(value.text.literal or "").lower() for value in condition.values}
    if len(said) != 1 or not said <= {"true", "false"}:
        return None
    turned = "false" if said == {"true"} else "true"
    values = tuple(value._replace(text=plain_text(turned, value.text.node)) for value in condition.values)
    return condition._replace(operator=operator, values=values)


def always_holds(condition: Condition, actions: Iterable[str], *, signed: bool) -> bool:
    """Whether every request for some actions, as patterns in any case, fits a condition; ``signed`` ones tell who asks."""
    key, operator = condition_keys.find(condition.name), operators.read(condition.operator)
    there = (signed and key.signed) or _is_always_there(key, [action.lower() for action in actions])
    if operator.family == "null":
        return there and {(value.text.literal or "").lower() for value in condition.values} == {"false"}
    if operator.negated or operator.family == "ipaddress" or not (there or operator.holds_without_key):
        return False
    values = (value.text.literal for value in condition.values if not value.when)
    return any(text is not None and _fits_everything(text, operator, key) for text in values)


def never_holds(condition: Condition, actions: Iterable[str], *, signed: bool) -> bool:
    """Whether no request for some actions fits a condition."""
    turned = opposite(condition)
    if turned is not None and always_holds(turned, actions, signed=signed):
        return True
    key, operator = condition_keys.find(condition.name), operators.read(condition.operator)
    if operator.base != "stringequals" or operator.holds_without_key or not key.name.startswith("aws:") or key.about != "caller":
        return False
    # Who asks is told by names and numbers that have no wildcards, and only Like takes a star for one.
    return bool(condition.values) and all(set(value.text.literal or "") & set("*?") for value in condition.values)


def is_over(condition: Condition) -> bool:
    """Whether the last day on which a condition could hold is past."""
    operator = operators.read(condition.operator)
    if operator.family != "date" or operator.base not in ("datelessthan", "datelessthanequals", "dateequals"):
        return False
    days = [_day(value.text.literal) for value in condition.values]
    return bool(days) and condition_keys.find(condition.name).about == "time" and all(day and day < _today() for day in days)


# -- What a value does -------------------------------------------------------------------------------------------------


def _spoils(text: Text, operator: Operator, key: ConditionKey) -> Answer:
    """Whether every request fits a value. What a parameter without a default may hold is not held against it."""
    answer = judge(text, lambda known: _fits_everything(known, operator, key))
    free = text.symbol is not None and text.symbol.default is None and not text.symbol.allowed
    return NO if free and answer.certainty is Certainty.POSSIBLE else answer


def _fits_everything(text: str, operator: Operator, key: ConditionKey) -> bool:
    match operator.family:
        case "ipaddress":
            return _prefix(text) == (0, 0) or text == "*"
        case "date":
            day = _day(text)
            return key.about == "time" and "greater" in operator.base and day is not None and day < _today()
        case "string" | "arn" if text.startswith("${") and text[2:-1].lower() == key.name:
            return True
        case "string" | "arn" if operator.wild:
            everything = set(text) <= {"*", "?"} or (text.startswith("arn:") and set(text.split(":", 2)[-1]) <= {"*", ":", "?"})
            everything = everything or text.rstrip("*?") in _BEGINNINGS
            return "*" in text and (everything or (key.name == "iam:passedtoservice" and covers(text, "*.amazonaws.com")))
        case _:
            return False


def _why_spoilt(operator: Operator) -> str:
    if operator.family == "date":
        return "which has held for long"
    return "which every address fits" if operator.family == "ipaddress" else "which every value fits"


def _why_open_without_key(condition: Condition, operator: Operator, actions: tuple[str, ...]) -> str:
    if operator.if_exists or operator.over == "forallvalues":
        return "which also holds without that key"
    never = actions and all(condition.always_holds_for(action) for action in actions)
    return "which requests for these actions do not carry" if never else ""


def _why_weak(text: Text, operator: Operator, key: ConditionKey) -> str:
    """Why a value that some requests do not fit still chooses neither who asks nor what for."""
    plain = text.literal
    if key.about in ("request", "session", "time"):
        return {
            "request": "which anybody's request can fit",
            "session": "which tells how the caller signed in, not what is reached",
            "time": "which limits only the time",
        }[key.about]
    if operator.family == "ipaddress" and plain and _is_wide(plain):
        return "which takes in a large part of the internet"
    if key.name in ("aws:principalarn", "aws:sourcearn") and plain and operator.wild and is_any_arn(plain):
        return "which ARNs of any account fit"
    return ""


def is_any_arn(text: str) -> bool:
    """Whether an ARN pattern fits something that a stranger has: of any account, and of buckets any name.

    A bucket's ARN has no account, but no two buckets have one name.
    """
    given = fields(text)
    if given is None or given[0] != "arn":
        return bool(text) and set(text) <= {"*"}
    if given[2] == "s3":
        return set(given[4]) <= {"*"} and set(given[5]) <= {"*", "/"}
    return set(given[4]) == {"*"}


def _asks_for_key(condition: Condition, key: ConditionKey) -> tuple[Quality, ConditionKey, str]:
    if _asks_for_absence(condition):
        return Quality.INVERTED, key, "which asks for requests without that key"
    if key.always == ("*",):
        return Quality.DECORATIVE, key, "which every request carries"
    if _is_tag(key):
        return Quality.RESTRICTIVE, key, ""
    return Quality.WEAK, key, "which may have any value"


def _is_tag(key: ConditionKey) -> bool:
    """Whether a key is a tag of what is reached or made: to have it at all, with whatever value, is chosen."""
    return key.about in ("resource", "creation") and "tag/" in key.name


def _asks_for_absence(condition: Condition) -> bool:
    return condition.operator.lower() == "null" and _says(condition, "true")


def _is_always_there(key: ConditionKey, actions: Iterable[str]) -> bool:
    return bool(key.always) and all(any(covers(one, action) for one in key.always) for action in actions)


def _asks_that_it_is_there(condition: Condition, name: str) -> bool:
    return condition.operator.lower() == "null" and condition.name == name and not _says(condition, "true")


def _asks_for_no(condition: Condition, operator: Operator, key: ConditionKey) -> bool:
    """Whether a condition on what all services know asks that it be not so: no second factor, no encryption."""
    return operator.family == "bool" and key.name.startswith("aws:") and key.about != "call" and _says(condition, "false")


def _says(condition: Condition, word: str) -> bool:
    return any((value.text.literal or "").lower() == word for value in condition.values)


def _prefix(text: str) -> tuple[int, int] | None:
    """The length of a network's prefix and the network itself as a number; None when it is none."""
    from ipaddress import ip_network  # noqa: PLC0415 - few policies name networks

    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return None
    return network.prefixlen, int(network.network_address)


def _is_wide(text: str) -> bool:
    from ipaddress import ip_network  # noqa: PLC0415 - likewise

    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        return False
    return network.prefixlen <= _WIDE[network.version] and not network.is_private


def _day(text: str | None) -> str | None:
    """The day of a date as a policy writes it, YYYY-MM-DD; None for what is no date."""
    if text is None:
        return None
    if text.isdecimal() and len(text) > len("YYYY"):
        from datetime import UTC, datetime  # noqa: PLC0415 - few policies name dates

        seconds = int(text) if len(text) < len("1700000000000") else int(text) // 1000
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d") if seconds < 1 << 40 else None
    return text[:10] if len(text) >= len("YYYY-MM-DD") and text[:4].isdecimal() else None


def _today() -> str:
    """The day of the catalogue: what was past then is past now, and a template is judged alike on every day."""
    from rolelint.catalogue.meta import meta  # noqa: PLC0415 - likewise

    return meta().actions_date
