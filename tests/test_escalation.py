"""Every known way to more power is told, by whichever rule is the right one for it."""

import json
from collections.abc import Callable

import pytest

from rolelint.catalogue import curated
from rolelint.catalogue.curated import EscalationPath
from rolelint.engine.findings import Finding

RULES = (
    "assume-any-role",
    "code-on-existing-compute",
    "escalation-by-combination",
    "escalation-credentials",
    "escalation-guardrail-removal",
    "escalation-self-grant",
    "escalation-trust-edit",
    "job-on-existing-compute",
    "passrole-any-role",
    "secret-read-on-star",
    "sharing-on-star",
)
LEFT_TO_WEAKER_RULES = {
    "iam-federation-provider",
    "iam-reactivate-access-key",
}
"""What leads somewhere only with something from outside: a role that trusts the provider, a key that was switched off."""

PATHS = [path for path in curated.escalation_paths() if path.severity != "low" and path.id not in LEFT_TO_WEAKER_RULES]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.id)
def test_a_path_is_told_when_its_actions_are_allowed_on_everything(
    path: EscalationPath, findings_in: Callable[..., list[Finding]]
) -> None:
    silent = []
    for actions in path.combinations:
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        if not findings_in(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), *RULES):
            silent.append(actions)

    assert silent == []
