"""What does parliament say of the policies in a template, and what do a team's own auditors for it say?

parliament reads policies as JSON. It is given each one as it is resolved here, one element a line, so that what it says of a
line is told at the characters of the template. Installed with ``pip install 'rolelint[parliament]'``; nothing of it is
imported unless it is asked for. Auditors are Python code: only the command line can name them, never a configuration file.
https://github.com/duo-labs/parliament
"""

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from rolelint.engine.findings import Finding, Owner, Severity
from rolelint.engine.hits import listed
from rolelint.engine.judge import RuleFailure
from rolelint.engine.rule import Page, Rule
from rolelint.engine.rulebook import Rulebook
from rolelint.iam.access import Access, Policy
from rolelint.iam.elements import Condition, Pattern
from rolelint.iam.patterns import Certainty
from rolelint.iam.statements import Statement
from rolelint.syntax.files import reason
from rolelint.syntax.pointers import json_pointer, steps_to
from rolelint.syntax.source import Span
from rolelint.template.values import Literal, Symbol, Text, When
from rolelint.tuples import NamedTuple

NAME = "parliament/"
"""What the names of its findings begin with: ``parliament/RESOURCE_MISMATCH``."""

_KINDS = ("identity_policy", "resource_policy", "session_policy")
_UNEXPECTED = "EXCEPTION"
_OVERRIDE = "config_override.yaml"
_PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::URLSuffix": "amazonaws.com",
}


class Unavailable(Exception):  # noqa: N818 - it is told to people
    """parliament is not installed, or the auditors cannot be read; ``advice`` says what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class Parliament(NamedTuple):
    """parliament, ready to be asked: its module, its settings for each issue, and the folder of a team's auditors."""

    module: Any
    issues: dict[str, dict[str, Any]]
    auditors: str | None

    def rulebook(self, book: Rulebook) -> Rulebook:
        """A rulebook with a rule for each issue, so that they can be selected, suppressed and described like all others."""
        own = tuple(_rule(issue, settings) for issue, settings in sorted(self.issues.items()))
        pages = {rule.name: _page(self.issues[rule.name.removeprefix(NAME)]) for rule in own}
        rules = tuple(sorted((*book.rules, *own), key=lambda rule: rule.name))
        return Rulebook(rules, lambda name: pages[name] if name in pages else book.page(name))

    def judge(self, access: Access, rules: Iterable[Rule]) -> Iterator[Finding]:
        """What it finds in the policies of a template, as far as some rules tell it."""
        wanted = {rule.name: rule for rule in rules if rule.name.startswith(NAME)}
        for policy in access.policies if wanted else ():
            if policy.kind in _KINDS:
                yield from self._judged(policy, access, wanted)

    def _judged(self, policy: Policy, access: Access, wanted: dict[str, Rule]) -> Iterator[Finding]:
        lines = list(_lines(policy))
        try:
            told = self.module.analyze_policy_string(
                "\n".join(line.text for line in lines),
                ignore_private_auditors=self.auditors is None,
                private_auditors_custom_path=self.auditors,
                include_community_auditors=True,
                config=self.issues,
            ).findings
        except Exception as error:
            raise RuleFailure("parliament", access.template.source.path) from error
        seen: set[tuple[str, Span]] = set()
        for one in told:
            issue = one.issue if one.issue in self.issues else _UNEXPECTED
            rule, line = wanted.get(f"{NAME}{issue}"), lines[_line(one.location, lines)]
            if rule and line.span and (rule.name, line.span) not in seen:
                seen.add((rule.name, line.span))
                yield _finding(rule, _message(one, rule), line, policy, access)


def parliament(auditors: str | None = None) -> Parliament:
    """Parliament, with the auditors of a folder.

    Raises:
        Unavailable: it is not installed, or the folder holds no auditor.

    """
    if auditors is not None and not any(name.endswith(".py") for name in _names_in(auditors)):
        raise Unavailable(f"{auditors}: there is no auditor in it", "name a directory of Python files with a function audit")
    import warnings  # noqa: PLC0415 - few ask for parliament

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it imports pkg_resources, which warns of its own end
            import parliament as module  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise Unavailable(f"parliament cannot be imported: {error}", "pip install 'rolelint[parliament]' installs it") from error
    community = os.path.join(os.path.dirname(module.__file__), "community_auditors", _OVERRIDE)
    issues = {issue: dict(settings) for issue, settings in module.config.items()}
    for path in (community, os.path.join(auditors, _OVERRIDE) if auditors else ""):
        issues |= _settings(path, issues) if path and os.path.exists(path) else {}
    return Parliament(module, issues, auditors)


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError as error:
        raise Unavailable(f"{folder}: {reason(error)}", "name a directory that can be read") from error


def _settings(path: str, known: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a file says about issues, over what is known of them."""
    import yaml  # noqa: PLC0415 - likewise

    try:
        with open(path, encoding="utf-8") as file:
            found = yaml.safe_load(file) or {}
        return {str(issue): {**known.get(issue, {}), **settings} for issue, settings in found.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise Unavailable(f"{path}: it does not describe issues: {error}", "write ISSUE: {title: …, severity: …}") from error


# -- Rules and findings ------------------------------------------------------------------------------------------------


def _rule(issue: str, settings: dict[str, Any]) -> Rule:
    title = str(settings.get("title") or issue).rstrip(". ")
    severity = Severity.__members__.get(str(settings.get("severity")).upper(), Severity.INFO)
    fix = str(settings.get("description") or title)
    return Rule(f"{NAME}{issue}", "parliament", title, severity, True, "problem", (), "", "", "{problem}", (), fix)  # noqa: FBT003 - a field


def _page(settings: dict[str, Any]) -> Page:
    why = str(settings.get("description") or settings.get("title") or "")
    return Page(why, ("https://github.com/duo-labs/parliament",), {}, ())


def _message(told: Any, rule: Rule) -> str:  # noqa: ANN401 - a finding of parliament
    detail = told.detail if isinstance(told.detail, str) else _actions(told.detail)
    if not rule.name.endswith(told.issue):
        return f"{told.issue}, which no {_OVERRIDE} describes"
    return f"{rule.summary}: {' '.join(detail.split())}".rstrip(": .")


def _actions(detail: Any) -> str:  # noqa: ANN401 - what parliament has to add: a list of names or of mappings
    names = [one.get("action", "") if isinstance(one, dict) else str(one) for one in detail] if isinstance(detail, list) else []
    return listed(list(dict.fromkeys(filter(None, names))))


def _finding(rule: Rule, message: str, line: "_Line", policy: Policy, access: Access) -> Finding:
    template, span = access.template, (line.span or policy.document.node.span).on_one_line()
    inside = span.source is template.source
    owner = Owner(template.within + policy.resource.id, policy.resource.type) if policy.resource else None
    assumed = (*(f"the condition {name} {'holds' if holds else 'does not hold'}" for name, holds in line.when), *line.guessed)
    return Finding(
        rule=rule.name,
        severity=rule.severity,
        certainty=Certainty.POSSIBLE if line.guessed else Certainty.CERTAIN,
        message=message,
        span=span,
        pointer=json_pointer(steps_to(template.root, span.start)) if inside else "",
        owner=owner,
        witness=span.text,
        assumptions=assumed,
        help=rule.fix,
    )


# -- A policy as parliament reads it -----------------------------------------------------------------------------------


class _Line(NamedTuple):
    """A line of JSON and where it comes from; ``guessed`` are the texts in place of what the template does not tell."""

    text: str
    span: Span | None = None
    when: When = ()
    guessed: tuple[str, ...] = ()


def _line(location: dict[str, Any], lines: list[_Line]) -> int:
    """The line that parliament speaks of, or that of the first action that it names; the first one if it says neither."""
    number = location.get("line") or location.get("lineno")
    if isinstance(number, int) and 0 < number <= len(lines):
        return number - 1
    named = location.get("actions") or ()
    wanted = {str(one).lower() for one in ([named] if isinstance(named, str) else named)}
    texts = enumerate(line.text.strip('",').lower() for line in lines)
    return next((index for index, text in texts if text in wanted), 0)


def _lines(policy: Policy) -> Iterator[_Line]:
    document = policy.document
    place = document.node.span.on_one_line()
    yield _Line("{", place)
    if document.version:
        yield _Line(f'"Version": {json.dumps(document.version)},', place)
    yield _Line('"Statement": [', place)
    separated = False
    sids: set[str] = set()
    for statement in document.statements:
        statement = statement._replace(resources=tuple(filter(_is_told, statement.resources)))  # noqa: PLW2901 - less of it
        empty = not statement.resources and policy.kind != "resource_policy"
        if empty or statement.unknown or statement.effect not in ("Allow", "Deny"):
            continue
        if separated:
            yield _Line(",")
        separated = True
        yield from _statement(statement, sids)
    yield _Line("]}", place)


def _statement(statement: Statement, sids: set[str]) -> Iterator[_Line]:
    """A statement in lines; of its forms under the template's conditions only the first keeps the Sid."""
    place = statement.element("Action", "NotAction", "Effect")
    guessed = _guesses([*statement.actions, *statement.resources])
    yield _Line("{", place, statement.when, guessed)
    key = f"{statement.number} {statement.sid}"
    if statement.sid is not None and key not in sids:
        sids.add(key)
        yield _Line(f'"Sid": {json.dumps(statement.sid)},', statement.element("Sid"), statement.when)
    yield from _elements("NotAction" if statement.not_actions else "Action", statement.actions, statement)
    yield from _elements("NotResource" if statement.not_resources else "Resource", statement.resources, statement)
    if statement.principals:
        yield from _principals(statement)
    if statement.conditions:
        yield from _conditions(statement)
    yield _Line(f'"Effect": {json.dumps(statement.effect)}', place, statement.when)
    yield _Line("}", place, statement.when, guessed)


def _elements(name: str, patterns: tuple[Pattern, ...], statement: Statement) -> Iterator[_Line]:
    if not patterns:
        return
    yield _Line(f'"{name}": [', statement.element(name), statement.when)
    for index, pattern in enumerate(patterns):
        comma = "," if index < len(patterns) - 1 else ""
        yield _Line(json.dumps(_told(pattern.text)) + comma, pattern.span, pattern.when, _guesses([pattern]))
    yield _Line("],", statement.element(name), statement.when)


def _principals(statement: Statement) -> Iterator[_Line]:
    by_kind: dict[str, list[str]] = {}
    for one in statement.principals:
        by_kind.setdefault("AWS" if one.kind == "*" else one.kind, []).append(_told(one.text))
    name = "NotPrincipal" if statement.not_principals else "Principal"
    yield _Line(f'"{name}": {json.dumps(by_kind)},', statement.element(name), statement.when)


def _conditions(statement: Statement) -> Iterator[_Line]:
    """The conditions, each operator on a line; parliament speaks of operators and keys by theirs."""
    by_operator: dict[str, list[Condition]] = {}
    for one in statement.conditions:
        by_operator.setdefault(one.operator, []).append(one)
    yield _Line('"Condition": {', statement.element("Condition"), statement.when)
    for index, (operator, conditions) in enumerate(by_operator.items()):
        keys = {_told(one.key): [_told(value.text) for value in one.values] for one in conditions}
        comma = "," if index < len(by_operator) - 1 else ""
        span = conditions[0].key.span if conditions[0].key.pieces else statement.element("Condition")
        yield _Line(f"{json.dumps(operator)}: {json.dumps(keys)}{comma}", span, conditions[0].when)
    yield _Line("},", statement.element("Condition"), statement.when)


def _is_told(pattern: Pattern) -> bool:
    """Whether the template tells at least a part of a resource: nothing can be said about one that is a parameter as a whole."""
    return pattern.text.symbol is None or pattern.text.symbol.default is not None


def _told(text: Text) -> str:
    """A text with something in place of what the template does not tell."""
    return "".join(piece.text if isinstance(piece, Literal) else _value(piece.symbol) for piece in text.pieces)


def _value(symbol: Symbol) -> str:
    return _PSEUDO.get(symbol.name) or symbol.default or _word(symbol)


def _word(symbol: Symbol) -> str:
    return "".join(letter for letter in symbol.name if letter.isalnum()) or "value"


def _guesses(patterns: Iterable[Pattern]) -> tuple[str, ...]:
    """What stands in place of symbols, as assumptions; of pseudo parameters any value would do."""
    symbols = dict.fromkeys(symbol for pattern in patterns for symbol in pattern.text.symbols if symbol.name not in _PSEUDO)
    return tuple(f"{symbol.name} is {_value(symbol)!r}" for symbol in symbols)
