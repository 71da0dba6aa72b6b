"""Envoy's health check cannot see whether the backend reads the PROXY header.

What: KubeLB 1.5 or newer, Enterprise Edition; Envoy writes a PROXY header to a backend
that speaks HTTP, and the check is the default one, which only connects.
Why: a check that connects and sends nothing stays green while every request fails.  An
HTTP check sends a header as traffic does, and finds the mismatch.

Left out:

    backend: {kind: nginx, mode: http}

Told, so that a mismatch takes the node out:

    annotations: {kubelb.k8c.io/health-check-type: HTTP}
    backend: {kind: nginx, mode: http}
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import ports
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Carrier, Plan, PortPlan, ServicePlan, gates

ID = "health-check-blind"
SEVERITY = Severity.INFO

ANNOTATION = "kubelb.k8c.io/health-check-type"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each port that an HTTP check would watch better."""
    kubelb = plan.fleet.kubelb
    if kubelb.edition != "EE" or kubelb.version < gates.KUBELB_HEALTH_CHECKS:
        return
    for _, service, port in ports(plan):
        if _is_blind(service, port):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"Envoy's health check of port {port.port.port} of service "
                f"'{service.service.name}' only connects, and sees no PROXY mismatch",
                at=port.port.at,
                hint=f"add the annotation {ANNOTATION}: HTTP",
            )


def _is_blind(service: ServicePlan, port: PortPlan) -> bool:
    backend = port.port.backend
    return (
        port.carrier is Carrier.ENVOY
        and backend is not None
        and backend.mode is not None
        and backend.mode.is_http
        and ANNOTATION not in service.service.annotations
    )
