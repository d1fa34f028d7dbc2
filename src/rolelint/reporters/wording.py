"""How is a finding told where there is room for a label or a sentence, how loudly, and where can one read more?"""

from typing import Literal, TypeAlias

from rolelint.engine.findings import Finding, Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters.terminal import Style, visible

Level: TypeAlias = Literal["error", "warning", "note"]

RULE_PAGES = "https://github.com/rolelint/rolelint/blob/main/docs/rules"

LEVELS: dict[Severity, Level] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}


def level(finding: Finding) -> Level:
    """The three levels of code scanning and annotations; what is only possible is never more than a note."""
    return LEVELS[finding.severity] if finding.certainty is Certainty.CERTAIN else "note"


def label(finding: Finding) -> str:
    """The severity, with the doubt that there is: ``possible high``."""
    return f"{finding.severity}" if finding.certainty is Certainty.CERTAIN else f"possible {finding.severity}"


def sentence(finding: Finding) -> str:
    """The message with the doubt before it and what it rests on behind it, without a full stop."""
    doubt = "" if finding.certainty is Certainty.CERTAIN else "Possible: "
    assumed = f", assuming that {' and '.join(finding.assumptions)}" if finding.assumptions else ""
    return f"{doubt}{finding.message}{assumed}"


def tag(finding: Finding, style: Style) -> str:
    """Label and rule, as every report for a terminal shows them: ``possible high[rule]``."""
    rule = style.link(rule_page(finding.rule), visible(finding.rule))
    return style.severity(finding.severity, f"{label(finding)}[{rule}]")


def rule_page(name: str) -> str:
    """The address of a built-in rule's page."""
    return f"{RULE_PAGES}/{name}.md"
