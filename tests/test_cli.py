"""The command line: what each mistake comes to, and where output goes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolelint.cli import main

OVERBROAD = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
"""
POSSIBLE = """\
Parameters: {Target: {Type: String}}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: 'iam:PassRole', Resource: !Ref Target}}
"""
CLEAN = "Resources: {T: {Type: AWS::SNS::Topic}}\n"

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a few files."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"bad.yaml": OVERBROAD, "maybe.yaml": POSSIBLE, "clean.yaml": CLEAN, "other.yaml": "a: 1\n"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clean.yaml"], 0),
        (["bad.yaml"], 1),
        (["check", "bad.yaml"], 1),
        (["."], 1),
        ([], 1),
        (["*.yaml"], 1),
        (["bad.yaml", "--exit-zero"], 0),
        (["bad.yaml", "--ignore", "admin-managed-policy"], 1),
        (["bad.yaml", "--select", "passrole-any-role"], 0),
        (["maybe.yaml"], 0),
        (["maybe.yaml", "--strict"], 1),
        (["maybe.yaml", "--strict", "--fail-on", "critical"], 0),
        (["bad.yaml", "--fail-on", "critical"], 1),
        (["other.yaml"], 0),
        (["bad.yaml", "clean.yaml", "--isolated", "--select", "ALL"], 1),
    ],
)
@pytest.mark.usefixtures("here")
def test_the_exit_code_says_whether_the_gate_opens(arguments: list[str], code: int, capsys: Captured) -> None:
    assert main(arguments) == code
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope.yaml"], "error: nope.yaml: no such file"),
        (
            ["bad.yaml", "--select", "pasrole-any-role"],
            "error: there is no rule named 'pasrole-any-role'\nhelp: did you mean passrole",
        ),
        (["bad.yaml", "--ignore", "zzz"], "error: there is no rule named 'zzz'\nhelp: rolelint rule --all lists them"),
        (["--frobnicate"], "error: unrecognized arguments: --frobnicate"),
        (["--format", "xml", "bad.yaml"], "error: argument --format: invalid choice: 'xml'"),
        (["empty"], "error: no template in empty"),
        (["bad.yaml", "--output-file", "nowhere/out.txt"], "error: nowhere/out.txt: No such file or directory"),
        (["rule"], "error: name one rule, or --all"),
        (
            ["rule", "admin-managed-polic"],
            "error: there is no rule named 'admin-managed-polic'\nhelp: did you mean admin-managed-policy?",
        ),
        (["binary.yaml"], "error: binary.yaml: "),
        (
            ["inspect", "CloudWatchLogFullAccess"],
            "error: CloudWatchLogFullAccess is neither a file nor an AWS managed policy\nhelp: did you mean CloudWatchLogsFull",
        ),
    ],
)
def test_a_mistake_gets_one_clear_message_and_exit_2(arguments: list[str], said: str, here: Path, capsys: Captured) -> None:
    (here / "empty").mkdir()
    (here / "empty" / "notes.yaml").write_text("a: 1")
    (here / "binary.yaml").write_bytes(b"\x00\x01\x02Resources::")

    assert main(arguments) == 2

    shown = capsys.readouterr().err
    assert shown.startswith(said)
    assert shown.count("error: ") == 1
    assert shown.count("help: ") == 1


def test_a_mistake_does_not_lose_the_findings_of_other_files(here: Path, capsys: Captured) -> None:
    (here / "broken.yaml").write_text("Resources:\n  R:\n    Type: AWS::IAM::Role\n   Properties: {\n")

    assert main(["nope.yaml", "broken.yaml", "bad.yaml", "--format", "concise"]) == 2

    shown = capsys.readouterr().out
    assert "unreadable-template" in shown
    assert "broken.yaml:4:" in shown
    assert "admin-managed-policy" in shown


def test_a_template_that_starts_with_a_comment_in_json_is_not_passed_over(here: Path, capsys: Captured) -> None:
    (here / "comment.json").write_text('// ours\n{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')

    assert main(["comment.json", "--format", "concise"]) == 1
    assert "comment.json:1:1: high[unreadable-template]" in capsys.readouterr().out


def test_standard_input_is_linted_under_the_name_it_is_given(here: Path) -> None:
    done = _rolelint(here, "-", "--stdin-filename", "templates/api.yaml", "--format", "concise", text=OVERBROAD)

    assert done.returncode == 1
    assert done.stdout.startswith("templates/api.yaml:6:27: critical[admin-managed-policy] ")


def test_a_reader_that_stops_reading_gets_no_traceback(here: Path) -> None:
    role = OVERBROAD.partition("  R:\n")[2]
    (here / "many.yaml").write_text("Resources:\n" + "".join(f"  R{number}:\n{role}" for number in range(3000)))
    listing = subprocess.Popen([sys.executable, "-m", "rolelint", "."], cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert listing.stdout
    assert listing.stderr

    with listing:
        assert listing.stdout.read(1)
        listing.stdout.close()
        assert listing.stderr.read() == b""

    assert listing.returncode == 1


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False)]
)
def test_colour_is_for_terminals_and_those_who_ask(environment: dict[str, str], coloured: bool, here: Path) -> None:  # noqa: FBT001
    done = _rolelint(here, "bad.yaml", **environment)

    assert ("\x1b[" in done.stdout) is coloured


@pytest.mark.usefixtures("here")
def test_a_report_can_go_to_a_file(capsys: Captured) -> None:
    assert main(["bad.yaml", "--format", "json", "--output-file", "out.json"]) == 1

    assert json.loads(Path("out.json").read_text())["version"] == 1
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("here")
def test_the_same_input_twice_gives_the_same_bytes(capsys: Captured) -> None:
    for form in ("full", "concise", "json", "sarif"):
        main([".", "--format", form])
        once = capsys.readouterr().out
        main([".", "--format", form])
        assert capsys.readouterr().out == once


def test_paths_are_relative_to_the_working_directory(here: Path, capsys: Captured) -> None:
    main([str(here / "bad.yaml"), "--format", "concise"])

    assert capsys.readouterr().out.startswith("bad.yaml:6:")


def test_a_gate_may_refuse_the_excuses_of_the_branch(here: Path) -> None:
    (here / "excused.yaml").write_text(
        OVERBROAD.replace("AdministratorAccess]", "AdministratorAccess] # rolelint: ignore[admin-managed-policy] for now")
    )

    assert main(["excused.yaml"]) == 0
    assert main(["excused.yaml", "--no-ignores"]) == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_stream_that_is_closed_does_not_change_the_verdict(closed: str, here: Path) -> None:
    command = f"{sys.executable} -m rolelint bad.yaml {closed}"

    done = subprocess.run(["/bin/sh", "-c", command], cwd=here, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_verbose_names_what_was_skipped_and_what_could_not_be_judged(here: Path, capsys: Captured) -> None:
    (here / "unknown.yaml").write_text(
        "Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: '{{resolve:ssm:/policy}}'}}}"
    )

    main(["other.yaml", "unknown.yaml", "-v"])

    shown = capsys.readouterr()
    assert "note: other.yaml: skipped: no Resources and no policy Statement" in shown.err
    assert "note: unknown.yaml:1: not judged: the document is ${resolve:ssm:/policy}" in shown.err
    assert "1 place not judged" in shown.out


def test_every_rule_can_be_read_about(capsys: Captured) -> None:
    assert main(["rule", "--all", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)

    for rule in rules:
        assert main(["rule", rule["name"]]) == 0
        assert rule["summary"] in capsys.readouterr().out


def test_the_version_names_the_dates_of_its_facts(capsys: Captured) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("rolelint 0.")


def test_a_rule_that_fails_is_named_and_never_opens_a_gate(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("rolelint.engine.judge.check_named", lambda _: broken)

    assert main([str(here / "bad.yaml")]) == 2
    assert "bad.yaml: ZeroDivisionError, a bug in rolelint" in capsys.readouterr().err


def _rolelint(here: Path, *arguments: str, text: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    plain = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "rolelint", *arguments]
    return subprocess.run(command, cwd=here, input=text, capture_output=True, text=True, check=False, env=plain | environment)
