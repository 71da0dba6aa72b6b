"""`probe` against real programs, imitations of others, and hostile servers.

The probe comes from 127.0.0.1.  What each program does with a header is from
facts/backends-and-envoy.md, sections 6 to 8.
"""

from __future__ import annotations

import json
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from kubelb_gen.assets import schema_text
from kubelb_gen.cli.boundary import run
from kubelb_gen.model import BackendKind, Emit
from tests.support import applications, proxy_protocol, servers
from tests.support.estates import backend_file, listener, networks, texts
from tests.support.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Probe = Callable[..., dict[str, Any]]
Behaviour = Callable[[socket.socket], None]

OURS = "127.0.0.1"
OTHERS = "127.0.0.9"
QUICK = "0.8"
_FILTERS = "type.googleapis.com/envoy.extensions.filters"
_HAPROXY = """\
defaults
    mode {mode}
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend probed
    bind 127.0.0.1:{port} {bind}
    {rule}
    default_backend app
backend app
    server app 127.0.0.1:{upstream}
"""


@pytest.fixture
def probe(capsys: pytest.CaptureFixture[str]) -> Probe:
    schema = jsonschema.Draft202012Validator(json.loads(schema_text("probe-v1.json")))

    def ask(port: int, *options: str, host: str = "127.0.0.1") -> dict[str, Any]:
        words = ["probe", f"{host}:{port}", "--quiet", "--format", "json", *options]
        code = run(words)
        printed = capsys.readouterr()
        assert (0, "") == (code, printed.err), printed.out
        document: dict[str, Any] = json.loads(printed.out)
        schema.validate(document)
        return document

    return ask


def _outcomes(document: dict[str, Any]) -> dict[str, str]:
    return {each["header"]: each["outcome"] for each in document["attempts"]}


def _protocols(document: dict[str, Any]) -> set[str]:
    return {each["protocol"] for each in document["attempts"]} - {None}


@contextmanager
def _nginx_http(folder: Path, words: str = "", extra: str = "") -> Iterator[int]:
    port = free_port()
    server = f"server {{ listen 127.0.0.1:{port} {words}; {extra} return 200 ok; }}"
    with servers.nginx(folder, ports=[port], http=[server]):
        yield port


@contextmanager
def _haproxy(
    folder: Path, upstream: int, *, mode: str = "http", bind: str = "", rule: str = ""
) -> Iterator[int]:
    port = free_port()
    config = _HAPROXY.format(
        mode=mode, port=port, bind=bind, rule=rule, upstream=upstream
    )
    with servers.haproxy(folder, config, ports=[port]):
        yield port


@contextmanager
def _rendered(folder: Path, kind: BackendKind, trusted: str) -> Iterator[int]:
    """What we render for a backend that trusts *trusted* alone."""
    port = free_port()
    with applications.http_application() as application, ExitStack() as stack:
        upstream = f"127.0.0.1:{application.port}"
        served = listener(
            listen=port, upstream=upstream, trusted=networks(f"{trusted}/32")
        )
        if kind is BackendKind.NGINX:
            written = texts(backend_file(kind, served, emit=Emit.FRAGMENT))
            runs = servers.nginx(folder, ports=[port], http=written.values())
        else:
            (config,) = texts(backend_file(kind, served, emit=Emit.COMPLETE)).values()
            runs = servers.haproxy(folder, config, ports=[port])
        stack.enter_context(runs)
        yield port


@contextmanager
def _envoy(folder: Path, upstream: int, **header_filter: object) -> Iterator[int]:
    port = free_port()
    proxy_filter = {
        "name": "envoy.filters.listener.proxy_protocol",
        "typed_config": {
            "@type": f"{_FILTERS}.listener.proxy_protocol.v3.ProxyProtocol",
            **header_filter,
        },
    }
    manager = {
        "@type": f"{_FILTERS}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "probed",
        "use_remote_address": True,
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{_FILTERS}.http.router.v3.Router"},
            }
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "app"}}],
                }
            ]
        },
    }
    config = {
        "static_resources": {
            "listeners": [
                {
                    "address": _at(port),
                    "listener_filters": [proxy_filter] if header_filter else [],
                    "filter_chains": [
                        {"filters": [{"name": "http", "typed_config": manager}]}
                    ],
                }
            ],
            "clusters": [
                {
                    "name": "app",
                    "load_assignment": {
                        "cluster_name": "app",
                        "endpoints": [
                            {"lb_endpoints": [{"endpoint": {"address": _at(upstream)}}]}
                        ],
                    },
                }
            ],
        }
    }
    with servers.envoy(folder, json.dumps(config), ports=[port]):
        yield port


def _at(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@contextmanager
def _imitation(behaviour: Behaviour, address: str = "127.0.0.1") -> Iterator[int]:
    """A server that does *behaviour* with every connection, in a thread of its own."""
    port = free_port()

    def behave(link: socket.socket) -> None:
        with link:
            link.settimeout(10)
            try:
                behaviour(link)
            except OSError:
                return

    def accept(server: socket.socket) -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=behave, args=(link,), daemon=True).start()

    with socket.create_server((address, port)) as server:
        thread = threading.Thread(target=accept, args=(server,), daemon=True)
        thread.start()
        yield port
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _lines(link: socket.socket) -> Iterator[bytes]:
    with link.makefile("rb") as stream:
        yield from stream


def _redis(link: socket.socket) -> None:
    # The inline parser looks for the line's end as in a C string: the NUL of the
    # version 2 signature ends it first, and nothing that follows is ever read.
    heard = b""
    while chunk := link.recv(4096):
        heard += chunk
        while b"\n" in heard.partition(b"\0")[0]:
            line, _, heard = heard.partition(b"\n")
            if words := line.split():
                known = words[0].upper() == b"PING"
                error = b"-ERR unknown command '%s'\r\n" % words[0]
                link.sendall(b"+PONG\r\n" if known else error)


def _smtp(link: socket.socket) -> None:
    link.sendall(b"220 mx.example ESMTP\r\n")
    for line in _lines(link):
        if line.strip().upper() == b"QUIT":
            link.sendall(b"221 2.0.0 Bye\r\n")
            return
        link.sendall(b"502 5.5.2 Error: command not recognized\r\n")


def _ssh(link: socket.socket) -> None:
    link.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
    for line in _lines(link):
        if not line.startswith(b"SSH-2.0-"):
            link.sendall(b"Invalid SSH identification string.\r\n")
            return
        link.sendall(struct.pack("!IBB", 46, 4, 20) + bytes(44))


def _mysql(link: socket.socket) -> None:
    greeting = b"\x0a5.5.5-10.11.6-MariaDB\0" + bytes(20)
    link.sendall(struct.pack("<I", len(greeting)) + greeting)
    if link.recv(4):
        error = b"\xff\x84\x04#08S01Got packets out of order"
        link.sendall(struct.pack("<I", len(error)) + error)


def _postgresql(link: socket.socket) -> None:
    if link.recv(8) == bytes.fromhex("0000000804d2162f"):
        link.sendall(b"N")
        link.recv(1)


def _unbelieving(link: socket.socket) -> None:
    """Read the header, throw it away, and answer with the peer, as Caddy does."""
    link.recv(4096)
    body = link.getpeername()[0].encode()
    link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)


def _forbidding(link: socket.socket) -> None:
    """Answer 403 to any header, as gunicorn does to a peer that it does not trust."""
    header, _ = proxy_protocol.split(link.recv(4096))
    status = b"200 OK" if header is None else b"403 Forbidden"
    link.sendall(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n\r\n")


def test_nginx_that_requires_a_header_wants_it(tmp_path: Path, probe: Probe) -> None:
    with _nginx_http(tmp_path, "proxy_protocol") as port:
        document = probe(port, "--expect", "wants")

    assert ["v2", "v1"] == document["reads"]
    assert document["attempts"][0]["outcome"] in {"closed", "reset"}


def test_plain_nginx_refuses_a_header_with_400(tmp_path: Path, probe: Probe) -> None:
    with _nginx_http(tmp_path) as port:
        document = probe(port, "--expect", "refuses")

    assert [200, 400, 400] == [each["status"] for each in document["attempts"]]


@pytest.mark.parametrize("kind", [BackendKind.NGINX, BackendKind.HAPROXY])
@pytest.mark.parametrize(
    ("trusted", "verdict"), [(OURS, "wants"), (OTHERS, "refuses-peer")]
)
def test_a_rendered_backend_wants_a_header_from_whom_it_trusts_alone(
    tmp_path: Path, probe: Probe, kind: BackendKind, trusted: str, verdict: str
) -> None:
    with _rendered(tmp_path, kind, trusted) as port:
        document = probe(port, "--expect", verdict)

    # The application tells what it was told: the client that the header names.
    assert (True if verdict == "wants" else None) is document["believed"]


@pytest.mark.parametrize(
    ("bind", "rule", "verdict"),
    [
        ("accept-proxy", "", "wants"),
        ("", "", "refuses"),
        (
            "",
            "tcp-request connection expect-proxy layer4 if { src 127.0.0.1 }",
            "wants",
        ),
        (
            "",
            "tcp-request connection expect-proxy layer4 if { src 127.0.0.9 }",
            "refuses",
        ),
    ],
)
def test_haproxy_chooses_by_its_bind_line_or_by_the_source(
    tmp_path: Path, probe: Probe, bind: str, rule: str, verdict: str
) -> None:
    with (
        applications.http_application() as application,
        _haproxy(tmp_path, application.port, bind=bind, rule=rule) as port,
    ):
        probe(port, "--expect", verdict)


def test_a_backend_that_refuses_the_client_still_wants_a_header(
    tmp_path: Path, probe: Probe
) -> None:
    rule = "tcp-request session reject unless { src 127.0.0.0/8 198.51.100.7 }"
    with (
        applications.http_application() as application,
        _haproxy(tmp_path, application.port, bind="accept-proxy", rule=rule) as port,
    ):
        document = probe(port, "--expect", "wants")
        named = probe(port, "--source-address", "198.51.100.7", "--expect", "wants")

    assert "served" == _outcomes(document)["v2-local"]
    assert any("--source-address" in note for note in document["notes"])
    assert "served" == _outcomes(named)["v2"]


@pytest.mark.parametrize(
    ("header_filter", "verdict", "reads"),
    [
        ({"allow_requests_without_proxy_protocol": True}, "allows", ["v2", "v1"]),
        (
            {
                "allow_requests_without_proxy_protocol": True,
                "disallowed_versions": ["V1"],
            },
            "allows",
            ["v2"],
        ),
        (
            {
                "allow_requests_without_proxy_protocol": True,
                "disallowed_versions": ["V2"],
            },
            "allows-v1",
            ["v1"],
        ),
        ({"disallowed_versions": ["V1"]}, "wants", ["v2"]),
        ({"disallowed_versions": ["V2"]}, "wants-v1", ["v1"]),
        ({}, "refuses", []),
    ],
)
def test_envoy_reads_the_versions_that_its_filter_allows(
    tmp_path: Path,
    probe: Probe,
    header_filter: dict[str, object],
    verdict: str,
    reads: list[str],
) -> None:
    with (
        applications.http_application() as application,
        _envoy(tmp_path, application.port, **header_filter) as port,
    ):
        document = probe(port, "--expect", verdict)

    assert reads == document["reads"]
    assert (True if reads else None) is document["believed"]


def test_http_2_is_asked_with_its_preface(tmp_path: Path, probe: Probe) -> None:
    preface = r"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    with (
        applications.http_application() as application,
        _envoy(tmp_path, application.port, disallowed_versions=["V1"]) as port,
    ):
        document = probe(port, "--send", preface, "--expect", "wants")

    # A SETTINGS frame: three bytes of length, then kind 4.
    assert "\\x04" in document["attempts"][1]["answer"]


@pytest.fixture
def certificate(tmp_path: Path) -> str:
    """A self-signed certificate and its key, as words for NGINX."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not there to make a certificate")
    make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=probe.example"
    subprocess.run(
        [openssl, *make.split(), "-keyout", "tls.key", "-out", "tls.crt"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    crt, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    return f"ssl_certificate {crt}; ssl_certificate_key {key};"


@pytest.mark.parametrize(
    ("words", "verdict"), [("ssl proxy_protocol", "wants"), ("ssl", "refuses")]
)
def test_with_tls_the_header_goes_ahead_of_the_handshake(
    tmp_path: Path, probe: Probe, certificate: str, words: str, verdict: str
) -> None:
    extra = f"{certificate} add_header X-Name $ssl_server_name;"
    with _nginx_http(tmp_path, words, extra) as port:
        options = ("--tls", "--server-name", "web.example")
        document = probe(port, *options, "--expect", verdict)

    served = [each for each in document["attempts"] if each["outcome"] == "served"]
    assert served
    assert all(each["status"] == 200 for each in served)
    if verdict == "refuses":
        # facts, section 6: the client fails with "wrong version number".
        assert "wrong" in document["attempts"][1]["reason"]


@pytest.mark.parametrize("words", ["ssl proxy_protocol", "ssl"])
def test_a_tls_backend_that_is_asked_in_plain_text_is_told_apart(
    tmp_path: Path, probe: Probe, certificate: str, words: str
) -> None:
    with _nginx_http(tmp_path, words, certificate) as port:
        document = probe(port, "--expect", "unclear")

    assert any("--tls" in note for note in document["notes"])


def test_a_plain_backend_that_is_asked_in_tls_is_told_apart(
    tmp_path: Path, probe: Probe
) -> None:
    with _nginx_http(tmp_path) as port:
        document = probe(port, "--tls", "--expect", "unclear")

    assert any("without --tls" in note for note in document["notes"])


def test_redis_hangs_on_version_2(probe: Probe) -> None:
    with _imitation(_redis) as port:
        document = probe(
            port, "--send", r"PING\r\n", "--timeout", QUICK, "--expect", "hangs"
        )

    expected = {"none": "served", "v2": "silent", "v1": "rejected"}
    assert expected == _outcomes(document)
    assert {"redis"} == _protocols(document)


def test_redis_hangs_on_version_2_even_when_it_is_taken_for_http(probe: Probe) -> None:
    with _imitation(_redis) as port:
        probe(port, "--timeout", QUICK, "--expect", "hangs")


def test_pythons_http_server_closes_on_version_2(tmp_path: Path, probe: Probe) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    port = free_port()
    handler = partial(Quiet, directory=str(tmp_path))
    with HTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            document = probe(port, "--expect", "refuses")
        finally:
            server.shutdown()
            thread.join(5)

    assert "closed" == _outcomes(document)["v2"]


@pytest.mark.parametrize(
    ("behaviour", "protocol"), [(_smtp, "smtp"), (_ssh, "ssh"), (_mysql, "mysql")]
)
def test_a_server_that_speaks_first_refuses_although_it_greets(
    probe: Probe, behaviour: Behaviour, protocol: str
) -> None:
    with _imitation(behaviour) as port:
        document = probe(port, "--expect", "refuses")

    expected = {"none": "served", "v2": "rejected", "v1": "rejected"}
    assert expected == _outcomes(document)
    assert {protocol} == _protocols(document)


@pytest.mark.parametrize(
    ("behaviour", "protocol"), [(_smtp, "smtp"), (_ssh, "ssh"), (_mysql, "mysql")]
)
def test_a_server_that_speaks_first_behind_a_reader_wants_a_header(
    tmp_path: Path, probe: Probe, behaviour: Behaviour, protocol: str
) -> None:
    with (
        _imitation(behaviour) as upstream,
        _haproxy(tmp_path, upstream, mode="tcp", bind="accept-proxy") as port,
    ):
        document = probe(port, "--expect", "wants")

    assert {protocol} == _protocols(document)
    assert ["v2", "v1"] == document["reads"]


@pytest.mark.parametrize(("stays", "verdict"), [(True, "hangs"), (False, "refuses")])
def test_a_greeting_is_no_answer(probe: Probe, stays: bool, verdict: str) -> None:
    def greets(link: socket.socket) -> None:
        link.sendall(b"220 mx.example ESMTP\r\n")
        if link.recv(4096) == b"QUIT\r\n":
            link.sendall(b"221 Bye\r\n")
        while stays and link.recv(4096):
            pass

    with _imitation(greets) as port:
        probe(port, "--timeout", QUICK, "--expect", verdict)


def test_an_unknown_greeter_that_leaves_because_of_a_header_refuses(
    probe: Probe,
) -> None:
    def greets(link: socket.socket) -> None:
        link.sendall(b"hello\r\n")
        link.recv(4096)

    with _imitation(greets) as port:
        probe(port, "--expect", "refuses")


def test_a_greeting_that_comes_late_is_told(probe: Probe) -> None:
    def greets(link: socket.socket) -> None:
        time.sleep(0.4)
        _smtp(link)

    with _imitation(greets) as port:
        document = probe(port, "--timeout", QUICK, "--expect", "unclear")
        patient = probe(port, "--timeout", "4")

    assert any("--timeout" in note for note in document["notes"])
    assert "refuses" == patient["verdict"]


def test_an_error_that_comes_with_the_header_alone_refuses(probe: Probe) -> None:
    def fails(link: socket.socket) -> None:
        header, _ = proxy_protocol.split(link.recv(4096))
        status = b"200 OK" if header is None else b"503 Service Unavailable"
        link.sendall(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n\r\n")

    with _imitation(fails) as port:
        probe(port, "--expect", "refuses")


def test_a_server_that_leaves_within_the_handshake_has_closed(probe: Probe) -> None:
    def leaves(link: socket.socket) -> None:
        link.recv(4096)

    with _imitation(leaves) as port:
        document = probe(port, "--tls", "--expect", "refuses-peer")

    assert {"closed"} == set(_outcomes(document).values())


def test_nginx_stream_with_a_late_payload_wants_a_header(
    tmp_path: Path, probe: Probe
) -> None:
    port = free_port()
    with _imitation(_smtp) as upstream:
        server = (
            f"server {{ listen 127.0.0.1:{port} proxy_protocol;"
            f" proxy_pass 127.0.0.1:{upstream}; }}"
        )
        with servers.nginx(tmp_path, ports=[port], stream=[server]):
            probe(port, "--expect", "wants")


def test_postgresql_refuses_when_it_is_asked_in_its_own_words(probe: Probe) -> None:
    with _imitation(_postgresql) as port:
        send = r"\x00\x00\x00\x08\x04\xd2\x16\x2f"
        asked = probe(port, "--send", send, "--expect", "refuses")
        misled = probe(port, "--expect", "refuses-peer")

    assert _outcomes(asked)["v2"] in {"closed", "reset"}
    assert any("--send" in note for note in misled["notes"])


def test_a_backend_that_reads_a_header_and_names_the_peer_ignores_it(
    probe: Probe,
) -> None:
    # Only with another address than our own can the answer name us.
    with _imitation(_unbelieving, "127.0.0.2") as port:
        document = probe(port, "--expect", "ignores", host="127.0.0.2")

    assert document["believed"] is False


def test_an_answer_that_repeats_the_host_names_nobody(probe: Probe) -> None:
    def repeats(link: socket.socket) -> None:
        _, request = proxy_protocol.split(link.recv(4096))
        link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + request)

    with _imitation(repeats) as port:
        document = probe(port, "--expect", "allows")

    assert document["believed"] is None


def test_a_403_for_a_header_alone_refuses_the_peer(probe: Probe) -> None:
    with _imitation(_forbidding) as port:
        document = probe(port, "--expect", "refuses-peer")

    assert {"served", "denied"} == set(_outcomes(document).values())


def test_ipv6_is_named_in_an_ipv6_header(probe: Probe) -> None:
    heard: list[bytes] = []

    def reader(link: socket.socket) -> None:
        heard.append(link.recv(4096))
        link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

    port = free_port()
    try:
        server = socket.create_server(("::1", port), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")

    def accept() -> None:
        for _ in range(3):
            link, _ = server.accept()
            with link:
                reader(link)

    with server:
        thread = threading.Thread(target=accept)
        thread.start()
        document = probe(port, "--expect", "allows", host="[::1]")
        thread.join(5)

    header, request = proxy_protocol.split(heard[1])
    assert header is not None
    assert ("2001:db8::1", 40000) == header.source
    assert b"\r\nHost: [::1]\r\n" in request
    assert "2001:db8::1" == document["client"]


def _endless(link: socket.socket) -> None:
    while True:
        link.sendall(b"\x1b[2J\x07" * 4096)


def _dripping(link: socket.socket) -> None:
    while True:
        link.sendall(b".")
        time.sleep(0.05)


def _mute(link: socket.socket) -> None:
    link.recv(1 << 20)
    time.sleep(5)


def _noise(link: socket.socket) -> None:
    link.recv(16)
    link.sendall(bytes(range(256)) * 64)


def _huge_greeting(link: socket.socket) -> None:
    link.sendall(b"220 " + b"\xff" * 2_000_000)
    link.recv(1)


def _slamming(link: socket.socket) -> None:
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _false_status(link: socket.socket) -> None:
    link.recv(4096)
    link.sendall(b"HTTP/1.1 999 \x9b31m\r\nX: \xff\r\n")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    "behaviour",
    [
        _endless,
        _dripping,
        _mute,
        _noise,
        _huge_greeting,
        _slamming,
        _false_status,
    ],
)
def test_no_server_makes_it_wait_or_crash_or_print_what_is_not_printable(
    capsys: pytest.CaptureFixture[str], behaviour: Behaviour, tls: bool
) -> None:
    options = ["--timeout", QUICK, *(["--tls"] if tls else [])]
    with _imitation(behaviour) as port:
        started = time.monotonic()
        code = run(["probe", f"127.0.0.1:{port}", *options])
        taken = time.monotonic() - started
    printed = capsys.readouterr()

    assert 0 == code
    assert taken < 5 * float(QUICK)
    assert (printed.out + printed.err).replace("\n", "").isprintable()
    assert len(printed.out) < 2000


def test_a_server_that_drips_within_the_handshake_is_left(probe: Probe) -> None:
    def drip(link: socket.socket) -> None:
        for each in b"\x16\x03\x03\x40\x00\x02" + bytes(1000):
            link.sendall(bytes([each]))
            time.sleep(0.05)

    with _imitation(drip) as port:
        started = time.monotonic()
        probe(port, "--tls", "--timeout", QUICK, "--expect", "silent")

    assert time.monotonic() - started < 5 * float(QUICK)


def test_a_server_that_goes_away_after_the_first_connection_is_unclear(
    probe: Probe,
) -> None:
    port = free_port()
    server = socket.create_server(("127.0.0.1", port), backlog=0)

    def once() -> None:
        link, _ = server.accept()
        server.close()
        with link:
            link.recv(4096)
            link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=once)
    thread.start()
    document = probe(port, "--expect", "unclear")
    thread.join(5)

    assert "unreachable" == _outcomes(document)["v2"]


def test_a_header_and_the_request_leave_as_one(probe: Probe) -> None:
    heard: list[bytes] = []

    def reader(link: socket.socket) -> None:
        heard.append(link.recv(4096))
        link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")

    with _imitation(reader) as port:
        probe(port, "--expect", "allows")

    requests = [proxy_protocol.split(each)[1].split(b"\r\n")[0] for each in heard]
    assert [b"GET / HTTP/1.1"] * 3 == requests
