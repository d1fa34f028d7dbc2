"""What did these files say at the commit that a branch began at?"""

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from rolelint.syntax.files import MOST_BYTES, File, Input
from rolelint.syntax.git import git
from rolelint.syntax.reader import Parsed, read
from rolelint.tuples import NamedTuple


class HistoryError(Exception):
    """The past cannot be read: why, and what to do about it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


class Past(NamedTuple):
    """Files as they were, by their paths of today, and how those that templates name are read."""

    inputs: tuple[Input, ...]
    load: Callable[[str, str], Parsed | str]


class _Commit(NamedTuple):
    """A commit; paths in it are relative to the top of the repository, ``prefix`` is the working directory's."""

    name: str
    prefix: str
    renamed: dict[str, str]

    def path(self, today: str) -> str:
        """The path in the commit of what is at a path today."""
        path = posixpath.normpath(posixpath.join(self.prefix, today))
        return self.renamed.get(path, path)


def at_merge_base(ref: str, inputs: Iterable[File]) -> Past:
    """The files that were there where the branch that is checked out left ``ref``, under the names that they have today.

    Raises:
        HistoryError: there is no such commit, or git cannot tell.

    """
    commit = _merge_base(ref)
    wanted = [one for one in inputs if isinstance(one, Input) and "\n" not in one.path]
    outside = next((one.path for one in wanted if posixpath.isabs(one.path) or commit.path(one.path).startswith("../")), None)
    if outside is not None:
        raise HistoryError(f"{outside} lies outside the repository", "run rolelint in the repository that holds the templates")
    asked = "".join(f"{commit.name}:{commit.path(one.path)}\n" for one in wanted)
    answer = git(".", "cat-file", "--batch", given=os.fsencode(asked))
    if answer is None:
        raise HistoryError(f"git cannot read the files at {ref}", "fetch the commit with all its files")
    found = zip(wanted, _blobs(answer), strict=False)
    return Past(tuple(one._replace(data=data) for one, data in found if data is not None), partial(_load, commit))


def _merge_base(ref: str) -> _Commit:
    prefix = git(".", "rev-parse", "--show-prefix")
    if prefix is None:
        raise HistoryError("this directory is in no git repository", "run rolelint in the repository that holds the templates")
    named = git(".", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if named is None:
        raise HistoryError(f"git knows no commit {ref!r}", "fetch it first: git fetch origin main (in CI: fetch-depth: 0)")
    base = git(".", "merge-base", named.decode().strip(), "HEAD")
    if base is None:
        raise HistoryError(f"HEAD and {ref!r} have no commit in common", "fetch the whole history (in CI: fetch-depth: 0)")
    name = base.decode().split("\n", 1)[0]
    return _Commit(name, os.fsdecode(prefix).strip("\n"), _renamed(name))


def _renamed(commit: str) -> dict[str, str]:
    """For each file that was renamed since a commit the path that it had."""
    words = ("--no-ext-diff", "--no-textconv", "--no-relative", "--name-status", "-z", "--find-renames", "--diff-filter=R")
    told = git(".", "diff", *words, commit, "--")
    parts = [os.fsdecode(part) for part in (told or b"").split(b"\0")]
    return {new: old for _, old, new in zip(*[iter(parts)] * 3, strict=False)}


def _blobs(answer: bytes) -> Iterator[bytes | None]:
    """The contents in an answer of ``git cat-file --batch``, None for a path that was not there."""
    here = 0
    while here < len(answer):
        end = answer.index(b"\n", here)
        words = answer[here:end].split(b" ")
        here = end + 1
        if words[-1] == b"missing":
            yield None
        else:
            size = int(words[-1])
            yield answer[here : here + size] if words[-2] == b"blob" and size <= MOST_BYTES else None
            here += size + 1


def _load(commit: _Commit, path: str, name: str) -> Parsed | str:
    """The file that a template at a path names, as it was; or in words why not."""
    today = posixpath.normpath(posixpath.join(posixpath.dirname(path), name.replace(os.sep, "/")))
    there = commit.path(today)
    if posixpath.isabs(today) or there.startswith("../"):
        return "lies outside the directory that is linted, and is not read"
    data = git(".", "cat-file", "blob", f"{commit.name}:{there}")
    if data is None:
        return "is not there"
    return read(today, data) if len(data) <= MOST_BYTES else "is too large for a template"
