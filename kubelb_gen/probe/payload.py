"""What is said behind the header, and how bytes are shown.

Bytes that come from a server never reach a terminal as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubelb_gen.errors import UsageError

if TYPE_CHECKING:
    from kubelb_gen.probe.target import Target

_ESCAPE = re.compile(r"\\(?:x(?P<hex>[0-9A-Fa-f]{2})|(?P<name>.?))", re.DOTALL)
_NAMED = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def http_request(target: Target, name: str | None) -> bytes:
    """Return the request that is sent where nothing else is asked for."""
    lines = (
        "GET / HTTP/1.1",
        f"Host: {name or target.bracketed}",
        "User-Agent: kubelb-gen-probe",
        "Accept: */*",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii")


def unescape(text: str) -> bytes:
    r"""Return *text* as bytes, with \r \n \t \0 \\ and \xHH understood.

    Raises `UsageError` on any other escape.

    >>> unescape(r"PING\r\n\x00")
    b'PING\r\n\x00'
    """
    parts: list[bytes] = []
    end = 0
    for found in _ESCAPE.finditer(text):
        parts.append(_encoded(text[end : found.start()]))
        if found["hex"] is not None:
            parts.append(bytes.fromhex(found["hex"]))
        elif found["name"] in _NAMED:
            parts.append(_NAMED[found["name"]].encode("ascii"))
        else:
            message = (
                f"{found[0]!r} is no escape that --send knows: "
                r"write \r, \n, \t, \0, \\ or \xHH"
            )
            raise UsageError(message)
        end = found.end()
    return b"".join((*parts, _encoded(text[end:])))


def escape(data: bytes) -> str:
    r"""Return *data* as printable ASCII.

    >>> escape(b"\x1b[2J\r\n")
    '\\x1b[2J\\r\\n'
    """
    return repr(data)[2:-1]


def _encoded(text: str) -> bytes:
    # Arguments that were no UTF-8 come as surrogates; their bytes are meant.
    return text.encode("utf-8", "surrogateescape")
