"""Cilium is older than 1.14.

What: `version` of a Cilium data plane is below 1.14.
Why: the values `routingMode` and `tunnelProtocol`, and Geneve dispatch, came with 1.14.
An older chart ignores them without a word and keeps its VXLAN tunnel.

Bad:

    dataplane: {cilium: {version: "1.13", mode: dsr, routing: native}}

Good:

    dataplane: {cilium: {version: "1.20", mode: dsr, routing: native}}
"""

from collections.abc import Iterator

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model import Version
from kubelb_gen.plan import Plan
from kubelb_gen.plan.cilium import data_planes

ID = "cilium-version-unsupported"
SEVERITY = Severity.ERROR

_OLDEST = Version(1, 14, 0)


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each Cilium that is too old."""
    for cilium in data_planes(plan.fleet):
        if cilium.version < _OLDEST:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"Cilium {cilium.version} does not know the values that are "
                "written for it",
                at=cilium.at / "version" if cilium.at else None,
                label="1.14 is the first that does",
            )
