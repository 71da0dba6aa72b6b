"""Traced paths made by hand, for tests of what only shows them."""

from __future__ import annotations

from dataclasses import replace

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.trace import (
    Application,
    Carried,
    FlowKind,
    Hop,
    Identity,
    Layer,
    Lie,
    LiePlace,
    Origin,
    Path,
    Role,
    Setting,
    Snat,
    Verdict,
)

POLICY = Setting(
    file="tenants/primary/default/web.service.yaml",
    key="externalTrafficPolicy",
    value="Local",
)
PORT = DataPath("acme.yaml") / "spec" / "tenants" / 0 / "services" / 0 / "ports" / 0

PRESERVED = Path(
    tenant="primary",
    namespace="default",
    name="web",
    gateway=None,
    layer=Layer.L4,
    port=5000,
    protocol="TCP",
    flow=FlowKind.TRAFFIC,
    source=Origin.INTERNET_IPV4,
    verdict=Verdict.PRESERVED,
    identity=Identity(is_=Role.CLIENT, carried_by=Carried.PROXY_V2, lost_at=None),
    peer=Role.MANAGEMENT_EGRESS,
    application=Application.BACKEND_ADDRESS,
    hops=(
        Hop(name="load-balancer", snat=False, setting=None, why="forwards packets"),
        Hop(name="management-node", snat=False, setting=POLICY, why="keeps the source"),
        Hop(name="kubelb-envoy", snat=True, setting=None, why="a new connection"),
        Hop(name="tenant-node", snat=False, setting=POLICY, why="keeps the source"),
        Hop(name="backend", snat=False, setting=None, why="PROXY v2 names the client"),
    ),
    because=("PROXY v2 names the client",),
    assumes=(),
    at=PORT,
)
LOST = replace(
    PRESERVED,
    name="dns",
    port=53,
    protocol="UDP",
    verdict=Verdict.LOST,
    identity=Identity(
        is_=Role.MANAGEMENT_EGRESS, carried_by=Carried.SOURCE, lost_at=Snat.ENVOY
    ),
    because=("udp_proxy sends from an address of its own",),
)
BROKEN = replace(
    PRESERVED,
    source=Origin.CLUSTER_SERVICE_IP,
    verdict=Verdict.BROKEN,
    identity=Identity(is_=None, carried_by=None, lost_at=None),
    peer=Role.CLIENT,
    hops=(Hop(name="backend", snat=False, setting=None, why="it waits in vain"),),
    because=("it waits in vain",),
)
CHECK = replace(
    PRESERVED,
    flow=FlowKind.HEALTH_CHECK,
    source=Origin.HEALTH_CHECK,
    identity=Identity(
        is_=Role.MANAGEMENT_EGRESS, carried_by=Carried.SOURCE, lost_at=None
    ),
    hops=PRESERVED.hops[2:],
    because=("a connection is accepted", "a check that only connects sees nothing"),
)


def behind_edge(**changes: object) -> Path:
    """A path to a backend behind the Gateway `eg`."""
    edge = Hop(name="edge", snat=True, setting=None, why="appends its peer")
    hops = (*PRESERVED.hops[:2], edge, *PRESERVED.hops[2:])
    base = replace(PRESERVED, gateway="eg", layer=Layer.L7, port=80, hops=hops)
    return replace(base, **changes)  # type: ignore[arg-type]


def lie(place: LiePlace, **changes: object) -> Lie:
    """A lie that is dropped at the backend."""
    told = Lie(
        place=place,
        header=None,
        past_proxies=False,
        believed=False,
        hop="backend",
        fate="the backend takes the client for the client",
    )
    return replace(told, **changes)  # type: ignore[arg-type]
