"""Which entry of which header a layer-7 backend reads, and whether that is true.

NGINX, Apache and Caddy walk X-Forwarded-For by address and cannot pick an entry by
its place; HAProxy, Envoy and Traefik pick by place.  X-Envoy-External-Address is one
value that KubeLB's Envoy overwrites, and names the client where no proxy stands in
front of the edge.  Measured: facts of NGINX 1.22, HAProxy 2.8, Envoy 1.40.
"""

from ipaddress import IPv4Network, IPv6Network

from kubelb_gen.catalogue import LoadBalancerClass
from kubelb_gen.model import (
    BackendKind,
    Fleet,
    Gateway,
    HeaderReading,
    RouteBackend,
    Tenant,
    Wish,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import gates
from kubelb_gen.plan.facts import (
    ByHeader,
    ByPosition,
    ByWalk,
    EdgePlan,
    Reading,
    Unmet,
)
from kubelb_gen.plan.unmet import breaks, forgeable, lost, lost_before_edge

EXTERNAL_ADDRESS = "X-Envoy-External-Address"
FORWARDED_FOR = "X-Forwarded-For"

_BY_POSITION = (BackendKind.HAPROXY, BackendKind.ENVOY, BackendKind.TRAEFIK)
TLS_PROTOCOLS = ("HTTPS", "TLS", "GRPCS")
_ONLY_WAY_IN = (
    "let a firewall admit nobody but the trusted proxies to the edge, and say "
    "onlyWayIn: true"
)
_BY_ADDRESS = (
    "let the backend walk X-Forwarded-For by address (kind nginx) with "
    "trustedProxies.cidrs"
)
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
    if kind in _BY_POSITION:
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
    gateway: Gateway,
    edge: EdgePlan,
    backend: RouteBackend,
    place: int,
    reading: Reading | None,
    *,
    as_http: bool,
) -> Unmet | None:
    """Say why *backend* does not see the client, or None.

    A backend whose wish is `ignored` is told only what is broken or forgeable.
    """
    told = _unmet(
        fleet, gateway, edge, backend, place, reading, as_http=as_http
    )
    if backend.client_ip is Wish.IGNORED and told is not None and told.is_lost:
        return None
    return told


def _unmet(  # noqa: PLR0913, PLR0911  one return per cause
    fleet: Fleet,
    gateway: Gateway,
    edge: EdgePlan,
    backend: RouteBackend,
    place: int,
    reading: Reading | None,
    *,
    as_http: bool,
) -> Unmet | None:
    balancer = edge.balancer
    if balancer.policy == "Local" and not balancer.local_works:
        return breaks(
            "externalTrafficPolicy: Local on the edge's Service drops traffic behind "
            f"'{balancer.balancer.provider.name}': "
            f"{balancer.balancer.provider.local.why}",
            "take the pin off, and use Cilium DSR with Cluster",
        )
    if not as_http:
        return _no_http(backend)
    proxies = gateway.trusted_proxies
    if balancer.sends is None and not balancer.keeps_client:
        writes_header = balancer.kind is LoadBalancerClass.PROXYING and proxies.count
        if not writes_header:
            return lost_before_edge(balancer)
    if backend.backend.kind is BackendKind.OTHER:
        return _unmet_reading(fleet, gateway, backend.backend.reads, place)
    if reading is None:
        return lost(
            f"{backend.backend.kind} finds the client behind {proxies.count} trusted "
            "proxies only by their addresses, and trustedProxies.cidrs is absent",
            "name their ranges in trustedProxies.cidrs",
            "use a backend that reads by position (haproxy), with onlyWayIn: true",
        )
    return _unmet_position(gateway, reading)


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


def _unmet_position(gateway: Gateway, reading: Reading) -> Unmet | None:
    proxies = gateway.trusted_proxies
    if isinstance(reading, ByPosition) and proxies.count and not proxies.only_way_in:
        return forgeable(
            f"entry {reading.from_right} from the right is the client only behind "
            f"{proxies.count} trusted proxies: whoever reaches the edge past them "
            "writes that entry",
            _ONLY_WAY_IN,
            _BY_ADDRESS,
        )
    return None


def _unmet_reading(  # noqa: PLR0911  one return per cause
    fleet: Fleet, gateway: Gateway, reads: HeaderReading | None, place: int
) -> Unmet | None:
    proxies = gateway.trusted_proxies
    if reads is None or reads.peer:
        return lost(
            "the backend takes its peer for the client, and that is a node of its own "
            "cluster (SNAT#3)",
            f"let it read entry {place} from the right of {FORWARDED_FOR}",
        )
    if reads.first:
        return forgeable(
            f"the first entry of {reads.header} is whatever the client wrote",
            f"read entry {place} from the right instead",
        )
    if reads.header is not None and reads.header.lower() == EXTERNAL_ADDRESS.lower():
        return _unmet_external_address(fleet, gateway, place)
    if reads.header is not None and reads.header.lower() != FORWARDED_FOR.lower():
        return forgeable(
            f"nothing on the path overwrites {reads.header}: the client writes it",
            f"read entry {place} from the right of {FORWARDED_FOR}",
        )
    if reads.cidrs:
        return _unmet_walk(fleet, gateway, reads.cidrs)
    if reads.from_right is not None and reads.from_right < place:
        return lost(
            f"entry {reads.from_right} from the right is a proxy's address; the "
            f"client's is entry {place}",
            f"read entry {place} from the right",
        )
    if reads.from_right is not None and reads.from_right > place:
        return forgeable(
            f"entry {reads.from_right} from the right is the client's to write; its "
            f"own address is entry {place}",
            f"read entry {place} from the right",
        )
    if proxies.count:
        return _unmet_position(gateway, ByPosition(from_right=place))
    return None


def _unmet_external_address(
    fleet: Fleet, gateway: Gateway, place: int
) -> Unmet | None:
    if fleet.kubelb.version < gates.KUBELB_HTTP_ROUTES:
        return forgeable(
            f"KubeLB {fleet.kubelb.version} does not write {EXTERNAL_ADDRESS}",
            f"read entry {place} from the right of {FORWARDED_FOR}",
        )
    if gateway.trusted_proxies.count:
        return lost(
            f"{EXTERNAL_ADDRESS} names the proxy in front of the edge, not the client",
            f"read entry {place} from the right of {FORWARDED_FOR}, with onlyWayIn",
            _BY_ADDRESS,
        )
    return None


def _unmet_walk(
    fleet: Fleet, gateway: Gateway, cidrs: tuple[Network, ...]
) -> Unmet | None:
    passed = gateway.trusted_proxies.cidrs if gateway.trusted_proxies.count else ()
    if fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES:
        passed = (*fleet.management.pod_cidrs, *passed)
    missing = [each for each in passed if not _covered(each, cidrs)]
    if missing:
        return lost(
            "the backend's ranges leave out "
            + ", ".join(map(str, missing))
            + ", so it takes a proxy there for the client",
            "add them to reads.cidrs",
        )
    return None


def _covered(network: Network, ranges: tuple[Network, ...]) -> bool:
    return any(_within(network, each) for each in ranges)


def _within(network: Network, other: Network) -> bool:
    match network, other:
        case (IPv4Network(), IPv4Network()) | (IPv6Network(), IPv6Network()):
            return network.subnet_of(other)  # type: ignore[arg-type]
    return False


def _walked(fleet: Fleet, tenant: Tenant, gateway: Gateway) -> tuple[Network, ...]:
    # The walk starts at the peer, passes the edge's pod, then the outer proxies.
    edge = (
        fleet.management.pod_cidrs
        if fleet.kubelb.version >= gates.KUBELB_HTTP_ROUTES
        else ()
    )
    ranges = (*tenant.internal_cidrs, *edge, *gateway.trusted_proxies.cidrs)
    return tuple(dict.fromkeys(ranges))
