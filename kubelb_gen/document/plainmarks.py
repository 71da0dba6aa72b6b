"""Where each value stands in plain YAML, found when somebody asks.

The text has already been read by `plainyaml`, so nothing is doubted here.  Of a large
fleet a finding is about one port, so that the members of a container are looked for
when a path first leads through it.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from kubelb_gen.document.brackets import gathered, opens, scalar, token_at
from kubelb_gen.document.literals import HEADER, literal
from kubelb_gen.document.plainyaml import KEY, SCALAR
from kubelb_gen.document.positions import Entry, Marks, Span

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from kubelb_gen.diagnostics import Key


class _Members(dict["Key", Entry]):
    """Members that are looked for once one of them is asked for."""

    def __init__(self, found: Callable[[], Iterator[tuple[Key, Entry]]]) -> None:
        super().__init__()
        self._found: Callable[[], Iterator[tuple[Key, Entry]]] | None = found

    def get(self, key: Key, default: Any = None) -> Any:
        if self._found is not None:
            found, self._found = self._found, None
            self.update(found())
        return super().get(key, default)


def plain_marks(text: str) -> list[Marks]:
    """Return the places of each document of *text*."""
    lines = text.split("\n")
    after = len(lines) - 1, len(lines[-1])
    marks: list[Marks] = []
    end = len(lines)
    for start in range(len(lines) - 1, -1, -1):
        if lines[start].startswith("---"):
            marks.append(_Text(lines, start + 1, end, after).root())
            end, after = start, (start, 0)
    first = _Text(lines, 0, end, after)
    if first.numbers:
        marks.append(first.root())
    return marks[::-1]


class _Text:
    """The lines of one document that say something, and where it has ended."""

    def __init__(
        self, lines: list[str], start: int, end: int, after: tuple[int, int]
    ) -> None:
        self._lines = lines
        self._after = after
        self._literals: dict[int, int] = {}
        self._gathered: dict[int, str] = {}
        self.numbers = list(self._telling(start, end))
        self._columns = [
            len(lines[number]) - len(lines[number].lstrip(" "))
            for number in self.numbers
        ]

    def _telling(self, start: int, end: int) -> Iterator[int]:
        """Yield the lines that say something; text of many lines is of its first."""
        at = start
        while at < end:
            body = self._lines[at].lstrip(" ")
            behind = at + 1
            if body and body[0] != "#":
                yield at
                if "|" in body or (("[" in body or "{" in body) and opens(body)):
                    behind = self._behind(at, end)
            at = behind

    def _behind(self, at: int, end: int) -> int:
        """Return the line behind a value that may be of many lines."""
        text = self._lines[at]
        body = text.lstrip(" ")
        column = inner = len(text) - len(body)
        if body.startswith("- "):
            body = body[2:].lstrip(" ")
            inner = len(text) - len(body)
        found = KEY.match(body)
        value = body[found.end() :] if found else body
        if value[:1] in ("[", "{") and opens(value):
            parent = inner if found else column
            self._gathered[at], behind = gathered(self._lines, at, end, parent)
            return behind
        if found and HEADER.fullmatch(value):
            read = literal(self._lines, at + 1, end, inner, value)
            if read is not None:
                self._literals[at] = read[1]
                return read[1]
        return at + 1

    def root(self) -> Marks:
        """Return the places of the whole document."""
        return self._block(0, len(self.numbers), 0, is_list=False)

    def _block(self, first: int, end: int, column: int, *, is_list: bool) -> Marks:
        """Return the container in the lines from *first* to *end*."""
        starts = [
            at
            for at in range(first, end)
            if self._columns[at] == column and self._is_item(at) is is_list
        ]
        # Behind a dash, a mapping begins further right than its line does.
        if not is_list and starts[:1] != [first]:
            starts.insert(0, first)
        read = self._items if is_list else self._entries
        line, last = self.numbers[first], self._end(end)
        return Marks(
            Span(line, column, *last),
            _Members(lambda: read(column, [*starts, end])),
        )

    def _is_item(self, at: int) -> bool:
        return self._lines[self.numbers[at]].startswith("- ", self._columns[at])

    def _end(self, at: int) -> tuple[int, int]:
        if at < len(self.numbers):
            return self.numbers[at], self._columns[at]
        return self._after

    def _items(self, column: int, starts: list[int]) -> Iterator[tuple[Key, Entry]]:
        for index, (at, end) in enumerate(itertools.pairwise(starts)):
            line = self.numbers[at]
            text = self._gathered.get(line, self._lines[line])
            inner = column + 2
            while text[inner] == " ":
                inner += 1
            if KEY.match(text, inner):
                marks = self._block(at, end, inner, is_list=False)
                yield index, Entry(marks.span, marks.span, marks)
            else:
                span, inside = _value(line, inner, text)
                yield index, Entry(span, span, inside)

    def _entries(self, column: int, starts: list[int]) -> Iterator[tuple[Key, Entry]]:
        for at, end in itertools.pairwise(starts):
            line = self.numbers[at]
            text = self._gathered.get(line, self._lines[line])
            found = KEY.match(text, column)
            if found is None:
                continue
            width = found.end("plain") if found["quoted"] is None else None
            colon = width or found.end("quoted") + 1
            key = Span(line, column, line, colon)
            inside = None
            if line in self._literals:
                # Behind the last line break there is no line.
                behind = min(self._literals[line], len(self._lines) - 1)
                span = Span(line, found.end(), behind, 0)
            elif found.end() < len(text) and text[found.end()] != "#":
                span, inside = _value(line, found.end(), text)
            elif at + 1 < end:
                is_list = self._is_item(at + 1)
                inside = self._block(
                    at + 1, end, self._columns[at + 1], is_list=is_list
                )
                span = inside.span
            else:
                # Nothing stands where the other reader found something else next.
                span = Span(*self._end(at + 1), *self._end(at + 1))
            yield found["quoted"] or found["plain"], Entry(key, span, inside)


def _value(line: int, start: int, text: str) -> tuple[Span, Marks | None]:
    if text[start] in "[{":
        marks, _ = _Brackets(line, text).marks(start)
        return marks.span, marks
    found = SCALAR.match(text, start)
    if found is None:
        return Span(line, start, line, len(text)), None
    end = max(found.end("plain"), found.end("double") + 1, found.end("single") + 1)
    return Span(line, start, line, end), None


class _Brackets:
    """A text with collections in brackets, which begins with *line*."""

    def __init__(self, line: int, text: str) -> None:
        self._line = line
        self._text = text
        self._breaks = [at for at, each in enumerate(text) if each == "\n"]

    def marks(self, start: int) -> tuple[Marks, int]:
        """Return the collection that opens at *start*, and where it has closed."""
        members: dict[Key, Entry] = {}
        is_list = self._text[start] == "["
        at = start + 1
        while True:
            token = token_at(self._text, at)
            at = token.end()
            if token["sign"] in ("]", "}"):
                return Marks(self._span(start, at), members), at
            if token["sign"] == ",":
                continue
            key, given = None, token
            if not is_list:
                key, given = token, token_at(self._text, at)
                at = given.end()
            inside = None
            if given["sign"]:
                inside, at = self.marks(at - 1)
            span = inside.span if inside else self._word(given)
            if key is None:
                members[len(members)] = Entry(span, span, inside)
            else:
                members[scalar(key)] = Entry(self._word(key), span, inside)

    def _word(self, token: re.Match[str]) -> Span:
        """Return where the word of *token* stands, quotes included."""
        if token["plain"] is not None:
            return self._span(*token.span("plain"))
        name = "single" if token["double"] is None else "double"
        return self._span(token.start(name) - 1, token.end(name) + 1)

    def _span(self, start: int, end: int) -> Span:
        return Span(*self._place(start), *self._place(end))

    def _place(self, at: int) -> tuple[int, int]:
        above = bisect_left(self._breaks, at)
        begins = self._breaks[above - 1] + 1 if above else 0
        return self._line + above, at - begins
