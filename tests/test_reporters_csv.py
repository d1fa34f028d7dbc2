"""The CSV format: a row for each finding, for a spreadsheet."""

import csv
from io import StringIO

import pytest
from made_reports import found, reported

from rolelint.iam.patterns import Certainty
from rolelint.reporters import csv_report
from rolelint.verdicts.fingerprint import fingerprint


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_a_finding_is_a_row() -> None:
    finding = found(certainty=Certainty.POSSIBLE, assumptions=("a is b", "c"), help="Name\nthe actions.\n")
    assert rows(csv_report.render(reported(finding))) == [
        {
            "path": "templates/api.yaml",
            "line": "10",
            "column": "27",
            "severity": "high",
            "certainty": "possible",
            "rule": "service-full-access",
            "resource": "Worker",
            "type": "AWS::IAM::Role",
            "message": "Worker may do anything in DynamoDB",
            "assumptions": "a is b; c",
            "help": "Name the actions.",
            "fingerprint": fingerprint(finding),
        }
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "＝"])  # noqa: RUF001 - the wide form is meant
def test_no_cell_is_a_formula(start: str) -> None:
    assert rows(csv_report.render(reported(found(message=f"{start}cmd()"))))[0]["message"] == f"'{start}cmd()"


def test_a_clean_run_has_the_heading_only() -> None:
    assert csv_report.render(reported()) == ",".join(csv_report.COLUMNS) + "\n"
