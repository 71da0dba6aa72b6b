"""Real NGINX and HAProxy behind a peer that sends PROXY headers.

The peer stands for KubeLB's Envoy; who else sends a header is an attacker.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, BackendMode, Emit, ProxyAcceptance
from kubelb_gen.plan import names
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

ENVOY = "127.0.0.2"
FORGED = (
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Forwarded-For", "7.7.7.7"),
    ("X-Real-IP", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6"),
    ("X-Envoy-External-Address", "6.6.6.6"),
)
_LOGGING = "defaults\n    log stdout format raw local0\n"
VERSIONS = {"v1": proxy_protocol.v1, "v2": proxy_protocol.v2}
KINDS = pytest.mark.parametrize("kind", [BackendKind.NGINX, BackendKind.HAPROXY])


def _header(source: str, port: int, *, version: str = "v2") -> bytes:
    return VERSIONS[version]((source, 40000), ("127.0.0.1", port))


@contextmanager
def _program(
    folder: Path, kind: BackendKind, served: Listener
) -> Iterator[loopback.Running]:
    ports = [served.listen]
    if served.probe is not None and served.probe.port is not None:
        ports.append(served.probe.port)
    complete = kind is BackendKind.HAPROXY
    file = backend_file(kind, served, emit=Emit.COMPLETE if complete else Emit.FRAGMENT)
    written = texts(file)
    if kind is BackendKind.HAPROXY:
        # Without a log there would be no noise to keep out of it.
        config = written["web.haproxy.cfg"].replace("defaults\n", _LOGGING)
        with servers.haproxy(folder, config, ports=ports) as it:
            yield it
        return
    main = written.pop("web.nginx.conf")
    http, stream = ([main], []) if served.mode.is_http else ([], [main])
    with servers.nginx(
        folder,
        http=[*http, *written.values()],
        stream=stream,
        ports=ports,
        log_level="error",
    ) as it:
        yield it


def _http(port: int, upstream: int, probe: Probe | None = None) -> Listener:
    return listener(
        listen=port,
        upstream=f"127.0.0.1:{upstream}",
        trusted=networks(f"{ENVOY}/32"),
        probe=probe,
    )


def _raw(
    kind: BackendKind,
    port: int,
    upstream: int,
    probe: Probe | None = None,
    send: ProxyAcceptance = ProxyAcceptance.V1,
) -> Listener:
    nginx = kind is BackendKind.NGINX
    return listener(
        listen=port,
        mode=BackendMode.STREAM if nginx else BackendMode.TCP,
        upstream=f"127.0.0.1:{upstream}",
        upstream_proxy_protocol=send,
        trusted=networks(f"{ENVOY}/32"),
        probe=probe,
    )


@KINDS
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_http_application_is_told_the_client_and_no_lie(
    tmp_path: Path, kind: BackendKind, version: str
) -> None:
    port = loopback.free_port()
    header = _header(loopback.CLIENT, port, version=version)

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port)),
    ):
        clean = loopback.request(port, source=ENVOY, before=header)
        forged = loopback.request(port, source=ENVOY, before=header, headers=FORGED)

    assert (200, 200) == (clean.status, forged.status)
    for request in application.requests:
        assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
        assert (loopback.CLIENT,) == request.all("X-Real-IP")
        assert ("http",) == request.all("X-Forwarded-Proto")
        assert () == request.all("Forwarded")
        assert () == request.all("X-Envoy-External-Address")
        assert ("test.example",) == request.all("Host")


@KINDS
def test_a_header_from_a_peer_that_is_not_trusted_gets_no_answer(
    tmp_path: Path, kind: BackendKind
) -> None:
    port = loopback.free_port()

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port)),
    ):
        for before in (_header(loopback.CLIENT, port), _header(ENVOY, port), b""):
            with pytest.raises(ConnectionError):
                loopback.request(port, source=loopback.ATTACKER, before=before)

    assert [] == application.requests


@KINDS
def test_a_peer_that_is_trusted_must_send_a_header(
    tmp_path: Path, kind: BackendKind
) -> None:
    port = loopback.free_port()

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port)),
        pytest.raises(ConnectionError),
    ):
        loopback.request(port, source=ENVOY)

    assert [] == application.requests


@KINDS
def test_a_web_socket_is_passed_on(tmp_path: Path, kind: BackendKind) -> None:
    port = loopback.free_port()
    upgrade = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Version: 13\r\n\r\n"
    )

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port)),
        loopback.connect(port, source=ENVOY) as link,
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
    port, probe = loopback.free_ports(2)
    lie = [("X-Forwarded-For", "6.6.6.6")]

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port, http_get(probe))),
    ):
        asked = {
            path: loopback.request(
                probe, source=loopback.KUBELET, path=path, headers=lie
            ).status
            for path in ("/healthz", "/healthz?full=1", "/", "/healthz/deep", "/admin")
        }

    assert [200, 200, 404, 404, 404] == list(asked.values())
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
    port, probe = loopback.free_ports(2)

    with (
        applications.http_application() as application,
        _program(tmp_path, kind, _http(port, application.port, tcp_socket(probe))),
    ):
        assert b"" == _silent(probe, source=loopback.KUBELET)


@KINDS
@pytest.mark.parametrize("raw", [False, True], ids=["http", "raw"])
def test_connect_only_health_checks_leave_no_trace_in_the_logs(
    tmp_path: Path, kind: BackendKind, raw: bool
) -> None:
    port = loopback.free_port()

    with applications.http_application() as application:
        served = _http(port, application.port)
        if raw:
            served = _raw(kind, port, application.port)
        with _program(tmp_path, kind, served) as program:
            quiet = program.log_text()
            for _ in range(3):
                assert b"" == _silent(port, source=ENVOY)
            assert quiet == program.log_text()

    assert [] == application.requests


@KINDS
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_raw_application_and_the_log_are_told_the_client(
    tmp_path: Path, kind: BackendKind, version: str
) -> None:
    port = loopback.free_port()

    with (
        applications.tcp_application() as application,
        _program(tmp_path, kind, _raw(kind, port, application.port)) as program,
    ):
        loopback.exchange(
            port,
            _header(loopback.CLIENT, port, version=version) + b"HELLO",
            source=ENVOY,
        )
        header, rest = application.talk().split()

        loopback.eventually(lambda: loopback.CLIENT in program.log_text())

    assert header is not None
    assert proxy_protocol.Version.V1 is header.version
    assert header.source is not None
    assert loopback.CLIENT == header.source[0]
    assert b"HELLO" == rest


def test_haproxy_tells_a_raw_application_by_version_2_where_asked(
    tmp_path: Path,
) -> None:
    port = loopback.free_port()
    kind = BackendKind.HAPROXY

    with (
        applications.tcp_application() as application,
        _program(
            tmp_path,
            kind,
            _raw(kind, port, application.port, send=ProxyAcceptance.V2),
        ),
    ):
        loopback.exchange(port, _header(loopback.CLIENT, port) + b"HELLO", source=ENVOY)
        header, rest = application.talk().split()

    assert header is not None
    assert proxy_protocol.Version.V2 is header.version
    assert header.source is not None
    assert loopback.CLIENT == header.source[0]
    assert b"HELLO" == rest


@KINDS
def test_a_raw_connection_of_a_peer_that_is_not_trusted_goes_nowhere(
    tmp_path: Path, kind: BackendKind
) -> None:
    port = loopback.free_port()

    with (
        applications.tcp_application() as application,
        _program(tmp_path, kind, _raw(kind, port, application.port)) as program,
    ):
        assert b"" == _silent(
            port,
            source=loopback.ATTACKER,
            payload=_header(loopback.CLIENT, port) + b"HELLO",
        )
        assert [] == application.connections
        assert "[error]" not in program.log_text()


@KINDS
def test_a_raw_port_is_probed_without_a_header(
    tmp_path: Path, kind: BackendKind
) -> None:
    port, probe, other, tcp = loopback.free_ports(4)

    with applications.http_application() as application:
        asked = _raw(
            kind, port, application.port, http_get(probe), send=ProxyAcceptance.NONE
        )
        with _program(tmp_path / "http", kind, asked):
            answer = loopback.request(probe, source=loopback.KUBELET, path="/healthz")
            refused = loopback.request(probe, source=loopback.KUBELET, path="/")
        assert (200, 404) == (answer.status, refused.status)
        connected = _raw(kind, other, application.port, tcp_socket(tcp))
        with _program(tmp_path / "tcp", kind, connected):
            assert b"" == _silent(tcp, source=loopback.KUBELET)


def _silent(port: int, *, source: str, payload: bytes = b"") -> bytes:
    """What comes back to *payload*; a reset is as silent as a close."""
    try:
        return loopback.exchange(port, payload, source=source)
    except TimeoutError:
        raise
    except OSError:  # reset, or gone before we were done
        return b""


@pytest.mark.parametrize("raw", [False, True], ids=["http", "stream"])
def test_two_nginx_fragments_in_one_process_guard_each_its_own(
    tmp_path: Path, raw: bool
) -> None:
    ports = loopback.free_ports(2)
    peers = (ENVOY, "127.0.0.3")
    parts = (("t", "a-b", "c"), ("t", "a", "b-c"))

    with applications.http_application() as application:
        fragments = [
            texts(
                backend_file(
                    BackendKind.NGINX,
                    listener(
                        label=names.label(*each),
                        listen=port,
                        mode=BackendMode.STREAM if raw else BackendMode.HTTP,
                        trusted=networks(f"{peer}/32"),
                        upstream=f"127.0.0.1:{application.port}",
                    ),
                )
            )["web.nginx.conf"]
            for each, port, peer in zip(parts, ports, peers, strict=True)
        ]
        http, stream = ([], fragments) if raw else (fragments, [])
        with servers.nginx(tmp_path, ports=ports, http=http, stream=stream):
            for port, peer in zip(ports, peers, strict=True):
                header = _header(loopback.CLIENT, port)
                answer = loopback.request(port, source=peer, before=header)
                assert 200 == answer.status
            for port, peer in zip(ports, reversed(peers), strict=True):
                header = _header(loopback.CLIENT, port)
                with pytest.raises(ConnectionError):
                    loopback.request(port, source=peer, before=header)

    assert 2 == len(application.requests)
