"""Which protocol a server speaks, and whether its words are a complaint.

A header in front of a server that expects none is read as the start of its own
protocol.  What then comes back is a complaint in that protocol, or nothing at all.
"""

from __future__ import annotations

import re

from kubelb_gen.frozen import dataclass

_HTTP = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")
_MAIL = re.compile(rb"^(\d{3})[ -]", re.MULTILINE)
_DIGITS = re.compile(rb"\d+")
_FTP_GREETING = re.compile(rb"220[ -][^\r\n]*ftp", re.IGNORECASE)
_PLAIN_TO_TLS = b"plain HTTP request was sent to HTTPS port"
_LONGEST_LINE = 80
_TLS_ALERT, _TLS_HANDSHAKE = 0x15, 0x16
_MYSQL_FRAME = 4
_MYSQL_ERROR, _MYSQL_GREETINGS = 0xFF, (0x09, 0x0A)
_SSH_MESSAGE, _SSH_KEXINIT = 5, b"\x14"
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was heard: the *protocol*, the HTTP *status*, is it a *complaint*.

    *gist* is what two answers have in common that mean the same.
    """

    protocol: str
    status: int | None = None
    complaint: bool = False
    wants_tls: bool = False
    gist: bytes = b""


def polite_reply(greeting: bytes) -> bytes:
    """Return what moves a server on that has greeted; nothing where unknown.

    The reply of SMTP and FTP shows whether a header was taken for commands, and an
    SSH server says no more before it knows its client's version.
    """
    if greeting.startswith(b"SSH-"):
        return b"SSH-2.0-kubelb_gen_probe\r\n"
    if greeting.startswith(b"* OK"):
        return b"a LOGOUT\r\n"
    if greeting.startswith(b"+OK") or _MAIL.match(greeting):
        return b"QUIT\r\n"
    return b""


def understand(greeting: bytes, answer: bytes, *, still_open: bool) -> Words:
    """Say what *greeting* and *answer* are; one of them is not empty."""
    heard = greeting + answer
    if status := _HTTP.match(heard):
        return _http(int(status[1]), heard)
    if _is_tls(heard):
        return Words(protocol="tls", complaint=True, wants_tls=True)
    if heard.startswith(b"SSH-"):
        return Words(protocol="ssh", complaint=not (still_open and _keys(answer)))
    if _is_mysql(heard):
        error = heard[_MYSQL_FRAME] == _MYSQL_ERROR
        spoilt = bool(answer) or not still_open
        return Words(protocol="mysql", complaint=error or spoilt)
    left = bool(greeting) and not answer and not still_open
    return _lines(heard, greeted=bool(greeting), left=left)


def _http(status: int, heard: bytes) -> Words:
    return Words(
        protocol="http",
        status=status,
        complaint=status == _BAD_REQUEST,
        wants_tls=_PLAIN_TO_TLS in heard,
    )


def _lines(heard: bytes, *, greeted: bool, left: bool) -> Words:
    # Who greets and leaves before it is asked anything did not like the header.
    if _MAIL.match(heard):
        protocol = "ftp" if _FTP_GREETING.match(heard) else "smtp"
        refused = any(int(code) >= _BAD_REQUEST for code in _MAIL.findall(heard))
        return Words(protocol=protocol, complaint=refused or left)
    if greeted and heard.startswith((b"+OK", b"-ERR")):
        return Words(protocol="pop3", complaint=b"-ERR" in heard or left)
    if greeted and heard.startswith(b"* "):
        return Words(protocol="imap", complaint=b" BAD" in heard or left)
    if heard.startswith((b"-ERR", b"-NOAUTH", b"-DENIED", b"+PONG")):
        return Words(protocol="redis", gist=_gist(heard))
    return Words(protocol="unknown", gist=_gist(heard) + b" left" * left)


def _gist(heard: bytes) -> bytes:
    """Return the first line without its numbers; a single byte of binary."""
    line = heard.splitlines()[0][:_LONGEST_LINE]
    if line and line.isascii() and line.decode("ascii").isprintable():
        return _DIGITS.sub(b"#", line)
    return heard[:1]


def _is_tls(heard: bytes) -> bool:
    return heard[0] in (_TLS_ALERT, _TLS_HANDSHAKE) and heard[1:2] == b"\x03"


def _is_mysql(heard: bytes) -> bool:
    # Three bytes of length, number 0 of the conversation, then its kind.
    length = int.from_bytes(heard[:3], "little")
    if len(heard) < _MYSQL_FRAME + max(length, 1) or heard[3] != 0:
        return False
    return heard[_MYSQL_FRAME] in (_MYSQL_ERROR, *_MYSQL_GREETINGS)


def _keys(answer: bytes) -> bool:
    return answer[_SSH_MESSAGE : _SSH_MESSAGE + 1] == _SSH_KEXINIT
