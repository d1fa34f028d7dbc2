"""A statement shows three findings at most, and none of the others is lost."""

from made_reports import found, reported

from rolelint.engine.findings import Finding, Severity
from rolelint.iam.patterns import Certainty
from rolelint.verdicts.crowding import uncrowded

STATEMENT = "/Resources/Role/Properties/Policies/0/PolicyDocument/Statement/0"


def of_statement(rule: str, severity: Severity, certainty: Certainty = Certainty.CERTAIN, at: str = STATEMENT) -> Finding:
    return found(rule=rule, severity=severity, certainty=certainty, message=f"what {rule} says", pointer=f"{at}/Action/1")


CROWD = (
    of_statement("weak", Severity.LOW),
    of_statement("strongest", Severity.HIGH),
    of_statement("weaker", Severity.INFO),
    of_statement("strong", Severity.MEDIUM),
    of_statement("also-strong", Severity.MEDIUM),
)


def shown(*findings: Finding) -> dict[str, Finding]:
    return {finding.rule: finding for finding in uncrowded(reported(*findings)).active}


def test_the_three_that_weigh_most_are_shown() -> None:
    assert set(shown(*CROWD)) == {"strongest", "strong", "also-strong"}


def test_the_strongest_tells_the_rule_the_place_and_the_message_of_the_others() -> None:
    strongest = shown(*CROWD)["strongest"]
    assert {"weak", "weaker"} <= set(strongest.also)
    told = [related.message for related in strongest.related]
    assert told == [
        "also here, low: what weak says",
        "also here, info: what weaker says",
    ]
    assert strongest.related[-1].span == CROWD[2].span


def test_three_findings_or_those_of_different_statements_are_left_alone() -> None:
    elsewhere = of_statement("elsewhere", Severity.INFO, at=f"{STATEMENT[:-1]}10")
    assert set(shown(*CROWD[:3], elsewhere)) == {"weak", "strongest", "weaker", "elsewhere"}


def test_a_certain_finding_is_told_by_a_certain_one_and_a_possible_one_by_a_possible_one() -> None:
    """Or a gate on certain findings would open, or what is only possible would pass for certain."""
    unsure = [of_statement(f"unsure-{number}", Severity.CRITICAL, Certainty.POSSIBLE) for number in range(3)]
    left = shown(*unsure, of_statement("sure", Severity.LOW), of_statement("surely-weak", Severity.INFO))
    assert left["sure"].also == ("surely-weak",)
    assert left["unsure-0"].also == ("unsure-2",)
    assert set(left) == {"sure", "unsure-0", "unsure-1"}


def test_folded_findings_are_kept_as_such_in_the_report() -> None:
    verdicts = uncrowded(reported(*CROWD)).verdicts
    assert [(one.finding.rule, one.reason) for one in verdicts if one.status == "folded"] == [
        ("weak", "strongest tells of it"),
        ("weaker", "strongest tells of it"),
    ]


def test_a_finding_outside_of_statements_is_never_folded() -> None:
    alike = [found(rule=f"rule-{number}", pointer="/Resources/Role/Properties/ManagedPolicyArns/0") for number in range(5)]
    assert len(shown(*alike)) == len(alike)
