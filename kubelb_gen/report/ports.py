"""Traced paths sorted by the port that they lead to, and what a port is called."""

from collections.abc import Iterable

from kubelb_gen.frozen import dataclass
from kubelb_gen.trace import Hop, Identity, Origin, Path, Role, Snat, Verdict

_STARTS = {
    Origin.INTERNET_IPV4: "client",
    Origin.INTERNET_IPV6: "client",
    Origin.CLUSTER_SERVICE_IP: "pod",
    Origin.CLUSTER_VIP: "pod",
    Origin.KUBELET: "kubelet",
}
_SNAT = {
    "caller-node": Snat.TENANT_NODE,
    "outer-proxies": Snat.LOAD_BALANCER,
    "load-balancer": Snat.LOAD_BALANCER,
    "management-node": Snat.MANAGEMENT_NODE,
    "edge": Snat.ENVOY,
    "kubelb-envoy": Snat.ENVOY,
    "cluster-ip": Snat.TENANT_NODE,
    "tenant-node": Snat.TENANT_NODE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedPort:
    """One port: *main* is the path that tells most of it, *others* all the rest."""

    main: Path
    others: tuple[Path, ...]


def by_port(paths: Iterable[Path]) -> list[TracedPort]:
    """Return *paths* by the ports they lead to, both in the order they came."""
    ports: dict[tuple[object, ...], list[Path]] = {}
    for path in paths:
        owner = (path.tenant, path.layer, path.gateway, path.namespace, path.name)
        ports.setdefault((*owner, path.port, path.protocol), []).append(path)
    return [
        TracedPort(main=main, others=tuple(others)) for main, *others in ports.values()
    ]


def subject(path: Path) -> str:
    """Name the port of *path* within its tenant: `default/web 443/TCP`."""
    port = f"{path.namespace}/{path.name} {path.port}/{path.protocol}"
    return f"{port} via {path.gateway}" if path.gateway else port


def start(path: Path) -> str | None:
    """Name who sends what *path* traces, None where the first hop does."""
    return _STARTS.get(path.source)


def snat(hop: Hop) -> str | None:
    """Name the replacement of the source that *hop* makes, None where it makes none."""
    return _SNAT.get(hop.name, "SNAT") if hop.snat else None


def verdict(path: Path) -> str:
    """Say the verdict, with the conditions that nothing in the spec proves."""
    if path.verdict is not Verdict.PRESERVED or not path.assumes:
        return path.verdict
    return f"{path.verdict}, if {'; and if '.join(path.assumes)}"


def seen(path: Path) -> str:
    """Say whom the backend of *path* takes for the client."""
    if path.verdict is Verdict.NOT_EVALUATED:
        return "not evaluated"
    return _sight(path.identity)


def _sight(identity: Identity) -> str:
    if identity.is_ is None:
        return "sees nobody"
    by = f", by {identity.carried_by}" if identity.carried_by else ""
    if identity.is_ is Role.CLIENT:
        return f"sees the client{by}"
    lost = f"; the client is lost at {identity.lost_at}" if identity.lost_at else ""
    return f"sees {identity.is_}{by}{lost}"
