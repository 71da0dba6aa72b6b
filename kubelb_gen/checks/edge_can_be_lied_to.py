"""The edge counts proxies, and a client can walk around them.

What: trusted proxies stand in front of the edge, its ClientTrafficPolicy has
`numTrustedHops`, and `onlyWayIn` is not stated.
Why: whoever reaches the edge directly writes the entry that it takes for the client.
The backend may still be right, by addresses; the edge's own rules by client address,
limits and logs are not.  `trustedCIDRs`, from Envoy Gateway 1.3 on, has no such hole.

Bad:

    edges: [{name: eg, version: "1.2"}]
    trustedProxies: {count: 1, cidrs: [$cdn]}

Good, either of:

    edges: [{name: eg, version: "1.3"}]
    trustedProxies: {count: 1, cidrs: [$cdn], onlyWayIn: true}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import GatewayPlan, Outcome, Plan

ID = "edge-can-be-lied-to"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Gateway whose edge believes who walks around."""
    for tenant in plan.tenants:
        for each in tenant.gateways:
            if _believes(each):
                at = each.gateway.at
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"the edge of gateway '{each.gateway.name}' takes an entry "
                    "of X-Forwarded-For for the client, which whoever goes around the "
                    "trusted proxies writes",
                    at=at / "trustedProxies" if at else None,
                    on_key=True,
                    hint="give their cidrs and use Envoy Gateway 1.3 or newer; or let "
                    "a firewall admit them alone, and say onlyWayIn: true",
                )


def _believes(each: GatewayPlan) -> bool:
    return (
        each.policy is not None
        and each.policy.trusted_hops is not None
        and not each.gateway.trusted_proxies.only_way_in
        # Where a backend believes it too, that is the graver finding, told already.
        and not any(
            route.unmet is not None and route.unmet.outcome is Outcome.FORGEABLE
            for route in each.routes
        )
    )
