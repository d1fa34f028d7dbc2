"""What does a condition operator compare, and what does it say of a request that lacks the key?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from functools import cache

from rolelint.tuples import NamedTuple

_FAMILIES = {
    "string": (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ),
    "numeric": (
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ),
    "date": (
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ),
    "bool": ("Bool",),
    "binary": ("BinaryEquals",),
    "ipaddress": ("IpAddress", "NotIpAddress"),
    "arn": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
    "null": ("Null",),
}
_FAMILY = {name.lower(): family for family, names in _FAMILIES.items() for name in names}
_SPELT = {name.lower(): name for names in _FAMILIES.values() for name in names}
_SETS = ("forallvalues", "foranyvalue")
_TURNED = {"lessthan": "greaterthanequals", "greaterthan": "lessthanequals", "lessthanequals": "greaterthan"}
_TURNED |= {"greaterthanequals": "lessthan"}

NAMES = tuple(_SPELT)
"""The operators without set prefix and IfExists, in lower case."""


class Operator(NamedTuple):
    """An operator in its parts, in lower case: ``forallvalues``, ``foranyvalue`` or nothing, then the comparison.

    ``family`` is the type of values that it compares, None for an operator that IAM does not have. A ``negated`` one names what
    to keep out: it holds for every other value and when the key is missing.
    """

    over: str
    base: str
    if_exists: bool
    family: str | None

    @property
    def negated(self) -> bool:
        """Whether it names what it does not match."""
        return "not" in self.base

    @property
    def holds_without_key(self) -> bool:
        """Whether it holds for a request that lacks the key."""
        return self.if_exists or self.over == "forallvalues" or (self.negated and not self.over)

    @property
    def wild(self) -> bool:
        """Whether ``*`` and ``?`` in its values are wildcards; so they are for every comparison of ARNs."""
        return "like" in self.base or self.family == "arn"


@cache
def read(operator: str) -> Operator:
    """An operator as written, in its parts."""
    over, colon, base = operator.lower().rpartition(":")
    if colon and over not in _SETS:
        over, base = "", operator.lower()
    if_exists = base.endswith("ifexists") and base != "nullifexists"
    base = base.removesuffix("ifexists") if if_exists else base
    return Operator(over, base, if_exists, _FAMILY.get(base))


def spelt(base: str) -> str:
    """A comparison in AWS's own spelling."""
    return _SPELT.get(base, base)


@cache
def opposite(operator: str) -> str | None:
    """The operator that holds for just those requests for which this one does not; None when there is none.

    Bool and Null have none of their own: their values are turned instead.
    """
    parts = read(operator)
    turned = _turned(parts)
    if turned is None:
        return None
    over = {"": "", "forallvalues": "ForAnyValue:", "foranyvalue": "ForAllValues:"}[parts.over]
    # Without the key a plain comparison fails and a negated one, or one with IfExists, holds; the opposite does the contrary.
    if_exists = not parts.over and not parts.if_exists and not parts.negated and "not" not in turned and parts.family != "null"
    return f"{over}{spelt(turned)}{'IfExists' if if_exists else ''}"


def _turned(parts: Operator) -> str | None:
    base = parts.base
    match parts.family:
        case "bool" | "null":
            return base if not parts.over else None
        case "ipaddress":
            return "ipaddress" if parts.negated else "notipaddress"
        case "string" | "arn" | "numeric" | "date":
            family = "arn" if parts.family == "arn" else parts.family
            word = base.removeprefix(family)
            turned = _TURNED.get(word) or (word.removeprefix("not") if parts.negated else f"not{word}")
            return f"{family}{turned}" if f"{family}{turned}" in _FAMILY else None
        case _:
            return None
