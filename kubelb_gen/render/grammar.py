"""Placing text from a spec into YAML and the programs' grammars, so that it stays text.

Every function returns a token of its target grammar or raises `RenderError`; none
returns text that could end the token.  Checked against NGINX 1.31, HAProxy 2.8,
Envoy 1.40, Caddy 2.11, Apache 2.4, and readers of YAML 1.1 and 1.2.
"""

import re
from functools import cache

from kubelb_gen.errors import RenderError

_PLAIN_YAML = re.compile(r"[A-Za-z](?:[A-Za-z0-9_./-]*[A-Za-z0-9_/])?")
# Words that a YAML 1.1 reader takes for a boolean or null.
_YAML_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_PLAIN_NGINX = re.compile(r"[A-Za-z0-9_.:/\[\]@=,*?&%+-]+")
_PLAIN_HAPROXY = re.compile(r"[A-Za-z0-9_.:/\[\]@=,*?&+-]+")
_PLAIN_CADDY = re.compile(r"[A-Za-z0-9_.:/\[\]@=,?&%+-]+")
# NGINX reads parameters into 4096 bytes, and escaping may double a text.
_LONGEST_TOKEN = 2000
_LONGEST_QUOTE = 60
# C0, DEL, C1 with NEL, line and paragraph separators, BOM, surrogates, non-characters,
# and what is not seen or turns a line around: a review would pass over it.
_UNPRINTABLE = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_YAML_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# A printable byte, or one that breaks a line or a column.
_FINE = bytes([*b"\t\n", *range(0x20, 0x7F)])


def yaml_quoted(value: object) -> str:
    r"""Write a scalar for YAML with every string in double quotes.

    >>> print(yaml_quoted('say "no"'))
    "say \"no\""
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _yaml_float(value)
    text = str(value)
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    return f'"{_needs_escape().sub(_escape, text)}"'


def yaml_scalar(value: object) -> str:
    """Write a scalar for YAML, quoted only where a reader could mistake it.

    >>> yaml_scalar("my-tcp-service"), yaml_scalar("no"), yaml_scalar("1e3")
    ('my-tcp-service', '"no"', '"1e3"')
    """
    if isinstance(value, str) and (
        _PLAIN_YAML.fullmatch(value) and value.lower() not in _YAML_WORDS
    ):
        return value
    return yaml_quoted(value)


def nginx_token(value: object) -> str:
    """Write one NGINX parameter, quoted where it needs to be.

    NGINX has no way to write a literal `$`, so that is refused like a control
    character; its parser reads at most 4094 bytes between quotes.
    """
    text = str(value)
    _refuse(text, "NGINX", forbidden="$")
    if _PLAIN_NGINX.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def haproxy_token(value: object) -> str:
    """Write one HAProxy argument, in single quotes where it needs to be.

    Even in quotes a `$` is a variable where an address stands, and a leading `-`, `(`
    or `}` is a flag, a call, an end where an ACL's pattern stands: all are refused.

    Manual: HAProxy configuration manual, section 2.2 "Quoting and escaping".
    """
    text = str(value)
    _refuse(text, "HAProxy", forbidden="'$")
    if text[0] in "-(}":
        message = f"{text!r} cannot be written into HAProxy: it starts with {text[0]!r}"
        raise RenderError(message)
    return text if _PLAIN_HAPROXY.fullmatch(text) else f"'{text}'"


def caddy_token(value: object) -> str:
    """Write one Caddyfile token, in double quotes where it needs to be.

    Braces are placeholders and variables even in quotes, and in a path `*` matches
    anything: both are refused.  In quotes, a backslash escapes a quote alone.

    Manual: "Caddyfile concepts", sections "Tokens and quotes", "Placeholders".
    """
    text = str(value)
    _refuse(text, "a Caddyfile", forbidden="{}*\\`$")
    if _PLAIN_CADDY.fullmatch(text):
        return text
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'


def apache_token(value: object) -> str:
    """Write the inside of a double-quoted Apache argument, quotes left out.

    `$` is a variable, `%` one of an expression, whose strings end at a single quote
    and whose escapes are the configuration's own: all are refused.

    Manual: "Expressions in Apache HTTP Server", "Configuration Files".
    """
    text = str(value)
    _refuse(text, "Apache", forbidden="$%'\"\\")
    return text


def code_literal(value: object) -> str:
    """Write a number, or a text between double quotes, for a program's source.

    Python, JavaScript, Go, Java and Ruby read it alike.  Escapes differ between them,
    and Ruby interpolates: what needs either is refused.
    """
    if isinstance(value, int):
        return str(value)
    text = str(value)
    _refuse(text, "source code", forbidden='"\\#')
    if not text.isascii():
        raise RenderError(f"{_shortened(text)!r} cannot be written into source code")
    return f'"{text}"'


def yaml_block(text: str, indent: int) -> str:
    r"""Write *text* as a YAML literal block, *indent* spaces deep, header included.

    >>> print("a: " + yaml_block("x;\ny;\n", 2))
    a: |
      x;
      y;
    """
    body = text.rstrip("\n")
    # Readers tell the indentation from the first line that is not empty.
    starts_deeper = text.lstrip("\n")[:1] in " \t"
    if text != f"{body}\n" or starts_deeper or not _is_printable_block(text):
        return yaml_quoted(text)
    start = "\n" + " " * indent
    padded = start + body.replace("\n", start)
    # Of empty lines that follow each other, one pass finds every second one.
    while (empty := f"{start}\n") in padded:
        padded = padded.replace(empty, "\n\n")
    return f"|{padded}"


def _is_printable_block(text: str) -> bool:
    if text.isascii():
        return not text.encode().translate(None, _FINE)
    return _is_printable(text.replace("\n", "").replace("\t", ""))


def _is_printable(text: str) -> bool:
    return text.isprintable() or _unprintable().search(text) is None


@cache
def _unprintable() -> re.Pattern[str]:
    # So many ranges take a millisecond to compile, and most texts are printable.
    return re.compile(_UNPRINTABLE)


@cache
def _needs_escape() -> re.Pattern[str]:
    return re.compile(f'[\\\\"]|{_UNPRINTABLE}')


def _yaml_float(value: float) -> str:
    if value in (float("inf"), -float("inf")):
        return ".inf" if value > 0 else "-.inf"
    digits, exponent, power = repr(value).partition("e")
    # A YAML 1.1 reader takes 1e+16, without a point, for text.
    point = "" if "." in digits else ".0"
    return f"{digits}{point}{exponent}{power}"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    known = _YAML_ESCAPES.get(character)
    if known is not None:
        return known
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004  the surrogates
        message = "a lone surrogate cannot be written as UTF-8"
        raise RenderError(message)
    if code > 0xFFFF:  # noqa: PLR2004  beyond four digits
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004


def _refuse(text: str, grammar: str, *, forbidden: str) -> None:
    if (
        not text
        or len(text.encode(errors="replace")) > _LONGEST_TOKEN
        or not _is_printable(text)
        or any(character in text for character in forbidden)
    ):
        message = (
            f"{_shortened(text)!r} cannot be written into {grammar}: it is empty, too "
            f"long, or holds {' or '.join(forbidden)}, a line break or a control "
            "character"
        )
        raise RenderError(message)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."
