"""Whom a Caddy backend takes for the client.

A PROXY header of an allowed peer is read where there is one; a connection of anybody
else that begins with one is rejected, and served without.  Trusted proxies are walked
from the right, and everybody else is refused, where a request header is read.

Manual: Caddyfile global options, `servers`.  Checked against 2.11.
"""

from dataclasses import replace

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk
from kubelb_gen.trace.backends.receiving import (
    BackendHop,
    by_field,
    by_position,
    by_walk,
    receive,
)
from kubelb_gen.trace.flow import Flow, Step

KIND = "caddy"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Caddy's `{client_ip}` names."""
    if hop.accept is not ProxyAcceptance.NONE:
        hop = replace(hop, waits=False, guarded=bool(flow.headers))
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
