"""Which Helm values make Cilium keep the client's address.

The chart checks next to nothing about DSR: a routing mode, dispatch and tunnel
protocol that do not fit render cleanly, and the agent then refuses to start.  So they
are decided together.  The same source, from the agent: DSR is behind the kube-proxy
replacement, does not fit into VXLAN, and with the IP option needs native routing.

Checked with `helm template` on the charts 1.14.19 to 1.20.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.model import (
    Cilium,
    Dispatch,
    ForwardingMode,
    Protocol,
    Routing,
    Version,
)
from kubelb_gen.plan.facts import CiliumPlan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubelb_gen.model import Fleet

    Values = Mapping[str, object]
    Block = tuple[str, Values]

# From here on the chart turns masquerading off on ENI.
_ENI_UNMASQUERADED = Version(1, 18, 0)
_PLATFORMS: Mapping[str, Values] = {
    "eni": {"eni": {"enabled": True}, "ipam": {"mode": "eni"}},
    "gke": {"gke": {"enabled": True}, "ipam": {"mode": "kubernetes"}},
    "aks-byocni": {"aksbyocni": {"enabled": True}},
}
_DISPATCH_REASON = {
    Dispatch.OPT: "an IP option tells it, under native routing only",
    Dispatch.GENEVE: "a Geneve header tells it",
}


def dsr_engages(cilium: Cilium | None, protocol: Protocol) -> bool:
    """Tell whether *cilium* forwards *protocol* to other nodes without SNAT.

    That is so under `externalTrafficPolicy: Cluster`; under `Local` nothing is
    forwarded to other nodes.
    """
    if cilium is None or cilium.mode is ForwardingMode.SNAT:
        return False
    return cilium.mode is ForwardingMode.DSR or protocol is Protocol.TCP


def data_planes(fleet: Fleet) -> Iterator[Cilium]:
    """Every Cilium that *fleet* speaks of, the management cluster's first."""
    if fleet.management.cilium is not None:
        yield fleet.management.cilium
    for tenant in fleet.tenants:
        if tenant.cilium is not None:
            yield tenant.cilium


def plan_cilium(cilium: Cilium) -> CiliumPlan:
    """Decide the Helm values of *cilium*, what its `output` leaves out included."""
    blocks = tuple(block for block in _blocks(cilium) if block[1])
    values = {key: value for _, block in blocks for key, value in block.items()}
    reasons = {next(iter(block)): reason for reason, block in blocks}
    return CiliumPlan(cilium=cilium, values=values, reasons=reasons)


def _blocks(cilium: Cilium) -> Iterator[Block]:
    if cilium.output == "none":
        return
    whole = cilium.output == "complete"
    if whole:
        yield _platform(cilium)
    if whole or _uses_dsr(cilium):
        yield _routing(cilium)
        yield _tunnel_protocol(cilium)
    if whole:
        yield _pod_routes(cilium)
    yield _kube_proxy_replacement(cilium)
    yield _load_balancer(cilium)
    if whole or _uses_dsr(cilium):
        yield _masquerade(cilium)


def _platform(cilium: Cilium) -> Block:
    values = _PLATFORMS.get(cilium.platform, {})
    return "The cloud hands out pod addresses.", values


def _routing(cilium: Cilium) -> Block:
    values: dict[str, object] = {"routingMode": cilium.routing.value}
    if cilium.routing is Routing.TUNNEL:
        return "Pods on different nodes talk through a tunnel.", values
    if cilium.native_routing_cidr is not None:
        values["ipv4NativeRoutingCIDR"] = str(cilium.native_routing_cidr)
    if cilium.ipv6_native_routing_cidr is not None:
        values["ipv6"] = {"enabled": True}
        values["ipv6NativeRoutingCIDR"] = str(cilium.ipv6_native_routing_cidr)
    reason = "The network routes pod addresses."
    if len(values) > 1:
        reason += " Without its range the agent does not start."
    return reason, values


def _tunnel_protocol(cilium: Cilium) -> Block:
    if not _uses_geneve(cilium):
        # Under SNAT the protocol stays what it is: a change interrupts pod traffic.
        return "", {}
    reason = "VXLAN has no room for the client's address. Open UDP 6081 between nodes."
    if cilium.routing is Routing.TUNNEL:
        reason += " Changing this on a live cluster interrupts pod traffic."
    return reason, {"tunnelProtocol": "geneve"}


def _pod_routes(cilium: Cilium) -> Block:
    same_network = cilium.routing is Routing.NATIVE and cilium.pod_routes == "same-l2"
    values = {"autoDirectNodeRoutes": True} if same_network else {}
    return "All nodes share one layer-2 network.", values


def _kube_proxy_replacement(cilium: Cilium) -> Block:
    values: dict[str, object] = {"kubeProxyReplacement": True}
    if cilium.api_server_host is not None:
        values["k8sServiceHost"] = cilium.api_server_host
        if cilium.api_server_port is not None:
            values["k8sServicePort"] = cilium.api_server_port
    reason = "DSR is part of the kube-proxy replacement."
    if not _uses_dsr(cilium):
        reason = "Cilium serves the Services."
    if cilium.kube_proxy_absent and "k8sServiceHost" in values:
        reason += " No kube-proxy leads to the API server."
    return reason, values


def _load_balancer(cilium: Cilium) -> Block:
    values = {"mode": cilium.mode.value}
    if not _uses_dsr(cilium):
        return "A hop to another node replaces the client's address.", {
            "loadBalancer": values
        }
    values["dsrDispatch"] = cilium.dispatch.value
    kept = "The client's address survives a hop to another node"
    if cilium.mode is ForwardingMode.HYBRID:
        kept += ", for TCP alone"
    reason = f"{kept}; {_DISPATCH_REASON[cilium.dispatch]}."
    return reason, {"loadBalancer": values}


def _masquerade(cilium: Cilium) -> Block:
    reason = "iptables would masquerade the replies that go straight to the client."
    if not _uses_geneve(cilium):
        reason = "With eBPF masquerading, pod traffic needs no iptables."
        if cilium.platform == "eni":
            # Pods there have addresses of the VPC, and the chart masquerades nothing.
            return reason, {}
    values: dict[str, object] = {"bpf": {"masquerade": True}}
    if cilium.platform == "eni" and cilium.version >= _ENI_UNMASQUERADED:
        values["enableIPv4Masquerade"] = True
        reason += " The chart has masquerading off on ENI."
    return reason, values


def _uses_dsr(cilium: Cilium) -> bool:
    return cilium.mode is not ForwardingMode.SNAT


def _uses_geneve(cilium: Cilium) -> bool:
    return _uses_dsr(cilium) and cilium.dispatch is Dispatch.GENEVE
