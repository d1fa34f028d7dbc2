"""Every option of every command does what its help says: one row or more for each, and no option without a row."""

import contextlib
import io
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from made_templates import OVERBROAD, POSSIBLE

from rolelint.cli import COMMANDS, main
from rolelint.commands.console import Parser
from rolelint.commands.output import FORMATS

SUPPRESSED = "    Metadata: {cfn_nag: {rules_to_suppress: [{id: W43, reason: ours}]}}\n    Properties:"
PURGES = """\
Resources:
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: {Effect: Allow, Action: 'sqs:PurgeQueue', Resource: '*'}}
"""
FILES = {
    "purges.yaml": PURGES,
    "own.toml": 'rules = ["own"]\n',
    "bad.yaml": OVERBROAD,
    "maybe.yaml": POSSIBLE,
    "excused.yaml": OVERBROAD.replace("Access]", "Access] # rolelint: ignore[admin-managed-policy] for now"),
    "foreign.yaml": OVERBROAD.replace("    Properties:", SUPPRESSED),
    "other.yaml": "a: 1\n",
    "hidden.yaml": OVERBROAD,
    ".gitignore": "hidden.yaml\n",
    "star.json": '{"Target": "*"}',
    "some.toml": 'ignore = ["admin-managed-policy"]\n',
    "inner/rolelint.toml": 'ignore = ["ALL"]\n',
    "inner/bad.yaml": OVERBROAD,
}

# What is asked; the exit code; and what is told, on standard output, standard error or in the file "out".
CHECK = [
    ("-h", 0, "--help explains each option"),
    ("--help", 0, "--stdin-filename NAME"),
    ("--version", 0, "AWS managed policies of"),
    ("inner --exclude bad.yaml", 2, "no template in inner (1 file looked at)"),
    ("bad.yaml --exclude bad.yaml", 1, "admin-managed-policy"),
    ("bad.yaml --exclude bad.yaml --force-exclude -v", 0, "note: bad.yaml: skipped: excluded by --exclude"),
    (". --format concise --no-respect-gitignore", 1, "hidden.yaml:6:"),
    ("- --format concise --stdin-filename templates/x.yaml", 1, "templates/x.yaml:6:"),
    ("maybe.yaml --format concise --parameters star.json", 1, "high[passrole-any-role] whoever holds P may pass any role"),
    ("maybe.yaml --format concise --parameter Target=*", 1, "high[passrole-any-role] whoever holds P may pass any role"),
    ("bad.yaml --select passrole-any-role", 0, "No overbroad grants"),
    ("bad.yaml --select passrole-* --extend-select admin-managed-policy", 1, "admin-managed-policy"),
    ("bad.yaml --ignore *", 0, "No overbroad grants"),
    ("purges.yaml --rules own --select no-purge", 1, "medium[no-purge]: whoever holds P may empty any queue"),
    ("excused.yaml --no-ignores", 1, "admin-managed-policy"),
    ("foreign.yaml --select admin-managed-policy --foreign-ignores", 0, "1 suppressed"),
    ("bad.yaml --with-parliament", 2, "help: pip install 'rolelint[parliament]' installs it"),
    ("bad.yaml --private-auditors own", 2, "error: own: there is no auditor in it"),
    ("bad.yaml --config some.toml --show-settings", 0, '["admin-managed-policy"]                           some.toml:1'),
    ("inner --isolated", 1, "admin-managed-policy"),
    ("bad.yaml --fail-on critical", 1, "admin-managed-policy"),
    ("maybe.yaml --fail-on critical --strict", 0, "passrole-any-role"),
    ("maybe.yaml --strict", 1, "passrole-any-role"),
    ("bad.yaml -e", 0, "admin-managed-policy"),
    ("bad.yaml --exit-zero", 0, "admin-managed-policy"),
    ("bad.yaml --baseline accepted.json", 0, "baselined"),
    ("bad.yaml --diff-base HEAD", 0, "baselined"),
    ("bad.yaml --format concise --format json=out", 1, '"version": 1'),
    ("bad.yaml --output-file out", 1, "admin-managed-policy"),
    ("bad.yaml -o out --format csv", 1, "admin-managed-policy"),
    ("bad.yaml --statistics", 1, "     1  critical  admin-managed-policy: AdministratorAccess is attached"),
    ("bad.yaml --color always", 1, "\x1b["),
    ("other.yaml -q", 0, ""),
    ("other.yaml --quiet", 0, ""),
    ("other.yaml -v", 0, "note: other.yaml: skipped: "),
    ("other.yaml --verbose", 0, "note: other.yaml: skipped: "),
    ("inner other.yaml --show-files", 0, "inner/bad.yaml  (inner/rolelint.toml)\n"),
    ("nope.yaml --show-files", 2, "error: nope.yaml: no such file"),
    ("inner --show-settings", 0, 'ignore             ["ALL"]                                            inner/rolelint.toml:1'),
]
INSPECT = [
    ("-h", 0, "usage: rolelint inspect"),
    ("--help", 0, "usage: rolelint inspect"),
    ("bad.yaml --format json", 0, '"places"'),
    ("maybe.yaml --format json --parameters star.json", 0, '"*"'),
    ("maybe.yaml --format json --parameter Target=*", 0, '"*"'),
    ("bad.yaml --config missing.toml", 2, "error: missing.toml: no such file or directory"),
    ("bad.yaml --isolated", 0, "R  AWS::IAM::Role"),
]
RULES = [
    ("-h", 0, "usage: rolelint rule"),
    ("--help", 0, "usage: rolelint rule"),
    ("--all", 0, "passrole-any-role"),
    ("passrole-any-role --format json", 0, '"theme": "passrole"'),
    ("no-purge --rules own", 0, "no-purge: sqs:PurgeQueue is allowed"),
    ("no-purge --config own.toml", 0, "no-purge: sqs:PurgeQueue is allowed"),
    ("no-purge --isolated", 2, "there is no rule named 'no-purge'"),
]
NEW = [
    ("-h", 0, "usage: rolelint rule new"),
    ("--help", 0, "usage: rolelint rule new"),
    ("no-purge --dir mine", 0, "mine/no-purge.yaml: change it, then run its examples: rolelint rule test mine/no-purge.yaml"),
]
TEST = [
    ("-h", 0, "usage: rolelint rule test"),
    ("--help", 0, "usage: rolelint rule test"),
    ("own -q", 0, "3 of 3 examples right, 1 rule.\n"),
    ("own --quiet", 0, "3 of 3 examples right, 1 rule.\n"),
]
BASELINE = [
    ("-h", 0, "usage: rolelint baseline"),
    ("--help", 0, "usage: rolelint baseline"),
    ("bad.yaml --output out", 0, "out: 1 accepted"),
    ("other.yaml bad.yaml --output accepted.json --update", 0, "accepted.json: 1 accepted, 0 of them new, 0 gone"),
    ("maybe.yaml --output accepted.json --add", 0, "accepted.json: 2 accepted, 1 of them new, 0 gone"),
]
MIGRATE = [
    ("-h", 0, "usage: rolelint migrate"),
    ("--help", 0, "usage: rolelint migrate"),
    ("foreign.yaml --write", 0, "1 suppression in 1 file rewritten"),
    ("foreign.yaml --keep", 0, "+"),
]
COMPLETION = [
    ("-h", 0, "usage: rolelint completion"),
    ("--help", 0, "usage: rolelint completion"),
    ("bash", 0, "complete -o default -o bashdefault -F _rolelint rolelint"),
    ("zsh", 0, "bashcompinit"),
    ("fish", 0, "complete -c rolelint"),
]
ROWS = {
    "check": CHECK,
    "inspect": INSPECT,
    "rule": RULES,
    "rule new": NEW,
    "rule test": TEST,
    "baseline": BASELINE,
    "migrate": MIGRATE,
    "completion": COMPLETION,
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with templates, a baseline, configuration and a rule of a team's own."""
    root = tmp_path_factory.mktemp("repository")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    with contextlib.chdir(root), contextlib.redirect_stdout(io.StringIO()):
        main(["rule", "new", "no-purge", "--dir", "own"])
        main(["baseline", "bad.yaml", "--output", "accepted.json"])
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-C", str(root)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    return root


@pytest.mark.parametrize(
    ("command", "words", "code", "told"),
    [pytest.param(name, *row, id=f"{name} {row[0]}") for name, rows in ROWS.items() for row in rows],
)
def test_an_option_does_what_its_help_says(  # noqa: PLR0913, PLR0917 - four columns and three fixtures
    command: str,
    words: str,
    code: int,
    told: str,
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    here = shutil.copytree(repository, tmp_path / "here")
    monkeypatch.chdir(here)
    monkeypatch.setitem(sys.modules, "parliament", None)  # whether it is installed or not
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(OVERBROAD.encode())))

    assert exit_code([*command.split(), *words.split()]) == code

    shown = capsys.readouterr()
    written = (here / "out").read_text() if (here / "out").exists() else ""
    assert told in shown.out + shown.err + written
    assert bool(shown.out + shown.err + written) is bool(told), "what tells nothing is silent"


def exit_code(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as end:  # how argparse ends after help
        return int(end.code or 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_row(command: str) -> None:
    asked = {word for name in (command, *SHARED.get(command, ())) for words, *_ in ROWS[name] for word in words.split()}

    assert options_of(command) - asked == set()


SHARED = {"baseline": ["check"], "migrate": ["check"]}
"""Commands that lint as another one does, with the same options."""


def options_of(command: str) -> set[str]:
    parser = import_module(f"rolelint.commands.{command.replace(' ', '_')}").parser()
    assert isinstance(parser, Parser)
    listed = parser.format_help()
    return {option for option in parser._option_string_actions if option in listed}  # noqa: SLF001 - argparse lists them nowhere else


@pytest.mark.parametrize("command", COMMANDS)
def test_short_help_fits_a_screen_and_names_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code([*command.split(), "-h"])

    shown = capsys.readouterr().out
    assert shown.count("\n") <= 50
    assert max(map(len, shown.splitlines())) <= 120
    assert [name for name in options_of(command) if name.startswith("--") and name not in shown] == []


def test_help_names_every_command_and_every_format() -> None:
    parser = import_module("rolelint.commands.check").parser()

    shown = parser.format_help()

    assert [name for name in COMMANDS if name != "check" and f"rolelint {name}" not in shown] == []
    assert [name for name in FORMATS if name != "statistics" and name not in shown] == []


COMPLETED = [
    ([""], {"check", "rule", "--fail-on"}),
    (["--fail-on", ""], {"info", "critical"}),
    (["rule", "passrole-any"], {"passrole-any-role"}),
    (["rule", "new", "--d"], {"--dir"}),
    (["check", "--select", "passrole-any-r"], {"passrole-any-role"}),
    (["completion", ""], {"bash", "zsh", "fish"}),
    (["--format", "sar"], {"sarif"}),
]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash itself says what it would complete")
@pytest.mark.parametrize(("words", "offered"), COMPLETED)
def test_bash_completes_commands_options_and_names_of_rules(
    words: list[str], offered: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["completion", "bash"])
    script = capsys.readouterr().out + 'COMP_WORDS=(rolelint "$@"); COMP_CWORD=$#; _rolelint; printf "%s\\n" "${COMPREPLY[@]}"'

    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)

    assert offered <= set(done.stdout.split())
    assert done.stderr == ""
