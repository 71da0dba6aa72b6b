"""A ClientTrafficPolicy counts on a sync that an administrator can switch off.

What: Enterprise Edition, and a Gateway whose edge has to be told of PROXY or of proxies
in front of it.
Why: KubeLB copies the policy from the tenant to the management cluster unless
`spec.gatewayAPI.disableClientTrafficPolicy` is set on Config or Tenant.  Then the edge
never hears of it; with PROXY on, all its traffic fails.

Told, with `edition: EE`:

    gateways: [{name: web, trustedProxies: {count: 1, cidrs: [$cdn]}}]

Good, where no policy is needed:

    gateways: [{name: web}]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "policy-sync-off"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each policy that KubeLB has to carry over."""
    for tenant in plan.tenants:
        for each in tenant.gateways:
            if each.policy is not None and not each.policy.in_management:
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"the edge hears of the ClientTrafficPolicy of gateway "
                    f"'{each.gateway.name}' only while KubeLB syncs it",
                    at=each.gateway.at,
                    hint="neither Config nor Tenant may say "
                    "spec.gatewayAPI.disableClientTrafficPolicy: true",
                )
