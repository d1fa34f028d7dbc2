"""Does a report repeat what it warns of? And what is a secret, by its name and looks?"""

from collections.abc import Callable

import pytest

from rolelint.engine.checks.secret_texts import looks_secret, names_secret, stands_for_something
from rolelint.engine.rulebook import Rulebook
from rolelint.lint import Run, lint
from rolelint.reporters import full, sarif
from rolelint.standard import Standard
from rolelint.syntax.files import Input

SECRETS = {
    "brown-fox-jumps-7": "secret-in-template",
    "lazy-dog-sleeps-99": "secret-in-parameter-default",
    "dev-Dog-77": "secret-in-template",
    "Br0wn-Fox!9": "secret-in-environment",
    "Fox-Dog-4711": "password-in-address",
    "NotARealToken7ForTheTestsOfReports42": "known-token-format",
    "MIIEmadeUpByHandForTheTestsOfReports0987654321QRSTUVWxyzNoOneHasThisKey": "private-key-in-template",
}
TEMPLATE = """
Parameters:
  Stage: {Type: String, AllowedValues: [dev]}
  Token: {Type: String, NoEcho: true, Default: lazy-dog-sleeps-99}
Mappings: {Stages: {dev: {Password: dev-Dog-77}}}
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceClass: db.t4g.micro, MasterUserPassword: brown-fox-jumps-7}
  Cluster:
    Type: AWS::RDS::DBCluster
    Properties: {Engine: aurora-mysql, MasterUserPassword: !FindInMap [Stages, !Ref Stage, Password]}
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties: {ReplicationGroupDescription: sessions, AuthToken: !Ref Token}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      CodeUri: src/
      Environment:
        Variables:
          DB_PASSWORD: Br0wn-Fox!9
          DATABASE_URL: postgres://app:Fox-Dog-4711@db.internal.corp/orders
          NPM_TOKEN: npm_NotARealToken7ForTheTestsOfReports42
  Certificate:
    Type: AWS::IAM::ServerCertificate
    Properties:
      PrivateKey: |
        -----BEGIN PRIVATE KEY-----
        MIIEmadeUpByHandForTheTestsOfReports0987654321QRSTUVWxyzNoOneHasThisKey
        -----END PRIVATE KEY-----
"""


@pytest.fixture
def run(run_on: Callable[..., Run]) -> Run:
    return run_on({"template.yaml": TEMPLATE}, *SECRETS.values())


def test_each_secret_is_found_once(run: Run) -> None:
    assert sorted(one.rule for one in run.report.active) == sorted(SECRETS.values())


@pytest.mark.parametrize("secret", SECRETS)
def test_no_report_repeats_a_secret(run: Run, secret: str) -> None:
    assert secret not in full.render(run.report)
    assert secret not in sarif.render(run.report)


def test_a_secret_that_the_user_gives_a_parameter_stands_nowhere_in_the_template(rulebook: Rulebook) -> None:
    template = b"""
Parameters: {Password: {Type: String, NoEcho: true}}
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceClass: db.t4g.micro, MasterUserPassword: !Ref Password}
"""
    rules = tuple(rule for rule in rulebook.rules if rule.name in {"secret-in-template", "secret-in-parameter-default"})

    standard = Standard(rulebook, rules, {"Password": "correct-horse-7"})

    run = lint([Input("template.yaml", template, named=True)], standard.everywhere)

    assert list(run.report.active) == []


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "dbPassword", "API_KEY", "ApiKey", "client-secret", "GITHUB_TOKEN", "SECRET_KEY", "PASSWORD_2"]
)
def test_a_name_that_says_secret(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_ARN",
        "TOKEN_TTL",
        "PasswordMinLength",
        "NEXT_TOKEN",
        "PUBLIC_API_KEY",
        "SORT_KEY",
        "KEY",
        "CSRF_TOKEN",
        "USE_TOKEN",
    ],
)
def test_a_name_that_only_speaks_of_one(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize("value", ["Br0wn-Fox!9", "7f3b9c1e5a8d4f60b2c7e9d1", "q8R!tz0PxA2w", "grGmA8YH4KID2JquF10n6GFEG"])
def test_a_value_that_looks_like_a_secret(value: str) -> None:
    assert looks_secret(value)


@pytest.mark.parametrize(
    "value",
    [
        "true",
        "my-app-db-password",
        "prod/db/password-1",
        "MyDatabaseSecret",
        "12345678901",
        "arn:aws:kms:eu-west-1:111122223333:key/a1b2",
        "https://login.example.com/v2",
        "changeme-12!",
        "<token-123>",
        "${Token}-1!",
        "two words 12!",
        "aaaaaaaaaaaa1",
        "x1!" * 400,
    ],
)
def test_a_value_that_is_none(value: str) -> None:
    assert not looks_secret(value)


@pytest.mark.parametrize(
    "value", ["<password>", "****", "xxxxxxxx", "%TOKEN%", "{{password}}", "REPLACE_ME", "your-password", "dummy"]
)
def test_a_text_that_stands_for_a_secret(value: str) -> None:
    assert stands_for_something(value)


@pytest.mark.parametrize("value", ["changeme", "password", "Welcome2026", "${" * 100_000])
def test_a_text_that_would_be_the_password(value: str) -> None:
    assert not stands_for_something(value)
