"""How much of the policies in a folder of templates is known? Prints a table, and why what is not known is not.

python bench/known.py DIRECTORY
"""

import sys
from collections import Counter
from pathlib import Path

from rolelint.iam.access import Access, Policy
from rolelint.inspect import inspect
from rolelint.syntax.files import Input, find

DEGREES = ("fully", "up to symbols", "partly", "not at all")
MOST_REASONS = 10
_OPAQUE = ("opaque", "loop")


def degree(policy: Policy) -> str:
    """How far a document is known; a symbol stands for a name or an id, what is opaque for anything."""
    statements = policy.document.statements
    if policy.document.unknown and not statements:
        return DEGREES[3]
    texts = [one.text for each in statements for one in (*each.actions, *each.resources)]
    texts += [one.text for each in statements for one in each.principals]
    texts += [value.text for each in statements for condition in each.conditions for value in condition.values]
    symbols = {symbol for text in texts for symbol in text.symbols}
    unknown = policy.document.unknown or any(each.unknown or each.unread_condition for each in statements)
    if unknown or any(symbol.kind in _OPAQUE for symbol in symbols):
        return DEGREES[2]
    return DEGREES[1] if symbols else DEGREES[0]


def table(accesses: list[Access], kinds: tuple[str, ...]) -> None:
    """A line a degree."""
    found = Counter(degree(policy) for access in accesses for policy in access.policies if policy.kind in kinds)
    total = found.total() or 1
    for name in DEGREES:
        print(f"  {name:15} {found[name]:7,}  {found[name] / total:6.1%}")


def main() -> None:
    """Read a directory and print the tables."""
    inputs = list(find([sys.argv[1]], stdin=sys.stdin.buffer, stdin_filename=None))
    accesses, mistakes = inspect((one for one in inputs if isinstance(one, Input)), lambda _: {})
    print(f"{len(accesses)} templates and policies; {len(mistakes)} files are neither")
    for kinds in (("identity_policy",), ("trust_policy",), ("resource_policy",)):
        print(f"\ndocuments of kind {kinds[0]} that are known")
        table(accesses, kinds)
    reasons = Counter(one.reason.partition("$")[0] for access in accesses for one in access.unevaluated)
    print("\nwhy not")
    for reason, count in reasons.most_common(MOST_REASONS):
        print(f"  {count:7,}  {reason}")


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():  # noqa: PLR2004 - the script itself and a directory
        sys.exit(__doc__)
    main()
