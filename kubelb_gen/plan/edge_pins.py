"""What a pin of an edge's reading does to everything behind it.

An edge that waits for a PROXY header serves nobody without, one that does not expect it
answers 400, and one that reads it where there is one believes whoever wrote it.
"""

from kubelb_gen.model import Gateway, RouteBackend
from kubelb_gen.plan import gates
from kubelb_gen.plan.facts import EdgePlan, Unmet
from kubelb_gen.plan.verdicts import breaks, forgeable

_UNPIN = "take the pin acceptProxyProtocol off the edge"


def broken_at_edge(
    gateway: Gateway, edge: EdgePlan, backend: RouteBackend
) -> Unmet | None:
    """Say that a pin keeps the edge from reading what its balancer sends, or None."""
    pinned = edge.edge.accept_proxy
    if pinned is None or gateway.is_ingress or backend.route_kind == "UDPRoute":
        return None
    sends = edge.balancer.sends
    if sends is not None and pinned == "none":
        return breaks(
            f"edge '{edge.edge.name}' gets a PROXY {sends} header and does not read it",
            _UNPIN,
        )
    release = edge.edge.version or gates.ENVOY_GATEWAY_BASELINE
    strict = pinned == "required" or release < gates.ENVOY_GATEWAY_PROXY_PROTOCOL
    if sends is None and pinned != "none" and strict:
        return breaks(
            f"edge '{edge.edge.name}' waits for a PROXY header that nobody sends",
            _UNPIN,
        )
    return None


def forged_at_edge(
    gateway: Gateway, edge: EdgePlan, backend: RouteBackend
) -> Unmet | None:
    """Say that the edge reads the PROXY header of a client, or None."""
    reads = backend.backend.reads
    by_peer = reads is not None and reads.peer
    counted = gateway.trusted_proxies.count
    if edge.edge.accept_proxy != "optional" or gateway.is_ingress or by_peer or counted:
        return None
    if edge.balancer.sends is not None:
        return None
    return forgeable(
        f"edge '{edge.edge.name}' reads a PROXY header where there is one, and nobody "
        "but a client sends any",
        _UNPIN,
    )
