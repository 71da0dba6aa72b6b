"""What a traced path says: who arrives, as whom, and which setting made it so.

The shape is that of `trace --format json` (`schemas/trace-v1.json`).  `Path.lies` is
the attacker's story, which that format leaves out.
"""

from dataclasses import field
from enum import StrEnum

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass
from kubelb_gen.model.backends import Network


class Verdict(StrEnum):
    """What becomes of the client's address; forging is always part of it.

    `not-evaluated` where the spec says that a fact which decides is unknown.
    """

    PRESERVED = "preserved"
    LOST = "lost"
    BROKEN = "broken"
    FORGEABLE = "forgeable"
    NOT_EVALUATED = "not-evaluated"


class Role(StrEnum):
    """Whose address it is: addresses are named by what stands behind them."""

    CLIENT = "client"
    LOAD_BALANCER = "load-balancer"
    MANAGEMENT_NODE = "management-node"
    ENVOY_POD = "envoy-pod"
    MANAGEMENT_EGRESS = "management-egress"
    TENANT_NODE = "tenant-node"
    EDGE_PROXY = "edge-proxy"
    OUTER_PROXY = "outer-proxy"


class Origin(StrEnum):
    """Where a flow comes from: `from` in the JSON."""

    INTERNET_IPV4 = "internet-ipv4"
    INTERNET_IPV6 = "internet-ipv6"
    CLUSTER_SERVICE_IP = "cluster-service-ip"
    CLUSTER_VIP = "cluster-vip"
    KUBELET = "kubelet"
    HEALTH_CHECK = "health-check"


class FlowKind(StrEnum):
    """What a flow is for: `flow` in the JSON."""

    TRAFFIC = "traffic"
    PROBE = "probe"
    HEALTH_CHECK = "health-check"


class Layer(StrEnum):
    """Layer 4 is a Service, layer 7 a backend behind a Gateway or Ingress."""

    L4 = "L4"
    L7 = "L7"


class Carried(StrEnum):
    """What brought the backend the address that it takes for the client's."""

    PROXY_V1 = "proxy-protocol-v1"
    PROXY_V2 = "proxy-protocol-v2"
    FORWARDED_FOR = "x-forwarded-for"
    EXTERNAL_ADDRESS = "x-envoy-external-address"
    SOURCE = "source-address"


class Snat(StrEnum):
    """The places on the path where one address replaces another."""

    LOAD_BALANCER = "SNAT#0"
    MANAGEMENT_NODE = "SNAT#1"
    ENVOY = "SNAT#2"
    TENANT_NODE = "SNAT#3"


class Application(StrEnum):
    """What the program behind `upstream` learns of what its backend knows."""

    SAME = "same"
    BY_HEADER = "by-header"
    BACKEND_ADDRESS = "backend-address"


class LiePlace(StrEnum):
    """Where a client can write an address that is not its own."""

    PROXY_V1 = "proxy-protocol-v1"
    PROXY_V2 = "proxy-protocol-v2"
    FORWARDED_FOR = "x-forwarded-for"
    EXTERNAL_ADDRESS = "x-envoy-external-address"
    REAL_IP = "x-real-ip"
    OTHER_HEADER = "other-header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The setting that makes a hop do what it does; *file* is an output path."""

    file: str
    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One forwarding element; *snat* tells that it replaces the source address."""

    name: str
    snat: bool
    setting: Setting | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the backend takes for the client after its own configuration.

    *is_* is None where the path is broken or not evaluated.  *lost_at* is the first
    place where the client's address was replaced, None where the client arrives.
    """

    is_: Role | None
    carried_by: Carried | None
    lost_at: Snat | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """One attempt of a client to be taken for somebody else.

    *past_proxies* tells that it went around the trusted proxies; *fate* says in one
    sentence where the lie was dropped or believed, and *hop* names that place.
    *header* is the request header of the lie, None for a PROXY header; a list such as
    X-Forwarded-For says it *entries* times, to reach the entry that is read.
    """

    place: LiePlace
    header: str | None
    past_proxies: bool
    believed: bool
    hop: str
    fate: str
    entries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One flow to one port, traced to its end; *source* is `from` in the JSON.

    *lies* is what a client tried on the way; `forgeable` is the verdict where one of
    them was believed.  *plain* tells that the path ends at the listener for callers
    without a header (`plain` in the spec).
    """

    tenant: str
    namespace: str
    name: str
    gateway: str | None
    layer: Layer
    port: int
    protocol: str
    flow: FlowKind
    source: Origin
    verdict: Verdict
    identity: Identity
    peer: Role
    application: Application
    hops: tuple[Hop, ...]
    because: tuple[str, ...]
    assumes: tuple[str, ...]
    plain: bool = False
    trust: tuple[Network, ...] = ()
    lies: tuple[Lie, ...] = ()
    at: DataPath | None = field(default=None, compare=False, repr=False)
