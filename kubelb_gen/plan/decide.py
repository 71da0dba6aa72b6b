"""The one place where a fleet becomes decided facts."""

from kubelb_gen.model import Fleet, Tenant
from kubelb_gen.plan.backends import files_and_clashes
from kubelb_gen.plan.cilium import plan_cilium
from kubelb_gen.plan.edges import plan_edge
from kubelb_gen.plan.facts import EdgePlan, Plan, TenantPlan
from kubelb_gen.plan.layer4 import Faces, plan_service
from kubelb_gen.plan.layer7 import plan_gateway
from kubelb_gen.plan.propagation import decide_propagation


def make_plan(fleet: Fleet) -> Plan:
    """Decide every setting at every hop of *fleet*.

    Never fails: what cannot work is part of the plan, with its reason.
    """
    edges = {edge.name: plan_edge(fleet, edge) for edge in fleet.management.edges}
    used = {gateway.edge for tenant in fleet.tenants for gateway in tenant.gateways}
    return Plan(
        fleet=fleet,
        tenants=tuple(_plan_tenant(fleet, tenant, edges) for tenant in fleet.tenants),
        edges=tuple(
            each
            for each in edges.values()
            # The edge that nobody wrote counts only where a Gateway takes it.
            if each.edge.at is not None or each.edge.name in used
        ),
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
        plan_gateway(fleet, tenant, gateway, edges[gateway.edge])
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
