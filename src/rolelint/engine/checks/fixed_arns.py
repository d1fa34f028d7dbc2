"""Can a template move? ARNs with a partition, Region or account written out where the stack could say its own.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
"""

from collections.abc import Iterator

from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import TemplateSubject
from rolelint.iam.patterns import CERTAIN, Answer, Certainty, as_letters
from rolelint.syntax.regex import pattern
from rolelint.template.evaluate import Scope, evaluate
from rolelint.template.values import Choice, Fields, Items, Text, Value, When, both

_ARN = pattern(r"arn:([^:\s]*):[\w-]+:([^:\s]*):([^:\s]*):\S")
_PARTITION = pattern(r"aws(?:-[a-z-]+)?")
_REGION = pattern(r"[a-z]{2,4}(?:-[a-z]+)+-\d")
_ACCOUNT = pattern(r"\d{12}")


@says("resource", "arn", "parts", "instead")
def written_out(subject: TemplateSubject) -> Iterator[Hit]:
    """An ARN names a partition, or the Region or account that may be the stack's own, in letters."""
    template = subject.access.template
    for resource in template.resources.values():
        if resource.properties is None:
            continue
        for when, text in _texts(evaluate(resource.properties, Scope(template)), ()):
            found = _ARN.match(as_letters(text)) if not text.via else None
            parts = dict(_parts(*found.groups())) if found else {}
            if parts:
                answer = CERTAIN if "AWS::Partition" in parts else _assumed(tuple(parts.values()))
                facts = {"resource": resource.id, "arn": str(text), "parts": listed(list(parts.values()))}
                yield Hit(text.span, answer, {**facts, "instead": listed(list(parts))}, when)


def _parts(partition: str, region: str, account: str) -> Iterator[tuple[str, str]]:
    """The pseudo parameters that could stand in an ARN, and what is written in their places."""
    if _PARTITION.fullmatch(partition):
        yield "AWS::Partition", partition
    if _REGION.fullmatch(region):
        yield "AWS::Region", region
    if _ACCOUNT.fullmatch(account):
        yield "AWS::AccountId", account


def _assumed(parts: tuple[str, ...]) -> Answer:
    return Answer(Certainty.POSSIBLE, (f"{listed(parts)} {'is' if len(parts) == 1 else 'are'} where the stack is deployed",))


def _texts(value: Value | None, when: When) -> Iterator[tuple[When, Text]]:
    """All texts within a value, each with what must hold for it."""
    match value:
        case Text():
            yield when, value
        case Items():
            for item in value.items:
                yield from _texts(item, when)
        case Fields():
            for field in value.fields:
                yield from _texts(field.value, when)
        case Choice():
            for case in value.cases:
                holds = both(when, case.when)
                if holds is not None:
                    yield from _texts(case.value, holds)
