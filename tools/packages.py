"""Which packages do the facts come from, and are these their bytes? They are only ever read as archives."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Package(NamedTuple):
    """A wheel on PyPI, pinned."""

    name: str
    version: str
    sha256: str
    licence: str

    @property
    def wheel(self) -> str:
        """The file name that pip gives it."""
        return f"{self.name}-{self.version}-py3-none-any.whl"


@contextmanager
def kept(folder: str | None) -> Iterator[str]:
    """The folder to download packages to: the one that somebody named, made where it is not there, or one for now."""
    if folder:
        os.makedirs(folder, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory() as passing:
            yield passing


def fetch(package: Package, cache: str) -> zipfile.ZipFile:
    """Open the package's wheel, downloading it unless the cache holds it.

    Raises ValueError when its bytes are not the pinned ones.
    """
    path = os.path.join(cache, package.wheel)
    if not os.path.exists(path):
        wanted = f"{package.name}=={package.version}"
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--dest",
            cache,
            wanted,
        ]
        subprocess.run(command, check=True)
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise ValueError(f"{package.wheel}: sha256 is {found}, expected {package.sha256}")
    return zipfile.ZipFile(path)
