"""How far is it? A bar on standard error, for somebody who sits there and has waited half a second."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

_PATIENCE = 0.5


def progress(*, quiet: bool) -> Callable[[Sequence[T]], Iterable[T]]:
    """A function that passes things on, and shows how many are left where somebody sees it."""
    return iter if quiet or sys.stderr is None or not sys.stderr.isatty() else _shown


def _shown(things: Sequence[T]) -> Iterator[T]:
    begun = monotonic()
    for number, one in enumerate(things):
        if monotonic() - begun > _PATIENCE:
            yield from _with_bar(things, number)
            return
        yield one


def _with_bar(things: Sequence[T], done: int) -> Iterator[T]:
    """The things from a number on, below a bar where rich is installed."""
    with suppress(ImportError):
        from rich.console import Console  # noqa: PLC0415 - only a long run is worth it
        from rich.progress import Progress  # noqa: PLC0415 - likewise

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Linting", total=len(things), completed=done)
            for one in things[done:]:
                yield one
                bar.advance(task)
        return
    yield from things[done:]
