"""A listener of KubeLB's Envoy would need a port that is taken.

What: two ports of one tenant, or a port and one of Envoy's own listeners (admin, stats,
ready, health), come to the same number and protocol.
Why: Envoy refuses the second listener; everything behind it is down.

Bad:

    envoy: {statsPort: 30500}
    ports: [{name: main, port: 5000, nodePort: 30500}]

Good: another `envoyPort`, or Envoy's own ports left where KubeLB has them.
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.plan import Plan, TenantPlan

ID = "envoy-port-in-use"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each listener whose port is taken."""
    envoy = plan.fleet.management.envoy
    own = {
        (envoy.admin_port, "TCP"): "Envoy's admin interface",
        (envoy.stats_port, "TCP"): "Envoy's stats listener",
        (envoy.ready_port, "TCP"): "Envoy's readiness listener",
        (envoy.health_port, "TCP"): "Envoy's health listener",
    }
    for tenant in plan.tenants:
        taken = dict(own)
        for subject, at, port, protocol in _listeners(tenant):
            holder = taken.setdefault((port, protocol), subject)
            if holder != subject:
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"{subject} needs Envoy's port {port}/{protocol}, which "
                    f"{holder} has",
                    at=at,
                    hint="give it an envoyPort of its own",
                )


def _listeners(
    tenant: TenantPlan,
) -> Iterator[tuple[str, DataPath | None, int, str]]:
    for service in tenant.services:
        for each in service.ports:
            port = each.port.envoy_port or each.port.node_port
            if port is not None:
                subject = (
                    f"port '{each.port.name}' of service "
                    f"'{service.service.namespace}/{service.service.name}'"
                )
                yield subject, each.port.at, port, each.port.protocol
    for gateway in tenant.gateways:
        for route in gateway.routes:
            backend = route.backend
            port = backend.envoy_port or backend.node_port
            if port is not None:
                subject = (
                    f"backend '{backend.namespace}/{backend.name}' of gateway "
                    f"'{gateway.gateway.name}'"
                )
                yield subject, backend.at, port, "TCP"
