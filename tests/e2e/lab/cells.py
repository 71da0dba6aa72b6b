"""What the laboratory's table is made of, and the flows that are sent.

A world is what a management cluster has in front of it; a subject is one port of one
tenant Service there, or one backend behind a route; a cell is one flow to a subject.
Nothing here says what comes out: that is for the path model to predict and for the
wire to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.lab import topology

Data = Mapping[str, Any]

V4, V6 = "internet-ipv4", "internet-ipv6"
SERVICE_IP, VIP = "cluster-service-ip", "cluster-vip"
KUBELET, HEALTH = "kubelet", "health-check"

# Where the applications behind the backends' `upstream` listen, in the pod.
HTTP, TCP, UDP = 8080, 9000, 9001


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
    kind: str = "envoy-gateway"
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
