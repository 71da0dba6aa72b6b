"""What is exposed: Services at layer 4, Gateways with their routes at layer 7."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass
from kubelb_gen.model.backends import Backend, Network, ProxyAcceptance


class Wish(StrEnum):
    """What the owner of a port asks for: `clientIP` in the spec."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    IGNORED = "ignored"


class Protocol(StrEnum):
    """Transport of a Service port; KubeLB carries these two."""

    TCP = "TCP"
    UDP = "UDP"


class TrafficPolicy(StrEnum):
    """A Service's `externalTrafficPolicy`."""

    LOCAL = "Local"
    CLUSTER = "Cluster"


class OutputMode(StrEnum):
    """How much of a tenant Service is written."""

    FULL = "full"
    PATCH = "patch"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A second listener of a program, while PROXY comes or goes.

    *accept* is what it demands.  *adapter* is the port of an Envoy that reads a PROXY
    header where there is one and sends one always; with *serves* the Service leads to
    it, and not to the program.
    """

    listen: int
    accept: ProxyAcceptance
    adapter: int | None = None
    serves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How a Service may be changed: `rollout` in the spec.

    *gates_access* tells that the program lets clients in by their address.
    """

    strategy: str | None = None
    gates_access: bool = False
    forgery_accepted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePort:
    """One port of a layer-4 Service.

    *listen* is the number that the backend listens on: `targetPort` where that is a
    number, else the spec's `listen`.  *node_port* and *envoy_port* are None when the
    spec does not know them.
    """

    name: str
    port: int
    target_port: int | str
    listen: int
    protocol: Protocol = Protocol.TCP
    node_port: int | None = None
    envoy_port: int | None = None
    client_ip: Wish = Wish.REQUIRED
    because: str | None = None
    backend: Backend | None = None
    plain_port: int | None = None
    handover: Handover | None = None
    at: DataPath | None = field(default=None, compare=False, repr=False)

    @property
    def adapted(self) -> bool:
        """Whether the Service leads to an adapter, and not to the program."""
        return self.handover is not None and self.handover.serves


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A tenant Service of type LoadBalancer.

    *external_traffic_policy* and *proxy_protocol* (True: `v2`, False: `none`) are
    pins; None leaves the plan to decide.  *balancer_proxy_off* pins that the load
    balancer sends no PROXY header.
    """

    name: str
    namespace: str
    ports: tuple[ServicePort, ...]
    selector: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    load_balancer_class: str | None = None
    session_affinity: str | None = None
    internal_traffic_policy: TrafficPolicy | None = None
    external_traffic_policy: TrafficPolicy | None = None
    proxy_protocol: bool | None = None
    balancer_proxy_off: bool = False
    callers: tuple[str, ...] = ("internet",)
    every_node: bool = False
    output: OutputMode = OutputMode.FULL
    uid: str | None = None
    rollout: Rollout = Rollout()
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedProxies:
    """Proxies in front of the edge: how many, who they are, whether all pass them."""

    count: int = 0
    cidrs: tuple[Network, ...] = ()
    only_way_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteBackend:
    """A Service behind a route of a Gateway or Ingress, and the program in it.

    *port* is the Service's port, *listen* the program's; *node_port* that of KubeLB's
    NodePort copy.
    """

    name: str
    namespace: str
    backend: Backend
    route_kind: str
    route_name: str
    port: int
    listen: int | None = None
    node_port: int | None = None
    envoy_port: int | None = None
    service_type: str = "ClusterIP"
    protocol: str = "HTTP"
    client_ip: Wish = Wish.REQUIRED
    because: str | None = None
    uid: str | None = None
    at: DataPath | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A Gateway (or, with *is_ingress*, an Ingress) of a tenant, on one edge."""

    name: str
    namespace: str
    edge: str
    trusted_proxies: TrustedProxies = TrustedProxies()
    backends: tuple[RouteBackend, ...] = ()
    is_ingress: bool = False
    at: DataPath | None = field(default=None, compare=False, repr=False)
