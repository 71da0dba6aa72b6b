"""DSR is to tell the client in an IP option, through a tunnel.

What: `mode` is dsr or hybrid, `dispatch` is opt and `routing` is tunnel.
Why: IP options are for native routing.  The agent refuses to start: "Tunnel routing
requires geneve dispatch".

Bad:

    cilium: {mode: dsr, routing: tunnel, dispatch: opt}

Good:

    cilium: {mode: dsr, routing: tunnel, dispatch: geneve}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Dispatch, ForwardingMode, Routing
from kubelb_gen.plan import Plan
from kubelb_gen.plan.cilium import data_planes

ID = "cilium-dispatch-needs-native"
SEVERITY = Severity.ERROR


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Cilium whose dispatch does not fit its routing."""
    for cilium in data_planes(plan.fleet):
        if (
            cilium.mode is not ForwardingMode.SNAT
            and cilium.dispatch is Dispatch.OPT
            and cilium.routing is Routing.TUNNEL
        ):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"with dispatch 'opt', mode '{cilium.mode}' and routing "
                "'tunnel' Cilium's agent does not start",
                at=cilium.at / "dispatch" if cilium.at else None,
                label="needs native routing",
                hint="use dispatch geneve; it changes the tunnel protocol, which on a "
                "live cluster interrupts pod traffic",
            )
