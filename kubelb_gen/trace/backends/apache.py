"""Whom an Apache backend takes for the client.

`RemoteIPProxyProtocol` demands a header and reads both versions.  `RemoteIPHeader` is
walked from the right past `RemoteIPInternalProxy`.

Manual: mod_remoteip.  Checked against 2.4.
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

KIND = "apache"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Apache's `REMOTE_ADDR` names."""
    step = receive(flow, hop, _READABLE)
    if step.broken is not None or flow.connect_only:
        return step
    match hop.reading:
        case ByHeader(header=header):
            return by_field(step.flow, hop, header)
        case ByPosition(from_right=from_right):
            return by_position(step.flow, hop, from_right)
        case ByWalk(trusted=trusted):
            return by_walk(step.flow, hop, (*hop.trusted, *trusted))
    return step
