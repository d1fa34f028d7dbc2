"""Is this text a secret? By its own form, wherever it stands, or by the name that it has and what it looks like."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import log2
from re import ASCII, IGNORECASE, Match, Pattern

from rolelint.engine.checks.credentials import decoded, encoded_user_data, is_aws_key
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.syntax.regex import pattern
from rolelint.syntax.source import Span

_WORD = r"(?<![A-Za-z0-9_-])"
_END = r"(?![A-Za-z0-9_-])"
_TOKENS = {
    "ghp_": ("GitHub personal access token", "(ghp_)[A-Za-z0-9]{36}"),
    "gho_": ("GitHub OAuth token", "(gho_)[A-Za-z0-9]{36}"),
    "ghu_": ("GitHub user token", "(ghu_)[A-Za-z0-9]{36}"),
    "ghs_": ("GitHub app token", "(ghs_)[A-Za-z0-9]{36}"),
    "ghr_": ("GitHub refresh token", "(ghr_)[A-Za-z0-9]{36,76}"),
    "github_pat_": ("GitHub personal access token", "(github_pat_)[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    "glpat-": ("GitLab access token", "(glpat-)[A-Za-z0-9_-]{20,64}"),
    "xox": ("Slack token", "(xox[abeoprs]-)[0-9]{8,14}-[0-9A-Za-z-]{20,120}"),
    "hooks.slack.com/services/T": (
        "Slack webhook",
        r"(hooks\.slack\.com/services/)T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}",
    ),
    "sk_live_": ("Stripe secret key", "(sk_live_)[A-Za-z0-9]{24,120}"),
    "rk_live_": ("Stripe restricted key", "(rk_live_)[A-Za-z0-9]{24,120}"),
    "npm_": ("npm access token", "(npm_)[A-Za-z0-9]{36}"),
    "pypi-AgE": ("PyPI API token", "(pypi-AgE)[A-Za-z0-9_-]{60,220}"),
    "SG.": ("SendGrid API key", r"(SG\.)[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    "sk-ant-": ("Anthropic API key", "(sk-ant-)[a-z0-9]{3,8}-[A-Za-z0-9_-]{80,120}"),
    "T3BlbkFJ": ("OpenAI API key", "(sk-)[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}"),
    "AIza": ("Google API key", "(AIza)[A-Za-z0-9_-]{35}"),
    "hf_": ("Hugging Face token", "(hf_)[A-Za-z]{34}"),
    "dop_v1_": ("DigitalOcean token", "(dop_v1_)[0-9a-f]{64}"),
    "dckr_pat_": ("Docker Hub token", "(dckr_pat_)[A-Za-z0-9_-]{27}"),
    "shpat_": ("Shopify access token", "(shpat_)[0-9a-fA-F]{32}"),
    "NRAK-": ("New Relic API key", "(NRAK-)[A-Z0-9]{27}"),
    ".atlasv1.": ("Terraform Cloud token", r"([A-Za-z0-9]{2})[A-Za-z0-9]{12}\.atlasv1\.[A-Za-z0-9_-]{60,70}"),
    "AccountKey=": ("Azure storage key", "(AccountKey=)[A-Za-z0-9+/]{86}=="),
    "AKCp": ("JFrog API key", "(AKCp)[A-Za-z0-9]{69}"),
    "-us": ("Mailchimp API key", "([0-9a-f]{4})[0-9a-f]{28}-us[0-9]{1,2}"),
    "sq0csp-": ("Square application secret", "(sq0csp-)[A-Za-z0-9_-]{43}"),
    "AGE-SECRET-KEY-": ("age secret key", "(AGE-SECRET-KEY-)1[02-9AC-HJ-NP-Z]{58}"),
}
"""By a part that each of them holds: what a token is, and its form; the first group may be shown."""

_DISTINCT = 12
"""Different characters below which a token is no token but a placeholder."""
_PRIVATE_KEY = pattern(
    r"-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH) )?PRIVATE KEY-----[\"']?(?:[ \t]{1,40}+#[^\n]{0,200}+)?+"
    r"(?:[\s\"',|+-]|\\[nr]?){0,200}+(?P<body>[A-Za-z0-9+/]{32,})"
)
_ENCODED_KEY = pattern(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{80,}")
"""The same in base64: the first characters are those of ``-----BEGIN``."""
_SHOWN = len("-----BEGIN")
_ADDRESS = pattern(
    r"://(?P<user>[A-Za-z0-9._~%+-]{0,64}):(?P<secret>[A-Za-z0-9._~%!*+=,;&^#-]{4,128})@(?P<host>[A-Za-z0-9.-]{1,253})"
)
_SCHEME = pattern(r"[a-z][a-z0-9+.-]{0,20}\Z")
_HERE = ("localhost", "127.", "0.0.0.0", "host.docker.internal", "example.", "test.", "dummy")  # noqa: S104 - nothing listens here
_MADE_UP = pattern(
    r"ex[ae]mple|placeholder|dummy|sample|change[-_ ]?(?:me|it|this)|replace|insert|fill[-_ ]?(?:me|in)|update[-_ ]?me|"
    r"set[-_ ]?me|your[-_ ]?|to[-_ ]?do|tbd|redacted|fake|mock|not[-_ ]?used|unused|"
    r"xxxx|\*\*\*|\.\.\.|1234567|abcdef|none|null|undefined",
    IGNORECASE,
)
_STANDS_FOR = pattern(
    r"<.*>|\[.*\]|\{.*\}|.*\$\{.*\}.*|.*\$\(.*\).*|\$[A-Za-z_]\w*|%.*%|#\{.*\}|@@.*@@|__\w*__|(.)\1*|"
    r"(?i:replace[-_ ]?(?:me|this|with).*|(?:put|enter|insert|add|use)[-_ ]your.*|your[-_ ].*|"
    r"to[-_ ]?do|tbd|n/?a|none|null|undefined|redacted|"
    r"(?:dummy|fake|placeholder|unused|not[-_ ]?(?:used|needed)|ignored?)(?:[-_ ]?\w+)?)"
)


@says("kind", "shown")
def known_token(subject: TemplateSubject) -> Iterator[Hit]:
    """A token of a well-known service, by its prefix, length and alphabet."""
    source = subject.access.template.source
    for kind, found in _tokens(source.text):
        shown = Span(source, *found.span(1))
        yield Hit(shown, facts={"kind": kind, "shown": f"{shown.text}…"}, masked=Span(source, found.end(1), found.end()))


def _tokens(text: str) -> Iterator[tuple[str, Match[str]]]:
    """The tokens in a text, and what each of them is."""
    for part, (kind, form) in _TOKENS.items():
        for found in _compiled(form).finditer(text) if part in text else ():
            rest = found[0].removeprefix(found[1])
            if len(set(rest)) >= _DISTINCT and not _MADE_UP.search(rest):
                yield kind, found


@cache
def _compiled(form: str) -> Pattern[str]:
    return pattern(f"{_WORD}(?:{form}){_END}", ASCII)


@says("shown")
def private_key(subject: TemplateSubject) -> Iterator[Hit]:
    """A private key with its body, in PEM or as base64 of it; one that a passphrase protects does not count."""
    source = subject.access.template.source
    for start, end in _private_keys(source.text):
        shown = Span(source, start, start + _SHOWN)
        yield Hit(shown, facts={"shown": f"{shown.text}…"}, masked=shown._replace(start=shown.end, end=end))
    for span, script in encoded_user_data(subject.access.template):
        if not script.startswith("-----BEGIN") and any(_private_keys(script)):
            shown = span._replace(end=span.start + _SHOWN)
            yield Hit(shown, facts={"shown": f"{shown.text}…"}, masked=span._replace(start=shown.end))


def _private_keys(text: str) -> Iterator[tuple[int, int]]:
    if "PRIVATE KEY-----" in text:
        for found in _PRIVATE_KEY.finditer(text):
            if _is_body(found["body"]):
                yield _whole_key(text, found.start(), found.end())
    if "LS0tLS1CRUdJTi" in text:
        for found in _ENCODED_KEY.finditer(text):
            inside = _PRIVATE_KEY.match(decoded(found[0]))
            if inside and _is_body(inside["body"]):
                yield found.span()


def _whole_key(text: str, start: int, end: int) -> tuple[int, int]:
    """A key up to its last line."""
    last = text.find("-----END", start)
    return start, max(end, last) if last >= 0 else end


def _is_body(body: str) -> bool:
    return len(set(body)) >= _DISTINCT and not _MADE_UP.search(body)


@says("host")
def address(subject: TemplateSubject) -> Iterator[Hit]:
    """An address with a password in it."""
    source = subject.access.template.source
    for found in _ADDRESS.finditer(source.text):
        scheme = _SCHEME.search(source.text, max(found.start() - 20, 0), found.start())
        if scheme and _is_password(found["user"], found["secret"], found["host"]):
            shown = Span(source, scheme.start(), found.start("user"))
            yield Hit(shown, facts={"host": found["host"]}, masked=Span(source, *found.span("secret")))


def _is_password(user: str, secret: str, host: str) -> bool:
    known = host.lower().startswith(_HERE) or "example" in host.lower() or "." not in host
    word = secret.lower() in {user.lower(), "password", "passwd", "pass", "secret", "token", "x-oauth-basic", "guest"}
    return not known and not word and not stands_for_something(secret) and not _MADE_UP.search(secret) and not secret.isdigit()


def has_own_rule(name: str, value: str) -> bool:
    """Whether a rule about the form of a secret speaks of this one already."""
    return is_aws_key(name, value) or any(_tokens(value)) or any(_private_keys(value))


def stands_for_something(value: str) -> bool:
    """Whether a text is no value but says that one belongs here: ``<password>``, ``****``, ``%TOKEN%``."""
    return len(value) <= _LONGEST and _STANDS_FOR.fullmatch(value.strip()) is not None


def is_made_up(value: str) -> bool:
    """Whether a text says of itself that it is not the real one."""
    return _MADE_UP.search(value) is not None


_PARTS = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRETS = frozenset(
    ("password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "apikey", "secretkey", "passcode")
)
_KEYS = frozenset(
    ("api", "secret", "private", "access", "auth", "signing", "encryption", "jwt", "hmac", "app", "application", "license")
)
_PASSWORDS = frozenset(("pass", "passwd", "password", "pwd"))
_CHOSEN = pattern(r"(?![/.{\[(^]|arn:)[^\n]{4,64}")
_JOINED = pattern(r"[-_./:@]")
_SWITCHES = frozenset(("auto", "disabled", "enabled", "false", "optional", "required", "true"))
_AFTER = frozenset(("value", "plain", "plaintext", "text", "string"))
_NOT_SECRET = frozenset(
    ("public", "csrf", "xsrf", "next", "page", "pagination", "sort", "partition", "max", "min", "id", "no", "is", "use")
)
_NAME = pattern(r"[A-Za-z][a-z]*[0-9]{0,2}(?:[A-Z][a-z]+[0-9]{0,2})*(?:[-_./:@ ]+[A-Za-z0-9][a-zA-Z]*[0-9]{0,2})*/?")
_SHORTEST = 8
_LONGEST = 512
_BITS = 2.5
"""Bits a character below which a text is a word rather than a secret."""


def names_secret(name: str) -> bool:
    """Whether a name ends in a word for a secret: ``DB_PASSWORD``, ``clientSecret``, ``ApiKey``; not ``SECRET_ARN``."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    while parts and (parts[-1].isdigit() or parts[-1] in _AFTER):
        parts.pop()
    if not parts or _NOT_SECRET & set(parts):
        return False
    if parts[-1] in _SECRETS or parts[-1].endswith(("password", "secret", "token", "apikey")):
        return True
    return len(parts) > 1 and (parts[-1] == "pass" or (parts[-1] == "key" and parts[-2] in _KEYS))


def may_be_password(name: str, value: str) -> bool:
    """Whether a text is under a password's name and may be it although it looks like a word, as those do that people choose."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    if not parts or parts[-1] not in _PASSWORDS or _NOT_SECRET & set(parts) or not _CHOSEN.fullmatch(value):
        return False
    is_called_so = _JOINED.search(value) is not None and _NAME.fullmatch(value) is not None
    return not is_called_so and value.lower() not in _SWITCHES and not stands_for_something(value)


def looks_secret(value: str) -> bool:
    """Whether a text under such a name is a secret itself: no word, number, name, address, path or placeholder."""
    if (
        not _SHORTEST <= len(value) <= _LONGEST
        or any(one.isspace() for one in value)
        or stands_for_something(value)
        or is_made_up(value)
    ):
        return False
    if value.startswith(("arn:", "/", "./", "{", "[", "(", "^", "amzn1.", "sha256:", "ami-", "alias/")) or "://" in value:
        return False
    kinds = (any(map(str.isalpha, value)), any(map(str.isdigit, value)), any(not one.isalnum() for one in value))
    return sum(kinds) > 1 and not _NAME.fullmatch(value) and _entropy(value) >= _BITS


def _entropy(text: str) -> float:
    """Bits a character, by how often each occurs."""
    counts = Counter(text).values()
    return -sum(count / len(text) * log2(count / len(text)) for count in counts)
