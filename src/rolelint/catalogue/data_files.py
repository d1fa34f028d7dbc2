"""Where is a fact on disk? Each data file is read once, whole; a line of it is decoded when it is asked for."""

from __future__ import annotations

import os
from functools import cache

_DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


@cache
def content(name: str) -> bytes:
    """The file's content: ASCII, every line ended by a line feed."""
    with open(os.path.join(_DIRECTORY, name), "rb") as file:
        return file.read()


def row(name: str, key: str) -> list[str] | None:
    """The columns of the line whose first column is the key, without it; None when there is none."""
    if not key.isascii() or "\t" in key or "\n" in key:
        return None
    data, label = content(name), f"{key}\t".encode()
    # Searching beats an index until most lines are wanted, and then `rows` is there.
    start = 0 if data.startswith(label) else data.find(b"\n" + label) + 1
    if not start and not data.startswith(label):
        return None
    return data[start + len(label) : data.index(b"\n", start)].decode("ascii").split("\t")


@cache
def keys(name: str) -> tuple[str, ...]:
    """The first column of every line, in the file's order."""
    return tuple(first for first, *_ in rows(name))


def rows(name: str) -> list[list[str]]:
    """The columns of every line."""
    return [line.split("\t") for line in content(name).decode("ascii").splitlines()]
