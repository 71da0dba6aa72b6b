"""One conversation on one connection, bounded in time and in bytes.

A server may speak first (SMTP, SSH, MySQL) or wait to be asked (HTTP, Redis).  So
the first words are waited for before anything but the header is said.
"""

from __future__ import annotations

import ssl
import time
from enum import StrEnum
from typing import TYPE_CHECKING

from kubelb_gen.frozen import dataclass
from kubelb_gen.probe.dial import reason
from kubelb_gen.probe.link import Link, TlsLink
from kubelb_gen.probe.protocols import polite_reply

if TYPE_CHECKING:
    import socket

_MOST_BYTES = 65536
_LONGEST_PAUSE = 0.5


class Ending(StrEnum):
    """How a conversation ended: by us (`OPEN`), by the server, or by the clock."""

    OPEN = "open"
    CLOSED = "closed"
    RESET = "reset"
    TIMEOUT = "timeout"
    TLS_FAILED = "tls-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What one connection says and how long it may last.

    *greeting_wait* is how long the server may take to speak first; *payload* is
    what it is asked else; *tls_name* asks for TLS, under that name.
    """

    header: bytes
    payload: bytes
    always_send: bool
    greeting_wait: float
    tls_name: str | None
    timeout: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a server said: first by itself, then as an answer to what was *asked*."""

    greeting: bytes = b""
    asked: bool = False
    answer: bytes = b""
    ending: Ending
    failure: str | None = None

    @property
    def received(self) -> bytes:
        """All that the server said."""
        return self.greeting + self.answer


def converse(link: socket.socket, script: Script) -> Exchange:
    """Play *script* on *link*, which is closed at the end; never raises."""
    with link:
        return _Conversation(script).hold(link)


class _Conversation:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._deadline = time.monotonic() + script.timeout
        self._pause = min(_LONGEST_PAUSE, script.timeout / 4)
        self._greeting = bytearray()
        self._asked = False
        self._answer = bytearray()

    def hold(self, link: socket.socket) -> Exchange:
        failure = None
        try:
            ending = self._hold(Link(link), link)
        except TimeoutError:
            ending = Ending.TIMEOUT
        except ssl.SSLEOFError:
            ending = Ending.CLOSED
        except ssl.SSLError as error:
            ending, failure = Ending.TLS_FAILED, (error.reason or "no reason").lower()
        except OSError as error:
            ending, failure = Ending.RESET, reason(error)
        return Exchange(
            greeting=bytes(self._greeting),
            asked=self._asked,
            answer=bytes(self._answer),
            ending=ending,
            failure=failure,
        )

    def _hold(self, link: Link, raw: socket.socket) -> Ending:
        script = self._script
        if script.tls_name is None and not script.greeting_wait:
            # One segment, as a proxy would send it.
            self._send(link, script.header + script.payload)
            return self._listen(link, self._answer, self._deadline)
        self._send(link, script.header)
        if script.tls_name is not None:
            link = TlsLink(raw, script.tls_name, self._deadline)
        if script.greeting_wait:
            first_by = self._soon(script.greeting_wait)
            ending = self._listen(link, self._greeting, first_by)
            talks_on = time.monotonic() >= self._deadline
            if ending in (Ending.CLOSED, Ending.RESET) or talks_on:
                return ending
        return self._ask(link)

    def _ask(self, link: Link) -> Ending:
        greeted = bool(self._greeting)
        reply = self._script.payload
        if greeted and not self._script.always_send:
            reply = polite_reply(bytes(self._greeting))
        if reply:
            self._asked = True
            self._send(link, reply)
            return self._listen(link, self._answer, self._deadline)
        # A greeting that we have no reply to need not be followed by anything.
        ending = self._listen(link, self._answer, self._soon(self._pause))
        return Ending.OPEN if greeted and ending is Ending.TIMEOUT else ending

    def _send(self, link: Link, data: bytes) -> None:
        try:
            link.send(data, self._deadline)
        except (BrokenPipeError, ConnectionResetError):
            # It may have answered before it closed.
            if not self._hears_more(link):
                raise

    def _hears_more(self, link: Link) -> bool:
        try:
            last = link.receive(self._deadline)
        except OSError:
            return False
        self._answer += last
        return bool(last)

    def _listen(self, link: Link, into: bytearray, first_by: float) -> Ending:
        """Read until the server pauses, closes, or has said more than enough."""
        until = first_by
        while len(into) < _MOST_BYTES:
            try:
                chunk = link.receive(until)
            except TimeoutError:
                return Ending.OPEN if into else Ending.TIMEOUT
            except OSError:
                if into:
                    return Ending.CLOSED
                raise
            if not chunk:
                return Ending.CLOSED
            into += chunk
            until = self._soon(self._pause)
        return Ending.OPEN

    def _soon(self, seconds: float) -> float:
        return min(self._deadline, time.monotonic() + seconds)
