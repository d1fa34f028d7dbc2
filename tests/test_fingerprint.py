"""What names a finding for good: not its line, not its number in a list."""

import re
from typing import Any

import pytest
from made_reports import OTHER, SOURCE, TEMPLATE, found, the

from rolelint.engine.findings import Owner
from rolelint.syntax.source import Source
from rolelint.verdicts.fingerprint import fingerprint, fingerprints


def test_a_fingerprint_survives_moved_lines_and_reordered_lists() -> None:
    moved = Source(SOURCE.path, "# a comment\n" + TEMPLATE)
    pointer = found().pointer.replace("Statement/0", "Statement/7")
    assert fingerprint(found(span=the(moved, '"*"'), pointer=pointer, message="other words")) == fingerprint(found())


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "other"},
        {"span": the(OTHER, "Globals")},
        {"owner": Owner("Other", "AWS::IAM::Role")},
        {"owner": None},
        {"pointer": "/Resources/Worker/Properties/Policies/0/PolicyDocument/Statement/0/Action"},
        {"witness": "arn:aws:s3:::*"},
    ],
)
def test_another_finding_has_another_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(found(**changes)) != fingerprint(found())


def test_equal_fingerprints_are_numbered() -> None:
    first, other, second, third = fingerprints([found(), found(rule="other"), found(), found()])
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert re.fullmatch("[0-9a-f]{32}", other)
    assert (second, third) == (f"{first}-2", f"{first}-3")
