"""Are the curated lists right about AWS? Every name in them is looked up."""

from __future__ import annotations

import itertools
import re

import pytest

from rolelint.catalogue import actions, curated, managed_policies

GRADES = {"admin", "full-service", "multi-service", "broad-read", "broad-role", "baseline", "superseded", "retired"}
SEVERITIES = {"high", "medium", "low"}
STATEMENTS = [pytest.param(statement, id=intent.id) for intent in curated.intents() for statement in intent.statements]
SCOPED = [param for param in STATEMENTS if param.values[0].resources != ("*",)]  # type: ignore[union-attr]
PATHS = {path.id: path for path in curated.escalation_paths()}


def action(name: str) -> actions.Action:
    found = actions.find(name)
    assert found is not None, name
    assert found.full_name == name
    return found


def pattern(text: str) -> str:
    """The text with a star for every variable and placeholder."""
    return re.sub(r"\$\{[^}]*\}|<[^>]*>", "*", text)


def overlap(left: str, right: str) -> bool:
    """Whether some text matches both patterns."""
    if not left or not right:
        return not (left + right).strip("*")
    if left[0] == "*" or right[0] == "*":
        star, other = (left, right) if left[0] == "*" else (right, left)
        return overlap(star[1:], other) or overlap(star, other[1:])
    return (left[0] == right[0] or "?" in left[0] + right[0]) and overlap(left[1:], right[1:])


def fits(resource: str, form: str) -> bool:
    """Whether a skeleton's ARN can name a resource of the format; compared field by field."""
    left, right = (pattern(text).split(":", 5) for text in (resource, form))
    return len(left) == len(right) and all(itertools.starmap(overlap, zip(left, right, strict=True)))


def keys_of(found: actions.Action) -> list[str]:
    types = actions.resource_types(found.service)
    return [*found.condition_keys, *(key for use in found.resources for key in types[use.type].condition_keys)]


def test_there_are_as_many_as_there_should_be() -> None:
    assert len(PATHS) >= 140
    assert len(curated.replaced()) >= 110
    assert len(curated.intents()) >= 50
    assert len(curated.categories()) == 11


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_skeleton_names_live_actions(statement: curated.Statement) -> None:
    assert statement.actions
    assert all(action(name) for name in statement.actions)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_skeleton_has_a_star_only_where_it_must(statement: curated.Statement) -> None:
    if "*" in statement.resources:
        assert statement.resources == ("*",)
        assert all(actions.needs_star(action(name)) or actions.star_ok_when(action(name)) for name in statement.actions)
    else:
        assert all(resource.startswith("arn:${AWS::Partition}:") for resource in statement.resources)


@pytest.mark.parametrize("statement", SCOPED)
def test_a_skeletons_arns_are_those_of_its_actions(statement: curated.Statement) -> None:
    forms = {name: actions.formats(action(name)) for name in statement.actions}
    for name, own in forms.items():
        assert any(fits(resource, form) for resource in statement.resources for form in own), name
    for resource in statement.resources:
        assert any(fits(resource, form) for own in forms.values() for form in own), resource


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_skeletons_condition_keys_apply_to_its_actions(statement: curated.Statement) -> None:
    for key in (key for test in statement.condition.values() for key in test):
        for name in statement.actions:
            assert any(overlap(pattern(key).lower(), pattern(known).lower()) for known in keys_of(action(name))), (key, name)


@pytest.mark.parametrize("intent", curated.intents(), ids=lambda intent: str(intent.id))
def test_an_intent_names_a_live_managed_policy_and_a_sam_template(intent: curated.Intent) -> None:
    assert intent.managed is None or managed_policies.find(intent.managed)
    assert intent.sam is None or intent.sam.endswith("Policy")
    assert curated.intent(intent.id) == intent


@pytest.mark.parametrize("name", curated.replaced())
def test_a_replacement_names_live_policies(name: str) -> None:
    replacement = curated.replacement(name)
    assert replacement is not None
    assert replacement.policy == name
    assert replacement.grade in GRADES
    assert (
        (replacement.grade == "retired") == (managed_policies.retired(name) is not None) == (managed_policies.find(name) is None)
    )
    assert replacement.grade not in {"retired", "superseded"} or replacement.successor
    assert all(managed_policies.find(other.name) and other.when for other in replacement.managed)
    assert replacement.successor is None or managed_policies.find(replacement.successor)
    assert replacement.note.endswith(".")


@pytest.mark.parametrize("name", curated.replaced())
def test_a_grade_agrees_with_the_document(name: str) -> None:
    replacement, policy = curated.replacement(name), managed_policies.find(name)
    assert replacement is not None
    wide = managed_policies.service_wide(policy) if policy else ()
    assert not wide or replacement.grade not in {"baseline", "broad-role"}


def test_an_unknown_name_has_no_replacement_and_no_intent() -> None:
    assert curated.replacement("NoSuchPolicy") is None
    assert curated.replacement('"\n\ud800') is None
    with pytest.raises(KeyError):
        curated.intent("no-such-intent")


def test_a_replacement_is_ready_to_use() -> None:
    replacement = curated.replacement("CloudWatchLogsFullAccess")
    assert replacement is not None
    assert replacement.managed[0] == curated.Alternative("AWSLambdaBasicExecutionRole", "the role belongs to a function")
    assert [intent.id for intent in replacement.intents] == ["log-writer", "log-reader"]
    assert "logs:PutLogEvents" in replacement.intents[0].statements[1].actions


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_an_escalation_path_names_live_actions(path: curated.EscalationPath) -> None:
    assert all(action(name) for combination in path.combinations for name in combination)
    assert path.combinations
    assert all(path.combinations)
    assert path.severity in SEVERITIES
    assert path.gain.endswith(".")


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_an_escalation_path_that_passes_a_role_says_to_whom(path: curated.EscalationPath) -> None:
    assert bool(path.passed_to) == ("iam:PassRole" in path.all_of)
    assert all(service.endswith(".amazonaws.com") for service in path.passed_to)


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_no_way_to_open_a_path_contains_another(path: curated.EscalationPath) -> None:
    for one, other in itertools.permutations(path.combinations, 2):
        assert not set(one) <= set(other)


def test_a_parent_is_a_shorter_path() -> None:
    for path in PATHS.values():
        if path.parent:
            pairs = itertools.product(PATHS[path.parent].combinations, path.combinations)
            assert any(set(short) < set(long) for short, long in pairs), path.id


def test_no_two_paths_are_the_same() -> None:
    seen = [frozenset(combination) for path in PATHS.values() for combination in path.combinations]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("category", curated.categories(), ids=lambda category: str(category.id))
def test_a_sensitive_action_is_live(category: curated.Category) -> None:
    core, every = curated.sensitive(category.id), curated.sensitive(category.id, extended=True)
    assert core
    assert core <= every
    assert all(action(name) for name in every)
    assert category.severity in SEVERITIES
    assert category.title.endswith(".")
    assert all(category.id in curated.categories_of(name) for name in core)
    assert all(category.id in curated.categories_of(name, extended=True) for name in every)


def test_an_action_may_be_in_several_categories() -> None:
    assert curated.categories_of("dynamodb:ExportTableToPointInTime") == ("data_copy_out", "data_read")
    assert curated.categories_of("sqs:ListQueues") == ()
    assert curated.categories_of("nope") == ()
    with pytest.raises(KeyError):
        curated.sensitive("no_such_category")


def test_a_rule_completes_a_category() -> None:
    assert "appsync:DeleteApiKey" in curated.sensitive("destructive", extended=True)
    assert "appsync:DeleteApiKey" not in curated.sensitive("destructive")


def test_actions_said_to_name_a_resource_have_one() -> None:
    assert {"s3:ListBucket", "es:ESHttpGet"} <= curated.named()
    assert all(action(name) for name in curated.named())


TABLES = ("needed", "secrets", "user_names", "variables")
PROPERTIES = [(table, kind, path) for table in TABLES for kind, paths in curated.section(table).items() for path in paths]


@pytest.mark.parametrize(("table", "kind", "path"), PROPERTIES)
def test_a_path_to_a_secret_is_well_formed(table: str, kind: str, path: str) -> None:
    steps = path.split("/")
    assert re.fullmatch(r"(AWS|Alexa)(::\w+){2}", kind)
    assert all(re.fullmatch(r"\w+|\*|\{\}", step) for step in steps[:-1])
    assert re.fullmatch(r"\w+=\w+|\{\}" if table == "variables" else r"\w+|\*", steps[-1])
    assert steps[0] not in {"*", "{}"} or table == "variables"


@pytest.mark.parametrize("table", ["secrets", "user_names"])
def test_what_a_property_holds_fits_into_a_sentence(table: str) -> None:
    for what in (what for paths in curated.section(table).values() for what in paths.values()):
        assert re.fullmatch(r"the [\w' ]+", what), what


def test_secrets_are_found_by_their_resource_type() -> None:
    assert curated.secrets("AWS::IAM::User") == {"LoginProfile/Password": "the console password"}
    assert curated.user_names("AWS::RDS::DBInstance") == {"MasterUsername": "the master user"}
    assert "Environment/EnvironmentVariables/*/Name=Value" in curated.variables("AWS::CodeBuild::Project")
    assert len(curated.section("secrets")) > 70
    assert curated.secrets("AWS::SQS::Queue") == curated.user_names("AWS::SQS::Queue") == {}
    assert curated.variables("AWS::SQS::Queue") == ()


@pytest.mark.parametrize("name", sorted(curated.ids("chosen") | curated.ids("made")))
def test_an_exception_about_ids_names_a_resource_type(name: str) -> None:
    service, _, kind = name.partition(":")
    assert kind in actions.resource_types(service)
    assert actions.has_chosen_name(service, kind) is (name in curated.ids("chosen"))


@pytest.mark.parametrize("name", ["dynamodb:table", "lambda:function", "logs:log-group", "cloudformation:stack", "eks:nodegroup"])
def test_a_name_that_somebody_chooses_can_stand_in_a_policy(name: str) -> None:
    assert actions.has_chosen_name(*name.split(":"))


@pytest.mark.parametrize("name", ["ec2:instance", "lambda:eventSourceMapping", "kms:key", "rds:integration", "dms:Endpoint"])
def test_an_id_that_aws_makes_up_cannot(name: str) -> None:
    assert not actions.has_chosen_name(*name.split(":"))


def test_the_wildcards_of_awss_own_guides_name_actions() -> None:
    assert "es:eshttp*" in curated.families()
    assert all(actions.expand(pattern) for pattern in curated.families())
