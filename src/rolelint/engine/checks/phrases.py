"""How are actions told to people? ``DeleteLogGroup`` and ``DeleteLogStream`` read "delete log groups and log streams"."""

from collections.abc import Iterable
from re import compile as pattern

from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.hits import listed

_WORD = pattern(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_TELLING = ("destructive", "resource_exposure", "credentials_exposure", "iam_write", "secret_read", "data_read")
_RANK = {"permissions": 0, "write": 1, "tagging": 2, "read": 3, "list": 4}
_DESTROYS = ("Delete", "Terminate", "Remove", "Purge")


def telling(actions: Iterable[Action], most: int = 2) -> list[Action]:
    """The actions that best show how far a grant goes: what destroys first, then what opens, then what writes."""
    ranked = sorted(actions, key=_weight)
    return ranked[:most]


def _weight(action: Action) -> tuple[int, int, int, str]:
    known = set(curated.categories_of(action.full_name))
    place = next((index for index, category in enumerate(_TELLING) if category in known), len(_TELLING))
    return place, _RANK[action.level], int(not action.name.startswith(_DESTROYS)), action.name


def in_words(actions: Iterable[Action]) -> str:
    """Actions as a phrase, those with one verb together."""
    verbs: dict[str, list[str]] = {}
    for action in actions:
        verb, *noun = _WORD.findall(action.name) or [action.name]
        verbs.setdefault(verb.lower(), []).append(_plural(noun))
    return listed([f"{verb} {listed(nouns)}".rstrip() for verb, nouns in verbs.items()])


def _plural(words: list[str]) -> str:
    if not words:
        return ""
    *first, last = (word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    if last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
        last = last[:-1] + "ies"
    elif last.endswith(("x", "ch", "ss")):
        last += "es"
    elif not last.endswith("s"):
        last += "s"
    return " ".join((*first, last))


def names(actions: Iterable[Action], most: int = 3) -> str:
    """Actions by their IAM names, the first few."""
    return listed([action.full_name for action in actions], most)
