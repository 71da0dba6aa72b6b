"""Whom a Traefik backend takes for the client.

A PROXY header of a peer in `trustedIPs` is read where there is one; that of others is
taken off and ignored.  At layer 7 others are refused, and the application looks where
the comment in Traefik's file sends it.

Manual: Traefik, "EntryPoints", "IPAllowList".  Checked against 3.7.
"""

from dataclasses import replace

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import ProxyAcceptance
from kubelb_gen.trace.backends.receiving import (
    BackendHop,
    by_peer,
    receive,
    receive_and_read,
)
from kubelb_gen.trace.flow import Flow, Step

KIND = "traefik"

_READABLE = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom Traefik takes for the client."""
    if hop.accept is not ProxyAcceptance.NONE:
        return _by_proxy(flow, replace(hop, waits=False, guarded=False))
    return receive_and_read(flow, hop, _READABLE)


def _by_proxy(flow: Flow, hop: BackendHop) -> Step:
    step = receive(flow, hop, _READABLE)
    peer = flow.source.role
    believed = peer is None or hop.ranges.admits(peer, hop.trusted)
    if believed or step.broken is not None or not flow.headers:
        return step
    why = f"trustedIPs have no {peer}, so Traefik ignores the header: the peer it is"
    return by_peer(step.flow, hop, why)
