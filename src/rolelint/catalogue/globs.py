"""Which names does an IAM pattern match? `*` is any text, `?` is any one character, nothing else is special."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def matcher(pattern: str) -> Callable[[str], bool]:
    """A test for whole names. Its time grows with the lengths of pattern and name, whatever the pattern: no backtracking."""
    if "?" in pattern:
        return _with_question_marks(pattern)
    first, *others = pattern.split("*")
    if not others:
        return pattern.__eq__
    *middle, last = others
    if not any(middle):
        shortest = len(first) + len(last)
        return lambda name: name.startswith(first) and name.endswith(last) and len(name) >= shortest
    return lambda name: name.startswith(first) and _in_order(name, len(first), middle, last)


def _in_order(name: str, start: int, middle: list[str], last: str) -> bool:
    for part in middle:
        found = name.find(part, start)
        if found < 0:
            return False
        start = found + len(part)
    return name.endswith(last) and len(name) - len(last) >= start


def _with_question_marks(pattern: str) -> Callable[[str], bool]:
    import re  # noqa: PLC0415  question marks in actions are rare

    first, *others = (re.escape(part).replace(r"\?", ".") for part in pattern.split("*"))
    # An atomic group takes the first place where its part fits and never tries another, which is right between two stars.
    middle = "".join(f"(?>.*?{part})" for part in others[:-1] if part)
    last = f".*{others[-1]}" if others else ""
    compiled = re.compile(first + middle + last, re.DOTALL)
    return lambda name: compiled.fullmatch(name) is not None
