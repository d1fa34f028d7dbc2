"""The files by which other programs start rolelint do what docs/integrations.md says, run as those programs run them."""

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_reports import found, reported

from rolelint.commands import check
from rolelint.reporters import concise

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GOOD = (ROOT / "sample_templates" / "instance-role-least-privilege.yaml").read_text(encoding="utf-8")
BAD = (ROOT / "sample_templates" / "instance-role-overbroad.yaml").read_text(encoding="utf-8")
POSSIBLE = """\
Parameters:
  Target: {Type: String, Default: "*"}
Resources:
  Deployer:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: codebuild.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: deploy
          PolicyDocument:
            Statement: {Effect: Allow, Action: iam:PassRole, Resource: !Ref Target}
"""
HOSTILE = "$(touch pwned) `touch pwned`\n'; touch pwned; '\n\"; touch pwned; \"\n--exit-zero\n"


def documents(path: str) -> list[Any]:
    return list(yaml.safe_load_all((ROOT / path).read_text(encoding="utf-8")))


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A script run as CI runs it, with ``rolelint`` on the path."""
    program = folder / "bin" / "rolelint"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rolelint "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src"), **variables}
    bash = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    return subprocess.run(bash, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a good and a bad template and files that are none."""
    for name, text in {
        "good.yaml": GOOD,
        "bad one.yaml": BAD,
        "compose.yaml": "services: {}\n",
        "data.json": "{}",
        "a.txt": BAD,
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


# pre-commit


@pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed")
def test_the_hook_fails_on_a_bad_template_and_passes_over_other_files(project: Path) -> None:
    """The hook as pre-commit runs it; only the environment is this one, because a new one would need the network."""
    (hook,) = documents(".pre-commit-hooks.yaml")[0]
    assert hook["entry"].startswith("rolelint ")
    entry = f"{shlex.quote(sys.executable)} -m {hook['entry']}"
    local = {"repo": "local", "hooks": [{**hook, "entry": entry, "language": "system"}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [local]}), encoding="utf-8")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(project / "home"), "PYTHONPATH": str(ROOT / "src")}
    for command in (["init", "-q"], ["add", "good.yaml", "bad one.yaml", "compose.yaml", "data.json", "a.txt"]):
        subprocess.run(["git", *command], cwd=project, check=True)

    def run(*files: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--files", *files]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)

    failed = run("good.yaml", "bad one.yaml", "compose.yaml", "data.json", "a.txt")
    assert failed.returncode == 1
    assert "--> bad one.yaml:19:11" in failed.stdout
    assert "2 files skipped." in failed.stdout, "the text file was not passed on"
    assert run("good.yaml", "compose.yaml").returncode == 0


# GitHub


def steps() -> list[dict[str, Any]]:
    (action,) = documents("action.yml")
    return list(action["runs"]["steps"])


def lint_as_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATHS": ".", "FAIL_ON": "low", "STRICT": "false", "TRUST_BRANCH": "true", "SARIF": ""} | inputs
    return shell(
        # Where the action installs itself, the checkout stands in.
        steps()[-1]["run"].replace('"$RUNNER_TEMP/rolelint"', shlex.quote(str(ROOT / "src"))),
        folder,
        PYTHON=sys.executable,
        GITHUB_STEP_SUMMARY=str(folder / "summary.md"),
        **{f"INPUT_{name}": value for name, value in variables.items()},
    )


def test_no_input_of_the_action_becomes_part_of_a_script() -> None:
    for step in steps():
        assert "${{" not in step.get("run", "")
    (action,) = documents("action.yml")
    given = {value for step in steps() for value in step.get("env", {}).values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} <= given


def test_every_action_that_is_used_is_pinned_and_every_script_has_its_shell() -> None:
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps() if "uses" in step)
    assert {step["shell"] for step in steps() if "run" in step} == {"bash"}


def test_the_action_annotates_writes_its_summary_and_fails(project: Path) -> None:
    done = lint_as_action(project, PATHS="good.yaml\n\nbad one.yaml\n", SARIF="out.sarif")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=bad one.yaml,line=19,")
    assert "| high |" in (project / "summary.md").read_text(encoding="utf-8")
    assert json.loads((project / "out.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_the_action_passes_on_what_is_asked(project: Path) -> None:
    """A threshold, possible findings, and a branch that excuses itself."""
    assert lint_as_action(project, PATHS="bad one.yaml", FAIL_ON="critical").returncode == 0
    excused = BAD.replace("CloudWatchLogsFullAccess\n", "CloudWatchLogsFullAccess # rolelint: ignore[service-full-access] so\n")
    possible = excused.replace(
        "WebServerRole:", "Open:\n    Type: AWS::IAM::Role\n    Properties:\n      x: y\n  WebServerRole:", 1
    )
    (project / "excused.yaml").write_text(excused, encoding="utf-8")
    assert possible
    assert lint_as_action(project, PATHS="excused.yaml").returncode == 0
    assert lint_as_action(project, PATHS="excused.yaml", TRUST_BRANCH="false").returncode == 1


@pytest.mark.parametrize("name", ["PATHS", "FAIL_ON", "STRICT", "TRUST_BRANCH", "SARIF"])
def test_a_hostile_input_runs_nothing(name: str, project: Path) -> None:
    lint_as_action(project, **{name: HOSTILE})
    assert not (project / "pwned").exists()


# GitLab


def test_the_gitlab_job_writes_a_code_quality_report_and_fails(project: Path) -> None:
    job = documents("docs/gitlab-ci.yml")[1]["rolelint"]
    install, lint = job["script"]
    assert install.startswith("python -m pip install ")
    (project / "bad one.yaml").rename(project / "bad.yaml")

    done = shell(lint, project, LINT_PATHS="good.yaml bad.yaml", LINT_FAIL_ON="low")

    assert done.returncode == 1, done.stderr
    (issue,) = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert issue["location"]["path"] == "bad.yaml"


def test_no_input_of_the_gitlab_job_becomes_part_of_a_script() -> None:
    header, jobs = documents("docs/gitlab-ci.yml")
    job = jobs["rolelint"]
    assert "$[[" not in " ".join(job["script"])
    used = {*job["variables"].values(), job["stage"]}
    assert {f"$[[ inputs.{name} ]]" for name in header["spec"]["inputs"]} <= used


def test_a_hostile_variable_of_gitlab_runs_nothing(project: Path) -> None:
    lint = documents("docs/gitlab-ci.yml")[1]["rolelint"]["script"][1]
    shell(lint, project, LINT_PATHS=HOSTILE, LINT_FAIL_ON=HOSTILE)
    assert not (project / "pwned").exists()


# Docker


def test_the_image_is_pinned_and_runs_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = [line for line in lines if line.startswith("FROM ")]
    final = lines[lines.index(bases[-1]) :]
    assert all(re.search(r"@sha256:[0-9a-f]{64}( AS \w+)?$", base) for base in bases)
    assert [line.split()[0] for line in final] == ["FROM", "COPY", "USER", "WORKDIR", "ENTRYPOINT"]
    assert "USER 65532:65532" in final


def test_the_image_gets_what_the_wheel_is_built_from() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    assert {"LICENSE", "README.md", "THIRD_PARTY_NOTICES.md", "pyproject.toml", "rules", "src", "tools"} == kept
    assert all((ROOT / name).exists() for name in kept)


# The page


def commands() -> list[str]:
    blocks = [text for language, text in BLOCK.findall(PAGE) if language in ("console", "yaml")]
    lines = [line.strip().removeprefix("- ") for text in blocks for line in text.splitlines()]
    return [line for line in lines if line.startswith("rolelint ")]


def test_every_command_on_the_page_is_one_that_rolelint_takes() -> None:
    assert len(commands()) >= 4
    for command in commands():
        check.parser().parse_args(shlex.split(command)[1:])


def test_every_example_in_a_data_format_can_be_read() -> None:
    examples = [(language, text) for language, text in BLOCK.findall(PAGE) if language in ("yaml", "json")]
    assert {language for language, _ in examples} == {"yaml", "json"}
    for language, text in examples:
        assert (yaml.safe_load if language == "yaml" else json.loads)(text)


def test_the_page_gives_the_inputs_that_there_are() -> None:
    (action,) = documents("action.yml")
    header, _ = documents("docs/gitlab-ci.yml")
    shown = [yaml.safe_load(text) for language, text in BLOCK.findall(PAGE) if language == "yaml"]
    github = [step["with"] for one in shown for step in _steps(one) if str(step.get("uses", "")).startswith("rolelint/")]
    gitlab = [included["inputs"] for one in shown for included in one.get("include", ())]
    assert github
    assert gitlab
    assert all(set(inputs) <= set(action["inputs"]) for inputs in github)
    assert all(set(inputs) <= set(header["spec"]["inputs"]) for inputs in gitlab)


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    jobs = [workflow, *workflow.get("jobs", {}).values()]
    return [step for job in jobs for step in job.get("steps", ())]


def test_the_problem_matcher_reads_the_concise_format() -> None:
    (task,) = next(json.loads(text) for language, text in BLOCK.findall(PAGE) if language == "json")["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    line = concise.render(reported(found())).splitlines()[0]
    match = re.fullmatch(pattern["regexp"], line)
    assert match is not None
    told = {name: match[pattern[name]] for name in ("file", "line", "column", "code", "message")}
    assert told == {
        "file": "templates/api.yaml",
        "line": "10",
        "column": "27",
        "code": "service-full-access",
        "message": "Worker may do anything in DynamoDB",
    }


def test_a_template_of_the_cdk_is_found_where_git_ignores_it_and_names_its_construct(tmp_path: Path) -> None:
    """``cdk synth`` writes a folder of its own for each stage."""
    role = {
        "Type": "AWS::IAM::Role",
        "Metadata": {"aws:cdk:path": "Prod/Service/Role/Resource"},
        "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
    }
    folder = tmp_path / "cdk.out" / "assembly-Prod"
    folder.mkdir(parents=True)
    (folder / "Prod.template.json").write_text(json.dumps({"Resources": {"RoleA1B2": role}}, indent=1), encoding="utf-8")
    (tmp_path / ".gitignore").write_text("cdk.out\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (command,) = (one for one in commands() if "cdk.out" in one)

    done = shell(command, tmp_path)

    assert done.returncode == 1
    assert "= construct: Prod/Service/Role/Resource" in done.stdout
