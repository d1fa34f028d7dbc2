"""Does everything exist that the rules name? Actions, condition keys, AWS managed policies and ARNs, or AWS once had them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolelint.catalogue import actions, condition_keys, managed_policies

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "rules").rglob("*-*.yaml"))
ACTION = re.compile(r"(?<![\w:/.{$-])([a-z][a-z0-9-]+):([A-Z][A-Za-z0-9*]*)(?![\w:/.-])")
KEY = re.compile(r"(?<![\w:-])(aws:[A-Za-z][A-Za-z0-9]+)\b(?![\w*-])")
POLICY = re.compile(r"iam::aws:policy/((?:[\w-]+/)*)([\w-]+)(?![\w*/-])")
ARN = re.compile(r"arn:(?:aws|\$\{AWS::Partition\}):([a-z0-9-]+):")
SERVICES_OF_ARNS = {
    form.split(":")[2]
    for service in actions.services()
    for kind in actions.resource_types(service).values()
    for form in kind.formats
}
SHOWN_AS_MISTAKES = {
    "dynamodb:Remove*",
    "ec2:Describe",
    "s3:GetObejct",
    "s3:ListObjectsV2",
    "sns:SendMessage",
    "aws:ARN",
    "aws:PrincipalOrgIDs",
    "aws:ThisKeyIsNewerThanUs",
    "iam::aws:policy/AmazonS3FulAccess",
    "iam::aws:policy/AWSLambdaBasicExecutionRole",
    "iam::aws:policy/AmazonSQSReadonlyPolicy",
    "iam::aws:policy/service-role/AmazonS3ReadOnlyAccess",
    "iam::aws:policy/AWSXrayDaemonWriteAccess",
    "iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy",
    "iam::aws:policy/AWSLambdaVPCAccessExecutionRole",
}
"""What examples of rules about unknown names have in it."""
IN_GUIDES_ONLY = {
    "greengrass:GetDeploymentConfiguration",
    "greengrass:ListThingGroupsForCoreDevice",
    "iot:AssumeRoleWithCertificate",
}
"""Actions that AWS's guides give to devices, and its reference does not list."""


def words(path: Path, form: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """What a rule file says in a form, mistakes that it shows left out."""
    return (
        found for found in form.finditer(path.read_text(encoding="utf-8")) if found[0] not in SHOWN_AS_MISTAKES | IN_GUIDES_ONLY
    )


def is_action(service: str, name: str) -> bool:
    return bool(actions.expand(f"{service}:{name}")) or actions.is_retired(f"{service}:{name}")


def is_key(service: str, name: str) -> bool:
    return any(known.lower().startswith(f"{service}:{name}".lower()) for known in actions.condition_keys(service))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_action_and_condition_key_that_a_rule_names_exists(path: Path) -> None:
    named = {found.groups() for found in words(path, ACTION) if found[1] in actions.services()}

    assert {name for name in named if not is_action(*name) and not is_key(*name)} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_global_condition_key_that_a_rule_names_exists(path: Path) -> None:
    known = {key.partition("/")[0].lower() for key in condition_keys.global_keys()}

    assert {found[1] for found in words(path, KEY) if found[1].lower() not in known} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_managed_policy_that_a_rule_names_exists(path: Path) -> None:
    assert {found[0] for found in words(path, POLICY) if not exists(found[1], found[2])} == set()


def exists(path: str, name: str) -> bool:
    policy = managed_policies.find(name)
    return (policy is not None and policy.path == f"/{path}") or managed_policies.retired(name) is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_arn_in_a_rule_is_of_a_service_that_exists(path: Path) -> None:
    assert {found[1] for found in words(path, ARN)} - {*SERVICES_OF_ARNS} == set()
