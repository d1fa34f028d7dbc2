"""The GitHub format: annotations beside the lines of a pull request."""

from made_reports import found, reported

from rolelint.engine.findings import Severity
from rolelint.iam.patterns import Certainty
from rolelint.reporters import github
from rolelint.syntax.source import Source, Span


def test_a_finding_is_a_workflow_command() -> None:
    assert github.render(reported(found())) == (
        "::error file=templates/api.yaml,line=10,col=27,endLine=10,endColumn=30,title=high [service-full-access]"
        "::Worker may do anything in DynamoDB\n"
        "Found 1 finding in 4 templates (6 principals, 11 statements): 1 high.\n"
    )


def test_signs_that_end_a_property_are_encoded() -> None:
    source = Source("a,b:c%.yaml", "x")
    command = github.render(reported(found(span=Span(source, 0, 1), message="100%, a: b")))
    assert command.startswith("::error file=a%2Cb%3Ac%25.yaml,line=1,")
    assert "::100%25, a: b\n" in command


def test_the_most_severe_come_first_and_what_is_only_possible_is_a_notice() -> None:
    findings = [
        found(message="one", severity=Severity.LOW),
        found(message="two", severity=Severity.MEDIUM),
        found(message="three", certainty=Certainty.POSSIBLE, assumptions=("Stage is 'prod'",)),
        found(message="four", severity=Severity.CRITICAL),
    ]
    lines = github.render(reported(*findings)).split("\n")[:4]
    assert [(line.split()[0], line.rpartition("::")[2]) for line in lines] == [
        ("::error", "four"),
        ("::notice", "Possible: three, assuming that Stage is 'prod'"),
        ("::warning", "two"),
        ("::notice", "one"),
    ]


def test_more_than_github_shows_is_told_first() -> None:
    """It shows ten of each level; the notice that says so is one of ten."""
    errors = [found()] * 12
    notices = [found(severity=Severity.LOW)] * 10
    first = github.render(reported(*errors, *notices)).split("\n")[0]
    assert first == "::notice title=rolelint::22 findings, of which GitHub shows 19 here; the log of this step has all"
    assert github.render(reported(*[found()] * 10)).startswith("::error")
