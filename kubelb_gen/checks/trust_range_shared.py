"""What Envoy's connections come from is also what the tenant's pods come from.

What: `egressCIDRs` and a tenant's `internalCIDRs` overlap, and a backend under
`Local` trusts the first.
Why: `Local` is there so that a backend trusts the management cluster's addresses
alone.  A pod of the tenant with an address in the overlap is trusted as well, and can
name any client.

Told:

    egressCIDRs: [10.0.0.0/8]
    internalCIDRs: [10.2.0.0/16]

Good:

    egressCIDRs: [10.3.0.0/16]
    internalCIDRs: [10.2.0.0/16]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import TrafficPolicy
from kubelb_gen.plan import Plan, TenantPlan
from kubelb_gen.plan.layer4 import egress_of

ID = "trust-range-shared"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each tenant whose pods are taken for Envoy."""
    for tenant in plan.tenants:
        shared = [
            egress
            for egress in egress_of(plan.fleet, tenant.tenant)
            for internal in tenant.tenant.internal_cidrs
            if egress.version == internal.version and egress.overlaps(internal)
        ]
        if shared and _relies(tenant):
            own = tenant.tenant.egress_cidrs is not None
            at = tenant.tenant.at if own else plan.fleet.management.at
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{', '.join(map(str, dict.fromkeys(shared)))} in egressCIDRs "
                f"overlaps internalCIDRs of tenant '{tenant.tenant.name}': its pods "
                "there are trusted like Envoy",
                at=at / "egressCIDRs" if at else None,
                hint="narrow egressCIDRs to the management nodes, or the NAT's address",
                about=tenant.tenant.at,
            )


def _relies(tenant: TenantPlan) -> bool:
    return any(
        service.balancer.policy is TrafficPolicy.LOCAL and port.header is not None
        for service in tenant.services
        for port in service.ports
    )
