"""Behind ingress-nginx: rendered values, rendered Envoy, rendered backend.

The edge is a real NGINX with the directives that the controller makes of the values.
Each request comes clean and with a lie, and the application is told the client alike.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import kubelb_gen
from tests.support import applications, loopback, proxy_protocol, servers
from tests.support.edge_envoy import EDGE, OUTER_PROXY
from tests.support.edge_nginx import edge_nginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BALANCER = "127.0.0.4"
LIE = "6.6.6.6"
CIDRS = {"count": 1, "cidrs": [f"{OUTER_PROXY}/32"]}
COUNTED = {"count": 1, "onlyWayIn": True}
SENDING = {"class": "proxying", "proxyProtocol": "v2"}
PASSING = {"provider": "metallb-bgp"}
_ENVOY = ("adminPort", "statsPort", "readyPort", "healthPort")

Spec = dict[str, Any]


def spec(
    kind: str, ports: tuple[int, int, int], balancer: Spec, proxies: Spec | None
) -> Spec:
    public, served, upstream = ports
    envoy = dict(zip(_ENVOY, loopback.free_ports(4), strict=True))
    web: Spec = {"name": "web", "namespace": "default", "kind": kind, "port": 80}
    web |= {"listen": served, "nodePort": served, "envoyPort": public}
    ingress: Spec = {"name": "shop", "namespace": "default"}
    ingress |= {"backends": [web | {"upstream": f"127.0.0.1:{upstream}"}]}
    if proxies is not None:
        ingress["trustedProxies"] = proxies
    tenant: Spec = {"name": "primary", "nodes": ["127.0.0.1"], "ingresses": [ingress]}
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": "loopback"},
        "spec": {
            "kubelb": {"version": "1.4.3"},
            "management": {
                "loadBalancer": balancer,
                "edges": [{"name": "nginx", "kind": "ingress-nginx"}],
                "envoy": {"bind": "127.0.0.1", **envoy},
                "egressCIDRs": ["127.0.0.1/32"],
                "podCIDRs": [f"{EDGE}/32"],
            },
            "tenants": [tenant | {"internalCIDRs": ["127.0.0.1/32"]}],
        },
    }


@contextmanager
def path(
    folder: Path, kind: str, balancer: Spec, proxies: Spec | None
) -> Iterator[tuple[int, applications.HttpApplication]]:
    """The port of the edge, and the application at the other end."""
    public, served = loopback.free_ports(2)
    with ExitStack() as stack:
        app = stack.enter_context(applications.http_application())
        data = spec(kind, (public, served, app.port), balancer, proxies)
        files = {
            name.rpartition("/")[2]: each.text
            for name, each in kubelb_gen.render(kubelb_gen.from_data(data)).items()
        }
        if kind == "nginx":
            fragment = files["web.nginx.conf"]
            program = servers.nginx(folder / "backend", http=[fragment], ports=[served])
        else:
            own = {
                name: text
                for name, text in files.items()
                if name.startswith("web.") and "configmap" not in name
            }
            program = servers.backend(folder / "backend", kind, own, ports=[served])
        stack.enter_context(program)
        envoy = files["envoy-bootstrap.yaml"]
        stack.enter_context(servers.envoy(folder / "envoy", envoy, ports=[public]))
        values = yaml.safe_load(files["nginx.ingress-nginx-values.yaml"])
        config = values["controller"]["config"]
        edge = stack.enter_context(edge_nginx(folder / "edge", public, config))
        yield edge.port, app


def answered(port: int, source: str, forwarded: list[str], before: bytes = b"") -> None:
    headers = [("X-Forwarded-For", ", ".join(forwarded))] if forwarded else []
    headers += [("X-Real-IP", LIE), ("X-Envoy-External-Address", LIE)]
    # Until its first health check Envoy may say 503 by itself.
    loopback.eventually(
        lambda: (
            loopback.request(port, source=source, headers=headers, before=before).status
            == HTTPStatus.OK
        )
    )


def told(app: applications.HttpApplication) -> list[tuple[tuple[str, ...], ...]]:
    return [
        (each.all("X-Forwarded-For"), each.all("X-Real-IP")) for each in app.requests
    ]


KINDS = pytest.mark.parametrize("kind", ["nginx", "haproxy", "envoy", "caddy"])


@KINDS
def test_without_proxies_the_peer_is_the_client(tmp_path: Path, kind: str) -> None:
    with path(tmp_path, kind, PASSING, None) as (port, app):
        for forwarded in ([], [LIE], [LIE, EDGE]):
            answered(port, loopback.CLIENT, forwarded)

    assert [((loopback.CLIENT,), (loopback.CLIENT,))] * 3 == told(app)


@KINDS
def test_a_client_over_ipv6_is_named_by_the_balancers_header(
    tmp_path: Path, kind: str
) -> None:
    header = proxy_protocol.v2(("2001:db8::5", 1), ("2001:db8::80", 80))
    with path(tmp_path, kind, SENDING, None) as (port, app):
        for forwarded in ([], ["2001:db8::666"]):
            answered(port, BALANCER, forwarded, header)

    assert [(("2001:db8::5",), ("2001:db8::5",))] * 2 == told(app)


@KINDS
def test_a_proxy_with_known_ranges_is_passed_over_and_cannot_be_walked_around(
    tmp_path: Path, kind: str
) -> None:
    with path(tmp_path, kind, PASSING, CIDRS) as (port, app):
        for forwarded in ([loopback.CLIENT], [LIE, loopback.CLIENT]):
            answered(port, OUTER_PROXY, forwarded)
        answered(port, loopback.ATTACKER, [LIE, loopback.CLIENT])

    seen = [loopback.CLIENT, loopback.CLIENT, loopback.ATTACKER]
    assert [((each,), (each,)) for each in seen] == told(app)


def test_a_proxy_without_ranges_is_counted_by_the_backend(tmp_path: Path) -> None:
    """NGINX cannot count, so that this is HAProxy alone."""
    with path(tmp_path, "haproxy", PASSING, COUNTED) as (port, app):
        for forwarded in ([loopback.CLIENT], [LIE, loopback.CLIENT]):
            answered(port, OUTER_PROXY, forwarded)

    assert [((loopback.CLIENT,), (loopback.CLIENT,))] * 2 == told(app)


@KINDS
def test_the_balancers_proxy_header_names_the_client(tmp_path: Path, kind: str) -> None:
    header = proxy_protocol.v2((loopback.CLIENT, 1), ("127.0.0.1", 80))
    with path(tmp_path, kind, SENDING, None) as (port, app):
        for forwarded in ([], [LIE], [LIE, EDGE]):
            answered(port, BALANCER, forwarded, header)

    assert [((loopback.CLIENT,), (loopback.CLIENT,))] * 3 == told(app)


@pytest.mark.parametrize(
    ("kind", "proxies"),
    [
        ("nginx", CIDRS),
        ("caddy", CIDRS),
        ("haproxy", CIDRS | {"onlyWayIn": True}),
        ("haproxy", COUNTED),
        ("envoy", COUNTED),
    ],
)
def test_behind_a_proxy_and_a_proxy_header_the_backend_looks_past_both(
    tmp_path: Path, kind: str, proxies: Spec
) -> None:
    header = proxy_protocol.v2((OUTER_PROXY, 1), ("127.0.0.1", 80))
    with path(tmp_path, kind, SENDING, proxies) as (port, app):
        for forwarded in ([loopback.CLIENT], [LIE, loopback.CLIENT]):
            answered(port, BALANCER, forwarded, header)

    assert [((loopback.CLIENT,), (loopback.CLIENT,))] * 2 == told(app)


def test_a_request_without_the_header_gets_no_answer(tmp_path: Path) -> None:
    with (
        path(tmp_path, "nginx", SENDING, None) as (port, app),
        pytest.raises(ConnectionError),
    ):
        loopback.request(port, source=loopback.ATTACKER)

    assert [] == app.requests
