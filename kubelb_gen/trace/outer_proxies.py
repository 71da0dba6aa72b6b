"""Proxies in front of the edge: each appends its peer to X-Forwarded-For.

What a client wrote into that header stays, to the left of what they append.
"""

from kubelb_gen.frozen import dataclass
from kubelb_gen.trace.flow import Claim, Flow, Step
from kubelb_gen.trace.path import Role, Snat

KIND = "outer-proxies"


@dataclass(frozen=True, slots=True, kw_only=True)
class OuterProxiesHop:
    """*count* proxies, one behind the other; *http* tells that they read requests."""

    count: int
    http: bool = True


def forward(flow: Flow, hop: OuterProxiesHop) -> Step:
    """Return the flow as the last proxy sends it."""
    after = flow
    for _ in range(hop.count):
        if hop.http:
            after = after.forwarded(Claim(after.source, Role.OUTER_PROXY))
        after = after.sent_by(
            after.source.replaced(Role.OUTER_PROXY, Snat.LOAD_BALANCER)
        )
    if not hop.http:
        why = "proxies in front pass bytes on in connections of their own"
        return Step(flow=after, why=why, snat=True)
    many = (
        "1 proxy appends its peer"
        if hop.count == 1
        else (f"{hop.count} proxies append their peers")
    )
    return Step(
        flow=after, why=f"{many} to X-Forwarded-For, the client first", snat=True
    )
