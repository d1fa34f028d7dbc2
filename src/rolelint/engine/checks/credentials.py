"""Are AWS credentials written down in the template? Anywhere: user data, environment, metadata, comments.

Key ids: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from collections.abc import Iterator
from itertools import islice
from re import IGNORECASE

from rolelint.engine.checks.written import below, start_of
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.syntax.nodes import Scalar
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Source, Span
from rolelint.template.template import Template

_KEY_ID = pattern(r"(?<![A-Za-z0-9/+_-])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9/+=_-])")
# Possessive, because a long run of blanks would be tried in every division otherwise.
_SECRET = pattern(
    r"(?P<named>aws[-_ ]?secret[-_ ]?key|secret[-_ ]?access[-_ ]?key|secret_?key)[\"'\\]*+[ \t]*+"
    r"(?:[:=,]|\b(?:to|is)\b|[\s,]*+(?<!\w)[\"']?Value[\"']?[ \t]*+:)[ \t]*+(?:\[[ \t]*+)?[\"'\\]*+"
    r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    IGNORECASE,
)
_LIKE_ID = pattern(r"(?<![A-Za-z0-9/+_-])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9/+=_-])")
_LIKE_SECRET = pattern(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_ENCODED = pattern(r"[A-Za-z0-9+/\s]{40,}+={0,2}\s*+")
_USER_DATA = (("UserData",), ("LaunchTemplateData", "UserData"))
_SHOWN = 4
_DISTINCT = 12
"""Different characters below which a key is no key but a placeholder."""
_NEAR = 400
"""Characters around a secret with a name that other services use too, in which a key id tells that it is AWS's."""


@says("kind", "shown")
def hard_coded(subject: TemplateSubject) -> Iterator[Hit]:
    """An AWS access key id, or a secret key beside a name that says so."""
    template = subject.access.template
    for kind, place in _keys_in(template.source.text):
        yield _hit(template.source, place, kind)
    for span, script in encoded_user_data(template):
        for kind, _ in islice(_keys_in(script), 1):
            yield _hit(template.source, (span.start, span.end), f"{kind} in base64")


def _keys_in(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The keys in a text: what each is, and where it stands."""
    ids = [found.span() for found in _KEY_ID.finditer(text) if not _is_placeholder(found[0])] if _has_prefix(text) else []
    for place in ids:
        yield "access key id", place
    for found in _SECRET.finditer(text) if "secret" in text.lower() else ():
        start = found.start("secret")
        named_so = "access" in found["named"].lower() or "aws" in found["named"].lower()
        if (named_so or any(abs(one - start) < _NEAR for one, _ in ids)) and _is_random(found["secret"]):
            yield "secret access key", found.span("secret")


@says("kind", "shown")
def stand_in(subject: TemplateSubject) -> Iterator[Hit]:
    """What has the form of a key and is none: the documentation's example, or one that is plainly made up."""
    source = subject.access.template.source
    for found in _LIKE_ID.finditer(source.text) if _has_prefix(source.text) else ():
        if _is_placeholder(found[0]) or not _KEY_ID.fullmatch(found[0]):
            yield _hit(source, found.span(), "access key id")
    for found in _LIKE_SECRET.finditer(source.text) if "EXAMPLE" in source.text else ():
        if "EXAMPLE" in found[0] and _is_mixed(found[0]):
            yield _hit(source, found.span(), "secret access key")


def encoded_user_data(template: Template) -> Iterator[tuple[Span, str]]:
    """The scripts that instances are given as base64, each with where its text stands."""
    if "UserData" not in template.source.text:
        return
    for resource in template.resources.values():
        for path in _USER_DATA:
            for place in below(start_of(resource), path, template):
                if isinstance(place.node, Scalar) and _ENCODED.fullmatch(place.node.text):
                    yield place.node.span, decoded(place.node.text)


def decoded(text: str) -> str:
    """What base64 stands for; blanks in it and an incomplete end do not matter, and neither does what is no text."""
    from base64 import b64decode  # noqa: PLC0415 - few templates hold any

    letters = "".join(text.split()).rstrip("=")
    return b64decode(letters + "=" * (-len(letters) % 4) if len(letters) % 4 != 1 else letters[:-1]).decode("ascii", "ignore")


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
    return _is_mixed(text) and not _is_placeholder(text)


def _is_mixed(text: str) -> bool:
    return any(one.isupper() for one in text) and any(one.islower() for one in text) and any(one.isdigit() for one in text)
