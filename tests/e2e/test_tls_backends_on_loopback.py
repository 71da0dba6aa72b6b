"""Real programs that end TLS behind a PROXY header, which stands in front of it."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, BackendMode, Emit, Tls
from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.certificates import certificate
from tests.support.estates import backend_file, listener, networks, texts

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

PEER = "127.0.0.2"
ENVOY, TRAEFIK = BackendKind.ENVOY, BackendKind.TRAEFIK
HAPROXY = BackendKind.HAPROXY
KINDS = pytest.mark.parametrize(
    "kind",
    [ENVOY, TRAEFIK, BackendKind.CADDY, BackendKind.APACHE, BackendKind.NGINX, HAPROXY],
)


@contextmanager
def _served(
    folder: Path, kind: BackendKind, upstream: int, mode: BackendMode
) -> Iterator[tuple[int, Tls]]:
    port, tls = loopback.free_port(), certificate(folder / "tls")
    served = listener(
        listen=port,
        mode=mode,
        upstream=f"127.0.0.1:{upstream}",
        trusted=networks(f"{PEER}/32"),
        tls=tls,
    )
    if kind is BackendKind.NGINX:
        (fragment,) = texts(backend_file(kind, served)).values()
        http, stream = ([fragment], []) if mode.is_http else ([], [fragment])
        with servers.nginx(folder / "program", http=http, stream=stream, ports=[port]):
            yield port, tls
        return
    written = texts(backend_file(kind, served, emit=Emit.COMPLETE))
    with servers.backend(folder / "program", kind, written, ports=[port]):
        yield port, tls


def _encrypted(port: int, tls: Tls, header: bytes, source: str) -> socket.socket:
    """A connection that begins with *header*, and goes on with TLS."""
    context = ssl.create_default_context(cafile=tls.certificate)
    link = loopback.connect(port, source=source)
    link.sendall(header)
    return context.wrap_socket(link, server_hostname="test.example")


def _ask(port: int, tls: Tls, source: str = PEER) -> int:
    header = proxy_protocol.v2((loopback.CLIENT, 40000), ("127.0.0.1", port))
    lines = ["GET / HTTP/1.1", "Host: test.example", "Connection: close"]
    lines += ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: http", "", ""]
    with _encrypted(port, tls, header, source) as link:
        link.sendall("\r\n".join(lines).encode())
        with HTTPResponse(link) as answer:
            answer.begin()
            return answer.status


@KINDS
def test_an_application_behind_tls_is_told_the_client(
    tmp_path: Path, kind: BackendKind
) -> None:
    with (
        applications.http_application() as application,
        _served(tmp_path, kind, application.port, BackendMode.HTTP) as (port, tls),
    ):
        loopback.eventually(lambda: _ask(port, tls) == HTTPStatus.OK)

    for request in application.requests:
        assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
        assert (loopback.CLIENT,) == request.all("X-Real-IP")
        assert ("https",) == request.all("X-Forwarded-Proto")


@KINDS
def test_a_stranger_behind_tls_is_nobody_else(
    tmp_path: Path, kind: BackendKind
) -> None:
    with (
        applications.http_application() as application,
        _served(tmp_path, kind, application.port, BackendMode.HTTP) as (port, tls),
    ):
        loopback.eventually(lambda: _ask(port, tls) == HTTPStatus.OK)
        application.requests.clear()
        try:
            _ask(port, tls, loopback.ATTACKER)
        except (OSError, HTTPException):
            assert kind is not BackendKind.APACHE

    assert [(loopback.ATTACKER,)] * (kind is TRAEFIK) == [
        each.all("X-Forwarded-For") for each in application.requests
    ]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        (ENVOY, BackendMode.TCP),
        (HAPROXY, BackendMode.TCP),
        (BackendKind.NGINX, BackendMode.STREAM),
    ],
)
def test_tls_may_end_in_front_of_bytes(
    tmp_path: Path, kind: BackendKind, mode: BackendMode
) -> None:
    with (
        applications.tcp_application(greeting=b"220 ") as application,
        _served(tmp_path, kind, application.port, mode) as (port, tls),
    ):
        header = proxy_protocol.v2((loopback.CLIENT, 40000), ("127.0.0.1", port))
        with _encrypted(port, tls, header, PEER) as link:
            link.sendall(b"HELLO")
            assert b"220 " == link.recv(4)
            assert b"HELLO" == application.talk().received
