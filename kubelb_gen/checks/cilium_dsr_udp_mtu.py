"""DSR makes UDP datagrams longer, and full-size ones are dropped.

What: `mode` is dsr, and a Service with a UDP port is under
`externalTrafficPolicy: Cluster`, so that DSR carries its datagrams between nodes.
Why: the IP option is 8 bytes on every datagram (on TCP only on the SYN), Geneve more.
What no longer fits the MTU is dropped.

Bad:

    cilium: {mode: dsr, routing: native}

Good, SNAT for UDP:

    cilium: {mode: hybrid, routing: native}
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Protocol, TrafficPolicy
from kubelb_gen.plan import Plan, ServicePlan
from kubelb_gen.plan.cilium import dsr_engages

ID = "cilium-dsr-udp-mtu"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield one finding, at the mode, that names the Services it is about."""
    cilium = plan.fleet.management.cilium
    for _, *services in evidence(plan):
        if cilium is not None:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"mode '{cilium.mode}' makes UDP datagrams longer, and drops "
                f"full-size ones, of service {', '.join(_named(services))}",
                at=cilium.at / "mode" if cilium.at else None,
                hint="use mode hybrid, or leave headroom in the MTU and suppress this",
            )


def evidence(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield once which Services it is about, if any."""
    if not dsr_engages(plan.fleet.management.cilium, Protocol.UDP):
        return
    services = [
        f"{tenant.tenant.name}/{service.service.namespace}/{service.service.name}"
        for tenant in plan.tenants
        for service in tenant.services
        if _forwards_udp(service)
    ]
    if services:
        yield ID, *services


def suspects(evidence: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether several parts have such Services: one finding names them all."""
    return len({*evidence}) > 1


def _named(services: list[str]) -> Iterator[str]:
    """Yield the name of each Service, and as much of where it is as tells it apart."""
    forms = [_forms(each) for each in services]
    known = Counter(chain.from_iterable(forms))
    for each in forms:
        yield next((form for form in each if known[form] == 1), each[-1])


def _forms(service: str) -> tuple[str, ...]:
    tenant, namespace, name = service.split("/")
    return (
        f"'{name}'",
        f"'{name}' of tenant '{tenant}'",
        f"'{namespace}/{name}' of tenant '{tenant}'",
    )


def _forwards_udp(service: ServicePlan) -> bool:
    return service.balancer.policy is TrafficPolicy.CLUSTER and any(
        port.protocol is Protocol.UDP for port in service.service.ports
    )
