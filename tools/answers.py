"""What do other tools ask of a template or a policy, which rule answers here, and what shows that it does so rightly?

The table in answers.yaml, as a page.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

TABLE = Path(__file__).parent / "answers.yaml"
NOBODY_ELSE = "What no other tool asks"
"""The theme of the questions that are rolelint's own."""
COMPLAINTS = "What users of other tools complain about"
"""The theme without answers: its lines have traps only."""

INTRODUCTION = """\
# What other tools ask, and what answers here

Generated from `tools/answers.yaml` by `python tools/generate_docs.py`; do not edit.

Each line is a question that some tool asks of IAM policies, wherever it reads them, and the rules of rolelint that answer it.
Some ask for two states of a template, which a command compares, and some for what only a team knows: a rule of its own
(`rolelint rule new`) says that in a few lines. A question without any of these says why: mostly its answer is a state of
the account, which no template tells. `rolelint rule NAME` shows a rule, also one that is off until it is selected;
suppressions and configuration take the ids of other tools as well.
"""
TRAPS = """\
These questions have misled tools: into reporting what is harmless, or overlooking what is not. For each of them stands what
holds, and an example of a rule (its tests run them all), a case or a test that fails if rolelint gets it wrong.
"""
SHOWN = {
    "silent": "`{where}` is silent: *{what}*",
    "found": "`{where}` reports: *{what}*",
    "optional": "`{where}` is off until it is selected",
    "case": "tests/cases/{where}.yaml: *{what}*",
    "test": "tests/{where}.py: *{what}*",
}
"""What shows that a trap is avoided, in the words of the page: an example of a rule that has no findings, or has some; that a
rule is off by default; a row of cases; a test."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ANSWERS = ("rules", "commands", "own", "reason")
"""What answers a question, or why nothing does; each has just one of them."""


class Proof(NamedTuple):
    """What shows that a trap is avoided: a kind of ``SHOWN``, a rule or a file, and the title of an example, case or test."""

    kind: str
    where: str
    what: str = ""


class Trap(NamedTuple):
    """What holds where other tools are misled, and what shows that rolelint is not."""

    holds: str
    proofs: tuple[Proof, ...]


class Question(NamedTuple):
    """A question: the rules, commands or rule of one's own that answer it, or why none does, and its ids in other tools."""

    name: str
    asks: str
    rules: tuple[str, ...]
    commands: tuple[str, ...]
    own: str
    reason: str
    ids: Mapping[str, tuple[str, ...]]
    traps: tuple[Trap, ...]

    @property
    def answer(self) -> str:
        """What answers it, as the page says it."""
        if self.own:
            return f"a rule of your own: {self.own}"
        return ", ".join(f"`{one}`" for one in self.rules or self.commands) or self.reason


def questions() -> dict[str, list[Question]]:
    """All questions, by theme, in the order of the table."""
    return {theme: [_question(name, line) for name, line in lines.items()] for theme, lines in _themes() if theme != COMPLAINTS}


def complaints() -> dict[str, tuple[Trap, ...]]:
    """What users of other tools complain about, and what holds here instead, point by point."""
    return {
        str(line["asks"]): _traps(name, line) for theme, lines in _themes() if theme == COMPLAINTS for name, line in lines.items()
    }


def _themes() -> Iterable[tuple[str, Mapping[str, Mapping[str, object]]]]:
    themes: dict[str, dict[str, dict[str, object]]] = yaml.load(TABLE.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - safe
    return themes.items()


def _question(name: str, line: Mapping[str, object]) -> Question:
    if set(line) - {"asks", "ids", "traps", *_ANSWERS} or sum(key in line for key in _ANSWERS) != 1:
        message = f"{name}: a line has asks, ids, traps, and one of {', '.join(_ANSWERS)}"
        raise ValueError(message)
    ids = line.get("ids")
    return Question(
        name=name,
        asks=str(line["asks"]),
        rules=_texts(line.get("rules")),
        commands=_texts(line.get("commands")),
        own=str(line.get("own", "")),
        reason=str(line.get("reason", "")),
        ids={str(tool): _texts(found) for tool, found in ids.items()} if isinstance(ids, dict) else {},
        traps=_traps(name, line),
    )


def _traps(name: str, line: Mapping[str, object]) -> tuple[Trap, ...]:
    listed = line.get("traps", [])
    return tuple(_trap(name, trap) for trap in listed) if isinstance(listed, list) else ()


def _trap(name: str, line: Mapping[str, object]) -> Trap:
    if "holds" not in line or len(line) == 1 or set(line) - {"holds", *SHOWN}:
        message = f"{name}: a trap has holds, and at least one of {', '.join(SHOWN)}"
        raise ValueError(message)
    return Trap(str(line["holds"]), tuple(proof for kind in SHOWN for proof in _proofs(kind, line.get(kind))))


def _proofs(kind: str, shown: object) -> Iterator[Proof]:
    """The proofs of a kind: rules alone, or titles by rule or file, one or a list."""
    if isinstance(shown, dict):
        yield from (Proof(kind, where, what) for where, titles in shown.items() for what in _texts(titles) or (str(titles),))
    yield from (Proof(kind, where) for where in _texts(shown))


def _texts(found: object) -> tuple[str, ...]:
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def page() -> str:
    """The page, with its counts."""
    return "\n".join((INTRODUCTION, *_counts(questions()), *_tables(questions()), *_pitfalls())) + "\n"


def _counts(themes: Mapping[str, list[Question]]) -> Iterator[str]:
    asked = [one for theme, lines in themes.items() if theme != NOBODY_ELSE for one in lines]
    own = themes[NOBODY_ELSE]
    rules, commands, teams, reasons = (sum(bool(getattr(one, kind)) for one in asked) for kind in _ANSWERS)
    yield (
        f"{len(asked)} questions of other tools: {rules} are answered by rules, {commands} by a command, "
        f"{teams} by a rule of one's own; {reasons} are out of scope."
    )
    yield f"{len(own)} more that no other tool asks of a template: {sum(bool(one.rules) for one in own)} are answered by rules."


def _tables(themes: Mapping[str, list[Question]]) -> Iterator[str]:
    for theme, lines in themes.items():
        yield f"\n## {theme}\n\n| question | answered by | asked as |\n|---|---|---|"
        for one in lines:
            asked = "; ".join(f"{tool} {', '.join(ids)}" for tool, ids in one.ids.items())
            yield f"| {one.asks} | {one.answer} | {asked} |"


def _pitfalls() -> Iterator[str]:
    yield f"\n## What must stay silent, and what must not be missed\n\n{TRAPS}"
    yield "| question | what holds | what shows it |\n|---|---|---|"
    for lines in questions().values():
        for one in lines:
            yield from _rows(one.asks, one.traps)
    yield f"\n## {COMPLAINTS}\n"
    yield "| complaint | what holds | what shows it |\n|---|---|---|"
    for asks, traps in complaints().items():
        yield from _rows(asks, traps)


def _rows(asks: str, traps: Sequence[Trap]) -> Iterator[str]:
    """A row for each trap; what is asked stands before the first one only."""
    for place, trap in enumerate(traps):
        yield f"| {'' if place else asks} | {trap.holds} | {'; '.join(_shown(proof) for proof in trap.proofs)} |"


def _shown(proof: Proof) -> str:
    what = proof.what.removeprefix("test_").replace("_", " ") if proof.kind == "test" else proof.what
    return SHOWN[proof.kind].format(where=proof.where, what=what)
