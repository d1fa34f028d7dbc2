"""Is this the finding of last week? A name for it that survives moved lines and reordered lists."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from rolelint.engine.findings import Finding

LENGTH = 32
"""Hexadecimal digits."""


def fingerprint(finding: Finding) -> str:
    """The same for a finding wherever its statement moves to in its resource, other for another rule, file or witness."""
    owner = finding.owner.id if finding.owner else ""
    parts = (finding.rule, finding.span.source.path, owner, _without_indices(finding.pointer), finding.witness)
    # JSON templates and file names may hold halves of surrogate pairs.
    text = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    return sha256(text).hexdigest()[:LENGTH]


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """The fingerprints of some findings, in their order; of equal ones all but the first end in their running count."""
    seen: Counter[str] = Counter()
    names = []
    for name in map(fingerprint, findings):
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names


def _without_indices(pointer: str) -> str:
    return "/".join("*" if step.isdigit() else step for step in pointer.split("/"))
