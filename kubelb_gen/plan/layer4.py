"""Layer 4: one decision per Service, one per port.

Past SNAT#2 only a PROXY header names the client.  Either KubeLB's Envoy writes it
(version 2, from the connection's source), or the load balancer does and Envoy passes
it on byte for byte; both at once is garbage.
"""

from collections.abc import Hashable, Iterator
from dataclasses import replace

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion
from kubelb_gen.model import (
    Backend,
    BackendKind,
    Fleet,
    Protocol,
    ProxyAcceptance,
    Service,
    ServicePort,
    Tenant,
    TrafficPolicy,
    Wish,
    stand_in_uid,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import assumptions, gates, unmet
from kubelb_gen.plan.balancers import Demand, beside, face
from kubelb_gen.plan.cilium import dsr_engages
from kubelb_gen.plan.facts import BalancerFacts, Carrier, PortPlan, ServicePlan

PROXY_ANNOTATION = "kubelb.k8c.io/proxy-protocol"

_BOTH = frozenset(ProxyVersion)


# What has been decided of a balancer for Services that ask the same of it.
Faces = dict[Hashable, BalancerFacts]


def plan_service(
    fleet: Fleet, tenant: Tenant, service: Service, faces: Faces | None = None
) -> ServicePlan:
    """Decide everything about one tenant Service and what KubeLB makes of it.

    *faces* are those of other Services of *fleet*, which this one adds to.
    """
    faces = {} if faces is None else faces
    balancer = beside(_face(fleet, tenant, service, faces), service.annotations)
    annotated = _annotated(fleet, service, balancer)
    annotations = {**service.annotations, **balancer.annotations}
    if annotated:
        annotations[PROXY_ANNOTATION] = "v2"
    return ServicePlan(
        tenant=tenant,
        service=service,
        balancer=balancer,
        annotations=dict(sorted(annotations.items())),
        proxy_annotation=annotated,
        load_balancer_class=service.load_balancer_class
        or ("kubelb" if tenant.use_load_balancer_class else None),
        uid=service.uid or stand_in_uid(service.namespace, service.name),
        uid_is_stand_in=service.uid is None,
        ports=tuple(_plan_ports(fleet, tenant, service, balancer, annotated=annotated)),
        expected=bool(tenant.nodes)
        and all(port.node_port is not None for port in service.ports),
        source_ip_persistence=service.session_affinity == "ClientIP"
        and fleet.kubelb.version >= gates.KUBELB_PERSISTENCE,
    )


def egress_of(fleet: Fleet, tenant: Tenant) -> tuple[Network, ...]:
    """Return the addresses that *tenant* sees Envoy's connections come from."""
    if tenant.egress_cidrs is not None:
        return tenant.egress_cidrs
    return fleet.management.egress_cidrs


def requires_header(backend: Backend | None) -> bool:
    """Tell whether *backend* serves nobody who sends no PROXY header."""
    if backend is None:
        return False
    if backend.accept_proxy_protocol is not None:
        return backend.accept_proxy_protocol is not ProxyAcceptance.NONE
    return backend.proxy_protocol == "required"


def _face(
    fleet: Fleet, tenant: Tenant, service: Service, faces: Faces
) -> BalancerFacts:
    protocol = (
        Protocol.TCP
        if any(port.protocol is Protocol.TCP for port in service.ports)
        else Protocol.UDP
    )
    readers = [port for port in service.ports if _needs_header(port)]
    balancer = next(
        each
        for each in fleet.management.load_balancers
        if each.name == tenant.load_balancer
    )
    if service.balancer_proxy_off:
        balancer = replace(balancer, proxy_protocol=None, proxy_off=True)
    # A pinned annotation is the user's own sender: a second one is garbage, and comes
    # only where it is pinned as well.
    if service.proxy_protocol is True and balancer.proxy_protocol is None:
        readers = []
    demand = Demand(
        protocol=protocol,
        wants_client=any(
            port.client_ip is not Wish.IGNORED
            for port in service.ports
            if port.protocol is protocol
        ),
        readers=frozenset(port.port for port in readers),
        ports={
            port.port: port.name
            for port in service.ports
            if port.protocol is Protocol.TCP
        },
        readable=frozenset.intersection(_BOTH, *(_readable(port) for port in readers)),
        pin=service.external_traffic_policy,
    )
    asked = (
        *(tenant.load_balancer, service.balancer_proxy_off),
        *(demand.protocol, demand.wants_client, demand.readers),
        *(tuple((demand.ports or {}).items()), demand.readable, demand.pin),
    )
    if asked not in faces:
        faces[asked] = face(
            balancer,
            demand,
            cilium=fleet.management.cilium,
            policy_reaches_envoy=fleet.kubelb.version >= gates.KUBELB_PROXY_PROTOCOL,
        )
    return faces[asked]


def _annotated(fleet: Fleet, service: Service, balancer: BalancerFacts) -> bool:
    if service.proxy_protocol is not None:
        return service.proxy_protocol
    if balancer.sends is not None or fleet.kubelb.version < gates.KUBELB_PROXY_PROTOCOL:
        return False
    readers = [
        port
        for port in service.ports
        if _needs_header(port) and ProxyVersion.V2 in _readable(port)
    ]
    # Where a pin hides the client, a header names a node; turning the pin off, or DSR
    # on, then changes nothing for the backend.
    return bool(readers) and (
        balancer.kind is not LoadBalancerClass.PROXYING
        or any(requires_header(port.backend) for port in readers)
    )


def _needs_header(port: ServicePort) -> bool:
    if port.protocol is not Protocol.TCP:
        return False
    if requires_header(port.backend) or port.adapted:
        return True
    return port.client_ip is not Wish.IGNORED and bool(_readable(port))


def _readable(port: ServicePort) -> frozenset[ProxyVersion]:
    if port.adapted:
        return _BOTH
    return _read_by(port.backend)


def _read_by(backend: Backend | None) -> frozenset[ProxyVersion]:
    if backend is None:
        return frozenset()
    match backend.accept_proxy_protocol:
        case ProxyAcceptance.NONE:
            return frozenset()
        case ProxyAcceptance.V1:
            return frozenset({ProxyVersion.V1})
        case ProxyAcceptance.V2:
            return frozenset({ProxyVersion.V2})
    if backend.kind is BackendKind.OTHER and backend.proxy_protocol in (None, "none"):
        return frozenset()
    return _BOTH


def _plan_ports(
    fleet: Fleet,
    tenant: Tenant,
    service: Service,
    balancer: BalancerFacts,
    *,
    annotated: bool,
) -> Iterator[PortPlan]:
    """Decide each port, and once what ports decide alike."""
    known: dict[tuple[object, ...], PortPlan] = {}
    for port in service.ports:
        sent = balancer.sends_to(port.port)
        alike = id(port.backend), port.protocol, port.client_ip, sent, port.handover
        first = known.get(alike)
        if first is not None:
            yield replace(first, port=port)
            continue
        decided = _plan_port(
            fleet, tenant, service, port, balancer, annotated=annotated
        )
        if decided.unmet is None and decided.unmet_ipv6 is None:
            known[alike] = decided
        yield decided


def _plan_port(
    fleet: Fleet,
    tenant: Tenant,
    service: Service,
    port: ServicePort,
    balancer: BalancerFacts,
    *,
    annotated: bool,
) -> PortPlan:
    header: ProxyVersion | None = None
    second: ProxyVersion | None = None
    carrier = Carrier.NOTHING
    sent = balancer.sends_to(port.port)
    if port.protocol is Protocol.TCP:
        if annotated and fleet.kubelb.version >= gates.KUBELB_PROXY_PROTOCOL:
            header, second, carrier = ProxyVersion.V2, sent, Carrier.ENVOY
        elif sent is not None:
            header, carrier = sent, Carrier.BALANCER
    sources = _sources(fleet, tenant, balancer)
    decided = PortPlan(
        port=port,
        carrier=carrier,
        header=header,
        second_header=second,
        accept=_acceptance(port, header),
        trusted=_trusted(port, header, peers_of(fleet, tenant, balancer)),
        assumes=(
            *assumptions.at_layer4(carrier, balancer),
            *assumptions.past_envoy(port.backend, believes=header is not None),
            *assumptions.within_pin(port.backend, sources, believes=header is not None),
        ),
    )
    told = unmet.at_layer4(fleet, service, balancer, decided, sources)
    if told is not None:
        decided = replace(decided, unmet=told)
    over_ipv6 = unmet.at_layer4_over_ipv6(balancer, decided)
    return replace(decided, unmet_ipv6=over_ipv6) if over_ipv6 else decided


def peers_of(
    fleet: Fleet, tenant: Tenant, balancer: BalancerFacts
) -> tuple[Network, ...]:
    """Return whom a backend of *tenant* trusts: all that it may see as a peer."""
    egress = egress_of(fleet, tenant)
    if balancer.policy is TrafficPolicy.LOCAL:
        return egress
    return tuple(dict.fromkeys((*egress, *tenant.internal_cidrs)))


def _sources(
    fleet: Fleet, tenant: Tenant, balancer: BalancerFacts
) -> tuple[Network, ...]:
    """Return whom the backend sees, where that is narrower than whom it trusts."""
    under_cluster = balancer.policy is TrafficPolicy.CLUSTER
    if under_cluster and not dsr_engages(tenant.cilium, Protocol.TCP):
        return tenant.internal_cidrs
    return egress_of(fleet, tenant)


def _acceptance(port: ServicePort, header: ProxyVersion | None) -> ProxyAcceptance:
    backend = port.backend
    if backend is None:
        return ProxyAcceptance.NONE
    pinned = backend.accept_proxy_protocol
    if pinned is ProxyAcceptance.OPTIONAL and port.protocol is Protocol.UDP:
        # Datagrams bring none, and nobody waits for one.
        return ProxyAcceptance.NONE
    if pinned is not None:
        return pinned
    if backend.kind is BackendKind.OTHER:
        reads = backend.proxy_protocol in ("accepted", "required")
        return ProxyAcceptance.ANY if reads else ProxyAcceptance.NONE
    return ProxyAcceptance.NONE if header is None else ProxyAcceptance(header.value)


def _trusted(
    port: ServicePort, header: ProxyVersion | None, peers: tuple[Network, ...]
) -> tuple[Network, ...]:
    backend = port.backend
    if backend is not None and backend.trusted_cidrs is not None:
        return backend.trusted_cidrs
    return peers if header is not None or port.handover is not None else ()
