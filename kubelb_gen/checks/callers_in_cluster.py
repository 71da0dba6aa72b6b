"""Pods call a port that serves nobody without a PROXY header.

What: `callers` lists `cluster`, and the backend of a TCP port waits for a header.
Why: a call to the Service's own address goes past KubeLB's Envoy, so nobody writes the
header and the connection is refused or hangs.

Bad:

    callers: [internet, cluster]
    ports: [{name: web, port: 80}]

Good, with a second Service for the pods:

    callers: [internet, cluster]
    ports: [{name: web, port: 80, plain: {port: 8082}}]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Protocol
from kubelb_gen.plan import Plan, PortPlan, ServicePlan
from kubelb_gen.plan.broken import waits

ID = "callers-in-cluster"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each port that its own cluster cannot call."""
    for tenant in plan.tenants:
        for service in tenant.services:
            if "cluster" in service.service.callers:
                for port in service.ports:
                    if _refuses(port):
                        yield _told(service, port)


def _refuses(port: PortPlan) -> bool:
    return (
        port.port.protocol is Protocol.TCP
        and port.port.plain_port is None
        and waits(port.port.backend, port.entry)
    )


def _told(service: ServicePlan, port: PortPlan) -> Diagnostic:
    name = service.service.name
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"port {port.port.port}/TCP of service '{name}' waits for a PROXY "
        "header, and pods that call it in the cluster send none",
        at=port.port.at,
        hint=f"add plain: {{port: ...}}, a listener without a header behind "
        f"'{name}-plain'; or take cluster out of callers",
    )
