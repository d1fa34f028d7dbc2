"""``python -m rolelint`` is the same program as ``rolelint``."""

from rolelint.cli import run

run()
