"""Which rules are there? Built-in ones come compiled, a team's own from its files.

The compiled form is one file: a line of JSON with what judging needs of every rule, then a line for each rule's page, so
that start-up decodes the first line only.
"""

import json
import os
from collections.abc import Callable, Iterator
from time import time
from typing import Any

from rolelint.engine.findings import Severity
from rolelint.engine.rule import Clause, Example, Page, Rule, RuleError
from rolelint.engine.trusted import Trusted
from rolelint.tuples import NamedTuple

_PACKAGED = os.path.join(os.path.dirname(__file__), "rules.jsonl")
_CHECKOUT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", "..", "..", "rules"))
_READER = os.path.join(os.path.dirname(__file__), "rule_files.py")
_STARTED = time()


class Rulebook(NamedTuple):
    """The rules in the order of their names, and the page of each on request."""

    rules: tuple[Rule, ...]
    page: Callable[[str], Page]

    def named(self, name: str) -> Rule | None:
        """The rule of that name."""
        return next((rule for rule in self.rules if rule.name == name), None)


def builtin() -> Rulebook:
    """The rules that rolelint comes with: compiled into the package, or those of the checkout it runs from."""
    if os.path.exists(_PACKAGED):
        with open(_PACKAGED, "rb") as file:
            return read_compiled(file.read())
    return read_compiled(compiled(_CHECKOUT))


def extended(book: Rulebook, folder: str) -> Rulebook:
    """A rulebook with the rules below a folder added; nothing in that folder is ever executed.

    Raises:
        RuleError: the folder has no rules, a rule file is wrong, or a rule has the name of one that is known.

    """
    from rolelint.engine.rule_files import load_rules  # noqa: PLC0415 - only who has rules of their own pays

    loaded = load_rules(folder)
    if not loaded:
        raise RuleError(f"{folder}: {'there is no rule file in it' if os.path.isdir(folder) else 'is no directory'}")
    pages = {rule.name: page for rule, page in loaded}
    for name in pages:
        if book.named(name):
            raise RuleError(f"{folder}: a rule has the name {name}, which rolelint's own has")
    rules = sorted((*book.rules, *(rule for rule, _ in loaded)), key=lambda rule: rule.name)
    return Rulebook(tuple(rules), lambda name: pages[name] if name in pages else book.page(name))


def paths_below(folder: str) -> Iterator[str]:
    """The paths of the rule files below a folder, in fixed order."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(base, name) for name in sorted(names) if name.endswith(".yaml"))


def compiled(folder: str) -> bytes:
    """The compiled rules of a checkout, compiled again only when a file was written."""
    stamp = _stamp(folder)
    if stamp is None:
        return compile_rules(folder)
    path = os.path.join(os.path.dirname(folder), ".cache", "rules.jsonl")
    try:
        with open(path, "rb") as file:
            if file.readline() == stamp:
                return file.read()
    except OSError:
        pass
    content = compile_rules(folder)
    if stamp == _stamp(folder):
        _keep(path, stamp + content)
    return content


def _stamp(folder: str) -> bytes | None:
    """What changes with the rules and with the code that compiles them; None when the code that runs is not what is there.

    Paths, sizes and times, as for Python's own compiled files: to read all of it would take as long as to lint a template.
    """
    from binascii import crc32  # noqa: PLC0415 - only a checkout needs it

    code = (__file__, _READER)
    if any(os.path.getmtime(path) >= _STARTED for path in code):
        return None
    seen = [(path, one.st_size, one.st_mtime_ns) for path in (*paths_below(folder), *code) for one in (os.stat(path),)]
    return b"%08x %d\n" % (crc32(repr(seen).encode()), len(seen))


def _keep(path: str, content: bytes) -> None:
    """Write a file whole or not at all; a read-only checkout compiles on every run."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            file.write(content)
        os.replace(f"{path}.{os.getpid()}", path)
    except OSError:
        pass


def read_compiled(content: bytes) -> Rulebook:
    """The rulebook that a compiled file holds."""
    index, _, pages = content.partition(b"\n")
    rules = tuple(_from_json(one) for one in json.loads(index))

    def page(name: str) -> Page:
        start = pages.index(f'["{name}",'.encode())
        _, why, references, equivalents, examples = json.loads(pages[start : pages.index(b"\n", start)])
        shown = tuple(
            Example(title, template, Trusted(frozenset(accounts), organization))
            for title, template, (accounts, organization) in examples
        )
        return Page(why, tuple(references), {tool: tuple(ids) for tool, ids in equivalents.items()}, shown)

    return Rulebook(rules, page)


def _from_json(parts: list[Any]) -> Rule:
    name, theme, summary, severity, default, subject, where, check, point_at, message, implies, fix, minor = parts
    clauses = tuple(Clause(field, word, tuple(argument)) for field, word, argument in where)
    return Rule(
        name,
        theme,
        summary,
        Severity(severity),
        default,
        subject,
        clauses,
        check,
        point_at,
        message,
        tuple(implies),
        fix,
        None if minor is None else Severity(minor),
    )


def compile_rules(folder: str) -> bytes:
    """The rules below a folder as the content of a file for ``read_compiled``.

    Raises:
        RuleError: a rule file is wrong.

    """
    from rolelint.engine.rule_files import load_rules  # noqa: PLC0415 - an installed rolelint comes with compiled rules

    loaded = load_rules(folder)
    lines = [json.dumps([rule for rule, _ in loaded], separators=(",", ":"), ensure_ascii=False)]
    for rule, page in loaded:
        lines.append(json.dumps([rule.name, *page], separators=(",", ":"), ensure_ascii=False, default=sorted))
    return "".join(f"{line}\n" for line in lines).encode()
