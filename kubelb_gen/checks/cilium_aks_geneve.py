"""The chart prints the tunnel protocol twice.

What: `platform: aks-byocni` with DSR by Geneve, and Cilium older than 1.17.
Why: up to 1.16 the chart writes `tunnel-protocol: vxlan` for AKS and then
`tunnel-protocol: geneve`.  Strict YAML parsers fail on the second key, and a parser
that takes the first leaves the agent with VXLAN, where it refuses DSR.

Bad:

    cilium: {version: "1.16", platform: aks-byocni, mode: dsr, routing: tunnel}

Good:

    cilium: {version: "1.17", platform: aks-byocni, mode: dsr, routing: tunnel}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Dispatch, ForwardingMode, Version
from kubelb_gen.plan import Plan

ID = "cilium-aks-geneve"
SEVERITY = Severity.WARNING

_FIXED = Version(1, 17, 0)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding where the chart makes a duplicate key of our values."""
    cilium = plan.fleet.management.cilium
    if (
        cilium is not None
        and cilium.output != "none"
        and cilium.platform == "aks-byocni"
        and cilium.mode is not ForwardingMode.SNAT
        and cilium.dispatch is Dispatch.GENEVE
        and cilium.version < _FIXED
    ):
        yield Diagnostic(
            id=ID,
            severity=SEVERITY,
            message=f"the chart of Cilium {cilium.version} prints tunnel-protocol "
            "twice on AKS, vxlan before geneve",
            at=cilium.at / "version" if cilium.at else None,
            label="1.17 prints it once",
        )
