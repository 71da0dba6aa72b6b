"""What a template of the user's may cost: every step of it is paid for.

A step is a turn of a loop, a call, a value put into a list, or 64 bytes of text.  So
the budget bounds time, memory and output at once, however a template spends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from kubelb_gen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized

STEPS = 1_000_000
# A file with many entries is no loop without an end.
STEPS_PER_VALUE = 100
LARGEST_NUMBER = 10_000
MOST_BITS = 4096
_TEXT_PER_STEP = 64


class TooMuchError(Exception):
    """A template asks for more than its budget."""


class Budget:
    """The steps that are left to the file being laid out."""

    def __init__(self, *, no_value: Callable[[object], bool]) -> None:
        """Refuse what *no_value* says of: what it is written as is never the same."""
        self._left = STEPS
        self._no_value = no_value

    def renew(self, context: object) -> None:
        """Begin another file, whose template is given *context*."""
        self._left = STEPS
        self._left += STEPS_PER_VALUE * self._weight(context)

    def spend(self, *values: object, steps: int = 0) -> None:
        """Pay *steps*, and for the size of *values*; raise `TooMuchError` past it."""
        self._left -= steps + sum(map(self._weight, values))
        if self._left < 0:
            _refuse("it takes more steps than a file may: is a loop too long?")

    def spend_on_product(self, left: object, right: object) -> None:
        """Pay for *left* times *right*."""
        for many, number in ((left, right), (right, left)):
            if isinstance(many, str | list | tuple) and isinstance(number, int):
                self.spend(steps=self._weight(many) * max(number, 0))
                return
        small = all(
            isinstance(each, float)
            or (isinstance(each, int) and each.bit_length() <= MOST_BITS)
            for each in (left, right)
        )
        if not small:
            _refuse("the numbers are too large to be multiplied")

    def spend_on_argument(self, subject: object, argument: object) -> None:
        """Pay for a filter that may write *argument* at each character of *subject*."""
        size = len(argument) if isinstance(argument, str) else argument
        if isinstance(size, int) and abs(size) > LARGEST_NUMBER:
            _refuse(f"a filter takes no more than {LARGEST_NUMBER} here")
        if isinstance(size, int) and isinstance(subject, str):
            self.spend(steps=(len(subject) + 1) * abs(size) // _TEXT_PER_STEP)

    def metered(self, values: object) -> object:
        """Return *values*, each of which is paid for when it is taken."""
        try:
            return _Metered(self, values)
        except TypeError:
            # Jinja says best what cannot be iterated over.
            return values

    def _weight(self, value: object) -> int:
        """Count what *value* holds, up to what is left: a list may hold itself."""
        found, pending = 0, [value]
        while pending and found <= self._left:
            each = pending.pop()
            found += 1
            if isinstance(each, str):
                found += len(each) // _TEXT_PER_STEP
            elif isinstance(each, range):
                found += len(each)
            elif isinstance(each, int):
                found += each.bit_length() // _TEXT_PER_STEP
            elif isinstance(each, list | tuple):
                pending.extend(each)
            elif isinstance(each, dict):
                pending.extend(each.values())
            elif self._no_value(each):
                raise RenderError("a function is no value: is it to be called?")
        return found


class _Metered:
    """An iterable that pays; sized where what it wraps is, as `loop.length` asks."""

    def __init__(self, budget: Budget, values: object) -> None:
        self._values: Iterator[object] = iter(values)  # type: ignore[call-overload]
        self._budget = budget
        self._sized: Sized | None = values if hasattr(values, "__len__") else None

    def __iter__(self) -> _Metered:
        return self

    def __next__(self) -> object:
        self._budget.spend(steps=1)
        return next(self._values)

    def __len__(self) -> int:
        if self._sized is None:
            raise TypeError("it has no length")
        return len(self._sized)


def _refuse(message: str) -> NoReturn:
    raise TooMuchError(message)
