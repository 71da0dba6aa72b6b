"""JSON the short way: the standard library reads the data, positions come later.

The scanner below trusts that the text has already been read as JSON once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kubelb_gen.document.positions import Entry, Marks, Span

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Key

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n|\r\n?')
# Escapes that would smuggle in a character which no output can carry.
_SMUGGLED = re.compile(
    r"\\u00[01][0-9a-f](?<!\\u000[9ad])|\\u007f|\\ud[89a-f]", re.IGNORECASE
)
_LEVELS = 64
_NOWHERE = Span(0, 0, 0, 1)


class NotPlainJson(Exception):  # noqa: N818  sends the text to the YAML reader
    """The text is not JSON, or the YAML reader will have something to say."""


def read_json(text: str) -> Any:
    """Return the data of *text*, or raise NotPlainJson."""
    if _SMUGGLED.search(text):
        raise NotPlainJson
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotPlainJson from error
    _refuse_depth(data)
    return data


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise NotPlainJson
    return data


def _no_constant(name: str) -> Any:
    raise NotPlainJson(name)


def _refuse_depth(data: Any) -> None:
    level = [data]
    for _ in range(_LEVELS + 1):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise NotPlainJson


@dataclass(slots=True)
class _Open:
    start: Span
    members: dict[Key, Entry]
    is_list: bool
    key: str | None = None
    key_span: Span = _NOWHERE


def json_marks(text: str) -> Marks:
    """Return where everything stands in *text*, which is JSON."""
    line, line_start = 0, 0
    stack: list[_Open] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        start = token.start() - line_start
        span = Span(line, start, line, start + len(word))
        if word[0] in "\r\n":
            line, line_start = line + 1, token.end()
        elif word in "{[":
            stack.append(_Open(span, {}, word == "["))
        elif word in "}]":
            done = stack.pop()
            begin = done.start
            whole = Span(begin.line, begin.column, line, start + 1)
            marks = Marks(whole, done.members)
            if not stack:
                return marks
            _add(stack[-1], whole, marks)
        elif word not in ",:":
            top = stack[-1]
            if top.is_list or top.key is not None:
                _add(top, span, None)
            else:
                top.key, top.key_span = json.loads(word), span
    return Marks(_NOWHERE)


def _add(top: _Open, span: Span, inside: Marks | None) -> None:
    if top.is_list:
        top.members[len(top.members)] = Entry(span, span, inside)
    elif top.key is not None:
        top.members[top.key] = Entry(top.key_span, span, inside)
        top.key = None
