"""Which actions does a statement name, and which of them can it allow on its resources?"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache

from rolelint.catalogue import actions as catalogue
from rolelint.catalogue.actions import Action
from rolelint.iam.arns import fields, opened
from rolelint.iam.elements import Pattern
from rolelint.iam.globs import covers, is_hole, loosened, overlaps
from rolelint.iam.patterns import as_letters
from rolelint.iam.statements import Statement
from rolelint.syntax.regex import pattern as compile_pattern
from rolelint.template.values import plain_text

_TYPE = compile_pattern(r"[\w-]+[:/]")
_NOT_ACTION = "NotAction"
_MOST_SHOWN = 2
_NO_BUCKET = compile_pattern(r"[^/*?$]*:")

_NOTHING_OF_AWS = frozenset(
    ("dynamodb", "firehose", "iam", "kinesis", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "states")
)
"""Services whose resources all have an account in their ARN, be it ``aws`` for IAM's policies."""


def _never(_: Pattern) -> bool:
    return False


def named(statement: Statement, *, unless: Callable[[Pattern], bool] = _never) -> Iterator[tuple[Pattern, tuple[Action, ...]]]:
    """The action patterns that are known as written, each with the actions of the catalogue that it gives."""
    for pattern in statement.actions if not statement.not_actions else ():
        text = pattern.text.literal
        if text is not None and not unless(pattern):
            actions = catalogue.expand(text)
            if statement.asks_for or statement.denials or statement.limits:
                actions = tuple(action for action in actions if statement.gives(action.full_name))
            yield pattern, actions


def among(statement: Statement, *actions: str) -> list[tuple[Pattern, list[str]]]:
    """The action patterns that give some of a few actions, each with those that it gives: much cheaper than ``named``.

    A NotAction counts as one pattern, for all that it does not name.
    """
    if statement.not_actions:
        return _beside_exceptions(statement, actions)
    known = ((pattern, text) for pattern in statement.actions if (text := pattern.text.literal) is not None)
    given = ((pattern, list(filter(statement.gives, names_of(text, actions)))) for pattern, text in known)
    return [one for one in given if one[1]]


def _beside_exceptions(statement: Statement, actions: tuple[str, ...]) -> list[tuple[Pattern, list[str]]]:
    """A NotAction, as it is written, with those of some actions that it gives; nothing when its exceptions are not known."""
    key = next((key for name, key in statement.element_keys if name.lower() == "notaction"), None)
    excepted = [pattern.text.literal for pattern in statement.actions]
    if key is None or None in excepted:
        return []
    left = [one for one in actions if statement.gives(one) and not any(names_of(text or "", (one,)) for text in excepted)]
    return [(Pattern(plain_text(excepting(_NOT_ACTION, statement.actions), key.node), statement.when), left)] if left else []


def excepting(element: str, patterns: tuple[Pattern, ...]) -> str:
    """A negated element as it is written, with its first exceptions: ``NotAction iam:*, sts:* and 2 more``."""
    shown = ", ".join(str(pattern.text) for pattern in patterns[:_MOST_SHOWN])
    more = len(patterns) - _MOST_SHOWN
    return f"{element} {shown}" + (f" and {more} more" if more > 0 else "")


def names(pattern: Pattern, *actions: str) -> tuple[str, ...]:
    """Those of some actions that a pattern gives, if it is known as written; ``*`` alone is all, other words need a colon."""
    text = pattern.text.literal
    return () if text is None else names_of(text, actions)


@lru_cache(maxsize=2**14)
def names_of(text: str, actions: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some actions that a pattern gives, by its text."""
    if not text.isascii() or (text != "*" and ":" not in text):
        return ()
    by_lower, text = _by_lower(actions), text.lower()
    if "*" not in text and "?" not in text:
        return (by_lower[text],) if text in by_lower else ()
    return tuple(action for lower, action in by_lower.items() if covers(text, lower))


@cache
def _by_lower(actions: tuple[str, ...]) -> dict[str, str]:
    return {action.lower(): action for action in actions}


def allows(statement: Statement, *actions: str) -> bool:
    """Whether a statement is an Allow that names one of some actions, and nothing denies its holder that one."""
    return statement.allows and bool(among(statement, *actions))


def is_whole_service(pattern: Pattern) -> bool:
    """Whether an action pattern is for everything, or for all of a service; what a NotAction leaves is that as well."""
    text = pattern.text.literal or ""
    return text.startswith(_NOT_ACTION) or set(text.rpartition(":")[2]) == {"*"}


@cache
def fits(action: Action, resource: str) -> bool:
    """Whether an action can be allowed on a resource pattern, whose holes are letters of a private-use area."""
    return _takes(resource, catalogue.formats(action))


def can_be_called(action: Action, statements: Iterable[Statement]) -> bool:
    """Whether statements together allow an action on something of each type that a request for it must name.

    EC2 asks for the image, the subnet, the security group and more before it runs an instance; an Allow on images is no launch:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-policies-for-amazon-ec2.html
    """
    kinds = required_kinds(action)
    if len(kinds) < 2:  # noqa: PLR2004 - what fits one statement is enough
        return True
    giving = [one for one in statements if allows(one, action.full_name)]
    shapes = {"*" if one.not_resources else as_letters(each.text) for one in giving for each in one.resources}
    return all(any(_takes(shape, forms) for shape in shapes) for forms in kinds)


@cache
def required_kinds(action: Action) -> tuple[tuple[str, ...], ...]:
    """The ARN formats of each kind of resource that a request for an action must name.

    Types whose names begin alike count as one kind: some are alternatives, as ``browser`` and ``browser-custom`` are.
    """
    types = catalogue.resource_types(action.service)
    required = sorted(use.type for use in action.resources if use.required)
    kinds: dict[str, tuple[str, ...]] = {}
    for name in required:
        begins = next((one for one in kinds if name.startswith(f"{one}-")), name)
        kinds[begins] = (*kinds.get(begins, ()), *types[name].formats)
    return tuple(forms for forms in kinds.values() if forms)


def _takes(resource: str, forms: tuple[str, ...]) -> bool:
    if resource == "*" or (len(resource) == 1 and is_hole(resource)):
        return True
    given = fields(loosened(resource))
    return any(given is None or _meet(form, resource, given) for form in forms)


def names_type_of(action: Action, resource: str) -> bool:
    """Whether an ARN pattern begins its last field with the word of a type that an action works on, not a bucket's name."""
    return bool(types_named(action, resource))


def types_named(action: Action, resource: str) -> tuple[str, ...]:
    """The types that an action works on whose word an ARN pattern begins its last field with."""
    given = fields(resource)
    typed = _TYPE.match(given[5]) if given else None
    if typed is None or not fits(action, resource):
        return ()
    types = catalogue.resource_types(action.service)
    words = ((use.type, form.split(":", 5)[5].partition("$")[0]) for use in action.resources for form in types[use.type].formats)
    return tuple(dict.fromkeys(kind for kind, word in words if word == typed[0]))


def _meet(form: str, resource: str, given: list[str]) -> bool:
    """Whether some ARN of a format fits a resource pattern, whose fields are ``given``, compared field by field.

    A hole in a resource stands for a name: it adds no slash where none is written, unless it follows the word for the type
    at once, as in ``parameter${Path}``. What AWS owns has no account, as
    ``arn:aws:ssm:eu-west-1::document/AWS-RunShellScript``, although the format says so nowhere; of some services it owns nothing.
    """
    pattern = _fields_of(form)
    if pattern is None:
        return True
    last = resource.split(":", 5)[-1]
    if "/" in pattern[5] and not set(last) & set("/*?") and not _begins_with_slash(last, pattern[5]):
        return False
    if form.endswith(":${BucketName}") and "/" in given[5]:
        return False  # no bucket has a slash in its name: this is about objects
    if ":::${BucketName}" in form and _NO_BUCKET.match(given[5]):
        return False  # nor a colon, as in arn:aws:s3:::bucket:*
    account = given[4] or ("*" if pattern[4] and pattern[2] not in _NOTHING_OF_AWS else "")
    return all(map(overlaps, pattern[1:], (*given[1:4], account, given[5])))


@cache
def _fields_of(form: str) -> list[str] | None:
    """The fields of an ARN format, with some text for each variable."""
    return fields(opened(form, "?*"))


def _begins_with_slash(resource: str, form: str) -> bool:
    """Whether a hole stands where the form has its first slash."""
    word = form.partition("/")[0]
    return resource.startswith(word) and is_hole(resource[len(word) : len(word) + 1] or " ")
