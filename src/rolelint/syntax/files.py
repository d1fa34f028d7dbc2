"""Which files are meant? Arguments of the command line become bytes: files, directories, globs and standard input."""

import os
from collections.abc import Iterator, Sequence
from errno import ELOOP
from stat import S_ISREG
from typing import BinaryIO, TypeAlias

from rolelint.syntax.encoding import is_text
from rolelint.syntax.globs import is_glob, literal_start, matches
from rolelint.syntax.spelling import closest
from rolelint.tuples import NamedTuple

SUFFIXES = (".yaml", ".yml", ".json", ".template")
"""What is read in a directory; AWS allows any name, so a file named on the command line may have another one."""

MOST_BYTES = 10_000_000
"""CloudFormation takes 1 MB; a source may hold as much again in comments, but nothing this large is a template."""

_NOT_OURS = {"node_modules", "venv", "site-packages", "__pycache__"}
_STDIN = "-"
_MAY_READ = "run rolelint as a user who may read it"


class Input(NamedTuple):
    """A file that was read. ``path`` is as reports show it; ``named`` tells that the user named it, alone or in a glob."""

    path: str
    data: bytes
    named: bool


class Skipped(NamedTuple):
    """A file or directory that was found but not read, or holds nothing to lint."""

    path: str
    reason: str


class Missing(NamedTuple):
    """What the user asked for and did not get: their mistake, with what to do about it."""

    path: str
    reason: str
    help: str


File: TypeAlias = Input | Skipped | Missing
"""What became of a file that is meant."""


class _Found(NamedTuple):
    """A file to read: the path to open, and whether the user named it."""

    path: str
    named: bool


def find(
    arguments: Sequence[str], *, stdin: BinaryIO, stdin_filename: str | None = None, gitignore: bool = True
) -> Iterator[File]:
    """Read what the arguments name, in their order and below a directory by name; the same file is read once.

    Directories are listed by git where it knows them and ``gitignore`` holds. Nothing is read through a link that leads
    out of the directory that was given.
    """
    seen: set[str] = set()
    for argument in arguments:
        for found in _meant(argument, gitignore=gitignore):
            if not isinstance(found, _Found):
                yield found
                continue
            key = _STDIN if found.path == _STDIN else os.path.realpath(found.path)
            if key in seen:
                continue
            seen.add(key)
            result = _read_stdin(stdin, stdin_filename) if key == _STDIN else _read_file(found)
            if result is not None:
                yield result


def shown(path: str) -> str:
    """A path as reports show it: relative where it lies below the working directory, always with ``/``."""
    absolute, here = os.path.abspath(path), os.getcwd()
    below = os.path.join(here, "")
    near = absolute[len(below) :] if absolute.startswith(below) else os.path.normpath(path)
    return near.replace(os.sep, "/")


def reason(error: OSError) -> str:
    """Why a file cannot be read or written, as part of a sentence."""
    return (error.strerror or "unknown error").lower()


def _meant(argument: str, *, gitignore: bool) -> Iterator[_Found | Skipped | Missing]:
    if argument == _STDIN:
        yield _Found(_STDIN, named=True)
    elif os.path.isdir(argument):
        yield from _in_directory(argument, gitignore=gitignore)
    elif os.path.exists(argument):
        yield _Found(argument, named=True)
    elif is_glob(argument):
        yield from _in_glob(argument)
    else:
        yield _nothing_there(argument)


def _nothing_there(argument: str) -> Missing:
    directory, name = os.path.split(argument)
    try:
        near = closest(name, set(os.listdir(directory or ".")) - {name})
    except (OSError, ValueError):
        near = ""
    path = os.path.join(directory, near).replace(os.sep, "/")
    known = f"did you mean {path}?" if near else "give a file, a directory, a quoted glob, or - for standard input"
    reason = "a link that leads nowhere" if os.path.islink(argument) else "no such file or directory"
    return Missing(shown(argument) if argument else "''", reason, known)


def _in_glob(argument: str) -> Iterator[_Found | Missing]:
    glob = os.path.normpath(argument).replace(os.sep, "/")
    start = literal_start(glob)
    deepest = None if "**" in glob.split("/") else glob.count("/", len(start.rstrip("/")) + 1) if start else glob.count("/")
    count = 0
    hidden = "/." in f"/{glob}"
    for path in _walk(start or ".", deepest=deepest, hidden=hidden) if os.path.isdir(start or ".") else ():
        if isinstance(path, Missing):
            yield path
        elif matches(os.path.normpath(path).replace(os.sep, "/"), glob):
            count += 1
            yield _Found(path, named=True)
    if not count:
        yield Missing(argument, "no file matches", "quote the glob, and use ** for directories of any depth")


def _in_directory(directory: str, *, gitignore: bool) -> Iterator[_Found | Skipped | Missing]:
    if not os.access(directory, os.R_OK | os.X_OK):
        yield Missing(shown(directory), "permission denied", _MAY_READ)
        return
    listed = _listed_by_git(directory) if gitignore else None
    tree = os.path.realpath(directory)
    for path in _walk(directory) if listed is None else listed:
        if isinstance(path, Missing):
            yield path
        elif path.lower().endswith(SUFFIXES):
            if _lies_in(tree, path):
                # A link's target is a file of the tree: that is the one to mend.
                own = os.path.join(directory, os.path.relpath(os.path.realpath(path), tree)) if os.path.islink(path) else path
                yield _Found(own, named=False)
            else:
                yield Skipped(shown(path), "a link that leads out of the directory")
        elif listed is not None and not os.path.islink(path) and os.path.isdir(path):
            yield from _in_directory(path, gitignore=gitignore)  # a submodule, or a repository inside the repository


def _lies_in(tree: str, path: str) -> bool:
    return os.path.realpath(path).startswith(os.path.join(tree, ""))


def _walk(directory: str, *, deepest: int | None = None, hidden: bool = False) -> Iterator[str | Missing]:
    """The paths of all files below a directory, by name; ``deepest`` is how many directories to go down at most.

    Hidden directories, installed packages and links to directories are left out.
    """
    todo = [(directory, 0, True)]
    while todo:
        path, depth, is_directory = todo.pop()
        if not is_directory:
            yield path
            continue
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield Missing(shown(path), reason(error), _MAY_READ)
            continue
        if depth and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            goes_down = entry.is_dir(follow_symlinks=False)
            if goes_down and (depth == deepest or entry.name in _NOT_OURS or (entry.name.startswith(".") and not hidden)):
                continue
            below = entry.name if path == "." else entry.path
            todo.append((below, depth + 1, goes_down))


def _listed_by_git(directory: str) -> list[str] | None:
    """The files below a directory that git tracks or does not ignore, by name; None where git cannot tell."""
    if not _in_work_tree(directory):
        return None
    from rolelint.syntax.git import git  # noqa: PLC0415 - only a directory in a work tree needs it

    listing = git(directory, "ls-files", "-co", "--exclude-standard", "-z")
    if not listing and (listing is None or git(directory, "check-ignore", "-q", ".") is not None):
        return None  # an ignored directory that was named is meant all the same
    names = {os.fsdecode(name).rstrip("/") for name in listing.split(b"\0") if name}
    base = "" if directory == "." else directory
    return [os.path.join(base, name) for name in sorted(names, key=lambda name: name.split("/"))]


def _in_work_tree(directory: str) -> bool:
    here = os.path.realpath(directory)
    while not os.path.lexists(os.path.join(here, ".git")):
        here, below = os.path.dirname(here), here
        if here == below:
            return False
    return True


def _read_stdin(stdin: BinaryIO, filename: str | None) -> File:
    path = shown(filename) if filename else "<stdin>"
    return _judged(path, stdin.read(MOST_BYTES + 1), named=True)


def _read_file(found: _Found) -> File | None:
    path = shown(found.path)
    try:
        # A pipe named by the user is read; one that lies in a directory would wait for ever.
        if not found.named and not S_ISREG(os.stat(found.path).st_mode):
            return None
        with open(found.path, "rb") as file:
            return _judged(path, file.read(MOST_BYTES + 1), named=found.named)
    except FileNotFoundError:
        return Missing(path, "no such file or directory", "it went away while rolelint ran") if found.named else None
    except OSError as error:
        # A link in a circle is no file. Any other may be a template, and a gate must not be green for want of reading it.
        no_file = error.errno == ELOOP and not found.named
        return Skipped(path, reason(error)) if no_file else Missing(path, reason(error), _MAY_READ)


def _judged(path: str, data: bytes, *, named: bool) -> File:
    if len(data) > MOST_BYTES:
        return Skipped(path, f"larger than {MOST_BYTES // 1_000_000} MB; CloudFormation takes at most 1 MB")
    if not is_text(data):
        return Missing(path, "not text", "give templates written in YAML or JSON") if named else Skipped(path, "not text")
    return Input(path, data, named)
