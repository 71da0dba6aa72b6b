"""The lines of one value of a YAML text, so that it can be written word for word.

A function should keep comments, and should not restyle what it does not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Excerpt(NamedTuple):
    """A value's own lines, those of the comment above it, and where they are."""

    text: str
    head: str
    first: int
    last: int


def list_item(lines: Sequence[str], line: int, column: int) -> Excerpt | None:
    """Return the block list item whose content begins at *line* and *column*.

    Both count from 0.  None where its lines cannot be taken out by themselves, as in
    JSON and flow style.  An alias among them may point out of them.
    """
    before = lines[line][:column]
    dash = before.find("-")
    if before.strip() != "-":
        return None
    return _excerpt(lines, line, column, dash)


def mapping_value(lines: Sequence[str], line: int, column: int) -> Excerpt | None:
    """Return the block mapping that begins at *line* and *column*, below its key."""
    if lines[line][:column].strip() or not column:
        return None
    return _excerpt(lines, line, column, column - 1)


def _excerpt(
    lines: Sequence[str], line: int, column: int, margin: int
) -> Excerpt | None:
    """Take what stands to the right of *margin*."""
    end = _end(lines, line, margin)
    taken = [lines[line][column:]]
    for each in lines[line + 1 : end]:
        if not each.strip() or _indent(each) >= column:
            taken.append(each[column:])
        elif each.lstrip().startswith("#"):
            taken.append(each.lstrip())
        else:
            return None
    if taken[0][:1] in ("&", "!", " ", ""):
        return None
    start = _head(lines, line, margin)
    return Excerpt(
        text="".join(f"{each}\n" for each in taken),
        head="".join(f"{each.strip()}\n" for each in lines[start:line]),
        first=line,
        last=end - 1,
    )


def _end(lines: Sequence[str], line: int, margin: int) -> int:
    end = line + 1
    for number in range(line + 1, len(lines)):
        each = lines[number]
        if not each.strip():
            continue
        if _indent(each) > margin:
            end = number + 1
        elif not each.lstrip().startswith("#"):
            break
    # Blank lines count at the end of a text that keeps them.
    while end < len(lines) and not lines[end].strip() and end + 1 < len(lines):
        end += 1
    return end


def _head(lines: Sequence[str], line: int, margin: int) -> int:
    start = line
    while start and _is_comment(lines[start - 1], margin):
        start -= 1
    return start


def _is_comment(line: str, margin: int) -> bool:
    return line.lstrip().startswith("#") and _indent(line) <= margin


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
