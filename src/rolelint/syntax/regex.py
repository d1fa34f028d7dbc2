"""How can a regular expression cost nothing until it is needed? It is compiled when it is first used.

Compiling all that could be needed took an eighth of the time in which one template is linted.
"""

import re
from typing import cast

_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "split", "sub", "subn")


class _Uncompiled:
    """Stands for a compiled pattern until a method of it is asked for; from then on its own attributes are that pattern's."""

    def __init__(self, source: str, flags: int) -> None:
        self.source = source
        self.flags = flags

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(self.source, self.flags)
        vars(self).update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """``re.compile``, but later. A mistake in the expression is raised at first use, so every one needs a test that uses it."""
    return cast("re.Pattern[str]", _Uncompiled(source, flags))
