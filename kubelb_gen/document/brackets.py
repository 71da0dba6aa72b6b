"""Collections in brackets, over one line or many, in plain YAML.

Chapter 7.4 of the YAML 1.2.2 specification.  Words and quotes end on their line; only
between them may a line break stand, or a comment.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from kubelb_gen.document.scalars import resolved

_FLOW_WORD = r"""[^ \n:#\[\]{},"'&*!|>?`@]"""
QUOTED = (
    r""""(?P<double>[^"\\\n]*(?:\\["\\nt][^"\\\n]*)*)\""""
    r"""|'(?P<single>[^'\n]*(?:''[^'\n]*)*)'"""
)
_ESCAPE = re.compile(r"\\(.)")


def plain(word: str) -> str:
    """Return the pattern of text without quotes, of the characters *word*."""
    # A colon is text where text follows at once; so is a single space.
    return rf"(?:[A-Za-z0-9_/$.(+~]|-(?=[A-Za-z0-9.])){word}*(?:(?::+| ){word}+)*"


_TOKEN = re.compile(
    r" *(?:(?:(?<=[ \n])#[^\n]*)?\n *)*"
    r"(?:(?P<sign>[\[\]{},])"
    rf"|(?:(?P<plain>{plain(_FLOW_WORD)})|{QUOTED})(?P<colon>:(?: |(?=\n)))?)"
)
# The other reader bounds keys at 1,024 characters and levels at 64.
LONGEST_LINE = 1000
MOST_LEVELS = 40


class NotPlainYaml(Exception):  # noqa: N818  sends the text to the other reader
    """The text is not of the plain kind, whatever else it may be."""


def opens(text: str) -> bool:
    """Tell whether the line *text* opens more brackets than it closes."""
    if '"' in text or "'" in text or "#" in text:
        return _opened(text) > 0
    opened = text.count("[") + text.count("{")
    return opened > text.count("]") + text.count("}")


def gathered(lines: list[str], start: int, end: int, parent: int) -> tuple[str, int]:
    """Return the lines from *start* to where its brackets have closed, and the next.

    *parent* is the column of what holds them; raises NotPlainYaml where they never
    close, or stand further left.
    """
    opened = 0
    for at in range(start, end):
        text = lines[at]
        body = text.lstrip(" ")
        column = len(text) - len(body)
        if at > start and body and body[0] != "#" and column <= parent:
            closes_there = column == parent and body[0] in "]}"
            if not closes_there:
                raise NotPlainYaml
        if len(text) > LONGEST_LINE:
            raise NotPlainYaml
        opened += _opened(text)
        if opened <= 0:
            return "\n".join(lines[start : at + 1]), at + 1
    raise NotPlainYaml


def in_brackets(text: str, at: int) -> Any:
    """Return the collection that opens at *at*, behind which may be a comment."""
    value, end = _collection(text, at, 0)
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


def token_at(text: str, at: int) -> re.Match[str]:
    """Return the sign or the word at *at* of a collection in brackets."""
    found = _TOKEN.match(text, at)
    if found is None:
        raise NotPlainYaml
    return found


@lru_cache(4096)
def _opened(text: str) -> int:
    signs = [found["sign"] for found in _signs().finditer(text)]
    opened = sum(sign in ("[", "{") for sign in signs)
    return opened - sum(sign in ("]", "}") for sign in signs)


@cache
def _signs() -> re.Pattern[str]:
    # Few collections are of more than one line.
    return re.compile(
        r""""(?:[^"\\]|\\.)*"|'[^']*'|(?:^|(?<= ))#.*|(?P<sign>[\[\]{}])"""
    )


def _escaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(found[1], found[1])


def _collection(text: str, at: int, level: int) -> tuple[Any, int]:
    """Read the collection that opens at *at*; return it and where it has closed."""
    if level > MOST_LEVELS:
        raise NotPlainYaml
    closing = "]" if text[at] == "[" else "}"
    data: Any = [] if text[at] == "[" else {}
    token = token_at(text, at + 1)
    # A comma may be the last sign before the end.
    while token["sign"] != closing:
        key = None
        if closing == "}":
            key = _key(token, data)
            token = token_at(text, token.end())
        if token["sign"] and token["sign"] in "[{":
            value, end = _collection(text, token.end() - 1, level + 1)
        elif token["sign"] or token["colon"]:
            raise NotPlainYaml
        else:
            value, end = scalar(token), token.end()
        if key is None:
            data.append(value)
        else:
            data[key] = value
        token = token_at(text, end)
        if token["sign"] == ",":
            token = token_at(text, token.end())
        elif token["sign"] != closing:
            raise NotPlainYaml
    return data, token.end()


def _key(token: re.Match[str], data: dict[str, Any]) -> str:
    key = scalar(token) if token["colon"] else None
    if not isinstance(key, str) or key in data:
        raise NotPlainYaml
    return key
