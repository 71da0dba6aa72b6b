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
    TrafficPolicy,
    Wish,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import gates
from kubelb_gen.plan.facts import (
    BalancerFacts,
    Carrier,
    Outcome,
    PortPlan,
    Unmet,
)

UDP_DESIGNS = (
    "terminate UDP in the management cluster with a sender that speaks PROXY v2 over "
    "UDP (dnsdist does) to a receiver that reads it (Unbound, CoreDNS, Knot)",
    "run the service in the management cluster itself, behind a Service of its own "
    "with externalTrafficPolicy: Local",
    "log and limit clients at the edge, and say clientIP: ignored with because",
)
_SIDECAR = (
    "put NGINX, HAProxy or Envoy in front of the program and name that as the backend"
)
_IGNORE = "say clientIP: ignored with because"
_SENDING_BALANCER = (
    "use a load balancer that keeps the source address, or one that sends PROXY"
)


def at_layer4(
    fleet: Fleet,
    service: Service,
    balancer: BalancerFacts,
    decided: PortPlan,
    peers: tuple[Network, ...],
) -> Unmet | None:
    """Say why the backend of a layer-4 port does not see the client, or None.

    A port whose wish is `ignored` is told only what breaks it.
    """
    broken = _broken(balancer, decided, peers)
    if broken is not None or decided.port.client_ip is Wish.IGNORED:
        return broken
    if decided.port.protocol is Protocol.UDP:
        return lost(
            "nothing carries a client's address over UDP past SNAT#2: Envoy's "
            "udp_proxy sends from its own address and knows no PROXY header",
            *UDP_DESIGNS,
        )
    if decided.header is None:
        return _no_header(fleet, service, balancer, decided.port.backend)
    if decided.carrier is Carrier.BALANCER or balancer.keeps_client:
        return None
    return _lost_before_envoy(fleet, service, balancer)


def lost_before_edge(balancer: BalancerFacts) -> Unmet:
    """Say why an edge does not see the client on its connections."""
    if balancer.kind is LoadBalancerClass.PROXYING:
        return lost(
            f"load balancer '{balancer.balancer.name}' opens connections of its own "
            "and sends no PROXY header, so the edge sees the load balancer (SNAT#0)",
            _SENDING_BALANCER,
            "let it write X-Forwarded-For and count it in trustedProxies",
        )
    return _snat1(balancer, "the edge's Service")


def _broken(
    balancer: BalancerFacts, decided: PortPlan, peers: tuple[Network, ...]
) -> Unmet | None:
    if balancer.policy is TrafficPolicy.LOCAL and not balancer.local_works:
        return breaks(
            "externalTrafficPolicy: Local drops traffic behind "
            f"'{balancer.balancer.provider.name}': {balancer.balancer.provider.local.why}",
            "take the pin off, and use Cilium DSR with Cluster",
            "announce the address by BGP",
        )
    header, accept = decided.header, decided.accept
    if decided.second_header is not None:
        return breaks(
            "two PROXY headers arrive: Envoy's, and behind it the load balancer's as "
            "payload",
            "take the pin proxyProtocol: v2 off, so that the load balancer's header "
            "passes through alone",
        )
    if header is not None and accept is ProxyAcceptance.NONE:
        return breaks(
            f"a PROXY {header} header arrives, and the backend does not expect one",
            "give this port a Service of its own, without a header",
            _SIDECAR,
        )
    if header is not None and accept.value not in ("any", header.value):
        return breaks(
            f"a PROXY {header} header arrives, and the backend reads {accept} only",
            "let the backend accept both versions (acceptProxyProtocol: any)",
        )
    if header is None and _waits(decided.port.backend, accept):
        return breaks(
            "the backend waits for a PROXY header that nobody sends",
            "take the pin proxyProtocol: none off",
            "let the backend serve connections without a header",
        )
    return _refused(decided, peers)


def _refused(decided: PortPlan, peers: tuple[Network, ...]) -> Unmet | None:
    if decided.header is None or not peers or not decided.trusted:
        return None
    if any(
        peer.version == trusted.version and peer.overlaps(trusted)  # type: ignore[arg-type]
        for peer in peers
        for trusted in decided.trusted
    ):
        return None
    return breaks(
        "trustedCIDRs names none of the addresses that connections come from ("
        + ", ".join(map(str, peers))
        + "), so the guard refuses every one",
        "take the pin trustedCIDRs off",
    )


def _waits(backend: Backend | None, accept: ProxyAcceptance) -> bool:
    if backend is None or accept is ProxyAcceptance.NONE:
        return False
    return backend.kind is not BackendKind.OTHER or backend.proxy_protocol == "required"


def _no_header(
    fleet: Fleet, service: Service, balancer: BalancerFacts, backend: Backend | None
) -> Unmet:
    if service.proxy_protocol is False:
        return lost(
            "proxyProtocol is pinned to none, and Envoy's connection is a new one "
            "(SNAT#2)",
            "take the pin off",
        )
    if (
        backend is not None
        and backend.kind is BackendKind.OTHER
        and backend.proxy_protocol in (None, "none")
    ) or (
        backend is not None and backend.accept_proxy_protocol is ProxyAcceptance.NONE
    ):
        return lost(
            "the backend reads no PROXY header, and nothing else carries the client "
            "past SNAT#2",
            _SIDECAR,
            "serve HTTP through a Gateway, where X-Forwarded-For carries it",
            _IGNORE,
        )
    return _lost_before_envoy(fleet, service, balancer)


def _lost_before_envoy(
    fleet: Fleet, service: Service, balancer: BalancerFacts
) -> Unmet:
    if fleet.kubelb.version < gates.KUBELB_PROXY_PROTOCOL:
        return lost(
            f"KubeLB {fleet.kubelb.version} ignores the PROXY annotation and does not "
            "copy externalTrafficPolicy",
            f"upgrade KubeLB to {gates.KUBELB_PROXY_PROTOCOL} or newer",
        )
    if balancer.kind is LoadBalancerClass.PROXYING:
        return _lost_at_balancer(balancer)
    if service.external_traffic_policy is None and not balancer.local_works:
        return lost(
            f"Local does not work behind '{balancer.balancer.provider.name}' "
            f"({balancer.balancer.provider.local.why}), and Cluster hides the client "
            "(SNAT#1)",
            "turn on Cilium DSR in the management cluster",
            "announce the address by BGP",
        )
    return _snat1(balancer, "the Envoy Service")


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
    return lost(
        f"externalTrafficPolicy: Cluster on {where} lets a management node replace the "
        f"client's address (SNAT#1): {_without_dsr(balancer)}",
        "take the pin externalTrafficPolicy: Cluster off",
        "turn on Cilium DSR in the management cluster",
    )


def _without_dsr(balancer: BalancerFacts) -> str:
    if balancer.policy is TrafficPolicy.CLUSTER:
        return "the data plane does no DSR"
    return "this KubeLB does not copy the policy Local"


def lost(cause: str, *designs: str) -> Unmet:
    """Say that the backend sees somebody else."""
    return Unmet(outcome=Outcome.LOST, cause=cause, designs=designs)


def breaks(cause: str, *designs: str) -> Unmet:
    """Say that connections fail."""
    return Unmet(outcome=Outcome.BROKEN, cause=cause, designs=designs)


def forgeable(cause: str, *designs: str) -> Unmet:
    """Say that a client can make the backend believe a lie."""
    return Unmet(outcome=Outcome.FORGEABLE, cause=cause, designs=designs)
