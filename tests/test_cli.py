"""The command line: what each mistake comes to, and where output goes."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from made_templates import OVERBROAD, POSSIBLE

from rolelint.cli import main
from rolelint.commands.output import FORMATS
from rolelint.engine.rulebook import builtin

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
        (["clean.yaml", "--strict", "bad.yaml"], 1),
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
        (["maybe.yaml"], "note: no finding fails: 1 only possible (--strict counts those)\n"),
        (
            ["maybe.yaml", "--strict", "--fail-on", "critical"],
            "note: no finding fails: 1 below the severity that fails (--fail-on)\n",
        ),
        (["maybe.yaml", "--exit-zero"], ""),
        (["maybe.yaml", "-q"], ""),
        (["clean.yaml"], ""),
        (["bad.yaml"], ""),
    ],
)
@pytest.mark.usefixtures("here")
def test_an_open_gate_beside_findings_says_why(arguments: list[str], said: str, capsys: Captured) -> None:
    main(arguments)
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope.yaml"], "error: nope.yaml: no such file"),
        (
            ["bad.yaml", "--select", "pasrole-any-role"],
            "error: --select: there is no rule named 'pasrole-any-role'\nhelp: did you mean passrole",
        ),
        (["bad.yaml", "--ignore", "zzz"], "error: --ignore: there is no rule named 'zzz'\nhelp: rolelint rule --all lists them"),
        (["--xyz"], "error: unknown option --xyz\nhelp: rolelint --help lists the options"),
        (["--no-ignore"], "error: unknown option --no-ignore\nhelp: did you mean --no-ignores?"),
        (["--fail-on", "hgh"], "error: argument --fail-on: invalid choice: 'hgh'"),
        (["chek", "bad.yaml"], "error: there is no command, file or directory 'chek'\nhelp: did you mean check?"),
        (["--format", "xml", "bad.yaml"], "error: --format: there is no format 'xml'\nhelp: known are full, concise, "),
        (["--format", "sarfi"], "error: --format: there is no format 'sarfi'\nhelp: did you mean sarif?"),
        (["--format", "sarif="], "error: --format: sarif= names no file"),
        (["--format", "json", "--format", "full"], "error: json and full both go to standard output"),
        (["--format", "json=a", "--format", "full=a"], "error: json and full both go to a"),
        (["--statistics", "--format", "json"], "error: json and statistics both go to standard output"),
        (["bad.yaml", "--output-file", "./bad.yaml"], "error: ./bad.yaml is one of the files to lint"),
        (["clean.yaml", "bad.yaml", "--format", "json=bad.yaml"], "error: bad.yaml is one of the files to lint"),
        (["bad.yaml", "--format", "json=a", "--output-file", "b"], "error: no report goes to b: "),
        (["bad.yaml", "--output-file", ""], "error: --output-file names no file"),
        (["--", "--exit-zero"], "error: --exit-zero: no such file or directory"),
        (["bad.yaml", "--", "-e"], "error: -e: no such file or directory"),
        ([""], "error: '': no such file or directory"),
        (["bad.yaml", "--format", "json=nowhere/out.json"], "error: nowhere/out.json: no such file or directory"),
        (["bad.yaml", "--rules", "empty"], "error: empty/notes.yaml:1: unknown key 'a'"),
        (["bad.yaml", "--rules", "nowhere"], "error: nowhere: is no directory"),
        (["bad.yaml", "--parameters", "nope.json"], "error: nope.json: no such file or directory"),
        (["bad.yaml", "--baseline", "nope.json"], "error: nope.json: no such file or directory"),
        (["bad.yaml", "--config", "nope.toml"], "error: nope.toml: no such file or directory"),
        (["bad.yaml", "--diff-base", "main"], "error: this directory is in no git repository"),
        (["rule", "new", "No Name"], "error: 'No Name' is no name for a rule"),
        (["rule", "test", "empty/none"], "error: empty/none: no such file or directory"),
        (["completion", "tcsh"], "error: argument shell: invalid choice: 'tcsh'"),
        (["empty"], "error: no template in empty"),
        (["inspect", "empty"], "error: empty/notes.yaml: "),
        (["inspect", "nothing"], "error: no template in nothing"),
        (["baseline", "empty"], "error: no template in empty"),
        (["migrate", "empty"], "error: no template in empty"),
        (["bad.yaml", "--output-file", "nowhere/out.txt"], "error: nowhere/out.txt: no such file or directory"),
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
    (here / "nothing").mkdir()
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


def test_behind_two_dashes_nothing_is_an_option(here: Path, capsys: Captured) -> None:
    (here / "-q.yaml").write_text(OVERBROAD)

    assert main(["clean.yaml", "--format", "concise", "--", "-q.yaml"]) == 1
    assert capsys.readouterr().out.startswith("-q.yaml:")


@pytest.mark.parametrize(("words", "code"), [([], 2), (["--stdin-filename", "a.yaml"], 0)])
def test_standard_input_without_a_template_is_a_mistake_but_in_an_editor(words: list[str], code: int, here: Path) -> None:
    """What was to write it has failed, and a gate must not be green for that; an editor passes whatever is open."""
    done = subprocess.run(
        [sys.executable, "-m", "rolelint", "-", *words], cwd=here, input="", capture_output=True, text=True, check=False
    )

    assert done.returncode == code
    assert "no template" in done.stderr


def test_standard_input_is_linted_under_the_name_it_is_given(here: Path) -> None:
    done = _rolelint(here, "-", "--stdin-filename", "templates/api.yaml", "--format", "concise", text=OVERBROAD)

    assert done.returncode == 1
    assert done.stdout.startswith("templates/api.yaml:6:27: critical[admin-managed-policy] ")


def test_a_reader_that_stops_reading_gets_no_traceback(here: Path) -> None:
    role = OVERBROAD.partition("  R:\n")[2]
    (here / "many.yaml").write_text("Resources:\n" + "".join(f"  R{number}:\n{role}" for number in range(600)))
    command = [sys.executable, "-m", "rolelint", "many.yaml", "--format", "concise"]
    listing = subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert listing.stdout
    assert listing.stderr

    with listing:
        assert listing.stdout.read(1)
        listing.stdout.close()
        assert listing.stderr.read() == b""

    assert listing.returncode == 1


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"GITLAB_CI": "true"}, True),
        ({"GITLAB_CI": "true", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_build_logs_and_those_who_ask(environment: dict[str, str], coloured: bool, here: Path) -> None:  # noqa: FBT001
    done = _rolelint(here, "bad.yaml", **environment)

    assert ("\x1b[" in done.stdout) is coloured


@pytest.mark.usefixtures("here")
def test_a_report_can_go_to_a_file(capsys: Captured) -> None:
    assert main(["bad.yaml", "--format", "json", "--output-file", "out.json"]) == 1

    assert json.loads(Path("out.json").read_text())["version"] == 1
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("here")
def test_one_run_may_write_many_reports(capsys: Captured) -> None:
    reports = [name for name in FORMATS if name != "full"]

    assert main(["bad.yaml", "--format", "full", *(word for name in reports for word in ("--format", f"{name}=out.{name}"))]) == 1

    assert "admin-managed-policy" in capsys.readouterr().out
    written = {name: Path(f"out.{name}").read_text(encoding="utf-8") for name in reports}
    for name, text in written.items():
        main(["bad.yaml", "--format", name])
        assert capsys.readouterr().out == text


@pytest.mark.usefixtures("here")
def test_a_report_that_goes_to_a_file_only_leaves_standard_output_empty(capsys: Captured) -> None:
    assert main(["bad.yaml", "--format", "json=out.json"]) == 1

    assert capsys.readouterr().out == ""


def test_a_terminal_gets_colours_and_links(here: Path) -> None:
    shown = _at_a_terminal(here, "bad.yaml")

    assert "\x1b[1;31m" in shown
    assert "\x1b]8;;" in shown


@pytest.mark.parametrize("words", [["--color", "never"], ["--format", "json"]])
def test_a_terminal_gets_plain_text_when_that_is_asked_for(words: list[str], here: Path) -> None:
    assert "\x1b" not in _at_a_terminal(here, "bad.yaml", *words)


def test_the_environment_may_choose_the_format_unless_it_is_isolated(here: Path) -> None:
    assert _rolelint(here, "bad.yaml", ROLELINT_FORMAT="concise").stdout.startswith("bad.yaml:6:")
    assert json.loads(_rolelint(here, "bad.yaml", "--format", "json", ROLELINT_FORMAT="concise").stdout)
    assert _rolelint(here, "bad.yaml", "--isolated", ROLELINT_FORMAT="concise").stdout.startswith("critical[")
    assert _rolelint(here, "bad.yaml", ROLELINT_FORMAT="xml").stderr.startswith(
        "error: ROLELINT_FORMAT: there is no format 'xml'"
    )


@pytest.mark.usefixtures("here")
def test_quiet_says_nothing_when_nothing_is_found(capsys: Captured) -> None:
    assert main(["clean.yaml", "-q"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("here")
def test_statistics_count_the_findings_of_each_rule_the_gravest_first(capsys: Captured) -> None:
    assert main([".", "--statistics", "--select", "admin-managed-policy,passrole-any-role"]) == 1

    assert [line.split(":")[0].split() for line in capsys.readouterr().out.splitlines()[:2]] == [
        ["1", "critical", "admin-managed-policy"],
        ["1", "high", "passrole-any-role"],
    ]


@pytest.mark.usefixtures("here")
def test_the_same_input_twice_gives_the_same_bytes(capsys: Captured) -> None:
    for form in FORMATS:
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

    builtin()  # a checkout compiles its rules here, with checks that are whole
    monkeypatch.setattr("rolelint.engine.judge.check_named", lambda _: broken)

    assert main([str(here / "bad.yaml")]) == 2
    said = capsys.readouterr()
    assert "bad.yaml: ZeroDivisionError, a bug in rolelint" in said.err
    assert "No overbroad grants" not in said.out


_OTHERS = {"NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "GITLAB_CI", "ROLELINT_CONFIG", "ROLELINT_FORMAT"}


def _at_a_terminal(here: Path, *arguments: str) -> str:
    """What rolelint writes when its standard output is a terminal."""
    pty = pytest.importorskip("pty", reason="there are no terminals to ask for on this system")
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in _OTHERS} | {"TERM": "xterm"}
    command = [sys.executable, "-m", "rolelint", *arguments]
    with subprocess.Popen(command, cwd=here, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment):
        os.close(theirs)
        read = b""
        with contextlib.suppress(OSError):  # how Linux ends a terminal
            while some := os.read(ours, 65536):
                read += some
    os.close(ours)
    return read.decode()


def _rolelint(here: Path, *arguments: str, text: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    plain = {key: value for key, value in os.environ.items() if key not in _OTHERS}
    command = [sys.executable, "-m", "rolelint", *arguments]
    return subprocess.run(command, cwd=here, input=text, capture_output=True, text=True, check=False, env=plain | environment)
