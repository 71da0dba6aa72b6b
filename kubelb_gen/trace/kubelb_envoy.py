"""What KubeLB's Envoy does: the connection behind it is a new one (SNAT#2).

Layer 4: `tcp_proxy` on 0.0.0.0 without a PROXY listener filter, so that what a load
balancer sends passes as payload; with KubeLB's annotation a PROXY v2 header names the
connection's source.  Layer 7, from KubeLB 1.3.0: `use_remote_address`,
`xff_num_trusted_hops: 1`.  Measured on Envoy 1.36.4 and 1.40.0.
"""

from enum import StrEnum

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Protocol
from kubelb_gen.trace.flow import (
    EXTERNAL_ADDRESS,
    Claim,
    Flow,
    ProxyHeader,
    Step,
    refused,
    unread,
)
from kubelb_gen.trace.path import Role, Setting, Snat

KIND = "kubelb-envoy"


class Serving(StrEnum):
    """What the Envoy listener of a port is."""

    LAYER_4 = "layer-4"
    REQUESTS = "requests"
    ROUTE_BYTES = "route-bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyHop:
    """One listener; *writes_proxy* is KubeLB's annotation, where it is heeded."""

    serving: Serving = Serving.LAYER_4
    writes_proxy: bool = False
    setting: Setting | None = None


def forward(flow: Flow, hop: EnvoyHop) -> Step:
    """Return what leaves the management cluster."""
    if hop.serving is Serving.LAYER_4 and flow.over_ipv6:
        return _refused(flow, "KubeLB's Envoy listens on 0.0.0.0, and not over IPv6")
    if hop.serving is Serving.REQUESTS:
        return _requests(flow, hop)
    if hop.writes_proxy and flow.protocol is Protocol.TCP and not flow.connect_only:
        header = ProxyHeader(ProxyVersion.V2, Claim(flow.source, Role.ENVOY_POD))
        why = "a new connection (SNAT#2), with its source in a PROXY v2 header"
        return _left(flow.behind(header), hop, why)
    if flow.protocol is Protocol.UDP:
        return _left(flow, hop, "udp_proxy sends from an address of its own (SNAT#2)")
    passed = f", {unread(flow)} passed on as payload" if flow.headers else ""
    return _left(flow, hop, f"a new connection (SNAT#2){passed}")


def _requests(flow: Flow, hop: EnvoyHop) -> Step:
    if flow.headers:
        return _refused(flow, f"{unread(flow)} in front of a request is garbage to it")
    last = flow.forwarded_for[-1] if flow.forwarded_for else None
    # One trusted hop: the last entry received, whoever wrote it.
    external = last or Claim(flow.source, Role.ENVOY_POD)
    after = flow.telling(EXTERNAL_ADDRESS, external)
    after = after.forwarded(Claim(flow.source, Role.ENVOY_POD))
    return _left(
        after,
        hop,
        "a new connection (SNAT#2); it appends the edge to X-Forwarded-For and "
        "overwrites X-Envoy-External-Address with the entry before",
    )


def _left(flow: Flow, hop: EnvoyHop, why: str) -> Step:
    return Step(flow=_behind_it(flow), why=why, snat=True, setting=hop.setting)


def _refused(flow: Flow, why: str) -> Step:
    # No connection comes of it, and any that did would be Envoy's own.
    return refused(_behind_it(flow), why)


def _behind_it(flow: Flow) -> Flow:
    # Pods leave the management cluster behind their node.
    return flow.sent_by(flow.source.replaced(Role.MANAGEMENT_EGRESS, Snat.ENVOY))
