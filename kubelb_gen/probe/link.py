"""A connection that sends and receives until a moment in time, plain or in TLS.

TLS runs over buffers: a socket of `ssl` would give each of its reads a whole timeout
again, so that a server could make one handshake last for ever.
"""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_CHUNK = 4096
T = TypeVar("T")


class Link:
    """A plain connection; every wait ends with `TimeoutError` at its moment."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link

    def send(self, data: bytes, until: float) -> None:
        """Send all of *data*."""
        self._link.settimeout(_left(until))
        self._link.sendall(data)

    def receive(self, until: float) -> bytes:
        """Return the next bytes; none where the server has closed."""
        self._link.settimeout(_left(until))
        return self._link.recv(_CHUNK)


class TlsLink(Link):
    """A connection in TLS, to whatever server has the name *name*."""

    def __init__(self, link: socket.socket, name: str, until: float) -> None:
        super().__init__(link)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # What a backend does with a header is asked, not who it is.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._heard, self._said = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._heard, self._said, server_hostname=name)
        self._until_done(self._tls.do_handshake, until)

    def send(self, data: bytes, until: float) -> None:
        """Send all of *data*."""
        self._until_done(lambda: self._tls.write(data), until)

    def receive(self, until: float) -> bytes:
        """Return the next bytes; none where the server has closed."""
        try:
            return self._until_done(lambda: self._tls.read(_CHUNK), until)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""

    def _until_done(self, step: Callable[[], T], until: float) -> T:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush(until)
                self._hear(until)
            else:
                self._flush(until)
                return done

    def _flush(self, until: float) -> None:
        if waiting := self._said.read():
            super().send(waiting, until)

    def _hear(self, until: float) -> None:
        if chunk := super().receive(until):
            self._heard.write(chunk)
        else:
            self._heard.write_eof()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:  # zero would make the socket non-blocking instead
        raise TimeoutError
    return left
