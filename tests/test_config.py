"""Configuration: which file counts for which template, what it may say, and what wins over it."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_templates import OVERBROAD

from rolelint import config_file
from rolelint.cli import main
from rolelint.config import Glob, Settings, read_settings, settings_finder
from rolelint.config_file import SCHEMA
from rolelint.usage import UsageError

Captured = pytest.CaptureFixture[str]
OUTSIDER = """\
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {AWS: '111122223333'}, Action: 'sts:AssumeRole'}
"""
IGNORES = 'ignore = ["ALL"]\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a repository with templates at three depths."""
    root = tmp_path / "repository"
    for folder in (root / ".git", root / "apps" / "web"):
        folder.mkdir(parents=True)
    for folder in (root, root / "apps", root / "apps" / "web"):
        (folder / "t.yaml").write_text(OVERBROAD)
    monkeypatch.chdir(root)
    monkeypatch.delenv("ROLELINT_CONFIG", raising=False)
    return root


def files(path: str) -> tuple[str, ...]:
    return settings_finder()(path).files


@pytest.mark.usefixtures("tree")
def test_a_path_that_begins_with_two_slashes_ends_the_search_at_the_root() -> None:
    """POSIX lets // mean something of its own, so os.path keeps it; going up from there never arrives at /."""
    assert files("//nowhere/t.yaml") == ()


@pytest.mark.parametrize(
    ("there", "counts"),
    [
        ([], ()),
        (["rolelint.toml"], ("rolelint.toml",)),
        (["rolelint.toml", "apps/.rolelint.yaml"], ("apps/.rolelint.yaml",)),
        (["apps/web/.rolelint.yml", "apps/.rolelint.yaml"], ("apps/web/.rolelint.yml",)),
        (["rolelint.toml", ".rolelint.toml", ".rolelint.yaml"], (".rolelint.toml",)),
        ([".rolelint.yaml", "pyproject.toml"], (".rolelint.yaml",)),
        (["apps/pyproject.toml", "rolelint.toml"], ("apps/pyproject.toml",)),
        (["../rolelint.toml"], ()),
    ],
)
def test_the_nearest_file_in_the_repository_counts_whole(there: list[str], counts: tuple[str, ...], tree: Path) -> None:
    for name in there:
        text = "[tool.rolelint]\nstrict = true\n" if name.endswith("pyproject.toml") else ""
        (tree / name).write_text(text)

    assert files("apps/web/t.yaml") == counts


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "# rolelint\n[tool.other]\n"])
def test_a_pyproject_without_the_table_is_passed_over(text: str) -> None:
    Path("pyproject.toml").write_text(text)

    assert files("t.yaml") == ()


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    "text",
    [
        "[tool.rolelint]\nstrict = true",
        "[ tool . 'rolelint' ]\nstrict = true",
        "tool.rolelint.strict = true",
        "[tool]\nrolelint = {strict = true}",
        "tool = {rolelint = {strict = true}}",
        "[tool.rolelint.severity]\n",
    ],
)
def test_the_table_of_a_pyproject_is_found_however_it_is_written(text: str) -> None:
    Path("pyproject.toml").write_text(text)

    assert files("t.yaml") == ("pyproject.toml",)


def test_outside_a_repository_the_working_directory_is_the_last_place(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / ".git").rmdir()
    (tree / "rolelint.toml").write_text("")

    assert files("apps/web/t.yaml") == ("rolelint.toml",)
    monkeypatch.chdir(tree / "apps")
    assert files("web/t.yaml") == ()


def test_each_template_is_judged_by_its_own_configuration(tree: Path, capsys: Captured) -> None:
    (tree / "apps" / "rolelint.toml").write_text(IGNORES)
    (tree / "apps" / "web" / "rolelint.toml").write_text('[severity]\n"admin-*" = "low"\n')

    assert main([".", "--format", "concise"]) == 1

    first, second, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("apps/web/t.yaml:6:27: low[admin-managed-policy]")
    assert second.startswith("t.yaml:6:27: critical[admin-managed-policy]")


@pytest.mark.parametrize(
    ("said", "arguments", "code"),
    [
        (IGNORES, "", 0),
        (IGNORES, "--isolated", 1),
        (IGNORES, "--select admin-managed-policy", 1),
        (IGNORES, "--extend-select service-full-access", 0),
        ('select = ["admin-*"]', "--ignore admin-managed-policy", 0),
        ('select = ["passrole-any-role"]', "", 0),
        ('select = ["passrole-any-role"]\nextend-select = ["admin-managed-policy"]', "", 1),
        ('per-file-ignores = {"t.yaml" = ["ALL"]}', "", 0),
        ('per-file-ignores = {"apps/" = ["ALL"]}', "", 1),
        ('severity = {admin-managed-policy = "low"}\nfail-on = "medium"', "", 0),
        ('severity = {admin-managed-policy = "low"}\nfail-on = "medium"', "--fail-on low", 1),
        ('fail-on = "critical"', "", 1),
        ("strict = true", "", 1),
    ],
)
@pytest.mark.usefixtures("tree")
def test_the_command_line_wins_over_the_configuration(said: str, arguments: str, code: int) -> None:
    Path("rolelint.toml").write_text(said)

    assert main(["t.yaml", *arguments.split()]) == code


@pytest.mark.usefixtures("tree")
def test_a_severity_from_the_configuration_holds_for_all_that_a_rule_finds(capsys: Captured) -> None:
    statement = "{Effect: Allow, Action: 'sqs:CreateQueue', Resource: '*'}"
    Path("queue.yaml").write_text(
        f"Resources: {{P: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{PolicyDocument: {{Statement: {statement}}}}}}}}}"
    )

    assert main(["queue.yaml", "--select", "star-resource-write", "--fail-on", "medium"]) == 0
    Path("rolelint.toml").write_text('severity = {star-resource-write = "high"}')
    assert main(["queue.yaml", "--select", "star-resource-write", "--fail-on", "medium"]) == 1
    assert "high" in capsys.readouterr().out


@pytest.mark.usefixtures("tree")
def test_strictness_is_the_files_own(capsys: Captured) -> None:
    maybe = OVERBROAD.replace("[arn:aws:iam::aws:policy/AdministratorAccess]", "[!Ref P]").replace(
        "Resources:", "Parameters: {P: {Type: String, Default: 'arn:aws:iam::aws:policy/AdministratorAccess'}}\nResources:"
    )
    Path("t.yaml").write_text(maybe)
    Path("apps/t.yaml").write_text(maybe)
    Path("apps/rolelint.toml").write_text("strict = true")

    assert main(["t.yaml"]) == 0
    assert main(["t.yaml", "apps/t.yaml"]) == 1
    assert main(["t.yaml", "--strict"]) == 1
    assert "possible" in capsys.readouterr().out


@pytest.mark.usefixtures("tree")
def test_the_teams_own_accounts_are_let_in() -> None:
    Path("t.yaml").write_text(OUTSIDER)

    Path("rolelint.toml").write_text('trusted-accounts = ["999999999999"]')
    assert main(["t.yaml", "--select", "trust-other-account", "--strict"]) == 1
    Path("rolelint.toml").write_text('trusted-accounts = ["111122223333"]\norganization = "o-a1b2c3d4e5"')
    assert main(["t.yaml", "--select", "trust-other-account", "--strict"]) == 0


@pytest.mark.usefixtures("tree")
def test_parameters_come_from_files_then_the_table_then_the_command_line() -> None:
    Path("params").mkdir()
    Path("params/prod.json").write_text('{"A": "file", "B": "file", "C": "file"}')
    Path("more.json").write_text('{"C": "option"}')
    Path("apps/rolelint.yaml").write_text("")
    Path("rolelint.toml").write_text('parameter-files = ["params/prod.json"]\nparameters = {B = 1, D = true}')
    template = "Parameters: {A: {Type: String}, B: {Type: String}, C: {Type: String}, D: {Type: String}}\n" + OVERBROAD
    Path("t.yaml").write_text(template)

    settings = given_settings("t.yaml", "--parameters", "more.json")

    assert settings.parameters == {"A": "file", "B": "1", "C": "option", "D": "true"}
    assert settings.origins["parameters"] == "rolelint.toml:2, --parameters"


def given_settings(path: str, *arguments: str) -> Settings:
    from rolelint.commands.check import parser  # noqa: PLC0415 - the one test that looks inside
    from rolelint.commands.settings import asked_settings  # noqa: PLC0415 - likewise

    return asked_settings(parser().parse_args([path, *arguments]))(path)


@pytest.mark.usefixtures("tree")
def test_what_a_directory_holds_may_be_excluded(capsys: Captured) -> None:
    Path("rolelint.toml").write_text('exclude = ["apps/**/t.yaml", "vendor/"]')

    main([".", "--format", "concise", "-v"])
    shown = capsys.readouterr()

    assert shown.out.startswith("t.yaml:6:")
    assert "note: apps/web/t.yaml: skipped: excluded by rolelint.toml:1" in shown.err
    assert main(["apps/t.yaml"]) == 1, "who names a file means it"
    assert main(["apps/t.yaml", "--force-exclude"]) == 0


@pytest.mark.usefixtures("tree")
def test_a_file_replaces_the_keys_of_what_it_extends() -> None:
    Path("team").mkdir()
    Path("team/base.yaml").write_text("ignore: [admin-managed-policy]\nstrict: true\nexclude: [old/]\n")
    Path("team/rules").mkdir()
    Path("apps/rolelint.toml").write_text('extend = "../team/base.yaml"\nignore = []\n')

    settings = read_settings("apps/rolelint.toml")

    assert settings.ignore == ()
    assert settings.strict
    assert settings.exclude == (Glob(str(Path("team").absolute()), "old/"),), "relative to the file that says so"
    assert settings.files == ("apps/rolelint.toml", "team/base.yaml")
    assert settings.origins == {
        "ignore": "apps/rolelint.toml:2",
        "strict": "team/base.yaml:2",
        "exclude": "team/base.yaml:3",
    }


WRONG = [
    ("rolelint.toml", 'selct = ["x"]', "rolelint.toml:1: unknown key 'selct'", "did you mean select?"),
    ("rolelint.toml", "\nzzz = 1", "rolelint.toml:2: unknown key 'zzz'", "known are extend, select, "),
    (".rolelint.yaml", "strict: true\nfail_on: low", ".rolelint.yaml:2: unknown key 'fail_on'", "did you mean fail-on?"),
    ("rolelint.toml", 'strict = "yes"', "rolelint.toml:1: strict must be true or false", "strict: whether possible findings"),
    ("rolelint.toml", 'select = "ALL"', "rolelint.toml:1: select must be a list", "select: only these rules"),
    ("rolelint.toml", "[severity]\nx = 'hihg'", "rolelint.toml:2: severity.x must be one of info, low,", "did you mean high?"),
    (
        ".rolelint.yaml",
        "trusted-accounts:\n  - 123456789012",
        ".rolelint.yaml:2: trusted-accounts must be text of the form",
        "in quotes",
    ),
    ("rolelint.toml", "organization = 'r-1'", "rolelint.toml:1: organization must be text of the form", "o-a1b2c3d4e5"),
    ("rolelint.toml", "parameters = {A = []}", "rolelint.toml:1: parameters.A must be text or a number or true", "parameters: "),
    ("rolelint.toml", "a = \n", "rolelint.toml:1: not TOML: invalid value", "https://toml.io"),
    (".rolelint.yaml", "a: [", ".rolelint.yaml:1: not YAML: ", "https://yaml.org"),
    (
        ".rolelint.yaml",
        "strict: true\nstrict: false",
        ".rolelint.yaml:1: the key strict stands again further down",
        "write each key once",
    ),
    (".rolelint.yaml", "- a", ".rolelint.yaml:1: a configuration must be a table", ""),
    ("pyproject.toml", "[tool.rolelint]\nselct = 1", "pyproject.toml:2: unknown key 'selct'", "did you mean select?"),
    ("pyproject.toml", "[tool]\nrolelint = 1", "pyproject.toml:2: a configuration must be a table", ""),
    ("rolelint.toml", 'ignore = ["passrole"]', "rolelint.toml:1: there is no rule named 'passrole'", "did you mean passrole-"),
    ("rolelint.toml", 'ignore = ["zzz-*"]', "rolelint.toml:1: there is no rule named 'zzz-*'", "rolelint rule --all"),
    ("rolelint.toml", '[severity]\nnone-such = "low"', "rolelint.toml:1: there is no rule named 'none-such'", ""),
    ("rolelint.toml", 'per-file-ignores = {"*" = ["x"]}', "rolelint.toml:1: there is no rule named 'x'", ""),
    ("rolelint.toml", 'rules = ["none"]', "rolelint.toml:1: there is no none", "relative to the file that names them"),
    ("rolelint.toml", 'rules = ["../outside"]', "rolelint.toml:1: ../outside lies outside", "name it on the command line"),
    ("rolelint.toml", 'parameter-files = ["/etc/passwd"]', "rolelint.toml:1: /etc/passwd lies outside", "on the command line"),
    ("rolelint.toml", 'parameter-files = ["t.yaml"]', "t.yaml:1: not JSON", "values come as"),
    ("rolelint.toml", 'extend = "../base.toml"', "rolelint.toml:1: ../base.toml lies outside", ""),
    (
        "rolelint.toml",
        'extend = "rolelint.toml"',
        "rolelint.toml:1: it extends itself: rolelint.toml → rolelint.toml",
        "lead back",
    ),
    ("rolelint.toml", "\udcff", "rolelint.toml: not text", "UTF-8"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=[f"{name} {text!r}" for name, text, *_ in WRONG])
def test_a_mistake_in_a_configuration_is_told_by_its_line_and_never_opens_a_gate(
    wrong: tuple[str, str, str, str], tree: Path, capsys: Captured
) -> None:
    name, text, said, advice = wrong
    (tree / name).write_bytes(text.encode("utf-8", "surrogateescape"))

    assert main(["t.yaml", "--exit-zero"]) == 2

    error, help_, *rest = capsys.readouterr().err.splitlines()
    assert error.startswith(f"error: {said}")
    assert help_.startswith("help: ")
    assert advice in help_
    assert rest == []


def test_a_link_that_leads_out_of_the_repository_is_not_read(tree: Path, capsys: Captured) -> None:
    (tree.parent / "secret.toml").write_text("password = 1\n")
    (tree / "rolelint.toml").symlink_to("../secret.toml")

    assert main(["t.yaml"]) == 2

    assert capsys.readouterr().err.startswith("error: rolelint.toml: a link that leads out of ")


def test_a_link_to_nothing_is_a_mistake_and_not_a_missing_configuration(tree: Path, capsys: Captured) -> None:
    (tree / "rolelint.toml").symlink_to("moved.toml")

    assert main(["t.yaml"]) == 2

    assert capsys.readouterr().err.startswith("error: rolelint.toml: a link to a file that is not there")


def test_one_mistake_below_stops_the_run_before_it_reports(tree: Path, capsys: Captured) -> None:
    (tree / "apps" / "web" / "rolelint.toml").write_text("strict = 1")

    assert main(["."]) == 2
    assert capsys.readouterr().out == ""


def test_isolated_looks_at_no_file_and_no_variable(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "rolelint.toml").write_text("strict = 1")
    monkeypatch.setenv("ROLELINT_CONFIG", "nowhere.toml")

    assert main(["t.yaml", "--isolated"]) == 1
    assert main(["t.yaml"]) == 2


def test_one_file_may_be_named_for_all(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "rolelint.toml").write_text("strict = 1")
    (tree / "ci.yaml").write_text("ignore: [ALL]")

    assert main(["t.yaml", "--config", "ci.yaml"]) == 0
    assert main(["t.yaml", "--config", "ci.yaml", "--isolated"]) == 0
    monkeypatch.setenv("ROLELINT_CONFIG", "ci.yaml")
    assert main(["t.yaml"]) == 0


@pytest.mark.parametrize(
    ("glob", "path", "stands"),
    [
        ("t.yaml", "apps/web/t.yaml", True),
        ("*.json", "apps/t.yaml", False),
        ("apps/", "apps/web/t.yaml", True),
        ("apps/", "t.yaml", False),
        ("apps/*.yaml", "apps/web/t.yaml", False),
        ("apps/**/*.yaml", "apps/web/t.yaml", True),
        ("./t.yaml", "t.yaml", True),
        ("/".join(["**"] * 40) + "/x", "apps/web/t.yaml", False),
    ],
)
def test_a_glob_is_for_paths_below_its_folder(glob: str, path: str, stands: bool, tree: Path) -> None:  # noqa: FBT001
    assert Glob(str(tree), glob).matches(path) is stands


def test_settings_are_shown_with_where_they_come_from(tree: Path, capsys: Captured) -> None:
    (tree / "rolelint.toml").write_text('fail-on = "high"\nper-file-ignores = {"x/*" = ["ALL"]}\n')
    (tree / "apps" / "rolelint.toml").write_text("")

    assert main([".", "--show-settings", "--ignore", "passrole-any-role", "--format", "json=out.json"]) == 0

    first, second = capsys.readouterr().out.split("\n\n")
    assert first.startswith("apps/t.yaml and 1 more: apps/rolelint.toml\n")
    assert second.startswith("t.yaml: rolelint.toml\n")
    rows = [line.split() for line in second.splitlines()[1:]]
    assert ["fail-on", '"high"', "rolelint.toml:1"] in rows
    assert ["per-file-ignores", '{"x/*"', "=", '["ALL"]}', "rolelint.toml:2"] in rows
    assert ["ignore", '["passrole-any-role"]', "--ignore"] in rows
    assert ["strict", "false", "default"] in rows
    assert ["format", '"json=out.json"', "--format"] in rows
    assert {row[0] for row in rows} == {*json.loads(Path(SCHEMA).read_text())["properties"], "format"} - {"extend"}


# -- The schema ---------------------------------------------------------------------------------------------------------


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    return loaded


def test_the_schema_is_one_and_describes_all_settings() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())

    settings = {name.replace("_", "-") for name in Settings._fields} - {"files", "origins"}
    assert set(schema()["properties"]) == {*settings, "extend"}
    assert [key for key, value in schema()["properties"].items() if not value["description"]] == []


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "low", "high", "hgh", "ALL", "123456789012", "12", "123456789012\n", "o-a1b2c3d4e5", "o-", "t.yaml"])
)
VALUES = (
    SCALARS
    | st.lists(SCALARS, max_size=2)
    | st.dictionaries(st.sampled_from(["a", "*.yaml"]), SCALARS | st.lists(SCALARS, max_size=2), max_size=2)
)
KEYS = st.sampled_from([*json.loads(Path(SCHEMA).read_text(encoding="utf-8"))["properties"], "selct"])


@given(st.dictionaries(KEYS, VALUES, max_size=3) | SCALARS)
def test_the_loader_refuses_just_what_the_schema_does(data: Any) -> None:  # noqa: ANN401 - whatever a file may hold
    wrong = list(config_file._wrong(data, schema(), ()))  # noqa: SLF001 - what the schema is held against

    assert bool(wrong) is not jsonschema.Draft202012Validator(schema()).is_valid(data)


def test_yaml_and_toml_say_the_same(tree: Path) -> None:
    (tree / "a.toml").write_text('select = ["a", "b"]\nstrict = true\n[parameters]\nA = "1"\nB = 2\nC = false\nD = 0.5\n')
    (tree / "a.yaml").write_text("select: [a, 'b']\nstrict: true\nparameters: {A: '1', B: 2, C: false, D: .5}\n")

    toml, yaml = read_settings("a.toml"), read_settings("a.yaml")

    assert toml._replace(files=(), origins={}) == yaml._replace(files=(), origins={})
    assert toml.parameters == {"A": "1", "B": "2", "C": "false", "D": "0.5"}


def test_a_file_that_says_nothing_is_a_configuration(tree: Path) -> None:
    for name in ("rolelint.toml", ".rolelint.yaml"):
        (tree / name).write_text("# nothing yet\n")
        assert read_settings(name) == Settings(files=(name,))


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml: no such file"):
        read_settings("nowhere.toml")


# -- The page about it --------------------------------------------------------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("tree")
def test_the_examples_of_the_page_are_one_configuration_in_two_words() -> None:
    said = dict(re.findall(r"```(toml|yaml)\n(.*?)```", PAGE, re.DOTALL))
    Path("rolelint.toml").write_text(said["toml"])
    Path(".rolelint.yaml").write_text(said["yaml"])

    toml, yaml = read_settings("rolelint.toml"), read_settings(".rolelint.yaml")

    assert toml._replace(files=(), origins={}) == yaml._replace(files=(), origins={})
    assert toml.ignore == ("fixed-identity-name",)
    assert main(["t.yaml"]) == 1, "the rules that it names are there"


def test_the_page_has_every_key_as_the_schema_describes_it() -> None:
    described = {key: value["description"] for key, value in schema()["properties"].items()}

    assert dict(re.findall(r"^\| `([\w-]+)` \| (.+) \|$", PAGE, re.MULTILINE)) == described
