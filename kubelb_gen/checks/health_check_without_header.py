"""Envoy's HTTP health check brings no PROXY header to a backend that wants one.

What: `kubelb.k8c.io/health-check-type: HTTP` on a Service whose PROXY header the load
balancer writes.
Why: Envoy passes that header on and writes none of its own, so that its check begins
with a request.  A backend that demands a header closes the connection, all nodes are
taken out, and every client is reset.

Bad, since Hetzner sends the header:

    loadBalancer: {provider: hetzner}
    annotations: {kubelb.k8c.io/health-check-type: HTTP}

Good, the default check, which only connects:

    loadBalancer: {provider: hetzner}
    annotations: {}
"""

from collections.abc import Iterator

from kubelb_gen.checks.health_check_blind import ANNOTATION
from kubelb_gen.checks.walking import ports
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Carrier, Plan, PortPlan, gates
from kubelb_gen.plan.broken import waits

ID = "health-check-without-header"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each port that its health check takes down."""
    kubelb = plan.fleet.kubelb
    if kubelb.edition != "EE" or kubelb.version < gates.KUBELB_HEALTH_CHECKS:
        return
    for _, service, port in ports(plan):
        kind = service.service.annotations.get(ANNOTATION, "")
        if kind.upper() == "HTTP" and _is_refused(port):
            at = service.service.at
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"Envoy's HTTP health check brings no PROXY header to port "
                f"{port.port.port} of service '{service.service.name}', whose backend "
                "closes such connections: every node is taken out",
                at=at / "annotations" / ANNOTATION if at else None,
                hint="take the annotation out",
                about=port.port.at,
            )


def _is_refused(port: PortPlan) -> bool:
    return port.carrier is Carrier.BALANCER and waits(port.port.backend, port.entry)
