"""The short way through plain YAML: what specs mostly are, and nothing else.

Block mappings and lists of one-line values, read line by line; equal lines are read
once.  Whatever two readers could see differently (anchors, tags, tabs, most escapes,
folded text, duplicate keys) is not read here: the text then goes to the reader in
`yamltext`, which is also the one that knows positions and what to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kubelb_gen.document.literals import HEADER, literal
from kubelb_gen.document.scalars import resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of printable text, as all of it is here.
_WORD = "[^ :#]"
_FLOW_WORD = r"""[^ :#\[\]{},"'&*!|>?`@]"""
_QUOTED = (
    r""""(?P<double>[^"\\]*(?:\\["\\nt][^"\\]*)*)"|'(?P<single>[^']*(?:''[^']*)*)'"""
)
_ESCAPE = re.compile(r"\\(.)")


def _plain(word: str) -> str:
    # A colon is text where text follows at once; so is a single space.
    return rf"(?:[A-Za-z0-9_/$.(+~]|-(?=[A-Za-z0-9.])){word}*(?:(?::+| ){word}+)*"


KEY = re.compile(
    r'(?:"(?P<quoted>[^"\\]+)"|(?P<plain>[A-Za-z_][A-Za-z0-9_./-]*)):(?: +|$)'
)
SCALAR = re.compile(rf"(?:(?P<plain>{_plain(_WORD)})|{_QUOTED})(?: +#.*| *)")
TOKEN = re.compile(
    rf" *(?:(?P<sign>[\[\]{{}},])"
    rf"|(?:(?P<plain>{_plain(_FLOW_WORD)})|{_QUOTED})(?P<colon>: )?)"
)
# The commonest line by far: a mapping of words to words.
_ENTRY = r"[A-Za-z][A-Za-z0-9]*: [A-Za-z0-9][A-Za-z0-9./_-]*"
_ENTRIES = re.compile(rf"\{{{_ENTRY}(?:, {_ENTRY})*\}}")
# The other reader bounds keys at 1,024 characters and levels at 64.
_LONGEST_LINE = 1000
_MOST_LEVELS = 40

# Where a line begins, whether it is an item, where its inside begins, its key, whether
# a value stands behind it, and that value.
_Line = tuple[int, bool, int, str | None, bool, Any]
# Where a container's members begin, the container, whether it is a list.
_Frame = tuple[int, Any, bool]


class NotPlainYaml(Exception):  # noqa: N818  sends the text to the other reader
    """The text is not of the plain kind, whatever else it may be."""


class _Literal(str):
    """The sign that opens text of many lines."""

    __slots__ = ()

    def read(self, lines: list[str], at: int, parent: int) -> tuple[str, int]:
        """Return that text, and the line behind it."""
        found = literal(lines, at, len(lines), parent, self)
        if found is None:
            raise NotPlainYaml
        return found


def read_plain(text: str) -> list[dict[str, Any]]:
    """Return the documents of *text*, each a mapping; raises NotPlainYaml."""
    # Without controls, the line breaks of YAML 1.1, byte order marks, and tabs.
    if not text.replace("\n", "").isprintable():
        raise NotPlainYaml
    # A text that breaks off has no last line break to keep.
    if ": |" in text and text[-1] != "\n":
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


def _document(lines: list[str], known: dict[str, _Line | None]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    stack: list[_Frame] = [(0, root, False)]
    # The mapping whose last key has no value yet, that key, and the column of both.
    waiting: tuple[dict[str, Any], str, int] | None = None
    at = 0
    while at < len(lines):
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
            _reach(stack, column, is_item=is_item)
        data, waiting = stack[-1][1], None
        if key is None:
            data.append(value)
            continue
        if is_item:
            data.append({})
            data = data[-1]
            _push(stack, (inner, data, False))
        if key in data:
            raise NotPlainYaml
        if value.__class__ is _Literal:
            value, at = value.read(lines, at, inner)
        data[key] = value
        if not given:
            waiting = data, key, inner
    if not root:
        raise NotPlainYaml
    return root


def _push(stack: list[_Frame], frame: _Frame) -> None:
    if len(stack) > _MOST_LEVELS:
        raise NotPlainYaml
    stack.append(frame)


def _reach(stack: list[_Frame], column: int, *, is_item: bool) -> None:
    while stack[-1][0] > column:
        stack.pop()
    # A list may begin where the key that holds it does.
    if stack[-1][2] and not is_item and stack[-1][0] == column:
        stack.pop()
    if stack[-1][0] != column or stack[-1][2] is not is_item:
        raise NotPlainYaml


def _line(text: str, known: dict[str, _Line | None]) -> _Line | None:
    """Read one line; None where it holds nothing."""
    body = text.lstrip(" ")
    if not body or body[0] == "#":
        known[text] = None
        return None
    if len(text) > _LONGEST_LINE:
        raise NotPlainYaml
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
        if len(mapping) == len(entries):
            return mapping
    value, end = _flow(text, 0, 0)
    rest = text[end:]
    if not rest.startswith(" #") and rest.strip(" "):
        raise NotPlainYaml
    return value


def scalar(found: re.Match[str]) -> Any:
    """Return the value of a token, or of a line's end."""
    plain, double, single = found.group("plain", "double", "single")
    if plain is not None:
        return resolved(plain)
    if double is None:
        return single.replace("''", "'")
    return _ESCAPE.sub(_escaped, double) if "\\" in double else double


def _escaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(found[1], found[1])


def _flow(text: str, at: int, level: int) -> tuple[Any, int]:
    """Read the collection that opens at *at*; return it and where it has closed."""
    if level > _MOST_LEVELS:
        raise NotPlainYaml
    closing = "]" if text[at] == "[" else "}"
    data: Any = [] if text[at] == "[" else {}
    token = token_at(text, at + 1)
    if token["sign"] == closing:
        return data, token.end()
    while True:
        key = None
        if closing == "}":
            key = _flow_key(token, data)
            token = token_at(text, token.end())
        if token["sign"] and token["sign"] in "[{":
            value, end = _flow(text, token.end() - 1, level + 1)
        elif token["sign"] or token["colon"]:
            raise NotPlainYaml
        else:
            value, end = scalar(token), token.end()
        if key is None:
            data.append(value)
        else:
            data[key] = value
        token = token_at(text, end)
        if token["sign"] == closing:
            return data, token.end()
        if token["sign"] != ",":
            raise NotPlainYaml
        token = token_at(text, token.end())


def _flow_key(token: re.Match[str], data: dict[str, Any]) -> str:
    key = scalar(token) if token["colon"] else None
    if not isinstance(key, str) or key in data:
        raise NotPlainYaml
    return key


def token_at(text: str, at: int) -> re.Match[str]:
    """Return the sign or the word at *at* of a collection in brackets."""
    found = TOKEN.match(text, at)
    if found is None:
        raise NotPlainYaml
    return found
