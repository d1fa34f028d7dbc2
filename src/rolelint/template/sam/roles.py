"""Which roles does SAM make? Each is trusted by one service and holds what the SAM resource says and needs."""

from rolelint.syntax.nodes import Node
from rolelint.template.sam.policies import Held, aws_managed
from rolelint.template.sam.synthesis import Data, make
from rolelint.template.template import Resource


def role(  # noqa: PLR0913 - a role's properties
    logical_id: str,
    trust: Data,
    held: Held,
    cause: Node,
    condition: str | None,
    *,
    path: Node | None = None,
    boundary: Node | None = None,
) -> Resource:
    """A role with a trust policy and what it holds."""
    properties: dict[str, Data | None] = {
        "AssumeRolePolicyDocument": trust,
        "ManagedPolicyArns": list(held.managed) or None,
        "Policies": list(held.inline) or None,
        "Path": path,
        "PermissionsBoundary": boundary,
    }
    return make(logical_id, "AWS::IAM::Role", properties, cause, condition)


def managed_role(logical_id: str, service: str, policy: str, cause: Node, condition: str | None) -> Resource:
    """A role that a service runs with, and that holds one AWS managed policy."""
    return role(logical_id, trusted_by(service), Held((aws_managed(policy, cause),)), cause, condition)


def trusted_by(service: str) -> Data:
    """The trust policy that lets one service assume a role."""
    trust: Data = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}}
    return {"Version": "2012-10-17", "Statement": [trust]}
