"""Where the settings of a path are written: names of output files, and keys in them.

Made of names alone; a test holds them against what is rendered.
"""

from collections.abc import Mapping

from kubelb_gen.model import (
    BackendKind,
    BackendMode,
    EdgeKind,
    Emit,
    OutputMode,
    ProxyAcceptance,
)
from kubelb_gen.plan import (
    BackendFile,
    BalancerFacts,
    ByHeader,
    ByPosition,
    EdgePlan,
    GatewayPlan,
    Reading,
    ServicePlan,
    TenantPlan,
)
from kubelb_gen.trace.path import Setting

Files = Mapping[tuple[str, str, BackendKind], BackendFile]

PROXY_ANNOTATION = "kubelb.k8c.io/proxy-protocol"

_EXTENSIONS = {
    BackendKind.HAPROXY: "haproxy.cfg",
    BackendKind.ENVOY: "envoy.yaml",
    BackendKind.TRAEFIK: "traefik.static.yaml",
    BackendKind.CADDY: "Caddyfile",
    BackendKind.APACHE: "apache.conf",
}
_READING = {
    BackendKind.NGINX: "real_ip_header",
    BackendKind.HAPROXY: "http-request set-src",
    BackendKind.ENVOY: "xff_num_trusted_hops",
    BackendKind.TRAEFIK: "forwardedHeaders.trustedIPs",
    BackendKind.CADDY: "client_ip_headers",
    BackendKind.APACHE: "RemoteIPHeader",
}
_SUFFIX = {OutputMode.FULL: "service", OutputMode.PATCH: "service.patch"}


def in_service(decided: ServicePlan, key: str, value: str) -> Setting | None:
    """Return the setting *key* of a tenant Service, None where none is written."""
    service = decided.service
    if service.output is OutputMode.NONE:
        return None
    folder = f"tenants/{decided.tenant.name}/{service.namespace}"
    file = f"{folder}/{service.name}.{_SUFFIX[service.output]}.yaml"
    return Setting(file=file, key=key, value=value)


def of_service_policy(decided: ServicePlan) -> Setting | None:
    """Return where a tenant Service says its traffic policy."""
    return in_service(decided, "externalTrafficPolicy", decided.balancer.policy)


def of_proxy_annotation(decided: ServicePlan) -> Setting | None:
    """Return where KubeLB's annotation stands, None where it does not."""
    value = decided.annotations.get(PROXY_ANNOTATION)
    return None if value is None else in_service(decided, PROXY_ANNOTATION, value)


def of_service_balancer(decided: ServicePlan) -> Setting | None:
    """Return the annotation that has the load balancer send PROXY, or not."""
    found = _switch(decided.balancer)
    return None if found is None else in_service(decided, *found)


def of_dsr(value: str) -> Setting:
    """Return where Cilium's mode in the management cluster is written."""
    file = "management/cilium-values.yaml"
    return Setting(file=file, key="loadBalancer.mode", value=value)


def in_edge(decided: EdgePlan, key: str, value: str) -> Setting:
    """Return the setting *key* of an edge."""
    kind = "envoyproxy"
    if decided.edge.kind is EdgeKind.INGRESS_NGINX:
        kind = "ingress-nginx-values"
    file = f"management/edges/{decided.edge.name}.{kind}.yaml"
    return Setting(file=file, key=key, value=value)


def of_edge_balancer(decided: EdgePlan) -> Setting | None:
    """Return the annotation of an edge's Service that has PROXY sent, or not."""
    found = _switch(decided.balancer)
    return None if found is None else in_edge(decided, *found)


def of_edge_reading(decided: GatewayPlan) -> Setting | None:
    """Return what makes the edge read PROXY, or count the proxies in front of it."""
    policy = decided.policy
    if decided.edge.edge.kind is EdgeKind.INGRESS_NGINX:
        return _of_ingress_nginx(decided.edge)
    if policy is None:
        return None
    stem = f"tenants/{decided.tenant.name}/{policy.namespace}/{policy.gateway}"
    if policy.in_management:
        stem = f"management/tenants/{decided.tenant.name}"
    key, value = policy.proxy_field or "", "{}"
    if policy.proxy_field == "enableProxyProtocol":
        value = "true"
    if policy.trusted_cidrs and not key:
        key, value = "trustedCIDRs", ", ".join(map(str, policy.trusted_cidrs))
    if policy.trusted_hops and not key:
        key, value = "numTrustedHops", str(policy.trusted_hops)
    return Setting(file=f"{stem}.clienttrafficpolicy.yaml", key=key, value=value)


def _of_ingress_nginx(decided: EdgePlan) -> Setting:
    if decided.balancer.sends is not None:
        return in_edge(decided, "use-proxy-protocol", "true")
    if not decided.replaces:
        return in_edge(decided, "compute-full-forwarded-for", "true")
    if decided.believes:
        believed = ",".join(map(str, decided.believes))
        return in_edge(decided, "proxy-real-ip-cidr", believed)
    return in_edge(decided, "use-forwarded-headers", "false")


def of_backend_proxy(
    file: BackendFile | None, port: int, accept: ProxyAcceptance
) -> Setting | None:
    """Return the line of a backend that listens on *port*, with or without PROXY."""
    if file is None:
        return None
    wants = accept is not ProxyAcceptance.NONE
    key, value = _listening(file, port) if wants else _plain(file.kind, port)
    return Setting(file=_path(file, port), key=key, value=value)


def of_backend_reading(
    file: BackendFile | None, port: int, reading: Reading | None
) -> Setting | None:
    """Return the line of a backend that finds the client in a request."""
    if file is None or reading is None:
        return None
    header = reading.header if isinstance(reading, ByHeader) else "X-Forwarded-For"
    place = reading.from_right if isinstance(reading, ByPosition) else 1
    key, value = _READING[file.kind], header
    match file.kind:
        case BackendKind.HAPROXY:
            value = f"req.hdr_ip({header.lower()},-{place})"
        case BackendKind.ENVOY:
            value = str(place)
        case BackendKind.TRAEFIK:
            value = _trusted(file, port)
    return Setting(file=_path(file, port), key=key, value=value)


def files_of(tenant: TenantPlan) -> Files:
    """Return the configurations that are written for the backends of *tenant*."""
    return {(each.namespace, each.name, each.kind): each for each in tenant.backends}


def _listening(file: BackendFile, port: int) -> tuple[str, str]:
    """Return what makes the backend read PROXY on *port*: key and value."""
    match file.kind:
        case BackendKind.NGINX:
            return "listen", f"{port} proxy_protocol"
        case BackendKind.HAPROXY:
            return "bind", f"*:{port} accept-proxy"
        case BackendKind.ENVOY:
            return "listener_filters", "envoy.filters.listener.proxy_protocol"
        case BackendKind.TRAEFIK:
            return "proxyProtocol.trustedIPs", _trusted(file, port)
        case BackendKind.CADDY:
            return "proxy_protocol.allow", _trusted(file, port)
    return "RemoteIPProxyProtocol", "On"


def _plain(kind: BackendKind, port: int) -> tuple[str, str]:
    """Return where a port without PROXY is listened on: key and value."""
    match kind:
        case BackendKind.HAPROXY:
            return "bind", f"*:{port}"
        case BackendKind.ENVOY:
            return "port_value", str(port)
        case BackendKind.TRAEFIK:
            return "address", f":{port}"
        case BackendKind.CADDY:
            return "http", f"://:{port}"
    return ("Listen" if kind is BackendKind.APACHE else "listen"), str(port)


def _trusted(file: BackendFile, port: int) -> str:
    found = (each.trusted for each in file.listeners if each.listen == port)
    return ", ".join(map(str, next(found, ())))


def _path(file: BackendFile, port: int) -> str:
    extension = _EXTENSIONS.get(file.kind, "")
    if file.kind is BackendKind.NGINX:
        extension = f"{_nginx_stem(file, port)}.conf"
    return f"backends/{file.tenant}/{file.namespace}/{file.name}.{extension}"


def _nginx_stem(file: BackendFile, port: int) -> str:
    # As fragments, `http` and `stream` are two files; the first has the short name.
    modes = {each.listen: each.mode for each in file.listeners}
    both = any(mode.is_http for mode in modes.values())
    raw = not modes.get(port, BackendMode.HTTP).is_http
    return "nginx-stream" if raw and both and file.emit is Emit.FRAGMENT else "nginx"


def _switch(balancer: BalancerFacts) -> tuple[str, str] | None:
    provider = balancer.balancer.provider
    others = {
        **provider.extra_annotations,
        **provider.local.annotations,
    }
    for key, value in sorted(balancer.annotations.items()):
        if key not in others:
            return key, value
    return None
