"""What kubelb_gen.frozen returns is told from the standard library's dataclass."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable


@frozen.dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Ours, with names."""

    a: int
    b: str = "b"
    c: dict[str, int] = dataclasses.field(default_factory=dict)
    at: object = dataclasses.field(default=None, compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The standard library's."""

    a: int
    b: str = "b"
    c: dict[str, int] = dataclasses.field(default_factory=dict)
    at: object = dataclasses.field(default=None, compare=False, repr=False)


@frozen.dataclass(frozen=True, slots=False, kw_only=True)
class Roomy:
    """Ours, without slots."""

    a: int
    b: str = "b"
    c: dict[str, int] = dataclasses.field(default_factory=dict)
    at: object = dataclasses.field(default=None, compare=False, repr=False)

    @functools.cached_property
    def double(self) -> int:
        return 2 * self.a


@frozen.dataclass(frozen=True, slots=True)
class Positional:
    """Ours, by position, with what a class may say itself."""

    a: int
    b: int = 2

    def __repr__(self) -> str:
        return f"<{self.a}>"


@frozen.dataclass(frozen=True, slots=True)
class Partly:
    """Ours, with a field that cannot be hashed."""

    a: int
    b: dict[str, int] = dataclasses.field(hash=False)


@frozen.dataclass(frozen=True, slots=True)
class Empty:
    """Ours, without a field."""


both = pytest.mark.parametrize("cls", [Named, Roomy, Standard])


@both
def test_it_is_built_compared_hashed_and_shown_alike(cls: type[Any]) -> None:
    first, second = cls(a=1, at="here"), cls(a=1, at="there")
    assert first == second
    assert first != cls(a=2)
    assert first != Empty()
    assert repr(first) == f"{cls.__name__}(a=1, b='b', c={{}})"
    assert len({cls(a=1, c=()), cls(a=1, c=())}) == 1


@both
def test_a_factory_makes_a_default_for_each_value(cls: type[Any]) -> None:
    assert cls(a=1).c is not cls(a=1).c


@both
def test_it_cannot_be_changed(cls: type[Any]) -> None:
    value = cls(a=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.a = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.a
    assert value.a == 1


def test_nothing_can_be_added() -> None:
    value: Any = Named(a=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.unheard_of = 2


@both
def test_the_standard_functions_take_it(cls: type[Any]) -> None:
    value = cls(a=1)
    assert dataclasses.replace(value, a=2, b="c") == cls(a=2, b="c")
    assert [each.name for each in dataclasses.fields(value)] == ["a", "b", "c", "at"]
    assert dataclasses.asdict(value) == {"a": 1, "b": "b", "c": {}, "at": None}


@both
def test_it_is_pickled_with_what_it_holds(cls: type[Any]) -> None:
    value = cls(a=1, c={"x": 1}, at="here")
    again = pickle.loads(pickle.dumps(value))  # noqa: S301  our own bytes
    assert again == value
    assert again.at == "here"


@both
@pytest.mark.parametrize(
    "wrong",
    [lambda cls: cls(), lambda cls: cls(1), lambda cls: cls(a=1, unheard_of=2)],
    ids=["missing", "by position", "unknown"],
)
def test_a_wrong_call_is_a_type_error(
    cls: type[Any], wrong: Callable[[type[Any]], object]
) -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            wrong(cls)


@both
def test_the_parameters_can_be_asked_for_after_the_first_call(cls: type[Any]) -> None:
    cls(a=1)
    assert list(inspect.signature(cls).parameters) == ["a", "b", "c", "at"]


def test_fields_may_come_by_position() -> None:
    assert Positional(1) == Positional(1, 2) == Positional(a=1, b=2)
    match Positional(1, 3):
        case Positional(1, b):
            assert b == 3


def test_a_method_of_the_class_itself_is_kept() -> None:
    assert repr(Positional(7)) == "<7>"


def test_a_field_may_count_in_comparisons_and_not_in_hashes() -> None:
    assert hash(Partly(1, {})) == hash(Partly(1, {"x": 1}))
    assert Partly(1, {}) != Partly(1, {"x": 1})


def test_values_without_fields_are_equal() -> None:
    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1


def test_values_have_no_room_for_more() -> None:
    assert not hasattr(Positional(1), "__dict__")


def test_without_slots_a_property_can_be_kept() -> None:
    value = Roomy(a=2)
    assert value.double == value.double == 4
    assert value.__dict__["double"] == 4


def test_what_is_not_frozen_is_the_standards_to_make() -> None:
    with pytest.raises(TypeError, match="the standard's"):
        frozen.dataclass(frozen=False, slots=True)
