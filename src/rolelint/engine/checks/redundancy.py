"""Does part of a policy say what another part says already?"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam import operators
from rolelint.iam.elements import Condition, Pattern
from rolelint.iam.globs import covers
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import When, both

_MOST_COMPARED = 1_500
"""Patterns of a statement that are held against its wildcards: no policy has room for more, a bucket's with 20 KB the most."""
_INSTANT = compile_pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@says("action", "wider")
def redundant_action(subject: StatementSubject) -> Iterator[Hit]:
    """An action that is there twice, or that a wildcard in the same statement takes in already."""
    found = _covered(subject.statement.actions, subject.statement.when, any_case=True)
    if found:
        facts = {"action": str(found[0].text), "wider": str(found[1].text)}
        yield Hit(found[0].span, facts=facts, when=subject.statement.when, about=frozenset({facts["action"]}))


@says("resource", "wider")
def redundant_resource(subject: StatementSubject) -> Iterator[Hit]:
    """A resource that is there twice, or that a wildcard in the same statement takes in already."""
    found = _covered(subject.statement.resources, subject.statement.when, any_case=False)
    if found:
        facts = {"resource": str(found[0].text), "wider": str(found[1].text)}
        yield Hit(found[0].span, facts=facts, when=subject.statement.when)


def _covered(patterns: tuple[Pattern, ...], when: When, *, any_case: bool) -> tuple[Pattern, Pattern] | None:
    """A pattern that is there whenever its statement is, and another one that is, too, and takes it in or came before it."""
    always = (one for one in patterns if set(one.when) <= set(when))
    known = (one for one in always if not any(symbol.kind == "opaque" for symbol in one.text.symbols))
    shapes = [(one, str(one.text)) for one in known]
    wide = [(one, text) for one, text in shapes if set(text) & set("*?")] if len(shapes) <= _MOST_COMPARED else []
    earlier: dict[str, Pattern] = {}
    for pattern, text in shapes:
        before = earlier.setdefault(text.lower() if any_case else text, pattern)
        if before is not pattern and before.span.start != pattern.span.start:
            return pattern, before
        for wider, other in wide:
            if other != text and covers(other, text, any_case=any_case):
                return pattern, wider
    return None


@says("number")
def redundant_statement(subject: StatementSubject) -> Iterator[Hit]:
    """A statement all of which an earlier or later one of the same policy says."""
    statement = subject.statement
    if not _is_plain(statement):
        return
    for other in subject.policy.document.statements:
        if other.number != statement.number and _is_plain(other) and _takes_in(other, statement):
            if _takes_in(statement, other) and other.number > statement.number:
                continue  # of two that are alike, the later one is the copy
            when: When | None = both(statement.when, other.when)
            if when == statement.when:
                yield Hit(statement.element("Effect"), facts={"number": str(other.number + 1)}, when=when)
                return


def _is_plain(statement: Statement) -> bool:
    """Whether a statement can be compared with others: positive, and with nothing unknown about it."""
    negative = statement.not_actions or statement.not_resources or statement.not_principals
    known = all(not one.when for one in (*statement.actions, *statement.resources))
    return not negative and not statement.unknown and known and bool(statement.actions)


def _takes_in(wide: Statement, narrow: Statement) -> bool:
    same = wide.effect == narrow.effect and _who(wide) == _who(narrow)
    return (
        same
        and (not wide.conditions or _terms(wide.conditions) == _terms(narrow.conditions))
        and _all_in(narrow.actions, wide.actions, any_case=True)
        and _all_in(narrow.resources, wide.resources, any_case=False)
    )


def _all_in(narrow: tuple[Pattern, ...], wide: tuple[Pattern, ...], *, any_case: bool) -> bool:
    return all(any(covers(str(other.text), str(one.text), any_case=any_case) for other in wide) for one in narrow)


def _who(statement: Statement) -> frozenset[tuple[str, str]]:
    return frozenset((one.kind, str(one.text)) for one in statement.principals)


def _terms(conditions: tuple[Condition, ...]) -> frozenset[tuple[str, str, frozenset[str]]]:
    return frozenset((one.operator.lower(), one.name, frozenset(str(value.text) for value in one.values)) for one in conditions)


@says("value", "key", "operator", "other")
def redundant_value(subject: StatementSubject) -> Iterator[Hit]:
    """A value of a condition that another value takes in: a smaller range, a lower limit, a name that a wildcard fits."""
    for condition in subject.statement.conditions:
        found = _weaker(condition)
        if found:
            value, other = found
            facts = {
                "value": str(value.text),
                "key": str(condition.key),
                "operator": condition.operator,
                "other": str(other.text),
            }
            yield Hit(value.span, facts=facts, when=value.when)
            return


def _weaker(condition: Condition) -> tuple[Pattern, Pattern] | None:
    operator = operators.read(condition.operator).base
    for value in condition.values:
        for other in condition.values:
            one, two = as_letters(value.text), as_letters(other.text)
            if value is not other and not value.when and not other.when and one != two and _says_more(operator, two, one):
                return value, other
    return None


def _says_more(operator: str, wide: str, narrow: str) -> bool:
    """Whether a value of an operator lets through all that another one does."""
    if "like" in operator:
        return bool(set(wide) & set("*?")) and covers(wide, narrow)
    if "ipaddress" in operator:
        from ipaddress import ip_network  # noqa: PLC0415 - few policies name networks

        try:
            outer, inner = ip_network(wide, strict=False), ip_network(narrow, strict=False)
        except ValueError:
            return False
        return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # of one version
    if operator.startswith("numeric") and wide.isdigit() and narrow.isdigit():
        wide, narrow = wide.zfill(len(narrow)), narrow.zfill(len(wide))  # so that they compare as texts, as days do
    elif not operator.startswith("date") or not (_INSTANT.fullmatch(wide) and _INSTANT.fullmatch(narrow)):
        return False
    return wide > narrow if "lessthan" in operator else "greaterthan" in operator and wide < narrow
