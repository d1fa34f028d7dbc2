"""What would a statement on every resource say if it named what it works on? Resources of the template first.

The ARN formats are those of https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from collections.abc import Iterator
from functools import cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.engine.findings import Suggestion
from rolelint.iam.access import Access
from rolelint.iam.arns import opened
from rolelint.iam.elements import Pattern
from rolelint.iam.grants import named
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern
from rolelint.template.references import arn_forms
from rolelint.template.template import Resource

_MOST_RESOURCES = 3
_MOST_STATEMENTS = 3
_VARIABLE = pattern(r"\$\{(\w+)\}")
_OWN = pattern(r"\{[^}]*\}")
_WORD = pattern(r"\w+")
_OF_THE_STACK = {"Partition": "${AWS::Partition}", "Region": "${AWS::Region}", "Account": "${AWS::AccountId}"}


def narrower(statement: Statement, within: Resource | None, access: Access) -> Suggestion | None:
    """The statements that allow the same actions on resources with names; None when that is not a short answer.

    ``within`` is the resource that the policy belongs to: what depends on it cannot be referred to from it. A name that nobody
    can know here is written ``<LikeThis>``.
    """
    if not statement.allows or statement.conditions or statement.not_actions or statement.not_resources:
        return None
    groups: dict[tuple[str, ...], list[str]] = {}
    for written, actions in named(statement):
        resources = _resources(written, actions, within, access)
        if resources is None or written.when:
            return None
        groups.setdefault(resources, []).append(str(written.text))
    if not 0 < len(groups) <= _MOST_STATEMENTS or set(groups) == {("*",)}:
        return None
    return Suggestion(
        "Name what it works on:",
        tuple({"Effect": "Allow", "Action": names, "Resource": list(on)} for on, names in groups.items()),
    )


def _resources(written: Pattern, actions: tuple[Action, ...], within: Resource | None, access: Access) -> tuple[str, ...] | None:
    """What the actions of one pattern work on, ``*`` where nothing else is accepted; None when it is too much to say."""
    scoped = [action for action in actions if not catalogue.needs_star(action)]
    if not scoped:
        return ("*",) if actions else None
    if len(scoped) < len(actions) and str(written.text) != actions[0].full_name:
        return None
    found = dict.fromkeys(arn for action in scoped for form in _forms(action) for arn in _arns(form, within, access))
    return tuple(found) if len(found) <= _MOST_RESOURCES else None


def _forms(action: Action) -> Iterator[str]:
    """One ARN format for each resource type that a request has to name; for an action that requires none, the plainest."""
    types = catalogue.resource_types(action.service)
    required = [types[use.type].formats for use in action.resources if use.required]
    if required:
        yield from (formats[0] for formats in required if formats)
    elif formats := catalogue.formats(action):
        yield min(formats, key=len)


def _arns(form: str, within: Resource | None, access: Access) -> Iterator[str]:
    own = access.once(_own, opened(form))
    allowed = [one for one, named in own if within is None or within.id not in access.once(_needed_for, named)]
    yield from allowed if 0 < len(allowed) <= _MOST_RESOURCES else (_placeholder(form),)


def _own(access: Access, wanted: str) -> tuple[tuple[str, str], ...]:
    """How to refer to each resource of the template that has ARNs of a form, or to what lies in it; and the resource's id."""
    return tuple(
        (reference, resource.id) for resource in access.template.resources.values() for reference in _references(wanted, resource)
    )


def _references(wanted: str, resource: Resource) -> Iterator[str]:
    for attribute, arn, given in _arns_of(resource.type):
        if wanted == given or wanted.startswith((f"{given}/", f"{given}:")):
            name = f"{resource.id}.{attribute}" if attribute else resource.id
            # The ARN of a log group ends with :* already, and that is what its streams need.
            yield f"${{{name}}}" if arn.endswith(":*") else f"${{{name}}}{wanted[len(given) :]}"
            return


@cache
def _arns_of(resource_type: str) -> tuple[tuple[str, str, str], ...]:
    """The attributes of a type that are ARNs, with the form of each and that as a pattern."""
    return tuple((attribute, arn, _OWN.sub("*", opened(arn.removesuffix(":*")))) for attribute, arn in arn_forms(resource_type))


def _needed_for(access: Access, resource_id: str) -> set[str]:
    """The resources that one cannot be created without, itself included, by the ids that its text mentions."""
    template = access.template
    seen: set[str] = set()
    todo = [resource_id]
    while todo:
        here = todo.pop()
        if here not in seen and here in template.resources:
            seen.add(here)
            span = template.resources[here].node.span
            todo += _WORD.findall(span.source.text, span.start, span.end)
    return seen


def _placeholder(form: str) -> str:
    """An ARN of a format in this account, with one name to be filled in and everything below it open."""
    named_one = False
    parts = _VARIABLE.split(form)
    text = parts[0]
    for name, after in zip(parts[1::2], parts[2::2], strict=True):
        if name in _OF_THE_STACK:
            text += _OF_THE_STACK[name]
        else:
            text += "*" if named_one else f"<{name}>"
            named_one = True
        text += after
    return text
