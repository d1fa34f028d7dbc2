"""Who is this identity: who may become it, and what runs with it? Lines for people, not yet made safe for a terminal."""

from collections.abc import Iterator

from rolelint.iam.access import Principal


def trusted_by(principal: Principal) -> Iterator[str]:
    """Who may assume a role, and under which conditions."""
    for policy in principal.trust:
        for statement in policy.document.statements:
            if statement.allows:
                under = f" if {', '.join(one.name for one in statement.conditions)} fits" if statement.conditions else ""
                for one in statement.principals:
                    yield f"{'everyone but ' if statement.not_principals else ''}{one.text}{under}"


def used_by(principal: Principal, within: str) -> Iterator[str]:
    """The instance profiles and workloads of a principal; ``within`` stands before the ids of a nested template."""
    for one in (*principal.profiles, *principal.workloads):
        yield f"{within}{one.id} ({one.type})"
