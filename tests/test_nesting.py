"""Templates in templates: bodies as text, and files that nested stacks are made from."""

import json
from pathlib import Path
from typing import Any

import pytest

from rolelint.cli import main
from rolelint.engine import judge as judging
from rolelint.engine.findings import Finding
from rolelint.engine.judge import RuleFailure
from rolelint.iam.access import Access

CHILD = """\
Parameters: {Who: {Type: String}}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      AssumeRolePolicyDocument: {Statement: []}
      Policies: [{PolicyName: p, PolicyDocument: {Statement: {Effect: Allow, Action: 'iam:PassRole', Resource: !Ref Who}}}]
Outputs:
  Arn: {Value: !GetAtt R.Arn}
  Star: {Value: '*'}
"""
PARENT = """\
Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml, Parameters: {Who: '*'}}}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: 'iam:PassRole', Resource: !GetAtt Child.Outputs.Star}
          - {Effect: Allow, Action: 'iam:PassRole', Resource: !GetAtt Child.Outputs.Arn}
"""
BODY = """\
Resources:
  SS:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: s
      TemplateBody: |
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties:
              ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']
"""

Captured = pytest.CaptureFixture[str]


def findings(capsys: Captured, *arguments: str) -> list[tuple[str, int, str, str]]:
    main([*arguments, "--format", "json", "--select", "passrole-any-role,admin-managed-policy,nested-template-not-read"])
    found = json.loads(capsys.readouterr().out)["findings"]
    return [(one["path"], one["start"]["line"], one["rule"], one["certainty"]) for one in found]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_nested_stack_is_judged_with_the_values_that_its_parent_gives(here: Path, capsys: Captured) -> None:
    (here / "parent.yaml").write_text(PARENT)
    (here / "child.yaml").write_text(CHILD)

    assert findings(capsys, "parent.yaml") == [
        ("child.yaml", 8, "passrole-any-role", "certain"),
        ("parent.yaml", 8, "passrole-any-role", "certain"),
    ]


def test_a_nested_template_that_is_given_itself_is_judged_for_any_values_and_for_those_that_each_parent_gives(
    here: Path, capsys: Captured
) -> None:
    """Naming the child beside its parent must not hide what the parent makes of it."""
    (here / "child.yaml").write_text(CHILD)
    (here / "narrow.yaml").write_text(PARENT.replace("Who: '*'", "Who: 'arn:aws:iam::123456789012:role/a'"))
    alone = findings(capsys, ".")
    (here / "parent.yaml").write_text(PARENT)

    assert ("child.yaml", 8, "passrole-any-role", "possible") in alone
    assert [one for one in findings(capsys, ".") if one[0] == "child.yaml"] == [("child.yaml", 8, "passrole-any-role", "certain")]


def test_every_way_in_which_parents_use_a_template_is_judged(here: Path, capsys: Captured) -> None:
    (here / "child.yaml").write_text(CHILD)
    (here / "a.yaml").write_text(PARENT.replace("Who: '*'", "Who: 'arn:aws:iam::123456789012:role/a'"))
    (here / "b.yaml").write_text(PARENT)

    assert ("child.yaml", 8, "passrole-any-role", "certain") in findings(capsys, "a.yaml", "b.yaml")


def test_an_excuse_that_only_one_use_of_a_template_needs_is_used(here: Path, capsys: Captured) -> None:
    role = "!Sub 'arn:aws:iam::123456789012:role/${Who}'}}}] # rolelint: ignore[passrole-any-role] all are meant"
    child = CHILD.replace("!Ref Who}}}]", role)
    (here / "child.yaml").write_text(child)
    (here / "parent.yaml").write_text(PARENT)

    main([".", "--format", "json", "--select", "passrole-any-role,unused-suppression"])

    report = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in report["findings"]] == ["parent.yaml"]
    assert report["summary"]["suppressed"] == 1


def test_an_output_of_a_nested_stack_is_resolved_and_its_definition_shown(here: Path, capsys: Captured) -> None:
    (here / "parent.yaml").write_text(PARENT)
    (here / "child.yaml").write_text(CHILD)

    main(["inspect", "parent.yaml", "--format", "json"])

    parent, child = json.loads(capsys.readouterr().out)["templates"]
    (policy,) = [one for one in parent["places"] if one["resource"] == "P"]
    assert policy["resolved"] == ["*", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/worker"]
    assert {one["resource"] for one in child["places"]} == {"Child/R"}


def test_a_body_in_text_is_judged_where_its_characters_stand(here: Path, capsys: Captured) -> None:
    (here / "set.yaml").write_text(BODY)

    main(["set.yaml", "--format", "json", "--select", "admin-managed-policy"])

    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["start"] == {"line": 11, "column": 36}
    assert found["resource"]["id"] == "SS/R"
    assert found["pointer"] == "/Resources/SS/Properties/TemplateBody"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("./nope.yaml", "is not there"),
        ("../outside.yaml", "lies outside"),
        ("link.yaml", "lies outside"),
        ("text.yaml", "is no template"),
    ],
)
def test_what_cannot_be_followed_is_said_where_it_is_named(
    address: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)
    (tmp_path / "outside.yaml").write_text(CHILD)
    (tree / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (tree / "text.yaml").write_text("a: 1")
    (tree / "parent.yaml").write_text(PARENT.replace("./child.yaml", address))

    assert findings(capsys, "parent.yaml")[0] == ("parent.yaml", 2, "nested-template-not-read", "certain")
    main(["parent.yaml", "--select", "nested-template-not-read"])
    assert said in capsys.readouterr().out


def test_stacks_that_nest_each_other_are_told_and_not_followed_again(here: Path, capsys: Captured) -> None:
    (here / "a.yaml").write_text(PARENT.replace("./child.yaml", "b.yaml"))
    (here / "b.yaml").write_text(PARENT.replace("./child.yaml", "a.yaml"))

    main(["a.yaml", "--select", "nested-template-not-read", "--format", "json"])

    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["path"] == "b.yaml"
    assert "a.yaml holds this stack itself" in found["message"]


def test_stacks_that_multiply_are_followed_up_to_a_number(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr("rolelint.template.nesting.MOST_NESTED", 4)
    stack = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "
    (here / "a.yaml").write_text("Resources:\n" + "".join(f"  S{number}: {stack}b.yaml}}}}\n" for number in range(3)))
    (here / "b.yaml").write_text("Resources:\n" + "".join(f"  S{number}: {stack}child.yaml}}}}\n" for number in range(3)))
    (here / "child.yaml").write_text(CHILD)

    main(["a.yaml", "--select", "nested-template-not-read", "--format", "concise"])

    told = capsys.readouterr().out.splitlines()[:-1]
    assert [line.split(": ")[0] for line in told if "is one of more than 4" in line] == ["a.yaml:3:68", "a.yaml:4:68"]


def test_a_bug_of_ours_in_a_nested_file_is_told_and_costs_no_other_findings(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def judge(access: Access, *arguments: Any) -> list[Finding]:  # noqa: ANN401 - whatever the real one takes
        if access.template.source.path == "child.yaml":
            raise RuleFailure("a-rule", "child.yaml")
        return real(access, *arguments)

    real = judging.judge
    monkeypatch.setattr("rolelint.outcome.judge", judge)
    (here / "parent.yaml").write_text(PARENT)
    (here / "child.yaml").write_text(CHILD)

    assert main(["parent.yaml", "--select", "passrole-any-role", "--format", "json"]) == 2
    printed = capsys.readouterr()
    assert [one["path"] for one in json.loads(printed.out)["findings"]] == ["parent.yaml"]
    assert "error: the rule a-rule failed on child.yaml" in printed.err


def test_an_import_is_resolved_when_the_exporting_template_is_in_the_same_run(here: Path, capsys: Captured) -> None:
    (here / "z.yaml").write_text("""\
Resources: {T: {Type: AWS::SNS::Topic}}
Outputs:
  A: {Value: '*', Export: {Name: everything}}
  B: {Value: !Ref T, Export: {Name: topic}}
""")
    (here / "a.yaml").write_text("""\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: 'iam:PassRole', Resource: !ImportValue everything}
          - {Effect: Allow, Action: 'sns:Publish', Resource: [!ImportValue topic, !ImportValue elsewhere]}
""")

    assert findings(capsys, "a.yaml") == []
    assert findings(capsys, ".") == [("a.yaml", 7, "passrole-any-role", "certain")]
    main(["inspect", "a.yaml", "z.yaml", "--format", "json"])
    (place, *_) = json.loads(capsys.readouterr().out)["templates"][0]["places"]
    assert place["resolved"] == [
        "*",
        "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${z.yaml/T}",
        "${import:elsewhere}",
    ]


def test_a_body_in_which_the_template_around_fills_something_in_is_a_template_with_holes(here: Path, capsys: Captured) -> None:
    (here / "set.yaml").write_text("""\
Parameters: {Bucket: {Type: String}, Star: {Type: String, Default: '*'}}
Resources:
  SS:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: s
      TemplateBody: !Sub |
        Resources:
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement:
                  - {Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::${Bucket}/${!aws:username}'}
                  - {Effect: Allow, Action: 'iam:PassRole', Resource: !Sub 'arn:aws:iam::${!AWS::AccountId}:role/${Bucket}'}
                  - {Effect: Allow, Action: 'iam:PassRole', Resource: '${Star}'}
""")

    assert findings(capsys, "set.yaml") == [("set.yaml", 16, "passrole-any-role", "possible")]
    main(["inspect", "set.yaml", "--format", "json"])
    places = {one["resource"]: one for one in json.loads(capsys.readouterr().out)["templates"][0]["places"]}
    assert places["SS/P"]["resolved"] == [
        "arn:aws:s3:::${set.yaml/Bucket}/${aws:username}",
        "arn:aws:iam::${AWS::AccountId}:role/${set.yaml/Bucket}",
        "*",
    ]


def test_a_stack_needs_the_capabilities_of_the_stacks_in_it(here: Path, capsys: Captured) -> None:
    (here / "parent.yaml").write_text(PARENT.replace("AWS::IAM::ManagedPolicy", "AWS::SNS::TopicPolicy"))
    (here / "child.yaml").write_text(CHILD)
    (here / "set.yaml").write_text(BODY)

    main(["inspect", "parent.yaml", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["templates"][0]["capabilities"] == ["CAPABILITY_NAMED_IAM"]
    main(["inspect", "set.yaml", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["templates"][0]["capabilities"] == []
