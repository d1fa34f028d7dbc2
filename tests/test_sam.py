"""What SAM makes of its resources: what it grants, and where that is written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rolelint.catalogue import managed_policies
from rolelint.iam.access import read_access
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.pointers import json_pointer, steps_to
from rolelint.syntax.reader import read
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.faults import faults
from rolelint.template.sam import data_files
from rolelint.template.sam.shapes import value
from rolelint.template.template import build
from rolelint.template.values import Choice, Fields, Hole, Items, NoValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolelint.syntax.nodes import Node
    from rolelint.template.template import Resource, Template
    from rolelint.template.values import Value

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "sam.yaml").read_text(encoding="utf-8"))
Plain: TypeAlias = Any  # what YAML would hold
MANAGED = "arn:${AWS::Partition}:iam::aws:policy/"


SAM_TYPES = (
    "Api",
    "CapacityProvider",
    "Connector",
    "Function",
    "GraphQLApi",
    "HttpApi",
    "MicrovmImage",
    "StateMachine",
    "WebSocketApi",
)
WORDS = (
    "Auth",
    "Authorizers",
    "Condition",
    "DataSources",
    "DeadLetterQueue",
    "DefinitionBody",
    "DeploymentPreference",
    "Destination",
    "DestinationConfig",
    "Events",
    "EventInvokeConfig",
    "FunctionUrlConfig",
    "Logging",
    "OnFailure",
    "Permissions",
    "Policies",
    "ResourcePolicy",
    "Role",
    "Routes",
    "Source",
    "Tracing",
)
LEAVES = st.sampled_from(
    ["", "F", "Api", "S3", "SQS", "MSK", "NONE", "arn:aws:s3:::b", "AdministratorAccess", None, True, False, 7]
)
CALLS = st.sampled_from(
    [{"Ref": "F"}, {"Ref": "AWS::NoValue"}, {"Fn::If": ["C", [], {}]}, {"Fn::If": "C"}, {"Fn::GetAtt": "G.Arn"}]
)
SHAPES = st.recursive(
    LEAVES
    | st.sampled_from(
        [{"Ref": "F"}, {"Ref": "AWS::NoValue"}, {"Fn::If": ["C", [], {}]}, {"Fn::If": "C"}, {"Fn::GetAtt": ["G", "Arn"]}]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*WORDS, "Type", "Properties", "Id", "Statement", "S3CrudPolicy", "Fn::If"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def expanded(text: str) -> Template:
    parsed = read("template.yaml", text.encode())
    assert isinstance(parsed.root, Mapping)
    return build(parsed.source, parsed.root)


def plain(node: Value) -> Plain:
    match node:
        case Text():
            return str(node)
        case Items():
            return [plain(item) for item in node.items if not isinstance(item, NoValue)]
        case Fields():
            return {str(field.key): plain(field.value) for field in node.fields}
        case Choice():
            found = {f"when {' and '.join(map(str, case.when))}": plain(case.value) for case in node.cases}
            return (
                found
                if any(isinstance(one, dict) for one in found.values())
                else " or ".join(f"{v} {k}" for k, v in found.items())
            )
        case _:
            return "nothing" if isinstance(node, NoValue) else node.reason


def listed(one: Plain) -> list[Plain]:
    return one if isinstance(one, list) else [one]


def joined(one: Plain) -> str:
    return ", ".join(map(str, listed(one)))


def statement(one: dict[str, Any]) -> str:
    words = [one["Effect"].lower(), joined(one["Action"]), "on", joined(one["Resource"])]
    if "Principal" in one:
        principal = one["Principal"]
        words += ["to", joined(next(iter(principal.values()))) if isinstance(principal, dict) else principal]
    for operator, keys in one.get("Condition", {}).items():
        words += [f"if {key} {operator} {joined(values)}" for key, values in keys.items()]
    return " ".join(words)


def described(resource: Resource, template: Template) -> Iterator[str]:
    """What a made resource grants, a line a grant."""
    assert resource.properties is not None
    properties = plain(evaluate(resource.properties, Scope(template)))
    match resource.type:
        case "AWS::IAM::Role":
            trusted = properties["AssumeRolePolicyDocument"]["Statement"]
            yield from (f"trusted by {joined(next(iter(one['Principal'].values())))}" for one in listed(trusted))
            yield from (f"managed {arn.removeprefix(MANAGED)}" for arn in properties.get("ManagedPolicyArns", ()))
            for policy in properties.get("Policies", ()):
                for when, one in (("", policy),) if "PolicyDocument" in policy else policy.items():
                    if one != "nothing":
                        yield from (f"{statement(each)} {when}".strip() for each in listed(one["PolicyDocument"]["Statement"]))
            yield from (f"{word} {properties[word]}" for word in ("Path", "PermissionsBoundary") if word in properties)
        case "AWS::Lambda::Permission":
            more = [f"{key} {properties[key]}" for key in ("SourceArn", "SourceAccount", "EventSourceToken") if key in properties]
            words = (properties["Action"], "on", properties["FunctionName"], "to", properties["Principal"])
            yield " ".join((*words, *(f"if {one}" for one in more)))
        case _:
            yield from map(statement, listed(properties["PolicyDocument"]["Statement"]))
            yield from (f"for {joined(properties[word])}" for word in ("Roles", "Queues", "Topics") if word in properties)
    if resource.condition:
        yield f"when {resource.condition}"


def made(template: Template) -> dict[str, list[str]]:
    """What each made resource grants, those that grant nothing left out."""
    kinds = ("::Role", "::Permission", "::ManagedPolicy", "::QueuePolicy", "::TopicPolicy")
    found = (one for one in template.resources.values() if one.cause is not None and one.type.endswith(kinds))
    return {one.id: list(described(one, template)) for one in found}


def data_file(name: str) -> list[str]:
    """The first column of a data file."""
    path = Path(data_files.__file__).parent / "data" / name
    return [line.partition("\t")[0] for line in path.read_text(encoding="ascii").splitlines()]


def at(node: Node | None, template: Template) -> str:
    assert node is not None
    return json_pointer(steps_to(template.root, node.span.start))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sam_makes_exactly_what_a_case_says(case: dict[str, Any]) -> None:
    assert made(expanded(case["template"])) == case["makes"]


def test_a_policy_template_points_at_the_property_that_names_it() -> None:
    template = expanded(
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      Policies:\n"
        "        - S3ReadPolicy: {BucketName: data}\n"
    )

    policy = read_access(template).principals["FRole"].policies[0]

    pattern = policy.document.statements[0].resources[0]
    assert str(pattern.text) == "arn:${AWS::Partition}:s3:::data"
    assert pattern.text.span.text == "S3ReadPolicy"
    assert at(policy.document.node, template) == "/Resources/F/Properties/Policies/0/S3ReadPolicy"


def test_what_a_user_gives_a_policy_template_keeps_its_own_place() -> None:
    template = expanded(
        "Parameters: {Name: {Type: String}}\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {Policies: [{SQSPollerPolicy: {QueueName: !Ref Name}}]}\n"
    )

    text = read_access(template).principals["FRole"].policies[0].document.statements[0].resources[0].text

    holes = {str(piece.symbol): piece.span.text for piece in text.pieces if isinstance(piece, Hole)}
    assert holes["${Name}"] == "!Ref Name"
    assert holes["${AWS::Region}"] == "SQSPollerPolicy"


def test_an_inline_statement_keeps_its_own_place() -> None:
    template = expanded(
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        '      Policies: {Statement: {Effect: Allow, Action: "s3:*", Resource: "*"}}\n'
    )

    statement = read_access(template).principals["FRole"].policies[0].document.statements[0]

    assert [statement.actions[0].text.span.text, statement.actions[0].text.span.first.line] == ["s3:*", 5]


def test_globals_keep_their_own_place() -> None:
    template = expanded(
        "Globals: {Function: {Tracing: Active, PermissionsBoundary: 'arn:aws:iam::111122223333:policy/b'}}\n"
        "Resources: {F: {Type: AWS::Serverless::Function}}\n"
    )

    role = read_access(template).principals["FRole"]

    assert [at(one.text.node, template) for one in role.boundaries] == ["/Globals/Function/PermissionsBoundary"]
    assert at(role.attachments[1].text.node, template) == "/Globals/Function/Tracing"


def test_what_an_event_makes_points_at_the_event() -> None:
    template = expanded(
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      FunctionUrlConfig: {AuthType: NONE}\n"
        "      Events:\n"
        "        A: {Type: HttpApi}\n"
        "    Connectors: {C: {Properties: {Destination: {Id: T}, Permissions: [Read]}}}\n"
        "  T: {Type: AWS::DynamoDB::Table}\n"
    )

    causes = {one.id: at(one.cause, template) for one in template.resources.values() if one.cause is not None}

    assert causes == {
        "FRole": "/Resources/F",
        "FAPermission": "/Resources/F/Properties/Events/A",
        "FUrl": "/Resources/F/Properties/FunctionUrlConfig/AuthType",
        "FUrlPublicPermissions": "/Resources/F/Properties/FunctionUrlConfig/AuthType",
        "FURLInvokeAllowPublicAccess": "/Resources/F/Properties/FunctionUrlConfig/AuthType",
        "FCPolicy": "/Resources/F/Connectors/C",
        "ServerlessHttpApi": "/Resources/F/Properties/Events/A",
    }


def test_a_function_is_the_workload_of_the_role_that_is_made_for_it() -> None:
    access = read_access(expanded("Resources: {F: {Type: AWS::Serverless::Function}}\n"))

    assert [workload.id for workload in access.principals["FRole"].workloads] == ["F"]


def test_a_policy_that_sam_does_not_know_is_a_problem() -> None:
    template = expanded(
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: {Policies: [{S3CrudPolicyy: {}}, {S3CrudPolicy: }]}}}\n"
    )

    assert [problem.message for problem in template.problems] == [
        "SAM has no policy template called S3CrudPolicyy",
        "S3CrudPolicy needs BucketName",
    ]


def test_a_resource_policy_goes_into_the_definition_of_its_api() -> None:
    template = expanded(
        "Resources:\n"
        "  A:\n"
        "    Type: AWS::Serverless::Api\n"
        "    Properties:\n"
        "      StageName: live\n"
        "      Auth:\n"
        "        ResourcePolicy:\n"
        "          CustomStatements: [{Effect: Allow, Principal: '*', Action: execute-api:Invoke, Resource: execute-api:/*}]\n"
        "          AwsAccountBlacklist: ['111122223333']\n"
        "          SourceVpcWhitelist: [vpc-1, vpce-2]\n"
        "          IntrinsicVpcWhitelist: [!Ref V]\n"
        "  V: {Type: AWS::EC2::VPC}\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties:\n"
        "      Events: {E: {Type: Api, Properties: {Path: '/x/{id}', Method: get, RestApiId: !Ref A}}}\n"
    )

    definition = value(template.resources["A"].properties, "DefinitionBody")
    assert definition is not None
    body = plain(evaluate(definition, Scope(template)))
    route = "on execute-api:/live/GET/x/*"
    outside = "if aws:SourceVpc StringNotEquals vpc-1, ${V} if aws:SourceVpce StringNotEquals vpce-2"
    assert list(map(statement, body["x-amazon-apigateway-policy"]["Statement"])) == [
        f"deny execute-api:Invoke {route} to 111122223333",
        f"allow execute-api:Invoke {route} to *",
        f"deny execute-api:Invoke {route} to * {outside}",
        "allow execute-api:Invoke on execute-api:/* to *",
    ]


def test_every_policy_template_is_filled_with_its_parameters() -> None:
    names = data_file("policy_templates.tsv")
    templates = [found for name in names if (found := data_files.policy_template(name))]
    assert len(templates) == len(names) == 81

    for one in templates:
        given = ", ".join(f"{parameter}: given" for parameter in one.parameters)
        template = expanded(
            f"Resources: {{F: {{Type: AWS::Serverless::Function, Properties: {{Policies: [{{{one.name}: {{{given}}}}}]}}}}}}\n"
        )
        (policy,) = read_access(template).principals["FRole"].policies
        assert template.problems == ()
        assert policy.document.unknown == ()
        assert len(policy.document.statements) == len(one.statements)
        assert not any(found.unknown for found in policy.document.statements)


def test_the_paths_of_managed_policies_are_the_catalogue_s() -> None:
    known = {name: policy.path for name in managed_policies.names() if (policy := managed_policies.find(name))}

    assert {name: data_files.managed_path(name) for name in known} == known
    assert set(data_file("managed_paths.tsv")) <= set(known)


def test_a_template_without_sam_never_reads_the_expander() -> None:
    code = (
        "import sys; from rolelint.syntax.reader import read; from rolelint.template.template import build;"
        "parsed = read('t.yaml', b'Resources: {R: {Type: AWS::IAM::Role}}'); build(parsed.source, parsed.root);"
        "print([name for name in sys.modules if '.sam' in name])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@given(st.data())
def test_no_shape_of_a_property_stops_the_expander(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(SAM_TYPES))
    written = data.draw(st.sampled_from(WORDS).flatmap(lambda word: st.dictionaries(st.just(word), SHAPES, min_size=1)))
    resources = {"F": {"Type": f"AWS::Serverless::{kind}", "Properties": written}, "G": {"Type": "AWS::SQS::Queue"}}

    template = expanded(json.dumps({"Globals": {"Function": written, "Api": written}, "Resources": resources}))

    assert set(template.resources) >= set(resources)
    made(template)


def test_the_condition_of_an_implicit_api_takes_no_more_operands_than_cloudformation_allows() -> None:
    conditions = "".join(f"  C{number}: !Equals [!Ref AWS::Region, r{number}]\n" for number in range(11))
    api = "{Type: Api, Properties: {Path: /, Method: get}}"
    functions = "".join(
        f"  F{number}: {{Type: AWS::Serverless::Function, Condition: C{number}, Properties: {{Events: {{E: {api}}}}}}}\n"
        for number in range(11)
    )

    template = expanded(f"AWSTemplateFormatVersion: '2010-09-09'\nConditions:\n{conditions}Resources:\n{functions}")

    assert "ServerlessRestApiCondition" in template.conditions
    assert faults(template) == []
