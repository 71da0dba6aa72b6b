"""The management cluster: what stands in front of KubeLB's Envoy."""

from dataclasses import field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from kubelb_gen.catalogue import IPFamily, Provider, ProxyVersion
from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass
from kubelb_gen.model.backends import Network
from kubelb_gen.model.services import TrafficPolicy
from kubelb_gen.model.version import Version


class ForwardingMode(StrEnum):
    """Cilium's `loadBalancer.mode`; hybrid is DSR for TCP and SNAT for UDP."""

    SNAT = "snat"
    DSR = "dsr"
    HYBRID = "hybrid"


class Routing(StrEnum):
    """Cilium's `routingMode`."""

    NATIVE = "native"
    TUNNEL = "tunnel"


class Dispatch(StrEnum):
    """How DSR tells the node with the backend who the client is."""

    OPT = "opt"
    GENEVE = "geneve"


class EdgeKind(StrEnum):
    """The layer-7 proxy in front of KubeLB's Envoy."""

    ENVOY_GATEWAY = "envoy-gateway"
    INGRESS_NGINX = "ingress-nginx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cilium:
    """A cluster whose Services Cilium handles; absent means kube-proxy."""

    version: Version
    mode: ForwardingMode
    routing: Routing
    dispatch: Dispatch
    platform: str = "generic"
    native_routing_cidr: IPv4Network | None = None
    ipv6_native_routing_cidr: IPv6Network | None = None
    pod_routes: str | None = None
    kube_proxy_absent: bool = True
    api_server_host: str | None = None
    api_server_port: int | None = None
    output: str = "complete"
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """A load balancer of the spec; *proxy_protocol* None leaves it to the plan.

    *proxy_off* is True when the spec says `proxyProtocol: none`, *unknown* when its
    class is: it is then taken for a `passThrough` one, and traced no further.
    """

    name: str
    provider: Provider
    proxy_protocol: ProxyVersion | None = None
    proxy_off: bool = False
    ip_families: tuple[IPFamily, ...] = (IPFamily.IPV4,)
    unknown: bool = False
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A layer-7 edge; *external_traffic_policy* is a pin of its Service's policy.

    *balancer_proxy_off* pins that its load balancer sends no PROXY header, and
    *accept_proxy* (`none`, `required`, `optional`) whether the edge reads one.

    Where only one tenant is known, *others_want_client* and *others_keep_list* tell
    what the gateways of all others make of it.
    """

    name: str
    load_balancer: str
    kind: EdgeKind = EdgeKind.ENVOY_GATEWAY
    version: Version | None = None
    external_traffic_policy: TrafficPolicy | None = None
    balancer_proxy_off: bool = False
    accept_proxy: str | None = None
    namespace: str = "envoy-gateway-system"
    others_want_client: bool = False
    others_keep_list: bool = False
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyPorts:
    """Where KubeLB's Envoy listens for its own purposes; defaults are KubeLB's."""

    bind: str = "0.0.0.0"  # noqa: S104  KubeLB's own default
    admin_port: int = 9001
    stats_port: int = 19001
    ready_port: int = 19003
    health_port: int = 19004


@dataclass(frozen=True, slots=True, kw_only=True)
class Management:
    """The management cluster.

    *egress_cidrs* are the addresses that tenant clusters see Envoy's connections come
    from; *pod_cidrs* hold the edge's pods, the last X-Forwarded-For entry.  *unknown*
    names the fields that are said to be.
    """

    load_balancers: tuple[LoadBalancer, ...]
    edges: tuple[Edge, ...] = ()
    cilium: Cilium | None = None
    envoy: EnvoyPorts = EnvoyPorts()
    pod_cidrs: tuple[Network, ...] = ()
    egress_cidrs: tuple[Network, ...] = ()
    unknown: tuple[str, ...] = ()
    at: DataPath | None = field(default=None, compare=False, repr=False)
