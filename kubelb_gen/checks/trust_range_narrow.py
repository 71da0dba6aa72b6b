"""A pinned trust range leaves out some of the peers that the backend can have.

What: `trustedCIDRs` covers a part of the addresses that connections come from.
Why: the guard refuses the rest.  Which connections fail then depends on the node that
Envoy runs on, and that changes with every rollout of KubeLB.

Told, with egressCIDRs [10.3.0.0/16]:

    backend: {kind: nginx, mode: stream, trustedCIDRs: [10.3.2.0/24]}

Good, the same range in both places, or no pin:

    backend: {kind: nginx, mode: stream}
"""

from collections.abc import Iterator

from kubelb_gen.checks.programs import Pin, pins
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Plan
from kubelb_gen.plan.ranges import within

ID = "trust-range-narrow"
SEVERITY = Severity.INFO


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Yield a note for each backend that refuses a part of its peers."""
    for pin in pins(plan):
        outside = [each for each in pin.sources if not _covered(each, pin)]
        # Where nobody at all is let in, the port is broken, and told to be.
        if outside and pin.believes and any(_met(each, pin) for each in pin.sources):
            yield Diagnostic(
                id=ID,
                severity=SEVERITY,
                message=f"{pin.subject} trusts {', '.join(map(str, pin.trusted))}, "
                f"and refuses its other peers in {', '.join(map(str, outside))}",
                at=pin.at,
                hint="take the pin trustedCIDRs off, or say the narrower range where "
                "the peers are stated",
                about=pin.about,
            )


def _covered(source: Network, pin: Pin) -> bool:
    return any(within(source, each) for each in pin.trusted)


def _met(source: Network, pin: Pin) -> bool:
    return any(
        source.version == each.version and source.overlaps(each) for each in pin.trusted
    )
