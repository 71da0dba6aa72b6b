"""Every set-up of the laboratory, with the subjects that it is worth running on."""

from __future__ import annotations

from typing import Any

from tests.e2e.lab import topology
from tests.e2e.lab.cells import V4, V6, VIP, Edge, Route, Subject, World
from tests.e2e.lab.routes import (
    BEHIND_A_BALANCER,
    BEHIND_A_CDN,
    LATER,
    LATER_CALLED,
    ROUTES,
)
from tests.e2e.lab.subjects import (
    CALLERS,
    HAPROXY_TCP,
    NGINX_HTTP,
    PITFALLS,
    UDP_PORTS,
    all_backends,
    later_backends,
    other,
)

_BOTH = ("v2", "none")
_CILIUM = {
    "version": "1.20",
    "mode": "dsr",
    "routing": "native",
    "nativeRoutingCIDR": "10.0.0.0/8",
    "podRoutes": "same-l2",
    "apiServer": {"host": "10.1.0.10", "port": 6443},
}
_V6 = {"ipFamilies": ["IPv4", "IPv6"]}
_CDN = {"count": 1, "cidrs": [topology.OUTER_PROXIES]}
_BALANCER = {"count": 1, "cidrs": [topology.LOAD_BALANCER + "/32"]}


def _ingress(*routes: Route, **settings: Any) -> Edge:  # noqa: ANN401
    later = () if len(routes) == 1 else LATER
    return Edge(kind="ingress-nginx", routes=(*routes, *later), **settings)


WORLDS = (
    World(
        name="passing",
        balancer={"class": "passThrough"},
        front="pass",
        subjects=(
            *all_backends("Local", "Cluster", annotations=_BOTH),
            *later_backends("Local", "Cluster", annotations=_BOTH),
            *PITFALLS,
        ),
    ),
    World(
        name="announced",
        balancer={"provider": "metallb-bgp"},
        front="pass",
        subjects=(*CALLERS, *UDP_PORTS),
    ),
    World(
        name="dsr",
        balancer={"provider": "cilium-bgp"},
        front="dsr",
        dataplane={"cilium": _CILIUM},
        subjects=(
            *all_backends("Cluster", annotations=_BOTH),
            *later_backends("Cluster", annotations=("v2",)),
        ),
    ),
    World(
        name="replacing",
        balancer={"class": "proxying", "proxyProtocol": "none"},
        front="snat",
        subjects=(
            *all_backends("Local", "Cluster", annotations=_BOTH),
            *later_backends("Local", annotations=("v2",)),
            UDP_PORTS[1],
        ),
    ),
    World(
        name="proxying",
        balancer={"class": "proxying", "proxyProtocol": "none"},
        front="proxy",
        subjects=tuple(all_backends("Local", annotations=_BOTH)),
    ),
    *(
        World(
            name=f"proxying-{version}",
            balancer={"class": "proxying", "proxyProtocol": version},
            front="proxy",
            sends=version,
            subjects=(
                *all_backends("Local", "Cluster", wanting="always", annotations=_BOTH),
                *later_backends("Local", annotations=_BOTH),
            ),
        )
        for version in ("v1", "v2")
    ),
    World(
        name="passing-and-sending",
        balancer={"class": "passThrough", "proxyProtocol": "v2"},
        front="proxy",
        sends="v2",
        subjects=tuple(all_backends("Local", wanting="always", annotations=("none",))),
    ),
    World(
        name="known-by-name",
        balancer={"provider": "aws-nlb-instance"},
        front="pass",
        by_name=True,
        subjects=tuple(
            Subject(name=name, backend=backend, flows=(V4, VIP))
            for name, backend in (
                ("nginx-http", NGINX_HTTP),
                ("other", other("required")),
            )
        ),
    ),
    World(
        name="passing-ipv6",
        balancer={"class": "passThrough", **_V6},
        front="pass",
        subjects=(
            Subject(name="nginx-http", backend=NGINX_HTTP, flows=(V4, V6)),
            Subject(name="haproxy-tcp", backend=HAPROXY_TCP, flows=(V6,)),
        ),
    ),
    World(
        name="proxying-ipv6",
        balancer={"class": "proxying", "proxyProtocol": "v2", **_V6},
        front="proxy",
        sends="v2",
        subjects=(
            Subject(name="nginx-http", backend=NGINX_HTTP, flows=(V4, V6)),
            Subject(name="haproxy-tcp", backend=HAPROXY_TCP, flows=(V6,)),
            *later_backends("Local", annotations=("none",), flows=(V6,)),
        ),
    ),
    World(
        name="edge",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(routes=(*ROUTES, *LATER_CALLED)),
    ),
    World(
        name="edge-cluster",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(routes=ROUTES[:3], policy="Cluster"),
    ),
    World(
        name="edge-proxying",
        balancer={"class": "proxying", "proxyProtocol": "none"},
        front="proxy",
        edge=Edge(routes=ROUTES[:3]),
    ),
    World(
        name="edge-proxying-v2",
        balancer={"class": "proxying", "proxyProtocol": "v2"},
        front="proxy",
        sends="v2",
        edge=Edge(routes=(*ROUTES[:4], *LATER)),
    ),
    World(
        name="edge-behind-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(
            routes=(ROUTES[0], *BEHIND_A_CDN, *LATER),
            trusted_proxies={**_CDN, "onlyWayIn": True},
        ),
    ),
    World(
        name="edge-beside-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(routes=(ROUTES[0], *BEHIND_A_CDN, *LATER), trusted_proxies=_CDN),
    ),
    World(
        name="edge-counted-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(
            # NGINX, Caddy and Apache walk by address, and have none to walk past.
            routes=(ROUTES[0], *BEHIND_A_CDN, *LATER),
            trusted_proxies={"count": 1, "onlyWayIn": True},
        ),
    ),
    *(
        World(
            name=f"edge-{name}-http-balancer",
            balancer={"class": "proxying", "proxyProtocol": "none"},
            front="proxy-http",
            edge=Edge(
                routes=(ROUTES[0], *BEHIND_A_BALANCER),
                trusted_proxies={**_BALANCER, "onlyWayIn": only},
            ),
        )
        for name, only in (("behind", True), ("beside", False))
    ),
    World(
        name="edge-ipv6",
        balancer={"class": "passThrough", **_V6},
        front="pass",
        edge=Edge(
            routes=tuple(
                Route(name=route.name, backend=route.backend, flows=(V4, V6))
                for route in (*ROUTES[:2], *LATER)
            )
        ),
    ),
    World(
        name="ingress",
        balancer={"class": "passThrough"},
        front="pass",
        edge=_ingress(*ROUTES),
    ),
    World(
        name="ingress-cluster",
        balancer={"class": "passThrough"},
        front="pass",
        edge=_ingress(*ROUTES[:4], policy="Cluster"),
    ),
    World(
        name="ingress-proxying-v2",
        balancer={"class": "proxying", "proxyProtocol": "v2"},
        front="proxy",
        sends="v2",
        edge=_ingress(*ROUTES[:4]),
    ),
    World(
        name="ingress-behind-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=_ingress(
            *BEHIND_A_CDN, ROUTES[0], trusted_proxies={**_CDN, "onlyWayIn": True}
        ),
    ),
    World(
        name="ingress-beside-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=_ingress(*BEHIND_A_CDN, ROUTES[0], trusted_proxies=_CDN),
    ),
    World(
        name="ingress-counted-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=_ingress(
            *BEHIND_A_CDN, ROUTES[0], trusted_proxies={"count": 1, "onlyWayIn": True}
        ),
    ),
    World(
        name="ingress-ipv6",
        balancer={"class": "passThrough", **_V6},
        front="pass",
        edge=_ingress(Route(name="nginx", backend=NGINX_HTTP, flows=(V4, V6))),
    ),
)
