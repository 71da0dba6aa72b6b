"""The platform has only the other routing mode.

What: `platform: gke` with `routing: tunnel`, or `platform: aks-byocni` with
`routing: native`.
Why: the chart fails: "RoutingMode must be set to native when gke.enabled=true", and to
tunnel when aksbyocni.enabled=true.  Seen with `helm template`, charts 1.14 to 1.20.

Bad:

    cilium: {platform: aks-byocni, mode: dsr, routing: native}

Good:

    cilium: {platform: aks-byocni, mode: dsr, routing: tunnel}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Routing
from kubelb_gen.plan import Plan
from kubelb_gen.plan.cilium import data_planes

ID = "cilium-platform-routing"
SEVERITY = Severity.ERROR

_ONLY = {"gke": Routing.NATIVE, "aks-byocni": Routing.TUNNEL}


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Cilium that its chart would not render."""
    for cilium in data_planes(plan.fleet):
        only = _ONLY.get(cilium.platform, cilium.routing)
        if cilium.routing is not only:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"platform '{cilium.platform}' has no '{cilium.routing}' "
                "routing: Cilium's chart refuses it",
                at=cilium.at / "routing" if cilium.at else None,
                label=f"must be {only}",
            )
