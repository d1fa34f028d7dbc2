"""Which wildcards in a statement allow more than anybody wrote down?"""

from collections.abc import Callable, Iterator

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import in_words, names, telling
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import is_star
from rolelint.iam.conditions import restricted_keys
from rolelint.iam.grants import applies, named
from rolelint.iam.patterns import Answer, Certainty, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.template.values import both

_WRITES = frozenset({"permissions", "write", "tagging"})


def _stars(statement: Statement, holds: Callable[[str], bool]) -> list[tuple[Pattern, Answer]]:
    """The resource patterns of an Allow for which something holds, the surest first."""
    if not statement.allows or statement.not_resources:
        return []
    found = [(pattern, judge(pattern.text, holds)) for pattern in statement.resources]
    return sorted((one for one in found if one[1].certainty), key=lambda one: -one[1].certainty)


def _whole_service(pattern: Pattern) -> str | None:
    """The service whose every action a pattern names."""
    service, colon, name = (pattern.text.literal or "").partition(":")
    return service.lower() if colon and name and set(name) == {"*"} and catalogue.actions_of(service.lower()) else None


@says("actions", "can", "resource")
def service_wide(subject: StatementSubject) -> Iterator[Hit]:
    """Every action of a service, on every resource."""
    star = _stars(subject.statement, is_star)
    if star:
        yield from _services(subject, star[0][0], star[0][1])


@says("actions", "can", "resource")
def service_wide_on_some(subject: StatementSubject) -> Iterator[Hit]:
    """Every action of a service, on resources that are named."""
    statement = subject.statement
    if statement.allows and statement.resources and not _stars(statement, is_star):
        yield from _services(subject, statement.resources[0], Answer(Certainty.CERTAIN))


def _services(subject: StatementSubject, resource: Pattern, answer: Answer) -> Iterator[Hit]:
    statement = subject.statement
    wide = [(pattern, service) for pattern in _action_patterns(statement) if (service := _whole_service(pattern))]
    if not wide:
        return
    first = wide[0][0]
    effective = [action for action in catalogue.actions_of(wide[0][1]) if applies(action, statement)]
    when = both(first.when, resource.when)
    if when is None or not effective:
        return
    written = [str(pattern.text) for pattern, _ in wide]
    facts = {"actions": listed(written), "can": in_words(telling(effective)), "resource": str(resource.text)}
    yield Hit(first.span, answer, facts, when, about=frozenset(written))


def _action_patterns(statement: Statement) -> tuple[Pattern, ...]:
    return () if statement.not_actions else statement.actions


def _partial(subject: StatementSubject, wanted: Callable[[frozenset[str]], bool]) -> Iterator[Hit]:
    """Globs over part of a service's actions, by the access levels of those that can be allowed on the resources."""
    statement = subject.statement
    found: list[tuple[Pattern, list[Action]]] = []
    for pattern, actions in named(statement) if statement.allows else ():
        text = pattern.text.literal or ""
        if len(actions) < 2 or not set(text) & set("*?") or ":" not in text or _whole_service(pattern):  # noqa: PLR2004
            continue
        effective = [action for action in actions if applies(action, statement)]
        if wanted(frozenset(action.level for action in effective)):
            found.append((pattern, effective))
    if found:
        first, actions = found[0]
        written = [str(pattern.text) for pattern, _ in found]
        facts = {"actions": listed(written), "can": names(telling(actions, 3)), "count": str(len(actions))}
        yield Hit(first.span, facts=facts, when=first.when, about=frozenset(written))


@says("actions", "can", "count")
def partial_permissions(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in actions which change who may do what."""
    return _partial(subject, lambda levels: "permissions" in levels)


@says("actions", "can", "count")
def partial_write(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in writes, but nothing stronger."""
    return _partial(subject, lambda levels: "permissions" not in levels and bool(levels & _WRITES))


@says("actions", "can", "count")
def partial_read(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in reads only."""
    return _partial(subject, lambda levels: bool(levels) and not levels & _WRITES)


@says("pattern", "services")
def service_prefix(subject: StatementSubject) -> Iterator[Hit]:
    """A wildcard before the colon: one action name in many services."""
    for pattern in _action_patterns(subject.statement) if subject.statement.allows else ():
        prefix, colon, name = (pattern.text.literal or "").partition(":")
        if colon and set(prefix) & set("*?") and set(name) != {"*"}:
            services = sorted({action.service for action in catalogue.expand(pattern.text.literal or "")})
            facts = {"pattern": str(pattern.text), "services": listed(services)}
            yield Hit(pattern.span, facts=facts, when=pattern.when, about=frozenset({str(pattern.text)}))
            return


def _scopable(subject: StatementSubject) -> Iterator[tuple[Pattern, list[Action]]]:
    """The actions of a statement that could be held to named resources, by the pattern that names them."""
    statement = subject.statement
    if restricted_keys(statement) & _narrowing():
        return
    for pattern, actions in named(statement) if statement.allows else ():
        could = [action for action in actions if action.scopable and not catalogue.needs_star(action)]
        could = [action for action in could if catalogue.star_ok_when(action) is None]
        if could and pattern.text.literal not in ("*", "*:*"):
            yield pattern, could


def _narrowing() -> frozenset[str]:
    return frozenset(key.lower() for key in curated.narrowing_keys())


def _on_star(subject: StatementSubject, holds: Callable[[str], bool], *, writes: bool | None) -> Iterator[Hit]:
    stars = _stars(subject.statement, holds)
    if not stars:
        return
    resource, answer = stars[0]
    found: list[Action] = []
    written: list[str] = []
    for pattern, actions in _scopable(subject):
        chosen = [action for action in actions if writes is None or (action.level in _WRITES) == writes]
        if chosen and both(pattern.when, resource.when) is not None:
            found += chosen
            written.append(str(pattern.text))
    if found:
        facts = {
            "actions": listed(written),
            "can": names(telling(found, 3)),
            "resource": str(resource.text),
            "kinds": _kinds(found),
        }
        yield Hit(resource.span, answer, facts, resource.when, about=frozenset(written))


def _kinds(actions: list[Action]) -> str:
    """The kinds of resources that actions could be held to, as a phrase."""
    kinds = dict.fromkeys(action.resources[0].type for action in telling(actions, len(actions)))
    return listed([kind.replace("-", " ") for kind in kinds])


@says("actions", "can", "resource", "kinds")
def star_resource_write(subject: StatementSubject) -> Iterator[Hit]:
    """``*`` for writes that could name their resources."""
    return _on_star(subject, lambda text: text == "*", writes=True)


@says("actions", "can", "resource", "kinds")
def star_resource_read(subject: StatementSubject) -> Iterator[Hit]:
    """``*`` for reads that could name their resources."""
    return _on_star(subject, lambda text: text == "*", writes=False)


@says("actions", "can", "resource", "kinds")
def disguised_star(subject: StatementSubject) -> Iterator[Hit]:
    """A pattern that looks like an ARN and means every resource."""
    return _on_star(subject, lambda text: text != "*" and is_star(text), writes=None)
