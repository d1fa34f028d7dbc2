"""The formats for a person at a terminal: full, concise and the summary below them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some
from made_reports import OTHER, SOURCE, TEMPLATE, found, reported, the

from rolelint.engine.findings import Finding, Owner, Related, Severity, Suggestion
from rolelint.iam.patterns import Certainty
from rolelint.reporters import concise
from rolelint.reporters import full as full_report
from rolelint.reporters.terminal import visible, width
from rolelint.reporters.wording import rule_page
from rolelint.syntax.files import Skipped
from rolelint.syntax.source import Source, Span
from rolelint.verdicts.report import Report, Unjudged, Verdict


def full(*findings: Finding) -> str:
    """The full report without its summary."""
    return full_report.render(reported(*findings)).rsplit("\n\n", 1)[0]


def summary(report: Report) -> str:
    return concise.render(report).split("\n", len(list(report.active)))[-1]


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
    coloured = full_report.render(report, colour=True)
    assert "\x1b[1;31mhigh[service-full-access]\x1b[0m: " in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == full_report.render(report)


TEXTS = some.text(some.sampled_from('ab*"{ \t\r\n\x1b\u202e日😀:#`<'), min_size=1, max_size=60)


@given(TEXTS, some.integers(0, 60), some.integers(0, 60))
def test_the_underline_covers_what_is_marked(content: str, one: int, other: int) -> None:
    start, end = min(one, other, len(content)), min(max(one, other), len(content))
    span = Span(Source("a.yaml", content), start, end)
    row, under = full(found(span=span, witness="")).split("\n")[3:5]
    line = span.source.line(span.first.line)
    shown = [visible(part.replace("\t", "    ")) for part in (line[: span.first.column - 1], span.on_one_line().text)]
    assert under.rstrip() == "  | " + " " * width(shown[0]) + "^" * max(1, width(shown[1]))
    assert row.removeprefix("1 |").strip(" ") in visible(line.replace("\t", "    ")) or span.first.line > 1


def test_a_cdk_user_sees_the_construct() -> None:
    made = found(owner=Owner("Worker2A1B", "AWS::IAM::Role", "Stack/Worker/ServiceRole/Resource"))
    assert "   = construct: Stack/Worker/ServiceRole/Resource\n" in full(made)


def test_an_excuse_that_is_over_is_told() -> None:
    verdict = Verdict(found(), "active", "excused until 2026-01-31")
    assert "   = note: excused until 2026-01-31\n" in full_report.render(reported(verdicts=(verdict,)))


def test_of_one_rule_five_findings_are_shown_in_full_and_the_others_on_a_line_each() -> None:
    """Other rules keep their places, and nothing is left out."""
    many = [found(message=f"number {number}") for number in range(7)]
    shown = full(*many, found(rule="other", severity=Severity.LOW))
    assert shown.count("-->") == 6
    assert shown.endswith(
        "\n\n2 more findings of service-full-access:\n"
        "  templates/api.yaml:10:27: high[service-full-access] number 5\n"
        "  templates/api.yaml:10:27: high[service-full-access] number 6"
    )


def test_of_very_many_findings_of_one_rule_the_rest_is_counted() -> None:
    shown = full(*(found(message=f"number {number}") for number in range(28)))
    assert shown.endswith("number 24\n  and 3 more; --format concise has a line for each")
    assert "number 25" not in shown


def test_the_name_of_a_rule_links_to_its_page_where_a_terminal_can() -> None:
    linked = full_report.render(reported(found()), links=True)
    assert f"high[\x1b]8;;{rule_page('service-full-access')}\x1b\\service-full-access\x1b]8;;\x1b\\]: " in linked
    assert re.sub("\x1b]8;;[^\x1b]*\x1b\\\\", "", linked) == full_report.render(reported(found()))


# The concise format


def test_a_finding_is_one_line() -> None:
    possible = found(rule="other", severity=Severity.LOW, certainty=Certainty.POSSIBLE)
    assert concise.render(reported(found(), possible)).split("\n")[:2] == [
        "templates/api.yaml:10:27: high[service-full-access] Worker may do anything in DynamoDB",
        "templates/api.yaml:10:27: possible low[other] Worker may do anything in DynamoDB",
    ]


def test_a_line_can_have_colour_and_links() -> None:
    styled = concise.render(reported(found()), colour=True, links=True)
    assert re.sub("\x1b(\\[[0-9;]*m|]8;;[^\x1b]*\x1b\\\\)", "", styled) == concise.render(reported(found())) != styled


# The summary


def test_the_summary_counts_what_was_read_and_found() -> None:
    findings = [found(), found(severity=Severity.MEDIUM), found(severity=Severity.LOW, certainty=Certainty.POSSIBLE)]
    verdicts = (*(Verdict(one, "active") for one in findings), Verdict(found(), "suppressed", "known"))
    assert summary(reported(verdicts=verdicts)) == (
        "Found 3 findings in 4 templates (6 principals, 11 statements): "
        "1 high, 1 medium, 1 low; 1 of them only possible; 1 suppressed.\n"
    )


def test_the_summary_counts_what_was_accepted_before() -> None:
    accepted = reported(verdicts=(Verdict(found(), "baselined"), Verdict(found(), "suppressed"), Verdict(found(), "baselined")))
    assert summary(accepted).endswith("; 2 baselined; 1 suppressed.\n")


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
