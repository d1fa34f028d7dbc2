"""The SARIF format: what code scanning accepts and shows."""

import json
import re
from typing import Any

import pytest
from made_reports import PAGE, RULE, SOURCE, TEMPLATE, found, read, reported, the

from rolelint.engine.findings import Finding, Related, Severity, Suggestion
from rolelint.engine.rule import Page
from rolelint.iam.patterns import Certainty
from rolelint.reporters import sarif
from rolelint.reporters.line_hash import line_hashes
from rolelint.reporters.wording import rule_page
from rolelint.syntax.files import Skipped
from rolelint.syntax.source import Source, Span
from rolelint.verdicts.fingerprint import fingerprint
from rolelint.verdicts.report import Unjudged, Verdict


def run_of(*findings: Finding, **changes: Any) -> Any:  # noqa: ANN401  JSON of any shape
    return read(sarif.render, reported(*findings, **changes))["runs"][0]


def test_a_result_points_at_its_place_on_one_line() -> None:
    finding = found(related=(Related("this role", the(SOURCE, "Worker")),))
    assert run_of(finding)["results"] == [
        {
            "ruleId": "service-full-access",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "Worker may do anything in DynamoDB."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "templates/api.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {
                            "startLine": 10,
                            "startColumn": 27,
                            "endLine": 10,
                            "endColumn": 30,
                            "snippet": {"text": '"*"'},
                        },
                    },
                    "logicalLocations": [{"name": "Worker", "fullyQualifiedName": finding.pointer, "kind": "resource"}],
                }
            ],
            "relatedLocations": [
                {
                    "id": 1,
                    "physicalLocation": {
                        "artifactLocation": {"uri": "templates/api.yaml", "uriBaseId": "%SRCROOT%"},
                        "region": {
                            "startLine": 2,
                            "startColumn": 3,
                            "endLine": 2,
                            "endColumn": 9,
                            "snippet": {"text": "Worker"},
                        },
                    },
                    "message": {"text": "this role"},
                }
            ],
            "partialFingerprints": {
                "primaryLocationLineHash": line_hashes(TEMPLATE, {10})[10],
                "rolelintFingerprint/v1": fingerprint(finding),
            },
            "properties": {"certainty": "certain", "also": []},
        }
    ]


def test_a_rule_brings_its_page() -> None:
    rule = run_of()["tool"]["driver"]["rules"][0]
    assert rule["id"] == "service-full-access"
    assert rule["name"] == "ServiceFullAccess"
    assert rule["shortDescription"]["text"] == "every action of a service is allowed."
    assert rule["fullDescription"]["text"] == "Whoever may do everything may also delete everything."
    assert rule["helpUri"] == rule_page("service-full-access")
    assert rule["properties"] == {
        "tags": ["security", "aws", "iam", "wildcards", "external/cwe/cwe-250"],
        "precision": "high",
        "problem.severity": "error",
        "security-severity": "8.0",
    }
    assert rule["help"]["markdown"] == (
        "# every action of a service is allowed\n\n"
        "Whoever may do everything may also delete everything.\n\n"
        "## What to do\n\n"
        "Name the actions.\n\n"
        "## Example: a star\n\n"
        '```yaml\nAction: "*"  # <- certain\n```\n\n'
        "## How to accept it\n\n"
        "Write the reason on the line of the finding or on the line above:\n\n"
        "```yaml\n# rolelint: ignore[service-full-access] the reason\n```\n\n"
        "## In other tools\n\n"
        "- cfn_nag: F1, W2\n\n"
        "## References\n\n"
        "- <https://docs.aws.amazon.com/iam>"
    )


def test_a_rule_with_a_short_page_has_only_the_sections_it_needs() -> None:
    bare = RULE._replace(fix="", summary="", subject="problem")
    markdown = run_of(rules=(bare,), page=lambda _: Page("Why?", (), {}, ()))["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert re.findall("^## (.*)$", markdown, re.MULTILINE) == ["How to accept it"]


@pytest.mark.parametrize(
    ("severity", "level", "band"),
    [
        (Severity.CRITICAL, "error", (9.1, 10)),
        (Severity.HIGH, "error", (7.0, 8.9)),
        (Severity.MEDIUM, "warning", (4.0, 6.9)),
        (Severity.LOW, "note", (0.1, 3.9)),
        (Severity.INFO, "note", (0.1, 3.9)),
    ],
)
def test_severities_are_those_of_github(severity: Severity, level: str, band: tuple[float, float]) -> None:
    run = run_of(found(severity=severity), rules=(RULE._replace(severity=severity),))
    assert run["results"][0]["level"] == level
    rule = run["tool"]["driver"]["rules"][0]
    assert rule["defaultConfiguration"]["level"] == level
    assert band[0] <= float(rule["properties"]["security-severity"]) <= band[1]


def test_a_possible_finding_is_a_note_that_says_so() -> None:
    result = run_of(found(certainty=Certainty.POSSIBLE, assumptions=("Table may be given any value",)))["results"][0]
    assert result["level"] == "note"
    assert result["message"]["text"] == (
        "Possible: Worker may do anything in DynamoDB, assuming that Table may be given any value."
    )


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("./a b/ö.yaml", "a%20b/%C3%B6.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        ("a:b#c?d%.yaml", "a%3Ab%23c%3Fd%25.yaml"),
        ("not-utf8-\udce9.yaml", "not-utf8-%E9.yaml"),
        ("../up.yaml", "../up.yaml"),
    ],
)
def test_a_path_becomes_a_relative_uri(path: str, uri: str) -> None:
    artifact = run_of(found(span=Span(Source(path, "x"), 0, 1)))["results"][0]["locations"][0]["physicalLocation"]
    assert artifact["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


def test_a_file_outside_keeps_its_absolute_uri() -> None:
    artifact = run_of(found(span=Span(Source("/a b.yaml", "x"), 0, 1)))["results"][0]["locations"][0]["physicalLocation"]
    assert artifact["artifactLocation"] == {"uri": "file:///a%20b.yaml"}


def test_of_too_many_results_the_worst_stay_in_order() -> None:
    findings = [
        found(message="one", severity=Severity.LOW),
        found(message="two"),
        found(message="three", certainty=Certainty.POSSIBLE),
        found(message="four"),
    ]
    run = json.loads(sarif.render(reported(*findings), most=2))["runs"][0]
    assert [result["message"]["text"] for result in run["results"]] == ["two.", "four."]
    assert run["invocations"][0]["toolExecutionNotifications"] == [
        {"level": "warning", "message": {"text": "2 findings of the least severe left out."}}
    ]


def test_what_was_not_judged_is_a_notification() -> None:
    invocation = run_of(unjudged=(Unjudged("a", 1, "Fn::ImportValue"),), skipped=(Skipped("a", "no Resources"),))["invocations"][
        0
    ]
    assert invocation["executionSuccessful"] is True
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == [
        "1 file skipped: no Resources 1.",
        "1 place not judged: Fn::ImportValue 1.",
    ]


def test_long_source_is_not_quoted() -> None:
    source = Source("a.json", "x" * 1000)
    region = run_of(found(span=Span(source, 0, 1000)))["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1001}


def test_descriptions_are_no_longer_than_github_takes() -> None:
    run = run_of(page=lambda _: PAGE._replace(why="word " * 1000))
    description = run["tool"]["driver"]["rules"][0]["fullDescription"]["text"]
    assert len(description) <= 1024
    assert description.endswith("word…")


def test_a_finding_about_the_whole_template_names_no_resource() -> None:
    assert list(run_of(found(owner=None))["results"][0]["locations"][0]) == ["physicalLocation"]


def test_a_finding_of_a_rule_that_is_not_listed_has_no_index() -> None:
    assert "ruleIndex" not in run_of(found(), rules=())["results"][0]


def test_a_fix_is_a_replacement_in_its_file() -> None:
    source = Source("a b.yaml", "- arn:aws:iam::aws:policy/CloudWatchLogsFullAccess\n")
    attached = found(span=Span(source, 2, len(source.text) - 1), suggestion=Suggestion(""))
    fix = run_of(attached)["results"][0]["fixes"][0]
    assert fix == {
        "description": {"text": "Attach AWSLambdaBasicExecutionRole instead: the role belongs to a function."},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": "a%20b.yaml", "uriBaseId": "%SRCROOT%"},
                "replacements": [
                    {
                        "deletedRegion": {"startLine": 1, "startColumn": 10, "endLine": 1, "endColumn": 51},
                        "insertedContent": {"text": ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
                    }
                ],
            }
        ],
    }


def test_excused_findings_are_left_out() -> None:
    """GitHub opens alerts for suppressed results, too."""
    verdicts = (Verdict(found(), "suppressed", "known"), Verdict(found(), "baselined"))
    assert run_of(verdicts=verdicts)["results"] == []
