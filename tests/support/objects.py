"""Decided Services, Gateways and edges made by hand: the guide's, unless told."""

# ruff: noqa: ANN401 - any fact of the model can be replaced by name

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion, provider
from kubelb_gen.model import (
    Edge,
    Fleet,
    Gateway,
    KubeLB,
    LoadBalancer,
    Management,
    ProxyAcceptance,
    Service,
    ServicePort,
    Tenant,
    TrafficPolicy,
    Version,
)
from kubelb_gen.plan import (
    BalancerFacts,
    Carrier,
    EdgePlan,
    GatewayPlan,
    Plan,
    PolicyPlan,
    PortPlan,
    ServicePlan,
    TenantPlan,
)
from kubelb_gen.render.engine import lay_out
from tests.support.yaml_readers import read_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.render.draft import Draft

PROXY = {"kubelb.k8c.io/proxy-protocol": "v2"}


def kubelb(**facts: Any) -> KubeLB:
    return replace(KubeLB(version=Version(1, 4, 3), edition="CE"), **facts)


def balancer(
    name: str = "metallb-bgp",
    *,
    policy: TrafficPolicy = TrafficPolicy.LOCAL,
    annotations: Mapping[str, str] | None = None,
) -> BalancerFacts:
    """What the catalogue's *name* does, with the *annotations* that were decided."""
    return BalancerFacts(
        balancer=LoadBalancer(name="default", provider=provider(name)),
        kind=LoadBalancerClass.VIP,
        sends=None,
        policy=policy,
        local_works=True,
        dsr=False,
        keeps_client=True,
        annotations=annotations or {},
    )


def port(**facts: Any) -> PortPlan:
    """One port, 5000 by default, that gets PROXY v2 from KubeLB's Envoy."""
    default = ServicePort(
        name="main", port=5000, target_port=5000, listen=5000, node_port=30500
    )
    return PortPlan(
        port=replace(default, **facts),
        carrier=Carrier.ENVOY,
        header=ProxyVersion.V2,
        accept=ProxyAcceptance.V2,
        trusted=(),
    )


def service(
    *ports: PortPlan, tenant: str = "primary", decided: Any = None, **facts: Any
) -> ServicePlan:
    """The guide's Service with other *facts* of the spec, other *decided* ones."""
    ports = ports or (port(),)
    default = Service(
        name="my-tcp-service",
        namespace="default",
        selector={"app": "my-tcp-app"},
        ports=tuple(each.port for each in ports),
    )
    plan = ServicePlan(
        tenant=Tenant(name=tenant, nodes=("10.2.0.21",)),
        service=replace(default, **facts),
        balancer=balancer(),
        annotations=PROXY,
        proxy_annotation=True,
        load_balancer_class=None,
        uid="uid-default-my-tcp-service",
        uid_is_stand_in=True,
        ports=ports,
        expected=True,
        source_ip_persistence=False,
    )
    return replace(plan, **(decided or {}))


def policy(**facts: Any) -> PolicyPlan:
    """An Enterprise Edition's policy: two trusted proxies and PROXY from the edge."""
    default = PolicyPlan(
        name="kubelb",
        namespace="default",
        gateway="kubelb",
        in_management=False,
        proxy_field="proxyProtocol",
        trusted_hops=2,
    )
    return replace(default, **facts)


def gateway(decided: PolicyPlan | None) -> GatewayPlan:
    return GatewayPlan(
        tenant=Tenant(name="primary"),
        gateway=Gateway(name="kubelb", namespace="default", edge="eg"),
        edge=edge(),
        policy=decided,
        routes=(),
    )


def edge(decided: BalancerFacts | None = None, **facts: Any) -> EdgePlan:
    default = Edge(name="eg", load_balancer="default")
    return EdgePlan(edge=replace(default, **facts), balancer=decided or balancer())


def plan(
    *services: ServicePlan,
    gateways: Iterable[GatewayPlan] = (),
    edges: Iterable[EdgePlan] = (),
    propagated: Mapping[str, str] | None = None,
    config: KubeLB | None = None,
    tenant: str = "primary",
) -> Plan:
    """A plan of fleet `acme` with one tenant that has *services* and *gateways*."""
    owner = Tenant(name=tenant)
    fleet = Fleet(
        name="acme",
        kubelb=config or kubelb(),
        management=Management(load_balancers=()),
        tenants=(owner,),
    )
    decided = TenantPlan(
        tenant=owner,
        services=services,
        gateways=tuple(gateways),
        backends=(),
        propagated=propagated,
        expected=True,
    )
    return Plan(fleet=fleet, tenants=(decided,), edges=tuple(edges))


def text_of(draft: Draft) -> str:
    return draft.text(lay_out)


def object_of(draft: Draft) -> Any:
    """The one object in *draft*, which YAML 1.1 and 1.2 readers see alike."""
    return read_one(text_of(draft))
