"""Which actions does a statement name, and which of them can it allow on its resources?"""

from collections.abc import Iterator
from functools import cache
from re import compile as compile_pattern

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.iam.arns import fields
from rolelint.iam.patterns import as_letters, overlaps
from rolelint.iam.statements import Pattern, Statement

_VARIABLE = compile_pattern(r"\$\{[^}]*\}")
_LETTERS = compile_pattern("[\ue000-\uf8ff]")


def named(statement: Statement) -> Iterator[tuple[Pattern, tuple[Action, ...]]]:
    """The action patterns that are known as written, each with the actions of the catalogue that it gives."""
    if statement.not_actions:
        return
    for pattern in statement.actions:
        text = pattern.text.literal
        if text is not None:
            actions = catalogue.expand(text)
            if statement.denials:
                actions = tuple(action for action in actions if statement.gives(action.full_name))
            yield pattern, actions


def applies(action: Action, statement: Statement) -> bool:
    """Whether a statement's resources can be of a kind that an action works on, and nothing denies it there.

    An action without resource types works on ``*`` only. What a hole stands for is not known, so it may be anything.
    """
    if statement.not_resources:
        return True
    if not statement.gives(action.full_name):
        return False
    return any(fits(action, as_letters(pattern.text)) for pattern in statement.resources)


@cache
def fits(action: Action, resource: str) -> bool:
    """Whether an action can be allowed on a resource pattern, whose holes are letters of a private-use area."""
    if resource == "*" or _LETTERS.fullmatch(resource):
        return True
    return any(_meet(form, resource) for form in catalogue.formats(action))


def _meet(form: str, resource: str) -> bool:
    """Whether some ARN of a format fits a resource pattern, compared field by field.

    A hole in a resource stands for a name: it adds no slash where none is written.
    """
    pattern, given = fields(_VARIABLE.sub("*", form)), fields(_LETTERS.sub("*", resource))
    if pattern is None or given is None:
        return True
    if "/" in pattern[5] and not set(resource.split(":", 5)[-1]) & set("/*?"):
        return False
    if form.endswith(":${BucketName}") and "/" in given[5]:
        return False  # no bucket has a slash in its name: this is about objects
    pairs = zip(pattern[1:], given[1:], strict=True)
    return all(overlaps(one, other) or not one or not other for one, other in pairs)
