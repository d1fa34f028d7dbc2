"""Who holds what: every spelling of a policy, an attachment and a use."""

from textwrap import dedent

import pytest

from rolelint.iam.access import Access, Principal, read_access
from rolelint.iam.patterns import Certainty
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.reader import read
from rolelint.template.template import build


def access(template: str) -> Access:
    parsed = read("template.json" if template.lstrip().startswith("{") else "template.yaml", dedent(template).encode())
    assert isinstance(parsed.root, Mapping), parsed
    return read_access(build(parsed.source, parsed.root))


def actions(principal: Principal) -> list[str]:
    return [str(action.text) for policy in principal.policies for one in policy.document.statements for action in one.actions]


@pytest.mark.parametrize(
    "document",
    [
        "{Statement: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}}",
        "{Statement: [{Effect: Allow, Action: ['s3:GetObject'], Resource: ['*']}]}",
        """'{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}'""",
        """!Sub '{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'""",
        """!Join ['', ['{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"', '*', '"}]}']]""",
        "{'Fn::ToJsonString': {Statement: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}}}",
        "{statement: {effect: Allow, action: 's3:GetObject', resource: '*'}}",
    ],
)
def test_every_spelling_of_a_document_comes_to_the_same_statement(document: str) -> None:
    seen = access(f"Resources: {{P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {document}}}}}}}")

    (policy,) = seen.policies
    (statement,) = policy.document.statements
    assert statement.effect == "Allow"
    assert [str(one.text) for one in statement.actions] == ["s3:GetObject"]
    assert [str(one.text) for one in statement.resources] == ["*"]
    assert not seen.problems


def test_a_reference_inside_json_text_stays_a_symbol_that_points_into_the_text() -> None:
    seen = access("""
        Resources:
          B: {Type: AWS::S3::Bucket}
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument: !Sub |
                {"Statement": [
                  {"Effect": "Allow", "Action": "s3:*", "Resource": "${B.Arn}/*"}]}
        """)

    (statement,) = seen.policies[0].document.statements
    assert str(statement.actions[0].text) == "s3:*"
    assert statement.actions[0].span.text == "s3:*"
    assert statement.actions[0].span.first.line == 9
    assert not statement.resources[0].text.literal
    assert statement.resources[0].span.text == "${B.Arn}/*"


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("", "{Type: AWS::IAM::Policy, Properties: {PolicyName: p, Roles: [!Ref R], PolicyDocument: DOC}}"),
        ("", "{Type: AWS::IAM::ManagedPolicy, Properties: {Roles: [!Ref R], PolicyDocument: DOC}}"),
        ("worker", "{Type: AWS::IAM::Policy, Properties: {PolicyName: p, Roles: [worker], PolicyDocument: DOC}}"),
        ("worker", "{Type: AWS::IAM::RolePolicy, Properties: {PolicyName: p, RoleName: worker, PolicyDocument: DOC}}"),
        ("", "{Type: AWS::IAM::RolePolicy, Properties: {PolicyName: p, RoleName: !Ref R, PolicyDocument: DOC}}"),
        ("worker", "{Type: AWS::IAM::RolePolicy, Properties: {PolicyName: p, RoleName: !Ref R, PolicyDocument: DOC}}"),
    ],
)
def test_a_policy_finds_its_role_by_reference_and_by_name(name: str, policy: str) -> None:
    properties = f"{{RoleName: {name}}}" if name else "{}"
    written = policy.replace("DOC", "{Statement: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}}")

    seen = access(f"Resources:\n  R: {{Type: AWS::IAM::Role, Properties: {properties}}}\n  P: {written}\n")

    assert actions(seen.principals["R"]) == ["s3:GetObject"]


@pytest.mark.parametrize("reference", ["!Ref MP", "!Sub 'arn:aws:iam::${AWS::AccountId}:policy/x'", "!GetAtt MP.PolicyArn"])
def test_a_managed_policy_of_the_template_is_found_from_the_role_that_attaches_it(reference: str) -> None:
    seen = access(f"""
        Resources:
          MP:
            Type: AWS::IAM::ManagedPolicy
            Properties: {{ManagedPolicyName: x, PolicyDocument: {{Statement: {{Effect: Allow, Action: 'ec2:*', Resource: '*'}}}}}}
          R: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [{reference}]}}}}
        """)

    expected = ["ec2:*"] if "Sub" not in reference else []  # a literal partition is not the stack's own, for all we know
    assert actions(seen.principals["R"]) == expected


@pytest.mark.parametrize(
    ("arn", "certainty"),
    [
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", Certainty.CERTAIN),
        ("!Sub 'arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess'", Certainty.CERTAIN),
        ("!Join [':', [arn, !Ref 'AWS::Partition', iam, '', aws, policy/ReadOnlyAccess]]", Certainty.CERTAIN),
        ("arn:aws-cn:iam::aws:policy/ReadOnlyAccess", Certainty.CERTAIN),
        ("!Ref Arn", Certainty.POSSIBLE),
        ("!Sub 'arn:aws:iam::aws:policy/${Name}'", Certainty.POSSIBLE),
    ],
)
def test_an_aws_managed_policy_is_recognised_in_every_spelling(arn: str, certainty: Certainty) -> None:
    seen = access(f"""
        Parameters:
          Arn: {{Type: String, Default: 'arn:aws:iam::aws:policy/ReadOnlyAccess'}}
          Name: {{Type: String, Default: ReadOnlyAccess}}
        Resources:
          R: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [{arn}]}}}}
        """)

    (named,) = seen.attachments[0].aws_managed
    assert (named.name, named.path, named.certainty) == ("ReadOnlyAccess", "/", certainty)


def test_an_account_s_own_policy_is_not_taken_for_one_of_aws() -> None:
    arn = "arn:aws:iam::111122223333:policy/ReadOnlyAccess"

    seen = access(f"Resources: {{R: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: ['{arn}']}}}}}}")

    assert seen.attachments[0].aws_managed == ()


def test_a_role_is_traced_through_its_instance_profile_to_what_runs_with_it() -> None:
    seen = access("""
        Resources:
          R: {Type: AWS::IAM::Role, Properties: {}}
          IP: {Type: AWS::IAM::InstanceProfile, Properties: {Roles: [!Ref R]}}
          LT: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {IamInstanceProfile: {Arn: !GetAtt IP.Arn}}}}
          I: {Type: AWS::EC2::Instance, Properties: {IamInstanceProfile: !Ref IP}}
          F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt R.Arn}}
        """)

    role = seen.principals["R"]
    assert [one.id for one in role.profiles] == ["IP"]
    assert [one.id for one in role.workloads] == ["LT", "I", "F"]


def test_users_are_in_groups_by_their_own_word_and_by_an_addition() -> None:
    seen = access("""
        Resources:
          G: {Type: AWS::IAM::Group}
          H: {Type: AWS::IAM::Group}
          U: {Type: AWS::IAM::User, Properties: {Groups: [!Ref G]}}
          A: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref H, Users: [!Ref U]}}
        """)

    assert seen.principals["U"].groups == ("G", "H")


def test_a_permission_set_is_a_principal_with_inline_and_managed_policies() -> None:
    seen = access("""
        Resources:
          PS:
            Type: AWS::SSO::PermissionSet
            Properties:
              InlinePolicy: '{"Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}'
              ManagedPolicies: ['arn:aws:iam::aws:policy/ReadOnlyAccess']
        """)

    assert actions(seen.principals["PS"]) == ["ec2:*"]
    assert seen.attachments[0].aws_managed[0].name == "ReadOnlyAccess"


def test_a_condition_that_never_holds_leaves_its_resource_out() -> None:
    seen = access("""
        Conditions: {Never: !Equals [a, b]}
        Resources:
          P:
            Type: AWS::IAM::ManagedPolicy
            Condition: Never
            Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: '*', Resource: '*'}}}
        """)

    assert seen.policies == ()


def test_each_branch_around_a_document_is_a_document_of_its_own() -> None:
    seen = access("""
        Conditions: {A: !Equals [!Ref AWS::Region, us-east-1]}
        Resources:
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Fn::If:
                  - A
                  - {Statement: [{Effect: Allow, Action: 'ec2:*', Resource: '*'}]}
                  - {Statement: [{Effect: Deny, Action: 'ec2:*', Resource: '*'}, {Effect: Allow, Action: 's3:*', Resource: '*'}]}
        """)

    assert [("".join(map(str, one.document.when)), len(one.document.statements)) for one in seen.policies] == [
        ("A", 1),
        ("!A", 2),
    ]


def test_what_cannot_be_known_is_counted_with_its_reason() -> None:
    seen = access("""
        Resources:
          P:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument:
                Statement:
                  - {Effect: Allow, Action: 's3:*', Resource: '*'}
                  - Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/more.yaml}}
          Q: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: '{{resolve:ssm:/policy}}'}}
          E:
            Type: AWS::IAM::ManagedPolicy
            Properties:
              PolicyDocument: {Statement: {Effect: !ImportValue Effect, Action: '*', Resource: '*'}}
        """)

    assert [(one.reason, one.span.first.line) for one in seen.unevaluated] == [
        ("Fn::Transform", 9),
        ("the document is ${resolve:ssm:/policy}", 10),
        ("an Effect that is not known", 14),
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{Version: '2012-10-17'}", "a policy document needs a Statement"),
        ("[a]", "a policy document must be a mapping, not a list"),
        ("{Statement: [text]}", "a statement must be a mapping, not text"),
        ("{Statement: {Effect: Permit, Action: 'a:b', Resource: '*'}}", "Effect must be Allow or Deny, not 'Permit'"),
        ("{Statement: {Action: 'a:b', Resource: '*'}}", "a statement has no Effect"),
        ("""'{"Statement": ['""", "the policy is not JSON"),
        ("'[]'", "the policy is JSON, but not an object"),
    ],
)
def test_a_policy_that_cannot_be_read_is_reported_where_it_stands(document: str, said: str) -> None:
    seen = access(f"Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {document}\n")

    (problem,) = seen.problems
    assert problem.rule == "unreadable-policy"
    assert problem.message.startswith(said)
    assert problem.span.first.line == 5


def test_a_bare_document_is_an_identity_policy_unless_it_names_principals() -> None:
    identity = access("Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}")
    trust = access("Statement: {Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}")
    resource = access("Statement: {Effect: Allow, Principal: '*', Action: 's3:*', Resource: '*'}")

    assert [one.policies[0].kind for one in (identity, trust, resource)] == ["identity_policy", "trust_policy", "resource_policy"]


def test_each_turn_of_a_loop_is_a_resource_that_stands_where_the_loop_does() -> None:
    seen = access("""
        Transform: AWS::LanguageExtensions
        Resources:
          'Fn::ForEach::Policies':
            - N
            - [Read, Wri.te]
            - 'P&{N}':
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument: {Statement: {Effect: Allow, Action: !Ref N, Resource: !Sub 'arn:aws:s3:::${N}/*'}}
        """)

    found = {policy.resource.id: policy.document.statements[0] for policy in seen.policies if policy.resource}
    assert {name: str(one.resources[0].text) for name, one in found.items()} == {
        "PRead": "arn:aws:s3:::Read/*",
        "PWrite": "arn:aws:s3:::Wri.te/*",
    }
    assert {one.resources[0].span.first.line for one in found.values()} == {10}


def test_a_loop_over_a_list_that_is_not_known_is_read_once() -> None:
    seen = access("""
        Parameters: {Names: {Type: CommaDelimitedList}}
        Resources:
          'Fn::ForEach::Policies':
            - N
            - !Ref Names
            - 'P${N}':
                Type: AWS::IAM::ManagedPolicy
                Properties:
                  PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: !Sub 'arn:aws:s3:::${N}/*'}}
        """)

    (policy,) = seen.policies
    assert str(policy.document.statements[0].actions[0].text) == "s3:*"
    assert str(policy.document.statements[0].resources[0].text) == "arn:aws:s3:::${N}/*"


def test_loops_within_loops_end_at_a_limit_that_is_reported() -> None:
    many = ", ".join(f"a{number}" for number in range(60))
    seen = access(f"""
        Resources:
          'Fn::ForEach::A':
            - A
            - [{many}]
            - 'Fn::ForEach::B':
                - B
                - [{many}]
                - 'P${{A}}${{B}}': {{Type: AWS::SNS::Topic}}
        """)

    assert len(seen.template.resources) <= 1000
    assert ["more than 1000 turns" in problem.message for problem in seen.problems] == [True]


def test_a_document_that_no_policy_can_be_is_refused_and_not_judged_for_minutes() -> None:
    many = ", ".join(f"'s3:Get{number}*'" for number in range(20_000))

    seen = access(f"Statement: {{Effect: Allow, Action: [{many}], Resource: '*'}}")

    assert [problem.message.startswith("it names 20,001 actions") for problem in seen.problems] == [True]
    assert seen.policies[0].document.statements == ()


def test_more_statements_than_any_policy_has_are_not_judged() -> None:
    many = ", ".join(["{Effect: Allow, Action: '*', Resource: '*'}"] * 1_001)

    seen = access(f"Statement: [{many}]")

    assert [problem.message.startswith("it has 1,001 statements") for problem in seen.problems] == [True]
    assert seen.policies[0].document.statements == ()


def test_a_pattern_longer_than_any_arn_is_not_judged() -> None:
    seen = access(f"Statement: {{Effect: Allow, Action: 's3:{'*?' * 1_200}', Resource: '*'}}")

    assert [problem.message for problem in seen.problems] == [
        "an action, resource or principal of it has 2,403 letters, more than any policy can hold; it is not judged"
    ]
    assert seen.policies[0].document.statements == ()
