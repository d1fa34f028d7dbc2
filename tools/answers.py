"""What do other tools ask of a template or a policy, and which rule answers here? The table in answers.yaml, as a page."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

TABLE = Path(__file__).parent / "answers.yaml"
NOBODY_ELSE = "What no other tool asks"
"""The theme of the questions that are rolelint's own."""

INTRODUCTION = """\
# What other tools ask, and what answers here

Generated from `tools/answers.yaml` by `python tools/generate_docs.py`; do not edit.

Each line is a question that some tool asks of IAM policies, wherever it reads them, and the rules of rolelint that answer it.
Some ask for two states of a template, which a command compares, and some for what only a team knows: a rule of its own
(`rolelint rule new`) says that in a few lines. A question without any of these says why: mostly its answer is a state of
the account, which no template tells. `rolelint rule NAME` shows a rule, also one that is off until it is selected;
suppressions and configuration take the ids of other tools as well.
"""
_ANSWERS = ("rules", "commands", "own", "reason")
"""What answers a question, or why nothing does; each has just one of them."""


class Question(NamedTuple):
    """A question: the rules, commands or rule of one's own that answer it, or why none does, and its ids in other tools."""

    name: str
    asks: str
    rules: tuple[str, ...]
    commands: tuple[str, ...]
    own: str
    reason: str
    ids: Mapping[str, tuple[str, ...]]

    @property
    def answer(self) -> str:
        """What answers it, as the page says it."""
        if self.own:
            return f"a rule of your own: {self.own}"
        return ", ".join(f"`{one}`" for one in self.rules or self.commands) or self.reason


def questions() -> dict[str, list[Question]]:
    """All questions, by theme, in the order of the table."""
    themes: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {theme: [_question(name, line) for name, line in lines.items()] for theme, lines in themes.items()}


def _question(name: str, line: Mapping[str, object]) -> Question:
    if set(line) - {"asks", "ids", *_ANSWERS} or sum(key in line for key in _ANSWERS) != 1:
        message = f"{name}: a line has asks, ids, and one of {', '.join(_ANSWERS)}"
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
    )


def _texts(found: object) -> tuple[str, ...]:
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def page() -> str:
    """The page, with its counts."""
    return "\n".join((INTRODUCTION, *_counts(questions()), *_tables(questions()))) + "\n"


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
