"""Does this path match this glob? ``**`` stands for any number of directories; every match takes bounded time."""

from functools import lru_cache
from re import Pattern, escape, search

from rolelint.syntax.regex import pattern

_MAGIC = r"[*?\[]"
_CLASS = r"\[(!?)(\]?[^\]/]*)\]"


def is_glob(text: str) -> bool:
    """Whether a text holds one of ``*``, ``?`` and ``[``."""
    return search(_MAGIC, text) is not None


def matches(path: str, glob: str) -> bool:
    """Whether a glob matches a whole path; both use ``/``."""
    parts, globs = path.split("/"), glob.split("/")
    at = here = 0
    star, retry = -1, 0
    while at < len(parts):
        if here < len(globs) and globs[here] == "**":
            star, retry, here = here, at, here + 1
        elif here < len(globs) and _part(globs[here]).fullmatch(parts[at]):
            at, here = at + 1, here + 1
        elif star >= 0:
            retry += 1
            at, here = retry, star + 1
        else:
            return False
    return all(part == "**" for part in globs[here:])


def literal_start(glob: str) -> str:
    """The leading directories of a glob that hold no wildcard, without a ``/`` at their end unless that is all."""
    magic = search(_MAGIC, glob)
    head = glob[: magic.start()] if magic else glob
    start = head[: head.rfind("/") + 1]
    return start.rstrip("/") or start[:1]


@lru_cache(maxsize=256)
def _part(glob: str) -> Pattern[str]:
    """One path component: between two stars the first match is as good as any, so nothing is ever tried twice."""
    first, *fixed = (_fixed(text) for text in glob.split("*"))
    if not fixed:
        return pattern(first, 16)  # re.DOTALL
    *middle, last = fixed
    return pattern(first + "".join(f"(?>.*?{text})" for text in middle) + ".*" + last, 16)


def _fixed(text: str) -> str:
    """Text without a star as a regular expression."""
    out, at = "", 0
    while at < len(text):
        found = pattern(_CLASS).match(text, at)
        if found:
            members = found[2].replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]").replace("^", r"\^")
            out += f"[{'^' if found[1] else ''}{members}]"
            at = found.end()
        else:
            out += "." if text[at] == "?" else escape(text[at])
            at += 1
    return out
