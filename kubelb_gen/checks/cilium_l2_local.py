"""Cilium announces an address from a node that then drops the traffic.

What: a Service or edge behind `cilium-l2` is under `externalTrafficPolicy: Local`, and
Cilium is older than 1.20.2.
Why: before 1.20.2 any node may announce the address by ARP, one without a backend too;
under `Local` that node drops what it gets.

Bad:

    services: [{name: web, externalTrafficPolicy: Local}]

Good, with DSR so that the client is kept:

    dataplane: {cilium: {version: "1.20.1", mode: dsr, routing: native}}
    services: [{name: web}]
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import DataPath, Diagnostic, Severity
from kubelb_gen.model import TrafficPolicy, Version
from kubelb_gen.plan import BalancerFacts, Plan

ID = "cilium-l2-local"
SEVERITY = Severity.ERROR

_FIXED = Version(1, 20, 2)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Service or edge whose traffic is dropped."""
    cilium = plan.fleet.management.cilium
    if cilium is None or cilium.version >= _FIXED:
        return
    for tenant in plan.tenants:
        for each in tenant.services:
            if _dropped(each.balancer):
                name = f"service '{each.service.name}'"
                yield _finding(name, cilium.version, each.service.at)
    for edge in plan.edges:
        if _dropped(edge.balancer):
            yield _finding(f"edge '{edge.edge.name}'", cilium.version, edge.edge.at)


def _dropped(facts: BalancerFacts) -> bool:
    return (
        facts.balancer.provider.name == "cilium-l2"
        and facts.policy is TrafficPolicy.LOCAL
    )


def _finding(who: str, version: Version, at: DataPath | None) -> Diagnostic:
    return Diagnostic(
        id=ID,
        severity=SEVERITY,
        message=f"{who} is under externalTrafficPolicy 'Local', and Cilium {version} "
        "may announce its address from a node without a backend",
        at=at / "externalTrafficPolicy" if at else None,
        hint="use Cluster with DSR, BGP in place of L2, or Cilium 1.20.2",
    )
