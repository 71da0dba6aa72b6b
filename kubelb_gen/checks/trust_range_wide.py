"""A pinned trust range holds more than the peers that the backend can have.

What: `trustedCIDRs` names addresses outside `egressCIDRs` (layer 4) or `internalCIDRs`
(layer 7, and layer 4 under `Cluster`).
Why: whoever has such an address can tell the backend any client that he likes.

Bad, with egressCIDRs [10.3.0.0/16]:

    backend: {kind: nginx, mode: stream, trustedCIDRs: [10.0.0.0/8]}

Good, without the pin:

    backend: {kind: nginx, mode: stream}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import pins
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.plan import Plan
from kubelb_gen.plan.ranges import within

ID = "trust-range-wide"
SEVERITY = Severity.WARNING


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a finding for each backend that believes strangers."""
    for pin in pins(plan):
        wide = [
            each
            for each in pin.trusted
            if not any(within(each, peer) for peer in pin.peers)
        ]
        if wide and pin.peers:
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{pin.subject} trusts {', '.join(map(str, wide))}, and its "
                f"peers are in {', '.join(map(str, pin.peers))}",
                at=pin.at,
                hint="take the pin trustedCIDRs off, or narrow it",
                about=pin.about,
            )
