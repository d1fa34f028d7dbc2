"""How is compiled data written, and does what is committed agree with it? Sorted text, LF line ends, no build time."""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING, Any

from packages import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Build = Callable[[str], dict[str, str]]
    """Makes every data file, as {file name: text}, from packages that it downloads to a folder."""
    Tell = Callable[[Mapping[str, str], Mapping[str, str]], Iterable[str]]
    """What differs between two states of the data, as lines to print."""

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src", "rolelint")


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The files that are not as they were, as lines to print."""
    yield from (f"{name}: differs from the committed file" for name, text in after.items() if before[name] != text)


def main(directory: str, build: Build, tell: Tell = differing, arguments: list[str] | None = None) -> int:
    """Build or check a data directory; the exit code is 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(description=f"compile the data of {os.path.relpath(directory)}")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when the committed data is not what would be written"
    )
    parser.add_argument("--cache", metavar="DIR", help="keep downloaded packages here")
    options = parser.parse_args(arguments)
    with kept(options.cache) as cache:
        built = build(cache)
    committed = {name: read(os.path.join(directory, name)) for name in built}
    for line in tell(committed, built):
        print(line)
    if options.check:
        return int(committed != built)
    for name, text in built.items():
        write(os.path.join(directory, name), text)
    return 0


def compact(value: Any) -> str:  # noqa: ANN401  whatever JSON holds
    """One line of ASCII JSON without spaces, in the order of the source."""
    return json.dumps(value, separators=(",", ":"))


def lines(found: Iterable[str]) -> str:
    """The lines, each ended."""
    return "".join(f"{line}\n" for line in found)


def read(path: str) -> str:
    """The file's text; nothing when there is no such file."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write(path: str, text: str) -> None:
    """Write the text with LF line ends."""
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
