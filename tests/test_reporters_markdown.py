"""The Markdown format: the summary of a job."""

import pytest
from made_reports import found, reported

from rolelint.engine.findings import Owner, Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters import markdown


def test_the_page_of_a_job_has_the_summary_a_table_and_what_to_do() -> None:
    made = Owner("Worker", "AWS::IAM::Role", "Stack/Worker/Resource")
    low = found(rule="other", severity=Severity.LOW, certainty=Certainty.POSSIBLE, message="a|b", help="Name *it*.")
    assert markdown.render(reported(low, found(owner=made, help="Name the actions."))) == (
        "## rolelint\n\n"
        "Found 2 findings in 4 templates (6 principals, 11 statements): 1 high, 1 low; 1 of them only possible.\n\n"
        "| severity | finding | where |\n"
        "|---|---|---|\n"
        "| high | Worker may do anything in DynamoDB<br>`service-full-access` "
        "| `templates/api.yaml:10`<br>`Stack/Worker/Resource` |\n"
        "| possible low | Possible: a\\|b<br>`other` | `templates/api.yaml:10` |\n\n"
        "### What to do\n\n"
        "- `service-full-access` (1): Name the actions.\n"
        "- `other` (1): Name \\*it\\*.\n"
    )


def test_a_clean_run_is_one_sentence() -> None:
    assert markdown.render(reported()) == ("## rolelint\n\nNo overbroad grants in 4 templates (6 principals, 11 statements).\n")


def test_rows_for_which_github_has_no_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MOST_BYTES", 250)
    page = markdown.render(reported(*[found()] * 5))
    assert page.count("| high |") == 2
    assert "\n\nAnd 3 more findings, for which there is no room here.\n\n" in page
