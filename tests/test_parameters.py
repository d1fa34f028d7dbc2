"""Values that the user gives to parameters."""

import json
from pathlib import Path

import pytest

from rolelint.cli import main
from rolelint.parameters import ParameterError, read_file, read_word

TEMPLATE = """\
Parameters: {Target: {Type: String}, Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: 'iam:PassRole', Resource: !If [Prod, !Ref Target, '*']}}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "cloudformation.json",
            '[{"ParameterKey": "A", "ParameterValue": "x"}, {"ParameterKey": "B", "UsePreviousValue": true}]',
        ),
        ("codepipeline.json", '{"Parameters": {"A": "x"}, "Tags": {"T": "t"}}'),
        ("plain.json", '{"A": "x"}'),
        ("words.json", '["A=x"]'),
        ("samconfig.toml", 'version = 0.1\n[default.deploy.parameters]\nparameter_overrides = "A=x"\n'),
        ("list.toml", '[prod.deploy.parameters]\nparameter_overrides = ["A=x"]\n'),
        ("quoted.toml", "[prod.deploy.parameters]\nparameter_overrides = \"A='x'\"\n"),
    ],
)
def test_every_form_of_a_parameter_file_is_read(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)

    assert read_file(str(tmp_path / name)) == {"A": "x"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "not JSON"),
        ("a.toml", "=", "not TOML"),
        ("a.json", '{"A": ["x"]}', "must be text or a number"),
        ("a.json", "[1]", "needs ParameterKey"),
        ("nope.json", None, "no such file"),
    ],
)
def test_a_file_that_gives_no_values_says_why(name: str, text: str | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)

    with pytest.raises(ParameterError, match=said):
        read_file(str(tmp_path / name))


def test_numbers_and_booleans_become_the_text_that_a_template_sees(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"A": 1, "B": true}')

    assert read_file(str(tmp_path / "p.json")) == {"A": "1", "B": "true"}


def test_a_word_needs_a_name_and_a_value() -> None:
    assert read_word("A=b=c") == ("A", "b=c")
    with pytest.raises(ParameterError, match="Name=Value"):
        read_word("A")


@pytest.mark.parametrize(
    ("arguments", "certainties"),
    [
        ([], ["certain"]),
        (["--parameter", "Env=dev"], ["certain"]),
        (["--parameter", "Env=prod"], ["possible"]),
        (["--parameter", "Env=prod", "--parameter", "Target=*"], ["certain"]),
        (["--parameter", "Env=prod", "--parameter", "Target=arn:aws:iam::111122223333:role/app"], []),
    ],
)
def test_a_value_that_is_given_settles_what_was_open(
    arguments: list[str], certainties: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)

    main([str(tmp_path / "template.yaml"), "--format", "json", "--select", "passrole-any-role", *arguments])

    assert [one["certainty"] for one in json.loads(capsys.readouterr().out)["findings"]] == certainties


def test_a_word_on_the_command_line_wins_over_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "p.json").write_text('{"Env": "prod", "Target": "*"}')
    given = ["--parameters", str(tmp_path / "p.json"), "--parameter", "Target=arn:aws:iam::111122223333:role/app"]

    main([str(tmp_path / "template.yaml"), "--format", "json", "--select", "passrole-any-role", *given])

    assert json.loads(capsys.readouterr().out)["findings"] == []


@pytest.mark.parametrize("command", ["check", "inspect"])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Envv=prod", ["no template has a parameter of that name", "did you mean Env?"]),
        ("Zone=a", ["no template has a parameter of that name", "the parameters are Env, Target"]),
        ("Env=live", ["the parameter does not allow 'live'", "it may be dev, prod"]),
    ],
)
def test_a_value_that_no_parameter_takes_is_a_mistake(
    command: str, word: str, said: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)

    assert main([command, str(tmp_path / "template.yaml"), "--parameter", word]) == 2

    assert capsys.readouterr().err.splitlines()[-2:] == [f"error: --parameter {word}: {said[0]}", f"help: {said[1]}"]


def test_a_file_of_values_may_be_made_for_other_templates_too(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "p.json").write_text('{"Env": "prod", "Elsewhere": "x"}')

    assert main([str(tmp_path / "template.yaml"), "--parameters", str(tmp_path / "p.json"), "--exit-zero"]) == 0
