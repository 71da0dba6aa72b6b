"""Affinity sends some UDP clients to a node without a pod, and always to that one.

What: `sessionAffinity: ClientIP` on a Service with a UDP port under
`externalTrafficPolicy: Local`, KubeLB 1.5 or newer, and no pod on every node.
Why: Envoy cannot check UDP, and by affinity a client stays with its node.  Without
affinity a share of every client's datagrams is lost; with it some clients lose all.

Bad:

    sessionAffinity: ClientIP
    ports: [{name: tcp, port: 53}, {name: udp, port: 53, protocol: UDP}]

Good, where a DaemonSet serves:

    sessionAffinity: ClientIP
    everyNode: true
    ports: [{name: tcp, port: 53}, {name: udp, port: 53, protocol: UDP}]
"""

from collections.abc import Iterator

from kubelb_gen.checks.walking import services
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Protocol, TrafficPolicy
from kubelb_gen.plan import Plan, ServicePlan

ID = "affinity-loses-clients"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Service that never answers some of its clients."""
    for _, service in services(plan):
        if _loses(service):
            at = service.service.at
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"sessionAffinity of service '{service.service.name}' ties "
                "some UDP clients to a node without a pod, since the policy is Local: "
                "they never get an answer",
                at=at / "sessionAffinity" if at else None,
                hint="give UDP a Service of its own, or run a pod on every node and "
                "say everyNode: true",
            )


def _loses(service: ServicePlan) -> bool:
    return (
        service.source_ip_persistence
        and service.balancer.policy is TrafficPolicy.LOCAL
        and not service.service.every_node
        and any(port.protocol is Protocol.UDP for port in service.service.ports)
    )
