"""Arguments of the command line name files; these tests run in a directory of their own."""

import io
import os
import subprocess
from collections.abc import Sequence
from errno import EACCES
from pathlib import Path

import pytest

from rolelint.syntax import files
from rolelint.syntax.files import File, Input, Missing, Skipped, find
from rolelint.syntax.globs import literal_start, matches


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


def write(*paths: str, data: bytes = b"a: b\n") -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(data)


def found(*arguments: str, stdin: bytes = b"", stdin_filename: str | None = None, gitignore: bool = True) -> Sequence[File]:
    return list(find(arguments, stdin=io.BytesIO(stdin), stdin_filename=stdin_filename, gitignore=gitignore))


def paths(*arguments: str, gitignore: bool = True) -> list[str]:
    results = found(*arguments, gitignore=gitignore)
    assert all(isinstance(result, Input) for result in results), results
    return [result.path for result in results]


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def test_a_named_file_is_read_whatever_its_suffix() -> None:
    write("stack.txt")
    assert found("stack.txt") == [Input("stack.txt", b"a: b\n", named=True)]


def test_a_path_is_shown_relative_to_the_working_directory(tmp_path: Path) -> None:
    write("sub/a.yaml")
    assert paths(str(tmp_path / "sub" / "a.yaml")) == ["sub/a.yaml"]
    assert paths("./sub/../sub/a.yaml") == ["sub/a.yaml"]


def test_a_path_outside_the_working_directory_is_shown_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.yaml", "sub/b.yaml")
    monkeypatch.chdir(tmp_path / "sub")
    assert paths("../a.yaml") == ["../a.yaml"]


def test_a_directory_is_read_by_suffix_and_in_order() -> None:
    write("b.yml", "a/z.JSON", "a/y.template", "a-b.yaml", "notes.txt", "a/x.py")
    assert paths(".") == ["a/y.template", "a/z.JSON", "a-b.yaml", "b.yml"]
    assert not any(result.named for result in found(".") if isinstance(result, Input))


def test_hidden_directories_and_installed_packages_are_not_walked() -> None:
    write("a.yaml", ".hidden/b.yaml", "node_modules/c.yaml", "mine/pyvenv.cfg", "mine/d.yaml", ".e.yaml")
    assert paths(".") == [".e.yaml", "a.yaml"]


def test_git_decides_what_a_directory_holds() -> None:
    git("init", "-q")
    write(".gitignore", data=b"build/\n*.local.yaml\n")
    write("a.yaml", "build/b.yaml", "c.local.yaml", ".github/d.yaml", "sub/e.yaml", "sub-e.yaml")
    git("add", "a.yaml")
    assert paths(".") == [".github/d.yaml", "a.yaml", "sub/e.yaml", "sub-e.yaml"]
    assert paths("sub") == ["sub/e.yaml"]
    assert paths(".", gitignore=False) == ["a.yaml", "build/b.yaml", "c.local.yaml", "sub/e.yaml", "sub-e.yaml"]


def test_an_ignored_file_or_directory_that_is_named_is_read() -> None:
    git("init", "-q")
    write(".gitignore", data=b"build/\n")
    write("build/b.yaml")
    assert paths("build/b.yaml") == ["build/b.yaml"]
    assert paths("build") == ["build/b.yaml"]


def test_a_directory_of_ignored_files_holds_nothing() -> None:
    git("init", "-q")
    write(".gitignore", data=b"*.yaml\n")
    write("sub/b.yaml")
    assert paths("sub") == []


def test_a_file_that_git_knows_and_that_is_gone_is_no_mistake() -> None:
    git("init", "-q")
    write("a.yaml", "b.yaml")
    git("add", ".")
    Path("a.yaml").unlink()
    assert paths(".") == ["b.yaml"]


def test_a_repository_inside_the_repository_is_read() -> None:
    git("init", "-q")
    git("init", "-q", "inner")
    write("a.yaml", "inner/b.yaml")
    assert paths(".") == ["a.yaml", "inner/b.yaml"]


def test_the_settings_of_a_repository_start_no_program() -> None:
    git("init", "-q")
    write("a.yaml")
    git("config", "core.fsmonitor", "touch started; false")
    assert paths(".") == ["a.yaml"]
    assert not Path("started").exists()


def test_the_variables_of_a_hook_do_not_lead_to_another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q", "one")
    git("init", "-q", "two")
    write("one/.gitignore", data=b"b.yaml\n")
    write("two/.git/info/exclude", data=b"a.yaml\n")
    write("one/a.yaml", "one/b.yaml")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "two" / ".git"))
    assert paths("one") == ["one/a.yaml"]


def test_a_directory_is_walked_where_git_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q")
    write("a.yaml")
    monkeypatch.setenv("PATH", "")
    assert paths(".") == ["a.yaml"]


@pytest.mark.parametrize("repository", [False, True])
def test_no_link_leads_out_of_the_directory(*, repository: bool) -> None:
    write("outside/secret.yaml", "tree/a.yaml")
    if repository:
        git("init", "-q", "tree")
    os.symlink("../outside/secret.yaml", "tree/b.yaml")
    os.symlink("../outside", "tree/c")
    os.symlink("a.yaml", "tree/d.yaml")
    os.symlink(".", "tree/loop")
    assert found("tree") == [
        Input("tree/a.yaml", b"a: b\n", named=False),
        Skipped("tree/b.yaml", "a link that leads out of the directory"),
    ]


def test_a_directory_that_git_tracks_and_that_became_a_link_leads_nowhere() -> None:
    git("init", "-q", "tree")
    write("tree/sub/a.yaml", "outside/a.yaml")
    git("-C", "tree", "add", ".")
    Path("tree/sub/a.yaml").unlink()
    Path("tree/sub").rmdir()
    os.symlink("../outside", "tree/sub")
    assert not any(isinstance(result, Input) for result in found("tree"))


def test_what_a_link_in_a_directory_leads_to_is_read_under_its_own_name() -> None:
    write("tree/shared/z.yaml")
    os.symlink("shared/z.yaml", "tree/a.yaml")
    assert paths("tree") == ["tree/shared/z.yaml"]


def test_a_named_link_is_followed() -> None:
    write("a.yaml")
    os.symlink("a.yaml", "b.yaml")
    assert paths("b.yaml") == ["b.yaml"]


def test_a_file_given_twice_is_read_once() -> None:
    write("a.yaml", "b.yaml")
    assert paths("b.yaml", ".", "./a.yaml", "b.yaml") == ["b.yaml", "a.yaml"]


def test_files_are_read_one_after_the_other() -> None:
    write("a.yaml", "b.yaml")
    results = find(["a.yaml", "b.yaml"], stdin=io.BytesIO())
    next(results)
    Path("b.yaml").write_bytes(b"new")
    assert next(results) == Input("b.yaml", b"new", named=True)


def test_standard_input_has_the_name_that_it_is_given(tmp_path: Path) -> None:
    assert found("-", stdin=b"x") == [Input("<stdin>", b"x", named=True)]
    assert found("-", "-", stdin=b"x", stdin_filename=str(tmp_path / "t" / "a.yaml")) == [Input("t/a.yaml", b"x", named=True)]


def test_a_glob_is_expanded_where_no_shell_did() -> None:
    write("t/a.yaml", "t/deep/er/b.yaml", "t/c.txt", "t/.d/e.yaml", "other/f.yaml")
    assert paths("t/**/*.yaml") == ["t/a.yaml", "t/deep/er/b.yaml"]
    assert paths("t/*.yaml") == ["t/a.yaml"]
    assert paths("*/[a-c].*") == ["t/a.yaml", "t/c.txt"]
    assert paths("t/.?/*") == ["t/.d/e.yaml"]
    assert all(result.named for result in found("**/f.yaml") if isinstance(result, Input))


def test_a_file_with_a_name_like_a_glob_is_that_file() -> None:
    write("[a].yaml", "a.yaml")
    assert paths("[a].yaml") == ["[a].yaml"]


def test_a_glob_does_not_follow_links() -> None:
    write("t/a.yaml")
    os.symlink(".", "t/one")
    os.symlink(".", "t/two")
    assert paths("t/**/*.yaml") == ["t/a.yaml"]


def test_a_glob_that_matches_nothing_is_a_mistake() -> None:
    [missing] = found("t/**/*.yaml")
    assert isinstance(missing, Missing)
    assert missing[:2] == ("t/**/*.yaml", "no file matches")


def test_a_file_that_is_not_there_is_a_mistake_with_a_suggestion() -> None:
    write("t/template.yaml")
    assert found("t/tempalte.yaml", "t/template.yaml") == [
        Missing("t/tempalte.yaml", "no such file or directory", "did you mean t/template.yaml?"),
        Input("t/template.yaml", b"a: b\n", named=True),
    ]
    assert isinstance(found("nowhere/at/all")[0], Missing)


def test_bytes_that_are_no_text_are_a_mistake_only_where_they_are_named() -> None:
    write("t/a.yaml", data=b"a\0b")
    assert found("t") == [Skipped("t/a.yaml", "not text")]
    [missing] = found("t/a.yaml")
    assert isinstance(missing, Missing)
    assert missing.reason == "not text"


def test_text_in_utf16_is_text() -> None:
    write("a.yaml", data="a: b".encode("utf-16"))
    assert paths("a.yaml") == ["a.yaml"]


def test_a_file_too_large_to_be_a_template_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 3_000_000)
    write("a.yaml", data=b"#" * 3_000_001)
    assert found("a.yaml") == [Skipped("a.yaml", "larger than 3 MB; CloudFormation takes at most 1 MB")]


@pytest.mark.parametrize("argument", ["t", "t/a.yaml", "t/*.yaml"])
def test_a_file_that_may_not_be_read_is_a_mistake_however_it_is_given(argument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a template: a gate must not be green for want of reading it."""
    write("t/a.yaml")

    def refuse(*_: object) -> None:
        raise PermissionError(EACCES, "Permission denied")

    monkeypatch.setattr(files, "open", refuse, raising=False)
    assert found(argument) == [Missing("t/a.yaml", "permission denied", "run rolelint as a user who may read it")]


def test_a_directory_that_may_not_be_read_is_a_mistake_wherever_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    write("t/a.yaml")
    write("t/closed/b.yaml")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path == "t/closed":
            raise PermissionError(EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert found("t") == [
        Input("t/a.yaml", b"a: b\n", named=False),
        Missing("t/closed", "permission denied", "run rolelint as a user who may read it"),
    ]


@pytest.mark.parametrize("target", ["nowhere.yaml", "a.yaml"])
def test_a_link_that_leads_nowhere_is_no_suggestion_for_itself(target: str) -> None:
    Path("a.yaml").symlink_to(target)
    [missing] = found("a.yaml")
    assert isinstance(missing, Missing)
    assert (missing.reason, "did you mean" in missing.help) == ("a link that leads nowhere", False)
    assert not any(isinstance(one, Missing) for one in found("."))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_in_a_directory_is_not_waited_for() -> None:
    write("t/a.yaml")
    os.mkfifo("t/b.yaml")
    assert paths("t") == ["t/a.yaml"]


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.yaml", "a.yaml"),
        ("**", "a/b"),
        ("**/a", "a"),
        ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"),
        ("**/a/**/b", "x/a/b/a/b"),
        ("[!a]b", "cb"),
        ("[a-c]", "b"),
        ("[]]", "]"),
        ("[", "["),
        ("a.b+", "a.b+"),
        ("a*b*c", "aXbXbXc"),
        ("a?c", "abc"),
    ],
)
def test_these_globs_match(glob: str, path: str) -> None:
    assert matches(path, glob)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*.yaml", "a/b.yaml"),
        ("a/**/b", "a/xb"),
        ("[!a]b", "ab"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a?c", "ac"),
        ("a.b", "axb"),
        ("*a*b", "ba"),
    ],
)
def test_these_globs_do_not_match(glob: str, path: str) -> None:
    assert not matches(path, glob)


def test_a_glob_of_many_stars_is_matched_at_once() -> None:
    assert not matches("a" * 250, "*a" * 60 + "b")
    assert not matches("/".join("a" * 100), "/".join(["**", "a"] * 40) + "/b")


def test_a_glob_starts_with_the_directories_that_hold_no_wildcard() -> None:
    assert [literal_start(glob) for glob in ("a/b/*.x", "*.x", "/*", "a/b*/c", "/t/**")] == ["a/b", "", "/", "a", "/t"]
