"""Are AWS credentials written down in the template? Anywhere: user data, environment, metadata, comments.

Key ids: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from collections.abc import Iterator
from re import IGNORECASE
from re import compile as pattern

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.syntax.source import Source, Span

_KEY_ID = pattern(r"(?<![A-Za-z0-9/+=_-])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9/+=_-])")
_SECRET = pattern(
    r"(?:aws_?)?secret_?(?:access_?)?key(?:_?id)?[\"']?[ \t]*(?:[:=,]|\b(?:to|is)\b)[ \t]*(?:\[[ \t]*)?[\"']?"
    r"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    IGNORECASE,
)
_DISTINCT = 12
"""Different characters below which forty of them are no key but a placeholder."""


@says("kind", "shown")
def hard_coded(subject: TemplateSubject) -> Iterator[Hit]:
    """An AWS access key id, or a secret key beside a name that says so."""
    source = subject.access.template.source
    for found in _KEY_ID.finditer(source.text) if "AKIA" in source.text or "ASIA" in source.text else ():
        if not _is_placeholder(found[0]):
            yield _hit(source, found.start(), found.end(), "access key id")
    for found in _SECRET.finditer(source.text):
        if not _is_placeholder(found[1]):
            yield _hit(source, found.start(1), found.end(1), "secret access key")


def _hit(source: Source, start: int, end: int, kind: str) -> Hit:
    """A key is never repeated in full: reports are kept and shared."""
    return Hit(Span(source, start, end), facts={"kind": kind, "shown": f"{source.text[start : start + 4]}…"})


def _is_placeholder(text: str) -> bool:
    """Whether it is the documentation's example or plainly made up."""
    return "EXAMPLE" in text.upper() or len(set(text.lower())) < min(_DISTINCT, len(text) // 2)
