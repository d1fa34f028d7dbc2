"""Does this ARN pattern reach everything of a kind? ARNs are compared field by field.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from rolelint.iam.patterns import covers

FIELDS = 6


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


def reaches(pattern: str, wanted: str) -> bool:
    """Whether a pattern takes in everything that ``wanted`` stands for, as seen from one account and region.

    Partition, region and account are not compared: all roles of this account are all roles that the stack can mean.
    """
    given, asked = fields(pattern), fields(wanted)
    if given is None or asked is None:
        return False
    if asked[2] == "iam" and pattern != "*" and (not covers(given[3], "") or not given[4]):
        return False  # ARNs of IAM have an account and no region
    return covers(given[2], asked[2], any_case=True) and covers(given[5], asked[5])


def is_star(pattern: str) -> bool:
    """Whether a pattern is ``*`` or an ARN that means the same, such as ``arn:aws:s3:::*`` for S3's actions."""
    given = fields(pattern)
    if given is None or not given[5].startswith("*"):
        return False
    return all(part in ("*", "") for part in given[3:5]) and set(given[5]) <= {"*", "/", ":"}
