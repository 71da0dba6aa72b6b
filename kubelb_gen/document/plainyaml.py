"""The short way through plain YAML: what specs mostly are, and nothing else.

Block mappings and lists of values, read line by line; equal lines are read once, and
brackets over several lines are gathered first.  Whatever two readers could see
differently (anchors, tags, tabs, most escapes, folded text, words over several lines,
duplicate keys) is not read here: the text then goes to the reader in
`yamltext`, which is also the one that knows positions and what to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kubelb_gen.document.brackets import (
    LONGEST_LINE,
    MOST_LEVELS,
    QUOTED,
    NotPlainYaml,
    gathered,
    in_brackets,
    opens,
    plain,
    scalar,
)
from kubelb_gen.document.literals import HEADER, literal
from kubelb_gen.document.scalars import WORDS, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of printable text, as all of it is here.
_WORD = "[^ :#]"
KEY = re.compile(
    r'(?:"(?P<quoted>[^"\\]+)"|(?P<plain>[A-Za-z_][A-Za-z0-9_./-]*)):(?: +|$)'
)
SCALAR = re.compile(rf"(?:(?P<plain>{plain(_WORD)})|{QUOTED})(?: +#.*| *)")
# The commonest line by far: a mapping of words to words.
_ENTRY = r"[A-Za-z][A-Za-z0-9]*: [A-Za-z0-9][A-Za-z0-9./_-]*"
_ENTRIES = re.compile(rf"\{{{_ENTRY}(?:, {_ENTRY})*\}}")

# Where a line begins, whether it is an item, where its inside begins, its key, whether
# a value stands behind it, and that value.
_Line = tuple[int, bool, int, str | None, bool, Any]
# Where a container's members begin, the container, whether it is a list.
_Frame = tuple[int, Any, bool]


class _Literal(str):
    """The sign that opens text of many lines."""

    __slots__ = ()

    def read(
        self, lines: list[str], at: int, parent: int, _inner: int
    ) -> tuple[str, int]:
        """Return that text, held by the key in column *parent*, and the next line."""
        found = literal(lines, at, len(lines), parent, self)
        if found is None:
            raise NotPlainYaml
        return found


class _Opening:
    """A collection whose brackets do not close on their line."""

    __slots__ = ()

    def read(
        self, lines: list[str], at: int, parent: int, inner: int
    ) -> tuple[Any, int]:
        """Return that collection, held by what is in *parent*, and the next line.

        It stands on the line in front of *at*, in column *inner* or behind a key there.
        """
        text, behind = gathered(lines, at - 1, len(lines), parent)
        found = KEY.match(text, inner)
        return in_brackets(text, found.end() if found else inner), behind


_OF_MANY_LINES = (_Literal, _Opening)


def read_plain(text: str) -> list[dict[str, Any]]:
    """Return the documents of *text*, each a mapping; raises NotPlainYaml."""
    # Without controls, the line breaks of YAML 1.1, byte order marks, and tabs.
    if not text.replace("\n", "").isprintable():
        raise NotPlainYaml
    # A text that breaks off has no last line break to keep.
    if "|" in text and text[-1] != "\n":
        raise NotPlainYaml
    known: dict[str, _Line | None] = {}
    lines = text.removesuffix("\n").split("\n")
    return [_document(each, known) for each in _documents(lines, known)]


def _documents(lines: list[str], known: dict[str, _Line | None]) -> Iterator[list[str]]:
    marks = [at for at, line in enumerate(lines) if line.startswith("---")]
    starts = [at + 1 for at in marks if lines[at] == "---"]
    if len(starts) != len(marks):
        raise NotPlainYaml
    # In front of the first marker may stand a document, or comments alone.
    if not marks or any(_line(each, known) for each in lines[: marks[0]]):
        starts.insert(0, 0)
        marks.insert(0, 0)
    for start, end in zip(starts, [*marks[1:], len(lines)], strict=True):
        yield lines[start:end]


def _document(  # noqa: C901  every line passes here, and each call would cost
    lines: list[str], known: dict[str, _Line | None]
) -> dict[str, Any]:
    root: dict[str, Any] = {}
    stack: list[_Frame] = [(0, root, False)]
    # The mapping whose last key has no value yet, that key, and the column of both.
    waiting: tuple[dict[str, Any], str, int] | None = None
    at, end = 0, len(lines)
    while at < end:
        text = lines[at]
        at += 1
        line = known[text] if text in known else _line(text, known)
        if line is None:
            continue
        column, is_item, inner, key, given, value = line
        if waiting and (column > waiting[2] or (is_item and column == waiting[2])):
            data: Any = [] if is_item else {}
            waiting[0][waiting[1]] = data
            _push(stack, (column, data, is_item))
        else:
            first, data, is_list = stack[-1]
            # Most lines go on where the one before them stands.
            if first != column or is_list is not is_item:
                data = _reach(stack, column, is_item=is_item)
        waiting = None
        if value.__class__ in _OF_MANY_LINES:
            parent = column if key is None else inner
            value, at = value.read(lines, at, parent, inner)
        if key is None:
            data.append(value)
            continue
        if is_item:
            data.append({})
            data = data[-1]
            _push(stack, (inner, data, False))
        if key in data:
            raise NotPlainYaml
        data[key] = value
        if not given:
            waiting = data, key, inner
    if not root:
        raise NotPlainYaml
    return root


def _push(stack: list[_Frame], frame: _Frame) -> None:
    if len(stack) > MOST_LEVELS:
        raise NotPlainYaml
    stack.append(frame)


def _reach(stack: list[_Frame], column: int, *, is_item: bool) -> Any:
    """Leave what ends in front of *column*; return what the line there is part of."""
    while stack[-1][0] > column:
        stack.pop()
    # A list may begin where the key that holds it does.
    if stack[-1][2] and not is_item and stack[-1][0] == column:
        stack.pop()
    first, data, is_list = stack[-1]
    if first != column or is_list is not is_item:
        raise NotPlainYaml
    return data


def _line(text: str, known: dict[str, _Line | None]) -> _Line | None:
    """Read one line; None where it holds nothing."""
    body = text.lstrip(" ")
    if not body or body[0] == "#":
        known[text] = None
        return None
    column = inner = len(text) - len(body)
    is_item = body.startswith("- ")
    if is_item:
        body = body[2:].lstrip(" ")
        inner = len(text) - len(body)
    found = KEY.match(body)
    key = None
    if found:
        key = found["quoted"] or found["plain"]
        body = body[found.end() :]
        if found["plain"] and not isinstance(resolved(key), str):
            raise NotPlainYaml
    elif not is_item:
        raise NotPlainYaml
    # No key can begin in the quotes behind one: so `kubectl` prints files with tabs.
    is_file = found and found.end() <= LONGEST_LINE and body[:1] == '"'
    if len(text) > LONGEST_LINE and not is_file:
        raise NotPlainYaml
    given = bool(body) and body[0] != "#"
    if not given and key is None:
        raise NotPlainYaml
    value = _value(body, is_whole=key is not None) if given else None
    line = column, is_item, inner, key, given, value
    known[text] = line
    return line


def _value(text: str, *, is_whole: bool) -> Any:
    if text[0] == "|" and is_whole and HEADER.fullmatch(text):
        return _Literal(text)
    if text[0] not in "[{":
        found = SCALAR.fullmatch(text)
        if found is None:
            raise NotPlainYaml
        return scalar(found)
    if _ENTRIES.fullmatch(text):
        entries = [each.split(": ", 1) for each in text[1:-1].split(", ")]
        mapping = {key: resolved(value) for key, value in entries}
        if len(mapping) == len(entries) and WORDS.keys().isdisjoint(mapping):
            return mapping
    try:
        return in_brackets(text, 0)
    except NotPlainYaml:
        if opens(text):
            return _Opening()
        raise
