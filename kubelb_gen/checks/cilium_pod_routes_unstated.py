"""Native routing, and no word on how the network learns where pods are.

What: complete values are asked for with `routing: native` on platform generic, and
`podRoutes` is not stated.
Why: without `autoDirectNodeRoutes`, BGP or cloud routes, pods on other nodes are out of
reach.  Neither the chart nor the agent says so.

Bad:

    cilium: {mode: dsr, routing: native, nativeRoutingCIDR: 10.0.0.0/8}

Good:

    cilium: {mode: dsr, routing: native, nativeRoutingCIDR: 10.0.0.0/8, podRoutes: bgp}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Routing
from kubelb_gen.plan import Plan

ID = "cilium-pod-routes-unstated"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding where nobody is known to route pod addresses."""
    cilium = plan.fleet.management.cilium
    if (
        cilium is not None
        and cilium.output == "complete"
        and cilium.routing is Routing.NATIVE
        and cilium.platform == "generic"
        and cilium.pod_routes is None
    ):
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message="podRoutes is not stated: with native routing the network must "
            "know the way to pods on other nodes",
            at=cilium.at / "routing" if cilium.at else None,
            hint="say 'podRoutes: same-l2', 'bgp' or 'cloud'",
        )
