"""Affinity by client, where Envoy sees one address for many clients.

What: `sessionAffinity: ClientIP` with KubeLB 1.5 or newer, and the connections that
reach Envoy come from a load balancer or from a node.
Why: Envoy picks the node by the connection's source (Maglev), never by a PROXY header.
All clients behind one address end on one node, and the others stand idle.

Bad, since the load balancer opens connections of its own:

    loadBalancer: {provider: hetzner}
    services: [{name: web, sessionAffinity: ClientIP}]

Good:

    loadBalancer: {provider: hetzner}
    services: [{name: web}]
"""

from collections.abc import Iterator

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.checks.walking import services
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan, ServicePlan

ID = "affinity-behind-snat"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Service whose clients look like one."""
    for _, service in services(plan):
        if service.source_ip_persistence and not service.balancer.keeps_client:
            at = service.service.at
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"sessionAffinity of service '{service.service.name}' takes "
                f"many clients for one: Envoy sees {_whom(service)} on their "
                "connections",
                at=at / "sessionAffinity" if at else None,
                hint="take it out, or bring the client's address to Envoy",
            )


def _whom(service: ServicePlan) -> str:
    if service.balancer.kind is LoadBalancerClass.PROXYING:
        return "the load balancer"
    return "a node of the management cluster"
