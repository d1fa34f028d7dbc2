"""Does a statement name things that exist?"""

from collections.abc import Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.meta import meta
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.statements import Pattern


def _unmatched(subject: StatementSubject) -> Iterator[tuple[Pattern, str]]:
    """The actions that match nothing in the catalogue."""
    for pattern in subject.statement.actions:
        text = pattern.text.literal
        if text and text != "*" and not catalogue.expand(text):
            yield pattern, text


@says("actions", "date", "hint", "effect")
def unknown_action(subject: StatementSubject) -> Iterator[Hit]:
    """An action that AWS does not list."""
    found = [(pattern, text) for pattern, text in _unmatched(subject) if not catalogue.is_retired(text)]
    if found:
        first, text = found[0]
        close = catalogue.similar(text) if ":" in text else ()
        facts = {
            "actions": listed(list(dict.fromkeys(text for _, text in found))),
            "date": meta().actions_date,
            "hint": f" (did you mean {_either(close)}?)" if close else "",
            "effect": _effect(subject),
        }
        yield Hit(first.span, facts=facts, when=first.when, about=frozenset(text for _, text in found))


def _either(names: tuple[str, ...]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _effect(subject: StatementSubject) -> str:
    statement = subject.statement
    if statement.not_actions:
        return "excludes"
    return "allows" if statement.allows else "denies"


@says("actions", "date")
def retired_action(subject: StatementSubject) -> Iterator[Hit]:
    """An action of something that AWS has shut down."""
    found = [(pattern, text) for pattern, text in _unmatched(subject) if catalogue.is_retired(text)]
    if found:
        written = list(dict.fromkeys(text for _, text in found))
        facts = {"actions": listed(written), "date": catalogue.last_seen(written[0]) or ""}
        yield Hit(found[0][0].span, facts=facts, when=found[0][0].when, about=frozenset(written))
