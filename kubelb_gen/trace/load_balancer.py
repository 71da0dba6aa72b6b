"""What the load balancer in front of the management cluster does to a flow.

A `passThrough` or `vip` balancer forwards packets; a `proxying` one opens connections
of its own, over IPv4, so that only a PROXY header still names the client.  Source:
the catalogue.
"""

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Protocol
from kubelb_gen.trace.flow import Claim, Flow, Named, ProxyHeader, Step, refused
from kubelb_gen.trace.path import Role, Setting, Snat

KIND = "load-balancer"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancerHop:
    """A load balancer; *writes_forwarded_for* counts it among the trusted proxies.

    *unknown* tells that nobody has said what it is.
    """

    name: str
    kind: LoadBalancerClass
    sends: ProxyVersion | None = None
    carries_udp: bool = True
    writes_forwarded_for: bool = False
    unknown: bool = False
    setting: Setting | None = None


def forward(flow: Flow, hop: LoadBalancerHop) -> Step:
    """Return what the nodes get of *flow*."""
    if hop.unknown:
        why = f"what '{hop.name}' does to the source is unknown"
        return Step(flow=flow, why=why, unknown=True)
    if flow.protocol is Protocol.UDP and not hop.carries_udp:
        return refused(flow, f"load balancer '{hop.name}' carries no UDP")
    after = flow
    said = ""
    if hop.sends is not None and flow.protocol is Protocol.TCP:
        claim = Claim(flow.source, Role.LOAD_BALANCER)
        after = after.behind(ProxyHeader(hop.sends, claim))
        said = f" and names the client in a PROXY {hop.sends} header"
    if hop.kind is not LoadBalancerClass.PROXYING:
        return Step(
            flow=after,
            why=f"'{hop.name}' forwards packets with their source{said}",
            setting=hop.setting,
        )
    if hop.writes_forwarded_for:
        after = after.forwarded(Claim(flow.source, Role.LOAD_BALANCER))
        said = " and appends its peer to X-Forwarded-For"
    return Step(
        flow=_dialled(after, flow.source),
        why=f"'{hop.name}' opens connections of its own"
        + (said or " and sends no PROXY header"),
        snat=True,
        setting=hop.setting,
    )


def _dialled(flow: Flow, before: Named) -> Flow:
    source = before.replaced(Role.LOAD_BALANCER, Snat.LOAD_BALANCER)
    return Flow(
        source=source,
        protocol=flow.protocol,
        headers=flow.headers,
        forwarded_for=flow.forwarded_for,
        fields=flow.fields,
        connect_only=flow.connect_only,
    )
