"""Which edit of the template would do it? Only edits that leave it readable for certain: one name for another, in its place.

None of them is applied without being asked for: whoever runs with the policy may do less afterwards.
"""

from rolelint.catalogue import curated, managed_policies
from rolelint.engine.findings import Finding
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Span
from rolelint.tuples import NamedTuple

# The part of an AWS managed policy's ARN that no intrinsic function and no escape has a share in.
_POLICY = pattern(r":iam::aws:policy/(?:[A-Za-z0-9_+=,.@-]+/)*([A-Za-z0-9_+=,.@-]+)")


class Edit(NamedTuple):
    """Characters of a source, on one line, and what to write in their place."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that belong together, and what they do. A finding's fixes are alternatives."""

    message: str
    edits: tuple[Edit, ...]


def fixes(finding: Finding) -> tuple[Fix, ...]:
    """The narrower managed policies that can be attached in the place of the one that a finding is about."""
    if not finding.suggestion:
        return ()
    named = list(_POLICY.finditer(finding.span.text))
    if len(named) != 1:
        return ()
    start = finding.span.start + named[0].start()
    span = Span(finding.span.source, start, start + len(named[0][0]))
    return tuple(
        Fix(message, (Edit(span, f":iam::aws:policy{policy.path}{policy.name}"),))
        for name, message in _narrower(named[0][1])
        if (policy := managed_policies.find(name))
    )


def _narrower(name: str) -> list[tuple[str, str]]:
    known = curated.replacement(name)
    if known is None:
        return []
    successor = [(known.successor, f"Attach {known.successor}, by which AWS replaced it")] if known.successor else []
    return successor + [(other.name, f"Attach {other.name} instead: {other.when}") for other in known.managed]
