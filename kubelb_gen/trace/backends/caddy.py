"""Whom a Caddy backend takes for the client.

A PROXY header of an allowed peer is read where there is one; a connection of anybody
else that begins with one is rejected, and served without.  Trusted proxies are walked
from the right, and everybody else is refused, where a request header is read.

Manual: Caddyfile global options, `servers`.  Checked against 2.11.
"""

from dataclasses import replace

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.trace.backends.receiving import BackendHop, receive_and_read
from kubelb_gen.trace.flow import Flow, Step

KIND = "caddy"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Caddy's `{client_ip}` names."""
    if hop.accept is not ProxyAcceptance.NONE:
        hop = replace(hop, waits=False, guarded=bool(flow.headers))
    return receive_and_read(flow, hop, _READABLE)
