"""Which actions does a statement name, and which of them can it allow on its resources?"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.iam.arns import fields, opened
from rolelint.iam.globs import covers, is_hole, loosened, overlaps
from rolelint.iam.statements import Pattern, Statement
from rolelint.syntax.regex import pattern as compile_pattern

_TYPE = compile_pattern(r"[\w-]+[:/]")
_NO_BUCKET = compile_pattern(r"[^/*?$]*:")


def _never(_: Pattern) -> bool:
    return False


def named(statement: Statement, *, unless: Callable[[Pattern], bool] = _never) -> Iterator[tuple[Pattern, tuple[Action, ...]]]:
    """The action patterns that are known as written, each with the actions of the catalogue that it gives."""
    for pattern in statement.actions if not statement.not_actions else ():
        text = pattern.text.literal
        if text is not None and not unless(pattern):
            actions = catalogue.expand(text)
            if statement.denials:
                actions = tuple(action for action in actions if statement.gives(action.full_name))
            yield pattern, actions


def among(statement: Statement, *actions: str) -> list[tuple[Pattern, list[str]]]:
    """The action patterns that give some of a few actions, each with those that it gives: much cheaper than ``named``."""
    if statement.not_actions:
        return []
    known = ((pattern, text) for pattern in statement.actions if (text := pattern.text.literal) is not None)
    given = ((pattern, list(filter(statement.gives, _names(text, actions)))) for pattern, text in known)
    return [one for one in given if one[1]]


def names(pattern: Pattern, *actions: str) -> tuple[str, ...]:
    """Those of some actions that a pattern gives, if it is known as written; ``*`` alone is all, other words need a colon."""
    text = pattern.text.literal
    return () if text is None else _names(text, actions)


@lru_cache(maxsize=2**14)
def _names(text: str, actions: tuple[str, ...]) -> tuple[str, ...]:
    if not text.isascii() or (text != "*" and ":" not in text):
        return ()
    return tuple(action for action in actions if covers(text, action, any_case=True))


def allows(statement: Statement, *actions: str) -> bool:
    """Whether a statement is an Allow that names one of some actions, and nothing denies its holder that one."""
    return statement.allows and bool(among(statement, *actions))


def is_whole_service(pattern: Pattern) -> bool:
    """Whether an action pattern is for everything, or for all of a service."""
    return set((pattern.text.literal or "").rpartition(":")[2]) == {"*"}


@cache
def fits(action: Action, resource: str) -> bool:
    """Whether an action can be allowed on a resource pattern, whose holes are letters of a private-use area."""
    if resource == "*" or (len(resource) == 1 and is_hole(resource)):
        return True
    return any(_meet(form, resource) for form in catalogue.formats(action))


def names_type_of(action: Action, resource: str) -> bool:
    """Whether an ARN pattern begins its last field with the word of a type that an action works on, not a bucket's name."""
    given = fields(resource)
    typed = _TYPE.match(given[5]) if given else None
    words = {form.split(":", 5)[5].partition("$")[0] for form in catalogue.formats(action)}
    return typed is not None and typed[0] in words and fits(action, resource)


def _meet(form: str, resource: str) -> bool:
    """Whether some ARN of a format fits a resource pattern, compared field by field.

    A hole in a resource stands for a name: it adds no slash where none is written, unless it follows the word for the type
    at once, as in ``parameter${Path}``. What AWS owns has no account, as
    ``arn:aws:ssm:eu-west-1::document/AWS-RunShellScript``, although the format says so nowhere.
    """
    pattern, given = fields(opened(form, "?*")), fields(loosened(resource))
    if pattern is None or given is None:
        return True
    last = resource.split(":", 5)[-1]
    if "/" in pattern[5] and not set(last) & set("/*?") and not _begins_with_slash(last, pattern[5]):
        return False
    if form.endswith(":${BucketName}") and "/" in given[5]:
        return False  # no bucket has a slash in its name: this is about objects
    if ":::${BucketName}" in form and _NO_BUCKET.match(given[5]):
        return False  # nor a colon, as in arn:aws:s3:::bucket:*
    if not given[4] and pattern[4]:
        given[4] = "*"
    return all(overlaps(one, other) for one, other in zip(pattern[1:], given[1:], strict=True))


def _begins_with_slash(resource: str, form: str) -> bool:
    """Whether a hole stands where the form has its first slash."""
    word = form.partition("/")[0]
    return resource.startswith(word) and is_hole(resource[len(word) : len(word) + 1] or " ")
