"""A file before its template ran: where it goes, what lays it out, with what."""

from collections.abc import Mapping
from enum import StrEnum

from kubelb_gen.frozen import dataclass

MANAGEMENT = "management"


class Kind(StrEnum):
    """Kinds of output, as `--only` and the lock file name them."""

    SERVICE = "service"
    LOAD_BALANCER = "loadbalancer"
    ENVOY_SERVICE = "envoy-service"
    ENVOY_BOOTSTRAP = "envoy-bootstrap"
    ENVOY_BOOTSTRAP_XDS = "envoy-bootstrap-xds"
    CILIUM = "cilium"
    CLIENT_TRAFFIC_POLICY = "clienttrafficpolicy"
    ENVOY_PROXY = "envoyproxy"
    INGRESS_NGINX = "ingress-nginx"
    TENANT_ANNOTATIONS = "tenant-annotations"
    CONFIG_MAP = "configmap"
    POD_PATCH = "pod-patch"
    KUSTOMIZATION = "kustomization"
    NGINX = "nginx"
    HAPROXY = "haproxy"
    ENVOY = "envoy"
    TRAEFIK = "traefik"
    CADDY = "caddy"
    APACHE = "apache"


class Role(StrEnum):
    """Who is to do what with a file."""

    APPLY = "apply"  # an object for the cluster's API server
    EXPECTED = "expected"  # an object that KubeLB itself will create
    FILE = "file"  # Helm values, configurations, kustomizations


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One output file that is decided but not laid out.

    *cluster* is `management` or the tenant's name; *template* is a path under
    `templates/`; *context* holds plain values in the target's own words.
    """

    path: str
    kind: Kind
    role: Role
    cluster: str
    template: str
    context: Mapping[str, object]
