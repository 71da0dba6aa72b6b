"""DSR is on, and no Service of the spec is forwarded by it.

What: `mode` is dsr or hybrid, and every Service and edge is under
`externalTrafficPolicy: Local`, or behind a load balancer where DSR does nothing.
Why: worth knowing, and no fault.  Under `Local` no node hands connections to another,
so that DSR neither helps nor harms; its demands on network and MTU remain.

Left out of use:

    dataplane: {cilium: {mode: dsr, routing: tunnel}}
    services: [{name: web}]

Good, either of:

    dataplane: {cilium: {mode: snat, routing: tunnel}}
    services: [{name: web, externalTrafficPolicy: Cluster}]
"""

from collections.abc import Iterable, Iterator

from kubelb_gen.checks.walking import balancers
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import ForwardingMode
from kubelb_gen.plan import Plan

ID = "cilium-dsr-idle"
SEVERITY = Severity.INFO


_IDLE, _USED = "idle", "used"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note where no connection is forwarded by DSR."""
    cilium = plan.fleet.management.cilium
    if cilium is not None and (ID, _IDLE) in evidence(plan):
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message=f"mode '{cilium.mode}' forwards nothing here: no Service of the "
            "spec is under Cluster with its client's address",
            at=cilium.at / "mode" if cilium.at else None,
            hint="it may stay for other Services of the cluster",
        )


def evidence(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield whether DSR forwards something, or idles beside what `Local` serves."""
    cilium = plan.fleet.management.cilium
    if cilium is None or cilium.mode is ForwardingMode.SNAT:
        return
    used = list(balancers(plan))
    if any(each.dsr for each in used):
        yield ID, _USED
    elif any(each.local for each in used):
        yield ID, _IDLE


def suspects(evidence: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether it idles in one part, and in another one does not."""
    return {state for _, state in evidence} == {_IDLE, _USED}
