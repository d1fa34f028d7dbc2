"""The sample templates as reported, byte for byte. ROLELINT_UPDATE=1 writes the expected files anew."""

import contextlib
import io
import json
import os
from pathlib import Path

import pytest

from rolelint.cli import main

ROOT = Path(__file__).parent.parent
SAMPLES = sorted(path.name for path in (ROOT / "sample_templates").iterdir())
GOLDEN = ROOT / "tests" / "golden"
FORMATS = {
    "full": "txt",
    "concise": "concise.txt",
    "grouped": "grouped.txt",
    "json": "json",
    "jsonl": "jsonl",
    "sarif": "sarif",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "junit": "junit.xml",
    "markdown": "md",
    "csv": "csv",
}
TELLING = "serverless-api.yaml"
"""The sample that is shown in every format; of the others the full report tells enough."""
SHOWN = [(TELLING, form) for form in FORMATS] + [(sample, "full") for sample in SAMPLES if sample != TELLING]


def report(sample: str, form: str) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(said):
        code = main([f"sample_templates/{sample}", "--format", form, "--isolated", "--color", "never"])
    return code, said.getvalue()


def without_pages(said: str) -> str:
    """A SARIF log in which rules have no pages: those change with every word of a rule, and have tests of their own."""
    log = json.loads(said)
    run = log["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result.pop("ruleIndex")]["id"] == result["ruleId"]
    del run["tool"]["driver"]["rules"]
    return json.dumps(log, indent=2) + "\n"


@pytest.mark.parametrize(("sample", "form"), SHOWN)
def test_a_sample_is_reported_as_the_golden_file_says(sample: str, form: str) -> None:
    golden = GOLDEN / f"{sample}.{FORMATS[form]}"

    _, said = report(sample, form)

    shown = without_pages(said) if form == "sarif" else said
    if os.environ.get("ROLELINT_UPDATE"):
        golden.write_text(shown, encoding="utf-8", newline="\n")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        ("instance-role-least-privilege.yaml", 0),
        ("instance-role.yaml", 0),
        ("instance-role.json", 0),
        ("instance-role-overbroad.yaml", 1),
        ("hard-coded-key.yaml", 1),
        ("serverless-api.yaml", 1),
    ],
)
def test_the_format_never_alters_the_exit_code(sample: str, code: int) -> None:
    assert {report(sample, form)[0] for form in FORMATS} == {code}


def test_every_golden_file_belongs_to_a_sample() -> None:
    expected = {f"{sample}.{FORMATS[form]}" for sample, form in SHOWN}

    assert {path.name for path in GOLDEN.iterdir()} == expected


def test_the_overbroad_sample_says_what_the_role_may_do_whom_it_serves_and_what_to_write() -> None:
    _, said = report("instance-role-overbroad.yaml", "full")

    assert "--> sample_templates/instance-role-overbroad.yaml:19:11" in said
    assert "delete log groups and log streams" in said
    assert "WebServerProfile" in said
    assert "logs:PutLogEvents" in said


def test_the_clean_sample_says_in_one_line_what_was_read() -> None:
    _, said = report("instance-role-least-privilege.yaml", "full")

    assert said == "No overbroad grants in 1 template (1 principal, 5 statements).\n"
