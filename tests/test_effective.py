"""What a principal can really do: allowed, less denied, within its boundary."""

from textwrap import dedent

import pytest

from rolelint.iam.access import read_access
from rolelint.iam.capabilities import capabilities
from rolelint.iam.effective import by_level, effective, reach_of, risks
from rolelint.iam.reach import Breadth, Reach
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import read
from rolelint.template.template import Template, build


def template(text: str) -> Template:
    parsed = read("template.yaml", dedent(text).encode())
    assert isinstance(parsed.root, Mapping)
    return build(parsed.source, parsed.root)


def may(statements: str, more: str = "") -> set[str]:
    written = f"""
        Resources:
          R:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - PolicyName: p
                  PolicyDocument: {{Statement: [{statements}]}}
              {more}
        """
    access = read_access(template(written))
    return {action.full_name for action in effective(access.principals["R"], access)}


SQS = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"


def reach(statements: str, properties: str = "", more: str = "") -> list[Reach]:
    written = f"""
        Parameters: {{P: {{Type: String}}, D: {{Type: String, Default: "*"}}, M: {{Type: String, Default: "{SQS}"}}}}
        Conditions: {{A: !Equals [!Ref P, x], B: !Equals [!Ref P, y]}}
        Resources:
          Bucket: {{Type: AWS::S3::Bucket}}
          Q: {{Type: AWS::SQS::Queue}}
          R:
            Type: AWS::IAM::Role
            Properties:
              Policies:
                - PolicyName: p
                  PolicyDocument: {{Statement: [{statements}]}}
              {properties}
          {more}
        """
    access = read_access(template(written))
    return list(reach_of(access.principals["R"], access))


def allow(action: str, resource: str, more: str = "") -> str:
    return f"{{Effect: Allow, Action: '{action}', Resource: {resource}{more}}}"


def deny(action: str, resource: str, more: str = "") -> str:
    return allow(action, resource, more).replace("Allow", "Deny")


GET = "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}"


@pytest.mark.parametrize(
    ("deny", "left"),
    [
        ("{Effect: Deny, Action: 's3:*', Resource: '*'}", set()),
        ("{Effect: Deny, Action: 'S3:getobject', Resource: '*'}", set()),
        ("{Effect: Deny, NotAction: 'sqs:*', Resource: '*'}", set()),
        ("{Effect: Deny, NotAction: 's3:*', Resource: '*'}", {"s3:GetObject"}),
        ("{Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::secret/*'}", {"s3:GetObject"}),
        ("{Effect: Deny, Action: 's3:*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'false'}}}", {"s3:GetObject"}),
    ],
)
def test_only_a_deny_that_always_applies_takes_an_action_away(deny: str, left: set[str]) -> None:
    assert may(f"{GET}, {deny}") == left


def test_a_boundary_lets_through_what_both_allow() -> None:
    within = "PermissionsBoundary: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"

    assert may("{Effect: Allow, Action: ['s3:GetObject', 's3:PutObject'], Resource: '*'}", within) == {"s3:GetObject"}


def test_a_boundary_that_is_not_known_here_takes_nothing_away() -> None:
    assert may(GET, "PermissionsBoundary: arn:aws:iam::111122223333:policy/bound") == {"s3:GetObject"}


def test_an_action_counts_only_where_a_resource_of_its_kind_is_named() -> None:
    assert may("{Effect: Allow, Action: 's3:*Object', Resource: 'arn:aws:s3:::b/*'}") >= {"s3:GetObject", "s3:PutObject"}
    assert "iam:CreateUser" not in may("{Effect: Allow, Action: 'iam:Create*', Resource: 'arn:aws:iam::*:role/*'}")


def test_not_action_allows_all_the_rest() -> None:
    found = may("{Effect: Allow, NotAction: 'iam:*', Resource: '*'}")

    assert "s3:GetObject" in found
    assert "iam:PassRole" not in found


@pytest.mark.parametrize(
    ("action", "resource", "breadth"),
    [
        ("s3:GetObject", "'*'", Breadth.ANY),
        ("s3:GetObject", "'**'", Breadth.ANY),
        ("s3:GetObject", "'arn:aws:s3:::*'", Breadth.KIND),
        ("dynamodb:GetItem", "!Sub 'arn:aws:dynamodb:*:${AWS::AccountId}:table/*'", Breadth.KIND),
        ("s3:GetObject", "'arn:aws:s3:::logs-*/*'", Breadth.PATTERN),
        ("s3:GetObject", "!Sub 'arn:aws:s3:::${P}-*/*'", Breadth.PATTERN),
        ("logs:PutLogEvents", "'arn:aws:logs:*:*:log-group:/aws/lambda/*'", Breadth.PATTERN),
        ("logs:PutLogEvents", "'arn:aws:logs:*:*:log-group:/app:*'", Breadth.NAMED),
        ("s3:GetObject", "'arn:aws:s3:::b/*'", Breadth.NAMED),
        ("dynamodb:Query", "'arn:aws:dynamodb:*:*:table/t/index/*'", Breadth.NAMED),
        ("s3:GetObject", "!Ref P", Breadth.NAMED),
        ("sqs:SendMessage", "!GetAtt Q.Arn", Breadth.OWN),
        ("s3:GetObject", "!Sub '${Bucket.Arn}/*'", Breadth.OWN),
    ],
)
def test_a_resource_is_as_broad_as_what_it_names(action: str, resource: str, breadth: Breadth) -> None:
    (found,) = reach(allow(action, resource))

    assert (found.breadth, found.certainty.name) == (breadth, "CERTAIN")


def test_a_default_that_is_a_star_reaches_everything_if_it_is_kept() -> None:
    broad, named = reach(allow("s3:GetObject", "!Ref D"))

    assert (broad.breadth, broad.assumptions) == (Breadth.ANY, ("D keeps its default '*'",))
    assert (named.breadth, named.assumptions) == (Breadth.NAMED, ())


ON_A = allow("s3:GetObject", "'arn:aws:s3:::a*/*'")


@pytest.mark.parametrize(
    ("statements", "exceptions"),
    [
        (deny("s3:*", "'arn:aws:s3:::*'"), None),
        (deny("s3:*", "['arn:aws:s3:::a*/*', 'arn:aws:s3:::b/*']"), None),
        (deny("s3:*", "['arn:aws:s3:::a/*', 'arn:aws:s3:::a?*']"), None),
        (deny("s3:*", "'arn:aws:s3:::ab/*'"), "on arn:aws:s3:::ab/*"),
        (deny("s3:*", "'arn:aws:s3:::b/*'"), ""),
        (deny("s3:*", "!Sub 'arn:aws:s3:::${P}/*'"), "on arn:aws:s3:::${P}/*"),
        (deny("s3:*", "'arn:aws:s3:::a1/*'").replace("Resource", "NotResource"), "on all but arn:aws:s3:::a1/*"),
        (deny("s3:*", "'arn:aws:s3:::b*'").replace("Resource", "NotResource"), None),
        (deny("s3:*", "'arn:aws:s3:::a*'").replace("Resource", "NotResource"), ""),
        (deny("s3:Put*", "'*'"), ""),
        (deny("s3:*", "'arn:aws:s3:::a*'") + ", " + deny("s3:*", "'arn:aws:s3:::a*'").replace("Resource", "NotResource"), None),
        (deny("s3:*", "'*'", ", Condition: {StringLike: {'aws:PrincipalArn': '*'}}"), None),
        (deny("s3:*", "'*'", ", Condition: {StringNotEquals: {'iam:PassedToService': x}}"), None),
        (deny("s3:*", "'*'", ", Condition: {StringEquals: {'iam:PassedToService': x}}"), ""),
        ("{Effect: Deny, Action: !Ref P, Resource: '*'}", "where a Deny that could not be read applies"),
        ("{Effect: Deny, NotAction: !Ref P, Resource: '*'}", "where a Deny that could not be read applies"),
        (deny("s3:*", "'*'", ", Condition: {Bool: {'aws:SecureTransport': false}}"), "aws:securetransport"),
        ("!If [A, " + deny("s3:*", "'*'") + ", !Ref 'AWS::NoValue']", "the template's condition A holds"),
    ],
)
def test_a_deny_takes_away_all_some_or_nothing_of_a_reach(statements: str, exceptions: str | None) -> None:
    found = reach(f"{ON_A}, {statements}")

    if exceptions is None:
        assert found == []
    else:
        (one,) = found
        assert exceptions in " ".join(one.exceptions)
        assert bool(one.exceptions) is bool(exceptions)


def test_a_deny_of_the_same_branch_takes_away_and_one_of_the_other_branch_does_not() -> None:
    under_a = f"!If [A, {ON_A}, {deny('s3:*', chr(39) + '*' + chr(39))}]"

    (one,) = reach(under_a)

    assert ([str(each) for each in one.when], one.exceptions) == (["A"], ())
    assert reach(f"!If [A, {ON_A}, !Ref 'AWS::NoValue'], !If [A, {deny('s3:*', ON_ALL)}, !Ref 'AWS::NoValue']") == []


ON_ALL = "'*'"
ARN_OF_ALL_BUCKETS = "'arn:aws:s3:::*'"
BOUNDARY = "PermissionsBoundary: !Ref L"


def limits(*statements: str) -> str:
    return f"L: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {{Statement: [{', '.join(statements)}]}}}}}}"


def test_within_a_boundary_the_smaller_of_both_resources_is_reached() -> None:
    (one,) = reach(allow("s3:*", ON_ALL), BOUNDARY, limits(allow("s3:GetObject", "'arn:aws:s3:::b/*'")))
    assert ([action.name for action in one.actions], one.resource) == (["GetObject"], "arn:aws:s3:::b/*")

    (one,) = reach(allow("s3:GetObject", "'arn:aws:s3:::b/*'"), BOUNDARY, limits(allow("s3:*", ON_ALL)))
    assert one.resource == "arn:aws:s3:::b/*"

    assert reach(allow("s3:GetObject", "'arn:aws:s3:::b/*'"), BOUNDARY, limits(allow("s3:*", "'arn:aws:s3:::c/*'"))) == []


def test_a_boundary_that_crosses_a_resource_pattern_leaves_what_both_have() -> None:
    (one,) = reach(allow("s3:GetObject", "'arn:aws:s3:::a*'"), BOUNDARY, limits(allow("s3:*", "'arn:aws:s3:::*b'")))

    assert (one.resource, one.exceptions) == ("arn:aws:s3:::*b", ("beyond arn:aws:s3:::a*",))


def test_the_conditions_and_denials_of_a_boundary_hold_too() -> None:
    narrowed = allow("s3:*", ON_ALL, ", Condition: {StringEquals: {'aws:PrincipalOrgID': 'o-1'}}")
    (one,) = reach(allow("s3:GetObject", ON_ALL), BOUNDARY, limits(narrowed))
    assert one.conditions == ("aws:principalorgid",)

    assert reach(allow("s3:GetObject", ON_ALL), BOUNDARY, limits(allow("*", ON_ALL), deny("s3:*", ON_ALL))) == []


def test_what_an_unknown_boundary_may_take_away_is_only_possible_and_says_so() -> None:
    (one,) = reach(allow("s3:GetObject", ON_ALL), "PermissionsBoundary: !Ref P")

    assert one.assumptions == ("the boundary ${P} allows it",)


def test_a_boundary_with_actions_that_nobody_knows_is_not_known() -> None:
    (one,) = reach(allow("s3:GetObject", ON_ALL), BOUNDARY, limits("{Effect: Allow, Action: !Ref P, Resource: '*'}"))

    assert [text.rpartition("/")[2] for text in one.assumptions] == ["${L} allows it"]


def test_a_boundary_in_either_branch_is_a_boundary() -> None:
    (one,) = reach(allow("s3:GetObject", ON_ALL), "PermissionsBoundary: !If [A, !Ref P, !Ref D]")

    assert one.assumptions == ("the boundary ${P} allows it", "the boundary ${D} allows it")


def test_a_managed_policy_that_may_be_attached_counts_as_possible() -> None:
    statements = f"{allow('s3:GetObject', ON_ALL)}, {deny('sqs:Get*', ON_ALL)}"

    found = reach(statements, "ManagedPolicyArns: [!Ref M]")

    (possible,) = [one for one in found if one.assumptions]
    assert possible.assumptions == (f"M keeps its default '{SQS}'",)
    assert {action.name for action in possible.actions} >= {"ListQueues"}
    assert not {action.name for action in possible.actions} & {"GetQueueUrl", "GetQueueAttributes"}


def test_a_boundary_of_one_branch_takes_nothing_away_for_certain() -> None:
    (one,) = reach(allow("s3:GetObject", ON_ALL), "PermissionsBoundary: !If [A, !Ref P, !Ref 'AWS::NoValue']")

    assert (one.breadth, one.assumptions) == (Breadth.ANY, ())


def test_a_deny_of_all_of_a_kind_leaves_nothing_of_it() -> None:
    (one,) = reach(f"{allow('s3:*', ON_ALL)}, {deny('s3:*', ARN_OF_ALL_BUCKETS)}")

    names = {action.name for action in one.actions}
    assert "CreateJob" in names
    assert not names & {"GetObject", "DeleteBucket"}


def test_an_action_is_reached_only_if_its_requests_carry_what_a_condition_asks_for() -> None:
    (one,) = reach(allow("s3:*", ON_ALL, ", Condition: {StringLike: {'s3:prefix': 'a/*'}}"))

    assert {action.name for action in one.actions} == {"ListBucket", "ListBucketVersions"}


def test_the_boundary_of_a_conditional_role_counts() -> None:
    more = f"S: {{Type: AWS::IAM::Role, Condition: A, Properties: {{{BOUNDARY}, ManagedPolicyArns: ['{SQS}']}}}}"
    written = f"""
        Parameters: {{P: {{Type: String}}}}
        Conditions: {{A: !Equals [!Ref P, x]}}
        Resources:
          {more}
          {limits(allow("sqs:ListQueues", ON_ALL))}
        """
    access = read_access(template(written))

    assert {one.full_name for one in effective(access.principals["S"], access)} == {"sqs:ListQueues"}


def test_a_policy_that_one_branch_attaches_denies_in_that_branch() -> None:
    denying = limits(deny("s3:*", ON_ALL))

    (one,) = reach(allow("s3:GetObject", ON_ALL), "ManagedPolicyArns: [!If [A, !Ref L, !Ref 'AWS::NoValue']]", denying)

    assert one.exceptions == ("if the template's condition A holds",)


def test_what_a_member_of_a_group_holds_is_its_own() -> None:
    policy = f"{{PolicyName: p, PolicyDocument: {{Statement: [{GET}, {deny('sqs:*', ON_ALL)}]}}}}"
    access = read_access(
        template(f"""
        Resources:
          G: {{Type: AWS::IAM::Group, Properties: {{ManagedPolicyArns: ['{SQS}']}}}}
          U: {{Type: AWS::IAM::User, Properties: {{Groups: [!Ref G], Policies: [{policy}]}}}}
        """)
    )

    held = {name: {one.service for one in effective(access.principals[name], access)} for name in "GU"}
    assert held == {"G": {"sqs"}, "U": {"s3"}}


def test_not_resource_reaches_everything_except() -> None:
    (one,) = reach(allow("s3:GetObject", "'arn:aws:s3:::secret/*'").replace("Resource", "NotResource"))

    assert (one.breadth, one.exceptions) == (Breadth.ANY, ("on arn:aws:s3:::secret/*",))


def test_a_condition_counts_when_it_narrows() -> None:
    (narrowed,) = reach(allow("iam:PassRole", ON_ALL, ", Condition: {StringLike: {'iam:PassedToService': 'ec2.*'}}"))
    (open_,) = reach(allow("iam:PassRole", ON_ALL, ", Condition: {StringLike: {'iam:PassedToService': '*'}}"))

    assert (narrowed.conditions, open_.conditions) == (("iam:passedtoservice",), ())


def test_a_risk_tells_the_most_that_one_of_its_actions_reaches() -> None:
    own = allow("s3:GetObject", "!Sub '${Bucket.Arn}/*'")
    found = reach(f"{own}, {allow('dynamodb:GetItem', ON_ALL)}")
    (risk,) = risks(tuple(found))

    assert (risk.category.id, risk.broadest.breadth) == ("data_read", Breadth.ANY)
    assert [action.full_name for action in risk.actions] == ["dynamodb:GetItem", "s3:GetObject"]


def test_managed_policies_of_aws_and_of_groups_count() -> None:
    access = read_access(
        template("""
        Resources:
          G: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']}}
          U: {Type: AWS::IAM::User, Properties: {Groups: [!Ref G]}}
        """)
    )

    levels = by_level(effective(access.principals["U"], access))
    assert "GetObject" in levels["s3"]["read"]
    assert "write" not in levels["s3"]


@pytest.mark.parametrize(
    ("resource", "needed"),
    [
        ("{Type: AWS::SNS::Topic}", ()),
        ("{Type: AWS::IAM::Role, Properties: {}}", ("CAPABILITY_IAM",)),
        ("{Type: AWS::IAM::Role, Properties: {RoleName: r}}", ("CAPABILITY_NAMED_IAM",)),
    ],
)
def test_the_capability_depends_on_whether_identities_are_named(resource: str, needed: tuple[str, ...]) -> None:
    assert capabilities(template(f"Resources: {{R: {resource}}}")) == needed


def test_a_transform_needs_the_capability_to_expand() -> None:
    assert capabilities(template("Transform: MyMacro\nResources: {T: {Type: AWS::SNS::Topic}}")) == ("CAPABILITY_AUTO_EXPAND",)
