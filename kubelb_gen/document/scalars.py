"""What a plain scalar means under the core schema of YAML 1.2.

Chapter 10.3 of the YAML 1.2.2 specification: null, true, false, decimal, octal and
hexadecimal integers, floats; all else is text, also ``no``, ``1_000`` and dates.
"""

from __future__ import annotations

import re
from functools import cache

Scalar = str | int | float | bool | None

# Text that stands for something else.
WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_STARTS_A_NUMBER = frozenset("0123456789+-.")
# Python itself refuses to convert more digits than this, and no fact needs them.
_MOST_DIGITS = 4000

_OLD_BREAKS = "\x85\u2028\u2029"
_PRIVATE = range(0xE000, 0xF900)


def resolved(text: str) -> Scalar:
    """Return what *text* stands for when it is written without quotes.

    >>> [resolved(text) for text in ("no", "1.20", "0o17", "~", "2024-01-01")]
    ['no', 1.2, 15, None, '2024-01-01']
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in _STARTS_A_NUMBER or len(text) > _MOST_DIGITS:
        return text
    if text.isdigit() and text.isascii():
        return int(text)
    if _INTEGER.fullmatch(text):
        return int(text, 0 if text.startswith(("0o", "0x")) else 10)
    if _FLOAT.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def without_old_breaks(text: str) -> tuple[str, dict[int, int]]:
    r"""Return *text* with stand-ins for what broke lines in YAML 1.1, and the way back.

    In YAML 1.2 they are characters like any other, and the parser breaks lines at them.

    >>> text, back = without_old_breaks("a: 1  # b\u2028c")
    >>> "\u2028" in text, text.translate(back) == "a: 1  # b\u2028c"
    (False, True)
    """
    found = [each for each in _OLD_BREAKS if each in text]
    if not found:
        return text, {}
    used = set(text)
    spare = (code for code in _PRIVATE if chr(code) not in used)
    # Whoever writes every private character keeps the old breaks.
    there = {ord(old): new for old, new in zip(found, spare, strict=False)}
    return text.translate(there), {new: old for old, new in there.items()}


def joined_surrogates(text: str) -> str:
    r"""Return *text* with pairs as JSON escapes them made one character.

    >>> joined_surrogates("\ud83d\ude00") == "\U0001f600"
    True
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def forbidden_character(text: str) -> str | None:
    """Return the first character of *text* that no output could carry."""
    found = _forbidden().search(text)
    return found.group() if found else None


@cache
def _forbidden() -> re.Pattern[str]:
    # It takes two milliseconds to compile, and plain YAML is printable.
    return re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
