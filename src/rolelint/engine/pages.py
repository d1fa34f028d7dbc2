"""How does a rule read? One text for the terminal, the generated catalogue and machines."""

from collections.abc import Iterable
from textwrap import fill

from rolelint.engine.rule import Example, Page, Rule
from rolelint.engine.rulebook import Rulebook

_WIDTH = 100


def table(rules: Iterable[Rule]) -> str:
    """A line for each rule, by theme."""
    lines: list[str] = []
    theme = ""
    for rule in sorted(rules, key=lambda one: (one.theme, -one.severity, one.name)):
        if rule.theme != theme:
            lines += ["", rule.theme] if lines else [rule.theme]
            theme = rule.theme
        off = "" if rule.default else " (off by default)"
        lines.append(f"  {rule.name:<38} {rule.severity!s:<9} {rule.summary}{off}")
    return "\n".join(lines) + "\n"


def page(rule: Rule, prose: Page) -> str:
    """All that is known about a rule, for a terminal."""
    default = "on by default" if rule.default else "off by default"
    parts = [
        f"{rule.name}: {rule.summary}\nseverity {_severity(rule)}, {default}, theme {rule.theme}",
        _section("Why", prose.why),
        _section("Write instead", rule.fix),
    ]
    if rule.implies:
        parts.append(_section("Speaks for", ", ".join(rule.implies)))
    for example in prose.examples:
        body = "\n".join(f"    {line}".rstrip() for line in example.template.rstrip().split("\n"))
        parts.append(f"Example: {_title(example)}\n\n{body}")
    if prose.equivalents:
        lines = (f"  {tool}: {', '.join(ids)}" for tool, ids in prose.equivalents.items() if ids)
        parts.append("In other tools\n" + "\n".join(lines))
    if prose.references:
        parts.append("References\n" + "\n".join(f"  {one}" for one in prose.references))
    return "\n\n".join(parts) + "\n"


def _severity(rule: Rule) -> str:
    return f"{rule.severity}" if rule.minor is None else f"{rule.severity} ({rule.minor} where little can be done)"


def _title(example: Example) -> str:
    """What an example shows, and what the configuration says meanwhile."""
    accounts, organization = example.trusted
    said = [f"trusted-accounts {', '.join(sorted(accounts))}"] if accounts else []
    said += [f"organization {organization}"] if organization else []
    return f"{example.title} (configuration: {'; '.join(said)})" if said else example.title


def _section(title: str, text: str) -> str:
    return f"{title}\n{fill(text, _WIDTH, initial_indent='  ', subsequent_indent='  ', break_on_hyphens=False)}"


def as_json(rulebook: Rulebook, rules: Iterable[Rule], *, one: bool) -> str:
    """The rules for machines: a list, or a single object when one was asked for."""
    import json  # noqa: PLC0415 - people read text

    found = [_plain(rule, rulebook.page(rule.name)) for rule in rules]
    return json.dumps(found[0] if one else found, indent=2, ensure_ascii=False) + "\n"


def _plain(rule: Rule, prose: Page) -> dict[str, object]:
    return {
        "name": rule.name,
        "summary": rule.summary,
        "severity": str(rule.severity),
        "theme": rule.theme,
        "default": "on" if rule.default else "off",
        "equivalents": {tool: list(ids) for tool, ids in prose.equivalents.items()},
        "implies": list(rule.implies),
        "why": prose.why,
        "fix": rule.fix,
        "references": list(prose.references),
    }


def catalogue(rulebook: Rulebook) -> str:
    """All rules as a Markdown table: the generated ``rules/README.md``."""
    lines = [
        "# The rules",
        "",
        "Generated from the rule files by `python tools/generate_docs.py`; do not edit.",
        "",
        "| rule | severity | theme | finds |",
        "|---|---|---|---|",
    ]
    for rule in sorted(rulebook.rules, key=lambda one: (one.theme, -one.severity, one.name)):
        off = "" if rule.default else " *(off by default)*"
        link = f"[{rule.name}](../docs/rules/{rule.name}.md)"
        lines.append(f"| {link} | {rule.severity} | {rule.theme} | {_cell(rule.summary)}{off} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def markdown(rule: Rule, prose: Page) -> str:
    """All that is known about a rule as a Markdown page: the generated ``docs/rules/NAME.md``."""
    default = "on" if rule.default else "off"
    lines = [
        f"# {rule.name}",
        "",
        f"{rule.summary}.",
        "",
        f"Severity {_severity(rule)} · {default} by default · theme {rule.theme} · [all rules](../../rules/README.md)",
    ]
    lines += ["", "## Why it matters", "", prose.why, "", "## What to write instead", "", rule.fix]
    if rule.implies:
        lines += ["", "When both hold, this finding speaks for " + ", ".join(f"[{one}]({one}.md)" for one in rule.implies) + "."]
    if prose.examples:
        lines += ["", "## Examples", "", "`# <- certain` and `# <- possible` mark what is found; the others are fine."]
    for example in prose.examples:
        title = _title(example)
        lines += ["", f"{title[:1].upper()}{title[1:]}:", "", "```yaml", example.template.rstrip(), "```"]
    if any(prose.equivalents.values()):
        lines += ["", "## In other tools", ""]
        lines += [f"- {tool}: {', '.join(f'`{one}`' for one in ids)}" for tool, ids in prose.equivalents.items() if ids]
    if prose.references:
        lines += ["", "## References", "", *(f"- <{one}>" for one in prose.references)]
    return "\n".join(lines) + "\n"
