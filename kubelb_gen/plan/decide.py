"""The one place where a fleet becomes decided facts."""

from kubelb_gen.model import Edge, Fleet, Gateway, Tenant
from kubelb_gen.plan.backends import files_and_clashes
from kubelb_gen.plan.cilium import plan_cilium
from kubelb_gen.plan.facts import EdgePlan, GatewayPlan, Plan, TenantPlan
from kubelb_gen.plan.layer4 import Faces, plan_service
from kubelb_gen.plan.propagation import decide_propagation


def make_plan(fleet: Fleet) -> Plan:
    """Decide every setting at every hop of *fleet*.

    Never fails: what cannot work is part of the plan, with its reason.
    """
    used = {gateway.edge for tenant in fleet.tenants for gateway in tenant.gateways}
    edges = {
        edge.name: _plan_edge(fleet, edge)
        for edge in fleet.management.edges
        # The edge that nobody wrote counts only where a Gateway takes it.
        if edge.at is not None or edge.name in used
    }
    return Plan(
        fleet=fleet,
        tenants=tuple(_plan_tenant(fleet, tenant, edges) for tenant in fleet.tenants),
        edges=tuple(edges.values()),
        cilium=None
        if fleet.management.cilium is None
        else plan_cilium(fleet.management.cilium),
    )


def _plan_tenant(
    fleet: Fleet, tenant: Tenant, edges: dict[str, EdgePlan]
) -> TenantPlan:
    faces: Faces = {}
    services = tuple(
        plan_service(fleet, tenant, service, faces) for service in tenant.services
    )
    gateways = tuple(
        _plan_gateway(fleet, tenant, gateway, edges[gateway.edge])
        for gateway in tenant.gateways
    )
    backends, clashes = files_and_clashes(tenant, services, gateways)
    return TenantPlan(
        tenant=tenant,
        services=services,
        gateways=gateways,
        backends=backends,
        clashes=clashes,
        propagated=decide_propagation(
            fleet.kubelb, [service.balancer for service in services]
        ),
        expected=bool(tenant.nodes),
    )


def _plan_edge(fleet: Fleet, edge: Edge) -> EdgePlan:
    # Imported here, and below: many specs have no layer 7.
    from kubelb_gen.plan.edges import plan_edge  # noqa: PLC0415

    return plan_edge(fleet, edge)


def _plan_gateway(
    fleet: Fleet, tenant: Tenant, gateway: Gateway, edge: EdgePlan
) -> GatewayPlan:
    from kubelb_gen.plan.layer7 import plan_gateway  # noqa: PLC0415

    return plan_gateway(fleet, tenant, gateway, edge)
