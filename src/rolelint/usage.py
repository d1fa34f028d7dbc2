"""What did the user ask for that cannot be done, and what should they do?"""

from rolelint.syntax.spelling import closest


class UsageError(Exception):
    """The user asked for something that cannot be done: what is wrong, and what to do."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


def did_you_mean(name: str, known: list[str], otherwise: str) -> str:
    """Advice for a name that is not known: the closest that is, else the other advice."""
    close = closest(name, known)
    return f"did you mean {close}?" if close else otherwise
