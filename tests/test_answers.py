"""What answers the questions of other tools: rules that exist and name the same ids."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from rolelint.engine.rulebook import Rulebook

ROOT = Path(__file__).parent.parent


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("answers")


def test_the_page_is_up_to_date(answers: ModuleType) -> None:
    assert (ROOT / "rules" / "COVERAGE.md").read_text(encoding="utf-8") == answers.page(), "run tools/generate_docs.py"


def test_every_rule_that_is_named_exists(answers: ModuleType, rulebook: Rulebook) -> None:
    named = {rule for lines in answers.questions().values() for one in lines for rule in one.rules}

    assert named - {rule.name for rule in rulebook.rules} == set()


def test_an_id_of_another_tool_is_an_equivalent_of_a_rule_that_answers(answers: ModuleType, rulebook: Rulebook) -> None:
    missing = [
        (one.name, tool, id_)
        for lines in answers.questions().values()
        for one in lines
        for tool, ids in one.ids.items()
        for id_ in ids
        if one.rules and not any(id_ in rulebook.page(rule).equivalents.get(tool, ()) for rule in one.rules)
    ]

    assert missing == []


def test_nearly_every_question_is_answered_and_the_others_say_why_not(answers: ModuleType) -> None:
    themes = answers.questions()
    own = themes.pop(answers.NOBODY_ELSE)
    asked = [one for lines in themes.values() for one in lines]

    assert len(asked) == 279
    assert len(own) == 35
    assert all(one.rules for one in own)
    assert sum(bool(one.rules) for one in asked) >= 250
    assert all(one.reason.endswith(".") for one in asked if not one.rules)


def test_no_question_stands_there_twice(answers: ModuleType) -> None:
    names = [one.name for lines in answers.questions().values() for one in lines]

    assert len(names) == len(set(names))
