"""How old are the facts, and from which packages? Whoever reads a finding may ask."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from rolelint.catalogue import data_files
from rolelint.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Source(NamedTuple):
    """A package on PyPI that facts were read from, with the hash of its wheel."""

    name: str
    version: str
    sha256: str
    licence: str


class Meta(NamedTuple):
    """The dates (YYYY-MM-DD) up to which AWS's reference and managed policies are known, counts, sources, hashes of the files."""

    actions_date: str
    policies_date: str
    counts: Mapping[str, int]
    files: Mapping[str, str]
    sources: tuple[Source, ...]


@cache
def meta() -> Meta:
    """What `data/meta.json` says."""
    import json  # noqa: PLC0415  only for the version and the reports

    content = json.loads(data_files.content("meta.json"))
    content["sources"] = tuple(Source(**source) for source in content["sources"])
    return Meta(**content)
