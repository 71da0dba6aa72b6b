"""One shape as one function, which fills a context of that shape and no other.

To survey a context is to ask each of its values what it is.  Where thousands have one
shape, a function that was written for it takes them apart in place, and compares only
what makes the shape.  Its source holds numbers alone: no text of a spec, and none of a
template.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    # Parts of a text; the odd ones are gaps: which value goes there, through what.
    Gaps = Sequence[tuple[int, int, Callable[[Any], str]]]

# What has more values would be long to compile, and is seldom alike.
MOST_VALUES = 400


def stencil(
    context: Mapping[str, Any],
    asked: Mapping[str, Any],
    parts: Sequence[str],
    gaps: Gaps,
) -> Callable[[Mapping[str, Any]], str | None]:
    """Return what fills contexts of the shape of *context*; None of any other.

    *asked* has the places whose values are a part of the shape, by name; *gaps* are in
    the order of the *parts* and count the other texts and numbers from the left.
    """
    source = _Source()
    source.read_mapping(context, asked, "context")
    source.join(parts, gaps)
    body = "\n    ".join(source.lines)
    exec(f"def fill(context):\n    {body}", source.known)  # noqa: S102  our own names
    fill: Callable[[Mapping[str, Any]], str | None] = source.known["fill"]
    return fill


class _Source:
    """The lines of the function, and what they know by a name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known: dict[str, Any] = {}
        self._holes: list[str] = []

    def read_mapping(self, value: Mapping[str, Any], asked: object, name: str) -> None:
        self._unless(f"tuple({name}) == {self._name(tuple(value))}")
        inside = [
            (each, asked.get(key) if isinstance(asked, dict) else None)
            for key, each in value.items()
        ]
        self._take_apart(f"{name}.values()", inside)

    def join(self, parts: Sequence[str], gaps: Gaps) -> None:
        """Return the *parts* as a text, with the *gaps* filled."""
        given = [self._name(part) for part in parts]
        fills = [f"{self._name(fill)}({self._holes[at]})" for _, at, fill in gaps]
        often = Counter(fills)
        for fill, times in often.items():
            if times > 1:
                self.lines.append(f"again_{len(self.lines)} = {fill}")
                name = f"again_{len(self.lines) - 1}"
                fills = [name if each == fill else each for each in fills]
        for (at, *_), fill in zip(gaps, fills, strict=True):
            given[at] = fill
        self.lines.append(f"return ''.join(({', '.join(given)},))")

    def _take_apart(self, whole: str, inside: list[tuple[Any, object]]) -> None:
        if not inside:
            return
        first = len(self.lines)
        names = [f"value_{first}_{number}" for number in range(len(inside))]
        self.lines.append(f"{', '.join(names)}, = {whole}")
        for name, (value, asked) in zip(names, inside, strict=True):
            self._read(value, asked, name)

    def _read(self, value: Any, asked: object, name: str) -> None:  # noqa: ANN401
        kind = type(value)
        if (kind is str or kind is int) and asked is not True:
            self._holes.append(name)
            full = name if value else f"not {name}"
            self._unless(f"type({name}) is {kind.__name__} and {full}")
        elif kind is dict:
            self._unless(f"type({name}) is dict")
            self.read_mapping(value, asked, name)
        elif kind is tuple or kind is list:
            length = f"len({name}) == {len(value)}"
            self._unless(f"type({name}) is {kind.__name__} and {length}")
            inner = asked.get("*") if isinstance(asked, dict) else None
            self._take_apart(name, [(each, inner) for each in value])
        else:
            same, of_kind = self._name(value), self._name(kind)
            equal = f"type({name}) is {of_kind} and {name} == {same}"
            self._unless(f"{name} is {same} or {equal}")

    def _unless(self, condition: str) -> None:
        self.lines.append(f"if not ({condition}): return None")

    def _name(self, value: object) -> str:
        """Return what *value* is called in the function."""
        name = f"known_{len(self.known)}"
        self.known[name] = value
        return name
