"""How does a person write these statements? In the template's own dialect, with intrinsics where they are needed."""

from collections.abc import Iterable
from re import MULTILINE
from typing import Literal, TypeAlias

from rolelint.syntax.regex import pattern

Dialect: TypeAlias = Literal["yaml", "json"]

_KEYS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_REFERENCE = r"\$\{(AWS::[A-Za-z]+|[A-Za-z0-9]+(?:\.[A-Za-z0-9.]+)?)\}"
_HOLDS_REFERENCE = pattern(_REFERENCE)
_IS_REFERENCE = pattern(_REFERENCE + r"\Z")
_OTHER_VARIABLE = pattern(rf"(?!{_REFERENCE})\$\{{(?!!)")
_QUOTED_FOR_ITS_TAG = pattern(r"^(\s*(?:- |[\w:/.-]+: )*!(?:Ref|GetAtt|Sub) )'([\w$][\w:/.*${}!-]*)(?<!:)'$", MULTILINE)
_WIDEST = 1 << 20


def dialect(text: str) -> Dialect:
    """What a template is written in. YAML reads JSON too, but nobody mixes the two."""
    return "json" if text.lstrip()[:1] == "{" else "yaml"


def render(statements: Iterable[object], dialect: Dialect, indent: int) -> str:
    """The statements as members of a ``Statement`` list, every line indented by that many spaces, without a last line end.

    Strings that refer to something in the template, like ``${AWS::Region}``, become ``Fn::Sub``, ``Ref`` or ``Fn::GetAtt``;
    variables of IAM's own, like ``${aws:username}``, stay what they are.
    """
    tidy = [_tidy(statement) for statement in statements]
    if not tidy:
        return ""
    text = _json(tidy) if dialect == "json" else _yaml(tidy)
    return "\n".join(" " * indent + line if line else line for line in text.rstrip("\n").split("\n"))


def _yaml(statements: list[object]) -> str:
    from json import dumps  # noqa: PLC0415  only when a suggestion is shown

    from cfn_flip import get_dumper, load  # noqa: PLC0415  likewise
    from yaml import dump  # noqa: PLC0415  likewise

    # cfn-flip writes tags and keeps the order of keys only in mappings that it has read itself.
    data, _ = load(dumps(statements))
    # A line end that only Unicode knows would become one of YAML's if it were not escaped.
    harmless = dumps(statements, ensure_ascii=False).isprintable()
    text = str(dump(data, Dumper=get_dumper(), default_flow_style=False, allow_unicode=harmless, width=_WIDEST))
    # It also quotes whatever has a tag, which nobody does by hand.
    return _QUOTED_FOR_ITS_TAG.sub(r"\1\2", text)


def _json(statements: list[object]) -> str:
    from json import dumps  # noqa: PLC0415  only when a suggestion is shown

    return ",\n".join(dumps(statement, indent=2, ensure_ascii=False) for statement in statements)


def _tidy(statement: object) -> object:
    if not isinstance(statement, dict):
        return _with_intrinsics(statement)
    keys = sorted(statement, key=lambda key: _KEYS.index(key) if key in _KEYS else len(_KEYS))
    return {key: _with_intrinsics(_scalar(key, statement[key])) for key in keys}


def _scalar(key: str, value: object) -> object:
    match value:
        case [only] if key in _LISTS:
            return only
        case _:
            return value


def _with_intrinsics(value: object) -> object:
    match value:
        case str():
            return _reference(value)
        case list() | tuple():
            return [_with_intrinsics(item) for item in value]
        case dict() if any(key == "Ref" or str(key).startswith("Fn::") for key in value):
            return value
        case dict():
            return {key: _with_intrinsics(item) for key, item in value.items()}
        case _:
            return value


def _reference(text: str) -> object:
    if whole := _IS_REFERENCE.match(text):
        name, dot, attribute = whole[1].partition(".")
        return {"Fn::GetAtt": [name, attribute]} if dot else {"Ref": name}
    if _HOLDS_REFERENCE.search(text):
        return {"Fn::Sub": _OTHER_VARIABLE.sub("${!", text)}
    return text
