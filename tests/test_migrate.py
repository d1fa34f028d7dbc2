"""What becomes of other tools' suppressions."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint.cli import main
from rolelint.engine.rulebook import Rulebook
from rolelint.lint import lint
from rolelint.standard import Standard
from rolelint.syntax.files import Input
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import read
from rolelint.template.template import build
from rolelint.verdicts.foreign import foreign_ids
from rolelint.verdicts.migration import is_faithful, migrate

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "migration.yaml").read_text(encoding="utf-8"))
BEFORE = CASES[0]["before"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_what_excuses_a_finding_is_rewritten_and_all_else_stays(case: dict[str, Any], rulebook: Rulebook) -> None:
    before, after = case["before"], case.get("after", case["before"])
    ran = ("star-resource-write", "passrole-any-role", "unused-suppression")
    standard = Standard(rulebook, tuple(rule for rule in rulebook.rules if rule.name in ran))
    parsed = read("t.yaml", before.encode())
    assert isinstance(parsed.root, Mapping)
    findings = lint([Input("t.yaml", before.encode(), named=True)], standard.everywhere).report.active

    done = migrate(parsed, [build(parsed.source, parsed.root)], findings, foreign_ids(rulebook), keep=case.get("keep", False))

    assert done.text == after
    assert {left.line: left.name for left in done.left} == case.get("left", {})
    if "after" in case:
        again = read("t.yaml", after.encode())
        assert again.root is not None
        assert is_faithful(parsed.root, again.root)
        assert not list(lint([Input("t.yaml", after.encode(), named=True)], standard.everywhere).report.active)


@pytest.mark.parametrize(
    "after",
    [
        "Resources: {T: {Type: 'AWS::SNS::Topic', Metadata: {cfn_nag: {}, b: 2}}}",
        "Resources: {T: {Type: 'AWS::SNS::Topic', Metadata: {cfn_nag: {}, b: '1'}}}",
        "Resources: {T: {Type: 'AWS::SNS::Topic', Metadata: {b: 1}}, U: {Type: 'AWS::SNS::Topic'}}",
        "Resources: {T: {Type: 'AWS::SNS::Topic', Metadata: {b: 1}, cfn_nag: {}}}",
    ],
)
def test_a_template_that_says_something_else_is_told_from_one_with_other_suppressions(after: str) -> None:
    before = read("t.yaml", b"Resources: {T: {Type: 'AWS::SNS::Topic', Metadata: {b: 1}}}").root
    same = read("t.yaml", b"Resources: {T: {Type: 'AWS::SNS::Topic', Metadata: {b: 1, rolelint: {ignore: []}}}}").root
    other = read("t.yaml", after.encode()).root

    assert before is not None
    assert same is not None
    assert other is not None
    assert is_faithful(before, same)
    assert not is_faithful(before, other)


def test_a_diff_is_shown_and_nothing_written_until_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "t.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + BEFORE.encode())
    (tmp_path / "note.yaml").write_text("a: 1\n")

    assert main(["migrate", "."]) == 0
    shown = capsys.readouterr()
    assert "--- a/t.yaml\n+++ b/t.yaml\n" in shown.out
    assert "-      cfn_nag:\n" in shown.out
    assert "1 suppression in 1 file can be rewritten" in shown.err
    assert path.read_bytes() == b"\xef\xbb\xbf" + BEFORE.encode()

    assert main(["migrate", ".", "--write"]) == 0
    assert path.read_bytes() == b"\xef\xbb\xbf" + CASES[0]["after"].encode()
    assert main(["t.yaml", "--fail-on", "info"]) == 0

    assert main(["migrate", "t.yaml"]) == 0
    assert "no suppression for another tool excuses anything here" in capsys.readouterr().err


def test_a_file_in_an_older_encoding_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    old = BEFORE.replace("any table", "für alle")
    for name, encoding in {"windows.yaml": "cp1252", "wide.yaml": "utf-16"}.items():
        (tmp_path / name).write_bytes(old.encode(encoding))

    assert main(["migrate", "--write", "."]) == 0

    for name, encoding in {"windows.yaml": "cp1252", "wide.yaml": "utf-16"}.items():
        assert "reason: für alle" in (tmp_path / name).read_bytes().decode(encoding)


def test_what_stays_is_named_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text(BEFORE.replace("W11", "W999"))

    assert main(["migrate", "t.yaml"]) == 0

    assert "note: t.yaml:7: cfn_nag W999 stays: no rule of rolelint is its equivalent" in capsys.readouterr().err


def test_standard_input_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "-", "--write"]) == 2
    assert "error: standard input cannot be written" in capsys.readouterr().err
