"""The management cluster: its balancers, data plane, edges and ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.catalogue import IPFamily
from kubelb_gen.model import EnvoyPorts
from kubelb_gen.unparse.saying import ranges_said, said, text

if TYPE_CHECKING:
    from kubelb_gen.model import Cilium, Edge, LoadBalancer, Management
    from kubelb_gen.unparse.saying import Data


def management_data(management: Management) -> Data:
    """Return what the spec says under `management`."""
    balancers = {each.name: _balancer(each) for each in management.load_balancers}
    single = list(balancers) == ["default"]
    unknown = management.unknown
    return said(
        loadBalancer=balancers["default"] if single else None,
        loadBalancers=None if single else balancers,
        dataplane=dataplane_data(management.cilium),
        # One that nobody wrote comes by itself.
        edges=[_edge(each) for each in management.edges if each.at is not None],
        envoy=_envoy(management.envoy),
        podCIDRs=ranges_said("podCIDRs", management.pod_cidrs, unknown),
        egressCIDRs=ranges_said("egressCIDRs", management.egress_cidrs, unknown),
    )


def _envoy(envoy: EnvoyPorts) -> Data:
    usual = EnvoyPorts()
    fields = {
        "bind": (envoy.bind, usual.bind),
        "adminPort": (envoy.admin_port, usual.admin_port),
        "statsPort": (envoy.stats_port, usual.stats_port),
        "readyPort": (envoy.ready_port, usual.ready_port),
        "healthPort": (envoy.health_port, usual.health_port),
    }
    return {key: own for key, (own, known) in fields.items() if own != known}


def _balancer(balancer: LoadBalancer) -> Data:
    provider = balancer.provider
    version = balancer.proxy_protocol
    known: Data = {"provider": provider.name}
    if balancer.unknown:
        known = {"class": UNKNOWN}
    elif provider.source == "spec":
        known = {"class": str(provider.kind)}
        if provider.proxy is not None and version is not None:
            known["annotations"] = said(
                enable=dict(provider.proxy.enable.get(version, {})),
                disable=dict(provider.proxy.disable),
            )
    families = [str(each) for each in balancer.ip_families]
    return said(
        **known,
        proxyProtocol="none" if balancer.proxy_off else version and str(version),
        ipFamilies=None if families == [IPFamily.IPV4] else families,
    )


def dataplane_data(cilium: Cilium | None) -> Data | None:
    """Return what the spec says under `dataplane`, None where kube-proxy does it."""
    if cilium is None:
        return None
    server = said(host=cilium.api_server_host, port=cilium.api_server_port)
    fields = said(
        version=str(cilium.version),
        platform=cilium.platform,
        mode=str(cilium.mode),
        routing=str(cilium.routing),
        dispatch=str(cilium.dispatch),
        nativeRoutingCIDR=text(cilium.native_routing_cidr),
        ipv6NativeRoutingCIDR=text(cilium.ipv6_native_routing_cidr),
        podRoutes=cilium.pod_routes,
        kubeProxy="absent" if cilium.kube_proxy_absent else "present",
        apiServer=server,
        output=cilium.output,
    )
    return {"cilium": fields}


def _edge(edge: Edge) -> Data:
    return said(
        name=edge.name,
        kind=str(edge.kind),
        version=text(edge.version),
        loadBalancer=edge.load_balancer,
        externalTrafficPolicy=text(edge.external_traffic_policy),
        loadBalancerProxyProtocol="none" if edge.balancer_proxy_off else None,
        acceptProxyProtocol=edge.accept_proxy,
        namespace=edge.namespace,
        others=said(wantClient=edge.others_want_client, keepList=edge.others_keep_list),
    )
