"""DSR is relied on in a network that may drop what it sends.

What: a Service counts on DSR behind a load balancer for which the catalogue calls it
risky.
Why: under DSR a node answers with the load balancer's address.  AWS drops that unless
the source/destination check is off on the nodes, other clouds may; behind Azure the
answers were seen to get lost; unknown IP options (`dispatch: opt`) may be dropped.

Bad:

    loadBalancer: {provider: aws-nlb-instance}
    dataplane: {cilium: {mode: dsr, routing: native}}
    services: [{name: web, externalTrafficPolicy: Cluster}]

Good, no node forwards to another:

    services: [{name: web}]
"""

from collections.abc import Iterator

from kubelb_gen.catalogue import DirectReturn
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import BalancerFacts, Plan

ID = "cilium-dsr-cloud"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Service or edge that counts on DSR in a cloud."""
    for tenant in plan.tenants:
        for each in tenant.services:
            if _risky(each.balancer):
                yield _finding(f"service '{each.service.name}'", each.balancer, plan)
    for edge in plan.edges:
        if _risky(edge.balancer):
            yield _finding(f"edge '{edge.edge.name}'", edge.balancer, plan)


def _risky(facts: BalancerFacts) -> bool:
    return facts.dsr and facts.balancer.provider.direct_return is DirectReturn.RISKY


def _finding(who: str, facts: BalancerFacts, plan: Plan) -> Diagnostic:
    cilium = plan.fleet.management.cilium
    provider = facts.balancer.provider
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"{who} counts on DSR behind load balancer '{facts.balancer.name}' "
        f"('{provider.name}'): {provider.direct_return_why}",
        at=cilium.at / "mode" if cilium and cilium.at else None,
        hint="prefer externalTrafficPolicy: Local",
    )
