"""What text does CloudFormation make of an unquoted YAML value? It reads YAML 1.1, except that dates stay text."""

from rolelint.syntax.regex import pattern

_TRUE = frozenset(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"))
_FALSE = frozenset(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"))
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_MOST_DIGITS = 100
"""Characters of a number that is still read as one."""

_OCTAL = pattern(r"[-+]?0[0-7_]+")
_DECIMAL = pattern(r"[-+]?(?:0|[1-9][0-9_]*)")
_HEX = pattern(r"[-+]?0x[0-9a-fA-F_]+")
_BASE_60 = pattern(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")


def is_null(text: str) -> bool:
    """Whether an unquoted value is null."""
    return text in _NULL


def plain_meaning(text: str) -> str:
    """An unquoted value as the text that a policy gets: ``no`` is ``false``, ``012345670123`` is an octal number."""
    if text in _TRUE:
        return "true"
    if text in _FALSE:
        return "false"
    return _number(text) if text and text[0] in "+-0123456789" and len(text) <= _MOST_DIGITS else text


def _number(text: str) -> str:
    digits = text.replace("_", "").lstrip("+")
    if _DECIMAL.fullmatch(text):
        return digits
    if _BASE_60.fullmatch(text):
        return str(_sixties(digits))
    base = 8 if _OCTAL.fullmatch(text) else 16 if _HEX.fullmatch(text) else 0
    return str(int(digits, base)) if base else text


def _sixties(digits: str) -> int:
    total = 0
    for part in digits.lstrip("-").split(":"):
        total = total * 60 + int(part)
    return -total if digits.startswith("-") else total
