"""What can a test report show? A suite for each template and a failure for each finding, for servers that know only tests.

What is excused, and what is only possible, is a skipped test: it does not fail a build. A clean template is a passed one.
The attributes are those that Jenkins' schema has: https://github.com/jenkinsci/xunit-plugin (``junit-10.xsd``).
"""

from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rolelint.engine.findings import Finding
from rolelint.iam.patterns import Certainty
from rolelint.reporters.terminal import place, visible
from rolelint.reporters.wording import label, sentence
from rolelint.verdicts.report import Report, Verdict


def render(report: Report) -> str:
    """The report as JUnit's XML in ASCII."""
    by_path: dict[str, list[Verdict]] = {path: [] for path in report.paths}
    for verdict in report.verdicts:
        by_path.setdefault(verdict.finding.span.source.path, []).append(verdict)
    root = Element("testsuites", name="rolelint")
    for path, verdicts in sorted(by_path.items()):
        root.append(_suite(visible(path), verdicts))
    for total in ("tests", "failures", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    indent(root)
    written: bytes = tostring(root, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii") + "\n"


def _suite(path: str, verdicts: list[Verdict]) -> Element:
    cases = list(_cases(path, verdicts))
    suite = Element("testsuite", name=path, tests=str(len(cases)), errors="0")
    for outcome, total in (("failure", "failures"), ("skipped", "skipped")):
        suite.set(total, str(sum(case.find(outcome) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _cases(path: str, verdicts: list[Verdict]) -> Iterator[Element]:
    if not verdicts:
        yield Element("testcase", classname=path, name="no overbroad grants", time="0")
    seen: Counter[str] = Counter()
    for verdict in verdicts:
        name = _name(verdict.finding)
        seen[name] += 1
        numbered = name if seen[name] == 1 else f"{name} ({seen[name]})"
        case = Element("testcase", classname=path, name=numbered, time="0", file=path)
        case.set("line", str(verdict.finding.span.first.line))
        _outcome(case, verdict)
        yield case


def _name(finding: Finding) -> str:
    """The rule and whom it speaks of: servers tell by names which failures are new."""
    return visible(f"{finding.rule} {finding.owner.id}" if finding.owner else finding.rule)


def _outcome(case: Element, verdict: Verdict) -> None:
    finding = verdict.finding
    told = visible(sentence(finding))
    if verdict.status != "active":
        reason = f": {verdict.reason}" if verdict.reason else ""
        SubElement(case, "skipped", message=visible(f"{verdict.status}{reason}"))
    elif finding.certainty is not Certainty.CERTAIN:
        SubElement(case, "skipped", message=told)
    else:
        failure = SubElement(case, "failure", type=label(finding), message=told)
        failure.text = f"{place(finding.span)}: {visible(finding.help)}" if finding.help else place(finding.span)
