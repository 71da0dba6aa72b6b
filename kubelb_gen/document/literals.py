"""Text of many lines in plain YAML, as `|` opens it: what it says and where it ends.

Chapter 8.1 of the YAML 1.2.2 specification, without indentation that is told by a
number.  Configurations stand so in ConfigMaps, and in what kubectl applied last.
"""

from __future__ import annotations

import re

HEADER = re.compile(r"\|[-+]? *")


def literal(
    lines: list[str], start: int, end: int, parent: int, header: str
) -> tuple[str, int] | None:
    """Return the text that begins at line *start*, and the line behind it.

    *parent* is the column of the key that holds it.  None stands for a text that two
    readers could see differently.
    """
    column = _column(lines, start, end)
    if column <= parent:
        return None
    inside = " " * column
    at = start
    while at < end and (lines[at].startswith(inside) or not lines[at].strip(" ")):
        at += 1
    # What stands between both columns is a comment, or no YAML.
    if at < end and _indent(lines[at]) > parent:
        return None
    text = "".join(f"{line[column:]}\n" for line in lines[start:at])
    return _chomped(text, header), at


def _column(lines: list[str], start: int, end: int) -> int:
    """Return the column of the first line that says something; 0 where none does."""
    for line in lines[start:end]:
        if line.strip(" "):
            return _indent(line)
        if line:
            return 0
    return 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _chomped(text: str, header: str) -> str:
    if "+" in header:
        return text
    text = text.rstrip("\n")
    return text if "-" in header else f"{text}\n"
