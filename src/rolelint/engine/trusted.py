"""Whom does the team count as its own? Accounts and an organization, as its configuration names them."""

from rolelint.tuples import NamedTuple


class Trusted(NamedTuple):
    """Account ids of 12 digits, and the id of an organization (``o-…``). Empty: the team has not said."""

    accounts: frozenset[str] = frozenset()
    organization: str = ""


NOBODY = Trusted()
"""Nothing is known about other accounts: what lets them in is neither right nor wrong."""
