"""Where permissions are written: by the tables of cases, and the shipped tables by their own rules."""

from pathlib import Path
from re import compile as pattern
from typing import Any

import pytest
import yaml

from rolelint.catalogue import actions
from rolelint.iam import places
from rolelint.iam.permissions import missing_source, read_place
from rolelint.iam.places import DOCUMENTS, HOLDERS, KINDS, SHAPES, Place, attached_to, locate
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Mapping
from rolelint.syntax.source import Problem, Source
from rolelint.syntax.yaml_reader import read_yaml
from rolelint.template.evaluate import Scope
from rolelint.template.references import is_known
from rolelint.template.template import Template, build
from rolelint.template.values import Unknown

HERE = Path(__file__).parent
HEAD = (
    "Parameters: {Env: {Type: String}, Acl: {Type: String, AllowedValues: [Private, PublicRead, AuthenticatedRead]}}\n"
    "Conditions: {Prod: !Equals [!Ref Env, prod], Dev: !Equals [!Ref 'AWS::Region', eu-west-1]}\n"
)
PLACES = [line.split("\t") for line in (Path(places.HERE) / "places.tsv").read_text(encoding="ascii").splitlines()]
GRANTS = [line.split("\t") for line in (Path(places.HERE) / "grants.tsv").read_text(encoding="ascii").splitlines()]
KEY = r"[\w-]+(?:/(?:[\w-]+|\*|\{\}))*"


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((HERE / "cases" / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in read]


def template(resources: str) -> Template:
    indented = "".join(f"  {line}\n" for line in resources.splitlines())
    source = Source("template.yaml", f"{HEAD}Resources:\n{indented}")
    root, _ = read_yaml(source)
    assert isinstance(root, Mapping)
    return build(source, root)


def located(known: Template) -> list[Place]:
    return list(locate(known.resources["X"], Scope(known), KINDS, besides=True))


def shown(place: Place) -> str:
    unknown = "unknown " if isinstance(place.node, Unknown) else ""
    when = " if " + " ".join(map(str, sorted(place.when))) if place.when else ""
    return f"{unknown}{place.row.kind} at {'/'.join(place.path) or '.'}{when}"


@pytest.mark.parametrize("case", cases("places.yaml"))
def test_a_place_is_found_by_every_way_that_leads_there(case: dict[str, Any]) -> None:
    known = template(case["resources"])
    found = located(known)

    assert [shown(place) for place in found] == case["places"]
    if "attached" in case:
        assert list(attached_to(found[0], known)) == case["attached"]


def said(statement: Statement) -> str:
    principals = [
        f"{one.kind} {one.text}" + (f" ({' '.join(map(str, one.when))})" if one.when else "") for one in statement.principals
    ]
    listed = [", ".join(str(one.text) for one in patterns) for patterns in (statement.actions, statement.resources)]
    conditions = [
        f" if {one.operator} {one.key} {', '.join(str(value.text) for value in one.values)}" for one in statement.conditions
    ]
    verb = "may" if statement.allows else "may not"
    rest = ", and something unknown" if statement.unknown else ""
    return f"{', '.join(principals) or 'nobody'} {verb} {listed[0]} on {listed[1] or 'nothing'}{''.join(conditions)}{rest}"


@pytest.mark.parametrize("case", cases("grants.yaml"))
def test_a_grant_says_what_its_fields_amount_to(case: dict[str, Any]) -> None:
    known = template(case["resources"])
    problems: list[Problem] = []
    statements = [
        statement
        for place in located(known)
        for document in read_place(place, known, problems)
        for statement in document.statements
    ]

    assert [said(statement) for statement in statements] == case["says"]
    assert problems == []
    assert [name for statement in statements for name in missing_source(statement)] == case.get("missing", [])


def test_a_grant_points_at_the_properties_that_it_is_read_from() -> None:
    known = template("X: {Type: AWS::Lambda::Permission, Properties: {FunctionName: f, Action: a, Principal: '*'}}")
    (document,) = read_place(located(known)[0], known, [])

    spans = {name: span.text for name, span in document.statements[0].element_spans}
    assert spans == {"Action": "Action", "Principal": "Principal", "Resource": "FunctionName"}


def test_only_what_holds_permissions_in_its_own_right_is_found_unless_more_is_asked_for() -> None:
    function = template("X: {Type: AWS::Serverless::Function, Properties: {Policies: [ReadOnlyAccess], PermissionsBoundary: b}}")
    profile = template("X: {Type: AWS::RolesAnywhere::Profile, Properties: {ManagedPolicyArns: [a], RoleArns: [r]}}")
    bucket = template("X: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: b, PolicyDocument: {}}}")

    assert [list(locate(known.resources["X"], Scope(known))) for known in (function, profile, bucket)] == [[], [], []]
    assert [len(located(known)) for known in (function, profile, bucket)] == [2, 1, 1]


def test_the_table_of_places_is_sorted_and_has_each_place_once() -> None:
    assert sorted(PLACES) == PLACES
    assert len({(kind, path) for kind, path, *_ in PLACES}) == len(PLACES)


def test_every_place_is_of_a_kind_a_shape_and_an_encoding_that_the_table_explains() -> None:
    assert {kind for _, _, kind, *_ in PLACES} | {"unclassified_policy"} == KINDS | {"not_iam"}
    assert {shape for _, _, _, _, shape, *_ in PLACES} == SHAPES
    assert {encoding for _, _, _, encoding, *_ in PLACES} == {"object", "string", "either"}
    assert HOLDERS | DOCUMENTS < KINDS


@pytest.mark.parametrize(("column", "allowed"), [(1, rf"\.|{KEY}"), (5, rf'|self|"[^"]+"|AWS::\w+::\w+|{KEY}(?: {KEY})*')])
def test_every_path_can_be_followed(column: int, allowed: str) -> None:
    assert [line for line in PLACES if not pattern(allowed).fullmatch(line[column])] == []


def test_every_restriction_is_one_that_the_table_explains() -> None:
    allowed = pattern(r"(?:(?:expanded|narrows)(?: |$))?(?:\w*=\w+(?:\|\w+)*|!\w+)?")

    assert [line for line in PLACES if not allowed.fullmatch(line[6])] == []


def test_links_name_types_and_every_type_is_known() -> None:
    types = {kind for kind, *_ in PLACES} | {line[5] for line in PLACES if line[2] == "attachment_link"}

    assert [kind for kind in types if not is_known(kind)] == []


def test_every_line_about_fields_is_about_a_grant() -> None:
    grants = {(kind, path) for kind, path, called, *_ in PLACES if called == "grant"}

    assert sorted(GRANTS) == GRANTS
    assert {(kind, path) for kind, path, *_ in GRANTS} <= grants


def test_the_actions_that_a_grant_stands_for_exist() -> None:
    named = [action for _, _, listed, *_ in GRANTS for action in listed.split(" ") if ":" in action]

    assert named
    assert [name for name in named if actions.find(name) is None] == []
