"""Lays out once what differs in names and numbers only.

A fleet has thousands of files of few shapes.  The second context of a shape is laid out
with a hole in the place of each text and each number; later ones fill the holes.  A
value still leaves through the filter that the template gave it, and through no other.

A template may ask of a hole whether it is empty, since that is a part of the shape.  If
it asks for more, the value in that place becomes a part of the shape, too.

A shape that has come up often becomes a function (`stencil`), which is asked first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from kubelb_gen.render.stencil import MOST_VALUES, stencil

Filter = Callable[..., Any]

# A template of more shapes than this gains nothing by them.
_MOST_SHAPES = 128
# What lists more is one of its kind.
_MOST_ITEMS = 64
_MOST_FILTERED = 1 << 14
# To compile a stencil costs as much as to fill so many files without.
_OFTEN = 200
# Each is asked in turn, so that more would be slower than the survey.
_MOST_STENCILS = 4
_EVERY = itertools.repeat("*")
# No text of a spec holds it, and no template.
_MARK = "\0"


class _AskedError(Exception):
    """A template looked at the value behind a hole."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__()
        self.path = path


class _Hole:
    """Stands for a text or a number; a filter turns it into a mark."""

    __slots__ = ("_full", "_path", "number", "sheet")

    def __init__(
        self, sheet: _Sheet, number: int, path: tuple[str, ...], *, full: bool
    ) -> None:
        self.sheet = sheet
        self.number = number
        self._path = path
        self._full = full

    def __bool__(self) -> bool:
        return self._full

    def _asked(self, *_: object) -> Any:  # noqa: ANN401  it never returns
        raise _AskedError(self._path)

    __str__ = __repr__ = __format__ = __html__ = _asked
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _asked
    __len__ = __iter__ = __contains__ = __getitem__ = __getattr__ = _asked
    __add__ = __radd__ = __mul__ = __mod__ = __int__ = __index__ = _asked


class _Sheet:
    """What became of each hole of one laying out: which filter, with what."""

    def __init__(self) -> None:
        self.fills: list[tuple[int, Callable[[Any], str]]] = []

    def mark(self, hole: _Hole, fill: Callable[[Any], str]) -> str:
        self.fills.append((hole.number, fill))
        return f"{_MARK}{len(self.fills) - 1}{_MARK}"


def filling(function: Filter, *, keep: bool = True) -> Filter:
    """Return the filter *function*, which a hole passes as a mark.

    Equal values come often in a fleet, so that what a filter says of them is kept,
    unless one asks not to *keep* it.
    """
    kept = lru_cache(_MOST_FILTERED, typed=True)(function) if keep else function

    def filtered(value: Any, *arguments: Any) -> Any:  # noqa: ANN401  as filters are
        if type(value) is not _Hole:
            return function(value, *arguments)
        if arguments:
            return value.sheet.mark(value, lambda each: function(each, *arguments))
        return value.sheet.mark(value, kept)

    return filtered


class _Shape:
    """A text with gaps: the parts, and for each gap its value and its filter."""

    def __init__(self, text: str, sheet: _Sheet) -> None:
        self.parts = text.split(_MARK)
        self.gaps = tuple(
            (at, *sheet.fills[int(self.parts[at])])
            for at in range(1, len(self.parts), 2)
        )
        self.times = 0

    def filled(self, values: list[Any]) -> str:
        self.times += 1
        parts = self.parts.copy()
        for at, number, fill in self.gaps:
            parts[at] = fill(values[number])
        return "".join(parts)


class Shapes:
    """The shapes of one template that have come up so far."""

    def __init__(self, lay_out: Callable[[Mapping[str, Any]], str]) -> None:
        self._lay_out = lay_out
        # None where a shape has come up once, and may never again.
        self._known: dict[tuple[object, ...], _Shape | None] = {}
        self._asked: dict[str, Any] = {}
        self._stencils: list[Callable[[Mapping[str, Any]], str | None]] = []

    def lay_out(self, context: Mapping[str, Any]) -> str:
        """Return what the template makes of *context*."""
        for fill in self._stencils:
            text = fill(context)
            if text is not None:
                return text
        return self._surveyed(context)

    def _surveyed(self, context: Mapping[str, Any]) -> str:
        for each in context.values():
            if isinstance(each, (list, tuple)) and len(each) > _MOST_ITEMS:
                return self._lay_out(context)
        key: list[object] = [*context]
        values: list[Any] = []
        _survey(context.items(), self._asked, key, values)
        known = tuple(key)
        try:
            shape = self._known.get(known)
        except TypeError:  # a value that has no hash
            return self._lay_out(context)
        if shape is not None:
            if shape.times == _OFTEN and len(key) < MOST_VALUES:
                self._cut(shape, context)
            return shape.filled(values)
        text = self._lay_out(context)
        if known in self._known:
            self._shape(known, context)
        elif len(self._known) < _MOST_SHAPES:
            self._known[known] = None
        return text

    def _cut(self, shape: _Shape, context: Mapping[str, Any]) -> None:
        cut = stencil(context, self._asked, shape.parts, shape.gaps)
        self._stencils = [cut, *self._stencils[: _MOST_STENCILS - 1]]

    def _shape(self, key: tuple[object, ...], context: Mapping[str, Any]) -> None:
        sheet = _Sheet()
        try:
            text = self._lay_out(_holed(context, self._asked, sheet, (), [0]))
        except _AskedError as asked:
            self._asked = _with(self._asked, asked.path)
            self._known.clear()
            self._stencils = []
        else:
            self._known[key] = _Shape(text, sheet)


def _with(asked: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    step, *further = path
    if not further:
        return {**asked, step: True}
    inside = asked.get(step)
    inside = inside if isinstance(inside, dict) else {}
    return {**asked, step: _with(inside, tuple(further))}


def _inside(asked: Any, step: str) -> Any:  # noqa: ANN401  a tree, or True
    return asked.get(step) if type(asked) is dict else None


def _survey(
    members: Iterable[tuple[str, Any]],
    asked: Any,  # noqa: ANN401  a tree, or True
    key: list[object],
    values: list[Any],
) -> None:
    """Write the shape of *members* into *key*, and what fills its holes into *values*.

    This is the inner loop of rendering a fleet: it calls itself for containers alone.
    """
    tell, fill = key.append, values.append
    for name, value in members:
        kind = type(value)
        if kind is str or kind is int:
            if asked and _inside(asked, name) is True:
                tell((kind, value))
            else:
                tell(not value)
                fill(value)
        elif kind is dict:
            tell(tuple(value))
            _survey(value.items(), asked and _inside(asked, name), key, values)
        elif kind is tuple or kind is list:
            # Below zero, where no truth lies.
            tell(~len(value))
            if value:
                inner = asked and {"*": _inside(_inside(asked, name), "*")}
                _survey(zip(_EVERY, value), inner, key, values)  # noqa: B905
        elif value is None:
            tell(value)
        else:
            # 1, 1.0 and True are equal, and not alike.
            tell((kind, value))


def _holed(
    value: Any,  # noqa: ANN401  whatever a context holds
    asked: Any,  # noqa: ANN401  the same
    sheet: _Sheet,
    path: tuple[str, ...],
    count: list[int],
) -> Any:  # noqa: ANN401  the same
    """Return *value* with holes, numbered as `_survey` lists what fills them."""
    kind = type(value)
    if kind is str or kind is int:
        if asked is True:
            return value
        count[0] += 1
        return _Hole(sheet, count[0] - 1, path, full=bool(value))
    if kind is dict:
        return {
            name: _holed(each, _inside(asked, name), sheet, (*path, name), count)
            for name, each in value.items()
        }
    if kind is tuple or kind is list:
        inner = _inside(asked, "*")
        return [_holed(each, inner, sheet, (*path, "*"), count) for each in value]
    return value
