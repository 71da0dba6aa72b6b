"""A backend has nobody to trust, because the spec does not say who its peers are.

What: the trust list is derived from `egressCIDRs` (layer 4), `internalCIDRs` (layer 7,
and layer 4 under `Cluster`) and `podCIDRs` (layer 7 behind trusted proxies).
Why: an empty list either believes nobody, so the client is lost, or everybody.

Bad:

    management: {loadBalancer: {provider: metallb-bgp}}

Good:

    management: {loadBalancer: {provider: metallb-bgp}, egressCIDRs: [10.3.0.0/16]}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import Backend, BackendKind, Emit, TrafficPolicy
from kubelb_gen.plan import ByWalk, Plan, ServicePlan, TenantPlan, gates

ID = "trust-ranges-missing"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each range that a derived trust list lacks."""
    for tenant in plan.tenants:
        needs_egress = any(_guards(service) for service in tenant.services)
        own = tenant.tenant.egress_cidrs
        if needs_egress and not (plan.fleet.management.egress_cidrs or own):
            yield _missing(
                "management.egressCIDRs",
                f"tenant '{tenant.tenant.name}' sees Envoy's connections come from",
                plan.fleet.management.at,
            )
        if _needs_internal(tenant) and not tenant.tenant.internal_cidrs:
            yield _missing(
                "internalCIDRs",
                "a backend sees as its peer: the nodes and the CNI of tenant "
                f"'{tenant.tenant.name}'",
                tenant.tenant.at,
            )
        if _walks(plan, tenant) and not plan.fleet.management.pod_cidrs:
            yield _missing(
                "management.podCIDRs",
                "stand last in X-Forwarded-For: the edge's pods",
                plan.fleet.management.at,
            )


def _guards(service: ServicePlan) -> bool:
    return any(
        port.header is not None
        and port.port.backend is not None
        and _is_derived(port.port.backend)
        for port in service.ports
    )


def _needs_internal(tenant: TenantPlan) -> bool:
    under_cluster = any(
        _guards(service) and service.balancer.policy is TrafficPolicy.CLUSTER
        for service in tenant.services
    )
    return under_cluster or any(
        _is_derived(route.backend.backend)
        for gateway in tenant.gateways
        for route in gateway.routes
    )


def _walks(plan: Plan, tenant: TenantPlan) -> bool:
    # Before it, KubeLB's Envoy does not append the edge's pod.
    if plan.fleet.kubelb.version < gates.KUBELB_HTTP_ROUTES:
        return False
    return any(
        isinstance(route.reading, ByWalk)
        for gateway in tenant.gateways
        for route in gateway.routes
    )


def _is_derived(backend: Backend) -> bool:
    return (
        backend.kind is not BackendKind.OTHER
        and backend.emit is not Emit.NONE
        and backend.trusted_cidrs is None
    )


def _missing(field: str, who: str, at: DataPath | None) -> Diagnostic:
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"{field} is missing: the addresses that {who}",
        # Where an overlay took it away, that is the place.
        at=at and at / field.rpartition(".")[2],
        hint="`kubelb-gen init` says in its comments how to find each range",
    )
