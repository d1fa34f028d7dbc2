"""Findings and reports made by hand, and every format by its name."""

import json
from collections.abc import Callable
from typing import Any

from rolelint.engine.findings import Finding, Owner, Severity
from rolelint.engine.rule import Example, Page, Rule
from rolelint.iam.patterns import Certainty
from rolelint.reporters import (
    concise,
    csv_report,
    full,
    github,
    gitlab,
    grouped,
    json_report,
    jsonl,
    junit,
    markdown,
    sarif,
    statistics,
)
from rolelint.syntax.source import Source, Span
from rolelint.verdicts.report import Report, Verdict

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
    "full": full.render,
    "concise": concise.render,
    "grouped": grouped.render,
    "statistics": statistics.render,
    "json": json_report.render,
    "jsonl": jsonl.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "csv": csv_report.render,
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


def read(render: Callable[[Report], str], report: Report) -> Any:  # noqa: ANN401  JSON of any shape
    return json.loads(render(report))
