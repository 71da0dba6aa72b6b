"""Which entry of which header a layer-7 backend reads, and whether that is true.

NGINX, Apache and Caddy walk X-Forwarded-For by address and cannot pick an entry by
its place; HAProxy and Envoy pick by place, and so has Traefik's application to, since
Traefik hands the list on.  X-Envoy-External-Address is one value that KubeLB's Envoy
overwrites, and names the client where no proxy stands in front of the edge.
Measured: facts of NGINX 1.22, HAProxy 2.8, Envoy 1.40.
"""

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.model import (
    BackendKind,
    Fleet,
    Gateway,
    Protocol,
    RouteBackend,
    Tenant,
    TrafficPolicy,
    Wish,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import gates
from kubelb_gen.plan.broken import (
    broken_by_local,
    broken_by_trust,
    broken_without_udp,
)
from kubelb_gen.plan.cilium import dsr_engages
from kubelb_gen.plan.edge_pins import broken_at_edge, forged_at_edge
from kubelb_gen.plan.edges import behind
from kubelb_gen.plan.facts import (
    BalancerFacts,
    ByHeader,
    ByPosition,
    ByWalk,
    EdgePlan,
    Reading,
    Unmet,
)
from kubelb_gen.plan.layer4 import egress_of
from kubelb_gen.plan.readings import (
    EXTERNAL_ADDRESS,
    misread,
    misread_without_header,
    past_the_proxies,
)
from kubelb_gen.plan.unmet import evaluated, lost_before_edge, lost_in_translation
from kubelb_gen.plan.verdicts import lost

# What KubeLB's Envoy reads as requests: these kinds of route, without TLS behind.
HTTP_ROUTES = ("HTTPRoute", "GRPCRoute", "Ingress")
TLS_PROTOCOLS = ("HTTPS", "TLS", "GRPCS")
_BY_POSITION = (BackendKind.HAPROXY, BackendKind.ENVOY)
_LOAD_BALANCER_SERVICE = (
    "expose the program with a Service of type LoadBalancer, where PROXY protocol "
    "carries the client"
)


def reading_for(
    fleet: Fleet, tenant: Tenant, gateway: Gateway, backend: RouteBackend, place: int
) -> Reading | None:
    """Decide how *backend* finds the client at *place* from the right.

    None where its kind has no way to, and for kind `other`, which says itself what
    it reads.
    """
    kind = backend.backend.kind
    proxies = gateway.trusted_proxies
    if kind is BackendKind.OTHER:
        return None
    counts = kind is BackendKind.TRAEFIK and proxies.count > 0
    if kind in _BY_POSITION or counts:
        return ByPosition(from_right=place)
    if proxies.count:
        if not proxies.cidrs:
            return None
        return ByWalk(trusted=_walked(fleet, tenant, gateway))
    if fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES:
        return ByHeader(header=EXTERNAL_ADDRESS)
    return ByPosition(from_right=place)


def unmet_at_layer7(  # noqa: PLR0913  each is a fact of its own
    fleet: Fleet,
    tenant: Tenant,
    gateway: Gateway,
    edge: EdgePlan,
    backend: RouteBackend,
    *,
    place: int,
    reading: Reading | None,
    as_http: bool,
) -> Unmet | None:
    """Say why *backend* does not see the client, or None.

    A backend whose wish is `ignored` is told only what is broken or forgeable.
    """
    broken = (
        _broken_by_protocol(edge.balancer, backend)
        or broken_by_local(edge.balancer, "on the edge's Service ")
        or broken_at_edge(gateway, edge, backend)
    )
    if not evaluated(edge.balancer, backend.backend):
        return broken
    told = (
        broken
        or _broken_by_trust(fleet, tenant, backend, reading if as_http else None)
        or (forged_at_edge(gateway, edge, backend) if as_http else None)
        or _misread(fleet, gateway, edge, backend, place, reading, as_http=as_http)
    )
    if told is not None and not told.is_lost:
        return told
    if backend.client_ip is Wish.IGNORED:
        return None
    if as_http and not _reaches_edge(fleet, gateway, edge, backend, reading):
        return lost_before_edge(edge.balancer)
    return told


def unmet_over_ipv6(
    gateway: Gateway, edge: EdgePlan, backend: RouteBackend, told: Unmet | None
) -> Unmet | None:
    """Say what is wrong for a client over IPv6, given what is *told* of IPv4."""
    balancer = edge.balancer
    if balancer.ipv6_kind is None:
        return None
    if (
        told is not None
        or backend.client_ip is Wish.IGNORED
        or balancer.sends is not None
        or balancer.ipv6_kind is not LoadBalancerClass.PROXYING
        or gateway.trusted_proxies.count
        or not evaluated(balancer, backend.backend)
    ):
        return told
    return lost_in_translation(balancer)


def _broken_by_protocol(balancer: BalancerFacts, backend: RouteBackend) -> Unmet | None:
    if backend.route_kind != "UDPRoute":
        return None
    return broken_without_udp(balancer)


def _broken_by_trust(
    fleet: Fleet, tenant: Tenant, backend: RouteBackend, reading: Reading | None
) -> Unmet | None:
    if reading is None:
        return None
    sources = tenant.internal_cidrs
    if dsr_engages(tenant.cilium, Protocol.TCP):
        sources = egress_of(fleet, tenant)
    return broken_by_trust(backend.backend.trusted_cidrs, sources)


def _reaches_edge(
    fleet: Fleet,
    gateway: Gateway,
    edge: EdgePlan,
    backend: RouteBackend,
    reading: Reading | None,
) -> bool:
    balancer = edge.balancer
    if balancer.sends is not None or balancer.keeps_client:
        return True
    if not gateway.trusted_proxies.count:
        return False
    # What is replaced is the address of the last trusted proxy, not the client's:
    # counting passes over it, walking stops there unless it is a proxy of the spec.
    # Under Cluster, but for DSR, a node stands in for the balancer itself.
    kept = balancer.policy is TrafficPolicy.LOCAL or dsr_engages(
        fleet.management.cilium, Protocol.TCP
    )
    if balancer.kind is LoadBalancerClass.PROXYING and kept:
        return True
    reads = backend.backend.reads
    walks = bool(reads.cidrs) if reads else isinstance(reading, ByWalk)
    return not walks and not edge.replaces


def _misread(  # noqa: PLR0913  each is a fact of its own
    fleet: Fleet,
    gateway: Gateway,
    edge: EdgePlan,
    backend: RouteBackend,
    place: int,
    reading: Reading | None,
    *,
    as_http: bool,
) -> Unmet | None:
    program = backend.backend
    if not as_http:
        return misread_without_header(program.reads) or _no_http(backend)
    if program.kind is BackendKind.OTHER:
        return misread(fleet, gateway, edge, program.reads, place)
    if reading is None:
        return lost(
            f"{program.kind} finds the client behind {gateway.trusted_proxies.count} "
            "trusted proxies only by their addresses, and trustedProxies.cidrs is "
            "absent",
            "name their ranges in trustedProxies.cidrs",
            "use a backend that reads by position (haproxy), with onlyWayIn: true",
        )
    if isinstance(reading, ByPosition):
        return past_the_proxies(behind(edge, gateway), reading.from_right)
    return None


def _no_http(backend: RouteBackend) -> Unmet:
    if backend.protocol in TLS_PROTOCOLS:
        return lost(
            f"KubeLB passes {backend.protocol} to the backend on as plain TCP, without "
            "X-Forwarded-For and without PROXY",
            "end TLS at the edge and speak HTTP to the backend",
            _LOAD_BALANCER_SERVICE,
        )
    return lost(
        f"{backend.route_kind} becomes a plain proxy in KubeLB's Envoy, without "
        "X-Forwarded-For and without PROXY",
        _LOAD_BALANCER_SERVICE,
    )


def _walked(fleet: Fleet, tenant: Tenant, gateway: Gateway) -> tuple[Network, ...]:
    # The walk starts at the peer, passes the edge's pod, then the outer proxies.
    edge = (
        fleet.management.pod_cidrs
        if fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES
        else ()
    )
    ranges = (*tenant.internal_cidrs, *edge, *gateway.trusted_proxies.cidrs)
    return tuple(dict.fromkeys(ranges))
