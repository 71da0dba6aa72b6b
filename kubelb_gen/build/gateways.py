"""Layer-7 gateways and ingresses, and the programs behind their routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.backends import build_backend
from kubelb_gen.build.references import resolve
from kubelb_gen.build.wishes import layered, wish
from kubelb_gen.model import EdgeKind, Gateway, RouteBackend, TrustedProxies

if TYPE_CHECKING:
    from kubelb_gen.build.context import Context
    from kubelb_gen.build.node import Layers, Node
    from kubelb_gen.build.ports import TenantPorts


def build_gateway(
    node: Node,
    defaults: Layers,
    ports: TenantPorts,
    context: Context,
    *,
    is_ingress: bool,
) -> Gateway:
    """Return the gateway, or the ingress, of *node*."""
    backends = [
        _route_backend(each, node, defaults, ports, context)
        for each in node.items("backends")
    ]
    return Gateway(
        name=node.value("name"),
        namespace=node.value("namespace"),
        edge=_edge(node, context, is_ingress=is_ingress),
        trusted_proxies=_trusted_proxies(node, context),
        backends=tuple(sorted(backends, key=lambda each: (each.namespace, each.name))),
        is_ingress=is_ingress,
        at=node.at,
    )


def _edge(node: Node, context: Context, *, is_ingress: bool) -> str:
    kind = EdgeKind.INGRESS_NGINX if is_ingress else EdgeKind.ENVOY_GATEWAY
    names = [each.name for each in context.edges if each.kind is kind]
    named = node.find("edge")
    if named is not None:
        resolve(named, f"{kind} edges", names, context.findings)
        return str(named.data)
    if len(names) == 1:
        return names[0]
    what = "ingress" if is_ingress else "gateway"
    context.findings.missing(
        "unknown-reference",
        f"{what} '{node.value('name')}' names no edge, and there are {len(names)}"
        f" of kind {kind}",
        node.at,
        hint=f"edges: {', '.join(names)}" if names else "add one to management.edges",
    )
    return ""


def _trusted_proxies(node: Node, context: Context) -> TrustedProxies:
    given = node.find("trustedProxies")
    if given is None:
        return TrustedProxies()
    count = given.value("count")
    cidrs = context.networks.read(given.find("cidrs")) or ()
    if count == 0 and cidrs:
        context.findings.error(
            "contradiction",
            "'cidrs' names proxies, 'count' says that there are none",
            given["count"].at,
        )
    return TrustedProxies(count=count, cidrs=cidrs, only_way_in=given.flag("onlyWayIn"))


def _route_backend(
    node: Node, gateway: Node, defaults: Layers, ports: TenantPorts, context: Context
) -> RouteBackend:
    layers = layered(node, defaults, context.profiles, context.findings)
    client_ip, because = wish(layers, context.findings)
    route = node.value("route", {"kind": "Ingress", "name": gateway.value("name")})
    ports.take(node, "UDP" if route["kind"] == "UDPRoute" else "TCP")
    return RouteBackend(
        name=node.value("name"),
        namespace=node.value("namespace", gateway.value("namespace")),
        backend=build_backend(node, None, context.networks, context.findings),
        route_kind=route["kind"],
        route_name=route["name"],
        port=node.value("port"),
        listen=node.value("listen", node.value("port")),
        node_port=node.value("nodePort"),
        envoy_port=node.value("envoyPort"),
        service_type=node.value("serviceType", "ClusterIP"),
        protocol=node.value("protocol", "HTTP"),
        client_ip=client_ip,
        because=because,
        uid=node.value("uid"),
        at=node.at,
    )
