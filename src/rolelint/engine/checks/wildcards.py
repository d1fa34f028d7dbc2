"""Which wildcards in a statement allow more than anybody wrote down?"""

from collections.abc import Callable, Iterator
from functools import cache
from re import compile as compile_pattern
from typing import NamedTuple

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.catalogue.globs import matcher
from rolelint.engine.checks.phrases import has_something_to_lose, in_words, kind_of, names, telling
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.arns import fields
from rolelint.iam.conditions import restricts
from rolelint.iam.grants import fits, named
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge
from rolelint.iam.statements import Pattern, Statement
from rolelint.template.template import Template
from rolelint.template.values import Hole, Text, both

_WRITES = frozenset({"permissions", "write", "tagging"})
_LOGGING = frozenset({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"})
_FEW = 2
"""Writes that a glob may stand for without being worth a finding: ``kms:ReEncrypt*`` is how AWS itself writes two."""
_CREATES = ("Allocate", "Copy", "Create", "Import", "Register", "Request", "Run")
_GENERATED = compile_pattern(r"Id\}$")
_PREFIXES = {"kinesisfirehose": "firehose", "stepfunctions": "states", "efs": "elasticfilesystem"}
"""IAM's prefixes of services that CloudFormation calls by another name."""
_VARIABLE = compile_pattern(r"\$\{[^}]*\}")
_LETTER = compile_pattern("[\ue000-\uf8ff]")


# -- Which resources? --------------------------------------------------------------------------------------------------


def _is_everything(pattern: str) -> bool:
    """Whether a pattern is ``*``, or an ARN that leaves its whole last field open, such as ``arn:aws:s3:::*``."""
    given = fields(pattern)
    if given is None or set(given[5]) - {"*", "/", ":"}:
        return False
    return given[5].startswith("*") or (given[2] == "apigateway" and given[5] == "/*")  # API Gateway's all begin with a slash


def _stars(statement: Statement, holds: Callable[[str], bool]) -> list[tuple[Pattern, Answer]]:
    """The resource patterns of an Allow for which something holds, the surest first."""
    if not statement.allows or statement.not_resources:
        return []
    found = [(pattern, _stated(pattern.text, holds)) for pattern in statement.resources]
    return sorted((one for one in found if one[1].certainty), key=lambda one: -one[1].certainty)


def _stated(text: Text, holds: Callable[[str], bool]) -> Answer:
    """Whether something holds of a resource, by what the template says of it.

    To take an ARN as a parameter is good practice: that somebody could pass a ``*`` is not held against it, a default is.
    """
    answer, symbol = judge(text, holds), text.symbol
    if answer.certainty is not Certainty.POSSIBLE or symbol is None or not symbol.free or symbol.allowed:
        return answer
    return answer if symbol.default is not None and holds(symbol.default) else NO


def _reach(action: Action, statement: Statement, template: Template) -> Answer:
    """Whether an action can be allowed on a statement's resources. A hole alone may be an ARN of any kind."""
    if statement.not_resources:
        return CERTAIN
    best = NO
    for pattern in statement.resources:
        shape = _shape(pattern.text, template)
        if not fits(action, shape):
            continue
        if not _LETTER.fullmatch(shape) or len(catalogue.resource_types(action.service)) == 1:
            return CERTAIN
        best = Answer(Certainty.POSSIBLE, (f"{pattern.text} is what {action.full_name} works on",))
    return best


def _shape(text: Text, template: Template) -> str:
    """A resource as text, with the ARN of a resource of this template in the form that ARNs of its type have."""
    plain = as_letters(text)
    first = text.pieces[0] if text.pieces else None
    if isinstance(first, Hole) and first.symbol.kind in ("attribute", "name"):
        logical_id, _, attribute = first.symbol.name.partition(".")
        owner = template.resources.get(logical_id)
        if owner and attribute in ("Arn", ""):
            return _arn_form(owner.type).replace("\0", plain[0]) + plain[1:]
    return plain


@cache
def _arn_form(resource_type: str) -> str:
    """The ARNs of a CloudFormation type, NUL where the name stands; NUL alone when the type is not known."""
    _, _, rest = resource_type.lower().partition("::")
    service, _, kind = rest.partition("::")
    for known in catalogue.resource_types(_PREFIXES.get(service, service)).values():
        if known.name.replace("-", "").lower() == kind and known.formats and known.formats[0].endswith("}"):
            before, _, _ = known.formats[0].rpartition("${")
            return f"{_VARIABLE.sub('*', before)}\0"
    return "\0"


# -- Every action of a service -----------------------------------------------------------------------------------------


def _whole_service(pattern: Pattern) -> str | None:
    """The service whose every action a pattern names."""
    service, colon, name = (pattern.text.literal or "").partition(":")
    return service.lower() if colon and name and set(name) == {"*"} and catalogue.actions_of(service.lower()) else None


class _Wide(NamedTuple):
    """A pattern for all of a service, what of it can be allowed, and whether on every resource."""

    pattern: Pattern
    effective: list[Action]
    resource: Pattern
    star: Answer


def _wide(subject: StatementSubject) -> Iterator[_Wide]:
    statement = subject.statement
    if not statement.allows or statement.not_actions or statement.not_resources:
        return
    stars = _stars(statement, _is_everything)
    for pattern in statement.actions:
        service = _whole_service(pattern)
        if service is None or not has_something_to_lose(service):
            continue
        everything = catalogue.actions_of(service)
        given = [one for one in everything if statement.gives(one.full_name)]
        effective = [one for one in given if _reach(one, statement, subject.access.template).certainty]
        about = [one for one in statement.resources if any(fits(action, as_letters(one.text)) for action in everything)]
        scoped = [action for action in everything if action.scopable]
        star = next(
            ((one, sure) for one, sure in stars if one in about and all(_takes_in_all(one, action) for action in scoped[:1])),
            None,
        )
        if effective and about:
            yield _Wide(pattern, effective, star[0] if star else about[0], star[1] if star else NO)


@says("actions", "can", "resource", "services")
def service_wide(subject: StatementSubject) -> Iterator[Hit]:
    """Every action of a service, on every resource."""
    return _services([wide for wide in _wide(subject) if wide.star.certainty])


@says("actions", "can", "resource", "services")
def service_wide_on_some(subject: StatementSubject) -> Iterator[Hit]:
    """Every action of a service, on resources that are named."""
    return _services([wide for wide in _wide(subject) if not wide.star.certainty])


def _services(found: list[_Wide]) -> Iterator[Hit]:
    found = [wide for wide in found if both(wide.pattern.when, wide.resource.when) is not None]
    if not found:
        return
    first = max(found, key=lambda wide: wide.star.certainty)
    written = [str(wide.pattern.text) for wide in found]
    facts = {
        "actions": listed(written),
        "can": in_words(telling(first.effective)),
        "resource": str(first.resource.text),
        "services": listed(list(dict.fromkeys(wide.effective[0].service for wide in found))),
    }
    when = both(first.pattern.when, first.resource.when) or ()
    answer = first.star if first.star.certainty else CERTAIN
    yield Hit(first.pattern.span, answer, facts, when, came_through(first.resource.text), about=frozenset(written))


# -- Some actions of a service -----------------------------------------------------------------------------------------


def _partial(
    subject: StatementSubject, wanted: Callable[[frozenset[str]], bool], levels: frozenset[str], few: int = 0
) -> Iterator[Hit]:
    """Globs over part of a service's actions, by the access levels of those that can be allowed on the resources."""
    statement = subject.statement
    found: list[tuple[Pattern, list[Action], Answer]] = []
    for pattern, actions in named(statement) if statement.allows else ():
        text = pattern.text.literal or ""
        if len(actions) < 2 or not set(text) & set("*?") or ":" not in text or _whole_service(pattern):  # noqa: PLR2004 - one is exact
            continue
        reached = {action: _reach(action, statement, subject.access.template) for action in actions}
        for certainty in (Certainty.CERTAIN, Certainty.POSSIBLE):
            effective = [action for action, answer in reached.items() if answer.certainty >= certainty]
            if wanted(frozenset(action.level for action in effective)):
                telltale = [action for action in effective if action.level in levels]
                if len(telltale) <= few or (few and catalogue.find(text.removesuffix("*"))):
                    break
                found.append((pattern, telltale, reached[telltale[0]] if certainty is Certainty.POSSIBLE else CERTAIN))
                break
    if found:
        first, shown, answer = max(found, key=lambda one: one[2].certainty)
        written = [str(pattern.text) for pattern, _, _ in found]
        facts = {"actions": listed(written), "can": names(telling(shown)), "pattern": str(first.text)}
        facts |= {"count": str(len(shown)), "doing": in_words(telling(shown))}
        yield Hit(first.span, answer, facts, first.when, about=frozenset(written))


@says("actions", "can", "count", "pattern", "doing")
def partial_permissions(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in actions which change who may do what."""
    return _partial(subject, lambda levels: "permissions" in levels, frozenset({"permissions"}))


@says("actions", "can", "count", "pattern", "doing")
def partial_write(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in writes, but nothing stronger, and more than the variants of one action."""
    return _partial(subject, lambda levels: "permissions" not in levels and bool(levels & _WRITES), _WRITES, few=_FEW)


@says("actions", "can", "count", "pattern", "doing")
def partial_read(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in reads only."""
    return _partial(subject, lambda levels: bool(levels) and not levels & _WRITES, frozenset({"read", "list"}))


@says("pattern", "services")
def service_prefix(subject: StatementSubject) -> Iterator[Hit]:
    """A wildcard before the colon: one action name in many services."""
    statement = subject.statement
    for pattern in statement.actions if statement.allows and not statement.not_actions else ():
        prefix, colon, name = (pattern.text.literal or "").partition(":")
        if colon and set(prefix) & set("*?") and set(prefix + name) != {"*"}:
            services = list(dict.fromkeys(action.service for action in catalogue.expand(pattern.text.literal or "")))
            if services:
                facts = {"pattern": str(pattern.text), "services": listed(services)}
                yield Hit(pattern.span, facts=facts, when=pattern.when, about=frozenset({str(pattern.text)}))


# -- Every resource ----------------------------------------------------------------------------------------------------


def _narrowed(statement: Statement) -> bool:
    """Whether a condition keeps a statement on ``*`` to some resources, callers' regions and networks aside.

    A key that a service defines, such as ``kms:ViaService``, is missing from requests to other services, which then fail.
    """
    keys = [one.name for one in statement.conditions if restricts(one) and not one.operator.lower().endswith("ifexists")]
    return any(not key.startswith("aws:") or any(fit(key) for fit in _narrowing()) for key in keys)


@cache
def _narrowing() -> tuple[Callable[[str], object], ...]:
    return tuple(matcher(key.lower()) for key in (*curated.narrowing_keys(), "aws:RequestTag/*"))


def _could_name(action: Action) -> bool:
    """Whether an action could be held to resources by name: it works on some, and they have names before it is called."""
    if not action.scopable or catalogue.needs_star(action) or catalogue.star_ok_when(action) is not None:
        return False
    generated = all(_GENERATED.search(form) for form in catalogue.formats(action))
    return not (generated and action.name.startswith(_CREATES))


def _on_star(subject: StatementSubject, holds: Callable[[str], bool], *, writes: bool, logs: bool = False) -> Iterator[Hit]:
    """What a statement allows on everything although it could be held to names.

    Writing logs, when it is all that is written, is a lesser matter and told by a rule of its own; all of a service likewise.
    """
    statement = subject.statement
    stars = _stars(statement, holds)
    if not stars or _narrowed(statement):
        return
    resource, answer = stars[0]
    found: list[Action] = []
    written: list[str] = []
    others: list[str] = []
    for pattern, named_by_it in named(statement):
        if _is_told_elsewhere(pattern) or both(pattern.when, resource.when) is None:
            continue
        could = [one for one in named_by_it if _could_name(one) and _takes_in_all(resource, one)]
        chosen = [one for one in could if (one.level in _WRITES if writes else _reads_data(one))]
        if chosen and _says_so(chosen, named_by_it):
            found += chosen
            written.append(str(pattern.text))
        elif could:
            others.append(str(pattern.text))
    only_logs = {action.full_name for action in found} <= _LOGGING
    if found and (not writes or logs == only_logs) and (not logs or "logs:PutLogEvents" in {one.full_name for one in found}):
        told = telling(found, len(found))
        facts = {
            "actions": listed(written),
            "can": in_words(told[:2]),
            "resource": str(resource.text),
            "kinds": _kinds(told),
        }
        related = came_through(resource.text)
        yield Hit(resource.span, answer, facts, resource.when, related, about=frozenset((*written, *others)))


def _is_told_elsewhere(pattern: Pattern) -> bool:
    """Whether a pattern is for everything, or for all of a service, which graver rules report."""
    service = _whole_service(pattern)
    return pattern.text.literal in ("*", "*:*") or (service is not None and has_something_to_lose(service))


def _takes_in_all(resource: Pattern, action: Action) -> bool:
    """Whether an ARN that leaves its last field open reaches what an action works on: without a region, most it does not."""
    text = as_letters(resource.text)
    given = fields(text)
    if text == "*" or given is None or not fits(action, text):
        return text == "*" or (given is None and fits(action, text))
    shapes = [form.split(":", 5) for form in catalogue.formats(action)]
    return any(all(given[place] or not shape[place] for place in (3, 4)) for shape in shapes)


def _reads_data(action: Action) -> bool:
    """Whether an action reads more than what exists and how it is set up."""
    about_settings = action.name.startswith(("Describe", "List")) and not curated.categories_of(action.full_name)
    return action.level not in _WRITES and not about_settings


def _says_so(chosen: list[Action], all_of_them: tuple[Action, ...]) -> bool:
    """Whether a pattern is about what was chosen: of ``ec2:Describe*`` only one action in ten could name a resource."""
    return any(action.level in _WRITES for action in chosen) or 2 * len(chosen) > len(all_of_them)


def _kinds(actions: list[Action]) -> str:
    """The kinds of resources that actions could be held to, as a phrase."""
    kinds = dict.fromkeys(kind_of(action) for action in actions)
    return listed(list(kinds), 2)


@says("actions", "can", "resource", "kinds")
def star_resource_write(subject: StatementSubject) -> Iterator[Hit]:
    """``*`` for writes that could name their resources."""
    return _on_star(subject, lambda text: text == "*", writes=True)


@says("actions", "can", "resource", "kinds")
def star_resource_read(subject: StatementSubject) -> Iterator[Hit]:
    """``*``, or an ARN that means the same, for reads that could name their resources."""
    return _on_star(subject, _is_everything, writes=False)


@says("actions", "can", "resource", "kinds")
def star_resource_logs(subject: StatementSubject) -> Iterator[Hit]:
    """``*``, or an ARN that means the same, for nothing but writing logs."""
    return _on_star(subject, _is_everything, writes=True, logs=True)


@says("actions", "can", "resource", "kinds")
def disguised_star(subject: StatementSubject) -> Iterator[Hit]:
    """A pattern that looks like an ARN and means every resource, for writes that could name theirs."""
    if not _stars(subject.statement, lambda text: text == "*"):
        yield from _on_star(subject, _is_everything, writes=True)
