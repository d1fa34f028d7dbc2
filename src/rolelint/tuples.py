"""How can a class of named tuples cost next to nothing? Its constructor is compiled when it makes its first instance.

To type checkers ``NamedTuple`` is that of ``typing``, and it does the same. But a run has some 130 such classes and fills fewer
than half of them: those of the standard library took an eighth of the time in which one template is linted.
"""

from typing import TYPE_CHECKING

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import _tuplegetter  # what the standard library's classes read their fields with
    from collections.abc import Iterable

    class _Record(tuple):
        """What all named tuples can do."""

        __slots__ = ()

        def __new__(cls, *values: object, **named: object) -> tuple[object, ...]:
            fields = ", ".join(cls._fields)
            known = {"_make": tuple.__new__, "__builtins__": {}}
            constructor = eval(f"lambda _cls, {fields}: _make(_cls, ({fields},))", known)  # noqa: S307 - names of our own
            constructor.__defaults__ = tuple(cls._field_defaults.values())
            cls.__new__ = staticmethod(constructor)
            return constructor(cls, *values, **named)

        @classmethod
        def _make(cls, values: Iterable[object]) -> tuple[object, ...]:
            return cls(*values)

        def _replace(self, **changes: object) -> tuple[object, ...]:
            changed = tuple.__new__(self.__class__, map(changes.pop, self._fields, self))
            if changes:
                raise TypeError(f"{self.__class__.__name__} has no {', '.join(changes)}")
            return changed

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            return f"{self.__class__.__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def __getnewargs__(self) -> tuple[object, ...]:
            """What copy and pickle give the constructor."""
            return tuple(self)

    class _Maker(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, object]) -> type:
            if not bases:
                return type.__new__(cls, name, bases, body)
            # Of class type itself: to ask for instances of a class with another metaclass takes twice as long.
            made = type(name, (_Record,), {**body, "__slots__": ()})
            made._fields = made.__match_args__ = tuple(made.__annotations__)
            made._field_defaults = {field: body[field] for field in made._fields if field in body}
            for index, field in enumerate(made._fields):
                setattr(made, field, _tuplegetter(index, ""))
            return made

    class NamedTuple(metaclass=_Maker):
        """A base that is gone once the class is made, as that of ``typing`` is."""
