"""Real NGINX and HAProxy behind KubeLB's Envoy at layer 7.

The requests are written as KubeLB's Envoy sends them; their headers were seen on
Envoy 1.36 and 1.40 (edge at .2, KubeLB's Envoy at .3, client at .5).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, Emit
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.estates import backend_file, behind_route, networks, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.plan import Reading

EDGE, KUBELB, CDN = "127.0.0.2", "127.0.0.3", "127.0.0.7"
NGINX, HAPROXY = BackendKind.NGINX, BackendKind.HAPROXY
_EXTERNAL = ByHeader(header="X-Envoy-External-Address")

# X-Forwarded-For and X-Envoy-External-Address as the backend gets them.
DIRECT = {
    "clean": (f"{loopback.CLIENT},{EDGE}", loopback.CLIENT),
    "forged": (f"6.6.6.6,{loopback.CLIENT},{EDGE}", loopback.CLIENT),
    "forged proxies": (f"6.6.6.6, {EDGE},{loopback.CLIENT},{EDGE}", loopback.CLIENT),
}
BEHIND_A_CDN = {
    "clean": (f"{loopback.CLIENT},{CDN},{EDGE}", CDN),
    "forged": (f"6.6.6.6, {loopback.CLIENT},{CDN},{EDGE}", CDN),
}
CASES = [
    pytest.param(kind, reading, headers, id=f"{kind}-{reading!r}-{name}")
    for kind, reading, chain in (
        (NGINX, _EXTERNAL, DIRECT),
        (NGINX, ByWalk(trusted=networks(f"{EDGE}/32")), DIRECT),
        (NGINX, ByWalk(trusted=networks(f"{EDGE}/32", f"{CDN}/32")), BEHIND_A_CDN),
        (HAPROXY, _EXTERNAL, DIRECT),
        (HAPROXY, ByPosition(from_right=2), DIRECT),
        (HAPROXY, ByPosition(from_right=3), BEHIND_A_CDN),
    )
    for name, headers in chain.items()
]
READINGS = pytest.mark.parametrize(
    ("kind", "reading"),
    [
        (NGINX, _EXTERNAL),
        (NGINX, ByPosition(from_right=1)),
        (NGINX, ByWalk(trusted=networks(f"{loopback.ATTACKER}/32"))),
        (HAPROXY, _EXTERNAL),
        (HAPROXY, ByPosition(from_right=1)),
    ],
)


@contextmanager
def _backend(
    folder: Path, kind: BackendKind, reading: Reading | None, upstream: int
) -> Iterator[int]:
    port = loopback.free_port()
    served = behind_route(
        reading,
        listen=port,
        upstream=f"127.0.0.1:{upstream}",
        trusted=networks(f"{KUBELB}/32") if reading is not None else (),
    )
    if kind is HAPROXY:
        config = text(backend_file(kind, served, emit=Emit.COMPLETE))
        with servers.haproxy(folder, config, ports=[port]):
            yield port
    else:
        fragment = text(backend_file(kind, served))
        with servers.nginx(folder, http=[fragment], ports=[port]):
            yield port


def _headers(forwarded: str, external: str) -> list[tuple[str, str]]:
    return [
        ("X-Forwarded-For", forwarded),
        ("X-Envoy-External-Address", external),
        ("X-Forwarded-Proto", "https"),
        ("X-Real-IP", "6.6.6.6"),
        ("Forwarded", "for=6.6.6.6"),
    ]


@pytest.mark.parametrize(("kind", "reading", "headers"), CASES)
def test_the_application_is_told_the_client(
    tmp_path: Path, kind: BackendKind, reading: Reading, headers: tuple[str, str]
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application.port) as port,
    ):
        answer = loopback.request(port, source=KUBELB, headers=_headers(*headers))

    assert 200 == answer.status
    (request,) = application.requests
    assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
    assert (loopback.CLIENT,) == request.all("X-Real-IP")
    assert () == request.all("Forwarded")
    assert () == request.all("X-Envoy-External-Address")


@READINGS
def test_who_is_not_kubelb_gets_no_answer(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    """A proxy whose entries may be skipped is not yet a peer."""
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application.port) as port,
        pytest.raises(ConnectionError),
    ):
        loopback.request(
            port, source=loopback.ATTACKER, headers=_headers(loopback.CLIENT, "6.6.6.6")
        )

    assert [] == application.requests


@READINGS
def test_the_edge_tells_the_scheme(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application.port) as port,
    ):
        loopback.request(
            port, source=KUBELB, headers=_headers(loopback.CLIENT, loopback.CLIENT)
        )

    (request,) = application.requests
    assert ("https",) == request.all("X-Forwarded-Proto")


@READINGS
def test_without_the_header_the_peer_is_the_client(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application.port) as port,
    ):
        loopback.request(port, source=KUBELB)

    (request,) = application.requests
    assert (KUBELB,) == request.all("X-Forwarded-For")


@pytest.mark.parametrize("kind", [NGINX, HAPROXY])
def test_where_nothing_is_read_anybody_may_call_and_is_the_client(
    tmp_path: Path, kind: BackendKind
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, None, application.port) as port,
    ):
        loopback.request(
            port, source=loopback.ATTACKER, headers=_headers("6.6.6.6", "6.6.6.6")
        )

    (request,) = application.requests
    assert (loopback.ATTACKER,) == request.all("X-Forwarded-For")
    assert (loopback.ATTACKER,) == request.all("X-Real-IP")


@pytest.mark.parametrize("kind", [NGINX, HAPROXY])
def test_a_proxy_header_changes_nothing_at_layer_7(
    tmp_path: Path, kind: BackendKind
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, _EXTERNAL, application.port) as port,
    ):
        header = proxy_protocol.v2(("6.6.6.6", 1), ("127.0.0.1", port))
        try:
            answer = loopback.exchange(port, header, source=KUBELB)
        except ConnectionResetError:
            answer = b""

    assert b"200" not in answer
    assert [] == application.requests
