"""What answers the questions of other tools: rules that exist and name the same ids, or commands."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from rolelint.cli import main
from rolelint.engine.rule_files import load_rules
from rolelint.engine.rulebook import Rulebook
from rolelint.examples import found, marked

ROOT = Path(__file__).parent.parent

EXAMPLES = {(rule.name, example.title): example for rule, page in load_rules(str(ROOT / "rules")) for example in page.examples}


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

    with pytest.raises(ValueError, match="question: a line has asks, ids, traps, and one of rules, commands, own, reason"):
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


def traps(answers: ModuleType) -> Iterator[tuple[str, Any]]:
    """What misleads other tools: under the name of a question or the words of a complaint, each trap."""
    yield from ((one.name, trap) for lines in answers.questions().values() for one in lines for trap in one.traps)
    yield from ((asks, trap) for asks, told in answers.complaints().items() for trap in told)


def shown_by(answers: ModuleType, *kinds: str) -> set[tuple[str, str, str]]:
    """The proofs of some kinds: a kind, a rule or file, and what of it."""
    return {tuple(proof) for _, trap in traps(answers) for proof in trap.proofs if proof.kind in kinds}


def test_a_trap_is_shown_by_an_example_that_exists_and_is_silent_or_reports(answers: ModuleType) -> None:
    """Whether an example does what its marks say is held by the tests of the rules."""
    wrong = [
        (rule, title)
        for kind, rule, title in shown_by(answers, "silent", "found")
        if (rule, title) not in EXAMPLES or bool(marked(EXAMPLES[rule, title].template)) != (kind == "found")
    ]

    assert wrong == []


def test_where_a_question_must_stay_silent_no_rule_that_answers_it_speaks(answers: ModuleType, rulebook: Rulebook) -> None:
    """Rules that are off by default ask for more, and those that the trap itself shows reporting have their reason."""
    asked = {one.name: one.rules for lines in answers.questions().values() for one in lines}
    speaking = []
    for name, trap in traps(answers):
        reporting = {proof.where for proof in trap.proofs if proof.kind == "found"}
        rules = [
            rule for rule in rulebook.rules if rule.default and rule.name in asked.get(name, ()) and rule.name not in reporting
        ]
        silent = {(proof.where, proof.what) for proof in trap.proofs if proof.kind == "silent"} & EXAMPLES.keys()
        speaking += [(name, *one, rule.name) for one in silent for rule in rules if found(rule, EXAMPLES[one], rulebook)]

    assert speaking == []


def test_a_rule_that_is_said_to_be_optional_is_off(answers: ModuleType, rulebook: Rulebook) -> None:
    on = {rule.name for rule in rulebook.rules if rule.default}

    assert {rule for _, rule, _ in shown_by(answers, "optional")} & on == set()


def test_a_trap_is_shown_by_tests_and_cases_that_exist(answers: ModuleType) -> None:
    files = {one.stem: one.read_text(encoding="utf-8") for one in (ROOT / "tests").glob("test_*.py")}
    rows = {one.stem: yaml.safe_load(one.read_text(encoding="utf-8")) for one in (ROOT / "tests" / "cases").glob("*.yaml")}
    cases = {(file, case.get("name", case.get("title"))) for file, listed in rows.items() for case in listed}

    assert [test for _, file, test in shown_by(answers, "test") if f"def {test}(" not in files[file]] == []
    assert {(file, case) for _, file, case in shown_by(answers, "case")} - cases == set()


def test_the_traps_of_other_tools_are_told_and_shown(answers: ModuleType) -> None:
    questions = [one for lines in answers.questions().values() for one in lines]

    assert sum(bool(one.traps) for one in questions) >= 109
    assert len(answers.complaints()) == 9
    assert all(answers.complaints().values())


@pytest.mark.parametrize(
    "trap", ["{holds: A Deny closes}", "{silent: {admin-statement: a Deny}}", "{holds: A Deny closes, off: [admin-statement]}"]
)
def test_a_trap_that_nothing_shows_is_refused(
    trap: str, answers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "answers.yaml"
    table.write_text(f"Theme: {{question: {{asks: What, rules: [admin-statement], traps: [{trap}]}}}}")
    monkeypatch.setattr(answers, "TABLE", table)

    with pytest.raises(ValueError, match="question: a trap has holds, and at least one of silent, found, optional, case, test"):
        answers.questions()
