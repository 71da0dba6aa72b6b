"""What the layer-7 edge in front of KubeLB's Envoy does to a request.

Envoy Gateway appends its peer to X-Forwarded-For and never cleans it.  Without a
detection it overwrites X-Envoy-External-Address; with one (`numTrustedHops`,
`trustedCIDRs`) it leaves that header alone.  X-Real-IP passes through.  Reading PROXY
is all or nothing.  Of ingress-nginx the same is said: whether it drops what a client
wrote is a matter of its global ConfigMap, so nobody may rely on that.

Measured on Envoy 1.36.4 and 1.40.0, configured as Envoy Gateway 1.7 writes it.
"""

from dataclasses import field, replace

from kubelb_gen.frozen import dataclass
from kubelb_gen.model import EdgeKind
from kubelb_gen.model.backends import Network
from kubelb_gen.trace import ingress_nginx
from kubelb_gen.trace.flow import (
    EXTERNAL_ADDRESS,
    Claim,
    Flow,
    Named,
    Step,
    refused,
    unread,
)
from kubelb_gen.trace.path import Role, Setting, Snat
from kubelb_gen.trace.ranges import Ranges

KIND = "edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeHop:
    """An edge; *http* is False where it passes bytes on (TLS, TCP and UDP routes).

    With *optional* a PROXY header is read where there is one.  *detects* is of Envoy
    Gateway; *replaces* and *believes* are of ingress-nginx.
    """

    name: str
    kind: EdgeKind = EdgeKind.ENVOY_GATEWAY
    http: bool = True
    reads_proxy: bool = False
    optional: bool = False
    detects: bool = False
    replaces: bool = False
    believes: tuple[Network, ...] = ()
    ranges: Ranges = field(default_factory=Ranges)
    setting: Setting | None = None


def forward(flow: Flow, hop: EdgeHop) -> Step:
    """Return the flow as the edge sends it to KubeLB's Envoy."""
    if not hop.reads_proxy:
        if flow.headers and hop.http:
            why = f"'{hop.name}' gets {unread(flow)} and does not read PROXY"
            return refused(flow, why, hop.setting)
        return _sent(flow, hop, flow.source, "its peer")
    if not flow.headers and hop.optional:
        return _sent(flow, hop, flow.source, "its peer")
    if not flow.headers:
        why = f"'{hop.name}' waits for a PROXY header that nobody sends"
        return refused(flow, why, hop.setting)
    first, *others = flow.headers
    after = replace(flow, headers=tuple(others))
    if others and hop.http:
        why = f"'{hop.name}' reads one PROXY header; {unread(after)} is garbage"
        return refused(flow, why, hop.setting)
    return _sent(after, hop, first.claim.named, f"whom PROXY {first.version} names")


def _sent(flow: Flow, hop: EdgeHop, seen: Named, whom: str) -> Step:
    source = flow.source.replaced(Role.EDGE_PROXY, Snat.ENVOY)
    if not hop.http:
        why = f"'{hop.name}' passes bytes on in a connection of its own"
        return Step(flow=flow.sent_by(source), why=why, snat=True, setting=hop.setting)
    if hop.kind is EdgeKind.INGRESS_NGINX:
        after, seen, said = ingress_nginx.told(flow, seen, whom, hop)
    else:
        claim = Claim(seen, Role.EDGE_PROXY)
        after = flow.forwarded(claim)
        if not hop.detects:
            after = after.telling(EXTERNAL_ADDRESS, claim)
        said = f"appends {whom} to X-Forwarded-For"
    return Step(
        flow=after.sent_by(source),
        why=f"'{hop.name}' {said}",
        snat=True,
        setting=hop.setting,
        named=seen,
    )
