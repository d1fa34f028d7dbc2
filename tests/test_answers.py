"""What answers the questions of other tools: rules that exist and name the same ids, or commands."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from rolelint.cli import main
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
    assert sum(bool(one.rules) for one in asked) >= 265
    assert all(one.reason.endswith(".") for one in asked if not (one.rules or one.commands or one.own))


def test_a_question_with_answers_of_two_kinds_is_refused(
    answers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "answers.yaml"
    table.write_text("Theme: {question: {asks: What, rules: [admin-statement], reason: None.}}")
    monkeypatch.setattr(answers, "TABLE", table)

    with pytest.raises(ValueError, match="question: a line has asks, ids, and one of rules, commands, own, reason"):
        answers.questions()


def test_a_command_that_answers_is_one_that_rolelint_has(answers: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    commands = {one for lines in answers.questions().values() for question in lines for one in question.commands}

    for command in commands:
        program, word, *_ = command.split(" ")
        with pytest.raises(SystemExit):
            main(["--help"])
        assert program == "rolelint"
        assert word in capsys.readouterr().out


def test_no_question_stands_there_twice(answers: ModuleType) -> None:
    names = [one.name for lines in answers.questions().values() for one in lines]

    assert len(names) == len(set(names))
