"""What is in the file that a template names? Only files in the tree that rolelint works on are read."""

import os

from rolelint.syntax.files import MOST_BYTES, reason, shown
from rolelint.syntax.reader import Parsed, read


def load_beside(path: str, name: str) -> Parsed | str:
    """The file that a template at ``path`` names, read; or in words why not.

    The tree is the working directory for what lies in it, and the template's own folder otherwise: a template from a
    stranger's branch must not make rolelint show what lies elsewhere.
    """
    folder = os.path.realpath(os.path.dirname(path) or ".")
    here = os.path.realpath(".")
    tree = here if _lies_in(here, folder) else folder
    wanted = os.path.realpath(os.path.join(folder, name))
    if not _lies_in(tree, wanted):
        return "lies outside the directory that is linted, and is not read"
    try:
        if not os.path.isfile(wanted):
            return "is not there"
        with open(wanted, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        return f"cannot be read: {reason(error)}"
    return read(shown(wanted), data) if len(data) <= MOST_BYTES else "is too large for a template"


def _lies_in(tree: str, path: str) -> bool:
    return path == tree or path.startswith(tree.rstrip(os.sep) + os.sep)
