"""What HAProxy itself says about the configurations that are written for it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import BackendKind, BackendMode, Emit, ProxyAcceptance
from kubelb_gen.plan import ByHeader, ByPosition, names
from tests.support import servers
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    listener,
    networks,
    tcp_socket,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.plan import Listener

_HAPROXY = BackendKind.HAPROXY
_TRUSTED = networks("10.3.0.0/16", "10.2.0.0/16", "fd00::/8")
EMITS = pytest.mark.parametrize("emit", [Emit.COMPLETE, Emit.FRAGMENT])


def _label(index: int) -> str:
    return names.label("primary", "default", "my-tcp-service", f"port-{index}")


def _everything() -> Iterator[Listener]:
    """One listener for each combination that the plan can decide, all on own ports."""
    index = 0
    for mode, accept, probe, sends in product(
        (BackendMode.HTTP, BackendMode.TCP),
        ProxyAcceptance,
        (None, http_get, tcp_socket),
        (ProxyAcceptance.NONE, ProxyAcceptance.V1, ProxyAcceptance.V2),
    ):
        yield listener(
            label=_label(index),
            listen=21000 + index,
            mode=mode,
            accept=accept,
            trusted=() if accept is ProxyAcceptance.NONE else _TRUSTED,
            upstream_proxy_protocol=sends,
            probe=probe and probe(22000 + index),
        )
        index += 1
    for reading in (
        ByHeader(header="X-Envoy-External-Address"),
        ByPosition(from_right=3),
        None,
    ):
        yield behind_route(
            reading,
            label=_label(index),
            listen=21000 + index,
            trusted=() if reading is None else _TRUSTED,
            probe=http_get(22000 + index),
        )
        index += 1


def _accept(folder: Path, config: str) -> None:
    path = folder / "haproxy.cfg"
    path.write_text(config, encoding="utf-8")
    verdict = servers.haproxy_verdict(path)

    assert verdict.accepted, verdict.output


@EMITS
def test_every_combination_is_accepted_without_a_warning(
    tmp_path: Path, emit: Emit
) -> None:
    _accept(tmp_path, text(backend_file(_HAPROXY, *_everything(), emit=emit)))


@EMITS
def test_files_of_two_services_load_in_one_process(tmp_path: Path, emit: Emit) -> None:
    files = (
        backend_file(
            _HAPROXY,
            listener(label=names.label("t", *parts), listen=port),
            name=parts[1],
            emit=emit,
        )
        for parts, port in ((("a-b", "c"), 21001), (("a", "b-c"), 21002))
    )

    _accept(tmp_path, "".join(map(text, files)))


@EMITS
@pytest.mark.parametrize("mode", [BackendMode.HTTP, BackendMode.TCP])
def test_hundreds_of_networks_may_be_trusted(
    tmp_path: Path, emit: Emit, mode: BackendMode
) -> None:
    """One HAProxy line holds 64 words."""
    many = networks(*(f"10.{index % 250}.{index // 250}.0/24" for index in range(600)))

    served = listener(mode=mode, trusted=many)
    _accept(tmp_path, text(backend_file(_HAPROXY, served, emit=emit)))


def test_a_port_may_be_called_like_the_probe_of_another(tmp_path: Path) -> None:
    """HAProxy refuses two sections of one name."""
    http = names.label("primary", "default", "web", "http")
    other = names.label("primary", "default", "web", "http-probe")
    served = listener(label=http, probe=http_get(21009, "/healthz"))
    second = listener(label=other, listen=21010)

    _accept(tmp_path, text(backend_file(_HAPROXY, served, second, emit=Emit.COMPLETE)))


def test_where_nobody_is_trusted_everybody_is_refused(tmp_path: Path) -> None:
    written = text(backend_file(_HAPROXY, listener(trusted=()), emit=Emit.COMPLETE))

    assert "tcp-request connection reject\n" in written
    _accept(tmp_path, written)


@pytest.mark.parametrize(
    "path", ["/", "/a b", "/x;y{}#z", '/"q"', "/a%20b?x=1", "/\\d", "/ü😀", "/(x)"]
)
def test_a_probe_may_ask_for_any_path(tmp_path: Path, path: str) -> None:
    served = listener(probe=http_get(21009, path))
    _accept(tmp_path, text(backend_file(_HAPROXY, served, emit=Emit.COMPLETE)))
