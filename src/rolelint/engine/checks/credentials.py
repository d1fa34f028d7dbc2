"""Are AWS credentials written down in the template? Anywhere: user data, environment, metadata, comments.

Key ids: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from collections.abc import Iterator
from re import IGNORECASE

from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Source, Span

_KEY_ID = pattern(r"(?<![A-Za-z0-9/+_-])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9/+=_-])")
# Possessive, because a long run of blanks would be tried in every division otherwise.
_SECRET = pattern(
    r"(?P<named>aws[-_ ]?secret[-_ ]?key|secret[-_ ]?access[-_ ]?key|secret_?key)[\"'\\]*+[ \t]*+"
    r"(?:[:=,]|\b(?:to|is)\b|[\s,]*+(?<!\w)[\"']?Value[\"']?[ \t]*+:)[ \t]*+(?:\[[ \t]*+)?[\"'\\]*+"
    r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    IGNORECASE,
)
_SHOWN = 4
_DISTINCT = 12
"""Different characters below which a key is no key but a placeholder."""
_NEAR = 400
"""Characters around a secret with a name that other services use too, in which a key id tells that it is AWS's."""


@says("kind", "shown")
def hard_coded(subject: TemplateSubject) -> Iterator[Hit]:
    """An AWS access key id, or a secret key beside a name that says so."""
    source = subject.access.template.source
    text = source.text
    ids = [found.span() for found in _KEY_ID.finditer(text) if not _is_placeholder(found[0])] if _has_prefix(text) else []
    for place in ids:
        yield _hit(source, place, "access key id")
    for found in _SECRET.finditer(text) if "secret" in text.lower() else ():
        start = found.start("secret")
        named_so = "access" in found["named"].lower() or "aws" in found["named"].lower()
        if (named_so or any(abs(one - start) < _NEAR for one, _ in ids)) and _is_random(found["secret"]):
            yield _hit(source, found.span("secret"), "secret access key")


def is_aws_key(name: str, value: str) -> bool:
    """Whether a value under a name is what ``hard_coded`` reports on its own."""
    found = _SECRET.search(f"{name}: {value}")
    named_so = found is not None and ("access" in name.lower() or "aws" in name.lower())
    is_id = _has_prefix(value) and any(not _is_placeholder(one[0]) for one in _KEY_ID.finditer(value))
    return is_id or (named_so and _is_random(value))


def _has_prefix(text: str) -> bool:
    return "AKIA" in text or "ASIA" in text


def _hit(source: Source, place: tuple[int, int], kind: str) -> Hit:
    """A key is never repeated in full, not even as the finding's own span: reports are kept and shared."""
    start, end = place
    span = Span(source, start, start + _SHOWN)
    return Hit(span, facts={"kind": kind, "shown": f"{span.text}…"}, masked=Span(source, start + _SHOWN, end))


def _is_placeholder(text: str) -> bool:
    """Whether it is the documentation's example or plainly made up."""
    return "EXAMPLE" in text.upper() or len(set(text.lower())) < min(_DISTINCT, len(text) // 2)


def _is_random(text: str) -> bool:
    """Whether forty characters look like a secret: a path, a word or a digest lacks one of the kinds of characters."""
    kinds = any(one.isupper() for one in text), any(one.islower() for one in text), any(one.isdigit() for one in text)
    return all(kinds) and not _is_placeholder(text)
