"""Clients over IPv6 that a load balancer translates, at layer 4.

The balancer opens IPv4 connections and names the client in its header, which KubeLB's
Envoy, as rendered, passes on byte for byte to the backend, as rendered.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from tests.support import applications, loopback, proxy_protocol, servers

if TYPE_CHECKING:
    from pathlib import Path

BALANCER = "127.0.0.4"
CLIENT = "2001:db8::5"
_ENVOY = ("adminPort", "statsPort", "readyPort", "healthPort")
Spec = dict[str, Any]


def spec(kind: str, version: str, public: int, served: int, upstream: int) -> Spec:
    envoy = dict(zip(_ENVOY, loopback.free_ports(4), strict=True))
    backend = {"kind": kind, "mode": "http", "upstream": f"127.0.0.1:{upstream}"}
    port: Spec = {"name": "main", "port": public, "targetPort": served}
    port |= {"nodePort": served, "envoyPort": public, "backend": backend}
    service = {"name": "web", "namespace": "default", "selector": {"app": "web"}}
    tenant = {"name": "primary", "nodes": ["127.0.0.1"]}
    balancer = {"class": "proxying", "proxyProtocol": version}
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "loopback"},
        "spec": {
            "kubelb": {"version": "1.4.3"},
            "management": {
                "loadBalancer": balancer | {"ipFamilies": ["IPv4", "IPv6"]},
                "envoy": {"bind": "127.0.0.1", **envoy},
                "egressCIDRs": ["127.0.0.1/32"],
            },
            "tenants": [
                tenant
                | {"internalCIDRs": ["127.0.0.1/32"]}
                | {"services": [service | {"ports": [port]}]}
            ],
        },
    }


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_the_application_sees_the_translated_client(
    tmp_path: Path, kind: str, version: str
) -> None:
    public, served = loopback.free_ports(2)
    addresses = ((CLIENT, 1), ("2001:db8::80", 80))
    header = getattr(proxy_protocol, version)(*addresses)
    with applications.http_application() as app:
        data = spec(kind, version, public, served, app.port)
        fleet = kubelb_gen.from_data(data)
        over_ipv6 = next(
            path for path in kubelb_gen.trace(fleet) if path.source == "internet-ipv6"
        )
        files = {
            name.rpartition("/")[2]: each.text
            for name, each in kubelb_gen.render(fleet).items()
        }
        if kind == "haproxy":
            config = files["web.haproxy.cfg"]
            program = servers.haproxy(tmp_path / "backend", config, ports=[served])
        else:
            config = files["web.nginx.conf"]
            program = servers.nginx(tmp_path / "backend", http=[config], ports=[served])
        envoy = files["envoy-bootstrap.yaml"]
        with program, servers.envoy(tmp_path / "envoy", envoy, ports=[public]):
            loopback.eventually(
                lambda: (
                    loopback.request(public, source=BALANCER, before=header).status
                    == HTTPStatus.OK
                )
            )

    assert "preserved" == over_ipv6.verdict
    assert [(CLIENT,)] == [each.all("X-Forwarded-For") for each in app.requests]
