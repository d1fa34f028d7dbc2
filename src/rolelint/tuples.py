"""How can a class of named tuples cost next to nothing? Constructors with as many fields differ only in their names.

To type checkers ``NamedTuple`` is that of ``typing``, and it does the same. But the standard library compiles a constructor
for each class and checks every annotation, which for some 130 classes took an eighth of the time that one template takes.
"""

from typing import TYPE_CHECKING

__all__ = ["NamedTuple"]

if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from collections import _tuplegetter  # what the standard library's classes read their fields with
    from collections.abc import Iterable
    from functools import cache
    from types import CodeType, FunctionType

    @cache
    def _constructor(fields: int) -> CodeType:
        """The code of a constructor of so many fields, whatever their names."""
        names = [f"_{number}" for number in range(fields)]
        text = f"lambda {', '.join(['_cls', *names])}: _make(_cls, ({''.join(f'{name}, ' for name in names)}))"
        return eval(text).__code__  # noqa: S307 - nothing in it is from elsewhere

    class _Record(tuple):
        """What all named tuples can do."""

        __slots__ = ()

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
            made._fields = made.__match_args__ = fields = tuple(made.__annotations__)
            made._field_defaults = {field: body[field] for field in fields if field in body}
            code = _constructor(len(fields)).replace(co_varnames=("_cls", *fields), co_qualname=name)
            defaults = tuple(made._field_defaults.values())
            made.__new__ = staticmethod(FunctionType(code, {"_make": tuple.__new__}, "__new__", defaults))
            for index, field in enumerate(fields):
                setattr(made, field, _tuplegetter(index, ""))
            return made

    class NamedTuple(metaclass=_Maker):
        """A base that is gone once the class is made, as that of ``typing`` is."""
