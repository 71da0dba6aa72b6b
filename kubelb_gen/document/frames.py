"""Containers while they are being read, and what anchors stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelb_gen.document.positions import Marks, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = Span(0, 0, 0, 1)


class RefusedKey:
    """Stands for a key that was refused, so that its value goes nowhere."""


class Value(NamedTuple):
    """A finished value; *size* counts the values in it, aliases followed."""

    data: Any
    span: Span
    marks: Marks | None
    size: int

    def parts(self) -> Iterator[Value]:
        """Return what a merge key merges: the value itself, or each of its items."""
        if not isinstance(self.data, list) or self.marks is None:
            yield self
            return
        for index, data in enumerate(self.data):
            entry = self.marks.members[index]
            yield Value(data, entry.value, entry.inside, 1)


@dataclass(slots=True)
class Frame:
    """A container that is still open; a mapping waits for a key or for its value."""

    data: Any
    marks: Marks
    anchor: str | None
    key: str | RefusedKey | None = None
    key_span: Span = NOWHERE
    merging: bool = False
    merges: list[Value] = field(default_factory=list)
    size: int = 1

    @property
    def awaits_key(self) -> bool:
        """Whether the next value is a key."""
        return isinstance(self.data, dict) and self.key is None

    def closed(self, end: Span) -> Value:
        """Return the container as a value; its own keys win over merged ones."""
        for merge in self.merges:
            for key, data in merge.data.items():
                if key not in self.data and merge.marks is not None:
                    self.data[key] = data
                    self.marks.members[key] = merge.marks.members[key]
        start = self.marks.span
        span = Span(start.line, start.column, end.end_line, end.end_column)
        return Value(self.data, span, Marks(span, self.marks.members), self.size)
