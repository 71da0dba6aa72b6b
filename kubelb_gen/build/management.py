"""The management cluster: load balancers, data plane, edges."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from kubelb_gen.build.networks import UNKNOWN, said_unknown
from kubelb_gen.build.references import DEFAULT, resolve
from kubelb_gen.build.versions import version_of
from kubelb_gen.catalogue import (
    IPFamily,
    LoadBalancerClass,
    Provider,
    ProxyVersion,
    custom,
    provider,
)
from kubelb_gen.model import (
    Cilium,
    Dispatch,
    Edge,
    EdgeKind,
    EnvoyPorts,
    ForwardingMode,
    LoadBalancer,
    Management,
    Routing,
    TrafficPolicy,
)

if TYPE_CHECKING:
    from kubelb_gen.build.findings import Findings
    from kubelb_gen.build.networks import Networks
    from kubelb_gen.build.node import Node

_NAMESPACES = {
    EdgeKind.ENVOY_GATEWAY: "envoy-gateway-system",
    EdgeKind.INGRESS_NGINX: "ingress-nginx",
}
_ENVOY_FIELDS = {
    "bind": "bind",
    "adminPort": "admin_port",
    "statsPort": "stats_port",
    "readyPort": "ready_port",
    "healthPort": "health_port",
}


def build_management(node: Node, networks: Networks, findings: Findings) -> Management:
    """Return the management cluster that *node* describes."""
    balancers = _load_balancers(node, findings)
    names = [each.name for each in balancers]
    return Management(
        load_balancers=balancers,
        edges=_edges(node, names, findings),
        cilium=build_cilium(node.find("dataplane"), networks, findings),
        envoy=_envoy(node, findings),
        pod_cidrs=networks.read(node.find("podCIDRs")) or (),
        egress_cidrs=networks.read(node.find("egressCIDRs")) or (),
        unknown=said_unknown({key: node[key] for key in node.data}),
        at=node.at,
    )


def build_cilium(
    dataplane: Node | None, networks: Networks, findings: Findings
) -> Cilium | None:
    """Return Cilium's settings, or None where kube-proxy is the data plane."""
    if dataplane is None:
        return None
    node = dataplane["cilium"]
    routing = Routing(node.value("routing"))
    tunnel = routing is Routing.TUNNEL
    native_cidr = networks.one(node.find("nativeRoutingCIDR"))
    native_cidr6 = networks.one(node.find("ipv6NativeRoutingCIDR"))
    server = node.value("apiServer", {})
    if isinstance(native_cidr, IPv6Network):
        _wrong_family(node["nativeRoutingCIDR"], "IPv4", findings)
        native_cidr = None
    if isinstance(native_cidr6, IPv4Network):
        _wrong_family(node["ipv6NativeRoutingCIDR"], "IPv6", findings)
        native_cidr6 = None
    return Cilium(
        version=version_of("Cilium", node["version"], findings),
        mode=ForwardingMode(node.value("mode")),
        routing=routing,
        dispatch=Dispatch(node.value("dispatch", "geneve" if tunnel else "opt")),
        platform=node.value("platform", "generic"),
        native_routing_cidr=native_cidr,
        ipv6_native_routing_cidr=native_cidr6,
        pod_routes=node.value("podRoutes"),
        kube_proxy_absent=node.value("kubeProxy", "absent") == "absent",
        api_server_host=server.get("host"),
        api_server_port=server.get("port", 6443) if server else None,
        output=node.value("output", "complete"),
        at=node.at,
    )


def _wrong_family(node: Node, family: str, findings: Findings) -> None:
    findings.error("wrong-family", f"'{node.data}' is not an {family} range", node.at)


def _load_balancers(node: Node, findings: Findings) -> tuple[LoadBalancer, ...]:
    named = dict(node.members("loadBalancers"))
    if (single := node.find("loadBalancer")) is not None:
        if DEFAULT in named:
            what = "the load balancer 'default'"
            findings.twice(what, single, named[DEFAULT])
        named[DEFAULT] = single
    if not named:
        findings.error(
            "missing-field",
            "'loadBalancer' is missing in 'management'",
            node.at,
            hint="name its provider; 'kubelb-gen providers' lists them",
        )
    return tuple(_load_balancer(name, named[name], findings) for name in sorted(named))


def _load_balancer(name: str, node: Node, findings: Findings) -> LoadBalancer:
    given = node.value("proxyProtocol")
    version = None if given in (None, "none") else ProxyVersion(given)
    families = tuple(map(IPFamily, node.value("ipFamilies", ["IPv4"])))
    known = _provider(name, node, version)
    if version and (known.proxy is None or version not in known.proxy.versions):
        can = ", ".join(known.proxy.versions) if known.proxy else ""
        findings.error(
            "proxy-not-offered",
            f"'{known.name}' cannot send PROXY {version}",
            node["proxyProtocol"].at,
            label=f"it can send: {can}" if can else "it sends no PROXY header",
        )
        version = None
    return LoadBalancer(
        name=name,
        provider=known,
        proxy_protocol=version,
        proxy_off=given == "none",
        ip_families=families,
        unknown=node.value("class") == UNKNOWN,
        at=node.at,
    )


def _provider(name: str, node: Node, version: ProxyVersion | None) -> Provider:
    if "provider" in node:
        return provider(node.value("provider"))
    annotations = node.value("annotations", {})
    kind = node.value("class")
    return custom(
        name,
        # Whatever stands for it, no path is evaluated any further.
        kind=LoadBalancerClass.PASS_THROUGH
        if kind == UNKNOWN
        else LoadBalancerClass(kind),
        version=version,
        enable=annotations.get("enable"),
        disable=annotations.get("disable"),
    )


def _edges(node: Node, balancers: list[str], findings: Findings) -> tuple[Edge, ...]:
    if "edges" not in node:
        # Nobody wrote it, so it is nowhere; the plan counts it where it is used.
        edge = Edge(name=DEFAULT, load_balancer=DEFAULT)
        return (edge,) if DEFAULT in balancers else ()
    found: dict[str, tuple[Node, Edge]] = {}
    for item in node.items("edges"):
        edge = _edge(item, balancers, findings)
        if edge.name in found:
            findings.twice(f"the edge '{edge.name}'", found[edge.name][0], item)
        found.setdefault(edge.name, (item, edge))
    return tuple(found[name][1] for name in sorted(found))


def _edge(node: Node, balancers: list[str], findings: Findings) -> Edge:
    kind = EdgeKind(node.value("kind", EdgeKind.ENVOY_GATEWAY))
    program = "Envoy Gateway" if kind is EdgeKind.ENVOY_GATEWAY else "ingress-nginx"
    version = node.find("version")
    pinned = node.value("externalTrafficPolicy")
    balancer = node.value("loadBalancer", DEFAULT)
    resolve(node.find("loadBalancer"), "loadBalancers", balancers, findings)
    if "loadBalancer" not in node and DEFAULT not in balancers:
        no_default(node, f"edge '{node.value('name')}'", balancers, findings)
    return Edge(
        name=node.value("name"),
        load_balancer=balancer,
        kind=kind,
        version=version_of(program, version, findings) if version else None,
        external_traffic_policy=TrafficPolicy(pinned) if pinned else None,
        balancer_proxy_off=node.value("loadBalancerProxyProtocol") == "none",
        accept_proxy=node.value("acceptProxyProtocol"),
        namespace=node.value("namespace", _NAMESPACES[kind]),
        others_want_client=node.value("others", {}).get("wantClient", False),
        others_keep_list=node.value("others", {}).get("keepList", False),
        at=node.at,
    )


def no_default(node: Node, who: str, balancers: list[str], findings: Findings) -> None:
    """Record that *who* relies on a load balancer called default; there is none."""
    if balancers:
        findings.missing(
            "unknown-reference",
            f"{who} names no loadBalancer, and none is called 'default'",
            node.at,
            hint=f"loadBalancers: {', '.join(balancers)}",
        )


def _envoy(node: Node, findings: Findings) -> EnvoyPorts:
    given = node.find("envoy")
    if given is None:
        return EnvoyPorts()
    ports = EnvoyPorts(**{_ENVOY_FIELDS[key]: given.value(key) for key in given.data})
    owners: dict[int, str] = {}
    for key, attribute in _ENVOY_FIELDS.items():
        number = getattr(ports, attribute)
        if key == "bind":
            continue
        if number in owners:
            at = given[key].at if key in given else given.at
            message = f"port {number} is both '{owners[number]}' and '{key}'"
            findings.error("port-in-use", message, at)
        owners.setdefault(number, key)
    return ports
