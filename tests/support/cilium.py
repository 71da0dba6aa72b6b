"""Ciliums made by hand, and a judge of Helm values that knows nothing of our plan.

The judge is written from what the chart and the agent refuse (rule numbers of the
facts about Cilium, section 4), so that it can disagree with what we decide.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from kubelb_gen.catalogue import provider
from kubelb_gen.diagnostics import DataPath
from kubelb_gen.model import (
    Cilium,
    Dispatch,
    Fleet,
    ForwardingMode,
    KubeLB,
    LoadBalancer,
    Management,
    Routing,
    Tenant,
    Version,
)
from kubelb_gen.plan import Plan
from kubelb_gen.plan.cilium import plan_cilium

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AT = DataPath("acme.yaml", 0, ("spec", "management", "dataplane", "cilium"))
MINORS = tuple(Version(1, minor) for minor in range(14, 21))


def cilium(**facts: Any) -> Cilium:  # noqa: ANN401  whatever the field takes
    """The facts' value set A: native routing on one layer 2, DSR by IP option."""
    usual: dict[str, Any] = {
        "version": Version(1, 20),
        "mode": ForwardingMode.DSR,
        "routing": Routing.NATIVE,
        "dispatch": Dispatch.OPT,
        "native_routing_cidr": IPv4Network("10.244.0.0/16"),
        "pod_routes": "same-l2",
        "api_server_host": "10.0.0.10",
        "api_server_port": 6443,
        "at": AT,
    }
    return Cilium(**usual | facts)


def plan_with(
    management: Cilium | None, *providers: str, tenant: Cilium | None = None
) -> Plan:
    """A plan with *management* as data plane behind load balancers of *providers*."""
    balancers = tuple(
        LoadBalancer(name=name, provider=provider(name))
        for name in providers or ("metallb-bgp",)
    )
    fleet = Fleet(
        name="acme",
        kubelb=KubeLB(version=Version(1, 4, 3), edition="CE"),
        management=Management(load_balancers=balancers, cilium=management),
        tenants=(Tenant(name="primary", cilium=tenant),),
    )
    planned = None if management is None else plan_cilium(management)
    return Plan(fleet=fleet, tenants=(), edges=(), cilium=planned)


def refusals(
    values: Mapping[str, Any], version: Version, *, kube_proxy: bool
) -> set[str]:
    """The rules by which *values* fail in the chart or the agent, or do nothing."""
    return set(_refusals(values, version, kube_proxy=kube_proxy))


def _refusals(  # noqa: C901, PLR0912  one branch for each rule
    values: Mapping[str, Any], version: Version, *, kube_proxy: bool
) -> Iterator[str]:
    on = {
        name: values.get(name, {}).get("enabled", False)
        for name in ("eni", "gke", "aksbyocni", "ipv6")
    }
    implies_native = on["gke"] or (on["eni"] and version >= Version(1, 19))
    default_routing = "native" if implies_native else "tunnel"
    routing = values.get("routingMode", default_routing)
    protocol = values.get("tunnelProtocol", "vxlan")
    balancing = values.get("loadBalancer", {})
    mode, dispatch = balancing.get("mode", "snat"), balancing.get("dsrDispatch", "opt")
    dsr = mode in {"dsr", "hybrid"}
    replaces = values.get("kubeProxyReplacement", False)
    bpf_masquerade = values.get("bpf", {}).get("masquerade")
    unmasqueraded = on["eni"] and version >= Version(1, 18)
    masquerade = values.get("enableIPv4Masquerade", not unmasqueraded)

    if dsr and replaces is not True:
        yield "R1"
    if mode not in {"snat", "dsr", "hybrid"}:
        yield "R2"
    if dsr and routing == "tunnel" and protocol == "vxlan":
        yield "R3"
    if dsr and routing == "tunnel" and dispatch != "geneve":
        yield "R4"
    if dsr and dispatch == "geneve" and protocol != "geneve":
        yield "R5"
    if dsr and dispatch == "opt" and routing != "native":
        yield "R6"
    if dispatch == "ipip":
        yield "R7"
    native = routing == "native"
    if (
        native
        and masquerade
        and not on["eni"]
        and "ipv4NativeRoutingCIDR" not in values
    ):
        yield "R12"
    if native and on["ipv6"] and "ipv6NativeRoutingCIDR" not in values:
        yield "R13"
    if values.get("autoDirectNodeRoutes") and not native:
        yield "R14"
    reachable = {"k8sServiceHost", "k8sServicePort"} <= values.keys()
    if replaces is True and not kube_proxy and not reachable:
        yield "R16"
    if bpf_masquerade and replaces is not True:
        yield "R17"
    if bpf_masquerade and unmasqueraded and not masquerade:
        yield "R18"
    if dsr and dispatch == "geneve" and not bpf_masquerade:
        yield "R19"
    if replaces in {"strict", "partial", "disabled"}:
        yield "R40"
    if isinstance(bpf_masquerade, str) or isinstance(replaces, str):
        yield "R41"
    if (on["gke"] and not native) or (on["aksbyocni"] and native):
        yield "chart"
    if {"nodePort", "externalIPs", "hostPort", "tunnel"} & values.keys():
        yield "gone"
