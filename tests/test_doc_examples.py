"""The templates in docs/ do what their marks say: ``# <- rule, certainty`` on a line, and nothing on any other."""

import re
from pathlib import Path

import pytest

from rolelint.engine.rulebook import Rulebook
from rolelint.lint import lint
from rolelint.standard import Standard
from rolelint.syntax.files import Input

DOCS = Path(__file__).parent.parent / "docs"
TEMPLATE = re.compile(r"```yaml\n((?:(?!```).)*^Resources:.*?)```", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"# <- ([\w-]+), (certain|possible)")
EXAMPLES = [
    pytest.param(page.name, template, id=f"{page.name}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, template in enumerate(TEMPLATE.findall(page.read_text(encoding="utf-8")), 1)
]


@pytest.mark.parametrize(("page", "template"), EXAMPLES)
def test_a_template_in_the_docs_does_what_its_marks_say(page: str, template: str, rulebook: Rulebook) -> None:
    wanted = [(line, *mark.groups()) for line, text in enumerate(template.splitlines(), 1) for mark in MARK.finditer(text)]

    standard = Standard(rulebook, tuple(rule for rule in rulebook.rules if rule.default))

    done = lint([Input(page, template.encode(), named=True)], standard.everywhere, today="2026-11-23")

    assert not done.failures
    assert [(one.span.first.line, one.rule, one.certainty.name.lower()) for one in done.report.active] == wanted


def test_pages_show_templates() -> None:
    assert {"certainty.md", "reading.md", "suppressing.md"} <= {example.values[0] for example in EXAMPLES}
