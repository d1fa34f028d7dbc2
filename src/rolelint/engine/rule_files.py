"""Does a rule file say what a rule needs? Files in folders by theme, each validated like a template."""

import os
from collections.abc import Iterable, Iterator
from typing import NoReturn

from rolelint.engine.findings import Severity
from rolelint.engine.rule import SUBJECTS, Clause, Example, Page, Rule, RuleError
from rolelint.engine.rulebook import paths_below
from rolelint.engine.trusted import Trusted
from rolelint.syntax.nodes import Entry, Mapping, Node, Scalar, Sequence
from rolelint.syntax.source import Source, Span
from rolelint.syntax.spelling import hint
from rolelint.syntax.unreadable import Unreadable
from rolelint.syntax.yaml_reader import read_yaml

_REQUIRED = ("summary", "severity", "why", "fix", "references", "for", "message", "examples")
_OF_EXAMPLE = ("title", "template", "trusted-accounts", "organization")
_OPTIONAL = ("equivalents", "implies", "default", "minor", "where", "check", "point_at")
_TOOLS = frozenset(
    (
        "access-analyzer",
        "aws-guard-rules-registry",
        "cdk_nag",
        "cfn-lint",
        "cfn_nag",
        "cfripper",
        "checkov",
        "cloudsplaining",
        "kics",
        "parliament",
        "pathfinding.cloud",
        "prowler",
        "semgrep",
        "trivy",
    )
)
_EFFECTS = ("allow", "deny")
_WITHOUT_PLACE = frozenset(("effect", "condition", "holder"))
"""Fields of ``where`` that hold for a statement as a whole: a finding cannot point at them."""
_MARKS = ("# <- certain", "# <- possible")


def load_rules(folder: str) -> list[tuple[Rule, Page]]:
    """The rules below a folder, in the order of their names.

    Raises:
        RuleError: a rule file is wrong, or two have one name.

    """
    loaded: dict[str, tuple[Rule, Page]] = {}
    for path in paths_below(folder):
        rule, page = load_rule(path)
        if rule.name in loaded:
            raise RuleError(f"{path}:1: another rule has the name {rule.name}")
        loaded[rule.name] = rule, page
    return [loaded[name] for name in sorted(loaded)]


def load_rule(path: str) -> tuple[Rule, Page]:
    """The rule in a file; its name is the file's.

    Raises:
        RuleError: the file is not a valid rule.

    """
    with open(path, encoding="utf-8") as file:
        source = Source(path, file.read())
    try:
        root, problems = read_yaml(source)
    except Unreadable as error:
        raise RuleError(f"{path}:{source.position(error.offset).line}: {error.reason}") from error
    if problems:
        _refuse(problems[0].span, problems[0].message)
    if not isinstance(root, Mapping):
        raise RuleError(f"{path}:1: a rule file is a mapping")
    return _RuleFile(root).read(os.path.splitext(os.path.basename(path))[0], os.path.basename(os.path.dirname(path)))


def _refuse(span: Span, message: str) -> NoReturn:
    raise RuleError(f"{span.source.path}:{span.first.line}: {message}")


class _RuleFile:
    """Reads one rule file, refusing what it does not know."""

    def __init__(self, root: Mapping) -> None:
        self.root = root

    def read(self, name: str, theme: str) -> tuple[Rule, Page]:
        self.check_keys()
        subject = self.one_of("for", SUBJECTS)
        where, check = self.decision(subject)
        rule = Rule(
            name=name,
            theme=theme,
            summary=self.text("summary"),
            severity=self.severity("severity"),
            default=self.one_of("default", ("on", "off"), "on") == "on",
            subject=subject,
            where=where,
            check=check,
            point_at=self.point_at(where),
            message=self.message(where, check),
            implies=tuple(one.text for one in self.texts("implies")),
            fix=self.text("fix"),
            minor=self.minor(),
        )
        references = tuple(one.text for one in self.texts("references"))
        return rule, Page(self.text("why"), references, self.equivalents(), tuple(self.examples()))

    def check_keys(self) -> None:
        for entry in self.root.entries:
            if entry.key.text not in (*_REQUIRED, *_OPTIONAL):
                _refuse(entry.key.span, f"unknown key {entry.key.text!r}{hint(entry.key.text, (*_REQUIRED, *_OPTIONAL))}")
        for key in _REQUIRED:
            if self.root.get(key) is None:
                _refuse(self.root.span, f"the key {key!r} is missing")

    def text(self, key: str) -> str:
        node = self.root.get(key)
        if not isinstance(node, Scalar) or not node.text.strip():
            _refuse(node.span if node else self.root.span, f"{key} must be text")
        return " ".join(node.text.split())

    def texts(self, key: str) -> list[Scalar]:
        node = self.root.get(key)
        return _scalars(node, key) if node is not None else []

    def one_of(self, key: str, allowed: Iterable[str], otherwise: str | None = None) -> str:
        node = self.root.get(key)
        if node is None and otherwise is not None:
            return otherwise
        if not isinstance(node, Scalar) or node.text not in allowed:
            _refuse(node.span if node else self.root.span, f"{key} must be one of {', '.join(allowed)}")
        return node.text

    def severity(self, key: str) -> Severity:
        return Severity[self.one_of(key, [str(one) for one in Severity]).upper()]

    def minor(self) -> Severity | None:
        node = self.root.get("minor")
        if node is None:
            return None
        minor = self.severity("minor")
        if minor >= self.severity("severity") or self.root.get("check") is None:
            _refuse(node.span, "minor is a severity below that of the rule, for what its check calls minor")
        return minor

    def decision(self, subject: str) -> tuple[tuple[Clause, ...], str]:
        where, check = self.root.get("where"), self.root.get("check")
        if subject == "problem" and where is None and check is None:
            return (), ""
        if (where is None) == (check is None):
            _refuse(self.root.span, "a rule has exactly one of where and check")
        if isinstance(check, Scalar):
            return (), self.known_check(check)
        if not isinstance(where, Mapping):
            _refuse((where or check or self.root).span, "where must be a mapping of fields")
        return tuple(clause for entry in where.entries for clause in _clauses(entry, subject)), ""

    def known_check(self, check: Scalar) -> str:
        from rolelint.engine.judge import check_named  # noqa: PLC0415 - checks import what judging needs

        try:
            check_named(check.text)
        except LookupError:
            _refuse(check.span, f"there is no check named {check.text!r}")
        return check.text

    def point_at(self, where: tuple[Clause, ...]) -> str:
        node = self.root.get("point_at")
        if node is None and not where:
            return ""
        fields = [clause.field for clause in where if clause.field not in _WITHOUT_PLACE]
        if not isinstance(node, Scalar) or node.text not in fields:
            _refuse(node.span if node else self.root.span, f"point_at must be a field of where with a place: {', '.join(fields)}")
        return node.text

    def message(self, where: tuple[Clause, ...], check: str) -> str:
        from string import Formatter  # noqa: PLC0415 - likewise

        from rolelint.engine.judge import check_named  # noqa: PLC0415 - likewise

        if self.root.get("where") is None and not check:
            known = {"problem"}
        else:
            facts = getattr(check_named(check), "facts") if check else ()  # noqa: B009 - a function's type has no such attribute
            known = {"owner", *(clause.field for clause in where), *facts}
        message, node = self.text("message"), self.root.get("message")
        try:
            used = {field for _, field, _, _ in Formatter().parse(message) if field is not None}
        except ValueError as error:
            _refuse(node.span if node else self.root.span, f"message: {error}")
        for field in sorted(used - known):
            _refuse(
                node.span if node else self.root.span, f"unknown placeholder {{{field}}}; known are {', '.join(sorted(known))}"
            )
        return message

    def equivalents(self) -> dict[str, tuple[str, ...]]:
        node = self.root.get("equivalents")
        if node is None:
            return {}
        if not isinstance(node, Mapping):
            _refuse(node.span, "equivalents must map tools to lists of their ids")
        for entry in node.entries:
            if entry.key.text not in _TOOLS:
                _refuse(entry.key.span, f"unknown tool {entry.key.text!r}{hint(entry.key.text, _TOOLS)}")
        return {entry.key.text: tuple(one.text for one in _scalars(entry.value, entry.key.text)) for entry in node.entries}

    def examples(self) -> Iterator[Example]:
        node = self.root.get("examples")
        found = [_example(item) for item in (node.items if isinstance(node, Sequence) else ())]
        marked = [any(mark in example.template for mark in _MARKS) for example in found]
        if not any(marked) or all(marked):
            _refuse(
                node.span if node else self.root.span, "a rule needs an example that it fires on and one that it is silent on"
            )
        return iter(found)


def _example(node: Node) -> Example:
    """An example, and what the configuration says while it is judged, in the configuration's words."""
    said = {entry.key.text: entry for entry in node.entries} if isinstance(node, Mapping) else {}
    for name, entry in said.items():
        if name not in _OF_EXAMPLE:
            _refuse(entry.key.span, f"unknown key {name!r} of an example{hint(name, _OF_EXAMPLE)}")
    title, template, accounts, organization = (said[key].value if key in said else None for key in _OF_EXAMPLE)
    if not isinstance(title, Scalar) or not isinstance(template, Scalar):
        _refuse(node.span, "an example has a title and a template")
    trusted = frozenset(one.text for one in _scalars(accounts, "trusted-accounts")) if accounts else frozenset[str]()
    named = organization.text if isinstance(organization, Scalar) else ""
    return Example(title.text, template.text, Trusted(trusted, named))


def _scalars(node: Node, what: str) -> list[Scalar]:
    members = node.items if isinstance(node, Sequence) else (node,)
    found = [member for member in members if isinstance(member, Scalar)]
    if len(found) < len(members):
        _refuse(node.span, f"{what} must be a list of texts")
    return found


def _clauses(entry: Entry, subject: str) -> Iterator[Clause]:
    """``field: {word: argument}``, or ``field: text`` for ``field: {is: text}``."""
    from rolelint.engine.words import WORDS  # noqa: PLC0415 - words import what judging needs

    field, fields = entry.key.text, WORDS[subject]
    if field not in fields:
        _refuse(entry.key.span, f"unknown field {field!r} of a {subject}{hint(field, fields)}")
    if field == "effect" and not (isinstance(entry.value, Scalar) and entry.value.text in _EFFECTS):
        _refuse(entry.value.span, f"effect must be one of {', '.join(_EFFECTS)}")
    if isinstance(entry.value, Mapping):
        for word in entry.value.entries:
            if word.key.text not in fields[field]:
                _refuse(
                    word.key.span, f"unknown word {word.key.text!r} for {field}; known are {', '.join(sorted(fields[field]))}"
                )
            yield Clause(field, word.key.text, tuple(one.text for one in _scalars(word.value, field)))
    else:
        if "is" not in fields[field]:
            _refuse(entry.value.span, f"{field} needs a word: {', '.join(sorted(fields[field]))}")
        yield Clause(field, "is", tuple(one.text for one in _scalars(entry.value, field)))
