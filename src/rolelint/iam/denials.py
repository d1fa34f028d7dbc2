"""What does a Deny take away, alone or with others, and is anything left of a grant?"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rolelint.catalogue import actions as catalogue
from rolelint.iam.arns import fields, less, opened, reaches
from rolelint.iam.elements import Condition
from rolelint.iam.globs import covers, loosened, overlaps
from rolelint.iam.patterns import letter_of
from rolelint.template.values import When, branches
from rolelint.tuples import NamedTuple

UNREAD = "a Deny with a condition that could not be read"


class Denial(NamedTuple):
    """What a Deny takes away: always, or where its conditions hold. Texts have letters of a private-use area for holes.

    A ``doubt`` says in words what is not known to apply. ``when`` must hold of the template for it to be there.
    """

    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool = False
    conditions: tuple[Condition, ...] = ()
    doubt: str = ""
    when: When = ()

    @property
    def always(self) -> bool:
        """Whether it applies to every request for its actions."""
        return not self.conditions and not self.doubt

    @property
    def order(self) -> tuple[object, ...]:
        """What denials are sorted by."""
        conditions = ((one.operator, str(one.key), *(str(value.text) for value in one.values)) for one in self.conditions)
        return (*self[:4], self.when, *conditions)

    def is_always_about(self, action: str) -> bool:
        """Whether it denies an action whatever the request carries."""
        return not self.doubt and all(one.always_holds_for(action) for one in self.conditions) and self.is_about(action)

    def is_about(self, action: str) -> bool:
        """Whether it denies an action, by its full name or as a pattern, on some resource at all."""
        named = any(covers(pattern, action, any_case=True) for pattern in self.actions)
        return named != self.not_actions and not any(one.never_holds_for(action) for one in self.conditions)

    def is_beyond(self, resources: tuple[str, ...]) -> bool:
        """Whether it leaves only resources that are named in it, none of which is one of some patterns as a whole."""
        return self.not_resources and not any(covers(mine, pattern) for mine in self.resources for pattern in resources)


def take_away(denials: Iterable[Denial], action: str, resources: tuple[str, ...], when: When) -> bool:
    """Whether denials leave of an action on some resource patterns nothing, or so little that it is another grant."""
    about = [one for one in denials if one.is_always_about(action)]
    cut = any(one.is_beyond(resources) for one in about if set(one.when) <= set(when))
    return cut or _leave_nothing(about, action, resources, when)


def leave_nothing(denials: Iterable[Denial], action: str, resources: tuple[str, ...], when: When) -> bool:
    """Whether denials together take an action away from all of some resource patterns, in each branch where ``when`` holds."""
    return _leave_nothing([one for one in denials if one.is_always_about(action)], action, resources, when)


def _leave_nothing(about: list[Denial], action: str, resources: tuple[str, ...], when: When) -> bool:
    return bool(about) and all(cover(some, action, resources) for some in _in_each_branch(about, when))


def cover(denials: Sequence[Denial], action: str, resources: tuple[str, ...]) -> bool:
    """Whether denials of an action together are about all of some resource patterns."""
    taken = tuple(pattern for one in denials if not one.not_resources for pattern in one.resources)
    left = [one.resources for one in denials if one.not_resources]  # no more is left than any of them leaves
    if resources and any(not _works_on(action, some) for some in left):
        return True
    if not taken or not resources:
        return False
    return any(_is_nothing_left(some, taken) for some in (resources, *left)) or _is_all(action, taken)


def _in_each_branch(denials: list[Denial], when: When) -> Iterator[list[Denial]]:
    """The denials that are there in each branch of the template that they tell apart and in which ``when`` holds."""
    for under in branches({one.condition for denial in denials for one in denial.when}, when):
        yield [one for one in denials if set(under).issuperset(one.when)]


@lru_cache(maxsize=4096)
def _works_on(action: str, resources: tuple[str, ...]) -> bool:
    """Whether an action, by its full name, may work on something that fits one of some patterns; of unknown ones all may."""
    known = catalogue.find(action)
    forms = [fields(opened(form)) for form in catalogue.formats(known)] if known else [None]
    return any(_alike(form, fields(opened(loosened(pattern)))) for form in forms for pattern in resources)


def _alike(form: list[str] | None, given: list[str] | None) -> bool:
    """Whether an ARN may be of a form, compared field by field; what is not known to be an ARN may be any."""
    return form is None or given is None or all(map(overlaps, form, given))


@lru_cache(maxsize=512)
def _is_nothing_left(resources: tuple[str, ...], taken: tuple[str, ...]) -> bool:
    """Whether patterns together are about all that others are about; asked again for each action of a statement."""
    return less(resources, taken).empty


@lru_cache(maxsize=4096)
def _is_all(action: str, resources: tuple[str, ...]) -> bool:
    """Whether some patterns take in all that an action works on in the stack's account, so that nothing is left even of ``*``."""
    known = catalogue.find(action)
    forms = [opened(form) for form in catalogue.formats(known)] if known else []
    found = _everywhere(resources)
    return bool(forms) and all(
        any(reaches(one, form) for one in (*found.get(form.split(":", 3)[2], ()), *found.get("*", ()))) for form in forms
    )


@lru_cache(maxsize=512)
def _everywhere(resources: tuple[str, ...]) -> dict[str, list[str]]:
    """Those of some patterns that are about every region and the stack's account, by service; under ``*`` those of any."""
    accounts = ("", "*", letter_of("pseudo", "AWS::AccountId"))
    found: dict[str, list[str]] = {}
    for one in resources:
        given = fields(one)
        if given and given[3] in ("", "*") and given[4] in accounts:
            found.setdefault("*" if set(given[2]) & set("*?") or not given[2].isascii() else given[2], []).append(one)
    return found
