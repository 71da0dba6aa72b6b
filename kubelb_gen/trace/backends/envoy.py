"""Whom an Envoy backend takes for the client.

The listener filter demands a PROXY header and reads both versions; the filter chain
matches trusted peers alone.  `xff_num_trusted_hops` takes one entry of X-Forwarded-For,
and the peer where that entry is missing.

Manual: Envoy, "HTTP header manipulation", "Proxy Protocol".  Checked against 1.40.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.trace.backends.receiving import BackendHop, receive_and_read
from kubelb_gen.trace.flow import Flow, Step

KIND = "envoy"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Envoy's downstream remote address names."""
    return receive_and_read(flow, hop, _READABLE)
