"""Whom a HAProxy backend takes for the client.

`accept-proxy` demands a header and reads both versions; `http-request set-src` takes
one entry of X-Forwarded-For, and leaves the peer where that entry is missing.

Manual: HAProxy configuration manual, sections 4.2 and 5.1.  Checked against 2.8.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from kubelb_gen.trace.backends.receiving import (
    BackendHop,
    by_field,
    by_position,
    by_walk,
    receive,
)
from kubelb_gen.trace.flow import Flow, Step

KIND = "haproxy"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom HAProxy's `src` names."""
    step = receive(flow, hop, _READABLE)
    if step.broken is not None or flow.connect_only:
        return step
    match hop.reading:
        case ByPosition(from_right=from_right):
            return by_position(step.flow, hop, from_right)
        case ByHeader(header=header):
            return by_field(step.flow, hop, header)
        case ByWalk(trusted=trusted):
            return by_walk(step.flow, hop, trusted)
    return step
