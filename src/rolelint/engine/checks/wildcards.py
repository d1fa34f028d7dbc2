"""Which wildcards in the names of actions allow more than anybody wrote down?"""

from collections.abc import Callable, Iterator
from functools import cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import condition_keys, curated
from rolelint.catalogue.actions import Action
from rolelint.engine.checks.phrases import has_something_to_lose, in_words, names, telling
from rolelint.engine.checks.stars import WRITES, is_everything, stars_of, takes_in_all, whole_service
from rolelint.engine.checks.weight import does_little
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import StatementSubject
from rolelint.engine.words import came_through
from rolelint.iam.access import Access
from rolelint.iam.arns import opened
from rolelint.iam.conditions import Quality, sees_every_resource, verdicts
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import is_hole
from rolelint.iam.grants import fits, named
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.template import Template
from rolelint.template.values import Hole, Text, both
from rolelint.tuples import NamedTuple

_FEW = 2
"""Writes that a glob may stand for without being worth a finding: ``kms:ReEncrypt*`` is how AWS itself writes two."""
_VARIABLE = compile_pattern(r"\$\{([\w./-]+:[^{}]+)\}")
_PREFIXES = {"kinesisfirehose": "firehose", "stepfunctions": "states", "efs": "elasticfilesystem"}
"""IAM's prefixes of services that CloudFormation calls by another name."""


def _reach(action: Action, statement: Statement, template: Template) -> Answer:
    """Whether an action can be allowed on a statement's resources. A hole alone may be an ARN of any kind."""
    if statement.not_resources:
        return CERTAIN
    best = NO
    for pattern in statement.resources:
        shape = _shape(pattern.text, template)
        if shape == "*":
            return CERTAIN
        if not fits(action, shape):
            continue
        if not (len(shape) == 1 and is_hole(shape)) or len(catalogue.resource_types(action.service)) == 1:
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
            return f"{opened(before)}\0"
    return "\0"


# -- Every action of a service -----------------------------------------------------------------------------------------


class _Wide(NamedTuple):
    """A pattern for all of a service, what of it can be allowed, and whether on every resource, conditions weighed.

    ``part`` says how much of the service that is, where a denial takes some away.
    """

    pattern: Pattern
    effective: list[Action]
    resource: Pattern
    star: Answer
    part: str


def _wide(subject: StatementSubject) -> tuple[_Wide, ...]:
    return subject.access.once_of(_wide_in, subject.statement)


def _wide_in(access: Access, statement: Statement) -> tuple[_Wide, ...]:
    return tuple(_each_wide(statement, access.template))


def _each_wide(statement: Statement, template: Template) -> Iterator[_Wide]:
    if not statement.allows or statement.not_actions or statement.not_resources:
        return
    named_whole = [(pattern, service) for pattern in statement.actions if (service := whole_service(pattern))]
    unlimited = sees_every_resource(statement) if named_whole else NO
    stars = stars_of(statement, is_everything) if unlimited.certainty else []
    for pattern, service in named_whole:
        if not has_something_to_lose(service):
            continue
        everything = catalogue.actions_of(service)
        given = [one for one in everything if statement.gives(one.full_name)]
        if all(one.level not in WRITES for one in given):
            continue
        effective = [one for one in given if _reach(one, statement, template).certainty]
        about = [one for one in statement.resources if any(fits(action, as_letters(one.text)) for action in everything)]
        scoped = [action for action in everything if action.scopable]
        star = next(
            ((one, sure) for one, sure in stars if one in about and all(takes_in_all(one, action) for action in scoped[:1])),
            None,
        )
        if effective and about:
            sure = min(star[1], unlimited, key=lambda one: one.certainty) if star and 2 * len(given) > len(everything) else NO
            part = f"{len(given)} of the {len(everything)} actions of {service}" if len(given) < len(everything) else ""
            yield _Wide(pattern, effective, star[0] if star else about[0], sure, part)


@says("actions", "can", "resource", "what")
def service_wide(subject: StatementSubject) -> Iterator[Hit]:
    """Every action of a service, on every resource."""
    return _services([wide for wide in _wide(subject) if wide.star.certainty])


@says("actions", "can", "resource", "what")
def service_wide_on_some(subject: StatementSubject) -> Iterator[Hit]:
    """Every action of a service, on resources that are named."""
    keys = [str(one.condition.key) for one in verdicts(subject.statement) if one.quality is Quality.RESTRICTIVE]
    limit = f" that fits {listed(keys)}" if keys else ""
    if not _is_callers_own(subject.statement):
        yield from _services([wide for wide in _wide(subject) if not wide.star.certainty], limit)


def _is_callers_own(statement: Statement) -> bool:
    """Whether each resource, or a condition on it, names the caller by a policy variable: everything in a folder of one's own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    tagged = (one for one in verdicts(statement) if one.quality is Quality.RESTRICTIVE and one.key.about == "resource")
    if any(all(_names_caller(value.text) for value in one.condition.values) for one in tagged):
        return True
    return bool(statement.resources) and all(_names_caller(one.text) for one in statement.resources)


def _names_caller(text: Text) -> bool:
    keys = (found.partition(",")[0] for found in _VARIABLE.findall(as_letters(text)))
    return any(condition_keys.find(key).about in ("caller", "session") for key in keys)


def _services(found: list[_Wide], limit: str = "") -> Iterator[Hit]:
    found = [wide for wide in found if both(wide.pattern.when, wide.resource.when) is not None]
    if not found:
        return
    first = max(found, key=lambda wide: wide.star.certainty)
    written = [str(wide.pattern.text) for wide in found]
    facts = {
        "actions": listed(written),
        "can": in_words(telling(first.effective)),
        "resource": f"{first.resource.text}{limit}",
        "what": _how_much(found),
    }
    when = both(first.pattern.when, first.resource.when) or ()
    answer = first.star if first.star.certainty else CERTAIN
    minor = all(does_little(wide.effective) for wide in found)
    related = came_through(first.resource.text)
    yield Hit(first.pattern.span, answer, facts, when, related, about=frozenset(written), minor=minor)


def _how_much(found: list[_Wide]) -> str:
    """What of services is given: ``everything in s3 and sqs``, or ``everything in s3 and 42 of the 190 actions of iam``."""
    whole = list(dict.fromkeys(wide.effective[0].service for wide in found if not wide.part))
    parts = dict.fromkeys(wide.part for wide in found if wide.part)
    return listed([f"everything in {listed(whole)}", *parts] if whole else list(parts))


# -- Some actions of a service -----------------------------------------------------------------------------------------


def _is_no_part(pattern: Pattern) -> bool:
    """Whether a pattern names one action, all of a service, or everything."""
    text = str(pattern.text)
    return not set(text) & set("*?") or ":" not in text or whole_service(pattern) is not None


def _partial(
    subject: StatementSubject, wanted: Callable[[frozenset[str]], bool], levels: frozenset[str], few: int = 0
) -> Iterator[Hit]:
    """Globs over part of a service's actions, by the access levels of those that can be allowed on the resources."""
    statement = subject.statement
    found: list[tuple[Pattern, list[Action], Answer]] = []
    for pattern, actions in named(statement, unless=_is_no_part) if statement.allows else ():
        if len(actions) < 2:  # noqa: PLR2004 - one is exact
            continue
        text = str(pattern.text)
        if text.lower() in curated.families():
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
    return _partial(subject, lambda levels: "permissions" not in levels and bool(levels & WRITES), WRITES, few=_FEW)


@says("actions", "can", "count", "pattern", "doing")
def partial_read(subject: StatementSubject) -> Iterator[Hit]:
    """A glob that takes in reads only."""
    return _partial(subject, lambda levels: bool(levels) and not levels & WRITES, frozenset({"read", "list"}))


@says("pattern", "services")
def service_prefix(subject: StatementSubject) -> Iterator[Hit]:
    """A wildcard before the colon: one action name in many services."""
    statement = subject.statement
    for pattern in statement.actions if statement.allows and not statement.not_actions else ():
        prefix, colon, _ = (pattern.text.literal or "").partition(":")
        if colon and set(prefix) & set("*?"):
            services = list(dict.fromkeys(action.service for action in catalogue.expand(pattern.text.literal or "")))
            if services:
                facts = {"pattern": str(pattern.text), "services": listed(services)}
                yield Hit(pattern.span, facts=facts, when=pattern.when, about=frozenset({str(pattern.text)}))
