"""Which rules find how much? A line a rule, the gravest first."""

from collections import Counter

from rolelint.reporters.summary import summary
from rolelint.reporters.terminal import disarmed, visible
from rolelint.verdicts.report import Report


def render(report: Report) -> str:
    """How many findings of each rule stand, then what was read and found."""
    counts = Counter((finding.severity, finding.rule) for finding in report.active)
    summaries = {rule.name: rule.summary for rule in report.rules}
    lines = [
        f"{count:6}  {severity!s:<8}  {visible(name)}: {visible(summaries.get(name, ''))}".rstrip(": ")
        for (severity, name), count in sorted(counts.items(), key=lambda item: (-item[0][0], -item[1], item[0][1]))
    ]
    return disarmed("\n".join([*lines, *([""] if lines else []), summary(report)]) + "\n")
