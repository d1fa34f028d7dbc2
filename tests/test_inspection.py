"""What ``rolelint inspect`` lists: every place and every principal, by the tables of cases, and how people are shown them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from rolelint import reporters
from rolelint.cli import main

HERE = Path(__file__).parent
SAMPLES = sorted((HERE.parent / "sample_templates").iterdir())
SCHEMA = json.loads(Path(*reporters.__path__, "schema", "inspect-v1.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
SILENT = {"when": [], "unknown": False, "generated": False, "effective": True, "encoding": "object"}

CONSOLE = """\
Parameters: {Extra: {Type: String}}
Resources:
  Web:
    Type: AWS::IAM::Role
    Properties:
      RoleName: web
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}
          - Effect: Allow
            Principal: {AWS: ["444455556666"]}
            Action: sts:AssumeRole
            Condition: {StringEquals: {"sts:ExternalId": x}, Bool: {"aws:MultiFactorAuthPresent": true}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess, !Ref Shared, !Ref Extra]
      PermissionsBoundary: !Ref Limits
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["sns:Publish", "s3:GetObject"], Resource: "*"}
              - !Transform {Name: AWS::Include, Parameters: {Location: s3://shared/statement.yaml}}
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: "sns:Subscribe", Resource: "*"}}}
  Limits:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: ["sns:*", "sqs:ListQueues"], Resource: "*"}}}
  Profile: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref Web]}}
  Server: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref Profile}}
  Staff: {Type: AWS::IAM::Group}
  Alice: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Staff], PermissionsBoundary: arn:aws:iam::111122223333:policy/p}}
"""
SHOWN = """\
console.yaml: needs CAPABILITY_NAMED_IAM

  Web  AWS::IAM::Role, line 3
    trusted by  ec2.amazonaws.com
                444455556666 if sts:externalid, aws:multifactorauthpresent fits
    used by     Profile (AWS::IAM::InstanceProfile)
                Server (AWS::EC2::Instance)
    holds       AmazonSQSReadOnlyAccess, line 14
                ${Extra}, line 14
                inline policy, line 19: 1 statement
                Shared, line 24: 1 statement
    boundary    arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Limits}
    may         sns            2 write on any resource
                sqs            1 read on any resource
                and what ${Extra} allows

  Staff  AWS::IAM::Group, line 30

  Alice  AWS::IAM::User, line 31
    member of   Staff
    boundary    arn:aws:iam::111122223333:policy/p, whose document is not known here

  not known here
    line 21    Fn::Transform
"""
HOSTILE = {
    "Resources": {
        "R\x1b[31m\x9b1m\u202e": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "a\x07",
                "AssumeRolePolicyDocument": {
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"AWS": ["a\x1b[2J", "::error::b", "##[error]c"]},
                        "Action": "sts:AssumeRole",
                        "Condition": {"Bool": {"k\x1b[0m": "\x1b[v"}},
                    }
                },
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/\x1b[5m", {"Fn::ImportValue": "i\x1b[1m"}],
                "PermissionsBoundary": "b\x1b[1m",
                "Policies": [{"PolicyDocument": {"Statement": [{"Fn::Bad\x1b[1m": 1}]}}],
            },
        },
        "F\x1b[1m": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["R\x1b[31m\x9b1m\u202e", "Arn"]}}},
    }
}

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _cases() -> Iterator[Any]:
    for file in sorted((HERE / "cases" / "inspection").iterdir()):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(case, id=case["name"])


def written(case: dict[str, Any], here: Path) -> str:
    """The name of the case's template, once it is in a file."""
    files: dict[str, str] = case.get("files") or {"template.yaml": case["template"]}
    for name, text in files.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(text, encoding="utf-8", newline="")
    return next(iter(files))


def inspected(capsys: Captured, *names: str) -> Any:  # noqa: ANN401 - what JSON holds
    assert main(["inspect", *names, "--format", "json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    plain = json.loads(said.out)
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(plain)] == []
    return plain


def named(place: dict[str, Any]) -> str:
    return f"{place['kind']} {place['resource']}.{place['path']} {' '.join(place['when'])}".rstrip()


def shown(place: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    """A place as a row of a case writes it: with the keys of that row."""
    start = f"{place['start']['line']}:{place['start']['column']}"
    return {key: value for key, value in {**place, "start": start}.items() if key in like}


@pytest.mark.parametrize("case", list(_cases()))
def test_inspect_lists_every_place_and_what_it_holds(case: dict[str, Any], here: Path, capsys: Captured) -> None:
    name = written(case, here)
    templates = {one["path"]: one for one in inspected(capsys, name)["templates"]}

    assert list(templates) == [name, *case.get("nested", {})]
    for path, rows in {name: case["places"], **case.get("nested", {})}.items():
        expected = [{**SILENT, **row} for row in rows]
        found = templates[path]["places"]
        assert [named(place) for place in found] == [named(row) for row in expected]
        assert [shown(place, row) for place, row in zip(found, expected, strict=True)] == expected
    principals = {one["id"]: one for one in templates[name]["principals"]}
    for logical_id, row in case.get("principals", {}).items():
        assert {key: principals[logical_id][key] for key in row} == row
    if "unevaluated" in case:
        assert [f"{one['line']}: {one['reason']}" for one in templates[name]["unevaluated"]] == case["unevaluated"]


def test_the_cases_are_told_apart_by_their_names() -> None:
    names = [case.id for case in _cases()]

    assert len(names) > 60
    assert sorted(set(names)) == sorted(names)


def test_the_schema_of_the_inspection_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_inspection_of_a_sample_fits_the_schema(sample: Path, here: Path, capsys: Captured) -> None:
    (here / sample.name).write_bytes(sample.read_bytes())

    (template,) = inspected(capsys, sample.name)["templates"]

    assert template["path"] == sample.name
    assert template["principals"]


def test_the_schema_knows_every_key(here: Path, capsys: Captured) -> None:
    (here / "console.yaml").write_text(CONSOLE)
    (template,) = inspected(capsys, "console.yaml")["templates"]
    known = SCHEMA["$defs"]

    for kind, found in (("template", [template]), ("place", template["places"]), ("principal", template["principals"])):
        assert {frozenset(one) for one in found} == {frozenset(known[kind]["properties"])}
        assert set(known[kind]["required"]) == set(known[kind]["properties"])


@pytest.mark.parametrize(
    "wrong", [{"kind": "not_iam"}, {"start": {"line": 0, "column": 1}}, {"unknown": "no"}, {"missing": ["Principal"]}]
)
def test_the_schema_refuses_what_a_place_cannot_be(wrong: dict[str, Any], here: Path, capsys: Captured) -> None:
    (here / "console.yaml").write_text(CONSOLE)
    plain = inspected(capsys, "console.yaml")

    plain["templates"][0]["places"][0] |= wrong

    assert not VALIDATOR.is_valid(plain)


def test_people_are_shown_who_assumes_holds_uses_and_may(here: Path, capsys: Captured) -> None:
    (here / "console.yaml").write_text(CONSOLE)

    assert main(["inspect", "console.yaml"]) == 0
    assert capsys.readouterr().out == SHOWN


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("Resources: {T: {Type: AWS::SNS::Topic}}", "t.yaml: needs no capability"),
        ("Resources: {G: {Type: AWS::IAM::Group}}", "t.yaml: needs CAPABILITY_IAM"),
        ("Resources: {G: {Type: AWS::IAM::Group, Properties: {GroupName: g}}}", "t.yaml: needs CAPABILITY_NAMED_IAM"),
        ("Transform: M\nResources: {T: {Type: AWS::SNS::Topic}}", "t.yaml: needs CAPABILITY_AUTO_EXPAND"),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function}}",
            "t.yaml: needs CAPABILITY_IAM and CAPABILITY_AUTO_EXPAND",
        ),
    ],
)
def test_the_first_line_says_what_a_deployment_must_acknowledge(template: str, line: str, here: Path, capsys: Captured) -> None:
    (here / "t.yaml").write_text(template)

    assert main(["inspect", "t.yaml"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == line


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ("{Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}", "1 policy"),
        ("{Resources: {A: {Type: 'A::B'}}}", "0 policies"),
    ],
)
def test_a_file_without_identities_says_how_many_policies_it_has(document: str, count: str, here: Path, capsys: Captured) -> None:
    (here / "p.yaml").write_text(document)

    assert main(["inspect", "p.yaml"]) == 0
    assert capsys.readouterr().out == f"p.yaml: needs no capability\n  no identities, {count}\n"


REACHING = """\
Parameters: {Bound: {Type: String}, Topic: {Type: String, Default: "*"}}
Conditions: {Held: !Equals [!Ref Bound, x]}
Resources:
  Admin:
    Type: AWS::IAM::Role
    Properties: {ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess], PermissionsBoundary: !Ref Bound}
  Table: {Type: AWS::DynamoDB::Table}
  Worker:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: ["dynamodb:PutItem", "dynamodb:GetItem"], Resource: !GetAtt Table.Arn}
              - {Effect: Allow, Action: "s3:GetObject", Resource: ["arn:aws:s3:::l-*/*", "arn:aws:s3:::assets/*"]}
              - {Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}
              - {Effect: Allow, Action: "iam:PassRole", Resource: "*", Condition: {StringLike: {"iam:PassedToService": "ec2.*"}}}
              - {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}
              - {Effect: Deny, Action: "kms:*", Resource: "*", Condition: {Bool: {"aws:ViaAWSService": false}}}
              - !If [Held, {Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::l-0/*"}, !Ref AWS::NoValue]
"""
REACHED = """\
    may         every service  everything on any resource (if the boundary ${Bound} allows it)
    risks       audit tamper         A actions on any resource (if the boundary ${Bound} allows it)
                code execution       A actions on any resource (if the boundary ${Bound} allows it)
                credentials exposure A actions on any resource (if the boundary ${Bound} allows it)
                data copy out        A actions on any resource (if the boundary ${Bound} allows it)
                data read            A actions on any resource (if the boundary ${Bound} allows it)
                destructive          A actions on any resource (if the boundary ${Bound} allows it)
                iam write            A actions on any resource (if the boundary ${Bound} allows it)
                network exposure     A actions on any resource (if the boundary ${Bound} allows it)
                resource exposure    A actions on any resource (if the boundary ${Bound} allows it)
                secret read          A actions on any resource (if the boundary ${Bound} allows it)

    may         dynamodb       1 write, 1 read on arn:…:table/${Table}
                iam            1 write on any resource if iam:passedtoservice fits
                kms            1 write on any resource, except if a Deny's condition on aws:viaawsservice holds
                sns            1 write on any resource (if Topic keeps its default '*'); 1 write on ${Topic}
                s3             1 read on arn:…:l-*/*, except on arn:aws:s3:::l-0/* if the template's condition Held holds; \
1 read on arn:…:assets/*
    risks       iam write   iam:PassRole on any resource if iam:passedtoservice fits
                secret read kms:Decrypt on any resource, except if a Deny's condition on aws:viaawsservice holds
                data read   s3:GetObject on arn:…:l-*/*, except on arn:aws:s3:::l-0/* if the template's condition Held holds
"""


def test_people_are_shown_what_is_reached_and_what_limits_it(here: Path, capsys: Captured) -> None:
    (here / "t.yaml").write_text(REACHING)

    assert main(["inspect", "t.yaml"]) == 0
    out = capsys.readouterr().out
    blocks = [block[block.index("    may") :] for block in out.split("\n\n") if "    may" in block]
    assert re.sub(r"\d+ actions", "A actions", "\n\n".join(blocks)).splitlines() == REACHED.splitlines()


def test_machines_are_told_what_is_reached_and_the_risks(here: Path, capsys: Captured) -> None:
    (here / "t.yaml").write_text(REACHING)
    principals = {one["id"]: one for one in inspected(capsys, "t.yaml")["templates"][0]["principals"]}

    reach = {(one["resource"].rpartition(":")[2], one["breadth"], one["certainty"]): one for one in principals["Worker"]["reach"]}
    assert reach["table/${Table}", "own", "certain"]["actions"] == {"dynamodb": {"write": ["PutItem"], "read": ["GetItem"]}}
    assert reach["${Topic}", "any", "possible"]["assumptions"] == ["Topic keeps its default '*'"]
    assert [one["breadth"] for one in principals["Worker"]["reach"]] == ["any", "any", "any", "pattern", "named", "named", "own"]
    risks = {one["category"]: one for one in principals["Worker"]["risks"]}
    assert risks["secret_read"] == {
        "category": "secret_read",
        "severity": "high",
        "breadth": "any",
        "certainty": "certain",
        "actions": ["kms:Decrypt"],
    }
    assert {one["certainty"] for one in principals["Admin"]["reach"]} == {"possible"}


def test_long_lists_are_cut_and_long_names_stay_in_line(here: Path, capsys: Captured) -> None:
    services = [
        "application-autoscaling",
        "s3",
        "sqs",
        "sns",
        "ec2",
        "ecs",
        "ecr",
        "eks",
        "kms",
        "rds",
        "ssm",
        "sts",
        "iam",
        "glue",
    ]
    document = {"Statement": {"Effect": "Allow", "Action": [f"{one}:*" for one in services], "Resource": "*"}}
    unknown = [{"Ref": f"Nowhere{number}"} for number in range(14)]
    policies = [{"PolicyName": "a", "PolicyDocument": document}, {"PolicyName": "b", "PolicyDocument": {"Statement": unknown}}]
    group = {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}
    (here / "t.json").write_text(json.dumps({"Resources": {"G": group}}))

    assert main(["inspect", "t.json"]) == 0
    lines = capsys.readouterr().out.splitlines()

    told = lines[lines.index("") + 1 : next(number for number, line in enumerate(lines) if "risks" in line)]
    may = [line[16:] for line in told if line[16:].split(" ")[0] in services]
    assert len(may) == 12
    assert len({len(line) - len(line.split(" ", 1)[1].lstrip()) for line in may}) == 1
    assert f"{'':<16}and 2 more services" in lines
    assert len([line for line in lines if "Nowhere" in line]) == 12
    assert lines[-1] == "    and 2 more"


def test_several_files_are_shown_one_after_the_other(here: Path, capsys: Captured) -> None:
    (here / "b.yaml").write_text("Resources: {G: {Type: AWS::IAM::Group}}")
    (here / "a.json").write_text('{"Resources": {"U": {"Type": "AWS::IAM::User"}}}')

    assert [one["path"] for one in inspected(capsys, "b.yaml", "a.json")["templates"]] == ["b.yaml", "a.json"]
    assert main(["inspect", "b.yaml", "a.json"]) == 0
    assert capsys.readouterr().out == (
        "b.yaml: needs CAPABILITY_IAM\n\n  G  AWS::IAM::Group, line 1\n\n"
        "a.json: needs CAPABILITY_IAM\n\n  U  AWS::IAM::User, line 1\n"
    )


def test_a_nested_template_is_shown_with_the_ids_around_it(here: Path, capsys: Captured) -> None:
    child = "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {RoleName: r, Policies: []}}\n"
    (here / "child.yaml").write_text(child)
    stack = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}"
    body = "".join(f"        {line}\n" for line in child.splitlines())
    stack_set = f"\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody: |\n{body}"
    (here / "parent.yaml").write_text(f"Resources:\n  Child: {stack}\n  Set: {stack_set}")

    assert main(["inspect", "parent.yaml"]) == 0
    assert capsys.readouterr().out == (
        "parent.yaml: needs CAPABILITY_NAMED_IAM\n\n  Set/R  AWS::IAM::Role, line 8\n\n"
        "child.yaml: needs CAPABILITY_NAMED_IAM\n\n  Child/R  AWS::IAM::Role, line 2\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("missing.yaml", None, "no such file"),
        ("broken.yaml", "Resources:\n  R: {Type: AWS::IAM::Role\n", ""),
        ("other.yaml", "Resources: none", ""),
        ("list.json", "[1, 2]", ""),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_cannot_be_read_is_said_and_the_others_are_shown(  # noqa: PLR0913, PLR0917 - a row and two fixtures
    form: str, name: str, text: str | None, reason: str, here: Path, capsys: Captured
) -> None:
    (here / "good.yaml").write_text("Resources: {G: {Type: AWS::IAM::Group}}")
    if text is not None:
        (here / name).write_text(text)

    assert main(["inspect", name, "good.yaml", "--format", form]) == 2

    said = capsys.readouterr()
    assert said.err.startswith(f"error: {name}: {reason}")
    assert [line.partition(":")[0] for line in said.err.splitlines()] == ["error", "help"]
    assert "good.yaml" in said.out
    assert name not in said.out


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_in_a_template_can_steer_a_terminal_or_a_build_service(form: str, here: Path, capsys: Captured) -> None:
    (here / "hostile.json").write_text(json.dumps(HOSTILE))

    assert main(["inspect", "hostile.json", "--format", form]) == 0
    out = capsys.readouterr().out

    assert [one for one in out if not one.isprintable() and one != "\n"] == []
    assert [line for line in out.splitlines() if line.lstrip().startswith("::")] == []
    assert form == "json" or "##[" not in out
    assert "error" in out


def test_an_aws_managed_policy_is_shown_by_service_with_what_there_is_instead(capsys: Captured) -> None:
    assert main(["inspect", "CloudWatchLogsFullAccess"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("CloudWatchLogsFullAccess  arn:aws:iam::aws:policy/CloudWatchLogsFullAccess, v")
    (logs,) = [line for line in lines if line.startswith("  logs ")]
    assert logs.endswith(", all of it on every resource")
    assert [line for line in lines if line.startswith("Narrower: ") and line.endswith(")")]
    assert "To write to one log group:" in lines
    assert "      - logs:PutLogEvents" in lines


def test_an_aws_managed_policy_is_the_same_for_machines(capsys: Captured) -> None:
    policy = inspected(capsys, "CloudWatchLogsFullAccess")["policy"]

    assert policy["arn"] == "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
    assert policy["whole_services"] == ["logs"]
    assert "PutResourcePolicy" in policy["access"]["logs"]["permissions"]
    assert {"PutLogEvents", "DeleteLogGroup"} <= set(policy["access"]["logs"]["write"])
    assert "AWSLambdaBasicExecutionRole" in [one["name"] for one in policy["narrower"]]


def test_an_aws_managed_policy_without_a_known_replacement_has_none(capsys: Captured) -> None:
    policy = inspected(capsys, "AWSSupportAccess")["policy"]

    assert (policy["note"], policy["narrower"]) == ("", [])
    assert main(["inspect", "AWSSupportAccess"]) == 0
    assert "Narrower" not in capsys.readouterr().out


def test_a_name_that_is_neither_a_file_nor_a_policy_is_a_mistake(capsys: Captured) -> None:
    assert main(["inspect", "CloudWatchLogsFulAccess"]) == 2

    said = capsys.readouterr()
    assert said.err.startswith("error: CloudWatchLogsFulAccess is neither a file nor an AWS managed policy")
    assert "Traceback" not in said.err
