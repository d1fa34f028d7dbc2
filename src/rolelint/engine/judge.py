"""Which rules hold of this template? Every rule is asked about every subject of its kind; the strongest finding speaks."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from itertools import permutations, product

from rolelint.engine.findings import ALL_BUT, Finding, Owner, Stated
from rolelint.engine.hits import Check, Hit
from rolelint.engine.rule import Rule
from rolelint.engine.subjects import (
    StatementSubject,
    Subject,
    by_what_is_denied,
    owner_name,
    owner_of,
    served,
    subjects,
    with_holders_of,
)
from rolelint.engine.trusted import NOBODY, Trusted
from rolelint.engine.words import Match, matches
from rolelint.iam.access import Access
from rolelint.iam.conditions import despite, what_limits
from rolelint.iam.effective import taken_on_trust
from rolelint.iam.patterns import CERTAIN, Answer, Certainty
from rolelint.iam.statements import Statement
from rolelint.syntax.nodes import Node
from rolelint.syntax.pointers import json_pointer, steps_to
from rolelint.syntax.source import Problem, Span
from rolelint.template.evaluate import reachable
from rolelint.template.values import When, both

_ABOUT_FORM = "validity"
"""The theme whose rules ask how a statement is written, not what it gives."""
_MOST_SAID = 2
"""Findings about what a statement gives; beyond them, a weaker rule is folded even if it also speaks of other actions."""
_MOST_MATCHES = 6
"""Places of one clause that are tried together with those of the others."""


class RuleFailure(Exception):  # noqa: N818 - it is told to people
    """A rule itself failed: our bug. Names the rule and the template."""

    def __init__(self, rule: str, path: str) -> None:
        super().__init__(f"the rule {rule} failed on {path}")


def judge(access: Access, rules: Iterable[Rule], trusted: Trusted = NOBODY) -> list[Finding]:
    """The findings about a template, in the order of place and rule; weaker ones on the same subject are folded in."""
    rules = tuple(rules)
    weaker = {rule.name: rule.implies for rule in rules}
    by_kind: dict[str, list[Rule]] = {}
    for rule in rules:
        by_kind.setdefault(rule.subject, []).append(rule)
    findings: list[Finding] = []
    for kind, asked in by_kind.items():
        for subject in subjects(access, kind, trusted):
            hits: dict[Rule, list[Hit]] = {}
            about: dict[Rule, Subject] = {}
            for part in by_what_is_denied(subject):
                for rule in asked:
                    if found := _ask(rule, part, access):
                        hits.setdefault(rule, found)
                        about[rule] = with_holders_of(part, about.get(rule))
            if hits:
                findings += _spoken(about, hits, {rule.name: _reached(rule.name, weaker) for rule in hits}, access)
    return sorted(_once(findings), key=lambda one: (one.span.start, one.rule, one.span.end, one.message))


def _once(findings: list[Finding]) -> Iterable[Finding]:
    """One finding for each rule and place: a statement that depends on conditions is judged in each of its forms."""
    kept: dict[tuple[str, Span], Finding] = {}
    for finding in findings:
        known = kept.get((finding.rule, finding.span))
        if known is None or (finding.certainty, -len(finding.assumptions)) > (known.certainty, -len(known.assumptions)):
            kept[finding.rule, finding.span] = finding
    return kept.values()


def report_problems(problems: Iterable[Problem], rules: Iterable[Rule], root: Node | None) -> list[Finding]:
    """What could not be read as findings of the rules that report it; a rule that was not selected stays silent."""
    problems = tuple(problems)
    named = {rule.name: rule for rule in rules if rule.subject == "problem"} if problems else {}
    findings = []
    for problem in problems:
        rule = named.get(problem.rule)
        if rule:
            span = problem.span.on_one_line()
            pointer = json_pointer(steps_to(root, span.start)) if root else ""
            message = rule.message.format_map({"problem": problem.message})
            message = message[:1].upper() + message[1:]
            findings.append(
                Finding(rule.name, rule.severity, Certainty.CERTAIN, message, span, pointer, None, span.text, help=rule.fix)
            )
    return findings


def _ask(rule: Rule, subject: Subject, access: Access) -> list[Hit]:
    try:
        hits = list(check_named(rule.check)(subject) if rule.check else _where(rule, subject))
        return [_doubted(hit, subject, rule) for hit in hits if _is_there(hit, subject)] if hits else hits
    except Exception as error:
        raise RuleFailure(rule.name, access.template.source.path) from error


def _is_there(hit: Hit, subject: Subject) -> bool:
    """Whether what a hit rests on can be so, and denials that may stand in the same branch leave something of it."""
    if not hit.when:
        return True
    if not reachable(hit.when, subject.access.template):
        return False
    statement = subject.statement if isinstance(subject, StatementSubject) else None
    when = both(statement.when, hit.when) if statement else None
    if statement is None or when is None or not hit.about or not any(one.when for one in statement.denials):
        return True
    return any(statement._replace(when=when).gives(action) for action in hit.about)


def _doubted(hit: Hit, subject: Subject, rule: Rule) -> Hit:
    """A hit that is only possible, where something that could not be read, or a Deny on some targets, may say otherwise."""
    if not isinstance(subject, StatementSubject) or rule.theme == _ABOUT_FORM or not subject.statement.allows:
        return hit
    if subject.policy.kind == "unclassified_policy" and subject.policy.resource:
        hit = _less_sure(hit, f"{subject.policy.resource.type} grants what this document says")
    for assumption in _taken_on_trust(subject):
        hit = _less_sure(hit, assumption)
    statement = subject.statement
    if statement.unread_condition:
        return _less_sure(hit, "the condition that could not be read does not narrow it")
    actions = sorted(hit.about) or [str(action.text) for action in statement.actions]
    limits = [what_limits(statement, action) for action in actions] if statement.limits else []
    return _less_sure(hit, f"{limits[0]} leaves enough") if limits and all(limits) else hit


def _taken_on_trust(subject: StatementSubject) -> tuple[str, ...]:
    """What must be so for any holder to get what the statement allows; nothing when one gets it whatever is so."""
    answers = [taken_on_trust(holder, subject.access) for holder in subject.holders if subject.policy.kind == "identity_policy"]
    surest = max(answers, key=lambda answer: answer.certainty, default=CERTAIN)
    return surest.assumptions


def _less_sure(hit: Hit, assumption: str) -> Hit:
    assumed = tuple(dict.fromkeys((*hit.answer.assumptions, assumption)))
    return hit._replace(answer=Answer(min(hit.answer.certainty, Certainty.POSSIBLE), assumed))


def _spoken(
    about: dict[Rule, Subject], hits: dict[Rule, list[Hit]], implied: dict[str, set[str]], access: Access
) -> Iterator[Finding]:
    """The findings on one subject: one a rule, those that a stronger and no less certain one speaks for named in its ``also``."""
    also: dict[int, set[str]] = {}
    hits = _folded(hits, implied, also, _covers)
    if sum(map(bool, hits.values())) > _MOST_SAID and any(isinstance(one, StatementSubject) for one in about.values()):
        hits = _folded(hits, implied, also, _is_as_sure)
    for rule, found in hits.items():
        shown = found if rule.subject == "template" else sorted(found, key=lambda hit: -hit.answer.certainty)[:1]
        for hit in shown:
            speaks_for = also.get(id(hit), set()) if rule.subject == "template" else _all_of(also, found)
            yield _finding(rule, about[rule], hit, access)._replace(also=tuple(sorted(speaks_for)))


def _folded(
    hits: dict[Rule, list[Hit]], implied: dict[str, set[str]], also: dict[int, set[str]], covers: Callable[[Hit, Hit], bool]
) -> dict[Rule, list[Hit]]:
    """The hits without those that a stronger rule's speak for; ``also`` learns who speaks for which rule.

    The strongest first: what is folded itself speaks for nobody.
    """
    for weak, strong in permutations(sorted(hits, key=lambda rule: -len(implied[rule.name])), 2):
        if weak.name in implied[strong.name]:
            left: list[Hit] = []
            for hit in hits[weak]:
                spoken_for = [other for other in hits[strong] if covers(other, hit)]
                for other in spoken_for:
                    also.setdefault(id(other), set()).add(weak.name)
                left += [] if spoken_for else [hit]
            hits = {**hits, weak: left}
    return hits


def _all_of(also: dict[int, set[str]], hits: list[Hit]) -> set[str]:
    return set[str]().union(*(also.get(id(hit), set()) for hit in hits))


def _covers(strong: Hit, weak: Hit) -> bool:
    """Whether a hit of a stronger rule says all that a weaker rule's does."""
    return _is_as_sure(strong, weak) and (not strong.about or weak.about <= strong.about | strong.beside)


def _is_as_sure(strong: Hit, weak: Hit) -> bool:
    return weak.answer.certainty <= strong.answer.certainty


@cache
def check_named(name: str) -> Check:
    """The check that a rule names as ``module.function``; only functions of this package's checks can be named.

    Raises:
        LookupError: there is none of that name.

    """
    module, _, function = name.partition(".")
    if not module.isidentifier() or not function.isidentifier():
        raise LookupError(name)
    try:
        check: Check = getattr(import_module(f"rolelint.engine.checks.{module}"), function)
    except (ImportError, AttributeError) as error:
        raise LookupError(name) from error
    if not isinstance(getattr(check, "facts", None), frozenset):
        raise LookupError(name)  # noqa: TRY004 - it is as little a check as a name that is not there
    return check


def _where(rule: Rule, subject: Subject) -> Iterator[Hit]:
    """One hit for the best combination of places in which every clause of a rule holds at once."""
    found: dict[str, list[Match]] = {}
    for clause in rule.where:
        held = sorted(matches(subject, clause), key=lambda match: -match.answer.certainty)
        if not held:
            return
        found[f"{clause.field} {clause.word}"] = held[:_MOST_MATCHES]
    best: Hit | None = None
    for chosen in product(*found.values()):
        hit = _together(rule, dict(zip((key.partition(" ")[0] for key in found), chosen, strict=True)), chosen)
        if hit and (best is None or hit.answer.certainty > best.answer.certainty):
            best = hit
    if best:
        yield best


def _together(rule: Rule, by_field: dict[str, Match], chosen: tuple[Match, ...]) -> Hit | None:
    when: When | None = ()
    for match in chosen:
        when = both(when, match.when) if when is not None else None
    span = by_field[rule.point_at].span if rule.point_at in by_field else None
    if when is None or span is None:
        return None
    certainty = min(match.answer.certainty for match in chosen)
    assumptions = tuple(dict.fromkeys(one for match in chosen for one in match.answer.assumptions))
    facts = {field: match.shown for field, match in by_field.items()}
    related = tuple(one for match in chosen for one in match.related)
    about = frozenset({facts["action"]}) if facts.get("action") else frozenset[str]()
    return Hit(span, Answer(certainty, assumptions), facts, when, related, about=about)


def _finding(rule: Rule, subject: Subject, hit: Hit, access: Access) -> Finding:
    template = access.template
    span = hit.span.on_one_line()
    inside = span.source is template.source
    message = _message(rule, subject, hit)
    return Finding(
        rule=rule.name,
        severity=rule.minor if hit.minor and rule.minor is not None else rule.severity,
        certainty=hit.answer.certainty,
        message=message,
        span=span,
        pointer=json_pointer(steps_to(template.root, span.start)) if inside else "",
        owner=_within(access, owner_of(subject) or _owner_at(access, span.start if inside else -1)),
        witness=span.text,
        related=tuple(dict.fromkeys((*served(subject), *hit.related))),
        assumptions=(*(_in_words(hit.when)), *hit.answer.assumptions),
        help=rule.fix,
        suggestion=hit.suggestion,
        masked=hit.masked,
        statement=_stated(subject.statement, rule) if isinstance(subject, StatementSubject) else None,
    )


def _message(rule: Rule, subject: Subject, hit: Hit) -> str:
    """What a rule says of a hit: what was found, the condition that looks as if it helped, and what it means."""
    found, arrow, meaning = rule.message.partition(" → ")
    facts = {"owner": owner_name(subject), **hit.facts}
    message = found.format_map(facts)
    message += _despite(rule, subject, hit, message) + arrow + meaning.format_map(facts)
    return message if rule.message.startswith("{") else message[:1].upper() + message[1:]


def _despite(rule: Rule, subject: Subject, hit: Hit, message: str) -> str:
    """The condition that does not narrow what a statement gives, unless the finding tells of conditions anyway."""
    refused = rule.theme == _ABOUT_FORM or rule.message.startswith("{owner} may not ")
    if refused or not isinstance(subject, StatementSubject) or not subject.statement.allows:
        return ""
    lines = subject.statement.conditions
    places = {span for line in lines for span in (line.key.span, *(value.span for value in line.values))}
    pointed_at = not places.isdisjoint((hit.span, *(one.span for one in hit.related)))
    return "" if pointed_at or any(str(line.key) in message for line in lines) else despite(subject.statement)


def _stated(statement: Statement, rule: Rule) -> Stated:
    """What a statement says, in its own words and in an order that does not depend on its; for its form it does not matter."""
    if rule.theme == _ABOUT_FORM:
        return Stated(statement.sid or "", (), (), (), ())
    return Stated(
        statement.sid or "",
        _texts((str(one.text) for one in statement.actions), others=statement.not_actions),
        _texts((str(one.text) for one in statement.resources), others=statement.not_resources),
        _texts((f"{one.kind}:{one.text}" for one in statement.principals), others=statement.not_principals),
        tuple(
            sorted(" ".join((one.operator, one.name, *(str(value.text) for value in one.values))) for one in statement.conditions)
        ),
    )


def _texts(texts: Iterable[str], *, others: bool) -> tuple[str, ...]:
    known = tuple(sorted(set(texts)))
    return (ALL_BUT + ", ".join(known),) if others else known


def _in_words(when: When) -> Iterator[str]:
    for condition, holds in when:
        yield f"the condition {condition} {'holds' if holds else 'does not hold'}"


def _within(access: Access, owner: Owner | None) -> Owner | None:
    """The owner by its id and those of the resources around its template."""
    if owner is None:
        return None
    resource = access.template.resources.get(owner.id)
    return owner._replace(id=access.template.within + owner.id, construct=resource.construct if resource else "")


def _owner_at(access: Access, offset: int) -> Owner | None:
    """The resource whose text an offset lies in."""
    for resource in access.template.resources.values():
        if resource.key.span.start <= offset < resource.node.span.end:
            return Owner(resource.id, resource.type)
    return None


def _reached(name: str, weaker: dict[str, tuple[str, ...]]) -> set[str]:
    """The weaker rules that a rule speaks for, also those that they in turn speak for."""
    found: set[str] = set()
    todo = [name]
    while todo:
        fresh = [one for one in weaker.get(todo.pop(), ()) if one not in found]
        found.update(fresh)
        todo += fresh
    return found
