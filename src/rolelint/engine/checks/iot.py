"""What may a device do by its IoT policy? Everything, as any other device, or with every topic.

A policy variable such as ``${iot:Connection.Thing.ThingName}`` ties what a device may do to the certificate that it shows.
https://docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
"""

from collections.abc import Callable, Iterator

from rolelint.engine.checks.opened import type_of
from rolelint.engine.checks.strangers import known
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields
from rolelint.iam.conditions import demands
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import covers
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.iam.statements import Statement
from rolelint.template.values import both

_MESSAGES = ("iot:Publish", "iot:Receive", "iot:RetainPublish", "iot:Subscribe")
_TOPICS = ("topic/", "topicfilter/")
_WITH_ALL = "a device with such a certificate can read and command all the others"
_WITH_SOME = "a device with such a certificate can also do there what its program never does"


@says("actions", "can")
def any_action(subject: StatementSubject) -> Iterator[Hit]:
    """A device may do everything that IoT knows: with the topics of all, which is grave, or with chosen ones."""
    statement = subject.statement
    if type_of(subject) != "AWS::IoT::Policy" or not statement.allows or statement.not_actions:
        return
    of_others = max((known(one.text, _takes_all(_TOPICS)) for one in statement.resources), key=_how_sure, default=CERTAIN)
    for action in statement.actions:
        answer = known(action.text, lambda text: text.lower() == "iot:*" or (bool(text) and set(text) <= {"*"}))
        if answer.certainty:
            grave = bool(of_others.certainty)
            answer = min(answer, of_others, key=_how_sure) if grave else answer
            facts = {"actions": str(action.text), "can": _WITH_ALL if grave else _WITH_SOME}
            yield Hit(action.span, answer, facts, action.when, came_through(action.text), minor=not grave)


@says("actions", "resource")
def any_client(subject: StatementSubject) -> Iterator[Hit]:
    """A device may connect under the name of another one."""
    yield from _on_all(subject, ("iot:Connect",), "client/")


@says("actions", "resource")
def any_topic(subject: StatementSubject) -> Iterator[Hit]:
    """A device may read what all others send, or send in their name."""
    yield from _on_all(subject, _MESSAGES, *_TOPICS)


def _on_all(subject: StatementSubject, wanted: tuple[str, ...], *kinds: str) -> Iterator[Hit]:
    """One hit for the wanted actions that a statement of a device allows on every client or topic."""
    statement = subject.statement
    if type_of(subject) != "AWS::IoT::Policy" or not statement.allows or statement.not_resources or _asks_who(statement):
        return
    for resource in statement.resources:
        answer = known(resource.text, _takes_all(kinds))
        actions = [one for one in statement.actions if _is_among(one, wanted) and both(one.when, resource.when) is not None]
        if answer.certainty and actions and not statement.not_actions:
            texts = list(dict.fromkeys(str(one.text) for one in actions))
            facts = {"actions": listed(texts), "resource": str(resource.text)}
            when = both(actions[0].when, resource.when) or ()
            yield Hit(resource.span, answer, facts, when, came_through(resource.text), about=frozenset(texts))
            return


def _how_sure(answer: Answer) -> Certainty:
    return answer.certainty


def _asks_who(statement: Statement) -> bool:
    """Whether a condition asks for a thing that is registered and attached to the certificate."""
    return any(demands(one) and one.name.startswith("iot:connection.thing.") for one in statement.conditions)


def _is_among(action: Pattern, wanted: tuple[str, ...]) -> bool:
    text = action.text.literal or ""
    return text != "*" and any(covers(text, one, any_case=True) for one in wanted)


def _takes_all(kinds: tuple[str, ...]) -> Callable[[str], bool]:
    def takes_all(resource: str) -> bool:
        parts = fields(resource)
        if parts is None:
            return bool(resource) and set(resource) <= {"*"}
        name = parts[5]
        return set(name) <= {"*"} or any(name.startswith(kind) and set(name.removeprefix(kind)) <= set("*#+/") for kind in kinds)

    return takes_all
