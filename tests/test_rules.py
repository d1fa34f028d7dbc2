"""Every example of every rule, as its marks say."""

from pathlib import Path

import pytest

from rolelint.engine.pages import catalogue
from rolelint.engine.rule import Example, Rule
from rolelint.engine.rule_files import load_rules
from rolelint.engine.rulebook import Rulebook
from rolelint.examples import disagreements

ROOT = Path(__file__).parent.parent
LOADED = load_rules(str(ROOT / "rules"))
EXAMPLES = [(rule, example) for rule, page in LOADED for example in page.examples]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[f"{rule.name}: {example.title}" for rule, example in EXAMPLES])
def test_a_rule_fires_exactly_where_and_as_surely_as_its_example_says(rule: Rule, example: Example, rulebook: Rulebook) -> None:
    assert list(disagreements(rule, example, rulebook)) == []


@pytest.mark.parametrize("rule", [rule for rule, _ in LOADED], ids=lambda rule: rule.name)
def test_a_rule_names_the_pattern_and_says_who_may_do_what(rule: Rule) -> None:
    assert rule.name.replace("-", "").isalnum()
    assert rule.name.islower()
    assert not rule.message.endswith(".")
    assert not rule.summary.endswith(".")


def test_rules_imply_only_rules_that_exist_and_are_about_the_same_subject() -> None:
    subjects = {rule.name: rule.subject for rule, _ in LOADED}

    wrong = [(rule.name, weaker) for rule, _ in LOADED for weaker in rule.implies if subjects.get(weaker) != rule.subject]

    assert wrong == []


def test_the_generated_catalogue_of_rules_is_up_to_date(rulebook: Rulebook) -> None:
    assert (ROOT / "rules" / "README.md").read_text(encoding="utf-8") == catalogue(rulebook), "run tools/generate_docs.py"
