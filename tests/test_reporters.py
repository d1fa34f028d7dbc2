import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from jsonschema import Draft202012Validator

from rolelint import reporters
from rolelint.engine.findings import Finding, Owner, Related, Severity, Suggestion
from rolelint.engine.rule import Example, Page, Rule
from rolelint.iam.patterns import Certainty
from rolelint.reporters import concise, json_report, sarif, text
from rolelint.reporters.fingerprint import fingerprint, fingerprints
from rolelint.reporters.line_hash import line_hashes
from rolelint.reporters.terminal import visible, width
from rolelint.syntax.source import Source, Span
from rolelint.verdicts.report import Report, Skipped, Unjudged, Verdict

TEMPLATE = """\
Resources:
  Worker:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - Effect: Allow
                Action: dynamodb:*
                Resource: "*"
"""
SOURCE = Source("templates/api.yaml", TEMPLATE)
OTHER = Source("templates/other.yaml", "Globals: {}\n")
ESCAPE = "\x1b[31m"

RULE = Rule(
    name="service-full-access",
    theme="wildcards",
    summary="every action of a service is allowed",
    severity=Severity.HIGH,
    default=True,
    subject="statement",
    where=(),
    check="",
    point_at="resource",
    message="",
    implies=(),
    fix="Name the actions.\n",
)
PAGE = Page(
    why="Whoever may do everything may also delete everything.\n",
    references=("https://docs.aws.amazon.com/iam",),
    equivalents={"cfn_nag": ("F1", "W2"), "kics": ()},
    examples=(Example("a named action", "Action: s3:GetObject"), Example("a star", 'Action: "*"  # <- certain\n')),
)
RENDERS: dict[str, Callable[[Report], str]] = {
    "full": text.render,
    "concise": concise.render,
    "json": json_report.render,
    "sarif": sarif.render,
}


def the(source: Source, words: str) -> Span:
    start = source.text.index(words)
    return Span(source, start, start + len(words))


def found(**changes: Any) -> Finding:  # noqa: ANN401  fields of any type
    finding = Finding(
        rule="service-full-access",
        severity=Severity.HIGH,
        certainty=Certainty.CERTAIN,
        message="Worker may do anything in DynamoDB",
        span=the(SOURCE, '"*"'),
        pointer="/Resources/Worker/Properties/Policies/0/PolicyDocument/Statement/0/Resource",
        owner=Owner("Worker", "AWS::IAM::Role"),
        witness='"*"',
    )
    return finding._replace(**changes)


def reported(*findings: Finding, **changes: Any) -> Report:  # noqa: ANN401  fields of any type
    verdicts = tuple(Verdict(finding, "active") for finding in findings)
    report = Report(verdicts, 4, 6, 11, (), (), (RULE,), lambda _: PAGE)
    return report._replace(**changes)


def full(*findings: Finding) -> str:
    """The full report without its summary."""
    return text.render(reported(*findings)).rsplit("\n\n", 1)[0]


def summary(report: Report) -> str:
    return concise.render(report).split("\n", len(list(report.active)))[-1]


def read(render: Callable[[Report], str], report: Report) -> Any:  # noqa: ANN401  JSON of any shape
    return json.loads(render(report))


def run_of(*findings: Finding, **changes: Any) -> Any:  # noqa: ANN401  JSON of any shape
    return read(sarif.render, reported(*findings, **changes))["runs"][0]


# The full format


def test_a_finding_shows_its_place_in_the_source() -> None:
    assert full(found()) == (
        "high[service-full-access]: Worker may do anything in DynamoDB\n"
        "  --> templates/api.yaml:10:27\n"
        "   |\n"
        '10 |                 Resource: "*"\n'
        "   |                           ^^^\n"
        "   |\n"
        "   = rule: rolelint rule service-full-access"
    )


def test_everything_that_is_known_stands_below_the_source() -> None:
    finding = found(
        related=(
            Related("this role", the(SOURCE, "Worker")),
            Related("which may do", the(SOURCE, "dynamodb:*")),
            Related("defaults for all functions", the(OTHER, "Globals")),
        ),
        certainty=Certainty.POSSIBLE,
        assumptions=("Stage is 'prod'", "Table keeps its default '*'"),
        also=("wildcard-action", "wildcard-resource"),
        help="Name the actions and the tables that are needed, so that nobody who takes over the function can delete them.",
        suggestion=Suggestion("a function that only writes needs this:", ({"Effect": "Allow", "Action": ["dynamodb:PutItem"]},)),
    )
    assert full(finding) == (
        "possible high[service-full-access]: Worker may do anything in DynamoDB\n"
        "  --> templates/api.yaml:10:27\n"
        "   |\n"
        " 2 |   Worker:\n"
        "   |   ------ this role\n"
        "...\n"
        " 9 |                 Action: dynamodb:*\n"
        "   |                         ---------- which may do\n"
        '10 |                 Resource: "*"\n'
        "   |                           ^^^\n"
        "   |\n"
        "   = note: templates/other.yaml:1:1 defaults for all functions\n"
        "   = note: assuming that Stage is 'prod' and Table keeps its default '*'\n"
        "   = note: also: wildcard-action, wildcard-resource\n"
        "   = help: a function that only writes needs this:\n"
        "           - Effect: Allow\n"
        "             Action: dynamodb:PutItem\n"
        "   = rule: rolelint rule service-full-access"
    )


def test_one_line_between_two_marks_is_shown() -> None:
    finding = found(related=(Related("here", the(SOURCE, "Effect")),))
    shown = full(finding).split("\n")[3:8]
    assert shown == [
        " 8 |               - Effect: Allow",
        "   |                 ------ here",
        " 9 |                 Action: dynamodb:*",
        '10 |                 Resource: "*"',
        "   |                           ^^^",
    ]


def test_two_marks_on_one_line_show_it_once() -> None:
    finding = found(related=(Related("the key", the(SOURCE, "Resource:")),))
    shown = full(finding).split("\n")[3:6]
    assert shown == [
        '10 |                 Resource: "*"',
        "   |                 --------- the key",
        "   |                           ^^^",
    ]


def test_a_suggestion_for_a_json_template_is_json() -> None:
    source = Source("a.json", '{"Resource": "*"}')
    suggestion = Suggestion("this is enough:", ({"Effect": "Allow"},))
    shown = full(found(span=the(source, '"*"'), suggestion=suggestion))
    assert '\n  = help: this is enough:\n          {\n            "Effect": "Allow"\n          }\n' in shown


def test_a_witness_that_stands_elsewhere_is_named_behind_the_mark() -> None:
    source = Source("a.yaml", "Resource: !Ref Everything\n")
    assert "^^^^^^^^^^^^^^^ arn:aws:s3:::*\n" in full(found(span=the(source, "!Ref Everything"), witness="arn:aws:s3:::*"))


def test_related_places_beyond_a_handful_are_counted() -> None:
    finding = found(related=tuple(Related(f"place {number}", the(OTHER, "Globals")) for number in range(9)))
    assert "place 5" in full(finding)
    assert "place 6" not in full(finding)
    assert "= note: and 3 more places; see --format json\n" in full(finding)


def test_of_a_long_span_only_the_first_line_is_underlined() -> None:
    shown = full(found(span=Span(SOURCE, TEMPLATE.index("Effect"), len(TEMPLATE)), witness="")).split("\n")
    assert shown[3:6] == ["8 |               - Effect: Allow", "  |                 ^^^^^^^^^^^^^", "  |"]


@pytest.mark.parametrize(
    ("line", "word", "shown", "under"),
    [
        ("\tAction:\t*", "*", "    Action:    *", "               ^"),
        ("Sid: 日本, Action: '*'", "'*'", "Sid: 日本, Action: '*'", "                   ^^^"),
        ("Sid: 日本", "日本", "Sid: 日本", "     ^^^^"),
        ("😀 e\u0301 *", "*", "😀 e\u0301 *", "     ^"),
        ("\x1b[31m *", "*", "\\x1b[31m *", "         ^"),
        ("a\u202eb *", "*", "a\\u202eb *", "         ^"),
    ],
)
def test_the_underline_is_below_its_words(line: str, word: str, shown: str, under: str) -> None:
    lines = full(found(span=the(Source("a.yaml", line), word), witness="")).split("\n")
    assert lines[3:5] == [f"1 | {shown}", f"  | {under}"]


def test_a_line_of_minified_json_is_cut_around_the_mark() -> None:
    source = Source("a.json", '{"x": "' + "a" * 500 + '", "Resource": "*", "y": "' + "b" * 500 + '"}')
    row, under = full(found(span=the(source, '"*"'))).split("\n")[3:5]
    assert row.startswith("1 | …aaa")
    assert row.endswith("bbb…")
    assert len(row) == len("1 | ") + 122
    assert row[under.index("^") :].startswith('"*", "y"')
    assert under.count("^") == 3


def test_a_mark_near_the_start_of_a_long_line_keeps_the_start() -> None:
    source = Source("a.json", '{"Resource": "*", "y": "' + "b" * 500 + '"}')
    row, under = full(found(span=the(source, '"*"'))).split("\n")[3:5]
    assert row.startswith('1 | {"Resource": "*", ')
    assert under == "  |              ^^^"


def test_a_span_longer_than_the_window_is_underlined_as_far_as_it_shows() -> None:
    source = Source("a.json", "x" * 50 + "y" * 500)
    row, under = full(found(span=Span(source, 50, 550), witness="")).split("\n")[3:5]
    assert row == "1 | …" + "x" * 40 + "y" * 80 + "…"
    assert under == "  |  " + " " * 40 + "^" * 80


def test_an_empty_file_still_has_a_place() -> None:
    assert full(found(span=Span(Source("a.yaml", ""), 0, 0), witness="")).split("\n")[1:5] == [
        " --> a.yaml:1:1",
        "  |",
        "1 |",
        "  | ^",
    ]


def test_colour_changes_nothing_but_colour() -> None:
    report = reported(found(help="do", related=(Related("here", the(SOURCE, "Worker")),)))
    coloured = text.render(report, colour=True)
    assert "\x1b[1;31mhigh[service-full-access]\x1b[0m: " in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == text.render(report)


# The concise format


def test_a_finding_is_one_line() -> None:
    possible = found(rule="other", severity=Severity.LOW, certainty=Certainty.POSSIBLE)
    assert concise.render(reported(found(), possible)).split("\n")[:2] == [
        "templates/api.yaml:10:27: high[service-full-access] Worker may do anything in DynamoDB",
        "templates/api.yaml:10:27: possible low[other] Worker may do anything in DynamoDB",
    ]


# The summary


def test_the_summary_counts_what_was_read_and_found() -> None:
    findings = [found(), found(severity=Severity.MEDIUM), found(severity=Severity.LOW, certainty=Certainty.POSSIBLE)]
    verdicts = (*(Verdict(one, "active") for one in findings), Verdict(found(), "suppressed", "known"))
    assert summary(reported(verdicts=verdicts)) == (
        "Found 3 findings in 4 templates (6 principals, 11 statements): "
        "1 high, 1 medium, 1 low; 1 of them only possible; 1 suppressed.\n"
    )


def test_one_is_not_plural() -> None:
    one = reported(
        found(), templates=1, principals=1, statements=1, skipped=(Skipped("a", "b"),), unjudged=(Unjudged("a", 1, "b"),)
    )
    assert summary(one) == (
        "Found 1 finding in 1 template (1 principal, 1 statement): 1 high.\n1 place not judged: b 1.\n1 file skipped.\n"
    )


def test_a_clean_run_says_what_was_read() -> None:
    assert summary(reported()) == "No overbroad grants in 4 templates (6 principals, 11 statements).\n"
    excused = reported(verdicts=(Verdict(found(), "suppressed", "known"),))
    assert summary(excused) == "No overbroad grants in 4 templates (6 principals, 11 statements); 1 suppressed.\n"


def test_a_run_without_templates_does_not_look_clean() -> None:
    nothing = reported(templates=0, principals=0, statements=0, skipped=(Skipped("a", "b"), Skipped("c", "b")))
    assert summary(nothing) == "No templates to judge.\n2 files skipped.\n"


def test_the_summary_names_the_commonest_reasons_for_not_judging() -> None:
    reasons = ["Fn::Transform", *["Fn::ImportValue"] * 2, *"abcdef"]
    report = reported(unjudged=tuple(Unjudged("a.yaml", 1, reason) for reason in reasons))
    assert summary(report).split("\n")[1] == (
        "9 places not judged: Fn::ImportValue 2, Fn::Transform 1, a 1, b 1, c 1, other reasons 3."
    )


# The JSON format


def schema() -> Any:  # noqa: ANN401  JSON of any shape
    return json.loads(Path(*reporters.__path__, "schema", "report-v1.json").read_text(encoding="utf-8"))


def test_the_json_report_is_written_field_by_field() -> None:
    finding = found(also=("weaker",), related=(Related("here", the(OTHER, "Globals")),), assumptions=("x is 1",), help="do")
    report = read(json_report.render, reported(finding, unjudged=(Unjudged("a", 1, "b"),), skipped=(Skipped("a", "b"),)))
    assert list(report) == ["version", "tool", "summary", "findings"]
    assert report["version"] == 1
    assert report["summary"] == {
        "templates": 4,
        "principals": 6,
        "statements": 11,
        "unevaluated": 1,
        "suppressed": 0,
        "baselined": 0,
        "severities": {"critical": 0, "high": 1, "medium": 0, "low": 0, "info": 0},
        "skipped": [{"path": "a", "reason": "b"}],
    }
    assert report["findings"] == [
        {
            "rule": "service-full-access",
            "severity": "high",
            "certainty": "certain",
            "message": "Worker may do anything in DynamoDB",
            "path": "templates/api.yaml",
            "start": {"line": 10, "column": 27},
            "end": {"line": 10, "column": 30},
            "pointer": "/Resources/Worker/Properties/Policies/0/PolicyDocument/Statement/0/Resource",
            "resource": {"id": "Worker", "type": "AWS::IAM::Role"},
            "also": ["weaker"],
            "related": [
                {
                    "message": "here",
                    "path": "templates/other.yaml",
                    "start": {"line": 1, "column": 1},
                    "end": {"line": 1, "column": 8},
                }
            ],
            "assumptions": ["x is 1"],
            "help": "do",
            "fixes": [],
            "fingerprint": fingerprint(finding),
        }
    ]


def test_the_json_report_keeps_to_the_schema_that_ships() -> None:
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    odd = found(owner=None, pointer="", certainty=Certainty.POSSIBLE, related=(Related("", the(OTHER, "Globals")),))
    for report in (reported(), reported(found(), found(), odd), reported(skipped=(Skipped("a", "b"),))):
        validator.validate(read(json_report.render, report))


def test_the_schema_asks_for_every_key_that_is_written() -> None:
    written = read(json_report.render, reported(found()))
    parts = {"summary": schema()["properties"]["summary"], "findings": schema()["$defs"]["finding"]}
    assert parts["summary"]["required"] == list(written["summary"])
    assert parts["findings"]["required"] == list(written["findings"][0])
    for key in written["findings"][0]:
        broken = json.loads(json.dumps(written))
        del broken["findings"][0][key]
        assert not Draft202012Validator(schema()).is_valid(broken)


def test_the_dates_of_the_catalogue_are_named() -> None:
    dates = read(json_report.render, reported())["tool"]["catalogue"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", dates["actions"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", dates["policies"])


def test_excused_findings_are_counted_and_not_listed() -> None:
    verdicts = (Verdict(found(), "suppressed"), Verdict(found(), "baselined"))
    report = read(json_report.render, reported(verdicts=verdicts))
    assert report["findings"] == []
    assert (report["summary"]["suppressed"], report["summary"]["baselined"]) == (1, 1)
    assert run_of(verdicts=verdicts)["results"] == []


# Fingerprints


def test_a_fingerprint_survives_moved_lines_and_reordered_lists() -> None:
    moved = Source(SOURCE.path, "# a comment\n" + TEMPLATE)
    pointer = found().pointer.replace("Statement/0", "Statement/7")
    assert fingerprint(found(span=the(moved, '"*"'), pointer=pointer, message="other words")) == fingerprint(found())


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "other"},
        {"span": the(OTHER, "Globals")},
        {"owner": Owner("Other", "AWS::IAM::Role")},
        {"owner": None},
        {"pointer": "/Resources/Worker/Properties/Policies/0/PolicyDocument/Statement/0/Action"},
        {"witness": "arn:aws:s3:::*"},
    ],
)
def test_another_finding_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(found(**changes)) != fingerprint(found())


def test_equal_fingerprints_are_numbered() -> None:
    first, other, second, third = fingerprints([found(), found(rule="other"), found(), found()])
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert re.fullmatch("[0-9a-f]{32}", other)
    assert (second, third) == (f"{first}-2", f"{first}-3")


# The SARIF format


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
    assert rule["helpUri"].endswith("/rules/README.md#service-full-access")
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


# All formats

TEXTS = some.text(some.sampled_from('ab*"{ \t\r\n\x1b\u202e日😀:#`<'), min_size=1, max_size=60)


@given(TEXTS, some.lists(some.tuples(some.integers(0, 60), some.integers(0, 60)), min_size=1, max_size=4))
def test_all_formats_agree_on_every_place(content: str, ends: list[tuple[int, int]]) -> None:
    source = Source("a.yaml", content)
    spans = [Span(source, min(len(content), *pair), min(len(content), max(pair))) for pair in ends]
    report = reported(*(found(span=span, related=(Related("x", spans[0]),)) for span in spans))
    expected = [tuple(span.first) for span in spans]
    in_full = re.findall(r"^ *--> a\.yaml:(\d+):(\d+)$", text.render(report), re.MULTILINE)
    in_concise = re.findall(r"^a\.yaml:(\d+):(\d+): ", concise.render(report), re.MULTILINE)
    in_json = [(one["start"], one["end"]) for one in read(json_report.render, report)["findings"]]
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in run_of(*report.active)["results"]]
    assert [(int(line), int(column)) for line, column in in_full] == expected
    assert [(int(line), int(column)) for line, column in in_concise] == expected
    assert [tuple(start.values()) for start, _ in in_json] == expected
    assert [(one["startLine"], one["startColumn"]) for one in regions] == expected
    assert [(one["endLine"], one["endColumn"]) for one in regions] == [tuple(end.values()) for _, end in in_json]
    assert all(start["line"] == end["line"] and start["column"] <= end["column"] for start, end in in_json)


@given(TEXTS, some.integers(0, 60), some.integers(0, 60))
def test_the_underline_covers_what_is_marked(content: str, one: int, other: int) -> None:
    start, end = min(one, other, len(content)), min(max(one, other), len(content))
    span = Span(Source("a.yaml", content), start, end)
    row, under = full(found(span=span, witness="")).split("\n")[3:5]
    line = span.source.line(span.first.line)
    shown = [visible(part.replace("\t", "    ")) for part in (line[: span.first.column - 1], span.on_one_line().text)]
    assert under.rstrip() == "  | " + " " * width(shown[0]) + "^" * max(1, width(shown[1]))
    assert row.removeprefix("1 |").strip(" ") in visible(line.replace("\t", "    ")) or span.first.line > 1


@pytest.mark.parametrize("render", RENDERS.values(), ids=RENDERS)
def test_the_same_report_is_the_same_text(render: Callable[[Report], str]) -> None:
    report = reported(found(), found(rule="other", also=("a", "b")), unjudged=(Unjudged("a", 1, "b"), Unjudged("a", 2, "c")))
    assert render(report) == render(report)
    assert render(report).endswith("\n")
    assert not render(report).endswith("\n\n")


def test_a_clean_run_loads_only_what_it_prints() -> None:
    """Start-up is the product of a hook: prose is wrapped, hashed and encoded by modules that come when they are needed."""
    program = "import sys; before = set(sys.modules); import rolelint.reporters.text; print(*set(sys.modules) - before)"
    loaded = set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split())
    assert "rolelint.reporters.summary" in loaded
    slow = {"cfn_flip", "dataclasses", "hashlib", "importlib.metadata", "inspect", "json", "logging", "pathlib", "textwrap"}
    assert not loaded & slow


HOSTILE = f"{ESCAPE}\r\n::error file=x::y\n##[stop-commands]z\u202e\u2028\ud800\x85\x9b'\"<script>`[a](https://evil.example)"


def hostile() -> Report:
    """A report in which every text that a template, a file name or a rule can choose is hostile."""
    file_name = HOSTILE.replace("\ud800", "\udc80")  # no file system has other halves of surrogate pairs
    source = Source(f"::error::{file_name}.yaml", f"x: {HOSTILE}\n")
    finding = Finding(
        rule=RULE.name,
        severity=Severity.HIGH,
        certainty=Certainty.POSSIBLE,
        message=HOSTILE,
        span=the(source, ESCAPE),
        pointer=f"/{HOSTILE}",
        owner=Owner(HOSTILE, HOSTILE),
        witness=HOSTILE[:50],
        also=(HOSTILE,),
        related=(Related(HOSTILE, the(source, "::error file")), Related(HOSTILE, the(OTHER, "Globals"))),
        assumptions=(HOSTILE,),
        help=f"word {HOSTILE} " * 5,
        suggestion=Suggestion(HOSTILE, ({"Sid": HOSTILE, "::error::": {HOSTILE: HOSTILE}},)),
    )
    page = Page(HOSTILE, (HOSTILE,), {HOSTILE: (HOSTILE,)}, (Example(HOSTILE, f"# <- certain {HOSTILE}\n```\n<b>"),))
    rule = RULE._replace(summary=HOSTILE, fix=HOSTILE, theme=HOSTILE)
    return reported(
        finding,
        rules=(rule,),
        page=lambda _: page,
        unjudged=(Unjudged(HOSTILE, 1, HOSTILE),),
        skipped=(Skipped(HOSTILE, HOSTILE),),
    )


@pytest.mark.parametrize("render", RENDERS.values(), ids=RENDERS)
def test_hostile_text_cannot_steer_a_terminal(render: Callable[[Report], str]) -> None:
    printed = render(hostile())
    assert all(character.isprintable() for character in printed.replace("\n", ""))


@pytest.mark.parametrize("render", [text.render, concise.render], ids=["full", "concise"])
def test_hostile_text_cannot_command_a_build_service(render: Callable[[Report], str]) -> None:
    printed = render(hostile())
    assert not [line for line in printed.split("\n") if line.lstrip().startswith("::")]
    assert "##[" not in printed
    assert r"\x23#[stop-commands]" in printed


def test_azure_commands_are_disarmed_too() -> None:
    printed = concise.render(reported(found(message="##vso[task.setvariable variable=a]b")))
    assert r" \x23#vso[task.setvariable variable=a]b" in printed


def test_hostile_text_stays_on_its_line() -> None:
    assert len(concise.render(hostile()).split("\n")) == len(["finding", "summary", "not judged", "skipped", ""])


def test_hostile_text_keeps_to_the_schema() -> None:
    report = read(json_report.render, hostile())
    Draft202012Validator(schema()).validate(report)
    assert report["findings"][0]["message"] == HOSTILE


def test_hostile_text_is_no_markup_in_sarif() -> None:
    run = json.loads(sarif.render(hostile()))["runs"][0]
    result, markdown = run["results"][0], run["tool"]["driver"]["rules"][0]["help"]["markdown"]
    assert "[a](" not in result["message"]["text"]
    assert "[a](" not in result["relatedLocations"][0]["message"]["text"]
    outside_code = re.sub(r"^(`{3,}).*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    assert "<script>" not in outside_code.replace(r"\<", "")
    assert "[a](" not in outside_code.replace(r"\[", "")
    assert "<b>" in markdown
    assert "<b>" not in outside_code


def test_no_excerpt_repeats_a_key() -> None:
    secret = Source("a.yaml", "a: AKIAQ7INVENTED4DEMOX\n")
    finding = found(span=Span(secret, 3, 7), masked=Span(secret, 7, 23), related=())
    other = found(span=Span(secret, 0, 1), related=())

    for render in RENDERS.values():
        assert "INVENTED" not in render(reported(finding, other))
    assert "a: AKIA****************" in text.render(reported(finding, other))
