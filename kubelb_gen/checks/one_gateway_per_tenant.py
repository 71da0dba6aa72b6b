"""KubeLB CE allows one Gateway per tenant.

What: the Community Edition copies a single Gateway of each tenant to the management
cluster.
Why: the second one is never served.

Bad:

    kubelb: {version: "1.4.3", edition: CE}
    gateways: [{name: shop}, {name: blog}]

Good, either one Gateway with all the routes, or the other edition:

    kubelb: {version: "1.4.3", edition: CE}
    gateways: [{name: web}]

    kubelb: {version: "1.4.3", edition: EE}
    gateways: [{name: shop}, {name: blog}]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan

ID = "one-gateway-per-tenant"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Gateway that CE would not serve."""
    if plan.fleet.kubelb.edition != "CE":
        return
    for tenant in plan.tenants:
        gateways = [each for each in tenant.tenant.gateways if not each.is_ingress]
        for gateway in gateways[1:]:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"KubeLB CE serves one Gateway per tenant, and "
                f"'{gateways[0].name}' of tenant '{tenant.tenant.name}' is that one",
                at=gateway.at / "name" if gateway.at else None,
                hint="attach the routes to one Gateway, or use edition EE",
            )
