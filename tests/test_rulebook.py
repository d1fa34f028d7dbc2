"""Rule files are validated like templates: whatever is wrong is named with file and line, and nothing runs."""

import time
from pathlib import Path

import pytest

from rolelint.cli import main
from rolelint.engine.rule import RuleError
from rolelint.engine.rule_files import load_rule, load_rules
from rolelint.engine.rulebook import builtin, compile_rules, compiled, extended, read_compiled

RULE = """\
summary: A statement touches the payroll bucket
severity: high
why: Payroll is confidential.
fix: Ask the payroll team.
references: [https://example.com/payroll]
for: statement
where:
  effect: allow
  resource: {is: "arn:aws:s3:::payroll"}
point_at: resource
message: "{owner} may reach payroll: {resource}"
examples:
  - title: the bucket itself
    template: |
      Resources:
        P:
          Type: AWS::IAM::ManagedPolicy
          Properties:
            PolicyDocument: {Statement: {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::payroll'}}  # <- certain
  - title: another bucket
    template: |
      Resources:
        P:
          Type: AWS::IAM::ManagedPolicy
          Properties:
            PolicyDocument: {Statement: {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::other'}}
"""


def write(folder: Path, text: str, name: str = "payroll-bucket") -> Path:
    theme = folder / "payroll"
    theme.mkdir(exist_ok=True)
    path = theme / f"{name}.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("severity: high", "severity: dire", 2, "severity must be one of info, low, medium, high, critical"),
        ("summary:", "sumary:", 1, "unknown key 'sumary'; did you mean 'summary'?"),
        ("fix: Ask the payroll team.\n", "", 1, "the key 'fix' is missing"),
        ("for: statement", "for: statements", 6, "for must be one of"),
        ("effect: allow", "effect: Allow", 8, "effect must be one of allow, deny"),
        ("effect: allow", "efect: allow", 8, "unknown field 'efect' of a statement; did you mean 'effect'?"),
        ("{is:", "{matches:", 9, "unknown word 'matches' for resource; known are covers, is"),
        ("point_at: resource", "point_at: effect", 10, "point_at must be a field of where with a place: resource"),
        ("point_at: resource", "point_at: action", 10, "point_at must be a field of where with a place: resource"),
        ('{resource}"', '{bucket}"', 11, "unknown placeholder {bucket}; known are effect, owner, resource"),
        ('{resource}"', '{resource"', 11, "message: "),
        ("point_at: resource", "point_at: resource\ncheck: wildcards.service_wide", 1, "exactly one of where and check"),
        ("  # <- certain", "", 13, "an example that it fires on and one that it is silent on"),
        ("references: [", "equivalents: {checkhov: [X]}\nreferences: [", 5, "unknown tool 'checkhov'; did you mean 'checkov'?"),
        (
            "  - title: ",
            "  - organisation: o-a1b2c3d4e5\n    title: ",
            13,
            "unknown key 'organisation' of an example; did you mean",
        ),
        ("for: statement", "for: *nope", 6, ""),
        ("why: Payroll is confidential.", "why: [a]", 3, "why must be text"),
        ("severity: high", "severity: high\nminor: low", 3, "minor is a severity below that of the rule"),
    ],
)
def test_a_mistake_in_a_rule_file_is_named_with_its_line(old: str, new: str, line: int, said: str, tmp_path: Path) -> None:
    assert old in RULE
    path = write(tmp_path, RULE.replace(old, new, 1))

    with pytest.raises(RuleError) as caught:
        load_rule(str(path))

    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("check", ["os.system", "wildcards.nope", "nope.nope", "wildcards.Hit", "..lint.lint", "phrases.telling"])
def test_a_rule_can_name_nothing_but_a_check(check: str, tmp_path: Path) -> None:
    where = RULE[RULE.index("where:") : RULE.index("message:")]
    path = write(tmp_path, RULE.replace(where, f"check: {check}\n"))

    with pytest.raises(RuleError, match="there is no check named"):
        load_rule(str(path))


def test_a_wrong_rule_file_ends_the_run_with_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, RULE.replace("severity: high", "severity: dire"))
    (tmp_path / "t.yaml").write_text("Resources: {T: {Type: AWS::SNS::Topic}}")

    assert main([str(tmp_path / "t.yaml"), "--rules", str(tmp_path / "payroll")]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("error: ") == said.err.count("help: ") == 1
    assert "payroll-bucket.yaml:2: severity must be one of" in said.err


def test_a_team_s_own_rule_is_like_any_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, RULE)
    (rule, page), *_ = load_rules(str(tmp_path / "payroll"))
    (tmp_path / "t.yaml").write_text(page.examples[0].template)

    assert (
        main([str(tmp_path / "t.yaml"), "--rules", str(tmp_path / "payroll"), "--select", rule.name, "--format", "concise"]) == 1
    )
    assert "high[payroll-bucket] whoever holds P may reach payroll: arn:aws:s3:::payroll" in capsys.readouterr().out
    assert main(["rule", rule.name, "--rules", str(tmp_path / "payroll")]) == 0
    assert "Payroll is confidential." in capsys.readouterr().out


def test_two_rules_cannot_share_a_name(tmp_path: Path) -> None:
    write(tmp_path, RULE, "admin-statement")

    with pytest.raises(RuleError, match="which rolelint's own has"):
        extended(builtin(), str(tmp_path / "payroll"))


def test_a_folder_without_rules_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rule file"):
        extended(builtin(), str(tmp_path))


def test_compiled_rules_are_the_rules(tmp_path: Path) -> None:
    write(tmp_path, RULE)

    book = read_compiled(compile_rules(str(tmp_path)))

    ((rule, page),) = load_rules(str(tmp_path))
    assert book.rules == (rule,)
    assert book.page(rule.name) == page


def test_an_example_may_say_what_the_configuration_trusts() -> None:
    book = builtin()

    trusted = [example.trusted for example in book.page("untrusted-organization").examples]

    assert {one.organization for one in trusted} == {"o-a1b2c3d4e5"}
    assert book.page("untrusted-account-read").examples[0].trusted.accounts == {"111122223333"}


def test_a_checkout_compiles_its_rules_again_when_one_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rolelint.engine.rulebook._STARTED", time.time() + 60)
    rules = tmp_path / "rules"
    rules.mkdir()
    path = write(rules, RULE)

    first = compiled(str(rules))
    kept = (tmp_path / ".cache" / "rules.jsonl").read_bytes()
    assert kept.endswith(first)
    assert compiled(str(rules)) == first == compile_rules(str(rules))

    path.write_text(RULE.replace("severity: high", "severity: low"))
    assert compiled(str(rules)) == compile_rules(str(rules)) != first


def test_a_process_whose_code_was_edited_neither_reads_nor_keeps_compiled_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What old code compiles, new code must not trust, and the other way round."""
    monkeypatch.setattr("rolelint.engine.rulebook._STARTED", 0)
    rules = tmp_path / "rules"
    rules.mkdir()
    write(rules, RULE)

    assert compiled(str(rules)) == compile_rules(str(rules))
    assert not (tmp_path / ".cache").exists()
