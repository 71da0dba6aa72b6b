"""Whom a program takes for the client that we write nothing for.

It is what its owner says it is: at layer 4 whether it takes a PROXY header, at layer 7
which entry of which request header it reads.
"""

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import HeaderReading, ProxyAcceptance
from kubelb_gen.trace.backends.receiving import (
    BackendHop,
    believing,
    by_field,
    by_peer,
    by_position,
    by_walk,
    receive,
)
from kubelb_gen.trace.flow import FORWARDED_FOR, Flow, Step, refused, unread
from kubelb_gen.trace.path import Carried

KIND = "other"

_BOTH = frozenset(ProxyVersion)


def forward(flow: Flow, hop: BackendHop) -> Step:
    """Return whom the program says that it takes for the client."""
    if hop.unknown and not flow.connect_only:
        arrives = unread(flow) if flow.headers else "no PROXY header"
        if flow.forwarded_for:
            arrives = "X-Forwarded-For"
        why = f"{arrives} arrives; what the program makes of that is unknown"
        return Step(flow=flow, why=why, unknown=True)
    peer = flow.source.role
    if (
        flow.headers
        and hop.trusted
        and peer
        and not hop.ranges.admits(peer, hop.trusted)
    ):
        why = f"its trusted ranges have no {peer}, so it takes no header from there"
        return refused(flow, why)
    step = receive(flow, hop, readable(hop.accept))
    if step.broken is not None or hop.reads is None or flow.connect_only:
        return step
    return _read(step.flow, hop, hop.reads)


def readable(accept: ProxyAcceptance) -> frozenset[ProxyVersion]:
    """Return the versions of PROXY that a listener with *accept* reads."""
    if accept in (ProxyAcceptance.ANY, ProxyAcceptance.OPTIONAL):
        return _BOTH
    return frozenset(each for each in _BOTH if each.value == accept.value)


def _read(flow: Flow, hop: BackendHop, reads: HeaderReading) -> Step:
    header = reads.header or FORWARDED_FOR
    if reads.peer:
        return by_peer(flow, hop, "it takes its peer for the client")
    if header.lower() != FORWARDED_FOR:
        return by_field(flow, hop, header)
    if reads.cidrs:
        return by_walk(flow, hop, reads.cidrs)
    if reads.first and flow.forwarded_for:
        claim = flow.forwarded_for[0]
        why = "the first entry of X-Forwarded-For, whoever wrote it"
        return believing(flow, hop, claim, Carried.FORWARDED_FOR, why)
    return by_position(flow, hop, reads.from_right or 1)
