"""Which permissions together lead to those of another role?

The paths are curated facts. A holder walks one when it is allowed every action of it: each is looked for in all that the
holder has, also in what AWS's managed policies and its groups give. A policy without a holder in the template stands for
whoever it will be attached to, by itself.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue import curated
from rolelint.catalogue.actions import Action
from rolelint.catalogue.curated import EscalationPath
from rolelint.engine.checks.escalation import Gain, reaches_all, where_reached
from rolelint.engine.findings import Related
from rolelint.engine.hits import Hit, listed, says
from rolelint.engine.subjects import PrincipalSubject, StatementSubject
from rolelint.iam.access import Access, Principal
from rolelint.iam.arns import reaches
from rolelint.iam.conditions import ON_WHAT, Quality, conditions_on, restricts, weigh, what_limits
from rolelint.iam.effective import statements_of, taken_on_trust
from rolelint.iam.grants import fits, names
from rolelint.iam.patterns import CERTAIN, NO, Answer, Certainty, as_letters, covers, judge, together
from rolelint.iam.statements import Condition, Pattern, Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.evaluate import reachable
from rolelint.template.template import Template
from rolelint.template.values import Text, When, both

_PASS = "iam:PassRole"  # noqa: S105 - the name of an action
_ROLES = "arn:aws:iam::*:role/*"
_SERVICE_KEY = "iam:passedtoservice"
_TOLD_BY_OTHERS = frozenset(("kms-create-grant",))
_NOTHING_MORE = frozenset(("a function has a stronger role", "a project has a stronger role"))
"""Preconditions that any account may be expected to meet."""

_NODES = ("arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:managed-instance/*")
_SHELLS = ("arn:aws:ssm:*:*:document/AWS-RunShellScript", "arn:aws:ssm:*:*:document/AWS-RunPowerShellScript")
_WITHOUT_ROLE = ("arn:aws:batch:*:*:job/*", "arn:aws:batch:*:*:job-queue/*", "arn:aws:batch:*:*:consumable-resource/*")
"""What a request to run something names besides that which has the role."""
_ADMIN = frozenset(("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"))
_VARIABLE = compile_pattern(r"\$\{[^}]*\}")
_FAMILIAR = ("passrole-lambda-invoke", "passrole-ec2-run-instances", "passrole-ecs-run-task", "passrole-cfn-create-stack")
"""Paths that come first when several are open: those that people know best."""


# -- One action on what already runs -----------------------------------------------------------------------------------


@says("actions", "resource", "gain")
def code_on_existing(subject: StatementSubject) -> Iterator[Hit]:
    """An action that runs its caller's code or commands on any compute that has a role."""
    return _on_existing(subject.statement, "high")


@says("actions", "resource", "gain")
def job_on_existing(subject: StatementSubject) -> Iterator[Hit]:
    """An action that starts a job of any kind that exists, with the caller's commands."""
    return _on_existing(subject.statement, "medium")


def _on_existing(statement: Statement, severity: str) -> Iterator[Hit]:
    if any(_keeps_small(one) for one in (*statement.conditions, *statement.implied)):
        return
    whole = {str(one.text) for one in statement.actions if _is_whole_service(one)}
    named = {action for action in _single(severity) if any(names(pattern, action) for pattern in statement.actions)}
    gains = {action: gain for action, gain in _single(severity).items() if action in named and _reaches_nodes(action, statement)}
    actions = tuple(one for one in statement.actions if str(one.text) not in whole)
    resources = tuple(one for one in statement.resources if not any(reaches(kind, as_letters(one.text)) for kind in _WITHOUT_ROLE))
    yield from where_reached(statement._replace(actions=actions, resources=resources), gains)


def _is_whole_service(pattern: Pattern) -> bool:
    """Whether a pattern is for everything, or for all of a service, which graver rules report."""
    return set((pattern.text.literal or "").rpartition(":")[2]) == {"*"}


@cache
def _single(severity: str) -> dict[str, Gain]:
    """What each action that alone takes over running compute brings its holder."""
    found: dict[str, Gain] = {}
    for path in curated.escalation_paths():
        if path.category == "reuse-existing" and path.severity == severity and path.id not in _TOLD_BY_OTHERS and not path.parent:
            for combination in path.combinations:
                if len(combination) == 1:
                    only_if = path.precondition or ""
                    gain = _clause(path.gain)
                    found[combination[0]] = Gain(gain, "" if only_if in _NOTHING_MORE else only_if)
    return dict(sorted(found.items(), key=lambda item: (item[1].only_if, item[0])))


def _clause(sentence: str) -> str:
    sentence = sentence.rstrip(".")
    return sentence[:1].lower() + sentence[1:]


def _reaches_nodes(action: str, statement: Statement) -> bool:
    """Whether a statement reaches what its action needs; of Systems Manager, any command on any node."""
    texts = [as_letters(one.text) for one in statement.resources]
    if not action.startswith("ssm:"):
        return any(not one.isascii() for one in texts) or _has_required(action, tuple(texts))
    nodes = any(reaches(text, node) for text in texts for node in _NODES) or any(not one.isascii() for one in texts)
    return nodes and (action == "ssm:StartSession" or any(reaches(text, shell) for text in texts for shell in _SHELLS))


@cache
def _has_required(action: str, resources: tuple[str, ...]) -> bool:
    """Whether resources reach one of every type that a request for an action must name."""
    known = catalogue.find(action)
    types = catalogue.resource_types(known.service) if known else {}
    needed = [types[use.type].formats for use in known.resources if use.required] if known else []
    return all(any(fits(known, one) and _meets(one, forms) for one in resources) for forms in needed if known)


def _meets(resource: str, forms: tuple[str, ...]) -> bool:
    return any(reaches(resource, _VARIABLE.sub("*", form)) for form in forms)


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
    for held in _holdings(subject):
        if not any(_is_admin(one) for one in held):
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
        "gain": _clause(first.path.gain),
        "more": f", and {len(ways)} more way{'s' if len(ways) > 1 else ''}" if ways else "",
        "result": "any role of the account" if start.action == _PASS else "a role that is already in use",
    }
    related = tuple(
        Related(f"{step.action} is allowed here", step.pattern.span)
        for step in first.steps[1:]
        if step.pattern.span.source is start.pattern.span.source and step.pattern.span.start != start.pattern.span.start
    )
    yield Hit(start.pattern.span, first.answer, facts, statement.when, related, about=frozenset(own))


def _holdings(subject: StatementSubject) -> list[tuple[Statement, ...]]:
    """All that each holder of a statement has; what stands beside it when nobody in the template holds it."""
    if not subject.holders:
        return [subject.policy.document.statements]
    return [statements_of(holder, subject.access) for holder in subject.holders]


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
def _firsts() -> frozenset[str]:
    return frozenset(needed[0] for _, needed in _paths())


def _steps_by(pattern: Pattern) -> bool:
    """Whether a pattern gives the first step of some path; all of everything is told by graver rules."""
    text = pattern.text.literal
    return bool(text) and text not in ("*", "*:*", None) and _gives_a_first(text or "")


@cache
def _gives_a_first(text: str) -> bool:
    return any(covers(text, action, any_case=True) for action in _firsts())


def _when(step: _Step) -> When:
    return both(step.statement.when, step.pattern.when) or ()


def _can_join(first: _Step, second: _Step, template: Template) -> bool:
    """Whether two steps can be there at once: branches that exclude each other are never both taken."""
    joined = both(_when(first), _when(second))
    return joined is not None and (not joined or reachable(joined, template))


def _walks(statement: Statement, held: tuple[Statement, ...], template: Template) -> Iterator[_Walk]:
    """The paths that start in a statement and are open to the holder of all of ``held``."""
    for path, needed in _paths():
        if not any(names(pattern, needed[0]) for pattern in statement.actions):
            continue
        start = _step(needed[0], statement, path)
        if start is None or (start.action != _PASS and _is_whole_service(start.pattern)):
            continue
        steps = [start]
        for action in needed[1:]:
            steps_found = (_step(action, one, path) for one in (statement, *held))
            found = [step for step in steps_found if step and _can_join(start, step, template)]
            if not found:
                break
            steps.append(max(found, key=lambda step: step.answer.certainty))
        else:
            surest = min((step.answer for step in steps), key=lambda answer: answer.certainty)
            assumed = tuple(dict.fromkeys(one for step in steps for one in step.answer.assumptions))
            certainty = surest.certainty
            if start.action != _PASS and path.precondition and path.precondition not in _NOTHING_MORE:
                certainty, assumed = Certainty.POSSIBLE, (*assumed, path.precondition)
            yield _Walk(path, tuple(steps), Answer(certainty, assumed))


def _step(action: str, statement: Statement, path: EscalationPath) -> _Step | None:
    """The step that a statement allows, on enough resources for the path, None if it does not."""
    if not statement.allows or statement.not_actions or not statement.gives(action):
        return None
    named = next((pattern for pattern in statement.actions if names(pattern, action)), None)
    known = catalogue.find(action)
    if named is None or known is None:
        return None
    received = _received(statement, path.passed_to) if action == _PASS else CERTAIN
    if not received.certainty or any(_keeps_small(one) for one in conditions_on(statement, action) if one.name != _SERVICE_KEY):
        return None
    limit = what_limits(statement, action)
    if limit and received.certainty is Certainty.CERTAIN:
        received = Answer(Certainty.POSSIBLE, (f"{limit} leaves enough",))
    if statement.not_resources:
        return _Step(action, statement, named, None, received)
    enough = partial(reaches, wanted=_ROLES) if action == _PASS else partial(_is_broad, known)
    if path.category == "reuse-existing" and known.scopable:
        enough = partial(reaches_all, action)
    there = (one for one in statement.resources if both(one.when, named.when) is not None)
    answers = [(one, judge(one.text, enough)) for one in there if not _is_given(one.text)]
    resource, answer = max(answers, key=lambda one: one[1].certainty, default=(None, NO))
    if not answer.certainty:
        return None
    answer = min((answer, received), key=lambda one: one.certainty)
    return _Step(action, statement, named, resource, answer)


def _is_given(text: Text) -> bool:
    """Whether a text is a parameter without a default: to take an ARN so is good practice."""
    return text.symbol is not None and text.symbol.default is None and not text.symbol.allowed


def _is_broad(action: Action, resource: str) -> bool:
    """Whether a resource leaves open which thing is made or run: a fixed name mostly has an owner already."""
    return bool(set(resource) & set("*?")) and fits(action, resource)


def _keeps_small(condition: Condition) -> bool:
    """Whether a condition keeps a statement to some resources or to calls that another service makes."""
    verdict = weigh(condition)
    return verdict.quality is Quality.RESTRICTIVE and verdict.key.about in ON_WHAT


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
    if any(_is_admin(one) for one in statements_of(principal, access)):
        return
    for role, power in access.once(_powerful).items():
        if role != principal.id:
            yield from _ways_to(principal, access.principals[role], power, access)


def _hands_over(statement: Statement) -> bool:
    """Whether a statement allows passing or assuming roles at all; most do not, and templates may have hundreds of roles."""
    handed = (names(pattern, action) for pattern in statement.actions for action in (_PASS, "sts:AssumeRole"))
    return statement.allows and (statement.not_actions or any(handed))


def _ways_to(principal: Principal, role: Principal, power: str, access: Access) -> Iterator[Hit]:
    held = statements_of(principal, access)
    related = (Related("the role that may do anything", role.resource.key.span),)
    sure = together(taken_on_trust(principal, access), taken_on_trust(role, access))
    trusting = _trusting(role)
    for statement in (one for policy in principal.policies for one in policy.document.statements):
        for pattern in (one for one in statement.resources if _is_role(one.text, role)):
            if not statement.allows or statement.not_actions or statement.not_resources:
                continue
            when = both(statement.when, pattern.when)
            if when is None or any(_keeps_small(one) for one in statement.conditions if one.name != _SERVICE_KEY):
                continue
            facts = {"role": role.id, "power": power}
            if any(names(one, "sts:AssumeRole") for one in statement.actions) and statement.gives("sts:AssumeRole"):
                if trusting.account or _trusts(role, principal):
                    yield Hit(pattern.span, sure, {**facts, "how": "assume", "start": "sts:AssumeRole"}, when, related)
                    return
            elif any(names(one, _PASS) for one in statement.actions) and statement.gives(_PASS):
                path = _uses(statement, held, trusting.services)
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
            any(_may(action, one) for one in held) for action in needed[1:]
        ):
            return listed(needed[1:])
    return None


def _may(action: str, statement: Statement) -> bool:
    """Whether a statement allows an action on something, by a name that is written out or a wildcard."""
    if not statement.allows or statement.not_actions or not statement.gives(action):
        return False
    known = catalogue.find(action)
    small = any(_keeps_small(one) for one in conditions_on(statement, action))
    named = any(names(pattern, action) for pattern in statement.actions)
    return bool(known and named and not small) and (
        statement.not_resources or any(fits(known, as_letters(one.text)) for one in statement.resources if known)
    )


class _Trust(NamedTuple):
    """Whom a role's trust lets in: services by name, and whether the account as a whole."""

    services: frozenset[str]
    account: bool


def _trusting(role: Principal) -> _Trust:
    services: set[str] = set()
    account = False
    for statement in (one for policy in role.trust for one in policy.document.statements if one.allows):
        if any(restricts(one) for one in statement.conditions) or statement.not_principals:
            continue
        for who in statement.principals:
            text = str(who.text)
            if who.kind == "Service":
                services.add(text.replace("${AWS::URLSuffix}", "amazonaws.com"))
            elif text == "${AWS::AccountId}" or text.endswith((":${AWS::AccountId}:root", "::${AWS::AccountId}:root")):
                account = True
    return _Trust(frozenset(services), account)


def _trusts(role: Principal, principal: Principal) -> bool:
    """Whether a role's trust names a principal of the template."""
    statements = (one for policy in role.trust for one in policy.document.statements if one.allows)
    return any(_is_role(who.text, principal) for one in statements for who in one.principals if not one.not_principals)


def _is_role(text: Text, role: Principal) -> bool:
    """Whether a text is the ARN of a principal of the template."""
    symbol = text.symbol
    if symbol is not None:
        return symbol.kind == "attribute" and symbol.name == f"{role.id}.Arn"
    _, kind, name = str(text).partition(":role/" if role.resource.type == "AWS::IAM::Role" else ":user/")
    return bool(kind) and role.name is not None and name == str(role.name)


def _powerful(access: Access) -> dict[str, str]:
    """The roles of the template that are administrators, by id, and what makes each one, as it is written."""
    roles = (one for one in access.principals.values() if one.resource.type == "AWS::IAM::Role")
    return {role.id: power for role in roles if (power := _power(role, access))}


def _power(role: Principal, access: Access) -> str | None:
    """What makes a role an administrator, as it is written; None if nothing does."""
    for statement in statements_of(role, access):
        if _is_admin(statement) and not statement.when:
            for attachment in role.attachments:
                if statement.node is attachment.text.node:
                    return listed([named.name for named in attachment.aws_managed])
            return listed([str(pattern.text) for pattern in statement.actions if _is_power(pattern)]) + " on *"
    return None


def _is_power(pattern: Pattern) -> bool:
    text = pattern.text.literal
    return text is not None and any(covers(text, action, any_case=True) for action in _ADMIN) and (text == "*" or ":" in text)


def _is_admin(statement: Statement) -> bool:
    """Whether a statement gives power over every role, and with it everything."""
    if not statement.allows or statement.not_actions or statement.not_resources or any(map(restricts, statement.conditions)):
        return False
    powers = [action for action in _ADMIN if statement.gives(action) and any(names(one, action) for one in statement.actions)]
    return bool(powers) and any(
        judge(one.text, partial(reaches, wanted=_ROLES)).certainty is Certainty.CERTAIN for one in statement.resources
    )
