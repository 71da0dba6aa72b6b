"""What a client can write: a lie for every place, along every way that is open to it.

A PROXY header of its own is payload to whoever reads none; request headers stand where
the client puts them.  A client may walk around the trusted proxies in front of an edge
unless the spec says that they are the only way in.
"""

from collections.abc import Iterator
from dataclasses import replace

from kubelb_gen.catalogue import IPFamily, ProxyVersion
from kubelb_gen.model import HeaderReading, Protocol
from kubelb_gen.plan import ByPosition
from kubelb_gen.trace.flow import (
    EXTERNAL_ADDRESS,
    FORWARDED_FOR,
    LIE,
    REAL_IP,
    Claim,
    Flow,
    ProxyHeader,
)
from kubelb_gen.trace.path import LiePlace, Role
from kubelb_gen.trace.planes import Link
from kubelb_gen.trace.port_chain import PortChain
from kubelb_gen.trace.route_chain import RouteChain
from kubelb_gen.trace.walking import Attempt

Chain = PortChain | RouteChain

_CLAIM = Claim(LIE, Role.CLIENT)
_HEADERS = {
    LiePlace.PROXY_V1: ProxyHeader(ProxyVersion.V1, _CLAIM),
    LiePlace.PROXY_V2: ProxyHeader(ProxyVersion.V2, _CLAIM),
}
_FIELDS = {
    EXTERNAL_ADDRESS: LiePlace.EXTERNAL_ADDRESS,
    REAL_IP: LiePlace.REAL_IP,
}


def attempts(
    chain: Chain, flow: Flow, links: tuple[Link, ...], *, outside: bool
) -> Iterator[Attempt]:
    """Yield every lie that the sender of *flow* can tell along *links*.

    *outside* tells that it comes from the internet, where proxies can be passed by.
    """
    around = past_proxies(chain, flow) if outside else None
    for place, header, lying in _lies(chain, flow):
        yield Attempt(place=place, header=header, flow=lying, links=links)
        if around is not None:
            yield Attempt(
                place=place, header=header, flow=lying, links=around, past_proxies=True
            )


def _lies(chain: Chain, flow: Flow) -> Iterator[tuple[LiePlace, str | None, Flow]]:
    for place, header in _HEADERS.items():
        # Version 1 is a line of text, for streams alone.
        if flow.protocol is Protocol.TCP or header.version is ProxyVersion.V2:
            yield place, None, flow.behind(header)
    if isinstance(chain, RouteChain):
        entries = (_CLAIM,) * _deepest(chain)
        lying = replace(flow, forwarded_for=entries)
        yield LiePlace.FORWARDED_FOR, "X-Forwarded-For", lying
        for name, shown in _fields(chain):
            place = _FIELDS.get(name, LiePlace.OTHER_HEADER)
            yield place, shown, flow.telling(name, _CLAIM)


def _fields(chain: RouteChain) -> Iterator[tuple[str, str]]:
    yield EXTERNAL_ADDRESS, "X-Envoy-External-Address"
    yield REAL_IP, "X-Real-IP"
    reads = chain.route.backend.backend.reads
    if reads is not None and reads.header is not None:
        name = reads.header.lower()
        if name != FORWARDED_FOR and name not in _FIELDS:
            yield name, reads.header


def _deepest(chain: RouteChain) -> int:
    """Return how many entries reach the one that the backend reads."""
    reading = chain.route.reading
    reads: HeaderReading | None = chain.route.backend.backend.reads
    if reads is not None:
        return reads.from_right or 1
    return reading.from_right if isinstance(reading, ByPosition) else 1


def past_proxies(chain: Chain, flow: Flow) -> tuple[Link, ...] | None:
    """Return the hops of whoever goes around the trusted proxies; None: nobody can."""
    if not isinstance(chain, RouteChain):
        return None
    proxies = chain.gateway.gateway.trusted_proxies
    if proxies.count == 0 or proxies.only_way_in:
        return None
    return chain.past_proxies(IPFamily.IPV6 if flow.over_ipv6 else IPFamily.IPV4)
