"""How are actions told to people? ``DeleteLogGroup`` and ``DeleteLogStream`` read "delete log groups and log streams"."""

from collections import Counter
from collections.abc import Iterable
from functools import cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.hits import listed
from rolelint.syntax.regex import pattern

_WORD = pattern(r"ReEncrypt|OpenI[dD]|I[dD]P|I[pP]v?[46]|[Vv]\d+|[A-Z]+(?![a-z0-9])|[A-Z]+s(?![a-z])|[A-Z][a-z]*\d*|[a-z0-9]+")
_TELLING = (
    "credentials_exposure",
    "iam_write",
    "secret_read",
    "resource_exposure",
    "code_execution",
    "data_copy_out",
    "data_read",
)
_DESTROYING = ("destructive", "audit_tamper")
_RANK = {"permissions": 0, "write": 1, "tagging": 2, "read": 3, "list": 4}
_DESTROYS = ("Delete", "Terminate", "Purge", "Remove")
_SAYS_LITTLE = frozenset(("AllowVendedLogDeliveryForResource", "AcceptUserAgreement", "PartiQLDelete"))
_CHANNELS = frozenset(("ec2messages", "ssmmessages"))
"""Services with nothing but what the SSM agent needs; AWS's own policy for it names every action of theirs."""
_ABBREVIATIONS = frozenset(
    (
        "acl",
        "api",
        "aws",
        "ca",
        "cidr",
        "cis",
        "db",
        "dns",
        "hsm",
        "iam",
        "id",
        "ip",
        "kms",
        "ml",
        "sql",
        "ssh",
        "ssl",
        "sso",
        "tls",
        "ui",
        "url",
        "vpc",
    )
)
_UNCOUNTABLE = frozenset(("access", "content", "data", "glue", "information", "material", "media", "metadata"))
_QUALIFIERS = frozenset(("Client", "Git", "Remote"))
"""What stands before the verb in the names of some actions: GitPull, RemoteWrite."""
_PREPOSITIONS = frozenset(("by", "for", "from", "in", "of", "on", "to", "via", "with"))


def telling(actions: Iterable[Action], most: int = 2) -> list[Action]:
    """The actions that best show how far a grant goes: what destroys the main things, then what opens, then what writes."""
    ranked: dict[str, Action] = {}
    for action in sorted(actions, key=_weight):
        ranked.setdefault(action.full_name.removesuffix("s"), action)
    return list(ranked.values())[:most]


@cache
def _weight(action: Action) -> tuple[int, int, int, int, int, str]:
    known = frozenset(curated.categories_of(action.full_name))
    whole = is_of_its_type(action)
    verb = int(not action.name.startswith(_DESTROYS))
    if action.name in _SAYS_LITTLE:
        place = len(_TELLING) + 2
    elif not known.isdisjoint(_DESTROYING) and not (verb and "audit_tamper" in known):
        place = -1
    elif not verb and whole:
        place = 0
    else:
        place = next((index for index, category in enumerate(_TELLING, 1) if category in known), len(_TELLING) + 1)
    uses = sum(_uses(action.service)[use.type] for use in action.resources[:1])
    return place, int(place < 0 and not whole), -uses if place < 1 else 0, verb, _RANK[action.level], action.name


def has_something_to_lose(service: str) -> bool:
    """Whether everything in a service is more than reading public facts, or than an agent's talk with its service."""
    return service not in _CHANNELS and not catalogue.levels_of(service) <= {"read", "list"}


def is_of_its_type(action: Action) -> bool:
    """Whether an action is named after what it works on, as DeleteLogGroup is and DeleteRetentionPolicy is not."""
    noun = "".join(_WORD.findall(action.name)[1:]).lower()
    types = {use.type.replace("-", "").lower() for use in action.resources}
    return bool(noun) and bool({noun, noun.removesuffix("s"), noun.removesuffix("es")} & types)


def kind_of(action: Action) -> str:
    """The kind of resource that an action is about, in words: what its name says, else what a request must name.

    A request that need not name any is about what it is called after: a guardrail, though AWS lists what one may refer to.
    """
    words = _WORD.findall(action.name)[1:]
    noun = "".join(words).lower()
    called = sorted((use for use in action.resources if _joined(use.type) in noun), key=lambda use: -len(use.type))
    required = [use for use in action.resources if use.required]
    if words and not called and not required:
        return "resource" if action.level == "tagging" else _singular(words)
    uses = _uses(action.service)
    kind = (called or sorted(required or action.resources, key=lambda use: -uses[use.type]))[0].type
    spelt = _spellings(action.service).get(_joined(kind))
    return spelt or " ".join(_word(word) for word in _WORD.findall(kind))


def _joined(kind: str) -> str:
    """A resource type as it stands inside the names of actions: ``log-group`` as ``loggroup``, ``brokers`` as ``broker``."""
    plain = kind.replace("-", "").replace("_", "").lower()
    return plain if plain.endswith("ss") else plain.removesuffix("s")


@cache
def _spellings(service: str) -> dict[str, str]:
    """What the names of a service's actions call things, in words: AWS's resource types leave out where words end."""
    found: dict[str, str] = {}
    for action in catalogue.actions_of(service):
        words = _WORD.findall(action.name)[1:]
        if words:
            found.setdefault(_joined("".join(words)), _singular(words))
    return found


def _singular(words: list[str]) -> str:
    plain = [_word(word) for word in words]
    return " ".join((*plain[:-1], plain[-1] if plain[-1].endswith(("ss", "us", "ias")) else plain[-1].removesuffix("s")))


@cache
def _uses(service: str) -> Counter[str]:
    """How many actions of a service work on each resource type: the more, the more the service is about it."""
    return Counter(use.type for action in catalogue.actions_of(service) for use in action.resources)


def in_words(actions: Iterable[Action]) -> str:
    """Actions as a phrase, those with one verb together, and those about one thing."""
    verbs: dict[str, list[str]] = {}
    for action in actions:
        verb, *noun = _WORD.findall(action.name) or [action.name]
        if verb.isupper():
            verbs.setdefault(f"call {action.full_name}", [])
        elif verb in _QUALIFIERS:
            verbs.setdefault(" ".join((verb, *noun)).lower(), [])
        else:
            nouns = verbs.setdefault(verb.lower(), [])
            nouns += [plural for plural in (_plural(noun),) if plural and plural not in nouns]
    things: dict[str, list[str]] = {}
    for verb, nouns in verbs.items():
        things.setdefault(listed(nouns), []).append(verb)
    return listed([f"{listed(doing)} {thing}".rstrip() for thing, doing in things.items()])


def _plural(words: list[str]) -> str:
    """Words as people write them, with those that a preposition follows, and the last, in the plural."""
    plain = [_word(word) for word in words]
    ends = [index for index, word in enumerate(plain) if index + 1 == len(plain) or plain[index + 1] in _PREPOSITIONS]
    return " ".join(_many(word) if index in ends and word not in _PREPOSITIONS else word for index, word in enumerate(plain))


def _word(word: str) -> str:
    if word.lower() in _ABBREVIATIONS:
        return word.upper()
    acronym = len(word) > 1 and (word.isupper() or (len(word) > 2 and word[:-1].isupper()))  # noqa: PLR2004 - "To" is a word
    return word if acronym or word in ("IdP", "OpenID") else word.lower()


def _many(word: str) -> str:
    if word in _UNCOUNTABLE or (word.isupper() and word.endswith("S")):
        return word
    if word.endswith("ysis"):
        return word[:-2] + "es"
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    if word.endswith(("x", "ch", "sh", "ss", "us", "ias")):
        return word + "es"
    return word if word.endswith("s") else word + "s"


def names(actions: Iterable[Action], most: int = 3) -> str:
    """Actions by their IAM names, the first few."""
    return listed([action.full_name for action in actions], most)
