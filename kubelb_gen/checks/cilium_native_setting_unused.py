"""A setting of native routing stands beside tunnel routing.

What: `routing` is tunnel, and `podRoutes`, `nativeRoutingCIDR` or
`ipv6NativeRoutingCIDR` is stated.
Why: none of them is written, and `autoDirectNodeRoutes` beside a tunnel would keep the
agent from starting.  Mostly the routing is what was stated wrong.

Bad:

    cilium: {mode: dsr, routing: tunnel, podRoutes: same-l2}

Good, either of:

    cilium: {mode: dsr, routing: tunnel}
    cilium: {mode: dsr, routing: native, nativeRoutingCIDR: 10.0.0.0/8,
             podRoutes: same-l2}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Routing
from kubelb_gen.plan import Plan
from kubelb_gen.plan.cilium import data_planes

ID = "cilium-native-setting-unused"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each setting that no output can use."""
    for cilium in data_planes(plan.fleet):
        stated = {
            "podRoutes": cilium.pod_routes,
            "nativeRoutingCIDR": cilium.native_routing_cidr,
            "ipv6NativeRoutingCIDR": cilium.ipv6_native_routing_cidr,
        }
        for field, value in stated.items():
            if cilium.routing is Routing.TUNNEL and value is not None:
                yield Diagnostic(
                    id=ID,
                    severity=SEVERITY,
                    message=f"{field} '{value}' is for native routing and has no "
                    "effect with routing 'tunnel'",
                    at=cilium.at / field if cilium.at else None,
                    on_key=True,
                    hint="take it out, or use routing native",
                )
