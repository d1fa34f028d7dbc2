"""What does an AWS managed policy say? Its statements, as if they stood where it is attached."""

from rolelint.catalogue import managed_policies
from rolelint.iam.statements import Statement, read_statements
from rolelint.syntax.nodes import Node
from rolelint.template.values import from_plain


def managed_statements(name: str, node: Node) -> tuple[Statement, ...]:
    """The statements of an AWS managed policy, as if they stood at a node; none if it is not known."""
    policy = managed_policies.find(name)
    if policy is None:
        return ()
    found = read_statements(from_plain(policy.document.get("Statement"), node), (), [])
    return tuple(statement for statement in found if isinstance(statement, Statement))


def denies_anything(name: str) -> bool:
    """Whether an AWS managed policy has a Deny at all; few have."""
    policy = managed_policies.find(name)
    statements = policy.document.get("Statement") if policy else ()
    members = statements if isinstance(statements, list) else [statements]
    return any(isinstance(member, dict) and member.get("Effect") == "Deny" for member in members)
