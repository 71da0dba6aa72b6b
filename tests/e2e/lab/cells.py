"""The table of the laboratory: every set-up and every flow that is sent through it.

A world is what a management cluster has in front of it; a subject is one port of one
tenant Service there, or one backend behind a route; a cell is one flow to a subject.
Nothing here says what comes out: that is for the path model to predict and for the
wire to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from tests.e2e.lab import topology

Data = Mapping[str, Any]

V4, V6 = "internet-ipv4", "internet-ipv6"
SERVICE_IP, VIP = "cluster-service-ip", "cluster-vip"
KUBELET, HEALTH = "kubelet", "health-check"

# Where the applications behind the backends' `upstream` listen, in the pod.
HTTP, TCP, UDP = 8080, 9000, 9001
_HTTP, _TCP = {"upstream": f"127.0.0.1:{HTTP}"}, {"upstream": f"127.0.0.1:{TCP}"}

NGINX_HTTP: Data = {"kind": "nginx", "mode": "http", **_HTTP}
NGINX_STREAM: Data = {"kind": "nginx", "mode": "stream", **_TCP}
HAPROXY_HTTP: Data = {"kind": "haproxy", "mode": "http", **_HTTP}
# HAProxy tells whom it takes for the client only to who asks for a header.
HAPROXY_TCP: Data = {
    "kind": "haproxy",
    "mode": "tcp",
    "upstreamProxyProtocol": "v2",
    **_TCP,
}
_PROGRAMS = {
    "nginx-http": NGINX_HTTP,
    "nginx-stream": NGINX_STREAM,
    "haproxy-http": HAPROXY_HTTP,
    "haproxy-tcp": HAPROXY_TCP,
}


def other(proxy_protocol: str) -> Data:
    """A program that we do not write, which wants PROXY or not."""
    return {"kind": "other", "proxyProtocol": proxy_protocol}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One port of a Service; *pins* are fields of the Service."""

    name: str
    backend: Data
    policy: str | None = None
    annotation: str | None = None
    protocol: str = "TCP"
    plain: bool = False
    node_down: bool = False
    flows: tuple[str, ...] = (V4,)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One backend behind a route of the world's only Gateway."""

    name: str
    backend: Data
    flows: tuple[str, ...] = (V4,)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The world's edge: how its Service is reached, and who stands in front of it."""

    routes: tuple[Route, ...]
    policy: str | None = None
    trusted_proxies: Data | None = None

    @property
    def first_port(self) -> int:
        if (self.trusted_proxies or {}).get("onlyWayIn"):
            return topology.EDGE_CLOSED
        return {"Cluster": topology.EDGE_CLUSTER}.get(
            self.policy or "Local", topology.EDGE_LOCAL
        )


@dataclass(frozen=True, kw_only=True)
class World:
    """A management cluster: the load balancer in the spec, and what it does here.

    *front* is `pass`, `dsr`, `snat`, `proxy` or `proxy-http`; *sends* the PROXY version
    of the proxying one, which over HTTP appends to X-Forwarded-For.  *by_name* tells
    that tenant clusters know the load balancer by a host name alone.
    """

    name: str
    balancer: Data
    front: str
    sends: str | None = None
    by_name: bool = False
    dataplane: Data | None = None
    subjects: tuple[Subject, ...] = ()
    edge: Edge | None = None

    def cells(self) -> Iterator[Cell]:
        """Every flow through this world."""
        routes = self.edge.routes if self.edge else ()
        subjects: tuple[Subject | Route, ...] = (*self.subjects, *routes)
        for index, subject in enumerate(subjects):
            for flow in subject.flows:
                yield Cell(world=self, subject=subject, flow=flow, index=index)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One flow to one subject of one world."""

    world: World
    subject: Subject | Route
    flow: str
    index: int = field(compare=False)

    @property
    def name(self) -> str:
        name = f"{self.world.name}/{self.subject.name}"
        return name if self.flow == V4 else f"{name}/{self.flow}"


def _product(
    *policies: str, wanting: str = "required", annotations: tuple[str, ...]
) -> Iterator[Subject]:
    """Every kind of backend under every policy, with and without the annotation."""
    for policy, annotation in product(policies, annotations):
        end = f"{policy.lower()}-{'on' if annotation == 'v2' else 'off'}"
        told = annotation == "v2" or wanting == "always"
        programs = {**_PROGRAMS, "other": other("required" if told else "none")}
        for name, backend in programs.items():
            yield Subject(
                name=f"{name}-{end}",
                backend=backend,
                policy=policy,
                annotation=annotation,
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

# What goes wrong when one end expects what the other does not do.
_PITFALLS = (
    *(
        Subject(
            name=f"{name}-unexpected",
            backend={**backend, "acceptProxyProtocol": "none"},
            policy="Local",
            annotation="v2",
        )
        for name, backend in _PROGRAMS.items()
    ),
    Subject(
        name="other-unexpected",
        backend=other("none"),
        policy="Local",
        annotation="v2",
    ),
    *(
        Subject(
            name=f"{name}-in-vain",
            backend={**backend, "acceptProxyProtocol": "v2"},
            policy="Local",
            annotation="none",
        )
        for name, backend in _PROGRAMS.items()
    ),
    Subject(
        name="other-in-vain",
        backend=other("required"),
        policy="Local",
        annotation="none",
    ),
    Subject(
        name="other-takes-both-on",
        backend=other("accepted"),
        policy="Local",
        annotation="v2",
    ),
    Subject(
        name="other-takes-both-off",
        backend=other("accepted"),
        policy="Local",
        annotation="none",
    ),
    *(
        Subject(
            name=f"{name}-wrong-trust",
            backend={**backend, "trustedCIDRs": ["172.16.0.0/12"]},
            policy="Local",
            annotation="v2",
        )
        for name, backend in _PROGRAMS.items()
    ),
    *(
        Subject(
            name=f"{name}-pinned-to-v1",
            backend={**backend, "acceptProxyProtocol": "v1"},
            policy="Local",
            annotation="v2",
        )
        for name, backend in _PROGRAMS.items()
    ),
    Subject(
        name="nginx-stream-telling",
        backend={**NGINX_STREAM, "upstreamProxyProtocol": "v1"},
        policy="Local",
        annotation="v2",
    ),
    Subject(
        name="other-wrong-trust",
        backend={**other("accepted"), "trustedCIDRs": ["172.16.0.0/12"]},
        policy="Local",
        annotation="v2",
    ),
    # The egress range alone, where the tenant's nodes are the peers.
    Subject(
        name="nginx-http-narrow-trust",
        backend={**NGINX_HTTP, "trustedCIDRs": ["10.3.0.0/16"]},
        policy="Cluster",
        annotation="v2",
    ),
)

_CALLERS = (
    *(
        Subject(name=f"{name}-called", backend=backend, flows=(SERVICE_IP, VIP))
        for name, backend in {**_PROGRAMS, "other": other("required")}.items()
    ),
    *(
        Subject(
            name=f"{name}-called-{end}",
            backend=backend,
            policy=policy,
            annotation=annotation,
            flows=(SERVICE_IP, VIP),
        )
        for name, backend in {
            "nginx-http": NGINX_HTTP,
            "haproxy-tcp": HAPROXY_TCP,
            "other": other("none"),
        }.items()
        for end, policy, annotation in (
            ("unannotated", "Local", "none"),
            ("under-cluster", "Cluster", "none"),
        )
    ),
    Subject(
        name="nginx-http-plain", backend=NGINX_HTTP, plain=True, flows=(SERVICE_IP,)
    ),
    Subject(
        name="haproxy-tcp-plain", backend=HAPROXY_TCP, plain=True, flows=(SERVICE_IP,)
    ),
    Subject(
        name="other-takes-both-called",
        backend=other("accepted"),
        flows=(SERVICE_IP,),
    ),
    Subject(
        name="other-trusting-called",
        backend={**other("accepted"), "trustedCIDRs": ["10.3.0.0/16"]},
        flows=(V4, SERVICE_IP),
    ),
    Subject(
        name="nginx-http-probed",
        backend={
            **NGINX_HTTP,
            "probe": {"type": "httpGet", "port": 18081, "path": "/healthz"},
        },
        flows=(KUBELET, HEALTH),
    ),
    Subject(
        name="haproxy-http-probed",
        backend={
            **HAPROXY_HTTP,
            "probe": {"type": "httpGet", "port": 18082, "path": "/healthz"},
        },
        flows=(KUBELET, HEALTH),
    ),
    Subject(
        name="nginx-stream-probed",
        backend={**NGINX_STREAM, "probe": {"type": "tcpSocket"}},
        flows=(KUBELET, HEALTH),
    ),
    Subject(
        name="nginx-http-probed-on-its-port",
        backend={**NGINX_HTTP, "probe": {"type": "httpGet", "path": "/healthz"}},
        flows=(KUBELET,),
    ),
)

_UDP = tuple(
    Subject(
        name=f"{name}-{policy.lower()}", backend=backend, policy=policy, protocol="UDP"
    )
    for policy in ("Cluster", "Local")
    for name, backend in {
        "udp-nginx": {**NGINX_STREAM, "upstream": f"127.0.0.1:{UDP}"},
        "udp-other": other("none"),
    }.items()
)


def _reads(**how: object) -> Data:
    return {"kind": "other", "reads": {"header": "X-Forwarded-For", **how}}


_CALLED = (V4, SERVICE_IP)
_ROUTES = (
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
_BEHIND_A_CDN = (
    Route(
        name="other-walk",
        backend=_reads(cidrs=["10.1.16.0/20", topology.OUTER_PROXIES]),
    ),
    *(
        route
        for route in _ROUTES
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


_BEHIND_A_BALANCER = (
    Route(
        name="other-walk",
        backend=_reads(cidrs=["10.1.16.0/20", topology.LOAD_BALANCER + "/32"]),
    ),
    *_BEHIND_A_CDN[1:],
)

_V6 = {"ipFamilies": ["IPv4", "IPv6"]}
_CDN = {"count": 1, "cidrs": [topology.OUTER_PROXIES]}
_BALANCER = {"count": 1, "cidrs": [topology.LOAD_BALANCER + "/32"]}

WORLDS = (
    World(
        name="passing",
        balancer={"class": "passThrough"},
        front="pass",
        subjects=(*_product("Local", "Cluster", annotations=_BOTH), *_PITFALLS),
    ),
    World(
        name="announced",
        balancer={"provider": "metallb-bgp"},
        front="pass",
        subjects=(*_CALLERS, *_UDP),
    ),
    World(
        name="dsr",
        balancer={"provider": "cilium-bgp"},
        front="dsr",
        dataplane={"cilium": _CILIUM},
        subjects=tuple(_product("Cluster", annotations=_BOTH)),
    ),
    World(
        name="replacing",
        balancer={"class": "proxying", "proxyProtocol": "none"},
        front="snat",
        subjects=(*_product("Local", "Cluster", annotations=_BOTH), _UDP[1]),
    ),
    World(
        name="proxying",
        balancer={"class": "proxying", "proxyProtocol": "none"},
        front="proxy",
        subjects=tuple(_product("Local", annotations=_BOTH)),
    ),
    *(
        World(
            name=f"proxying-{version}",
            balancer={"class": "proxying", "proxyProtocol": version},
            front="proxy",
            sends=version,
            subjects=tuple(
                _product("Local", "Cluster", wanting="always", annotations=_BOTH)
            ),
        )
        for version in ("v1", "v2")
    ),
    World(
        name="passing-and-sending",
        balancer={"class": "passThrough", "proxyProtocol": "v2"},
        front="proxy",
        sends="v2",
        subjects=tuple(_product("Local", wanting="always", annotations=("none",))),
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
        ),
    ),
    World(
        name="edge",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(routes=_ROUTES),
    ),
    World(
        name="edge-cluster",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(routes=_ROUTES[:3], policy="Cluster"),
    ),
    World(
        name="edge-proxying",
        balancer={"class": "proxying", "proxyProtocol": "none"},
        front="proxy",
        edge=Edge(routes=_ROUTES[:3]),
    ),
    World(
        name="edge-proxying-v2",
        balancer={"class": "proxying", "proxyProtocol": "v2"},
        front="proxy",
        sends="v2",
        edge=Edge(routes=_ROUTES[:4]),
    ),
    World(
        name="edge-behind-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(
            routes=(_ROUTES[0], *_BEHIND_A_CDN),
            trusted_proxies={**_CDN, "onlyWayIn": True},
        ),
    ),
    World(
        name="edge-beside-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(routes=(_ROUTES[0], *_BEHIND_A_CDN), trusted_proxies=_CDN),
    ),
    World(
        name="edge-counted-cdn",
        balancer={"class": "passThrough"},
        front="pass",
        edge=Edge(
            # NGINX walks by address, and has none here to walk past.
            routes=(_ROUTES[0], *_BEHIND_A_CDN),
            trusted_proxies={"count": 1, "onlyWayIn": True},
        ),
    ),
    *(
        World(
            name=f"edge-{name}-http-balancer",
            balancer={"class": "proxying", "proxyProtocol": "none"},
            front="proxy-http",
            edge=Edge(
                routes=(_ROUTES[0], *_BEHIND_A_BALANCER),
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
                for route in _ROUTES[:2]
            )
        ),
    ),
)
