"""What conditions do for a statement, and what a Deny with a condition leaves of it."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from rolelint.catalogue import actions, condition_keys, curated
from rolelint.iam.access import read_access
from rolelint.iam.conditions import despite, is_open, lacks, verdicts, what_limits
from rolelint.iam.operators import opposite, read
from rolelint.iam.patterns import Certainty
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import read as read_text
from rolelint.template.template import build

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "conditions.yaml").read_text(encoding="utf-8"))
PARAMETERS = {
    "Anything": {"Type": "String", "Default": "*"},
    "Everywhere": {"Type": "String", "Default": "0.0.0.0/0"},
    "Organization": {"Type": "String"},
}
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def first(*statements: dict[str, Any]) -> Statement:
    """The first of some statements of one policy."""
    properties = {"PolicyDocument": {"Statement": list(statements)}}
    template = {"Parameters": PARAMETERS, "Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}}
    parsed = read_text("template.json", json.dumps(template).encode())
    assert isinstance(parsed.root, Mapping)
    (policy,) = read_access(build(parsed.source, parsed.root)).policies
    return policy.document.statements[0]


def under(condition: dict[str, Any], *others: dict[str, Any]) -> Statement:
    return first({**ALLOW, "Condition": condition}, *others)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['is']} {json.dumps(case['condition'])}")
def test_a_condition_is_as_good_as_what_it_keeps_out(case: dict[str, Any]) -> None:
    condition = {**case["condition"], **case.get("beside", {})}
    statement = first({**ALLOW, "Action": case.get("actions", "s3:GetObject"), "Condition": condition})

    verdict = next(verdicts(statement))

    assert verdict.quality.name.lower() == case["is"]
    assert verdict.because == case.get("because", "")
    assert list(verdict.doubts) == case.get("doubts", [])


def test_one_condition_that_narrows_is_enough() -> None:
    statement = under({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:ResourceTag/team": "shop"}})

    assert is_open(statement, "resource").certainty is Certainty.NO
    assert is_open(statement, "caller").certainty is Certainty.CERTAIN


def test_a_default_that_spoils_a_condition_leaves_it_possibly_open() -> None:
    statement = under({"StringLike": {"aws:ResourceOrgID": {"Ref": "Anything"}}})

    assert is_open(statement, "resource") == (Certainty.POSSIBLE, ("Anything keeps its default '*'",))
    assert lacks(statement, ["aws:Resource*"]).certainty is Certainty.POSSIBLE


def test_a_pin_is_asked_about_the_actions_that_its_key_is_made_for() -> None:
    statement = first(
        {**ALLOW, "Action": "iam:*", "Condition": {"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    )

    assert lacks(statement, ["iam:PassedToService"]).certainty is Certainty.NO
    assert is_open(statement, "call").certainty is Certainty.CERTAIN


def test_a_message_says_which_condition_does_not_help_and_why() -> None:
    statement = under({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "StringLike": {"aws:PrincipalArn": "*"}})

    assert despite(statement) == ", despite StringLike on aws:PrincipalArn, which every value fits"
    assert not despite(first(ALLOW))


def test_a_message_names_no_condition_that_nobody_wrote() -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    assert not despite(first(ALLOW, deny))


@pytest.mark.parametrize(
    ("operator", "opposed"),
    [
        ("StringEquals", "StringNotEquals"),
        ("StringNotEquals", "StringEquals"),
        ("StringNotLikeIfExists", "StringLike"),
        ("ForAllValues:StringNotEquals", "ForAnyValue:StringEquals"),
        ("ForAnyValue:StringNotLike", "ForAllValues:StringLike"),
        ("ArnNotEquals", "ArnEquals"),
        ("NumericLessThan", "NumericGreaterThanEqualsIfExists"),
        ("NumericGreaterThanEqualsIfExists", "NumericLessThan"),
        ("NotIpAddress", "IpAddress"),
        ("Bool", "BoolIfExists"),
        ("BoolIfExists", "Bool"),
        ("Null", "Null"),
        ("BinaryEquals", None),
        ("ForAnyValue:Bool", None),
        ("StringEqual", None),
    ],
)
def test_what_a_deny_leaves_holds_where_its_condition_does_not(operator: str, opposed: str | None) -> None:
    assert opposite(operator) == opposed


def test_an_operator_has_parts_in_any_case() -> None:
    assert read("FORALLVALUES:StringLikeIfExists") == ("forallvalues", "stringlike", True, "string")
    assert read("aws:StringLike").family is None


def test_a_deny_under_one_condition_is_a_condition_of_the_allow_that_it_takes_in() -> None:
    statement = first(ALLOW, {**DENY, "Condition": {"StringNotEquals": {"aws:ResourceAccount": "111122223333"}}})

    assert [(one.operator, one.name) for one in statement.implied] == [("StringEquals", "aws:resourceaccount")]
    assert is_open(statement, "resource").certainty is Certainty.NO
    assert statement.gives("s3:GetObject")


@pytest.mark.parametrize(
    "deny",
    [
        {"Condition": {"StringNotEquals": {"aws:ResourceAccount": "111122223333"}}, "Action": "s3:Put*"},
        {"Condition": {"StringNotEquals": {"aws:ResourceAccount": "111122223333"}}, "Resource": "arn:aws:s3:::one/*"},
        {"Condition": {"StringNotEquals": {"aws:ResourceAccount": "111122223333", "aws:ResourceTag/a": "b"}}},
        {"Condition": {"StringNotEquals": {"aws:ResourceAccount": "111122223333"}}, "Principal": {"AWS": "111122223333"}},
    ],
    ids=["about other actions", "about some resources", "under two conditions", "for one caller"],
)
def test_other_denies_are_no_condition_of_an_allow(deny: dict[str, Any]) -> None:
    assert first(ALLOW, {**DENY, **deny}).implied == ()


@pytest.mark.parametrize(
    ("condition", "limited"),
    [
        ({"StringNotEquals": {"aws:ResourceTag/team": "shop"}}, True),
        ({"StringNotEquals": {"aws:ResourceTag/team": "shop", "aws:ResourceAccount": "111122223333"}}, True),
        ({"StringNotEquals": {"aws:ResourceTag/team": "shop"}, "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringEquals": {"aws:ResourceTag/team": "payroll"}}, False),
        ({"Fn::GetAtt": ["Elsewhere", "Condition"]}, True),
    ],
)
def test_a_deny_limits_an_action_only_if_all_that_it_leaves_is_chosen(condition: dict[str, Any], limited: bool) -> None:  # noqa: FBT001 - a row
    statement = first(ALLOW, {**DENY, "Condition": condition})

    assert bool(what_limits(statement, "s3:GetObject")) == limited
    assert not what_limits(statement, "sqs:SendMessage")


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": "*", "Resource": "*"},
        {"Effect": "Allow", "NotAction": ["s3:*", "*:*"], "Resource": "*"},
        {**ALLOW, "Condition": {"DateLessThan": {"aws:CurrentTime": "2019-01-01T00:00:00Z"}}},
        {**ALLOW, "Condition": {"DateLessThanEquals": {"aws:EpochTime": "1500000000"}}},
    ],
)
def test_a_statement_that_never_applies_grants_nothing(statement: dict[str, Any]) -> None:
    assert not first(statement).allows


@pytest.mark.parametrize(
    "condition",
    [
        {"DateLessThan": {"aws:CurrentTime": "2199-01-01T00:00:00Z"}},
        {"DateLessThan": {"aws:CurrentTime": {"Ref": "Anything"}}},
        {"DateLessThan": {"aws:TokenIssueTime": "2019-01-01T00:00:00Z"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2019-01-01T00:00:00Z"}},
    ],
)
def test_a_statement_whose_time_may_come_is_judged(condition: dict[str, Any]) -> None:
    assert under(condition).allows


def test_a_deny_that_is_over_takes_nothing_away() -> None:
    over = {**DENY, "Condition": {"DateLessThan": {"aws:CurrentTime": "2019-01-01T00:00:00Z"}}}

    assert first(ALLOW, over).limits == ()


# -- Facts about keys --------------------------------------------------------------------------------------------------


def test_every_curated_key_of_a_service_is_in_the_reference() -> None:
    listed = {known.lower() for service in actions.services() for known in actions.condition_keys(service)}
    issuers = ("saml:", "sts:", "iot:", "lambda:eventsourcetoken", "kms:grantisforawsresource")
    for key in curated.section("service_keys"):
        known = any(one.startswith(key.lower().removesuffix("*")) for one in listed)
        assert known or key.lower().startswith(issuers), key


def test_every_curated_key_says_something_that_is_known() -> None:
    for section in ("global_keys", "service_keys"):
        for key, entry in curated.section(section).items():
            assert entry["about"] in condition_keys.ABOUT, key
            assert condition_keys.find(key).about == entry["about"], key
    assert all(key.startswith("aws:") for key in condition_keys.global_keys())


def test_the_types_of_global_keys_are_those_of_the_reference() -> None:
    reference = {key: kind for service in actions.services() for key, kind in actions.condition_keys(service).items()}
    for key, entry in condition_keys.global_keys().items():
        assert reference.get(key, entry["type"]) == entry["type"], key


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aws:ResourceTag/team", ("aws:resourcetag/team", "String", "resource", (), False)),
        ("AWS:TagKeys", ("aws:tagkeys", "ArrayOfString", "request", (), False)),
        ("aws:CurrentTime", ("aws:currenttime", "Date", "time", ("*",), False)),
        ("aws:PrincipalArn", ("aws:principalarn", "ARN", "caller", (), True)),
        ("iam:PassedToService", ("iam:passedtoservice", "String", "call", ("iam:passrole",), False)),
        ("s3:x-amz-acl", ("s3:x-amz-acl", "String", "request", (), False)),
        ("ec2:Vpc", ("ec2:vpc", "ARN", "resource", (), False)),
        ("gitlab.com:sub", ("gitlab.com:sub", None, "caller", (), False)),
        ("aws:NewerThanOurList", ("aws:newerthanourlist", None, "request", (), False)),
    ],
)
def test_a_key_is_known_by_any_spelling(name: str, expected: tuple[object, ...]) -> None:
    assert condition_keys.find(name) == expected


@pytest.mark.parametrize(
    ("key", "action", "never"),
    [
        ("iam:PassedToService", "iam:PassRole", False),
        ("iam:PassedToService", "iam:GetRole", True),
        ("IAM:passedtoservice", "s3:getobject", True),
        ("s3:prefix", "s3:ListBucket", False),
        ("s3:prefix", "s3:*", False),
        ("ec2:ResourceTag/team", "ec2:TerminateInstances", False),
        # in no list of EC2's own actions, but whatever a program on an instance calls carries it
        ("ec2:SourceInstanceArn", "s3:GetObject", False),
        ("elasticloadbalancing:ResourceTag/team", "arc-zonal-shift:StartZonalShift", False),
        ("aws:ResourceTag/team", "s3:ListAllMyBuckets", False),
        ("accounts.google.com:sub", "s3:GetObject", False),
        ("s3:NoSuchKey", "s3:GetObject", False),
    ],
)
def test_a_key_is_never_there_if_aws_lists_it_for_other_actions(key: str, action: str, *, never: bool) -> None:
    assert condition_keys.is_never_there(key, action) is never


def test_services_with_a_source_are_principals_without_their_domain() -> None:
    named = curated.services_with_source()

    assert "states" in named
    assert not any(name.endswith("amazonaws.com") for name in named)
