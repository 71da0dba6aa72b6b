"""The layer-7 edges: their Services, and what they make of X-Forwarded-For.

Envoy Gateway appends its peer to the list.  ingress-nginx puts `$remote_addr` in the
list's place, which realip has taken from behind the trusted proxies by then; with
`compute-full-forwarded-for` it appends its peer too.  It reads one source alone: the
PROXY header where there is one, else X-Forwarded-For.

Source: ingress-nginx `rootfs/etc/nginx/template/nginx.tmpl`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kubelb_gen.catalogue import ProxyVersion
from kubelb_gen.model import (
    Edge,
    EdgeKind,
    Fleet,
    Gateway,
    LoadBalancer,
    Protocol,
    TrustedProxies,
    Wish,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan.balancers import Demand, face
from kubelb_gen.plan.facts import BalancerFacts, EdgePlan

# The ports of an edge's Service come from its Gateways' listeners, which a spec does
# not hold; what matters here is that there are readers.
_HTTP_PORTS = frozenset({80, 443})


def plan_edge(fleet: Fleet, edge: Edge) -> EdgePlan:
    """Decide the Service of one layer-7 edge, and whom it believes."""
    gateways = tuple(_gateways(fleet, edge))
    wants = edge.others_want_client or wants_client(gateways)
    balancer = face(
        _in_front(fleet, edge),
        Demand(
            protocol=Protocol.TCP,
            wants_client=True,
            readers=_HTTP_PORTS if wants else frozenset(),
            ports=None,
            readable=frozenset(ProxyVersion),
            pin=edge.external_traffic_policy,
        ),
        cilium=fleet.management.cilium,
    )
    appends = edge.others_keep_list or keeps_list(gateways, balancer)
    if edge.kind is EdgeKind.ENVOY_GATEWAY or appends:
        return EdgePlan(edge=edge, balancer=balancer)
    return EdgePlan(
        edge=edge, balancer=balancer, replaces=True, believes=_believed(gateways)
    )


def _in_front(fleet: Fleet, edge: Edge) -> LoadBalancer:
    balancers = fleet.management.load_balancers
    found = next(each for each in balancers if each.name == edge.load_balancer)
    if edge.balancer_proxy_off:
        return replace(found, proxy_protocol=None, proxy_off=True)
    return found


def wants_client(gateways: Iterable[Gateway]) -> bool:
    """Tell whether a backend behind *gateways* has to see the client."""
    return any(
        route.client_ip is not Wish.IGNORED
        for gateway in gateways
        for route in gateway.backends
    )


def keeps_list(gateways: Iterable[Gateway], balancer: BalancerFacts) -> bool:
    """Tell whether *gateways* make an ingress-nginx edge hand on the whole list.

    Past the PROXY header it does not look, and proxies without ranges it cannot tell
    from clients.
    """
    proxies = [each.trusted_proxies for each in gateways if each.trusted_proxies.count]
    return any(balancer.sends is not None or not each.cidrs for each in proxies)


def behind(edge: EdgePlan, gateway: Gateway) -> Gateway:
    """Return *gateway* as its backends see it.

    An edge that replaces the list leaves none of the proxies in it.
    """
    if not edge.replaces:
        return gateway
    return replace(gateway, trusted_proxies=TrustedProxies())


def _gateways(fleet: Fleet, edge: Edge) -> Iterator[Gateway]:
    for tenant in fleet.tenants:
        for gateway in tenant.gateways:
            if gateway.edge == edge.name:
                yield gateway


def _believed(gateways: tuple[Gateway, ...]) -> tuple[Network, ...]:
    return tuple(
        dict.fromkeys(
            network
            for gateway in gateways
            if gateway.trusted_proxies.count
            for network in gateway.trusted_proxies.cidrs
        )
    )
