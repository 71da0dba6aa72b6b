"""The kinds of files that come out: where each goes, and what it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kubelb_gen.render.draft import Kind, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One kind of file; *path* has a placeholder in angle brackets for each name."""

    kind: Kind
    path: str
    role: Role
    what: str

    def is_at(self, path: str) -> bool:
        """Whether a file of this kind may be at *path*.

        >>> OUTPUTS[0].is_at("tenants/primary/default/web.service.yaml")
        True
        """
        pattern = re.sub(r"<[^>]+>", "[^/]+", self.path.replace(".", r"\."))
        return re.fullmatch(pattern, path) is not None


OUTPUTS = (
    Output(
        kind=Kind.SERVICE,
        path="tenants/<tenant>/<namespace>/<service>.service.yaml",
        role=Role.APPLY,
        what="the tenant's Service, with KubeLB's annotation where it is needed; "
        "KubeLB's agent reads it",
    ),
    Output(
        kind=Kind.SERVICE,
        path="tenants/<tenant>/<namespace>/<service>.service.patch.yaml",
        role=Role.FILE,
        what="with `output: patch`: annotation and policy as a kustomize patch, for a "
        "Service that a chart owns; no kustomization of ours lists it",
    ),
    Output(
        kind=Kind.CONFIG_MAP,
        path="tenants/<tenant>/<namespace>/<name>.<kind>.configmap.yaml",
        role=Role.APPLY,
        what="a backend's configuration, the same text as under `backends/`",
    ),
    Output(
        kind=Kind.POD_PATCH,
        path="tenants/<tenant>/<namespace>/<name>.<kind>.pod.patch.yaml",
        role=Role.FILE,
        what="with `workload`: a kustomize patch that mounts that ConfigMap, opens the "
        "ports, sets the probe, and restarts pods on a new configuration; no "
        "kustomization of ours lists it",
    ),
    Output(
        kind=Kind.CLIENT_TRAFFIC_POLICY,
        path="tenants/<tenant>/<namespace>/<gateway>.clienttrafficpolicy.yaml",
        role=Role.APPLY,
        what="Enterprise Edition: how the edge finds the client; KubeLB syncs it",
    ),
    Output(
        kind=Kind.CLIENT_TRAFFIC_POLICY,
        path="management/tenants/<tenant>.clienttrafficpolicy.yaml",
        role=Role.APPLY,
        what="Community Edition: the same, in the namespace `tenant-<tenant>` of the "
        "management cluster, since nothing syncs it",
    ),
    Output(
        kind=Kind.TENANT_ANNOTATIONS,
        path="management/tenants/<tenant>.annotations.yaml",
        role=Role.APPLY,
        what="the Tenant's `propagatedAnnotations`, where a load balancer's annotation "
        "has to reach the Envoy Service",
    ),
    Output(
        kind=Kind.ENVOY_PROXY,
        path="management/edges/<edge>.envoyproxy.yaml",
        role=Role.APPLY,
        what="the Service of an Envoy Gateway edge: policy and annotations",
    ),
    Output(
        kind=Kind.INGRESS_NGINX,
        path="management/edges/<edge>.ingress-nginx-values.yaml",
        role=Role.FILE,
        what="Helm values of an ingress-nginx edge: whom it believes, and its Service",
    ),
    Output(
        kind=Kind.CILIUM,
        path="management/cilium-values.yaml",
        role=Role.FILE,
        what="Cilium's Helm values, complete for the chosen routing",
    ),
    Output(
        kind=Kind.KUSTOMIZATION,
        path="management/kustomization.yaml",
        role=Role.FILE,
        what="lists the objects to apply in the management cluster",
    ),
    Output(
        kind=Kind.KUSTOMIZATION,
        path="tenants/<tenant>/kustomization.yaml",
        role=Role.FILE,
        what="lists the objects to apply in the tenant cluster",
    ),
    Output(
        kind=Kind.NGINX,
        path="backends/<tenant>/<namespace>/<name>.nginx.conf",
        role=Role.FILE,
        what="NGINX: a file to include inside `http` or `stream`, or a complete one",
    ),
    Output(
        kind=Kind.NGINX,
        path="backends/<tenant>/<namespace>/<name>.nginx-probe.conf",
        role=Role.FILE,
        what="NGINX: the `httpGet` probe of a `stream` backend, for inside `http`",
    ),
    Output(
        kind=Kind.HAPROXY,
        path="backends/<tenant>/<namespace>/<name>.haproxy.cfg",
        role=Role.FILE,
        what="HAProxy: a complete configuration",
    ),
    Output(
        kind=Kind.ENVOY,
        path="backends/<tenant>/<namespace>/<name>.envoy.yaml",
        role=Role.FILE,
        what="Envoy as a backend: a static bootstrap",
    ),
    Output(
        kind=Kind.TRAEFIK,
        path="backends/<tenant>/<namespace>/<name>.traefik.static.yaml",
        role=Role.FILE,
        what="Traefik: its ports, and whose headers they believe",
    ),
    Output(
        kind=Kind.TRAEFIK,
        path="backends/<tenant>/<namespace>/<name>.traefik.dynamic.yaml",
        role=Role.FILE,
        what="Traefik: routers, middlewares and services, in "
        "`/etc/traefik/traefik.dynamic.yaml`",
    ),
    Output(
        kind=Kind.CADDY,
        path="backends/<tenant>/<namespace>/<name>.Caddyfile",
        role=Role.FILE,
        what="Caddy: a complete Caddyfile",
    ),
    Output(
        kind=Kind.APACHE,
        path="backends/<tenant>/<namespace>/<name>.apache.conf",
        role=Role.FILE,
        what="Apache httpd: a file to include at the top level, or a complete one",
    ),
    Output(
        kind=Kind.LOAD_BALANCER,
        path="expected/<tenant namespace>/<namespace>/<service>.loadbalancer.yaml",
        role=Role.EXPECTED,
        what="KubeLB's LoadBalancer, as its agent writes it",
    ),
    Output(
        kind=Kind.ENVOY_SERVICE,
        path="expected/<tenant namespace>/<namespace>/<service>.envoy-service.yaml",
        role=Role.EXPECTED,
        what="the Service in front of KubeLB's Envoy, as its manager writes it",
    ),
    Output(
        kind=Kind.ENVOY_BOOTSTRAP,
        path="expected/<tenant namespace>/envoy-bootstrap.yaml",
        role=Role.FILE,
        what="the tenant's data plane as a static file that a bare Envoy runs; with "
        "more than 2,000 listeners `envoy-bootstrap-2.yaml` follows, and so on, each "
        "for an Envoy of its own",
    ),
    Output(
        kind=Kind.ENVOY_BOOTSTRAP_XDS,
        path="expected/<tenant namespace>/envoy-bootstrap.xds.yaml",
        role=Role.FILE,
        what="what KubeLB starts its Envoy with; its control plane sends the rest",
    ),
)
