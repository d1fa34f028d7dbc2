"""A team's own rules: written with a start, tested by their examples, and used like rolelint's."""

from pathlib import Path

import pytest

from rolelint.cli import main
from rolelint.engine.rule import SUBJECTS
from rolelint.engine.words import WORDS

Captured = pytest.CaptureFixture[str]

TEMPLATE = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: 'sqs:PurgeQueue', Resource: '*'}}
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> Path:
    """A directory with a rule as ``rolelint rule new`` writes it."""
    monkeypatch.chdir(tmp_path)
    assert main(["rule", "new", "no-purge", "--dir", "rules"]) == 0
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    capsys.readouterr()
    return tmp_path / "rules"


def test_the_rule_in_the_docs_passes_its_own_examples(tmp_path: Path, capsys: Captured) -> None:
    page = (Path(__file__).parent.parent / "docs" / "own-rules.md").read_text(encoding="utf-8")
    (tmp_path / "no-table-deletion.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")

    assert main(["rule", "test", str(tmp_path)]) == 0
    assert "2 of 2 examples right" in capsys.readouterr().out


def test_the_docs_name_every_word_that_a_rule_may_use() -> None:
    page = (Path(__file__).parent.parent / "docs" / "own-rules.md").read_text(encoding="utf-8")

    about_others = {"template", "problem"}  # what only rolelint's own checks can look at
    fields = {field for subject, known in WORDS.items() if subject not in about_others for field in known}

    assert [word for word in (*SUBJECTS, *fields) if word not in about_others and f"| `{word}`" not in page] == []


@pytest.mark.usefixtures("rules")
def test_a_new_rule_passes_its_own_examples(capsys: Captured) -> None:
    assert main(["rule", "test", "rules"]) == 0

    assert capsys.readouterr().out == (
        "ok      no-purge: a star resource\n"
        "ok      no-purge: a parameter, so we can only suspect\n"
        "ok      no-purge: a queue of this template is fine\n"
        "3 of 3 examples right, 1 rule.\n"
    )


def test_a_wrong_example_is_told_by_its_line_and_fails(rules: Path, capsys: Captured) -> None:
    rule = rules / "no-purge.yaml"
    rule.write_text(rule.read_text().replace('Resource: "*" # <- certain', 'Resource: "*" # <- possible'))

    assert main(["rule", "test", str(rule), "-q"]) == 1

    assert capsys.readouterr().out == (
        "FAILED  no-purge: a star resource\n"
        "        line 9: nothing is found that is possible\n"
        "        line 9: a certain finding that is not marked\n"
        "2 of 3 examples right, 1 rule.\n"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("severity: medium", "severity: bad"), "no-purge.yaml:3: severity must be one of"),
        (("  resource:", "  resurce:"), "no-purge.yaml:19: unknown field 'resurce'"),
        (("{owner}", "{owner.__class__}"), "no-purge.yaml:22: unknown placeholder"),
    ],
)
def test_a_rule_file_that_is_wrong_is_refused_by_its_line(
    change: tuple[str, str], said: str, rules: Path, capsys: Captured
) -> None:
    rule = rules / "no-purge.yaml"
    rule.write_text(rule.read_text().replace(*change))

    for arguments in (["rule", "test", "rules"], ["t.yaml", "--rules", "rules"]):
        assert main(arguments) == 2
        shown = capsys.readouterr().err
        assert said in shown
        assert shown.count("help: ") == 1


@pytest.mark.usefixtures("rules")
def test_an_own_rule_is_used_like_any_other(capsys: Captured) -> None:
    (Path("t2.yaml")).write_text(TEMPLATE.replace("Resource: '*'}}", "Resource: '*'}} # rolelint: ignore[no-purge] ours"))

    assert main(["t.yaml", "t2.yaml", "--rules", "rules", "--select", "no-purge", "--format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("t.yaml:5:88: medium[no-purge] whoever holds P may empty any queue: sqs:PurgeQueue")
    for form in ("json", "sarif", "markdown", "junit"):
        main(["t.yaml", "--rules", "rules", "--select", "no-purge", "--format", form])
        assert "no-purge" in capsys.readouterr().out
    assert main(["rule", "no-purge", "--rules", "rules"]) == 0
    assert "Say what to write instead." in capsys.readouterr().out


@pytest.mark.usefixtures("rules")
def test_a_new_rule_never_overwrites_one(capsys: Captured) -> None:
    assert main(["rule", "new", "no-purge", "--dir", "rules"]) == 2

    assert capsys.readouterr().err.startswith("error: rules/no-purge.yaml: is there already\nhelp: ")
