"""What does an ARN pattern reach: all of a kind, all that another reaches, some of it? ARNs have six fields between colons.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from collections.abc import Iterable

from rolelint.iam.globs import ONE, RUN, Difference, covers, difference, overlaps
from rolelint.syntax.regex import pattern as compile_pattern

FIELDS = 6
_VARIABLE = compile_pattern(r"\$\{[^}]*\}")
_ALL_OF_A_TYPE = compile_pattern(r"[\w-]+[:/][*:/]+")


def fields(pattern: str) -> list[str] | None:
    """The six fields of an ARN pattern, or None when it is not one. A ``*`` that ends a short pattern fills the rest."""
    if pattern == "*":
        return ["*"] * FIELDS
    parts = pattern.split(":", FIELDS - 1)
    if not covers(parts[0], "arn"):
        return None
    if len(parts) < FIELDS and parts[-1].endswith("*"):
        parts += ["*"] * (FIELDS - len(parts))
    return parts if len(parts) == FIELDS else None


def opened(form: str, wildcard: str = "*") -> str:
    """A form of an ARN with a wildcard in place of each variable (``${TableName}``)."""
    return _VARIABLE.sub(wildcard, form)


def reaches(pattern: str, wanted: str) -> bool:
    """Whether a pattern takes in everything that ``wanted`` stands for, as seen from one account and region.

    Partition, region and account are not compared: all roles of this account are all roles that the stack can mean.
    """
    given, asked = fields(pattern), fields(wanted)
    if given is None or asked is None:
        return False
    if asked[2] == "iam" and pattern != "*" and (not covers(given[3], "") or not given[4]):
        return False  # ARNs of IAM have an account and no region
    return covers(given[2], asked[2], any_case=True) and (covers(given[5], asked[5]) or _covers_names(given[5], asked[5]))


def _covers_names(given: str, asked: str) -> bool:
    """Whether a pattern such as ``role/?*`` takes in all of ``role/*``: there is always a name."""
    return "?" in given and asked.endswith("*") and covers(given, f"{asked[:-1]}?*")


def less(resources: Iterable[str], taken: Iterable[str]) -> Difference:
    """What is left of some resource patterns when others are taken away, in IAM's reading of the wildcards."""
    return difference(map(_as_globs, resources), map(_as_globs, taken))


def meet(first: str, second: str) -> bool:
    """Whether two resource patterns have a resource in common, in IAM's reading of the wildcards."""
    return overlaps(_as_globs(first), _as_globs(second))


def _as_globs(pattern: str) -> str:
    """A resource pattern whose wildcards say how far they go.

    Before the last field a wildcard stays within its field; only a ``*`` that ends the field may go on beyond the colon:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if "?" not in pattern and pattern.count("*") == pattern[-1:].count("*") + pattern.count("*:"):
        return pattern
    parts = pattern.split(":", FIELDS - 1)
    if parts[0] != "arn":
        return pattern
    last = parts[FIELDS - 1 :]
    kept = (part[:-1].replace("*", RUN).replace("?", ONE) + part[-1:].replace("?", ONE) for part in parts[: FIELDS - 1])
    return ":".join((*kept, *last))


def is_star(pattern: str) -> bool:
    """Whether a pattern is ``*`` or an ARN that means the same, such as ``arn:aws:s3:::*`` for S3's actions."""
    given = fields(pattern)
    if given is None or not given[5].startswith("*"):
        return False
    return all(part in ("*", "") for part in given[3:5]) and set(given[5]) <= {"*", "/", ":"}


def is_all_of_a_type(pattern: str) -> bool:
    """Whether an ARN pattern leaves everything open behind a word, as ``table/*`` and ``secret:*`` do."""
    given = fields(pattern)
    return given is not None and _ALL_OF_A_TYPE.fullmatch(given[5]) is not None
