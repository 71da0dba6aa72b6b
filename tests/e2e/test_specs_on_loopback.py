"""From a spec to what the application sees: rendered Envoy, rendered backend.

The machine is every node: Envoy dials 127.0.0.1 from 127.0.0.1, and the node port is
the port that the backend listens on.
"""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.edge_envoy import EDGE, OUTER_PROXY, edge_envoy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ENVOY = ("adminPort", "statsPort", "readyPort", "healthPort")
# Apache says 403, Traefik serves the attacker as the attacker.
_ANSWERING = ("apache", "traefik")
_PROGRAMS = pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("nginx", "http"),
        ("nginx", "stream"),
        ("haproxy", "http"),
        ("haproxy", "tcp"),
        ("envoy", "http"),
        ("envoy", "tcp"),
        ("traefik", "http"),
        ("caddy", "http"),
        ("apache", "http"),
    ],
)


def _spec(tenant: Mapping[str, object]) -> dict[str, Any]:
    envoy = dict(zip(_ENVOY, loopback.free_ports(4), strict=True))
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "loopback"},
        "spec": {
            "kubelb": {"version": "1.4.3", "edition": "CE"},
            "management": {
                "loadBalancer": {"provider": "metallb-bgp"},
                "envoy": {"bind": "127.0.0.1", **envoy},
                "egressCIDRs": ["127.0.0.1/32"],
                "podCIDRs": [f"{EDGE}/32"],
            },
            "tenants": [
                {
                    "name": "primary",
                    "nodes": ["127.0.0.1"],
                    "internalCIDRs": ["127.0.0.1/32"],
                    **tenant,
                }
            ],
        },
    }


def _service(
    public: int, served: int, backend: Mapping[str, object]
) -> dict[str, object]:
    port = {"name": "main", "port": public, "targetPort": served}
    port |= {"nodePort": served, "envoyPort": public}
    service = {"name": "web", "namespace": "default", "selector": {"app": "web"}}
    return {"services": [service | {"ports": [port | {"backend": backend}]}]}


def _gateway(
    public: int, served: int, backend: Mapping[str, object], proxies: int
) -> dict[str, object]:
    route = {"name": "web", "namespace": "default", **backend, "port": 80}
    route |= {"listen": served, "nodePort": served, "envoyPort": public}
    route |= {"route": {"kind": "HTTPRoute", "name": "web"}}
    gateway: dict[str, object] = {"name": "kubelb", "namespace": "default"}
    gateway["backends"] = [route]
    if proxies:
        trusted = {"count": proxies, "cidrs": [f"{OUTER_PROXY}/32"]}
        gateway["trustedProxies"] = trusted | {"onlyWayIn": True}
    return {"gateways": [gateway]}


@contextmanager
def _path(
    folder: Path,
    public: int,
    served: int,
    backend: Mapping[str, object],
    tenant: Mapping[str, object],
) -> Iterator[None]:
    """Everything of one backend, as rendered: Envoy on *public*, it on *served*."""
    fleet = kubelb_gen.from_data(_spec(tenant))
    files = {
        path.rpartition("/")[2]: artifact.text
        for path, artifact in kubelb_gen.render(fleet).items()
    }
    envoy = files["envoy-bootstrap.yaml"]
    if backend["kind"] != "nginx":
        own = {
            path.rpartition("/")[2]: artifact.text
            for path, artifact in kubelb_gen.render(fleet).items()
            if path.startswith("backends/")
        }
        kind = str(backend["kind"])
        program = servers.backend(folder / "backend", kind, own, ports=[served])
    else:
        raw = backend.get("mode") == "stream"
        fragment = [files["web.nginx.conf"]]
        program = servers.nginx(
            folder / "backend",
            ports=[served],
            http=[] if raw else fragment,
            stream=fragment if raw else [],
        )
    with program, servers.envoy(folder / "envoy", envoy, ports=[public]):
        yield


@_PROGRAMS
def test_the_application_sees_the_client_through_the_whole_path(
    tmp_path: Path, kind: str, mode: str
) -> None:
    public, served = loopback.free_ports(2)
    is_http = mode == "http"
    application = (
        applications.http_application() if is_http else applications.tcp_application()
    )

    with application as app:
        backend = {"kind": kind, "mode": mode, "upstream": f"127.0.0.1:{app.port}"}
        if kind == "apache":
            backend["emit"] = "complete"
        if not is_http:
            backend["upstreamProxyProtocol"] = "v1"
        service = _service(public, served, backend)
        with _path(tmp_path, public, served, backend, service):
            if isinstance(app, applications.HttpApplication):
                _ask(app, public)
            else:
                _talk(app, public)
            told = len(_seen(app))
            forged = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", served))
            if kind in _ANSWERING:
                loopback.request(served, source=loopback.ATTACKER, before=forged)
            else:
                with pytest.raises(ConnectionError):
                    loopback.request(served, source=loopback.ATTACKER, before=forged)
            # Traefik serves whoever really asks.
            assert [loopback.ATTACKER] * (kind == "traefik") == [
                each.header("X-Forwarded-For")
                for each in _seen(app)[told:]
                if isinstance(each, applications.Request)
            ]
            assert told + (kind == "traefik") == len(_seen(app))


def _ask(app: applications.HttpApplication, public: int) -> None:
    lies = [("X-Forwarded-For", "6.6.6.6"), ("X-Real-IP", "6.6.6.6")]
    _answered(public, loopback.CLIENT, lies)

    request = app.requests[-1]
    assert (loopback.CLIENT,) == request.all("X-Forwarded-For")
    assert (loopback.CLIENT,) == request.all("X-Real-IP")


def _talk(app: applications.TcpApplication, public: int) -> None:
    lie = proxy_protocol.v1(("6.6.6.6", 1), ("127.0.0.1", public))
    loopback.eventually(
        lambda: loopback.exchange(public, lie + b"HELLO", source=loopback.CLIENT)
    )
    header, rest = app.talk().split()

    assert header is not None
    assert header.source is not None
    assert loopback.CLIENT == header.source[0]
    # Whatever the client says itself is payload.
    assert lie + b"HELLO" == rest


def _seen(
    app: applications.HttpApplication | applications.TcpApplication,
) -> tuple[object, ...]:
    if isinstance(app, applications.HttpApplication):
        return tuple(app.requests)
    # Envoy's health checks come through where the backend needs no header.
    return tuple(each for each in app.connections if each.received)


@pytest.mark.parametrize(
    "kind", ["nginx", "haproxy", "envoy", "traefik", "caddy", "apache"]
)
@pytest.mark.parametrize("proxies", [0, 1], ids=["no proxy", "behind a proxy"])
def test_an_edge_in_front_changes_nothing_about_it(
    tmp_path: Path, kind: str, proxies: int
) -> None:
    """Clean and forged: what the client wrote stands left of what proxies wrote."""
    public, served = loopback.free_ports(2)
    source = OUTER_PROXY if proxies else loopback.CLIENT
    told = [loopback.CLIENT] * proxies
    cidrs = (f"{OUTER_PROXY}/32",) if proxies else ()

    with applications.http_application() as app:
        backend = {"kind": kind, "upstream": f"127.0.0.1:{app.port}"}
        if kind == "apache":
            backend["emit"] = "complete"
        gateway = _gateway(public, served, backend, proxies)
        with (
            _path(tmp_path, public, served, backend, gateway),
            edge_envoy(tmp_path / "edge", public, trusted_cidrs=cidrs) as edge,
        ):
            for written in (told, ["6.6.6.6", *told]):
                headers = [("X-Forwarded-For", ", ".join(written))] if written else []
                _answered(edge.port, source, headers)

    assert [loopback.CLIENT] * 2 == [
        _client_of(each, kind, proxies) for each in app.requests
    ]


def _client_of(request: applications.Request, kind: str, proxies: int) -> str | None:
    if kind != "traefik":
        return request.header("X-Forwarded-For")
    if not proxies:
        return request.header("X-Envoy-External-Address")
    # Where the comment in the dynamic file says: edge, KubeLB and proxy come after.
    entries = (request.header("X-Forwarded-For") or "").split(",")
    return entries[-4].strip()


def _answered(port: int, source: str, headers: list[tuple[str, str]]) -> None:
    # Until its first health check Envoy may say 503 by itself.
    loopback.eventually(
        lambda: (
            loopback.request(port, source=source, headers=headers).status
            == HTTPStatus.OK
        )
    )
