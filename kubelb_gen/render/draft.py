"""A file before its template ran: where it goes, what lays it out, with what."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from kubelb_gen.frozen import dataclass

MANAGEMENT = "management"

# Runs a template on its context.
Writer = Callable[[str, Mapping[str, object]], str]
# A text, or the template and the context that make it.
Part = str | tuple[str, Mapping[str, object]]


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
    `templates/`; *context* holds plain values in the target's own words.  *parts* are
    laid out before, and the template finds them as one text under the name beside them.
    """

    path: str
    kind: Kind
    role: Role
    cluster: str
    template: str
    context: Mapping[str, object]
    parts: tuple[tuple[str, Sequence[Part]], ...] = ()

    def text(self, write: Writer) -> str:
        """Return what *write* makes of it; raises what *write* raises."""
        context = self.context
        if self.parts:
            made = {name: _joined(parts, write) for name, parts in self.parts}
            context = {**context, **made}
        return write(self.template, context)


def _joined(parts: Sequence[Part], write: Writer) -> str:
    return "".join(each if isinstance(each, str) else write(*each) for each in parts)
