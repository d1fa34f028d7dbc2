"""Which single actions run their caller's code on what already runs with a role?

What a new thing runs with has to be passed to it, and is judged with that; what exists has its role already.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from rolelint.catalogue import actions as catalogue
from rolelint.engine.checks.actors import needs_everything
from rolelint.engine.checks.escalation import Gain, only_if, walked_alone, where_reached
from rolelint.engine.hits import Hit, says
from rolelint.engine.subjects import StatementSubject
from rolelint.iam.arns import opened, reaches
from rolelint.iam.conditions import keeps_small
from rolelint.iam.grants import fits, is_whole_service, names, names_of
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement

_TOLD_BY_OTHERS = frozenset(("kms-create-grant",))
_NODES = ("arn:aws:ec2:*:*:instance/*", "arn:aws:ssm:*:*:managed-instance/*")
_SHELLS = ("arn:aws:ssm:*:*:document/AWS-RunShellScript", "arn:aws:ssm:*:*:document/AWS-RunPowerShellScript")
_WITHOUT_ROLE = ("arn:aws:batch:*:*:job/*", "arn:aws:batch:*:*:job-queue/*", "arn:aws:batch:*:*:consumable-resource/*")
"""What a request to run something names besides that which has the role."""


@says("actions", "resource", "gain")
def code_on_existing(subject: StatementSubject) -> Iterator[Hit]:
    """An action that runs its caller's code or commands on any compute that has a role."""
    return _on_existing(subject, "high")


@says("actions", "resource", "gain")
def job_on_existing(subject: StatementSubject) -> Iterator[Hit]:
    """An action that starts a job of any kind that exists, with the caller's commands."""
    return _on_existing(subject, "medium")


def _on_existing(subject: StatementSubject, severity: str) -> Iterator[Hit]:
    statement = subject.statement
    if statement.not_actions or not any(_takes_over(one.text.literal or "", severity) for one in statement.actions):
        return
    single = {name: gain for name, gain in _single(severity).items() if not _is_the_services_own(subject, name)}
    patterns = tuple(one for one in statement.actions if names(one, *single) and not is_whole_service(one))
    if not patterns or any(keeps_small(one) for one in (*statement.conditions, *statement.implied)):
        return
    named = {action for pattern in patterns for action in names(pattern, *single)}
    gains = {action: gain for action, gain in single.items() if action in named and _reaches_nodes(action, statement)}
    resources = tuple(
        one for one in statement.resources if not any(reaches(kind, as_letters(one.text)) for kind in _WITHOUT_ROLE)
    )
    yield from where_reached(statement._replace(actions=patterns, resources=resources), gains)


@lru_cache(maxsize=4096)
def _takes_over(text: str, severity: str) -> bool:
    """Whether an action pattern names an action that alone takes over running compute."""
    return bool(names_of(text, tuple(_single(severity))))


def _is_the_services_own(subject: StatementSubject, name: str) -> bool:
    """Whether nobody but a service that has to call an action like that may use it."""
    action = catalogue.find(name)
    return action is not None and needs_everything(subject, action)


@cache
def _single(severity: str) -> dict[str, Gain]:
    """What each action that alone takes over running compute brings its holder."""
    found = {
        action: Gain(path.brings, only_if(path))
        for path, action in walked_alone("reuse-existing")
        if path.severity == severity and path.id not in _TOLD_BY_OTHERS and not path.parent
    }
    return dict(sorted(found.items(), key=lambda item: (item[1].only_if, item[0])))


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
    return any(reaches(resource, opened(form)) for form in forms)
