"""Is everybody let in? A star as the principal, and nothing that keeps strangers out: no condition, no Deny beside it.

What makes a policy public: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from collections.abc import Callable, Iterator

from rolelint.engine.checks.opened import doing, shown, type_of
from rolelint.engine.hits import Hit, listed
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.conditions import BY_WHOM, Quality, Verdict, opposite, verdicts, weigh
from rolelint.iam.elements import Condition, PrincipalPattern
from rolelint.iam.globs import covers
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Statement
from rolelint.template.values import Text

_KNOWN_TO_FEW = ("aws:referer", "s3:x-amz-server-side-encryption-aws-kms-key-id")
"""Keys that anybody may send, with values that a stranger has to learn first."""
_PART = ("aws:resource", "s3:existingobjecttag", "s3:prefix")
"""Keys that leave some of a resource open, to everybody."""


def public(subject: StatementSubject) -> Iterator[Hit]:
    """The principals of a statement that are everybody, when nothing ties the caller down."""
    statement = subject.statement
    if statement.not_principals or not statement.allows:
        return
    named = [(principal, everybody(principal)) for principal in statement.principals]
    if not any(answer.certainty for _, answer in named):
        return
    way_in = openness(subject)
    for principal, answer in named:
        certainty = min(answer.certainty, way_in.certainty)
        if certainty:
            facts = {
                "principal": str(principal.text),
                "actions": shown(statement),
                "doing": doing(subject, type_of(subject)),
            }
            assumptions = tuple(dict.fromkeys((*answer.assumptions, *way_in.assumptions)))
            yield Hit(principal.span, Answer(certainty, assumptions), facts, principal.when)


def everybody(principal: PrincipalPattern) -> Answer:
    """Whether a principal is everybody; one that a parameter without a default stands for is whoever is named there."""
    return known(principal.text, lambda text: text == "*") if principal.kind in ("*", "AWS") else NO


def known(text: Text, holds: Callable[[str], bool]) -> Answer:
    """Whether something holds of a text; of one that a parameter without a default stands for, nothing does."""
    return NO if text.symbol and text.symbol.free else judge(text, holds)


def openness(subject: StatementSubject) -> Answer:
    """How surely nothing in a statement, or in a Deny beside it, keeps strangers out."""
    if not subject.statement.allows or _denied(subject):
        return NO
    answers = map(_lets_in, verdicts(subject.statement))
    return min(answers, key=lambda answer: answer.certainty, default=CERTAIN)


def _lets_in(verdict: Verdict) -> Answer:
    """Whether a stranger's request can pass a condition."""
    about, name = verdict.key.about, verdict.key.name
    if verdict.restricts(BY_WHOM):
        return Answer(Certainty.POSSIBLE, verdict.doubts) if verdict.doubts else NO
    useless = name.startswith(_PART) or about in (*BY_WHOM, "creation", "request", "session", "time")
    if verdict.quality is Quality.DECORATIVE or (useless and not name.startswith(_KNOWN_TO_FEW)):
        return CERTAIN
    values = listed([str(value.text) for value in verdict.condition.values]) or "nothing"
    fitting = f"a stranger's request fits {verdict.condition.operator} {verdict.condition.key}: {values}"
    return Answer(Certainty.POSSIBLE, (fitting,))


def _denied(subject: StatementSubject) -> bool:
    """Whether a Deny beside the statement takes away all that it allows from those who are not named there."""
    mine = [action.text.literal for action in subject.statement.actions]
    for other in subject.policy.document.statements:
        if other.effect != "Deny" or other.not_actions or None in mine or subject.statement.not_actions:
            continue
        theirs = [action.text.literal for action in other.actions]
        taken = all(any(one and covers(one, action or "", any_case=True) for one in theirs) for action in mine)
        if taken and _on_the_same(subject.statement, other) and keeps_out_strangers(other):
            return True
    return False


def keeps_out_strangers(deny: Statement) -> bool:
    """Whether a Deny is for everybody but chosen callers."""
    if deny.not_principals:
        return not deny.conditions
    everybody = any(principal.text.literal == "*" for principal in deny.principals)
    return everybody and all(map(_leaves_chosen, deny.conditions))


def _leaves_chosen(condition: Condition) -> bool:
    """Whether a Deny with a condition leaves chosen callers only."""
    left = opposite(condition)
    found = weigh(left) if left else None
    return found is not None and found.restricts(BY_WHOM) and not found.doubts


def _on_the_same(allow: Statement, deny: Statement) -> bool:
    """Whether a Deny is there whenever an Allow is, and for all of its resources."""
    if not set(deny.when) <= set(allow.when) or deny.not_resources or allow.not_resources:
        return False
    theirs = [as_letters(pattern.text) for pattern in deny.resources]
    mine = [as_letters(pattern.text) for pattern in allow.resources]
    return not theirs or all(any(covers(their, one) for their in theirs) for one in mine)
