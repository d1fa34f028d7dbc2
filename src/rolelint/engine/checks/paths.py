"""Which permissions together lead to those of another role?

The paths are curated facts. A holder walks one when it is allowed every action of it: each is looked for in all that the
holder has, also in what AWS's managed policies and its groups give. A policy without a holder in the template stands for
whoever it will be attached to, by itself.
"""

from collections.abc import Iterator
from functools import cache, lru_cache, partial

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.catalogue.curated import EscalationPath
from rolelint.engine.checks.administrators import EVERY_ROLE, is_admin, is_role, powerful, trusting, trusts
from rolelint.engine.checks.escalation import only_if, reaches_all
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import PrincipalSubject, StatementSubject, held_beside
from rolelint.iam.access import Access, Principal
from rolelint.iam.arns import reaches
from rolelint.iam.conditions import conditions_on, keeps_small, restricts, what_limits
from rolelint.iam.effective import statements_of, taken_on_trust
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import covers
from rolelint.iam.grants import allows, among, can_be_called, fits, is_whole_service, names, names_of
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, judge, together
from rolelint.iam.statements import Statement
from rolelint.template.evaluate import reachable
from rolelint.template.template import Template
from rolelint.template.values import Text, When, both
from rolelint.tuples import NamedTuple

_PASS = "iam:PassRole"  # noqa: S105 - the name of an action
_ASSUME = "sts:AssumeRole"
_SERVICE_KEY = "iam:passedtoservice"
_FAMILIAR = ("passrole-lambda-invoke", "passrole-ec2-run-instances", "passrole-ecs-run-task", "passrole-cfn-create-stack")
"""Paths that come first when several are open: those that people know best."""


# -- Several actions ---------------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    """One action of a path: the statement and the pattern that allow it, and how surely."""

    action: str
    statement: Statement
    pattern: Pattern
    resource: Pattern | None
    answer: Answer


class _Walk(NamedTuple):
    """A path that is open to a holder, by its steps in the order of the path."""

    path: EscalationPath
    steps: tuple[_Step, ...]
    answer: Answer


@says("actions", "resource", "gain", "more", "result")
def combination(subject: StatementSubject) -> Iterator[Hit]:
    """The first step of a path that needs more than one action, when its holder has the other steps too."""
    statement = subject.statement
    if not statement.allows or statement.not_actions or not any(_steps_by(pattern) for pattern in statement.actions):
        return
    walks: list[_Walk] = []
    for held in held_beside(subject):
        if not any(is_admin(one) for one in held):
            walks += _walks(statement, held, subject.access.template)
    if not walks:
        return
    walks.sort(key=_rank)
    first = walks[0]
    start = first.steps[0]
    ways = {walk.path.id for walk in walks} - {first.path.id}
    own = {str(step.pattern.text) for walk in walks for step in walk.steps if step.statement is statement}
    resource = str(start.resource.text) if start.resource else "NotResource"
    facts = {
        "actions": listed([step.action for step in first.steps], 4),
        "resource": resource,
        "gain": first.path.brings,
        "more": f", and {len(ways)} more way{'s' if len(ways) > 1 else ''}" if ways else "",
        "result": "any role of the account" if start.action == _PASS else "a role that is already in use",
    }
    related = tuple(
        Related(f"{step.action} is allowed here", step.pattern.span)
        for step in first.steps[1:]
        if step.pattern.span.source is start.pattern.span.source and step.pattern.span.start != start.pattern.span.start
    )
    yield Hit(start.pattern.span, first.answer, facts, statement.when, related, about=frozenset(own))


def _rank(walk: _Walk) -> tuple[int, int, bool, int, int]:
    familiar = walk.path.id in _FAMILIAR
    return -walk.answer.certainty, walk.path.severity != "high", not familiar, len(walk.steps), 0


@cache
def _paths() -> tuple[tuple[EscalationPath, tuple[str, ...]], ...]:
    """The paths of more than one step, whose first is not power enough by itself, by what they need."""
    found = []
    for path in curated.escalation_paths():
        if path.severity != "low" and not path.parent and (path.category in ("passrole-new", "reuse-existing") or path.passed_to):
            several = (needed for needed in path.combinations if len(needed) > 1)
            found += [(path, tuple(sorted(needed, key=lambda action: action != _PASS))) for needed in several]
    return tuple(found)


@cache
def _firsts() -> tuple[str, ...]:
    return tuple(dict.fromkeys(needed[0] for _, needed in _paths()))


def _steps_by(pattern: Pattern) -> bool:
    """Whether a pattern gives the first step of some path; all of everything is told by graver rules."""
    text = pattern.text.literal
    return text is not None and text not in ("*", "*:*") and bool(_firsts_of(text))


@lru_cache(maxsize=4096)
def _firsts_of(text: str) -> tuple[str, ...]:
    return names_of(text, _firsts())


def _when(step: _Step) -> When:
    return both(step.statement.when, step.pattern.when) or ()


def _can_join(first: _Step, second: _Step, template: Template) -> bool:
    """Whether two steps can be there at once: branches that exclude each other are never both taken."""
    joined = both(_when(first), _when(second))
    return joined is not None and (not joined or reachable(joined, template))


def _walks(statement: Statement, held: tuple[Statement, ...], template: Template) -> Iterator[_Walk]:
    """The paths that start in a statement and are open to the holder of all of ``held``."""
    firsts = {action for pattern in statement.actions for action in _firsts_of(pattern.text.literal or "")}
    for path, needed in _paths():
        if needed[0] not in firsts:
            continue
        start = _step(needed[0], statement, path)
        if start is None or (start.action != _PASS and is_whole_service(start.pattern)):
            continue
        steps = [start]
        for action in needed[1:]:
            steps_found = (_step(action, one, path) for one in (statement, *held))
            found = [step for step in steps_found if step and _can_join(start, step, template)]
            if not found or not _works(action, (statement, *held)):
                break
            steps.append(max(found, key=lambda step: step.answer.certainty))
        else:
            surest = min((step.answer for step in steps), key=lambda answer: answer.certainty)
            assumed = tuple(dict.fromkeys(one for step in steps for one in step.answer.assumptions))
            certainty = surest.certainty
            if start.action != _PASS and only_if(path):
                certainty, assumed = Certainty.POSSIBLE, (*assumed, only_if(path))
            yield _Walk(path, tuple(steps), Answer(certainty, assumed))


def _step(action: str, statement: Statement, path: EscalationPath) -> _Step | None:
    """The step that a statement allows, on enough resources for the path, None if it does not."""
    found, known = among(statement, action) if statement.allows else [], catalogue.find(action)
    if not found or known is None:
        return None
    named = found[0][0]
    received = _received(statement, path.passed_to) if action == _PASS else CERTAIN
    if not received.certainty or any(keeps_small(one) for one in conditions_on(statement, action) if one.name != _SERVICE_KEY):
        return None
    limit = what_limits(statement, action)
    if limit and received.certainty is Certainty.CERTAIN:
        received = Answer(Certainty.POSSIBLE, (f"{limit} leaves enough",))
    if statement.not_resources:
        return _Step(action, statement, named, None, received)
    enough = partial(reaches, wanted=EVERY_ROLE) if action == _PASS else partial(_is_broad, known)
    if path.category == "reuse-existing" and known.scopable:
        enough = partial(reaches_all, action)
    there = (one for one in statement.resources if both(one.when, named.when) is not None)
    answers = [(one, judge(one.text, enough)) for one in there if not _is_given(one.text)]
    resource, answer = max(answers, key=lambda one: one[1].certainty, default=(None, NO))
    if not answer.certainty:
        return None
    answer = min((answer, received), key=lambda one: one.certainty)
    return _Step(action, statement, named, resource, answer)


def _works(action: str, held: tuple[Statement, ...]) -> bool:
    """Whether a call of an action finds all that it needs in what somebody holds."""
    known = catalogue.find(action)
    return known is not None and can_be_called(known, held)


def _is_given(text: Text) -> bool:
    """Whether a text is a parameter without a default: to take an ARN so is good practice."""
    return text.symbol is not None and text.symbol.default is None and not text.symbol.allowed


def _is_broad(action: Action, resource: str) -> bool:
    """Whether a resource leaves open which thing is made or run: a fixed name mostly has an owner already."""
    return bool(set(resource) & set("*?")) and fits(action, resource)


def _received(statement: Statement, services: tuple[str, ...]) -> Answer:
    """Whether a role may be passed to one of some services. What then matters are the roles that trust it."""
    answer = CERTAIN
    for condition in conditions_on(statement, _PASS):
        if condition.name != _SERVICE_KEY or not restricts(condition):
            continue
        texts = [value.text for value in condition.values]
        named = [judge(text, partial(_is_one_of, services)).certainty for text in texts]
        if "not" in condition.operator.lower():
            if any(named):
                return NO
        elif not any(named):
            return NO
        else:
            shown = listed([str(text) for text in texts])
            answer = Answer(Certainty.POSSIBLE, (f"a role that trusts {shown} may do more than this one",))
    return answer


def _is_one_of(services: tuple[str, ...], pattern: str) -> bool:
    """A service by its name; its endings in other partitions, and those of regions, are left to the pattern."""
    return any(covers(pattern, service) or covers(pattern.partition(".")[0], service.partition(".")[0]) for service in services)


# -- Through a role of the template ------------------------------------------------------------------------------------


@says("how", "role", "power", "start")
def through_role(subject: PrincipalSubject) -> Iterator[Hit]:
    """A principal that is no administrator may pass or assume a role of the template that is one."""
    principal, access = subject.principal, subject.access
    if not any(_hands_over(one) for policy in principal.policies for one in policy.document.statements):
        return
    if any(is_admin(one) for one in statements_of(principal, access)):
        return
    for role, power in access.once(powerful).items():
        if role != principal.id:
            yield from _ways_to(principal, access.principals[role], power, access)


def _hands_over(statement: Statement) -> bool:
    """Whether a statement allows passing or assuming roles at all; most do not, and templates may have hundreds of roles."""
    return statement.allows and (statement.not_actions or any(names(one, _PASS, _ASSUME) for one in statement.actions))


def _ways_to(principal: Principal, role: Principal, power: str, access: Access) -> Iterator[Hit]:
    held = statements_of(principal, access)
    related = (Related("the role that may do anything", role.resource.key.span),)
    sure = together(taken_on_trust(principal, access), taken_on_trust(role, access))
    let_in = trusting(role)
    for statement in (one for policy in principal.policies for one in policy.document.statements):
        for pattern in (one for one in statement.resources if is_role(one.text, role)):
            if not statement.allows or statement.not_actions or statement.not_resources:
                continue
            when = both(statement.when, pattern.when)
            if when is None or any(keeps_small(one) for one in statement.conditions if one.name != _SERVICE_KEY):
                continue
            facts = {"role": role.id, "power": power}
            if allows(statement, _ASSUME):
                if let_in.account or trusts(role, principal):
                    yield Hit(pattern.span, sure, {**facts, "how": "assume", "start": _ASSUME}, when, related)
                    return
            elif allows(statement, _PASS):
                path = _uses(statement, held, let_in.services)
                if path:
                    facts |= {"how": "pass", "start": f"iam:PassRole with {path}"}
                    yield Hit(pattern.span, sure, facts, when, related)
                    return


def _uses(statement: Statement, held: tuple[Statement, ...], services: frozenset[str]) -> str | None:
    """The actions by which a holder makes a service act with a role that it passes, if it has those of some path."""
    for path, needed in sorted(_paths(), key=lambda one: (one[0].id not in _FAMILIAR, len(one[1]), one[0].id)):
        if needed[0] != _PASS or not services & frozenset(path.passed_to):
            continue
        if _received(statement, tuple(services & frozenset(path.passed_to))).certainty and all(
            _works(action, held) and any(_may(action, one) for one in held) for action in needed[1:]
        ):
            return listed(needed[1:])
    return None


def _may(action: str, statement: Statement) -> bool:
    """Whether a statement allows an action on something, by a name that is written out or a wildcard."""
    known = catalogue.find(action)
    if known is None or not allows(statement, action):
        return False
    small = any(keeps_small(one) for one in conditions_on(statement, action))
    return not small and (statement.not_resources or any(fits(known, as_letters(one.text)) for one in statement.resources))
