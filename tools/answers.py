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
A question without a rule says why: mostly its answer is a state of the account, which no template tells. `rolelint rule NAME`
shows a rule; suppressions and configuration take the ids of other tools as well.
"""


class Question(NamedTuple):
    """A question: the rules that answer it, or why none does, and the ids that it has in other tools."""

    name: str
    asks: str
    rules: tuple[str, ...]
    reason: str
    ids: Mapping[str, tuple[str, ...]]


def questions() -> dict[str, list[Question]]:
    """All questions, by theme, in the order of the table."""
    themes: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {theme: [_question(name, line) for name, line in lines.items()] for theme, lines in themes.items()}


def _question(name: str, line: Mapping[str, object]) -> Question:
    unknown = set(line) - {"asks", "rules", "reason", "ids"}
    if unknown or ("rules" in line) == ("reason" in line):
        message = f"{name}: a line has asks, ids, and either rules or a reason"
        raise ValueError(message)
    rules, ids = line.get("rules"), line.get("ids")
    return Question(
        name=name,
        asks=str(line["asks"]),
        rules=tuple(str(one) for one in rules) if isinstance(rules, list) else (),
        reason=str(line.get("reason", "")),
        ids={str(tool): tuple(str(one) for one in found) for tool, found in ids.items()} if isinstance(ids, dict) else {},
    )


def page() -> str:
    """The page, with its counts."""
    return "\n".join((INTRODUCTION, *_counts(questions()), *_tables(questions()))) + "\n"


def _counts(themes: Mapping[str, list[Question]]) -> Iterator[str]:
    asked = [one for theme, lines in themes.items() if theme != NOBODY_ELSE for one in lines]
    own = themes[NOBODY_ELSE]
    answered = sum(bool(one.rules) for one in asked)
    yield f"{len(asked)} questions of other tools: {answered} are answered by rules, {len(asked) - answered} are out of scope."
    yield f"{len(own)} more that no other tool asks of a template: {sum(bool(one.rules) for one in own)} are answered by rules."


def _tables(themes: Mapping[str, list[Question]]) -> Iterator[str]:
    for theme, lines in themes.items():
        yield f"\n## {theme}\n\n| question | answered by | asked as |\n|---|---|---|"
        for one in lines:
            answer = ", ".join(f"`{rule}`" for rule in one.rules) or one.reason
            asked = "; ".join(f"{tool} {', '.join(ids)}" for tool, ids in one.ids.items())
            yield f"| {one.asks} | {answer} | {asked} |"
