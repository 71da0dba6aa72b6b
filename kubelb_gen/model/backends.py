"""The program that receives the client's address, as the spec describes it."""

from dataclasses import field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass

Network = IPv4Network | IPv6Network


class BackendKind(StrEnum):
    """Programs that the spec can name; `other` is one that we write nothing for."""

    NGINX = "nginx"
    HAPROXY = "haproxy"
    ENVOY = "envoy"
    TRAEFIK = "traefik"
    CADDY = "caddy"
    APACHE = "apache"
    OTHER = "other"


class BackendMode(StrEnum):
    """How the program forwards: HTTP requests, or bytes."""

    HTTP = "http"
    STREAM = "stream"
    TCP = "tcp"

    @property
    def is_http(self) -> bool:
        """Whether requests, and not bytes, are forwarded."""
        return self is BackendMode.HTTP


class ProxyAcceptance(StrEnum):
    """Which PROXY header a listener expects; a pin, or decided by the plan.

    All but OPTIONAL serve nobody without a header, in programs that can demand one.
    """

    NONE = "none"
    V1 = "v1"
    V2 = "v2"
    ANY = "any"
    OPTIONAL = "optional"


class Emit(StrEnum):
    """How much of a configuration is written."""

    FRAGMENT = "fragment"
    COMPLETE = "complete"
    NONE = "none"


class ProbeType(StrEnum):
    """The kubelet's probe."""

    HTTP_GET = "httpGet"
    TCP_SOCKET = "tcpSocket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A kubelet probe; without *port* it goes to the serving port itself."""

    type: ProbeType
    port: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMapKey:
    """Where the configuration is mounted from; None: our own name and key."""

    name: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What makes the pods that run the program; None: the folder of its image."""

    kind: str
    name: str
    container: str
    mount_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Paths, inside the pod, of what the backend serves TLS with."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderReading:
    """How a program of kind `other` finds the client at layer 7.

    Exactly one of *from_right*, *cidrs*, *first* and *peer* is set.  *from_right*
    counts from 1, the last entry.
    """

    header: str | None = None
    from_right: int | None = None
    cidrs: tuple[Network, ...] = ()
    first: bool = False
    peer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One program that serves a port.

    *proxy_protocol* (`none`, `accepted`, `required`) and *reads* are facts that only
    kind `other` has; *accept_proxy_protocol* and *trusted_cidrs* are pins.  *unknown*
    is a program of kind `other` that nobody has looked up: what it makes of what
    arrives is not evaluated.
    """

    kind: BackendKind
    mode: BackendMode | None = None
    upstream: str | None = None
    upstream_proxy_protocol: ProxyAcceptance = ProxyAcceptance.NONE
    probe: Probe | None = None
    emit: Emit | None = None
    config_map: ConfigMapKey | None = None
    workload: Workload | None = None
    tls: Tls | None = None
    proxy_protocol: str | None = None
    reads: HeaderReading | None = None
    accept_proxy_protocol: ProxyAcceptance | None = None
    trusted_cidrs: tuple[Network, ...] | None = None
    unknown: bool = False
    at: DataPath | None = field(default=None, compare=False, repr=False)
