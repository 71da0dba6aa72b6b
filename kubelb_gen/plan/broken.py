"""What keeps connections from working, whatever the wish.

A header that is not expected and one that is waited for in vain were measured on
NGINX, HAProxy and Envoy: garbage, a reset, or a connection that hangs.
"""

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion
from kubelb_gen.model import (
    Backend,
    BackendKind,
    Protocol,
    ProxyAcceptance,
    TrafficPolicy,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan.facts import BalancerFacts, PortPlan, Unmet
from kubelb_gen.plan.verdicts import breaks, lost

SIDECAR = (
    "put NGINX, HAProxy or Envoy in front of the program and name that as the backend"
)
_OWN_SERVICE = "give this port a Service of its own, without a header"
# Of trusted peers these read a header where there is one, and serve without.
_DETECTING = (BackendKind.TRAEFIK, BackendKind.CADDY)
_UNPIN_TRUST = "take the pin trustedCIDRs off"


def broken_at_layer4(
    balancer: BalancerFacts, decided: PortPlan, peers: tuple[Network, ...]
) -> Unmet | None:
    """Say what breaks connections to a port, or None; *peers* is whom it may see."""
    return (
        broken_on_the_way(balancer, decided.port.protocol)
        or _broken_by_header(decided)
        or _broken_by_silence(decided)
        or _broken_by_guard(decided, peers)
    )


def broken_on_the_way(balancer: BalancerFacts, protocol: Protocol) -> Unmet | None:
    """Say what keeps connections from any backend, whatever program it is."""
    udp = protocol is Protocol.UDP
    return (broken_without_udp(balancer) if udp else None) or broken_by_local(
        balancer, ""
    )


def broken_without_udp(balancer: BalancerFacts) -> Unmet | None:
    """Say that *balancer* carries no UDP, or None."""
    provider = balancer.balancer.provider
    if provider.udp:
        return None
    return breaks(
        f"load balancer '{balancer.balancer.name}' ({provider.name}) carries no UDP",
        "use a load balancer that does",
    )


def broken_over_ipv6(balancer: BalancerFacts) -> Unmet | None:
    """Say why a layer-4 client over IPv6 is not served, or None.

    A load balancer that opens connections of its own dials the nodes over IPv4.
    """
    if balancer.ipv6_kind in (None, LoadBalancerClass.PROXYING):
        return None
    return breaks(
        "KubeLB's Envoy listens on 0.0.0.0, so a client over IPv6 reaches nothing",
        f"take IPv6 out of ipFamilies of load balancer '{balancer.balancer.name}'",
        "use a load balancer that opens connections of its own and sends PROXY",
    )


def broken_by_local(balancer: BalancerFacts, where: str) -> Unmet | None:
    """Say that nodes drop traffic under `Local` behind *balancer*, or None."""
    if (
        balancer.policy is not TrafficPolicy.LOCAL
        or balancer.local_works
        or not balancer.policy_reaches_envoy
    ):
        return None
    provider = balancer.balancer.provider
    why = provider.local.why
    if balancer.sends is not None and provider.local.why_with_proxy is not None:
        why = provider.local.why_with_proxy
    designs = ["take the pin externalTrafficPolicy: Local off"]
    if balancer.kind is LoadBalancerClass.VIP:
        designs.append("announce the address by BGP")
    return breaks(
        f"externalTrafficPolicy: Local {where}drops traffic behind '{provider.name}': "
        f"{why}",
        *designs,
    )


def broken_by_trust(
    pinned: tuple[Network, ...] | None, peers: tuple[Network, ...]
) -> Unmet | None:
    """Say that a guard with *pinned* ranges refuses all of *peers*, or None."""
    if pinned is None or not peers:
        return None
    if any(
        peer.version == each.version and peer.overlaps(each)
        for peer in peers
        for each in pinned
    ):
        return None
    return breaks(
        "trustedCIDRs names none of the addresses that connections come from ("
        + ", ".join(map(str, peers))
        + "), so the guard refuses every one",
        _UNPIN_TRUST,
    )


def _broken_by_header(decided: PortPlan) -> Unmet | None:
    header, accept = decided.header, decided.entry
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
            _OWN_SERVICE,
            SIDECAR,
        )
    if header is not None and header not in _read_by(decided.port.backend, accept):
        return breaks(
            f"a PROXY {header} header arrives, and the backend reads {accept} only",
            "let the backend accept both versions (acceptProxyProtocol: any)",
        )
    return None


def _read_by(
    backend: Backend | None, accept: ProxyAcceptance
) -> frozenset[ProxyVersion]:
    # The switches of what we write know no version; all read both (measured).
    both = accept in (ProxyAcceptance.ANY, ProxyAcceptance.OPTIONAL) or (
        backend is not None and backend.kind is not BackendKind.OTHER
    )
    return frozenset(each for each in ProxyVersion if both or each.value == accept)


def _broken_by_silence(decided: PortPlan) -> Unmet | None:
    if decided.header is not None or not waits(decided.port.backend, decided.entry):
        return None
    if decided.port.protocol is Protocol.UDP:
        return breaks(
            "the backend waits for a PROXY header, and nothing on the path sends one "
            "over UDP",
            "let the backend serve datagrams without a header",
        )
    if decided.accept is ProxyAcceptance.V1:
        return breaks(
            "the backend waits for a PROXY v1 header, and nothing on the path sends "
            "that version",
            "let the backend accept both versions (acceptProxyProtocol: any)",
        )
    return breaks(
        "the backend waits for a PROXY header that nobody sends",
        "take the pin proxyProtocol: none off",
        "let the backend serve connections without a header",
    )


def _broken_by_guard(decided: PortPlan, peers: tuple[Network, ...]) -> Unmet | None:
    backend, adapted = decided.port.backend, decided.port.adapted
    # An adapter guards its peers while no header comes, too.
    if backend is None or (decided.header is None and not adapted):
        return None
    told = broken_by_trust(backend.trusted_cidrs, peers)
    if told is not None and backend.kind is BackendKind.TRAEFIK and not adapted:
        return lost(
            "trustedCIDRs names none of the addresses that connections come from, and "
            "Traefik ignores the PROXY header of everybody else",
            *told.designs,
        )
    return told


def waits(backend: Backend | None, accept: ProxyAcceptance) -> bool:
    """Tell whether *backend* serves nobody who sends no header."""
    if backend is None or accept in (ProxyAcceptance.NONE, ProxyAcceptance.OPTIONAL):
        return False
    if backend.kind is BackendKind.OTHER:
        return backend.proxy_protocol == "required"
    return backend.kind not in _DETECTING
