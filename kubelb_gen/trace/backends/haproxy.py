"""Whom a HAProxy backend takes for the client.

`accept-proxy` demands a header and reads both versions; `http-request set-src` takes
one entry of X-Forwarded-For, and leaves the peer where that entry is missing.

Manual: HAProxy configuration manual, sections 4.2 and 5.1.  Checked against 2.8.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.trace.backends.receiving import BackendHop, receive_and_read
from kubelb_gen.trace.flow import Flow, Step

KIND = "haproxy"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom HAProxy's `src` names."""
    return receive_and_read(flow, hop, _READABLE)
