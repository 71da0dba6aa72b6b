"""The listeners and clusters that KubeLB's control plane sends a tenant's Envoy.

One of each for every Service port and every port behind a route.  Routes are HTTP
where KubeLB speaks HTTP for them, and bytes else; only Service ports ever get a PROXY
header.

Source: kubelb v1.4.3, `internal/envoy/resource.go`.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from ipaddress import ip_address

from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Fleet, Protocol, Tenant
from kubelb_gen.plan import gates, names
from kubelb_gen.plan.facts import RoutePlan, ServicePlan, TenantPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One listener and the cluster behind it, in Envoy's own words.

    *partial* lays the listener out; *http_options* names the field that says which
    HTTP is spoken upstream, and is None where bytes are passed on.
    """

    name: str
    partial: str
    port_value: int
    node_port: int
    addresses: tuple[str, ...]
    is_udp: bool
    source_ip: bool = False
    proxy_protocol: bool = False
    http_options: str | None = None

    @property
    def strict_dns(self) -> bool:
        """Whether Envoy has to resolve a name; KubeLB tells it for the whole set."""
        return not _are_addresses(self.addresses)


def resources(fleet: Fleet, plan: TenantPlan) -> Iterator[Resource]:
    """Yield a listener for every port of one tenant that Envoy is to dial."""
    for service in plan.services:
        yield from _of_service(fleet, service)
    for gateway in plan.gateways:
        yield from _of_routes(plan.tenant, gateway.routes)


def _of_service(fleet: Fleet, plan: ServicePlan) -> Iterator[Resource]:
    proxied = (
        plan.proxy_annotation and fleet.kubelb.version >= gates.KUBELB_PROXY_PROTOCOL
    )
    namespace = plan.tenant.kubelb_namespace
    for port in (each.port for each in plan.ports):
        if port.node_port is None:
            continue
        is_udp = port.protocol is Protocol.UDP
        yield Resource(
            name=names.envoy_resource(
                namespace, plan.uid, port.node_port, port.protocol
            ),
            partial="udp" if is_udp else "tcp",
            port_value=port.envoy_port or port.node_port,
            node_port=port.node_port,
            addresses=plan.tenant.nodes,
            is_udp=is_udp,
            source_ip=plan.source_ip_persistence,
            proxy_protocol=proxied and not is_udp,
        )


def _of_routes(tenant: Tenant, routes: Iterable[RoutePlan]) -> Iterator[Resource]:
    for route in routes:
        backend = route.backend
        if backend.node_port is None:
            continue
        protocol = Protocol.UDP if backend.route_kind == "UDPRoute" else Protocol.TCP
        is_udp = protocol is Protocol.UDP
        yield Resource(
            name=_route_name(tenant, route, protocol),
            partial="http" if route.as_http else "udp" if is_udp else "tcp",
            # KubeLB allocates a port for every route before it sends anything; until
            # that is known the nodePort stands in, as on the route's Envoy Service.
            port_value=backend.envoy_port or backend.node_port,
            node_port=backend.node_port,
            addresses=tenant.nodes,
            is_udp=is_udp,
            http_options=_http_options(route),
        )


def _route_name(tenant: Tenant, route: RoutePlan, protocol: Protocol) -> str:
    backend = route.backend
    # KubeLB's NodePort copy of a ClusterIP Service is what the route then names.
    copied = "-nodeport" if backend.service_type == "ClusterIP" else ""
    return names.envoy_route_resource(
        namespace=tenant.kubelb_namespace,
        service_namespace=backend.namespace,
        service=f"{backend.name}{copied}",
        route=backend.route_name,
        uid=route.uid,
        port=backend.port,
        protocol=protocol,
    )


def _http_options(route: RoutePlan) -> str | None:
    if not route.as_http:
        return None
    is_grpc = route.backend.route_kind == "GRPCRoute"
    return "http2_protocol_options" if is_grpc else "http_protocol_options"


@cache
def _are_addresses(nodes: tuple[str, ...]) -> bool:
    return all(map(_is_address, nodes))


def _is_address(node: str) -> bool:
    try:
        ip_address(node)
    except ValueError:
        return False
    return True
