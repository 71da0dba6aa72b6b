"""All data planes of the path, by their names."""

from collections.abc import Mapping

from kubelb_gen.frozen import dataclass
from kubelb_gen.model import BackendKind
from kubelb_gen.trace import (
    caller_node,
    cilium,
    cluster_ip,
    edge,
    kube_proxy,
    kubelb_envoy,
    load_balancer,
    outer_proxies,
)
from kubelb_gen.trace.backends import (
    apache,
    caddy,
    envoy,
    haproxy,
    nginx,
    other,
    traefik,
)
from kubelb_gen.trace.flow import Plane

PLANES: Mapping[str, Plane] = {
    "caller-node": caller_node,
    "cilium": cilium,
    "cluster-ip": cluster_ip,
    "edge": edge,
    "kube-proxy": kube_proxy,
    "kubelb-envoy": kubelb_envoy,
    "load-balancer": load_balancer,
    "outer-proxies": outer_proxies,
}
BACKENDS: Mapping[BackendKind, Plane] = {
    BackendKind.NGINX: nginx,
    BackendKind.HAPROXY: haproxy,
    BackendKind.ENVOY: envoy,
    BackendKind.TRAEFIK: traefik,
    BackendKind.CADDY: caddy,
    BackendKind.APACHE: apache,
    BackendKind.OTHER: other,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One hop of a chain: its *name* on the path, its data plane, and its facts."""

    name: str
    plane: Plane
    facts: object


def link(name: str, plane: str, facts: object) -> Link:
    """Return the hop *name* that the data plane *plane* is."""
    return Link(name=name, plane=PLANES[plane], facts=facts)


def backend_link(kind: BackendKind, facts: object) -> Link:
    """Return the last hop."""
    return Link(name="backend", plane=BACKENDS[kind], facts=facts)
