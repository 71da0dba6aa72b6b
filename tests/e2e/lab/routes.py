"""Backends behind a route, by how they read the request headers."""

from __future__ import annotations

from tests.e2e.lab import topology
from tests.e2e.lab.cells import SERVICE_IP, V4, Data, Route
from tests.e2e.lab.subjects import (
    APACHE,
    CADDY,
    ENVOY_HTTP,
    HAPROXY_HTTP,
    NGINX_HTTP,
    TRAEFIK,
)


def _reads(**how: object) -> Data:
    return {"kind": "other", "reads": {"header": "X-Forwarded-For", **how}}


_CALLED = (V4, SERVICE_IP)
_LATER = (ENVOY_HTTP, TRAEFIK, CADDY, APACHE)
LATER = tuple(Route(name=each["kind"], backend=each) for each in _LATER)
LATER_CALLED = tuple(
    Route(name=each["kind"], backend=each, flows=_CALLED) for each in _LATER
)
ROUTES = (
    Route(name="nginx", backend=NGINX_HTTP, flows=_CALLED),
    Route(name="haproxy", backend=HAPROXY_HTTP, flows=_CALLED),
    *(
        Route(
            name=f"other-{place}-from-right",
            backend=_reads(fromRight=place),
            flows=_CALLED,
        )
        for place in (1, 2, 3)
    ),
    Route(name="other-first", backend=_reads(first=True), flows=_CALLED),
    Route(name="other-walk", backend=_reads(cidrs=["10.1.16.0/20"])),
    Route(name="other-narrow-walk", backend=_reads(cidrs=["10.2.0.0/16"])),
    Route(
        name="other-external-address",
        backend=_reads(header="X-Envoy-External-Address", fromRight=1),
    ),
    Route(name="other-real-ip", backend=_reads(header="X-Real-IP", fromRight=1)),
    Route(
        name="other-peer",
        backend={"kind": "other", "reads": {"peer": True}},
        flows=_CALLED,
    ),
)
BEHIND_A_CDN = (
    Route(
        name="other-walk",
        backend=_reads(cidrs=["10.1.16.0/20", topology.OUTER_PROXIES]),
    ),
    *(
        route
        for route in ROUTES
        if route.name
        in {
            "haproxy",
            "other-2-from-right",
            "other-3-from-right",
            "other-first",
            "other-external-address",
        }
    ),
)


BEHIND_A_BALANCER = (
    Route(
        name="other-walk",
        backend=_reads(cidrs=["10.1.16.0/20", topology.LOAD_BALANCER + "/32"]),
    ),
    *BEHIND_A_CDN[1:],
)
