"""Which lines of a table are about this resource type? Each table is read once, whole; a line is decoded when asked for.

A table is sorted text: the first column is the key, the others follow after tabs, and lines of one key stand together.
"""

import os
from functools import cache

HERE = os.path.dirname(os.path.abspath(__file__))


@cache
def content(path: str) -> bytes:
    """A table's bytes: ASCII, every line ended by a line feed."""
    with open(path, "rb") as file:
        return b"\n" + file.read()


def lines(path: str, key: str) -> list[list[str]]:
    """The columns after the key, of every line with that key."""
    if not key.isascii() or "\t" in key or "\n" in key:
        return []
    data, label = content(path), f"\n{key}\t".encode()
    # Searching beats an index: a template has few types.
    at = data.find(label)
    found: list[list[str]] = []
    while at >= 0 and data.startswith(label, at):
        end = data.index(b"\n", at + 1)
        found.append(data[at + len(label) : end].decode("ascii").split("\t"))
        at = end
    return found
