"""What does git say? Its programs are run without a shell, and without what a stranger's tree could make them do."""

import os

# A hook's variables mean the repository of the hook.
_HOOK_VARIABLES = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}
# They keep the tree's own settings from running programs.
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")


def git(directory: str, *words: str, given: bytes = b"") -> bytes | None:
    """What git prints in a directory when it is given bytes to read; None if it fails or is not there."""
    from subprocess import run  # noqa: PLC0415 - a run over named files never needs it, and it is slow to import

    environment = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
    environment["GIT_NO_LAZY_FETCH"] = "1"  # a partial clone would ask the network
    command = ["git", *_OPTIONS, "-C", directory, *words]
    try:
        done = run(command, env=environment, input=given, capture_output=True, check=False)  # noqa: S603 - a list, no shell
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
