"""What does code scanning show about a rule? Its page, as SARIF's reporting descriptor with GitHub's properties.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from collections.abc import Iterator

from rolelint.engine.findings import Severity
from rolelint.engine.rule import Example, Page, Rule
from rolelint.reporters.markup import escaped, fenced, link, paragraphs
from rolelint.reporters.terminal import one_line
from rolelint.reporters.wording import LEVELS, rule_page

LONGEST_DESCRIPTION = 1024
"""Characters; GitHub takes no more."""

# GitHub's bands: critical above 9.0, high from 7.0, medium from 4.0, low above 0.
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0", Severity.INFO: "0.5"}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}

# Incorrect authorisation for who may take a role, unnecessary privileges for what may then be done.
_WEAKNESS: dict[str, list[str]] = {"trust": ["external/cwe/cwe-863"], "template": [], "problem": []}
_UNNECESSARY_PRIVILEGES = ["external/cwe/cwe-250"]


def descriptor(rule: Rule, page: Page) -> dict[str, object]:
    """One rule. Whether a finding is only possible differs from result to result, so it is not in ``precision``."""
    level = LEVELS[rule.severity]
    return {
        "id": rule.name,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": _description(rule.summary)},
        "fullDescription": {"text": _description(page.why or rule.summary)},
        "help": {"text": _plain(rule, page), "markdown": _markdown(rule, page)},
        "helpUri": rule_page(rule.name),
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["security", "aws", "iam", rule.theme, *_WEAKNESS.get(rule.subject, _UNNECESSARY_PRIVILEGES)],
            "precision": "high",
            "problem.severity": _PROBLEM[level],
            "security-severity": _SCORES[rule.severity],
        },
    }


def _description(text: str) -> str:
    line = one_line(text)
    if len(line) >= LONGEST_DESCRIPTION:
        line = line[: LONGEST_DESCRIPTION - 2].rsplit(" ", 1)[0] + "…"
    return line if line.endswith((".", "…", "!", "?")) else line + "."


def _plain(rule: Rule, page: Page) -> str:
    parts = [*map(one_line, paragraphs(page.why)), *map(one_line, paragraphs(rule.fix))]
    parts.append(f"To accept a finding, write '# rolelint: ignore[{rule.name}] REASON' on its line.")
    return "\n\n".join(parts)


def _markdown(rule: Rule, page: Page) -> str:
    return "\n\n".join(_sections(rule, page))


def _sections(rule: Rule, page: Page) -> Iterator[str]:
    yield f"# {escaped(rule.summary)}"
    yield from map(escaped, paragraphs(page.why))
    if rule.fix:
        yield "## What to do"
        yield from map(escaped, paragraphs(rule.fix))
    if example := _firing(page):
        yield f"## Example: {escaped(example.title)}"
        yield fenced(example.template, "json" if example.template.lstrip().startswith("{") else "yaml")
    yield "## How to accept it"
    yield "Write the reason on the line of the finding or on the line above:"
    yield fenced(f"# rolelint: ignore[{rule.name}] the reason", "yaml")
    if page.equivalents:
        yield "## In other tools"
        yield "\n".join(f"- {escaped(tool)}: {escaped(', '.join(ids))}" for tool, ids in page.equivalents.items() if ids)
    if page.references:
        yield "## References"
        yield "\n".join(f"- {link(reference)}" for reference in page.references)


def _firing(page: Page) -> Example | None:
    return next((example for example in page.examples if "# <- " in example.template), None)
