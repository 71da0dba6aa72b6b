"""What KubeLB's Envoy serves, decided by hand: Services, routes, tenants.

Each function returns the smallest sound value of its kind; *changes* replaces
fields.  Nothing here asks the plan, so that renderers are tested without it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion, provider
from kubelb_gen.model import (
    Backend,
    BackendKind,
    BackendMode,
    Edge,
    EnvoyPorts,
    Fleet,
    Gateway,
    KubeLB,
    LoadBalancer,
    Management,
    ProxyAcceptance,
    RouteBackend,
    Service,
    ServicePort,
    Tenant,
    TrafficPolicy,
    Version,
)
from kubelb_gen.plan import (
    BalancerFacts,
    ByHeader,
    Carrier,
    EdgePlan,
    GatewayPlan,
    Plan,
    PortPlan,
    RoutePlan,
    ServicePlan,
    TenantPlan,
)
from kubelb_gen.render.engine import lay_out
from kubelb_gen.render.envoy_bootstrap import drafts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.render.draft import Kind

BALANCER = LoadBalancer(name="default", provider=provider("metallb-bgp"))
BACKEND = Backend(
    kind=BackendKind.NGINX, mode=BackendMode.STREAM, upstream="127.0.0.1:8080"
)
TENANT = Tenant(name="primary", nodes=("10.2.0.21", "10.2.0.22"))


def balancer_facts() -> BalancerFacts:
    """A load balancer that keeps the client, under `Local`."""
    return BalancerFacts(
        balancer=BALANCER,
        kind=LoadBalancerClass.VIP,
        sends=None,
        policy=TrafficPolicy.LOCAL,
        local_works=True,
        dsr=False,
        keeps_client=True,
        annotations={},
    )


def port_plan(**changes: Any) -> PortPlan:  # noqa: ANN401 - fields of many types
    """A TCP port that gets PROXY v2; *changes* are those of its `ServicePort`."""
    port = ServicePort(
        name="main",
        port=5000,
        target_port=5000,
        listen=5000,
        node_port=30500,
        backend=BACKEND,
    )
    return PortPlan(
        port=replace(port, **changes),
        carrier=Carrier.ENVOY,
        header=ProxyVersion.V2,
        accept=ProxyAcceptance.V2,
        trusted=(),
    )


def service_plan(
    *ports: PortPlan,
    tenant: Tenant = TENANT,
    name: str = "my-tcp-service",
    **changes: Any,  # noqa: ANN401 - fields of many types
) -> ServicePlan:
    """A Service with *ports*, whose annotation asks KubeLB for PROXY v2."""
    ports = ports or (port_plan(),)
    service = Service(
        name=name,
        namespace="default",
        ports=tuple(each.port for each in ports),
        selector={"app": name},
    )
    plan = ServicePlan(
        tenant=tenant,
        service=service,
        balancer=balancer_facts(),
        annotations={"kubelb.k8c.io/proxy-protocol": "v2"},
        proxy_annotation=True,
        load_balancer_class=None,
        uid=f"uid-default-{name}",
        uid_is_stand_in=True,
        ports=ports,
        expected=True,
        source_ip_persistence=False,
    )
    return replace(plan, **changes)


def route_plan(*, as_http: bool = True, **changes: Any) -> RoutePlan:  # noqa: ANN401
    """A backend behind an HTTPRoute; *changes* are those of its `RouteBackend`."""
    backend = RouteBackend(
        name="web",
        namespace="default",
        backend=replace(BACKEND, mode=BackendMode.HTTP),
        route_kind="HTTPRoute",
        route_name="web",
        port=80,
        node_port=31080,
    )
    backend = replace(backend, **changes)
    return RoutePlan(
        backend=backend,
        carrier=Carrier.HEADER,
        client_from_right=2,
        reading=ByHeader(header="X-Envoy-External-Address"),
        trusted=(),
        uid=f"uid-default-{backend.name}",
        uid_is_stand_in=True,
        as_http=as_http,
    )


def gateway_plan(*routes: RoutePlan, tenant: Tenant = TENANT) -> GatewayPlan:
    """A Gateway `kubelb` on an envoy-gateway edge, without a policy."""
    edge = Edge(name="default", load_balancer=BALANCER.name)
    return GatewayPlan(
        tenant=tenant,
        gateway=Gateway(
            name="kubelb",
            namespace="default",
            edge=edge.name,
            backends=tuple(route.backend for route in routes),
        ),
        edge=EdgePlan(edge=edge, balancer=balancer_facts()),
        policy=None,
        routes=routes,
    )


def envoy_plan(
    *services: ServicePlan,
    routes: Iterable[RoutePlan] = (),
    tenant: Tenant = TENANT,
    version: str = "1.4.3",
    envoy: EnvoyPorts | None = None,
) -> Plan:
    """All decided facts of an estate `acme` with one tenant.

    *services* have to be made with the same *tenant*.
    """
    routes = tuple(routes)
    tenant_plan = TenantPlan(
        tenant=tenant,
        services=services,
        gateways=(gateway_plan(*routes, tenant=tenant),) if routes else (),
        backends=(),
        propagated=None,
        expected=bool(tenant.nodes),
    )
    fleet = Fleet(
        name="acme",
        kubelb=KubeLB(version=Version.parse(version), edition="CE"),
        management=Management(load_balancers=(BALANCER,), envoy=envoy or EnvoyPorts()),
        tenants=(tenant,),
    )
    return Plan(fleet=fleet, tenants=(tenant_plan,), edges=())


def bootstrap(plan: Plan, kind: Kind) -> str:
    """The text of the first tenant's bootstrap of *kind*."""
    draft = next(each for each in drafts(plan) if each.kind is kind)
    return draft.text(lay_out)
