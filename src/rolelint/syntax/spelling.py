"""Which known name was meant by one that is not known?"""

from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str:
    """The known name that is most like a word; empty when none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for somebody's typing error

    return next(iter(get_close_matches(word, list(known), 1)), "")


def hint(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: ``; did you mean 'name'?``, or nothing."""
    close = closest(word, known)
    return f"; did you mean {close!r}?" if close else ""
