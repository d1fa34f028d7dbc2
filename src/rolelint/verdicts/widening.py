"""Does this statement give more than the one that was accepted?"""

from collections.abc import Iterable, Iterator

from rolelint.engine.findings import ALL_BUT, Stated
from rolelint.iam.globs import covers


def beyond(texts: Iterable[str], accepted: Iterable[str]) -> list[str]:
    """The texts, as patterns of actions or resources, that no accepted one covers."""
    accepted = tuple(accepted)
    return [text for text in texts if not any(_within(text, one) for one in accepted)]


def _within(text: str, accepted: str) -> bool:
    """Whether all that a text stands for was accepted; what is but an exception must be written as it was."""
    if text.startswith(ALL_BUT) or accepted.startswith(ALL_BUT):
        return text == accepted
    return covers(accepted, text, any_case=True)


def added(now: Stated, accepted: Stated) -> Iterator[str]:
    """What a statement gives beyond an accepted one, in words of its own: actions, resources, principals, a condition less."""
    yield from beyond(now.actions, accepted.actions)
    yield from (f"on {text}" for text in beyond(now.resources, accepted.resources))
    yield from (f"for {text}" for text in beyond(now.principals, accepted.principals))
    yield from (f"without {text}" for text in accepted.conditions if text not in now.conditions)
