"""What holds of every format: the same places, the same text for the same report, and nothing that a stranger can steer."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as some
from made_reports import OTHER, RENDERS, RULE, found, read, reported, the

from rolelint.commands.output import FORMATS
from rolelint.engine.findings import Finding, Owner, Related, Severity, Suggestion
from rolelint.engine.rule import Example, Page
from rolelint.engine.rulebook import Rulebook
from rolelint.iam.patterns import Certainty
from rolelint.lint import lint
from rolelint.reporters import concise, csv_report, full, github, gitlab, json_report, jsonl, sarif
from rolelint.standard import Standard
from rolelint.syntax.files import Input, Skipped
from rolelint.syntax.source import Source, Span
from rolelint.verdicts.report import Report, Unjudged, Verdict

TEXTS = some.text(some.sampled_from('ab*"{ \t\r\n\x1b\u202e日😀:#`<'), min_size=1, max_size=60)


@given(TEXTS, some.lists(some.tuples(some.integers(0, 60), some.integers(0, 60)), min_size=1, max_size=4))
def test_all_formats_agree_on_every_place(content: str, ends: list[tuple[int, int]]) -> None:
    source = Source("a.yaml", content)
    spans = [Span(source, min(len(content), *pair), min(len(content), max(pair))) for pair in ends]
    report = reported(*(found(span=span, related=(Related("x", spans[0]),)) for span in spans))
    expected = [tuple(span.first) for span in spans]
    in_json = [(one["start"], one["end"]) for one in read(json_report.render, report)["findings"]]
    results = read(sarif.render, report)["runs"][0]["results"]
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in results]
    rows = list(csv.DictReader(StringIO(csv_report.render(report))))
    assert _pairs(r"^ *--> a\.yaml:(\d+):(\d+)$", full.render(report)) == expected
    assert _pairs(r"^a\.yaml:(\d+):(\d+): ", concise.render(report)) == expected
    assert _pairs(r",line=(\d+),col=(\d+),", github.render(report)) == expected
    assert [(int(row["line"]), int(row["column"])) for row in rows] == expected
    assert [json.loads(line)["start"] for line in jsonl.render(report).splitlines()] == [start for start, _ in in_json]
    assert [one["location"]["lines"]["begin"] for one in read(gitlab.render, report)] == [line for line, _ in expected]
    assert [tuple(start.values()) for start, _ in in_json] == expected
    assert [(one["startLine"], one["startColumn"]) for one in regions] == expected
    assert [(one["endLine"], one["endColumn"]) for one in regions] == [tuple(end.values()) for _, end in in_json]
    assert all(start["line"] == end["line"] and start["column"] <= end["column"] for start, end in in_json)


def _pairs(pattern: str, printed: str) -> list[tuple[int, int]]:
    return [(int(line), int(column)) for line, column in re.findall(pattern, printed, re.MULTILINE)]


@pytest.mark.parametrize("render", RENDERS.values(), ids=RENDERS)
def test_the_same_report_is_the_same_text(render: Callable[[Report], str]) -> None:
    report = reported(found(), found(rule="other", also=("a", "b")), unjudged=(Unjudged("a", 1, "b"), Unjudged("a", 2, "c")))
    assert render(report) == render(report)
    assert render(report).endswith("\n")
    assert not render(report).endswith("\n\n")


def test_a_clean_run_loads_only_what_it_prints() -> None:
    """Start-up is the product of a hook: prose is wrapped, hashed and encoded by modules that come when they are needed."""
    program = "import sys; before = set(sys.modules); import rolelint.reporters.full; print(*set(sys.modules) - before)"
    loaded = set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split())
    assert "rolelint.reporters.summary" in loaded
    slow = {"cfn_flip", "dataclasses", "hashlib", "importlib.metadata", "inspect", "json", "logging", "pathlib", "textwrap"}
    assert not loaded & slow


HOSTILE = {
    "escape sequences": "\x1b[31m\x9b2J\x07\x08",
    "line ends": "a\r\n::error file=x::y\nb\x85c\u2028d",
    "a command": "::error file=x,line=1::y",
    "an encoded command": "%0A::set-output name=a::b%0D%25",
    "commands of other services": "##[stop-commands]z ##vso[task.setvariable variable=a]b",
    "reordered text": "a\u202eb\u2066c\u200f",
    "half a character": "a\ud800b",
    "HTML": "<script>alert('x')</script><img src=x onerror=\"y\">&lt;",
    "Markdown": "# a | [b](https://evil.example) ![c](d) `e` **f** @team ~~g~~ \\",
    "an end of code": "```\n<b>",
    "quotes": '"a\' `b`,"c";d',
    "an end of CDATA": "]]><x/>",
    "a formula": "=cmd|' /C calc'!A0",
    "a formula after a blank": " \t+1-@SUM(1)",
}


def made_of(text: str) -> Report:
    """A report in which every text that a template, a file name or a rule can choose is hostile."""
    file_name = text.replace("\ud800", "\udc80")  # no file system has other halves of surrogate pairs
    source = Source(f"{file_name}.yaml", f"x: {text}\n")
    finding = Finding(
        rule=RULE.name,
        severity=Severity.HIGH,
        certainty=Certainty.CERTAIN,
        message=text,
        span=the(source, text[:3]),
        pointer=f"/{text}",
        owner=Owner(text, text, text),
        witness=text[:50],
        also=(text,),
        related=(Related(text, the(source, "x")), Related(text, the(OTHER, "Globals"))),
        assumptions=(text,),
        help=f"word {text} " * 5,
        suggestion=Suggestion(text, ({"Sid": text, "::error::": {text: text}},)),
    )
    possible = finding._replace(certainty=Certainty.POSSIBLE, severity=Severity.LOW)
    page = Page(text, (text,), {text: (text,)}, (Example(text, f"# <- certain {text}\n```\n<b>"),))
    return reported(
        rules=(RULE._replace(summary=text, fix=text, theme=text),),
        page=lambda _: page,
        verdicts=(Verdict(finding, "active", text), Verdict(possible, "active"), Verdict(finding, "suppressed", text)),
        unjudged=(Unjudged(text, 1, text),),
        skipped=(Skipped(text, text),),
        paths=(source.path,),
    )


@pytest.fixture(scope="session")
def linted(rulebook: Rulebook) -> Callable[[str], Report]:
    """The report on a template in which names, values and defaults are hostile."""
    standard = Standard(rulebook, tuple(rule for rule in rulebook.rules if rule.theme in ("wildcards", "reading")))

    def report(text: str) -> Report:
        statement = {"Sid": text, "Effect": "Allow", "Action": ["s3:*", text], "Resource": ["*", text, {"Ref": text}]}
        policy = {"PolicyName": text, "PolicyDocument": {"Statement": [statement]}}
        role = {
            "Type": "AWS::IAM::Role",
            "Metadata": {"aws:cdk:path": text},
            "Properties": {"RoleName": text, "Policies": [policy]},
        }
        parameter = {"Type": "String", "Default": text}
        template = {"Parameters": {text: parameter}, "Resources": {text: role}}
        data = json.dumps(template, ensure_ascii="\ud800" in text).encode()
        done = lint([Input("a.json", data, named=True)], standard.everywhere, keep_access=True)
        assert not done.failures
        assert list(done.report.active)
        return done.report

    return report


def _lines_inert(printed: str, _: int) -> None:
    assert not [line for line in printed.split("\n") if line.lstrip().startswith("::")]
    assert not re.search(r"##\w*\[", printed)


def _commands_ours(printed: str, findings: int) -> None:
    commands = [line for line in printed.split("\n") if line.startswith("::")]
    assert len(commands) == findings
    for command in commands:
        _, properties, message = command.split("::", 2)
        names = [one.partition("=")[0] for one in properties.partition(" ")[2].split(",")]
        assert names == ["file", "line", "col", "endLine", "endColumn", "title"]
        assert unquote(message).isprintable()
    assert not re.search(r"##\w*\[", printed)


def _json_readable(printed: str, _: int) -> None:
    assert printed.isascii()
    json.loads(printed)


def _json_lines_readable(printed: str, findings: int) -> None:
    assert len([json.loads(line) for line in printed.splitlines()]) == findings


def _no_links_in_sarif(printed: str, findings: int) -> None:
    run = json.loads(printed)["runs"][0]
    assert len(run["results"]) == findings
    for result in run["results"]:
        texts = [result["message"]["text"], *(one["message"]["text"] for one in result.get("relatedLocations", ()))]
        assert all(re.search(r"(?<!\\)\]\(", text) is None and text.isprintable() for text in texts)
    for rule in run["tool"]["driver"]["rules"]:
        _no_markup(rule["help"]["markdown"])


def _outside_code(markdown: str) -> str:
    blocks = re.sub(r"^(`{3,}).*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)", "", blocks)


def _no_markup(markdown: str) -> None:
    unescaped = re.sub(r"\\[\\`*\[\]<>&~_:.|#=+-]", "", _outside_code(markdown))
    prose = re.sub(r"<(https://[^>\s]*|br|!-- --)>", " ", unescaped)
    assert not re.search(r"[<>\[\]`&]", prose), prose


def _table_in_shape(printed: str, findings: int) -> None:
    _no_markup(printed)
    assert not re.search(r"@\w", _outside_code(printed))
    rows = [line for line in printed.split("\n") if line.startswith("|")]
    assert len(rows) == 2 + findings
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


def _tests_counted(printed: str, findings: int) -> None:
    root = ET.fromstring(printed)  # noqa: S314 - our own
    told = [case for case in root.iter("testcase") if not (case.get("name") or "").startswith("no ")]
    excused = [one for one in root.iter("skipped") if (one.get("message") or "").startswith("suppressed")]
    assert len(told) - len(excused) == findings
    assert {element.tag for element in root.iter()} <= {"testsuites", "testsuite", "testcase", "failure", "skipped"}


def _cells_are_text(printed: str, findings: int) -> None:
    rows = list(csv.reader(StringIO(printed)))
    assert len(rows) == 1 + findings
    assert {len(row) for row in rows} == {len(csv_report.COLUMNS)}
    assert not [cell for row in rows for cell in row if cell.strip().startswith(("=", "+", "-", "@"))]


INERT: dict[str, Callable[[str, int], None]] = {
    "full": _lines_inert,
    "concise": _lines_inert,
    "grouped": _lines_inert,
    "statistics": _lines_inert,
    "json": _json_readable,
    "jsonl": _json_lines_readable,
    "sarif": _no_links_in_sarif,
    "github": _commands_ours,
    "gitlab": _json_readable,
    "junit": _tests_counted,
    "markdown": _table_in_shape,
    "csv": _cells_are_text,
}


def test_every_format_of_the_command_line_is_held_to_this() -> None:
    modules = {f"rolelint.reporters.{module}" for module in FORMATS.values()}
    assert {render.__module__ for render in RENDERS.values()} == modules
    assert set(INERT) == set(RENDERS)


@pytest.mark.parametrize("form", RENDERS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_only_text(text: str, form: str, linted: Callable[[str], Report]) -> None:
    """Whoever reads the format, a terminal, a server or a spreadsheet, finds as many things in it as there are, and no other."""
    for report in (made_of(text), linted(text)):
        printed = RENDERS[form](report)
        assert all(character.isprintable() for character in printed.replace("\n", ""))
        INERT[form](printed, len(list(report.active)))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_machines_get_hostile_text_unaltered(text: str) -> None:
    finding = read(json_report.render, made_of(text))["findings"][0]
    assert (finding["message"], finding["resource"]["construct"]) == (text, text)


def test_hostile_text_stays_on_its_line() -> None:
    report = made_of(HOSTILE["line ends"])
    assert len(concise.render(report).split("\n")) == len([*report.active, "summary", "not judged", "skipped", ""])


def test_no_excerpt_repeats_a_key() -> None:
    secret = Source("a.yaml", "a: AKIAQ7INVENTED4DEMOX\n")
    finding = found(span=Span(secret, 3, 7), masked=Span(secret, 7, 23), related=())
    other = found(span=Span(secret, 0, 1), related=())

    for render in RENDERS.values():
        assert "INVENTED" not in render(reported(finding, other))
    assert "a: AKIA****************" in full.render(reported(finding, other))
