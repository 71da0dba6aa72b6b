"""Whom an Envoy backend takes for the client.

The listener filter demands a PROXY header and reads both versions; the filter chain
matches trusted peers alone.  `xff_num_trusted_hops` takes one entry of X-Forwarded-For,
and the peer where that entry is missing.

Manual: Envoy, "HTTP header manipulation", "Proxy Protocol".  Checked against 1.40.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.plan import ByPosition
from kubelb_gen.trace.backends.receiving import BackendHop, by_position, receive
from kubelb_gen.trace.flow import Flow, Step

KIND = "envoy"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Envoy's downstream remote address names."""
    step = receive(flow, hop, _READABLE)
    if step.broken is not None or flow.connect_only:
        return step
    if isinstance(hop.reading, ByPosition):
        return by_position(step.flow, hop, hop.reading.from_right)
    return step
