"""Why a wish cannot be met, in the words a user can act on.

Each cause names the hop where the address goes and the setting that makes it go;
each design is one that works on the wire (facts measured on NGINX, HAProxy, Envoy
and kernel NAT).
"""

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.model import (
    Backend,
    BackendKind,
    Fleet,
    Protocol,
    ProxyAcceptance,
    Service,
    Wish,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import gates
from kubelb_gen.plan.balancers import names_ports
from kubelb_gen.plan.broken import (
    SIDECAR,
    broken_at_layer4,
    broken_by_trust,
    broken_on_the_way,
    broken_over_ipv6,
)
from kubelb_gen.plan.facts import BalancerFacts, Carrier, PortPlan, Unmet
from kubelb_gen.plan.verdicts import forgeable, lost

UDP_DESIGNS = (
    (
        "terminate UDP in the management cluster with a sender that speaks PROXY v2 "
        "over UDP (dnsdist does) to a receiver that reads it (Unbound, CoreDNS, Knot)"
    ),
    (
        "run the service in the management cluster itself, behind a Service of its own "
        "with externalTrafficPolicy: Local"
    ),
    "log and limit clients at the edge, and say clientIP: ignored with because",
)
_IGNORE = "say clientIP: ignored with because"
_BY_HAND = (
    "its annotation names every port, and the spec knows none of the edge's: write it "
    "on the edge's Service yourself, and say proxyProtocol: v2 of the load balancer"
)
_SENDING_BALANCER = (
    "use a load balancer that keeps the source address, or one that sends PROXY"
)
_BGP = "announce the address with MetalLB, or with Cilium by BGP, where Local works"
_DSR = "turn on Cilium DSR in the management cluster"


def at_layer4(
    fleet: Fleet,
    service: Service,
    balancer: BalancerFacts,
    decided: PortPlan,
    peers: tuple[Network, ...],
) -> Unmet | None:
    """Say why the backend of a layer-4 port does not see the client, or None.

    *peers* is whom the backend sees as the source of connections.  A port whose wish
    is `ignored` is told only what is broken or forgeable.
    """
    if not evaluated(balancer, decided.port.backend):
        return broken_on_the_way(balancer, decided.port.protocol)
    told = broken_at_layer4(balancer, decided, peers) or _forged(decided, peers)
    if told is not None or decided.port.client_ip is Wish.IGNORED:
        return told
    if decided.port.protocol is Protocol.UDP:
        return _lost_over_udp()
    if decided.carrier is Carrier.BALANCER:
        return None
    if decided.carrier is Carrier.ENVOY and balancer.keeps_client:
        return None
    return _lost_over_tcp(fleet, service, balancer, decided.port.backend)


def at_layer4_over_ipv6(balancer: BalancerFacts, decided: PortPlan) -> Unmet | None:
    """Say what is wrong for a client over IPv6, given what *decided* says of IPv4."""
    if balancer.ipv6_kind is None:
        return None
    broken = broken_over_ipv6(balancer)
    told = broken or decided.unmet
    if (
        told is not None
        or decided.port.client_ip is Wish.IGNORED
        or decided.carrier is Carrier.BALANCER
        or not evaluated(balancer, decided.port.backend)
    ):
        return told
    return lost_in_translation(balancer)


def evaluated(balancer: BalancerFacts, backend: Backend | None) -> bool:
    """Tell whether enough is known for a verdict: what forwards, and what receives."""
    unknown = backend is not None and backend.unknown
    return not (unknown or balancer.balancer.unknown)


def lost_in_translation(balancer: BalancerFacts) -> Unmet:
    """Say that *balancer* turns IPv6 into IPv4 connections of its own."""
    return lost(
        f"load balancer '{balancer.balancer.name}' turns a client's IPv6 into an IPv4 "
        "connection of its own (SNAT#0), and sends no PROXY header",
        "let it send PROXY: take proxyProtocol: none off",
        f"take IPv6 out of ipFamilies of load balancer '{balancer.balancer.name}'",
    )


def lost_before_edge(balancer: BalancerFacts) -> Unmet:
    """Say why an edge does not see the client on its connections."""
    if balancer.kind is LoadBalancerClass.PROXYING:
        return lost(
            f"load balancer '{balancer.balancer.name}' opens connections of its own "
            "and sends no PROXY header, so the edge sees the load balancer (SNAT#0)",
            *([_BY_HAND] if names_ports(balancer) else ()),
            _SENDING_BALANCER,
            "let it write X-Forwarded-For and count it in trustedProxies",
        )
    return _snat1(balancer, "the edge's Service")


def _forged(decided: PortPlan, peers: tuple[Network, ...]) -> Unmet | None:
    backend = decided.port.backend
    if (
        backend is None
        or decided.header is not None
        or decided.entry is ProxyAcceptance.NONE
        or broken_by_trust(backend.trusted_cidrs, peers) is not None
        or (_trusts_nobody(backend, peers) and not decided.port.adapted)
    ):
        return None
    return forgeable(
        "the backend takes a PROXY header where there is one, and nothing on the path "
        "sends any: Envoy passes on what the client writes",
        "let the backend read no PROXY header on this port",
        "take the pin proxyProtocol: none off, so that Envoy's header comes first",
    )


def _trusts_nobody(backend: Backend, peers: tuple[Network, ...]) -> bool:
    # Where no header arrives, nobody is trusted by what we write, unless pinned.
    written = backend.kind is not BackendKind.OTHER
    return written and backend.trusted_cidrs is None and bool(peers)


def _lost_over_udp() -> Unmet:
    return lost(
        "nothing carries a client's address over UDP past SNAT#2: Envoy's udp_proxy "
        "sends from its own address and knows no PROXY header",
        *UDP_DESIGNS,
    )


def _lost_over_tcp(
    fleet: Fleet, service: Service, balancer: BalancerFacts, backend: Backend | None
) -> Unmet:
    proxying = balancer.kind is LoadBalancerClass.PROXYING
    if proxying and not _can_send(balancer):
        return _lost_at_balancer(balancer)
    if not _reads_header(backend):
        return lost(
            "the backend reads no PROXY header, and nothing else carries the client "
            "past SNAT#2",
            SIDECAR,
            "serve HTTP through a Gateway, where X-Forwarded-For carries it",
            _IGNORE,
        )
    if proxying:
        return _lost_at_balancer(balancer)
    if fleet.kubelb.version < gates.KUBELB_PROXY_PROTOCOL:
        return lost(
            f"KubeLB {fleet.kubelb.version} ignores the PROXY annotation and does not "
            "copy externalTrafficPolicy",
            f"upgrade KubeLB to {gates.KUBELB_PROXY_PROTOCOL} or newer",
        )
    if service.proxy_protocol is False:
        return lost(
            "proxyProtocol is pinned to none, and Envoy's connection is a new one "
            "(SNAT#2)",
            "take the pin off",
        )
    return _snat1(balancer, "the Envoy Service")


def _can_send(balancer: BalancerFacts) -> bool:
    return balancer.balancer.provider.proxy is not None and (
        not balancer.balancer.proxy_off
    )


def _reads_header(backend: Backend | None) -> bool:
    if backend is None or backend.accept_proxy_protocol is ProxyAcceptance.NONE:
        return False
    return (
        backend.accept_proxy_protocol is not None
        or backend.kind is not BackendKind.OTHER
        or backend.proxy_protocol in ("accepted", "required")
    )


def _lost_at_balancer(balancer: BalancerFacts) -> Unmet:
    name = balancer.balancer.name
    if balancer.balancer.proxy_off:
        return lost(
            f"load balancer '{name}' opens connections of its own (SNAT#0), and its "
            "proxyProtocol is none",
            "let it send PROXY: take proxyProtocol: none off",
        )
    if balancer.balancer.provider.proxy is None:
        return lost(
            f"load balancer '{name}' opens connections of its own and cannot send "
            "PROXY (SNAT#0); neither Local nor DSR brings the address back",
            _SENDING_BALANCER,
        )
    return lost(
        f"load balancer '{name}' opens connections of its own (SNAT#0), and its PROXY "
        "header is off because proxyProtocol: v2 is pinned or no backend reads its "
        "version",
        "take the pin off, so that the load balancer's header passes through",
    )


def _snat1(balancer: BalancerFacts, where: str) -> Unmet:
    provider = balancer.balancer.provider
    if not balancer.local_works:
        return lost(
            f"Local does not work behind '{provider.name}' ({provider.local.why}), and "
            f"Cluster on {where} hides the client (SNAT#1): the data plane does no DSR",
            _DSR,
            _BGP,
        )
    return lost(
        f"externalTrafficPolicy: Cluster on {where} lets a management node replace the "
        "client's address (SNAT#1): the data plane does no DSR",
        "take the pin externalTrafficPolicy: Cluster off",
        _DSR,
    )
