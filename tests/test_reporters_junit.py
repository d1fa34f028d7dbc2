"""The JUnit format: tests for servers that know nothing else."""

from xml.etree import ElementTree as ET

from made_reports import OTHER, found, reported, the

from rolelint.iam.patterns import Certainty
from rolelint.reporters import junit
from rolelint.verdicts.report import Report, Verdict

# The elements of Jenkins' junit-10.xsd that are used here: required attributes, optional ones, and elements within.
GRAMMAR: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "tests", "failures", "skipped", "errors"}, {"testsuite"}),
    "testsuite": ({"name"}, {"tests", "failures", "skipped", "errors", "time"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"time", "file", "line"}, {"failure", "skipped"}),
    "failure": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"message"}, set()),
}


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit.render(report))  # noqa: S314 - our own


def keeps_to_grammar(element: ET.Element) -> bool:
    needed, allowed, within = GRAMMAR[element.tag]
    named = set(element.keys())
    return needed <= named <= needed | allowed and all(one.tag in within and keeps_to_grammar(one) for one in element)


def made() -> Report:
    return reported(
        verdicts=(
            Verdict(found(), "active"),
            Verdict(found(help="Name the actions."), "active"),
            Verdict(found(rule="other", certainty=Certainty.POSSIBLE, owner=None), "active"),
            Verdict(found(rule="third"), "suppressed", "the account holds nothing else"),
            Verdict(found(rule="third", span=the(OTHER, "Globals")), "baselined"),
        ),
        paths=("a/clean.yaml", "templates/api.yaml"),
    )


def test_the_report_keeps_to_the_grammar_of_junit() -> None:
    assert keeps_to_grammar(parsed(made()))
    assert keeps_to_grammar(parsed(reported()))


def test_every_template_is_a_suite_and_a_clean_one_passes() -> None:
    suites = {suite.get("name"): suite for suite in parsed(made())}
    assert list(suites) == ["a/clean.yaml", "templates/api.yaml", "templates/other.yaml"]
    (passed,) = suites["a/clean.yaml"]
    assert list(passed) == []


def test_a_finding_is_a_failure_with_its_place() -> None:
    failures = list(parsed(made()).iter("failure"))
    assert [failure.get("message") for failure in failures] == ["Worker may do anything in DynamoDB"] * 2
    assert [failure.text for failure in failures] == [
        "templates/api.yaml:10:27",
        "templates/api.yaml:10:27: Name the actions.",
    ]


def test_what_is_excused_or_only_possible_is_skipped_and_says_why() -> None:
    assert [one.get("message") for one in parsed(made()).iter("skipped")] == [
        "Possible: Worker may do anything in DynamoDB",
        "suppressed: the account holds nothing else",
        "baselined",
    ]


def test_names_tell_tests_apart() -> None:
    names = [case.get("name") for case in parsed(made()).iter("testcase")]
    assert names == [
        "no overbroad grants",
        "service-full-access Worker",
        "service-full-access Worker (2)",
        "other",
        "third Worker",
        "third Worker",
    ]


def test_the_counts_are_those_of_the_tests() -> None:
    root = parsed(made())
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("6", "2", "3")
    for suite in root:
        assert suite.get("failures") == str(len(list(suite.iter("failure"))))
        assert suite.get("skipped") == str(len(list(suite.iter("skipped"))))
        assert suite.get("tests") == str(len(list(suite)))
