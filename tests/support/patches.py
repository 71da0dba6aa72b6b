"""What a patch makes of a text, by its line numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diff import Hunk


def applied(text: str, hunks: Iterable[Hunk]) -> str:
    """What *hunks* make of *text*; fails where a line is not the one they say."""
    lines = text.splitlines(keepends=True)
    made: list[str] = []
    at = 0
    for hunk in hunks:
        made += lines[at : hunk.old]
        at = hunk.old
        assert len(made) == hunk.new
        for line in hunk.lines:
            if line[0] != "+":
                assert lines[at] == line[1:]
                at += 1
            if line[0] != "-":
                made.append(line[1:])
    return "".join(made + lines[at:])
