"""Dataclasses that cost little to define: none of their methods is compiled for that.

The standard decorator writes and compiles six methods for each class.  That is half a
millisecond, for each of the hundred classes of a program that may live for a tenth
of a second (`docs/adr/0009-methods-made-when-called.md`).  Here they are shared, and
`__init__` is compiled once that pays.  What is returned is a dataclass for
`dataclasses.replace`, for `fields` and for type checkers.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable:
        """Return a decorator for values that cannot be changed."""
        if not frozen:
            raise TypeError("what can be changed is the standard's to make")
        return lambda cls: _value(cls, slots=slots, kw_only=kw_only)


__all__ = ["dataclass"]

# To compile an `__init__` costs as much as to make so many values without.
_FEW = 20


def _value(cls: type, *, slots: bool, kw_only: bool) -> type:
    listed: type = dataclasses.dataclass(
        init=False, repr=False, eq=False, kw_only=kw_only
    )(cls)
    fields = _fields(listed)
    compared = _getter(each.name for each in fields if each.compare)
    hashed = _getter(
        each.name
        for each in fields
        if (each.compare if each.hash is None else each.hash)
    )
    return _made(
        listed,
        {
            "__init__": _init(fields, slots=slots),
            "__repr__": _repr,
            "__eq__": _equality(compared),
            "__hash__": lambda self: hash(hashed(self)),
            "__setattr__": _refuse,
            "__delattr__": _refuse,
            "__getstate__": _state,
            "__setstate__": _restore,
        },
        [each.name for each in fields] if slots else None,
    )


def _made(cls: type, methods: dict[str, object], slots: list[str] | None) -> type:
    """Return *cls* with the *methods* that it lacks, all set while it is made.

    Setting one on a class that is there lets Python look through its whole type.
    """
    own = {**methods, **cls.__dict__}
    for name in ("__dict__", "__weakref__", *(slots or ())):
        own.pop(name, None)
    if slots is not None:
        own["__slots__"] = tuple(slots)
    made = type(cls)(cls.__name__, cls.__bases__, own)
    made.__qualname__ = cls.__qualname__
    return made


def _fields(cls: type) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)


def _getter(names: Iterable[str]) -> Callable[[object], object]:
    known = tuple(names)
    return attrgetter(*known) if known else lambda _: ()


def _init(
    fields: tuple[dataclasses.Field[Any], ...], *, slots: bool
) -> Callable[..., None]:
    """Return what makes the first few values, and compiles what makes more of them."""
    known = {each.name for each in fields}
    needed = {each.name for each in fields if each.default is each.default_factory}
    made = 0

    def init(self: object, *arguments: object, **named: object) -> None:
        nonlocal made
        made += 1
        if arguments or made > _FEW or not needed <= named.keys() <= known:
            cls: Any = type(self)
            cls.__init__ = _compiled(cls, slots=slots)
            cls.__init__(self, *arguments, **named)
            return
        for each in fields:
            value = named.get(each.name, each.default)
            if value is dataclasses.MISSING:
                make: Any = each.default_factory
                value = make()
            object.__setattr__(self, each.name, value)

    return init


def _compiled(cls: type, *, slots: bool) -> Callable[..., None]:
    """Return what sets each field, with the parameters and defaults of the fields."""
    known: dict[str, object] = {"missing": dataclasses.MISSING}
    parameters = ["self"]
    body = []
    fields = _fields(cls)
    if fields and fields[0].kw_only:
        parameters.append("*")
    for each in fields:
        name = given = each.name
        if each.default is not dataclasses.MISSING:
            known[f"default_{name}"] = each.default
            parameters.append(f"{name}=default_{name}")
        elif each.default_factory is not dataclasses.MISSING:
            known[f"make_{name}"] = each.default_factory
            parameters.append(f"{name}=missing")
            given = f"make_{name}() if {name} is missing else {name}"
        else:
            parameters.append(name)
        # Past the class's own `__setattr__`, which refuses.
        if slots:
            known[f"set_{name}"] = cls.__dict__[name].__set__
            body.append(f"set_{name}(self, {given})")
        else:
            body.append(f"self.__dict__[{name!r}] = {given}")
    head = f"def __init__({', '.join(parameters)}):"
    exec("\n ".join([head, *body, "pass"]), known)  # noqa: S102  our own names
    init: Any = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init  # type: ignore[no-any-return]


def _equality(compared: Callable[[object], object]) -> Callable[..., Any]:
    def equal(self: object, other: object) -> Any:  # noqa: ANN401  as the language
        if other.__class__ is self.__class__:
            return compared(self) == compared(other)
        return NotImplemented

    return equal


def _repr(self: object) -> str:
    shown = (
        f"{each.name}={getattr(self, each.name)!r}"
        for each in _fields(type(self))
        if each.repr
    )
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: object, name: str, *_: object) -> None:
    message = f"{type(self).__qualname__}.{name} cannot be changed"
    raise dataclasses.FrozenInstanceError(message)


def _state(self: object) -> list[object]:
    return [getattr(self, each.name) for each in _fields(type(self))]


def _restore(self: object, state: list[object]) -> None:
    for each, value in zip(_fields(type(self)), state, strict=True):
        object.__setattr__(self, each.name, value)
