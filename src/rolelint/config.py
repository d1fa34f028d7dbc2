"""What has the team decided about a file? The nearest configuration file above it says so, and says it whole."""

import os
from collections.abc import Callable
from collections.abc import Mapping as ReadOnly
from typing import TYPE_CHECKING, Any

from rolelint.syntax.files import shown
from rolelint.syntax.globs import matches
from rolelint.tuples import NamedTuple
from rolelint.usage import UsageError

if TYPE_CHECKING:
    from rolelint.config_file import Said

_NAMED = "name it on the command line"

NAMES = (".rolelint.toml", "rolelint.toml", ".rolelint.yaml", ".rolelint.yml", "pyproject.toml")
"""Names of configuration files; of several in one folder the first counts."""


class Glob(NamedTuple):
    """A glob for paths below a folder; one without ``/`` is for names at any depth, one that ends in ``/`` for a folder."""

    folder: str
    text: str

    def matches(self, path: str) -> bool:
        """Whether it stands for this path, which is relative to the working directory."""
        below = os.path.relpath(os.path.abspath(path), self.folder).replace(os.sep, "/")
        glob = self.text.removeprefix("./")
        glob = f"{glob}**" if glob.endswith("/") else glob
        return matches(below, glob if "/" in glob else f"**/{glob}")


class Settings(NamedTuple):
    """All that a team can decide about a file, as the configuration's schema describes it.

    ``rules`` and ``parameter_files`` are paths from the working directory. ``files`` are the configuration files that were
    read, the nearest first; ``origins`` tells by key where a value was found, and lacks the keys that nobody gave.
    """

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: ReadOnly[Glob, tuple[str, ...]] = {}
    severity: ReadOnly[str, str] = {}
    fail_on: str = "low"
    strict: bool = False
    trusted_accounts: tuple[str, ...] = ()
    organization: str = ""
    parameters: ReadOnly[str, str] = {}
    parameter_files: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    exclude: tuple[Glob, ...] = ()
    foreign_ignores: bool = False
    files: tuple[str, ...] = ()
    origins: ReadOnly[str, str] = {}


def settings_finder(*, config: str | None = None, search: bool = True) -> Callable[[str], Settings]:
    """A function from a file's path to the settings for it; equal files give the same settings.

    ``config`` names one configuration file for all; without ``search`` none is looked for. The function raises UsageError for
    a configuration that cannot be used.
    """
    known: dict[str, Settings] = {"": Settings()}
    if config is not None:
        named = read_settings(config)
        return lambda _: named
    if not search:
        return lambda _: known[""]

    def find(path: str) -> Settings:
        here = os.path.basename(path) in ("", os.curdir)
        folder = os.path.abspath(path if here else os.path.dirname(path))
        folder = folder[1:] if folder.startswith("//") else folder  # the same place to us, and no end to going up otherwise
        if folder not in known:
            nearest = _nearest(folder)
            if nearest not in known:
                known[nearest] = read_settings(nearest)
            known[folder] = known[nearest]
        return known[folder]

    return find


def read_settings(path: str) -> Settings:
    """The settings in a configuration file and those that it extends.

    Raises:
        UsageError: one of them cannot be used.

    """
    chain = _chain(path)
    settings = Settings(files=tuple(shown(name) for name, _ in chain))
    for name, said in reversed(chain):
        for key, one in said.items():
            settings = settings._replace(
                **{key.replace("-", "_"): _typed(key, one, name)}, origins={**settings.origins, key: one.where}
            )
    return settings


def _nearest(folder: str) -> str:
    """The configuration file for what lies in a folder, or an empty text."""
    tree = _tree(folder)
    while True:
        for name in NAMES:
            path = os.path.join(folder, name)
            if os.path.islink(path) and not os.path.exists(path):
                raise UsageError(f"{shown(path)}: a link to a file that is not there", "mend the link, or take it away")
            if os.path.isfile(path):
                from rolelint.config_file import has_settings  # noqa: PLC0415 - most runs have no configuration

                if not _lies_in(tree, path):
                    raise UsageError(
                        f"{shown(path)}: a link that leads out of {shown(tree)}", f"put the file itself there, or {_NAMED}"
                    )
                if has_settings(path):
                    return path
        if folder == tree:
            return ""
        folder = os.path.dirname(folder)


def _tree(folder: str) -> str:
    """The folder that nothing outside is read of: the repository, else the working directory where that is above."""
    above = folder
    while not os.path.lexists(os.path.join(above, ".git")):
        above, below = os.path.dirname(above), above
        if above == below:
            here = os.getcwd()
            return here if _lies_in(here, folder) else folder
    return above


def _lies_in(tree: str, path: str) -> bool:
    real, inside = os.path.realpath(tree), os.path.realpath(path)
    return inside == real or inside.startswith(os.path.join(real, ""))


def _chain(path: str) -> "list[tuple[str, dict[str, Said]]]":
    """A configuration file and those that it extends, one after the other, with what they say."""
    from rolelint.config_file import read_config  # noqa: PLC0415 - most runs have no configuration

    chain: list[tuple[str, dict[str, Said]]] = []
    while True:
        said = read_config(path)
        chain.append((path, said))
        extended = said.pop("extend", None)
        if extended is None:
            return chain
        path = _named_in(extended.value, path, extended.where)
        names = [name for name, _ in chain]
        if os.path.realpath(path) in map(os.path.realpath, names):
            circle = " → ".join(shown(name) for name in (*names, path))
            raise UsageError(f"{extended.where}: it extends itself: {circle}", "extend a file that does not lead back here")


def _named_in(name: str, path: str, where: str) -> str:
    """A path that the configuration file at ``path`` names, from the working directory."""
    folder = os.path.dirname(os.path.abspath(path))
    wanted, tree = os.path.join(folder, name), _tree(folder)
    if not _lies_in(tree, wanted):
        raise UsageError(f"{where}: {name} lies outside {shown(tree)}", f"keep it in the repository, or {_NAMED}")
    if not os.path.exists(wanted):
        raise UsageError(f"{where}: there is no {shown(wanted)}", "paths are relative to the file that names them")
    return shown(wanted)


def _typed(key: str, said: "Said", path: str) -> Any:  # noqa: ANN401 - each field of Settings has a type of its own
    """What a key of the configuration file at ``path`` says, as ``Settings`` has it."""
    value, folder = said.value, os.path.dirname(os.path.abspath(path))
    match key:
        case "per-file-ignores":
            return {Glob(folder, glob): tuple(names) for glob, names in value.items()}
        case "exclude":
            return tuple(Glob(folder, glob) for glob in value)
        case "rules" | "parameter-files":
            return tuple(_named_in(name, path, said.where) for name in value)
        case "parameters":
            return {name: str(one).lower() if isinstance(one, bool) else str(one) for name, one in value.items()}
    return tuple(value) if isinstance(value, list) else value
