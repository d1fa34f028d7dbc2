"""Where is a fact on disk? Lines are sorted: one is found by halving, and no other is read."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmap import mmap

_DIRECTORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")


@cache
def content(name: str) -> bytes:
    """The file's content: ASCII, every line ended by a line feed."""
    with open(os.path.join(_DIRECTORY, name), "rb") as file:
        return file.read()


def row(name: str, key: str) -> list[str] | None:
    """The columns of the line whose first column is the key, without it; None when there is none."""
    data, wanted = _mapped(name), key.encode(errors="replace")
    low, high = 0, len(data)
    while low < high:
        start = data.rfind(b"\n", low, (low + high) // 2) + 1 or low
        tab, end = data.find(b"\t", start), data.find(b"\n", start)
        found = data[start:tab]
        if found == wanted:
            return data[tab + 1 : end].decode("ascii").split("\t")
        low, high = (end + 1, high) if found < wanted else (low, start)
    return None


@cache
def _mapped(name: str) -> mmap:
    """The file as memory: to read all of the largest would take longer than to find what a template needs."""
    from mmap import ACCESS_READ, mmap  # noqa: PLC0415 - not every command asks for a line

    with open(os.path.join(_DIRECTORY, name), "rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)


@cache
def keys(name: str) -> tuple[str, ...]:
    """The first column of every line, in the file's order."""
    return tuple(first for first, *_ in rows(name))


def rows(name: str) -> list[list[str]]:
    """The columns of every line."""
    return [line.split("\t") for line in content(name).decode("ascii").splitlines()]
