"""The pages that are made from the program: up to date, and with nothing left out."""

import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from rolelint.engine.pages import markdown
from rolelint.engine.rulebook import Rulebook
from rolelint.iam import places
from rolelint.iam.places import DOCUMENTS, KINDS
from rolelint.template import intrinsics, nesting

ROOT = Path(__file__).parent.parent
PLACES = [line.split("\t") for line in (Path(places.HERE) / "places.tsv").read_text(encoding="ascii").splitlines()]
ROW = re.compile(r"\| (\w+::\w+::\w+) \| `([^`]+)`")


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("generate_docs")


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")


def test_the_page_about_what_is_read_is_up_to_date(generator: ModuleType, page: str) -> None:
    assert page == generator.coverage(), "run tools/generate_docs.py"


def test_every_page_is_written(
    generator: ModuleType, page: str, rulebook: Rulebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "ROOT", tmp_path)

    generator.main()

    assert (tmp_path / "docs" / "coverage.md").read_text(encoding="utf-8") == page
    assert all(rule.name in (tmp_path / "rules" / "README.md").read_text(encoding="utf-8") for rule in rulebook.rules)
    assert {one.stem for one in (tmp_path / "docs" / "rules").iterdir()} == {rule.name for rule in rulebook.rules}


def test_every_rule_has_its_page_and_every_page_its_rule(rulebook: Rulebook) -> None:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "rules").iterdir()}

    current = {rule.name: markdown(rule, rulebook.page(rule.name)) for rule in rulebook.rules}

    assert pages == current, "run tools/generate_docs.py"


def test_every_place_is_on_the_page_once(page: str) -> None:
    assert sorted(ROW.findall(page)) == sorted((kind, path) for kind, path, *_ in PLACES)


def test_the_page_has_every_kind_of_place(generator: ModuleType) -> None:
    assert set(generator.KINDS) | {"unclassified_policy"} == KINDS | {"not_iam"}


def test_the_counts_on_the_page_are_those_of_its_tables(page: str) -> None:
    documents = [(kind, path) for kind, path, called, *_ in PLACES if called in DOCUMENTS]
    real = [line for line in PLACES if line[2] != "not_iam"]

    assert f"{len(real)} places in {len({line[0] for line in real})} resource types; {len(documents)} of them" in page
    counted = re.findall(r"^\| \[(.+?)\]\(.+?\) \| (\d+) \| (\d+) \| (\d*) \| (\d*) \| (\d*) \|$", page, re.MULTILINE)
    assert len(counted) == len({line[2] for line in PLACES})
    for title, found, types, *encodings in counted:
        rows = ROW.findall(page.partition(f"\n## {title}\n")[2].partition("\n## ")[0])
        assert (int(found), int(types)) == (len(rows), len({kind for kind, _ in rows}))
        assert sum(int(count) for count in encodings if count) in (0, len(rows))


def test_links_within_the_page_lead_to_its_headings(page: str) -> None:
    headings = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", page, re.MULTILINE)}
    links = re.findall(r"\]\(#([\w-]+)\)", page)

    assert links
    assert set(links) <= headings


def test_the_templates_in_templates_that_the_page_calls_read_are_read(generator: ModuleType) -> None:
    read = {*nesting._BODIES.items(), *nesting._FILES.items()}  # noqa: SLF001 - the page promises what these name

    assert set(generator.FOLLOWED) == read


def test_every_function_that_is_evaluated_is_explained() -> None:
    page = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")

    assert [name for name in intrinsics.FUNCTIONS if f"`{name}`" not in page] == []
