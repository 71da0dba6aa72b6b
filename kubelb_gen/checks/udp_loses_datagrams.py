"""`Local` loses a share of the datagrams of a UDP port.

What: a Service under `externalTrafficPolicy: Local` has a UDP port, and nothing says
that every node has a pod.
Why: KubeLB's Envoy sends to every node and cannot check UDP; nodes without a pod drop
what they get.  With TCP beside it in one Service, TCP decides the policy.

Bad:

    ports: [{name: tcp, port: 53}, {name: udp, port: 53, protocol: UDP}]

Good, where a DaemonSet serves, or with a Service of its own for UDP:

    everyNode: true
    ports: [{name: tcp, port: 53}, {name: udp, port: 53, protocol: UDP}]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Protocol, TrafficPolicy
from kubelb_gen.plan import Plan

ID = "udp-loses-datagrams"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each UDP port that nodes without a pod swallow."""
    for tenant in plan.tenants:
        for service in tenant.services:
            if (
                service.balancer.policy is not TrafficPolicy.LOCAL
                or service.service.every_node
            ):
                continue
            for port in service.ports:
                if port.port.protocol is Protocol.UDP:
                    yield Diagnostic(
                        id=ID,
                        severity=SEVERITY,
                        message=f"port {port.port.port}/UDP of service "
                        f"'{service.service.name}' loses the datagrams that reach a "
                        "node without a pod, since the policy is Local",
                        at=port.port.at / "protocol" if port.port.at else None,
                        hint="give UDP a Service of its own, or run a pod on every "
                        "node and say everyNode: true",
                    )
