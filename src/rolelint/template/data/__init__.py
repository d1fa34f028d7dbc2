"""Which lines of a table have this key? Each table is read once, whole; a line is decoded when asked for.

A table is sorted text: the first columns are the key, the others follow after tabs, and lines of one key stand together.
"""

import os
from functools import cache

HERE = os.path.dirname(os.path.abspath(__file__))


@cache
def content(path: str) -> bytes:
    """A table's bytes: ASCII, every line ended by a line feed."""
    with open(path, "rb") as file:
        return b"\n" + file.read()


def lines(path: str, *key: str) -> list[list[str]]:
    """The columns after those of the key, of every line with that key."""
    if not all(part.isascii() and part.isprintable() for part in key):
        return []
    data, label = content(path), "\n{}\t".format("\t".join(key)).encode()
    # Searching beats an index: a template asks for few keys.
    at = data.find(label)
    found: list[list[str]] = []
    while at >= 0 and data.startswith(label, at):
        end = data.index(b"\n", at + 1)
        found.append(data[at + len(label) : end].decode("ascii").split("\t"))
        at = end
    return found
