"""What is decided: every setting at every hop, with the reason for it.

`trace` predicts from these values and `render` writes them down; neither decides
anything again.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import (
    BackendKind,
    BackendMode,
    Cilium,
    ConfigMapKey,
    Edge,
    Emit,
    Fleet,
    Gateway,
    LoadBalancer,
    Probe,
    Protocol,
    ProxyAcceptance,
    RouteBackend,
    Service,
    ServicePort,
    Tenant,
    Tls,
    TrafficPolicy,
    Workload,
)
from kubelb_gen.model.backends import Network
from kubelb_gen.plan.clash import Clash


class Carrier(StrEnum):
    """What brings the client's address to the backend of a port."""

    ENVOY = "proxy-protocol-from-envoy"
    BALANCER = "proxy-protocol-from-load-balancer"
    HEADER = "request-header"
    NOTHING = "nothing"


class Outcome(StrEnum):
    """What becomes of the client's address where the wish is not met."""

    LOST = "lost"
    BROKEN = "broken"
    FORGEABLE = "forgeable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """Why a backend cannot see the client, and the designs that would work."""

    outcome: Outcome
    cause: str
    designs: tuple[str, ...]

    @property
    def is_lost(self) -> bool:
        """Whether connections work, and name somebody else."""
        return self.outcome is Outcome.LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerFacts:
    """How one load balancer treats the connections to one Service.

    *sends* is the PROXY version it puts in front of TCP connections, on the ports
    *sends_on* alone where that is not None; *policy* is the
    Service's `externalTrafficPolicy`, which an old KubeLB does not copy to the Envoy
    Service (*policy_reaches_envoy*), and *local_works* whether `Local` would serve
    traffic at all; *dsr* tells that Cilium hands connections on without SNAT under
    `Cluster`; *keeps_client* that the connection's source is still the client when it
    is accepted.  *ipv6_kind* is what *kind* is for IPv6, None where there is none.
    """

    balancer: LoadBalancer
    kind: LoadBalancerClass
    sends: ProxyVersion | None
    sends_on: frozenset[int] | None = None
    policy: TrafficPolicy
    local_works: bool
    dsr: bool
    keeps_client: bool
    annotations: Mapping[str, str]
    policy_reaches_envoy: bool = True
    ipv6_kind: LoadBalancerClass | None = None

    def sends_to(self, port: int) -> ProxyVersion | None:
        """Return the PROXY version that connections to *port* begin with."""
        if self.sends_on is not None and port not in self.sends_on:
            return None
        return self.sends


@dataclass(frozen=True, slots=True, kw_only=True)
class PortPlan:
    """One Service port: what arrives, what the backend accepts and whom it trusts.

    *header* is the PROXY version in front of the payload, None where there is none;
    *second_header* one more behind it, which no backend can read.  *assumes* holds
    what must be true of the world and no file can prove.  *unmet_ipv6* is *unmet* for
    a client over IPv6, None also where the load balancer serves none.
    """

    port: ServicePort
    carrier: Carrier
    header: ProxyVersion | None
    accept: ProxyAcceptance
    trusted: tuple[Network, ...]
    second_header: ProxyVersion | None = None
    unmet: Unmet | None = None
    unmet_ipv6: Unmet | None = None
    assumes: tuple[str, ...] = ()

    @property
    def entry(self) -> ProxyAcceptance:
        """What is accepted where the Service leads to: the program, or an adapter."""
        return ProxyAcceptance.OPTIONAL if self.port.adapted else self.accept


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """One tenant Service with everything that KubeLB derives from it.

    *annotations* are those of the tenant Service, the user's own included; *expected*
    tells that enough is known to say what KubeLB will create.
    """

    tenant: Tenant
    service: Service
    balancer: BalancerFacts
    annotations: Mapping[str, str]
    proxy_annotation: bool
    load_balancer_class: str | None
    uid: str
    uid_is_stand_in: bool
    ports: tuple[PortPlan, ...]
    expected: bool
    source_ip_persistence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHeader:
    """The client is the only value of a header that the last trusted hop sets."""

    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPosition:
    """The client is the entry *from_right* of X-Forwarded-For, counted from 1."""

    from_right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWalk:
    """The client is the last X-Forwarded-For entry outside *trusted*."""

    trusted: tuple[Network, ...]


Reading = ByHeader | ByPosition | ByWalk


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """One backend behind a route: how it finds the client, and whom it trusts.

    *client_from_right* is where the client stands in X-Forwarded-For, counted from 1.
    """

    backend: RouteBackend
    carrier: Carrier
    client_from_right: int
    reading: Reading | None
    trusted: tuple[Network, ...]
    uid: str
    uid_is_stand_in: bool
    as_http: bool
    unmet: Unmet | None = None
    unmet_ipv6: Unmet | None = None
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPlan:
    """A ClientTrafficPolicy; *proxy_field* names the field that turns PROXY on.

    With *proxy_optional* a header is read where there is one.
    """

    name: str
    namespace: str
    gateway: str
    in_management: bool
    proxy_field: str | None = None
    proxy_optional: bool = False
    trusted_hops: int | None = None
    trusted_cidrs: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgePlan:
    """One layer-7 edge and its Service.

    *replaces* tells that X-Forwarded-For holds the client alone behind it, found past
    the proxies that it *believes*; else it appends its peer.
    """

    edge: Edge
    balancer: BalancerFacts
    replaces: bool = False
    believes: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPlan:
    """One Gateway: its policy and the backends behind its routes."""

    tenant: Tenant
    gateway: Gateway
    edge: EdgePlan
    policy: PolicyPlan | None
    routes: tuple[RoutePlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One serving port of a backend program, as its configuration will have it.

    *label* is unique among all backends of the estate and safe as an identifier in any
    of the target grammars.  *behind_route* tells that requests come through a layer-7
    edge, whose `X-Forwarded-Proto` is the truth.
    """

    label: str
    listen: int
    mode: BackendMode
    accept: ProxyAcceptance
    reading: Reading | None
    trusted: tuple[Network, ...]
    upstream: str
    upstream_proxy_protocol: ProxyAcceptance
    probe: Probe | None
    protocol: Protocol = Protocol.TCP
    behind_route: bool = False
    tls: Tls | None = None

    @property
    def guarded(self) -> bool:
        """Whether peers that are not trusted are refused: they could lie."""
        return self.accept is not ProxyAcceptance.NONE or self.reading is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendFile:
    """The configuration of one backend program of one Service.

    It becomes several files where the program needs that, such as NGINX for its `http`
    and its `stream` module.  *port_names* are what the Service calls its ports.
    """

    tenant: str
    namespace: str
    name: str
    kind: BackendKind
    emit: Emit
    config_map: ConfigMapKey
    listeners: tuple[Listener, ...]
    workload: Workload | None = None
    port_names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPlan:
    """One tenant; *propagated* is the annotation list its Tenant needs, or None.

    *clashes* is what *backends* could not hold.
    """

    tenant: Tenant
    services: tuple[ServicePlan, ...]
    gateways: tuple[GatewayPlan, ...]
    backends: tuple[BackendFile, ...]
    propagated: Mapping[str, str] | None
    expected: bool
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CiliumPlan:
    """Helm values as a nested mapping, in the order they are written.

    *reasons* tells why, by the first key of each block of values.
    """

    cilium: Cilium
    values: Mapping[str, object]
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All decided facts of a fleet."""

    fleet: Fleet
    tenants: tuple[TenantPlan, ...]
    edges: tuple[EdgePlan, ...]
    cilium: CiliumPlan | None = None
