"""Layer 7: the edge, its ClientTrafficPolicy, and how each backend finds the client.

The edge appends its peer to X-Forwarded-For, and KubeLB's Envoy (since v1.3.0)
appends the edge: behind X proxies that are trusted the client is entry 2 + X from the
right.  The first entry is whatever the client wrote, so nothing reads it.  An edge
that replaces the list has passed over those proxies itself: then X counts as 0.
Measured on Envoy 1.36 and 1.40.
"""

from collections.abc import Iterable

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.model import (
    EdgeKind,
    Fleet,
    Gateway,
    Protocol,
    RouteBackend,
    Tenant,
    Version,
    stand_in_uid,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import assumptions, gates, headers
from kubelb_gen.plan.balancers import kept_if, sends_if
from kubelb_gen.plan.cilium import dsr_engages
from kubelb_gen.plan.edges import behind
from kubelb_gen.plan.facts import (
    Carrier,
    EdgePlan,
    GatewayPlan,
    PolicyPlan,
    RoutePlan,
)
from kubelb_gen.plan.layer4 import egress_of


def plan_gateway(
    fleet: Fleet, tenant: Tenant, gateway: Gateway, edge: EdgePlan
) -> GatewayPlan:
    """Decide the policy of one Gateway and the reading of each backend behind it."""
    return GatewayPlan(
        tenant=tenant,
        gateway=gateway,
        edge=edge,
        policy=_policy(fleet, tenant, gateway, edge),
        routes=tuple(
            _plan_route(fleet, tenant, gateway, edge, backend)
            for backend in gateway.backends
        ),
    )


def client_from_right(kubelb: Version, proxies: int) -> int:
    """Return where the client stands in the X-Forwarded-For that a backend gets.

    Counted from 1, the last entry.  Up to v1.2 KubeLB's own Envoy passes layer 7 on
    as plain TCP and appends nothing.

    >>> client_from_right(Version(1, 4), 0), client_from_right(Version(1, 2), 1)
    (2, 2)
    """
    appended = 2 if kubelb >= gates.KUBELB_HTTP_ROUTES else 1
    return appended + proxies


def trusted_hops(proxies: int) -> int | None:
    """Return `numTrustedHops` for *proxies* in front of the edge, None for none.

    Envoy Gateway counts the proxies in front of itself and writes
    `xff_num_trusted_hops: max(N - 1, 0)`, so that 0 would trust the last entry just
    as 1 does; 0 is never written.

    >>> trusted_hops(0), trusted_hops(2)
    (None, 2)
    """
    return proxies or None


def _policy(
    fleet: Fleet, tenant: Tenant, gateway: Gateway, edge: EdgePlan
) -> PolicyPlan | None:
    if edge.edge.kind is not EdgeKind.ENVOY_GATEWAY or gateway.is_ingress:
        return None
    release = edge.edge.version or gates.ENVOY_GATEWAY_BASELINE
    proxies = gateway.trusted_proxies
    sends = edge.balancer.sends is not None
    reads = (
        sends if edge.edge.accept_proxy is None else edge.edge.accept_proxy != "none"
    )
    if not reads and not proxies.count:
        return None
    walks = (
        bool(proxies.cidrs)
        and proxies.count > 0
        and release >= gates.ENVOY_GATEWAY_TRUSTED_CIDRS
    )
    modern = release >= gates.ENVOY_GATEWAY_PROXY_PROTOCOL
    in_management = fleet.kubelb.edition == "CE"
    return PolicyPlan(
        name=gateway.name,
        namespace=tenant.kubelb_namespace if in_management else gateway.namespace,
        gateway=gateway.name,
        in_management=in_management,
        proxy_field=("proxyProtocol" if modern else "enableProxyProtocol")
        if reads
        else None,
        proxy_optional=edge.edge.accept_proxy == "optional" and modern,
        trusted_cidrs=proxies.cidrs if walks else (),
        trusted_hops=None if walks else trusted_hops(proxies.count),
    )


def _plan_route(
    fleet: Fleet,
    tenant: Tenant,
    gateway: Gateway,
    edge: EdgePlan,
    backend: RouteBackend,
) -> RoutePlan:
    as_http = (
        backend.route_kind in headers.HTTP_ROUTES
        and backend.protocol not in headers.TLS_PROTOCOLS
    )
    listed = behind(edge, gateway)
    place = client_from_right(fleet.kubelb.version, listed.trusted_proxies.count)
    reading = headers.reading_for(fleet, tenant, listed, backend, place)
    reason = headers.unmet_at_layer7(
        fleet,
        tenant,
        gateway,
        edge,
        backend,
        place=place,
        reading=reading,
        as_http=as_http,
    )
    carrier = Carrier.HEADER if as_http and reason is None else Carrier.NOTHING
    return RoutePlan(
        backend=backend,
        carrier=carrier,
        client_from_right=place,
        reading=reading if as_http else None,
        trusted=_peers(fleet, tenant, backend),
        uid=backend.uid or stand_in_uid(backend.namespace, backend.name),
        uid_is_stand_in=backend.uid is None,
        as_http=as_http and fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES,
        unmet=reason,
        unmet_ipv6=headers.unmet_over_ipv6(gateway, edge, backend, reason),
        assumes=(
            *_assumptions(gateway, edge),
            *assumptions.at_layer7(carrier),
            *assumptions.past_envoy(backend.backend, believes=_believes(backend)),
            *assumptions.within_pin(
                backend.backend,
                egress_of(fleet, tenant)
                if dsr_engages(tenant.cilium, Protocol.TCP)
                else tenant.internal_cidrs,
                believes=carrier is Carrier.HEADER,
            ),
        ),
    )


def _believes(backend: RouteBackend) -> bool:
    reads = backend.backend.reads
    return reads is not None and not reads.peer


def _peers(fleet: Fleet, tenant: Tenant, backend: RouteBackend) -> tuple[Network, ...]:
    pinned = backend.backend.trusted_cidrs
    if pinned is not None:
        return pinned
    # KubeLB's NodePort copy of the Service has no traffic policy, hence Cluster, under
    # which Cilium does not hide the source from all pods, with DSR from none.
    outside = () if tenant.cilium is None else egress_of(fleet, tenant)
    return tuple(dict.fromkeys((*tenant.internal_cidrs, *outside)))


def _assumptions(gateway: Gateway, edge: EdgePlan) -> Iterable[str]:
    if edge.balancer.sends is not None:
        yield "nobody reaches the edge's ports past the load balancer"
        yield from sends_if(edge.balancer)
    elif edge.balancer.kind is LoadBalancerClass.PROXYING:
        yield "the load balancer writes X-Forwarded-For and is a trusted proxy"
    yield from kept_if(edge.balancer)
    if gateway.trusted_proxies.only_way_in:
        yield "a firewall lets nobody but the trusted proxies reach the edge"
