"""Named tuples that are cheap to make are those of the standard library in all but their price."""

import copy
import operator
import pickle
import typing
from collections.abc import Callable

import pytest

from rolelint.tuples import NamedTuple


class Place(NamedTuple):
    """A place."""

    line: int
    column: int = 1
    names: tuple[str, ...] = ()

    @property
    def next(self) -> "Place":
        """The place below."""
        return self._replace(line=self.line + 1)


class Known(typing.NamedTuple):
    """The same, from the standard library."""

    line: int
    column: int = 1
    names: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("values", "named"),
    [((3,), {}), ((3, 4), {}), ((3, 4, ("a",)), {}), ((3,), {"names": ("b",)}), ((), {"names": (), "column": 2, "line": 1})],
)
def test_fields_are_given_by_place_or_by_name_or_left_to_their_defaults(
    values: tuple[typing.Any, ...], named: dict[str, typing.Any]
) -> None:
    place, known = Place(*values, **named), Known(*values, **named)

    assert tuple(place) == tuple(known)
    assert (place.line, place.column, place.names) == (known.line, known.column, known.names)
    assert repr(place) == repr(known).replace("Known", "Place")
    assert place == Place(*known)
    assert hash(place) == hash(known)
    assert place._asdict() == known._asdict()


@pytest.mark.parametrize(
    "wrong",
    [
        Place,
        lambda: Place(1, 2, (), 4),  # type: ignore[call-arg]
        lambda: Place(1, line=2),  # type: ignore[misc]
        lambda: Place(1, row=2),  # type: ignore[call-arg]
        lambda: Place(1)._replace(row=2),  # type: ignore[call-arg]
        lambda: Place._make([]),
    ],
)
def test_a_wrong_field_is_refused(wrong: Callable[[], Place]) -> None:
    with pytest.raises(TypeError):
        wrong()


@pytest.mark.parametrize("name", ["line", "other"])
def test_nothing_of_one_can_be_set(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Place(1), name, 2)


class Nothing(NamedTuple):
    """No fields at all."""


def test_one_may_have_no_fields() -> None:
    assert Nothing() == ()
    assert repr(Nothing()) == "Nothing()"


def test_they_have_methods_patterns_and_a_class_like_any_other() -> None:
    match Place(1).next:
        case Place(line, column):
            assert (line, column) == (2, 1)
    assert type(Place) is type
    assert Place.__doc__ == "A place."
    assert (Place._fields, Place._field_defaults) == (Known._fields, Known._field_defaults)
    assert Place._make([1, 2, ()]) == Place(1, 2)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda place: pickle.loads(pickle.dumps(place))])  # noqa: S301 - our own
def test_a_copy_is_equal(copied: Callable[[Place], Place]) -> None:
    place = Place(3, names=("a",))

    assert copied(place) == place
    assert operator.is_(type(copied(place)), Place)
