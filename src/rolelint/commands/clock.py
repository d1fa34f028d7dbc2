"""Which day is it, for what is excused until a day?"""

from collections.abc import Mapping as ReadOnly
from time import gmtime, strftime


def today(environ: ReadOnly[str, str]) -> str:
    """The day in UTC, as 2027-01-31; that of SOURCE_DATE_EPOCH where the environment has one.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    return strftime("%Y-%m-%d", gmtime(int(epoch)) if epoch.isascii() and epoch.isdigit() and len(epoch) < 12 else gmtime())  # noqa: PLR2004 - year 5138
