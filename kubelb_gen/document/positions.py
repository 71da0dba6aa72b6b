"""Where each value of a document stands in its text.

Beside the plain data grows a tree of the same shape that holds spans only, so that
the data stays plain and a place is found by walking its path.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.diagnostics import Location
from kubelb_gen.frozen import dataclass

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Key

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_KEY_END = re.compile(r":(?=\s|$)|\s+#")


class Span(NamedTuple):
    """A stretch of text; lines and columns count from 0."""

    line: int
    column: int
    end_line: int
    end_column: int


class Entry(NamedTuple):
    """One member of a container: where its key and value are, and what is inside."""

    key: Span
    value: Span
    inside: Marks | None


@dataclass(frozen=True, slots=True)
class Marks:
    """The members of one container, and where it stands itself."""

    span: Span
    members: dict[Key, Entry] = field(default_factory=dict)

    def span_of(self, keys: tuple[Key, ...], *, on_key: bool) -> Span:
        """Return where *keys* lead, or the deepest place on the way there."""
        found, inside = self.span, self
        for key in keys:
            entry = inside.members.get(key)
            if entry is None:
                return found
            found = entry.key if on_key else entry.value
            if entry.inside is None:
                return found
            inside = entry.inside
        return found


def lines_of(text: str) -> list[str]:
    """Return the lines of *text* as YAML and JSON count them."""
    return _LINE_BREAK.split(text)


def location(source: str, lines: list[str], span: Span) -> Location:
    """Return *span* with the line it starts on."""
    line = lines[span.line] if span.line < len(lines) else ""
    column = min(span.column, len(line))
    if span.end_line == span.line:
        width = span.end_column - span.column
    else:
        rest = line[column:]
        end = _KEY_END.search(rest)
        width = len((rest[: end.start()] if end else rest).rstrip())
    return Location(
        source=source,
        line=span.line + 1,
        column=column + 1,
        width=max(width, 1),
        text=line,
    )
