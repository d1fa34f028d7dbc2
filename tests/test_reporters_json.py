"""The JSON formats: what a program can rely on."""

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from made_reports import OTHER, found, read, reported, the

from rolelint import reporters
from rolelint.engine.findings import Owner, Related, Suggestion
from rolelint.iam.patterns import Certainty
from rolelint.reporters import json_report, jsonl
from rolelint.syntax.files import Skipped
from rolelint.syntax.source import Source, Span
from rolelint.verdicts.fingerprint import fingerprint
from rolelint.verdicts.report import Unjudged, Verdict

POLICY = Source("a.yaml", "- arn:aws:iam::aws:policy/CloudWatchLogsFullAccess\n")
ATTACHED = found(
    span=Span(POLICY, 2, len(POLICY.text) - 1),
    suggestion=Suggestion("Only to write:", ({"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": ["*"]},)),
)


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
            "resource": {"id": "Worker", "type": "AWS::IAM::Role", "construct": None},
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
            "suggestion": None,
            "fixes": [],
            "fingerprint": fingerprint(finding),
        }
    ]


def test_the_json_report_keeps_to_the_schema_that_ships() -> None:
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    odd = found(owner=None, pointer="", certainty=Certainty.POSSIBLE, related=(Related("", the(OTHER, "Globals")),))
    made = found(owner=Owner("Worker", "AWS::IAM::Role", "Stack/Worker/Resource"))
    for report in (reported(), reported(found(), found(), odd, made, ATTACHED), reported(skipped=(Skipped("a", "b"),))):
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


def test_statements_to_write_instead_are_data() -> None:
    suggestion = read(json_report.render, reported(ATTACHED))["findings"][0]["suggestion"]
    assert suggestion == {
        "text": "Only to write:",
        "statements": [{"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": ["*"]}],
    }


def test_a_fix_says_which_characters_become_which() -> None:
    fix = read(json_report.render, reported(ATTACHED))["findings"][0]["fixes"][0]
    assert fix == {
        "message": "Attach AWSLambdaBasicExecutionRole instead: the role belongs to a function",
        "edits": [
            {
                "path": "a.yaml",
                "start": {"line": 1, "column": 10},
                "end": {"line": 1, "column": 51},
                "text": ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            }
        ],
    }


def test_the_path_of_a_cdk_construct_is_part_of_its_resource() -> None:
    made = found(owner=Owner("Worker", "AWS::IAM::Role", "Stack/Worker/Resource"))
    assert read(json_report.render, reported(made))["findings"][0]["resource"]["construct"] == "Stack/Worker/Resource"


def test_json_lines_are_the_findings_of_the_json_report_one_on_a_line() -> None:
    report = reported(found(), found(), ATTACHED)
    lines = jsonl.render(report).splitlines()
    assert [json.loads(line) for line in lines] == read(json_report.render, report)["findings"]
    assert jsonl.render(reported()) == ""
