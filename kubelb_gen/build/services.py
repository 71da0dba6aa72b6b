"""Layer-4 services and their ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.build.backends import build_backend
from kubelb_gen.build.ports import check_service_ports, port_name
from kubelb_gen.build.wishes import layered, wish
from kubelb_gen.model import (
    Backend,
    Handover,
    OutputMode,
    Protocol,
    ProxyAcceptance,
    Rollout,
    Service,
    ServicePort,
    TrafficPolicy,
    Wish,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubelb_gen.build.context import Context
    from kubelb_gen.build.node import Layers, Node
    from kubelb_gen.build.ports import TenantPorts
    from kubelb_gen.diagnostics import DataPath


# What a port may say itself, in the place of its service.
_OVERRIDES = frozenset({"profile", "clientIP", "because", "backend", "upstream"})
_PROTOCOLS = {each.value: each for each in Protocol}
_Wished = tuple[Wish, str | None, Backend | None]


def build_service(
    node: Node, defaults: Layers, ports: TenantPorts, context: Context
) -> Service:
    """Return the service of *node*, with profiles and *defaults* applied."""
    layers = layered(node, defaults, context.profiles, context.findings)
    check_service_ports(node, context.findings)
    shared = _Shared()
    output = OutputMode(layers.value("output", OutputMode.FULL))
    if output is OutputMode.FULL and not node.value("selector"):
        context.findings.error(
            "missing-field",
            f"'selector' is missing in service '{node.value('name')}'",
            node.at / "selector",
            hint="name the pods' labels, or 'output: patch' where a chart owns it",
        )
    return Service(
        name=node.value("name"),
        namespace=node.value("namespace"),
        ports=tuple(
            _port(port, layers, ports, shared, context) for port in node.items("ports")
        ),
        selector=node.value("selector", {}),
        labels=layers.value("labels", {}),
        annotations=layers.value("annotations", {}),
        load_balancer_class=layers.value("loadBalancerClass"),
        session_affinity=layers.value("sessionAffinity"),
        internal_traffic_policy=_policy(layers.value("internalTrafficPolicy")),
        external_traffic_policy=_policy(layers.value("externalTrafficPolicy")),
        proxy_protocol=_pin(layers.value("proxyProtocol")),
        balancer_proxy_off=layers.value("loadBalancerProxyProtocol") == "none",
        callers=tuple(layers.value("callers", ("internet",))),
        every_node=layers.flag("everyNode"),
        output=output,
        uid=node.value("uid"),
        rollout=_rollout(layers.value("rollout") or {}),
        at=node.at,
    )


class _Shared:
    """What is built once for the ports of one service."""

    def __init__(self) -> None:
        self.backends: dict[DataPath, Backend] = {}
        # Of ports that say nothing themselves; None before the first of them.
        self.wished: _Wished | None = None


def _rollout(given: Mapping[str, Any]) -> Rollout:
    return Rollout(
        strategy=given.get("strategy"),
        gates_access=given.get("gatesAccess", False),
        forgery_accepted="forgeryWindow" in given,
    )


def _handover(given: Mapping[str, Any] | None) -> Handover | None:
    if given is None:
        return None
    return Handover(
        listen=given["listen"],
        accept=ProxyAcceptance(given.get("acceptProxyProtocol", "v2")),
        adapter=given.get("adapter"),
        serves=given.get("serves", False) and "adapter" in given,
    )


def _policy(given: str | None) -> TrafficPolicy | None:
    return None if given is None else TrafficPolicy(given)


def _pin(given: str | None) -> bool | None:
    return None if given is None else given == "v2"


def _backend(
    node: Node,
    upstream: Node | None,
    known: dict[DataPath, Backend],
    context: Context,
) -> Backend:
    """Build the backend, once for all ports that have it from one place."""
    if upstream is not None:
        return build_backend(node, upstream, context.networks, context.findings)
    if node.at not in known:
        known[node.at] = build_backend(node, None, context.networks, context.findings)
    return known[node.at]


def _wished(node: Node, service: Layers, shared: _Shared, context: Context) -> _Wished:
    """Return the wish of a port, its reason, and the backend."""
    says_nothing = _OVERRIDES.isdisjoint(node.data)
    if says_nothing and shared.wished is not None:
        return shared.wished
    layers = layered(node, service, context.profiles, context.findings)
    client_ip, because = wish(layers, context.findings)
    found = layers.find("backend")
    upstream = node.find("upstream")
    backend = _backend(found, upstream, shared.backends, context) if found else None
    wished = client_ip, because, backend
    # What lacks its reason is told for each port.
    if says_nothing and (client_ip is Wish.REQUIRED or because is not None):
        shared.wished = wished
    return wished


def _port(
    node: Node,
    service: Layers,
    ports: TenantPorts,
    shared: _Shared,
    context: Context,
) -> ServicePort:
    given = node.data.get
    protocol = _PROTOCOLS[given("protocol", "TCP")]
    ports.take(node, protocol)
    client_ip, because, backend = _wished(node, service, shared, context)
    if backend is None and client_ip is not Wish.IGNORED:
        context.findings.error(
            "missing-field",
            f"'backend' is missing for port {given('port')}/{protocol}",
            node.at,
            hint="a backend may be absent only where clientIP is ignored",
        )
    target = given("targetPort", given("port"))
    plain = given("plain")
    return ServicePort(
        name=port_name(node),
        port=given("port"),
        target_port=target,
        listen=given("listen", target) if isinstance(target, str) else target,
        protocol=protocol,
        node_port=given("nodePort"),
        envoy_port=given("envoyPort"),
        client_ip=client_ip,
        because=because,
        backend=backend,
        plain_port=plain["port"] if plain else None,
        handover=_handover(given("handover")),
        at=node.at,
    )
