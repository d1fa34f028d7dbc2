"""What was accepted before: in a baseline, or by being there where the branch began."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rolelint.cli import main
from rolelint.lint import Run
from rolelint.verdicts.baseline import (
    Accepted,
    BaselineError,
    Entry,
    accept,
    entries_of,
    grown,
    read_baseline,
    shrunk,
    stale,
    write_baseline,
)

Captured = pytest.CaptureFixture[str]
PATHS = frozenset({"t.yaml"})
RULES = ("not-action", "passrole-any-role", "policy-version-old", "star-resource-write")


def policy(*statements: str) -> str:
    lines = "".join(f"          - {{Effect: Allow, {one}}}\n" for one in statements)
    head = "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n"
    head += "        Version: 2012-10-17\n        Statement:\n"
    return head + lines


PUT = 'Action: "dynamodb:PutItem", Resource: "*"'
DELETE = 'Action: "dynamodb:DeleteItem", Resource: "*"'
PASSING = 'Action: "iam:PassRole", Resource: "*"'


@pytest.fixture
def against(run_on: Callable[..., Run]) -> Callable[[str, str], Accepted]:
    """What a text comes to when all that is found in another was accepted."""

    def held(now: str, before: str) -> Accepted:
        known = read_baseline(write_baseline(entries_of(run_on({"t.yaml": before}, *RULES).report)))
        return accept(run_on({"t.yaml": now}, *RULES).report, known, "in b.json")

    return held


def test_what_was_found_before_is_baselined_wherever_it_moves(against: Callable[[str, str], Accepted]) -> None:
    done = against(
        "# a comment\n\n" + policy('Sid: New, Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*"', DELETE, PUT),
        policy(PUT, DELETE),
    )

    assert [(one.status, one.reason) for one in done.report.verdicts] == [("baselined", "in b.json")] * 2
    assert done.report.baselined == 2
    assert not list(done.report.active)
    assert stale(done, PATHS) == []


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        ('Action: ["dynamodb:PutItem", "s3:PutObject"], Resource: "*"', PUT, "s3:PutObject"),
        (
            'Action: "dynamodb:PutItem", Resource: "*"',
            PUT + ', Condition: {StringEquals: {"aws:SourceVpc": vpc-1}}',
            "without StringEquals aws:sourcevpc vpc-1",
        ),
    ],
)
def test_a_statement_that_gives_more_than_was_accepted_is_found_again(
    now: str, before: str, reason: str, against: Callable[[str, str], Accepted]
) -> None:
    """The place that the finding points at is the same; what it stands for is not."""
    done = against(policy(now), policy(before))

    assert [one.status for one in done.report.verdicts] == ["active"]
    assert done.report.verdicts[0].reason == f"in b.json, but without {reason}"
    assert stale(done, PATHS) == [], "it is not gone"


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (PUT, 'Action: ["dynamodb:PutItem", "s3:PutObject"], Resource: "*"'),
        ('Action: ["dynamodb:putitem"], Resource: "*"', PUT),
        (PUT + ', Condition: {StringEquals: {"aws:SourceVpc": vpc-1}}', PUT),
    ],
)
def test_a_statement_that_gives_less_stays_accepted(now: str, before: str, against: Callable[[str, str], Accepted]) -> None:
    assert [one.status for one in against(policy(now), policy(before)).report.verdicts] == ["baselined"]


def test_what_was_only_possible_is_found_again_when_it_is_certain(against: Callable[[str, str], Accepted]) -> None:
    """A gate lets possible findings pass: accepting one must not let it pass when it is proved."""
    before = policy('Action: "iam:PassRole", Resource: !Ref Roles') + 'Parameters: {Roles: {Type: String, Default: "*"}}\n'
    now = before.replace("Default", 'AllowedValues: ["*"], Default')

    assert [one.status for one in against(before, before).report.verdicts] == ["baselined"]
    assert [(one.status, one.reason) for one in against(now, before).report.verdicts] == [
        ("active", "in b.json, but without being certain, on *")
    ]
    assert [one.status for one in against(before, now).report.verdicts] == ["baselined"]


def test_how_a_statement_is_written_is_the_same_fault_when_it_gives_more(against: Callable[[str, str], Accepted]) -> None:
    now, before = (policy(one).replace("2012-10-17", "2008-10-17") for one in (PASSING, 'Action: "s3:GetObject", Resource: "*"'))

    verdicts = against(now, before).report.verdicts

    assert [one.status for one in verdicts if one.finding.rule == "policy-version-old"] == ["baselined"]


def test_an_exception_less_is_more(against: Callable[[str, str], Accepted]) -> None:
    """NotAction gives what it does not name."""
    before = 'NotAction: ["iam:*", "sts:*"], Resource: "*"'

    assert [one.status for one in against(policy(before), policy(before)).report.verdicts] == ["baselined"]
    assert [one.status for one in against(policy('NotAction: ["iam:*"], Resource: "*"'), policy(before)).report.verdicts] == [
        "active"
    ]


def test_each_entry_accepts_one_finding(against: Callable[[str, str], Accepted]) -> None:
    done = against(policy(PUT, PUT), policy(PUT))

    assert sorted(one.status for one in done.report.verdicts) == ["active", "baselined"]


def test_an_update_only_takes_away(against: Callable[[str, str], Accepted]) -> None:
    done = against(policy(PUT, PASSING), policy('Action: ["dynamodb:PutItem", "dynamodb:UpdateItem"], Resource: "*"', DELETE))

    assert [entry.actions for entry in stale(done, PATHS)] == [("dynamodb:DeleteItem",)]
    assert [(entry.rule, entry.actions) for entry in shrunk(done, PATHS)] == [("star-resource-write", ("dynamodb:PutItem",))]
    assert {entry.rule for entry in grown(done, PATHS)} == {"star-resource-write", "passrole-any-role"}


def test_entries_of_files_and_rules_that_nobody_asked_about_stay(run_on: Callable[..., Run]) -> None:
    elsewhere = Entry("other.yaml", "P", "star-resource-write", "certain", "0" * 32)
    other_rule = Entry("t.yaml", "P", "passrole-any-role", "certain", "1" * 32)
    report = run_on({"t.yaml": policy(PUT)}, "star-resource-write").report

    done = accept(report, [elsewhere, other_rule], "in b.json")

    assert stale(done, PATHS) == []
    assert shrunk(done, PATHS) == [elsewhere, other_rule]


def test_more_than_was_accepted_replaces_the_entry_when_it_is_accepted(against: Callable[[str, str], Accepted]) -> None:
    done = against(policy('Action: ["dynamodb:PutItem", "s3:PutObject"], Resource: "*"'), policy(PUT))

    assert [entry.actions for entry in grown(done, PATHS)] == [("dynamodb:PutItem", "s3:PutObject")]


def test_the_file_is_sorted_has_no_line_numbers_and_one_entry_a_line(run_on: Callable[..., Run]) -> None:
    texts = {"b.yaml": policy(PUT, DELETE), "a.yaml": "\n\n" + policy(DELETE)}

    text = write_baseline(entries_of(run_on(texts, "star-resource-write").report))

    assert [one["path"] for one in json.loads(text)["findings"]] == ["a.yaml", "b.yaml", "b.yaml"]
    assert [set(one) for one in json.loads(text)["findings"]] == [
        {"path", "resource", "rule", "certainty", "fingerprint", "actions", "resources"}
    ] * 3
    assert text == write_baseline(reversed(read_baseline(text)))
    assert sum('"fingerprint"' in line for line in text.splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it is no baseline of rolelint"),
        ('{"findings": []}', "it is no baseline of rolelint"),
        ('{"version": 2, "findings": []}', "its version is not 1"),
        ('{"version": 1}', "an entry has not the form that rolelint writes"),
        ('{"version": 1, "findings": [1]}', "an entry has not the form that rolelint writes"),
        ('{"version": 1, "findings": [{"path": 1}]}', "an entry has not the form that rolelint writes"),
        ('{"version": 1, "findings": [{"actions": "dynamodb:PutItem"}]}', "an entry has not the form that rolelint writes"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(text: str, message: str) -> None:
    with pytest.raises(BaselineError, match=message):
        read_baseline(text)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a template."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text(policy(PUT))
    return tmp_path


def test_a_baseline_is_written_used_and_shrunk(here: Path, capsys: Captured) -> None:
    assert main(["t.yaml"]) == 1
    assert main(["baseline", "t.yaml"]) == 0
    assert main(["t.yaml", "--baseline", ".rolelint-baseline.json"]) == 0
    (here / "t.yaml").write_text(policy(PUT, PASSING))
    assert main(["t.yaml", "--baseline", ".rolelint-baseline.json"]) == 1
    (here / "t.yaml").write_text(
        policy('Action: "dynamodb:PutItem", Resource: "arn:aws:dynamodb:us-east-1:111122223333:table/a"')
    )
    capsys.readouterr()
    assert main(["t.yaml", "--baseline", ".rolelint-baseline.json"]) == 0
    assert "1 entry accepts nothing any more" in capsys.readouterr().err
    assert main(["baseline", "t.yaml", "--update"]) == 0
    assert capsys.readouterr().out == ".rolelint-baseline.json: 0 accepted, 0 of them new, 1 gone\n"


def test_entries_of_a_file_that_was_deleted_are_gone(here: Path, capsys: Captured) -> None:
    (here / "u.yaml").write_text(policy(PUT))
    main(["baseline", "--output", "b.json"])
    (here / "u.yaml").unlink()

    assert main(["baseline", "t.yaml", "--output", "b.json", "--update"]) == 0

    assert "1 accepted, 0 of them new, 1 gone" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["baseline", "t.yaml", "--output", "there.json"], "there.json is there already"),
        (["baseline", "t.yaml", "--output", "there.json", "--add"], "there.json: it is no baseline of rolelint"),
        (["baseline", "t.yaml", "--update"], ".rolelint-baseline.json: no such file or directory"),
        (["baseline", "t.yaml", "--output", "link.json", "--add"], "link.json is a link"),
        (["baseline", "t.yaml", "--output", "no/such.json"], "no/such.json: no such file or directory"),
        (["baseline", "missing.yaml"], "missing.yaml: no such file or directory"),
        (["t.yaml", "--baseline", "there.json"], "there.json: it is no baseline of rolelint"),
        (["t.yaml", "--baseline", "bytes.json"], "bytes.json: not text"),
    ],
)
def test_what_cannot_be_done_is_an_error_and_writes_nothing(
    arguments: list[str], said: str, here: Path, capsys: Captured
) -> None:
    (here / "there.json").write_text("{}")
    (here / "bytes.json").write_bytes(b"\xff\xfe\xfd")
    (here / "empty.json").write_text('{"version": 1, "findings": []}')
    os.symlink("empty.json", here / "link.json")

    assert main(arguments) == 2

    assert said in capsys.readouterr().err
    assert (here / "empty.json").read_text() == '{"version": 1, "findings": []}'
    assert not (here / ".rolelint-baseline.json").exists()


@pytest.fixture
def branch(here: Path) -> Path:
    """A repository whose branch main has the template, with another branch checked out."""
    git(here, "init", "-q", "-b", "main")
    (here / "nested").mkdir()
    (here / "nested" / "child.yaml").write_text(policy(DELETE))
    (here / "parent.yaml").write_text(
        "Resources: {S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: nested/child.yaml}}}"
    )
    git(here, "add", ".")
    git(here, "commit", "-q", "-m", "one")
    git(here, "checkout", "-q", "-b", "work")
    return here


def git(folder: Path, *words: str) -> None:
    options = ("-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *options, *words], cwd=folder, check=True, capture_output=True)


def found(capsys: Captured) -> list[str]:
    return [line.split(" ")[0] for line in capsys.readouterr().out.splitlines() if "[" in line]


def test_only_what_the_branch_adds_is_reported(branch: Path, capsys: Captured) -> None:
    (branch / "t.yaml").write_text("\n" + policy(PUT, PASSING))

    assert main(["--diff-base", "main", "--format", "concise"]) == 1
    assert found(capsys) == ["t.yaml:10:64:"]


def test_what_went_to_the_other_branch_since_is_not_this_ones_doing(branch: Path, capsys: Captured) -> None:
    git(branch, "checkout", "-q", "main")
    (branch / "t.yaml").write_text(policy('Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*"'))
    git(branch, "commit", "-q", "-a", "-m", "mended")
    git(branch, "checkout", "-q", "work")

    assert main(["t.yaml", "--diff-base", "main"]) == 0
    assert "1 baselined" in capsys.readouterr().out


def test_a_renamed_file_and_a_subdirectory_are_found_again(branch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(branch, "mv", "t.yaml", "nested/other.yaml")
    monkeypatch.chdir(branch / "nested")

    assert main([".", "--diff-base", "main"]) == 0


def test_a_nested_template_is_compared_with_what_it_was(branch: Path, capsys: Captured) -> None:
    """The parent alone is given: the child that it names comes from the tree now, and from the commit then."""
    assert main(["parent.yaml", "--diff-base", "main"]) == 0
    (branch / "nested" / "child.yaml").write_text(policy(DELETE, PASSING))
    capsys.readouterr()

    assert main(["parent.yaml", "--diff-base", "main", "--format", "concise"]) == 1
    assert found(capsys) == ["nested/child.yaml:9:64:"]


def test_a_file_whose_name_holds_a_line_end_is_new(branch: Path) -> None:
    (branch / "odd\nname.yaml").write_text(policy(PUT))

    assert main(["t.yaml", "odd\nname.yaml", "--diff-base", "main"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t.yaml", "--diff-base", "nonsense"], "git knows no commit 'nonsense'"),
        (["t.yaml", "--diff-base=--output=x"], "git knows no commit '--output=x'"),
        (["t.yaml", "--diff-base", "alone"], "HEAD and 'alone' have no commit in common"),
        (["/etc/hostname", "--diff-base", "main"], "lies outside the repository"),
    ],
)
def test_a_past_that_cannot_be_read_is_an_error(arguments: list[str], said: str, branch: Path, capsys: Captured) -> None:
    git(branch, "checkout", "-q", "--orphan", "alone")
    git(branch, "commit", "-q", "-m", "no parent")
    git(branch, "checkout", "-q", "work")

    assert main(arguments) == 2

    captured = capsys.readouterr()
    assert said in captured.err
    assert "help: " in captured.err
    assert captured.out == ""


@pytest.mark.usefixtures("here")
def test_without_a_repository_there_is_no_past(capsys: Captured) -> None:
    assert main(["t.yaml", "--diff-base", "main"]) == 2
    assert "in no git repository" in capsys.readouterr().err
