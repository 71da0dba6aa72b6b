"""Real Envoy, Traefik, Caddy and Apache behind a peer that sends PROXY headers.

The peer stands for KubeLB's Envoy; who else sends a header is an attacker.  Envoy and
Apache demand a header and refuse strangers; Traefik and Caddy serve without one, and
then the peer is the client.
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, BackendMode, Emit, ProxyAcceptance
from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.estates import (
    backend_file,
    http_get,
    listener,
    networks,
    tcp_socket,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.model import Probe
    from kubelb_gen.plan import Listener

ENVOY_PEER = "127.0.0.2"
FORGED = (
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Forwarded-For", "7.7.7.7"),
    ("X-Real-IP", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6"),
    ("X-Envoy-External-Address", "6.6.6.6"),
)
VERSIONS = {"v1": proxy_protocol.v1, "v2": proxy_protocol.v2}
ENVOY, TRAEFIK = BackendKind.ENVOY, BackendKind.TRAEFIK
CADDY, APACHE = BackendKind.CADDY, BackendKind.APACHE
KINDS = pytest.mark.parametrize("kind", [ENVOY, TRAEFIK, CADDY, APACHE])
STRICT = pytest.mark.parametrize("kind", [ENVOY, APACHE])


def _header(source: str, port: int, *, version: str = "v2") -> bytes:
    return VERSIONS[version]((source, 40000), ("127.0.0.1", port))


@contextmanager
def _program(
    folder: Path, kind: BackendKind, served: Listener
) -> Iterator[loopback.Running]:
    ports = [served.listen]
    if served.probe is not None and served.probe.port is not None:
        ports.append(served.probe.port)
    written = texts(backend_file(kind, served, emit=Emit.COMPLETE))
    with servers.backend(folder, kind, written, ports=ports) as it:
        yield it


@contextmanager
def _served(
    folder: Path, kind: BackendKind, probe: Probe | None = None
) -> Iterator[tuple[int, applications.HttpApplication]]:
    """One HTTP backend that trusts .2, and what it leads to."""
    port = loopback.free_port()
    with applications.http_application() as application:
        served = _http(port, application.port, probe)
        with _program(folder, kind, served):
            loopback.eventually(lambda: _is_up(port, kind))
            application.requests.clear()
            yield port, application


def _is_up(port: int, kind: BackendKind) -> bool:
    # Traefik answers 404 until it has read its dynamic file.
    if kind is not TRAEFIK:
        return True
    header = _header(loopback.CLIENT, port)
    answer = loopback.request(port, source=ENVOY_PEER, before=header)
    return answer.status == HTTPStatus.OK


def _http(port: int, upstream: int, probe: Probe | None = None) -> Listener:
    return listener(
        listen=port,
        upstream=f"127.0.0.1:{upstream}",
        trusted=networks(f"{ENVOY_PEER}/32"),
        probe=probe,
    )


@KINDS
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_http_application_is_told_the_client_and_no_lie(
    tmp_path: Path, kind: BackendKind, version: str
) -> None:
    with _served(tmp_path, kind) as (port, application):
        header = _header(loopback.CLIENT, port, version=version)
        clean = loopback.request(port, source=ENVOY_PEER, before=header)
        forged = loopback.request(
            port, source=ENVOY_PEER, before=header, headers=FORGED
        )

    assert (200, 200) == (clean.status, forged.status)
    for request in application.requests:
        assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
        assert (loopback.CLIENT,) == request.all("X-Real-IP")
        assert ("http",) == request.all("X-Forwarded-Proto")
        assert () == request.all("Forwarded")
        assert () == request.all("X-Envoy-External-Address")
        assert ("test.example",) == request.all("Host")


@KINDS
def test_a_header_from_a_peer_that_is_not_trusted_is_not_believed(
    tmp_path: Path, kind: BackendKind
) -> None:
    with _served(tmp_path, kind) as (port, application):
        for source in (loopback.CLIENT, ENVOY_PEER):
            try:
                answer = loopback.request(
                    port, source=loopback.ATTACKER, before=_header(source, port)
                )
            except ConnectionError:
                continue
            # Traefik takes the header off and serves who really asks.
            assert (answer.status == HTTPStatus.OK) is (kind is TRAEFIK)

    told = {each.all("X-Forwarded-For") for each in application.requests}
    assert told == ({(loopback.ATTACKER,)} if kind is TRAEFIK else set())


@KINDS
def test_without_a_header_nobody_is_anybody_else(
    tmp_path: Path, kind: BackendKind
) -> None:
    sources = (ENVOY_PEER, loopback.ATTACKER)
    with _served(tmp_path, kind) as (port, application):
        for source in sources:
            try:
                loopback.request(port, source=source, headers=FORGED)
            except ConnectionError:
                assert kind not in (TRAEFIK, CADDY)

    told = [each.all("X-Forwarded-For") for each in application.requests]
    detects = kind in (TRAEFIK, CADDY)
    assert told == ([(source,) for source in sources] if detects else [])


@KINDS
def test_who_trusts_nobody_believes_nobody(tmp_path: Path, kind: BackendKind) -> None:
    """To each of them an empty list, or none, means everybody or a header ignored."""
    port = loopback.free_port()

    with applications.http_application() as application:
        served = listener(
            listen=port, upstream=f"127.0.0.1:{application.port}", trusted=()
        )
        with _program(tmp_path, kind, served):
            for source in (ENVOY_PEER, loopback.ATTACKER):
                header = _header(loopback.CLIENT, port)
                try:
                    loopback.request(port, source=source, before=header)
                except ConnectionError:
                    assert kind is not TRAEFIK

    told = {each.all("X-Forwarded-For") for each in application.requests}
    assert (loopback.CLIENT,) not in told


@KINDS
def test_a_web_socket_is_passed_on(tmp_path: Path, kind: BackendKind) -> None:
    upgrade = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n"
    )

    with (
        _served(tmp_path, kind) as (port, application),
        loopback.connect(port, source=ENVOY_PEER) as link,
    ):
        link.sendall(_header(loopback.CLIENT, port) + upgrade)
        # The application declines with 200, which ends the attempt.
        assert link.recv(12).startswith(b"HTTP/1.1 ")

    (request,) = application.requests
    assert ("websocket",) == request.all("Upgrade")
    assert "upgrade" == (request.header("Connection") or "").lower()


@KINDS
def test_the_kubelet_reaches_one_path_without_a_header(
    tmp_path: Path, kind: BackendKind
) -> None:
    probe = loopback.free_port()
    lie = [("X-Forwarded-For", "6.6.6.6")]

    with _served(tmp_path, kind, http_get(probe)) as (_, application):
        asked = {
            path: loopback.request(
                probe, source=loopback.KUBELET, path=path, headers=lie
            ).status
            for path in ("/healthz", "/healthz?full=1", "/", "/healthz/deep", "/admin")
        }

    refused = 403 if kind is APACHE else 404
    assert [200, 200, refused, refused, refused] == list(asked.values())
    assert ["/healthz", "/healthz?full=1"] == [
        each.path for each in application.requests
    ]
    assert {(loopback.KUBELET,)} == {
        each.all("X-Forwarded-For") for each in application.requests
    }


@KINDS
def test_a_tcp_probe_of_its_own_port_connects(
    tmp_path: Path, kind: BackendKind
) -> None:
    probe = loopback.free_port()

    with (
        _served(tmp_path, kind, tcp_socket(probe)),
        loopback.connect(probe, source=loopback.KUBELET),
    ):
        pass


@KINDS
def test_connect_only_health_checks_leave_no_trace_in_the_logs(
    tmp_path: Path, kind: BackendKind
) -> None:
    port = loopback.free_port()

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port)) as program,
    ):
        loopback.eventually(lambda: _is_up(port, kind))
        application.requests.clear()
        quiet = program.log_text()
        for _ in range(3):
            with loopback.connect(port, source=ENVOY_PEER):
                pass
        assert quiet == program.log_text()

    assert [] == application.requests


@pytest.mark.parametrize("kind", [ENVOY, CADDY])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_program_behind_may_be_told_by_a_header_of_its_own(
    tmp_path: Path, kind: BackendKind, version: str
) -> None:
    port = loopback.free_port()

    with applications.tcp_application() as application:
        served = listener(
            listen=port,
            upstream=f"127.0.0.1:{application.port}",
            trusted=networks(f"{ENVOY_PEER}/32"),
            upstream_proxy_protocol=ProxyAcceptance(version),
        )
        with (
            _program(tmp_path, kind, served),
            loopback.connect(port, source=ENVOY_PEER) as link,
        ):
            link.sendall(
                _header(loopback.CLIENT, port) + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            header, _ = application.talk().split()

    assert header is not None
    assert version == header.version.value
    assert header.source is not None
    assert loopback.CLIENT == header.source[0]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_envoy_tells_a_raw_application_the_client(tmp_path: Path, version: str) -> None:
    port = loopback.free_port()

    with applications.tcp_application() as application:
        served = _raw(port, application.port, send=ProxyAcceptance(version))
        with (
            _program(tmp_path, ENVOY, served),
            loopback.connect(port, source=ENVOY_PEER) as link,
        ):
            # An end that comes together with the header would be a reset: Envoy
            # looks for it before it looks at the bytes.
            link.sendall(_header(loopback.CLIENT, port) + b"HELLO")
            echo = b""
            while not echo.endswith(b"HELLO"):
                # Envoy may send the header before the bytes behind it.
                echo += (more := link.recv(4096))
                assert more
            header, rest = application.talk().split()

    assert header is not None
    assert version == header.version.value
    assert header.source is not None
    assert loopback.CLIENT == header.source[0]
    assert b"HELLO" == rest


def test_a_raw_connection_of_a_stranger_goes_nowhere(tmp_path: Path) -> None:
    port = loopback.free_port()

    with (
        applications.tcp_application() as application,
        _program(tmp_path, ENVOY, _raw(port, application.port)),
    ):
        for before in (_header(loopback.CLIENT, port), b""):
            try:
                loopback.exchange(port, before + b"HELLO", source=loopback.ATTACKER)
            except TimeoutError:
                raise
            except OSError:  # reset, or gone before we were done
                continue

    assert [] == application.connections


def test_a_raw_port_is_probed_without_a_header(tmp_path: Path) -> None:
    port, probe, tcp = loopback.free_ports(3)

    with applications.http_application() as application:
        asked = _raw(port, application.port, http_get(probe))
        with _program(tmp_path / "http", ENVOY, asked):
            answer = loopback.request(probe, source=loopback.KUBELET, path="/healthz")
            refused = loopback.request(probe, source=loopback.KUBELET, path="/")
        assert (200, 404) == (answer.status, refused.status)
        connected = _raw(port, application.port, tcp_socket(tcp))
        with (
            _program(tmp_path / "tcp", ENVOY, connected),
            loopback.connect(tcp, source=loopback.KUBELET) as link,
        ):
            assert b"" == link.recv(1)


def _raw(
    port: int,
    upstream: int,
    probe: Probe | None = None,
    send: ProxyAcceptance = ProxyAcceptance.NONE,
) -> Listener:
    return listener(
        listen=port,
        mode=BackendMode.TCP,
        upstream=f"127.0.0.1:{upstream}",
        upstream_proxy_protocol=send,
        trusted=networks(f"{ENVOY_PEER}/32"),
        probe=probe,
    )
