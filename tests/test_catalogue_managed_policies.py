"""Does the catalogue know AWS's managed policies, and judge them by what they say?"""

from __future__ import annotations

from typing import Any

import pytest

from rolelint.catalogue import actions, managed_policies


def policy(name: str) -> managed_policies.ManagedPolicy:
    found = managed_policies.find(name)
    assert found is not None, name
    return found


def made_of(*statements: dict[str, Any]) -> managed_policies.ManagedPolicy:
    return managed_policies.ManagedPolicy(
        "Made", "/", "2026-01-01", "v1", {"Version": "2012-10-17", "Statement": list(statements)}
    )


def allow(action: Any = "sqs:*", resource: Any = "*", **others: Any) -> dict[str, Any]:  # noqa: ANN401  whatever a policy holds
    return {"Effect": "Allow", "Action": action, "Resource": resource, **others}


def deny(**others: Any) -> dict[str, Any]:  # noqa: ANN401  likewise
    return {"Effect": "Deny", "Resource": "*", **others}


def test_the_catalogue_is_complete() -> None:
    assert len(managed_policies.names()) >= 1_200
    for name in managed_policies.names():
        assert policy(name).path.startswith("/")
        assert policy(name).path.endswith("/")
        assert set(policy(name).document) == {"Version", "Statement"}


def test_a_policy_has_a_path_a_version_and_a_day() -> None:
    found = policy("AWSLambdaBasicExecutionRole")
    assert found.path == "/service-role/"
    assert found.version.startswith("v")
    assert len(found.updated) == len("2026-01-01")
    assert managed_policies.arn(found) == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert managed_policies.arn(found, "aws-cn") == "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.mark.parametrize(
    "name", ["", "amazons3fullaccess", "AmazonS3FullAccess\t/", "AmazonS3FullAccess\n", "\ud800", "/service-role/X"]
)
def test_a_policy_is_found_by_its_exact_name_only(name: str) -> None:
    assert managed_policies.find(name) is None


def test_a_retired_policy_is_not_an_unknown_one() -> None:
    assert managed_policies.retired("AWSLambdaFullAccess") == "2019-06-03"
    assert managed_policies.find("AWSLambdaFullAccess") is None
    assert managed_policies.retired("NeverWasAPolicy") is None
    assert not [name for name in managed_policies.names() if managed_policies.retired(name)]


def test_a_service_linked_policy_is_neither_attachable_nor_unknown() -> None:
    assert managed_policies.is_service_linked("AWSSupportServiceRolePolicy")
    assert managed_policies.find("AWSSupportServiceRolePolicy") is None
    assert not managed_policies.is_service_linked("AmazonS3FullAccess")


def test_a_spelling_mistake_gets_a_suggestion() -> None:
    assert managed_policies.similar("AmazonS3FullAcces")[0] == "AmazonS3FullAccess"
    assert managed_policies.similar("awslambdabasicexecutionrole")[0] == "AWSLambdaBasicExecutionRole"
    assert managed_policies.similar("zzz") == ()
    assert managed_policies.similar("A" * 10_000) == ()


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("CloudWatchLogsFullAccess", ("logs",)),
        ("AmazonSQSFullAccess", ("sqs",)),
        ("AmazonS3FullAccess", ("s3", "s3-object-lambda")),
        ("AmazonEC2FullAccess", ("autoscaling", "cloudwatch", "ec2", "elasticloadbalancing")),
        ("AWSGlueServiceRole", ("glue",)),  # wide, whatever its name says
        ("AmazonS3ReadOnlyAccess", ()),
        ("AWSAppSyncInvokeFullAccess", ()),  # not wide, whatever its name says
        ("AmazonElasticFileSystemFullAccess", ()),
        ("PowerUserAccess", ()),  # NotAction is another question
    ],
)
def test_a_policy_grants_whole_services_as_its_document_says(name: str, services: tuple[str, ...]) -> None:
    assert managed_policies.service_wide(policy(name)) == services


def test_the_administrator_has_every_service() -> None:
    assert managed_policies.service_wide(policy("AdministratorAccess")) == actions.services()


@pytest.mark.parametrize(
    "statements",
    [
        [allow()],
        [allow(["s3:Get*", "SQS:**"])],
        [allow(resource=["*"])],
        [allow("sq?:*")],
        [allow(), deny(Action="sns:*")],
        [allow(), deny(Action="sqs:*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
        [allow(), deny(NotAction="sqs:*")],
    ],
)
def test_an_action_of_only_a_star_grants_the_service(statements: list[dict[str, Any]]) -> None:
    assert "sqs" in managed_policies.service_wide(made_of(*statements))


@pytest.mark.parametrize(
    "statements",
    [
        [allow("sqs:Send*")],
        [allow(resource="arn:aws:sqs:*:*:*")],
        [allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})],
        [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
        [{"Effect": "Allow", "Action": "sqs:*", "NotResource": "arn:aws:sqs:*:*:a"}],
        [allow(), deny(Action="sqs:*")],
        [allow(), deny(Action=["*"])],
        [allow("*"), deny(Action="s?s:*")],
        [allow(), deny(NotAction="s3:*")],
        [deny(Action="sqs:*")],
    ],
)
def test_anything_less_does_not(statements: list[dict[str, Any]]) -> None:
    assert "sqs" not in managed_policies.service_wide(made_of(*statements))


def test_a_document_may_hold_one_statement_without_a_list() -> None:
    lone = made_of()._replace(document={"Version": "2012-10-17", "Statement": allow()})
    assert managed_policies.service_wide(lone) == ("sqs",)
