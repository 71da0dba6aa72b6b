"""What Envoy, Caddy and Apache themselves say about what is written for them.

Traefik has no such command and keeps running on a bad file: it is started, and judged
by its log and by a request, in tests/e2e.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, BackendMode, Emit, ProxyAcceptance
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk, names
from tests.support import applications, loopback, servers
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    listener,
    networks,
    tcp_socket,
    text,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.plan import Listener, Reading

ENVOY, TRAEFIK = BackendKind.ENVOY, BackendKind.TRAEFIK
CADDY, APACHE = BackendKind.CADDY, BackendKind.APACHE
_TRUSTED = networks("10.3.0.0/16", "10.2.0.0/16", "fd00::/8")
_SENDS = {
    ENVOY: tuple(ProxyAcceptance(each) for each in ("none", "v1", "v2")),
    CADDY: tuple(ProxyAcceptance(each) for each in ("none", "v1", "v2")),
    APACHE: (ProxyAcceptance.NONE,),
    TRAEFIK: (ProxyAcceptance.NONE,),
}
_READINGS: dict[BackendKind, tuple[Reading | None, ...]] = {
    ENVOY: (None, ByPosition(from_right=2), ByPosition(from_right=3)),
    TRAEFIK: (None, ByPosition(from_right=2), ByPosition(from_right=3)),
    CADDY: (ByHeader(header="X-Envoy-External-Address"),),
    APACHE: (
        None,
        ByHeader(header="X-Envoy-External-Address"),
        ByWalk(trusted=networks("10.1.16.0/20", "2001:db8::/32")),
    ),
}


def _everything(kind: BackendKind, first: int = 21000) -> Iterator[Listener]:
    """One listener for each combination that the plan can decide, all on own ports."""
    modes = (
        (BackendMode.HTTP, BackendMode.TCP) if kind is ENVOY else (BackendMode.HTTP,)
    )
    index = 0
    for mode, accept, probe, sends in product(
        modes, ProxyAcceptance, (None, http_get, tcp_socket), _SENDS[kind]
    ):
        yield listener(
            label=names.label("primary", "default", "web", f"port-{index}"),
            listen=first + index,
            mode=mode,
            accept=accept,
            trusted=() if accept is ProxyAcceptance.NONE else _TRUSTED,
            upstream=("127.0.0.1:80", "[::1]:80", "localhost:80")[index % 3],
            upstream_proxy_protocol=sends,
            probe=probe and probe(first + 400 + index),
        )
        index += 1
    for reading in _READINGS[kind]:
        yield behind_route(
            reading,
            label=names.label("primary", "default", "web", f"port-{index}"),
            listen=first + index,
            trusted=() if reading is None else _TRUSTED,
            probe=http_get(first + 400 + index),
        )
        index += 1


def _accept(kind: BackendKind, folder: Path, config: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"config.{kind}.yaml"
    path.write_text(config, encoding="utf-8")
    verdicts = {
        ENVOY: servers.envoy_verdict,
        CADDY: servers.caddy_verdict,
        APACHE: servers.apache_verdict,
    }
    verdict = verdicts[kind](path)

    assert verdict.accepted, verdict.output
    # Caddy tells here that a file is not as `caddy fmt` has it.
    assert '"level":"warn"' not in verdict.output


@pytest.mark.parametrize("kind", [ENVOY, CADDY, APACHE])
def test_every_combination_is_accepted(tmp_path: Path, kind: BackendKind) -> None:
    file = backend_file(kind, *_everything(kind), emit=Emit.COMPLETE)

    _accept(kind, tmp_path, text(file))


def test_fragments_of_two_services_load_in_one_apache(tmp_path: Path) -> None:
    whole = text(backend_file(APACHE, emit=Emit.COMPLETE))
    fragments = (
        text(backend_file(APACHE, listener(listen=port), name=name))
        for name, port in (("a", 21001), ("b", 21002))
    )

    _accept(APACHE, tmp_path, whole + "".join(fragments))


@pytest.mark.parametrize("kind", [ENVOY, CADDY, APACHE])
def test_hundreds_of_networks_may_be_trusted(tmp_path: Path, kind: BackendKind) -> None:
    many = networks(*(f"10.{index % 250}.{index // 250}.0/24" for index in range(600)))
    file = backend_file(kind, listener(trusted=many), emit=Emit.COMPLETE)

    _accept(kind, tmp_path, text(file))


@pytest.mark.parametrize("path", ["/", "/a%20b", "/x;y#z", "/ü😀", "/(x)", "/a?x=1"])
@pytest.mark.parametrize("kind", [ENVOY, CADDY, APACHE])
def test_a_probe_may_ask_for_any_path(
    tmp_path: Path, kind: BackendKind, path: str
) -> None:
    served = listener(probe=http_get(21009, path))

    _accept(kind, tmp_path, text(backend_file(kind, served, emit=Emit.COMPLETE)))


def test_traefik_takes_every_combination_without_a_word(tmp_path: Path) -> None:
    """It logs errors alone; a field that it does not know ends it."""
    # Below the kernel's range for connections of its own, and `free_port`'s.
    port, base = loopback.free_port(), 12000

    with applications.http_application() as application:
        asked = listener(
            label="asked", listen=port, upstream=f"127.0.0.1:{application.port}"
        )
        file = backend_file(TRAEFIK, asked, *_everything(TRAEFIK, base))
        with servers.backend(tmp_path, TRAEFIK, texts(file), ports=[port]) as program:
            loopback.eventually(lambda: loopback.request(port).status == 200)
            assert "" == program.log_text()
