"""Names that outputs share: resources of KubeLB, labels inside configurations."""

import hashlib


def label(*parts: str) -> str:
    """Join *parts* into an identifier that NGINX, HAProxy and Envoy all accept.

    Different parts give different labels; only letters, digits and `_` occur.

    >>> label("primary", "default", "my-tcp-service")
    'kubelb_primary__default__my_tcp_service'
    """
    joined = "__".join(part.replace("-", "_") for part in parts)
    if any("--" in part or part != part.strip("-") for part in parts):
        # "a--b" would read like two parts.
        digest = hashlib.sha256("/".join(parts).encode()).hexdigest()[:8]
        joined = f"{joined}_{digest}"
    return f"kubelb_{joined}"


def envoy_resource(namespace: str, uid: str, node_port: int, protocol: str) -> str:
    """Name KubeLB's Envoy listener and cluster of a Service port.

    Source: kubelb `internal/kubelb/utils.go`, EnvoyResourceIdentifierPattern.
    """
    return f"{namespace}-{uid}-ep-0-port-{node_port}-{protocol}"


def envoy_route_resource(  # noqa: PLR0913  the pattern has these seven parts
    *,
    namespace: str,
    service_namespace: str,
    service: str,
    route: str,
    uid: str,
    port: int,
    protocol: str,
) -> str:
    """Name KubeLB's Envoy listener and cluster of a route's Service port.

    Source: kubelb `internal/kubelb/utils.go`, EnvoyRoutePortIdentifierPattern.
    """
    return (
        f"tenant-{namespace}-route-{service_namespace}-{service}-{route}"
        f"-svc-{uid}-port-{port}-{protocol}"
    )
