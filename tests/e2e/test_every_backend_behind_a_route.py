"""Real Envoy, Traefik, Caddy and Apache behind KubeLB's Envoy at layer 7.

The requests are written as KubeLB's Envoy sends them; their headers were seen on
Envoy 1.36 and 1.40 (edge at .2, KubeLB's Envoy at .3, client at .5).
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, Emit
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    networks,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.plan import Reading
    from tests.support.applications import HttpApplication, Request

EDGE, KUBELB, CDN = "127.0.0.2", "127.0.0.3", "127.0.0.7"
ENVOY, TRAEFIK = BackendKind.ENVOY, BackendKind.TRAEFIK
CADDY, APACHE = BackendKind.CADDY, BackendKind.APACHE
_EXTERNAL = ByHeader(header="X-Envoy-External-Address")
_PROXIES = ByWalk(trusted=networks(f"{EDGE}/32", f"{CDN}/32"))

# X-Forwarded-For and X-Envoy-External-Address as the backend gets them.
DIRECT = {
    "clean": (f"{loopback.CLIENT},{EDGE}", loopback.CLIENT),
    "forged": (f"6.6.6.6,{loopback.CLIENT},{EDGE}", loopback.CLIENT),
    "forged proxies": (f"6.6.6.6, {EDGE},{loopback.CLIENT},{EDGE}", loopback.CLIENT),
}
BEHIND_A_CDN = {
    "clean": (f"{loopback.CLIENT},{CDN},{EDGE}", CDN),
    "forged": (f"6.6.6.6, {loopback.CLIENT},{CDN},{EDGE}", CDN),
    "forged proxies": (f"6.6.6.6, {CDN}, {loopback.CLIENT},{CDN},{EDGE}", CDN),
}
CASES = [
    pytest.param(kind, reading, headers, id=f"{kind}-{reading!r}-{name}")
    for kind, reading, chain in (
        (ENVOY, ByPosition(from_right=2), DIRECT),
        (ENVOY, ByPosition(from_right=3), BEHIND_A_CDN),
        (TRAEFIK, _EXTERNAL, DIRECT),
        (TRAEFIK, ByPosition(from_right=3), BEHIND_A_CDN),
        (CADDY, _EXTERNAL, DIRECT),
        (CADDY, _PROXIES, BEHIND_A_CDN),
        (APACHE, _EXTERNAL, DIRECT),
        (APACHE, _PROXIES, BEHIND_A_CDN),
    )
    for name, headers in chain.items()
]
READINGS = pytest.mark.parametrize(
    ("kind", "reading"),
    [
        (ENVOY, ByPosition(from_right=2)),
        (TRAEFIK, _EXTERNAL),
        (CADDY, _EXTERNAL),
        (CADDY, ByWalk(trusted=networks(f"{loopback.ATTACKER}/32"))),
        (APACHE, _EXTERNAL),
        (APACHE, ByWalk(trusted=networks(f"{loopback.ATTACKER}/32"))),
    ],
)


@contextmanager
def _backend(
    folder: Path,
    kind: BackendKind,
    reading: Reading | None,
    app: HttpApplication,
    probe: int | None = None,
) -> Iterator[int]:
    port = loopback.free_port()
    served = behind_route(
        reading,
        listen=port,
        upstream=f"127.0.0.1:{app.port}",
        trusted=networks(f"{KUBELB}/32") if reading is not None else (),
        probe=None if probe is None else http_get(probe),
    )
    written = texts(backend_file(kind, served, emit=Emit.COMPLETE))
    with servers.backend(
        folder, kind, written, ports=[port, *([probe] if probe else [])]
    ):
        if kind is TRAEFIK:  # it answers 404 until it has read its dynamic file
            loopback.eventually(
                lambda: loopback.request(port, source=KUBELB).status == HTTPStatus.OK
            )
            app.requests.clear()
        yield port


def _headers(forwarded: str, external: str) -> list[tuple[str, str]]:
    return [
        ("X-Forwarded-For", forwarded),
        ("X-Envoy-External-Address", external),
        ("X-Forwarded-Proto", "https"),
        ("X-Real-IP", "6.6.6.6"),
        ("Forwarded", "for=6.6.6.6"),
    ]


def _told_by_traefik(request: Request, reading: Reading) -> None:
    """Its application looks where the comment in the dynamic file says."""
    assert () == request.all("X-Real-IP")
    if reading == _EXTERNAL:
        assert (loopback.CLIENT,) == request.all("X-Envoy-External-Address")
        return
    assert () == request.all("X-Envoy-External-Address")
    entries = (request.header("X-Forwarded-For") or "").split(",")
    assert loopback.CLIENT == entries[-4].strip()


@pytest.mark.parametrize(("kind", "reading", "headers"), CASES)
def test_the_application_is_told_the_client(
    tmp_path: Path, kind: BackendKind, reading: Reading, headers: tuple[str, str]
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application) as port,
    ):
        answer = loopback.request(port, source=KUBELB, headers=_headers(*headers))

    assert 200 == answer.status
    (request,) = application.requests
    assert () == request.all("Forwarded")
    if kind is TRAEFIK:
        _told_by_traefik(request, reading)
        return
    assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
    assert (loopback.CLIENT,) == request.all("X-Real-IP")
    assert () == request.all("X-Envoy-External-Address")


@READINGS
def test_who_is_not_kubelb_gets_nowhere(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    """A proxy whose entries may be skipped is not yet a peer."""
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application) as port,
    ):
        try:
            answer = loopback.request(
                port,
                source=loopback.ATTACKER,
                headers=_headers(loopback.CLIENT, "6.6.6.6"),
            )
            assert HTTPStatus.FORBIDDEN == answer.status
        except ConnectionError:
            assert kind in (ENVOY, CADDY)

    assert [] == application.requests


@READINGS
def test_on_the_port_of_the_probe_a_stranger_is_nobody_else(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    probe = loopback.free_port()

    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application, probe),
    ):
        for path in ("/healthz", "/"):
            loopback.request(
                probe,
                source=loopback.ATTACKER,
                path=path,
                headers=_headers("6.6.6.6", "6.6.6.6"),
            )

    (request,) = application.requests
    assert () == request.all("X-Envoy-External-Address")
    assert (loopback.ATTACKER,) == request.all("X-Forwarded-For")
    assert "6.6.6.6" not in str(request.all("X-Real-IP"))


@READINGS
def test_the_edge_tells_the_scheme(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application) as port,
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
        _backend(tmp_path, kind, reading, application) as port,
    ):
        loopback.request(port, source=KUBELB)

    (request,) = application.requests
    assert (KUBELB,) == request.all("X-Forwarded-For")


@pytest.mark.parametrize("kind", [ENVOY, TRAEFIK, CADDY, APACHE])
def test_where_nothing_is_read_anybody_may_call_and_is_the_client(
    tmp_path: Path, kind: BackendKind
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, None, application) as port,
    ):
        loopback.request(
            port, source=loopback.ATTACKER, headers=_headers("6.6.6.6", "6.6.6.6")
        )

    (request,) = application.requests
    assert (loopback.ATTACKER,) == request.all("X-Forwarded-For")
    assert (loopback.ATTACKER,) == request.all("X-Real-IP")


@READINGS
def test_a_proxy_header_changes_nothing_at_layer_7(
    tmp_path: Path, kind: BackendKind, reading: Reading
) -> None:
    with (
        applications.http_application() as application,
        _backend(tmp_path, kind, reading, application) as port,
    ):
        header = proxy_protocol.v2(("6.6.6.6", 1), ("127.0.0.1", port))
        try:
            answer = loopback.exchange(port, header, source=KUBELB)
        except TimeoutError:
            raise
        except OSError:  # reset, or gone before we were done
            answer = b""

    assert b"200" not in answer
    assert [] == application.requests
