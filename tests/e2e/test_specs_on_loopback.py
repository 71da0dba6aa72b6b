"""From a spec to what the application sees: rendered Envoy, rendered backend.

The machine is every node: Envoy dials 127.0.0.1 from 127.0.0.1, and the node port is
the port that the backend listens on.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from tests.support import applications, loopback, proxy_protocol, servers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ENVOY = ("adminPort", "statsPort", "readyPort", "healthPort")
_PROGRAMS = pytest.mark.parametrize(
    ("kind", "mode"),
    [("nginx", "http"), ("nginx", "stream"), ("haproxy", "http"), ("haproxy", "tcp")],
)


def _spec(public: int, served: int, backend: Mapping[str, object]) -> dict[str, Any]:
    envoy = dict(zip(_ENVOY, loopback.free_ports(4), strict=True))
    port = {"name": "main", "port": public, "targetPort": served}
    port |= {"nodePort": served, "envoyPort": public}
    service = {"name": "web", "namespace": "default", "selector": {"app": "web"}}
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
            },
            "tenants": [
                {
                    "name": "primary",
                    "nodes": ["127.0.0.1"],
                    "services": [service | {"ports": [port | {"backend": backend}]}],
                }
            ],
        },
    }


@contextmanager
def _path(folder: Path, public: int, backend: Mapping[str, object]) -> Iterator[int]:
    """Everything of one service; gives the port of the backend."""
    served = loopback.free_port()
    fleet = kubelb_gen.from_data(_spec(public, served, backend))
    files = {
        path.rpartition("/")[2]: artifact.text
        for path, artifact in kubelb_gen.render(fleet).items()
    }
    envoy = files["envoy-bootstrap.yaml"]
    if backend["kind"] == "haproxy":
        config = files["web.haproxy.cfg"]
        program = servers.haproxy(folder / "backend", config, ports=[served])
    else:
        raw = backend["mode"] == "stream"
        fragment = [files["web.nginx.conf"]]
        program = servers.nginx(
            folder / "backend",
            ports=[served],
            http=[] if raw else fragment,
            stream=fragment if raw else [],
        )
    with program, servers.envoy(folder / "envoy", envoy, ports=[public]):
        yield served


@_PROGRAMS
def test_the_application_sees_the_client_through_the_whole_path(
    tmp_path: Path, kind: str, mode: str
) -> None:
    public = loopback.free_port()
    is_http = mode == "http"
    application = (
        applications.http_application() if is_http else applications.tcp_application()
    )

    with application as app:
        backend = {"kind": kind, "mode": mode, "upstream": f"127.0.0.1:{app.port}"}
        if not is_http:
            backend["upstreamProxyProtocol"] = "v1"
        with _path(tmp_path, public, backend) as served:
            if isinstance(app, applications.HttpApplication):
                _ask(app, public)
            else:
                _talk(app, public)
            before = len(_seen(app))
            forged = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", served))
            with pytest.raises(ConnectionError):
                loopback.request(served, source=loopback.ATTACKER, before=forged)
            assert before == len(_seen(app))


def _ask(app: applications.HttpApplication, public: int) -> None:
    lies = [("X-Forwarded-For", "6.6.6.6"), ("X-Real-IP", "6.6.6.6")]
    answer = loopback.eventually(
        lambda: loopback.request(public, source=loopback.CLIENT, headers=lies)
    )

    assert 200 == answer.status
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
