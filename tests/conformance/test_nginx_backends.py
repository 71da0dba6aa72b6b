"""What NGINX itself says about the configurations that are written for it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest

from kubelb_gen.model import (
    BackendKind,
    BackendMode,
    Emit,
    Protocol,
    ProxyAcceptance,
)
from kubelb_gen.plan import ByHeader, ByWalk, names
from tests.support import loopback, servers
from tests.support.estates import (
    backend_file,
    behind_route,
    http_get,
    listener,
    networks,
    tcp_socket,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen.plan import BackendFile, Listener

_NGINX = BackendKind.NGINX
_TRUSTED = networks("10.3.0.0/16", "10.2.0.0/16", "10.2.0.0/24", "fd00::/8")
# Names that a careless join would make equal.
_NAMES = (
    ("t", "a-b", "c", "main"),
    ("t", "a", "b-c", "main"),
    ("t", "a", "b", "c-main"),
    ("t", "a--b", "c", "main"),
    ("t", "a", "b--c", "main"),
    ("t-a", "b", "c", "main"),
    ("t", "a-b", "c"),
    ("t", "a", "b-c"),
    ("t" * 56, "n" * 63, "s" * 63, "main"),
    ("t" * 56, "n" * 63, "s" * 63, "other"),
    ("u" * 56, "n" * 63, "s" * 63, "main"),
)


def _label(index: int) -> str:
    return names.label("primary", "default", "my-tcp-service", f"port-{index}")


def _everything() -> Iterator[Listener]:
    """One listener for each combination that the plan can decide, all on own ports."""
    index = 0
    for mode, accept, probe, sends in product(
        (BackendMode.HTTP, BackendMode.STREAM),
        ProxyAcceptance,
        (None, http_get, tcp_socket),
        (ProxyAcceptance.NONE, ProxyAcceptance.V1),
    ):
        if mode.is_http and sends is not ProxyAcceptance.NONE:
            continue
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
        ByWalk(trusted=networks("10.1.16.0/20", "10.3.0.0/16")),
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


def _fragments(*served: Listener) -> tuple[list[str], list[str]]:
    """The texts of a file for each listener, for `http` and for `stream`."""
    http: list[str] = []
    stream: list[str] = []
    for each in served:
        for name, text in texts(backend_file(_NGINX, each)).items():
            raw = name == "web.nginx.conf" and not each.mode.is_http
            (stream if raw else http).append(text)
    return http, stream


def _accept(folder: Path, *served: Listener) -> None:
    http, stream = _fragments(*served)
    verdict = servers.nginx_verdict(
        servers.nginx_main(folder, http=http, stream=stream)
    )

    assert verdict.accepted, verdict.output
    assert "[warn]" not in verdict.output


def test_every_combination_loads_without_a_warning(tmp_path: Path) -> None:
    everything = tuple(_everything())

    # Few at a time: the hash of variables is crowded by ten or so (see below).
    for start in range(0, len(everything), 4):
        _accept(tmp_path / str(start), *everything[start : start + 4])


@pytest.mark.parametrize("mode", [BackendMode.HTTP, BackendMode.STREAM])
def test_a_whole_file_with_many_ports_loads_without_a_warning(
    tmp_path: Path, mode: BackendMode
) -> None:
    many = (
        listener(label=_label(index), listen=21000 + index, mode=mode)
        for index in range(30)
    )
    _accept_whole(tmp_path, backend_file(_NGINX, *many, emit=Emit.COMPLETE))


@pytest.mark.parametrize("mode", [BackendMode.HTTP, BackendMode.STREAM])
def test_names_that_look_alike_load_side_by_side(
    tmp_path: Path, mode: BackendMode
) -> None:
    _accept(
        tmp_path,
        *(
            listener(
                label=names.label(*parts),
                listen=21000 + index,
                mode=mode,
                probe=http_get(22000 + index),
            )
            for index, parts in enumerate(_NAMES)
        ),
    )


@pytest.mark.parametrize("mode", [BackendMode.HTTP, BackendMode.STREAM])
def test_hundreds_of_networks_may_be_trusted(tmp_path: Path, mode: BackendMode) -> None:
    many = networks(*(f"10.{index % 250}.{index // 250}.0/24" for index in range(600)))

    _accept(tmp_path, listener(mode=mode, trusted=many))


def test_where_nobody_is_trusted_nothing_is_read(tmp_path: Path) -> None:
    """Without `set_real_ip_from`, `real_ip_header` would only look like a setting."""
    served = listener(trusted=())
    http, _ = _fragments(served)

    assert "real_ip_header" not in http[0]
    _accept(tmp_path, served)


def test_fragments_of_both_modules_load_side_by_side(tmp_path: Path) -> None:
    written = texts(_mixed(Emit.FRAGMENT))

    assert {
        "web.nginx.conf",
        "web.nginx-stream.conf",
        "web.nginx-probe.conf",
    } == set(written)
    verdict = servers.nginx_verdict(
        servers.nginx_main(
            tmp_path,
            http=[written["web.nginx.conf"], written["web.nginx-probe.conf"]],
            stream=[written["web.nginx-stream.conf"]],
        )
    )
    assert verdict.accepted, verdict.output
    assert "[warn]" not in verdict.output


def test_a_whole_file_holds_both_modules(tmp_path: Path) -> None:
    _accept_whole(tmp_path, _mixed(Emit.COMPLETE))


def _mixed(emit: Emit) -> BackendFile:
    http = listener(label=_label(1), listen=21001, probe=tcp_socket(22001))
    stream = listener(
        label=_label(2), listen=21002, mode=BackendMode.STREAM, probe=http_get(22002)
    )
    return backend_file(_NGINX, http, stream, emit=emit)


def _accept_whole(folder: Path, file: BackendFile) -> None:
    (written,) = texts(file).values()
    main = folder / "nginx.conf"
    # Where the wheel's NGINX keeps its files belongs to nobody here.
    paths = "http {\n    access_log off;\n    client_body_temp_path tmp;\n"
    own = "pid nginx.pid;\n"
    main.write_text(own + written.replace("http {\n", paths), encoding="utf-8")
    verdict = servers.nginx_verdict(main)

    assert verdict.accepted, verdict.output
    assert "[warn]" not in verdict.output


@pytest.mark.parametrize(
    "path", ["/", "/a b", "/x;y{}#z", '/"q"', "/it's", "/a%20b?x=1", "/\\d", "/ü😀"]
)
def test_a_probe_may_ask_for_any_path(tmp_path: Path, path: str) -> None:
    _accept(tmp_path, listener(probe=http_get(loopback.free_port(), path)))


def test_tcp_and_udp_of_one_number_load_side_by_side(tmp_path: Path) -> None:
    tcp = listener(label=_label(1), listen=21053, mode=BackendMode.STREAM)
    udp = replace(
        tcp,
        label=_label(2),
        protocol=Protocol.UDP,
        accept=ProxyAcceptance.NONE,
        trusted=(),
    )

    _accept(tmp_path, tcp, udp)
