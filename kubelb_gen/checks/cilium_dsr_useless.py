"""DSR, where every load balancer replaces the client's address before the node.

What: `mode` is dsr or hybrid and all load balancers of the management cluster proxy.
Why: DSR takes away the SNAT between nodes.  An address that the load balancer replaced
does not come back by it; only a PROXY header tells who the client is.

Bad:

    loadBalancer: {provider: hetzner}
    dataplane: {cilium: {mode: dsr, routing: tunnel}}

Good:

    loadBalancer: {provider: hetzner}
    dataplane: {cilium: {mode: snat, routing: tunnel}}
"""

from collections.abc import Iterator

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import ForwardingMode, Protocol
from kubelb_gen.plan import Plan

ID = "cilium-dsr-useless"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding where no traffic reaches a node with its own address."""
    cilium = plan.fleet.management.cilium
    if cilium is None or cilium.mode is ForwardingMode.SNAT:
        return
    classes = {
        balancer.provider.class_for(protocol, family)
        for balancer in plan.fleet.management.load_balancers
        for family in balancer.ip_families
        for protocol in Protocol
    }
    if classes == {LoadBalancerClass.PROXYING}:
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message=f"mode '{cilium.mode}' brings no client address back: every load "
            "balancer has replaced it before the node",
            at=cilium.at / "mode" if cilium.at else None,
            hint="a PROXY header carries the client here; DSR may stay for its other "
            "uses, or use mode snat",
        )
