"""Applications that tell what reached them: the end of every path.

Each runs in a thread of the test, on an address and port of its own, and keeps
what it saw.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.support import proxy_protocol
from tests.support.loopback import PATIENCE, eventually, free_port

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

Address = tuple[str, int]
_PAUSE = 0.05
_SETTLED = 0.3


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as the application got it."""

    peer: Address
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the header *name*, in order."""
        return tuple(
            value for key, value in self.headers if key.lower() == name.lower()
        )

    def header(self, name: str) -> str | None:
        """The value of the header *name*; several are joined by a comma."""
        return ", ".join(self.all(name)) or None


@dataclass(slots=True)
class HttpApplication:
    """An HTTP application, and every request that it got."""

    address: str
    port: int
    requests: list[Request] = field(default_factory=list)


@dataclass(slots=True)
class Connection:
    """One TCP connection: who opened it and what it has sent so far."""

    peer: Address
    received: bytes = b""
    closed: bool = False

    def split(self) -> tuple[proxy_protocol.Header | None, bytes]:
        """The PROXY header it began with, if any, and what followed."""
        return proxy_protocol.split(self.received)


@dataclass(slots=True)
class TcpApplication:
    """A TCP application, and every connection that it accepted."""

    address: str
    port: int
    connections: list[Connection] = field(default_factory=list)

    def talk(self, *, timeout: float = PATIENCE) -> Connection:
        """The first connection that sent something; health checks send nothing."""
        seen = eventually(
            lambda: next((each for each in self.connections if each.received), None),
            timeout=timeout,
        )
        # A PROXY header may come before the bytes that it stands in front of.
        settled = time.monotonic() + _SETTLED
        while not seen.closed and time.monotonic() < settled:
            time.sleep(0.01)
        return seen


@contextmanager
def http_application(
    *, address: str = "127.0.0.1", port: int | None = None, status: int = 200
) -> Iterator[HttpApplication]:
    """Answer every request with what was received, as JSON.

    The answer is ``{"peer": address, "peerPort", "method", "path", "headers":
    [[name, value], ...]}``.
    """
    application = HttpApplication(address, port or free_port())

    class Handler(BaseHTTPRequestHandler):
        # Else an answer waits 40 ms for the header to be acknowledged.
        disable_nagle_algorithm = True
        protocol_version = "HTTP/1.1"
        timeout = PATIENCE

        def answer(self) -> None:
            seen = Request(
                peer=(self.client_address[0], self.client_address[1]),
                method=self.command,
                path=self.path,
                headers=tuple(self.headers.items()),
            )
            application.requests.append(seen)
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            told = {
                "peer": seen.peer[0],
                "peerPort": seen.peer[1],
                "method": seen.method,
                "path": seen.path,
                "headers": seen.headers,
            }
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815 - the base's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the requests are kept."""

    with _served(_HttpServer((address, application.port), Handler)):
        yield application


@contextmanager
def tcp_application(
    *, address: str = "127.0.0.1", port: int | None = None, greeting: bytes = b""
) -> Iterator[TcpApplication]:
    """Record what every connection sends; say *greeting* first, if any.

    What was received is also answered back, so that a client knows that its
    bytes went through.
    """
    application = TcpApplication(address, port or free_port())

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            seen = Connection((self.client_address[0], self.client_address[1]))
            application.connections.append(seen)
            link: socket.socket = self.request
            link.settimeout(PATIENCE)
            try:
                link.sendall(greeting)
                while chunk := link.recv(65536):
                    seen.received += chunk
                    link.sendall(chunk)
            except (ConnectionError, TimeoutError):
                pass
            seen.closed = True

    with _served(_TcpServer((address, application.port), Handler)):
        yield application


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class _HttpServer(ThreadingHTTPServer):
    allow_reuse_port = False
    block_on_close = False

    def server_bind(self) -> None:
        """Bind, without the base's look-up of the address's name."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a peer that goes away is part of what is tested."""


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(_PAUSE,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)
