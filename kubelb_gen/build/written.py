"""A fleet as the plain data of one document: what `build` reads back to the same fleet.

Sets, profiles and defaults have been applied by then, so they are not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.build.networks import UNKNOWN
from kubelb_gen.catalogue import IPFamily
from kubelb_gen.model import EnvoyPorts, ProxyAcceptance, TrustedProxies, Wish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.diagnostics import Diagnostic
    from kubelb_gen.model import (
        Backend,
        Cilium,
        Edge,
        Fleet,
        Gateway,
        Handover,
        HeaderReading,
        LoadBalancer,
        Management,
        Probe,
        Rollout,
        RouteBackend,
        Service,
        ServicePort,
        Suppression,
        Tenant,
    )
    from kubelb_gen.model.backends import Network, Workload

Data = dict[str, Any]

# What a suppression calls the items of these lists.
_OWNERS = {
    "tenants": "tenant",
    "services": "service",
    "gateways": "service",
    "ingresses": "service",
    "backends": "service",
    "ports": "port",
}


def as_data(fleet: Fleet) -> Data:
    """Return *fleet* as one ClientIPSpec; what is the default is left out."""
    metadata = _said(
        name=fleet.name,
        namespace=fleet.namespace,
        labels=dict(fleet.labels),
        annotations=dict(fleet.annotations),
    )
    spec = _said(
        kubelb=_kubelb(fleet),
        management=_management(fleet.management),
        tenants=[_tenant(each) for each in fleet.tenants],
        suppress=[suppression_data(each) for each in fleet.suppressions],
    )
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": metadata,
        "spec": spec,
    }


def accepting(data: Data, findings: Iterable[Diagnostic], reason: str) -> Data:
    """Return *data* with *findings* suppressed where they stand in it."""
    wanted = [_accepted(data, each, reason) for each in findings]
    more = [each for n, each in enumerate(wanted) if each not in wanted[:n]]
    spec = dict(data["spec"])
    if more:
        spec["suppress"] = [*spec.get("suppress", ()), *more]
    return data | {"spec": spec}


def _accepted(data: Data, finding: Diagnostic, reason: str) -> Data:
    at = finding.about or finding.at
    keys = iter(at.keys if at is not None else ())
    node: Any = data
    words: Data = {"rule": finding.id, "reason": reason}
    for key in keys:
        node = node[key]
        if key in _OWNERS and (index := next(keys, None)) is not None:
            node = node[index]
            words |= _words_of(_OWNERS[key], node, words)
    return words


def _words_of(word: str, node: Data, known: Data) -> Data:
    if word == "tenant":
        return {"tenant": node["name"]}
    if word == "service":
        found = {"namespace": node.get("namespace", known.get("namespace"))}
        return _said(service=node["name"], **found)
    usual = f"{node['port']}-{node.get('protocol', 'TCP').lower()}"
    return {"port": node.get("name", usual)}


def suppression_data(suppression: Suppression) -> Data:
    """Return *suppression* as an item of `suppress`."""
    return _said(
        rule=suppression.rule,
        reason=suppression.reason,
        tenant=suppression.tenant,
        namespace=suppression.namespace,
        service=suppression.service,
        port=suppression.port,
    )


def _kubelb(fleet: Fleet) -> Data:
    kubelb = fleet.kubelb
    return _said(
        version=str(kubelb.version),
        edition=kubelb.edition,
        propagatedAnnotations=dict(kubelb.propagated_annotations),
        propagateAllAnnotations=kubelb.propagate_all_annotations,
    )


def _management(management: Management) -> Data:
    balancers = {each.name: _balancer(each) for each in management.load_balancers}
    single = list(balancers) == ["default"]
    unknown = management.unknown
    return _said(
        loadBalancer=balancers["default"] if single else None,
        loadBalancers=None if single else balancers,
        dataplane=_dataplane(management.cilium),
        # One that nobody wrote comes by itself.
        edges=[_edge(each) for each in management.edges if each.at is not None],
        envoy=_said(
            **{
                key: value
                for key, value, usual in (
                    ("bind", management.envoy.bind, EnvoyPorts().bind),
                    ("adminPort", management.envoy.admin_port, 9001),
                    ("statsPort", management.envoy.stats_port, 19001),
                    ("readyPort", management.envoy.ready_port, 19003),
                    ("healthPort", management.envoy.health_port, 19004),
                )
                if value != usual
            }
        ),
        podCIDRs=_ranges("podCIDRs", management.pod_cidrs, unknown),
        egressCIDRs=_ranges("egressCIDRs", management.egress_cidrs, unknown),
    )


def _balancer(balancer: LoadBalancer) -> Data:
    provider = balancer.provider
    version = balancer.proxy_protocol
    known: Data = {"provider": provider.name}
    if balancer.unknown:
        known = {"class": UNKNOWN}
    elif provider.source == "spec":
        known = {"class": str(provider.kind)}
        if provider.proxy is not None and version is not None:
            known["annotations"] = _said(
                enable=dict(provider.proxy.enable.get(version, {})),
                disable=dict(provider.proxy.disable),
            )
    families = [str(each) for each in balancer.ip_families]
    return _said(
        **known,
        proxyProtocol="none" if balancer.proxy_off else version and str(version),
        ipFamilies=None if families == [IPFamily.IPV4] else families,
    )


def _dataplane(cilium: Cilium | None) -> Data | None:
    if cilium is None:
        return None
    server = _said(host=cilium.api_server_host, port=cilium.api_server_port)
    said = _said(
        version=str(cilium.version),
        platform=cilium.platform,
        mode=str(cilium.mode),
        routing=str(cilium.routing),
        dispatch=str(cilium.dispatch),
        nativeRoutingCIDR=_text(cilium.native_routing_cidr),
        ipv6NativeRoutingCIDR=_text(cilium.ipv6_native_routing_cidr),
        podRoutes=cilium.pod_routes,
        kubeProxy="absent" if cilium.kube_proxy_absent else "present",
        apiServer=server,
        output=cilium.output,
    )
    return {"cilium": said}


def _edge(edge: Edge) -> Data:
    return _said(
        name=edge.name,
        kind=str(edge.kind),
        version=_text(edge.version),
        loadBalancer=edge.load_balancer,
        externalTrafficPolicy=_text(edge.external_traffic_policy),
        loadBalancerProxyProtocol="none" if edge.balancer_proxy_off else None,
        acceptProxyProtocol=edge.accept_proxy,
        namespace=edge.namespace,
    )


def _tenant(tenant: Tenant) -> Data:
    ways = [each for each in tenant.gateways if not each.is_ingress]
    ingresses = [each for each in tenant.gateways if each.is_ingress]
    egress = tenant.egress_cidrs
    return _said(
        name=tenant.name,
        nodes=UNKNOWN if "nodes" in tenant.unknown else list(tenant.nodes),
        internalCIDRs=_ranges("internalCIDRs", tenant.internal_cidrs, tenant.unknown),
        egressCIDRs=None
        if egress is None
        else _ranges("egressCIDRs", egress, tenant.unknown) or [],
        loadBalancer=None
        if tenant.load_balancer == "default"
        else tenant.load_balancer,
        useLoadBalancerClass=tenant.use_load_balancer_class,
        dataplane=_dataplane(tenant.cilium),
        services=[_service(each) for each in tenant.services],
        gateways=[_gateway(each) for each in ways],
        ingresses=[_gateway(each) for each in ingresses],
    )


def _service(service: Service) -> Data:
    pinned = service.proxy_protocol
    return _said(
        name=service.name,
        namespace=service.namespace,
        uid=service.uid,
        selector=dict(service.selector),
        labels=dict(service.labels),
        annotations=dict(service.annotations),
        loadBalancerClass=service.load_balancer_class,
        sessionAffinity=service.session_affinity,
        internalTrafficPolicy=_text(service.internal_traffic_policy),
        externalTrafficPolicy=_text(service.external_traffic_policy),
        proxyProtocol=None if pinned is None else "v2" if pinned else "none",
        loadBalancerProxyProtocol="none" if service.balancer_proxy_off else None,
        callers=None if service.callers == ("internet",) else list(service.callers),
        everyNode=service.every_node,
        output=None if service.output == "full" else str(service.output),
        rollout=_rollout(service.rollout),
        ports=[_port(each) for each in service.ports],
    )


def _port(port: ServicePort) -> Data:
    named = isinstance(port.target_port, str)
    usual = f"{port.port}-{port.protocol.lower()}"
    return _said(
        name=None if port.name == usual else port.name,
        port=port.port,
        targetPort=None if port.target_port == port.port else port.target_port,
        listen=port.listen if named else None,
        protocol=None if port.protocol == "TCP" else str(port.protocol),
        nodePort=port.node_port,
        envoyPort=port.envoy_port,
        **_wish(port),
        plain=None if port.plain_port is None else {"port": port.plain_port},
        handover=_handover(port.handover),
        backend=None if port.backend is None else _backend(port.backend),
    )


def _wish(port: ServicePort | RouteBackend) -> Data:
    wish = None if port.client_ip is Wish.REQUIRED else str(port.client_ip)
    return {"clientIP": wish, "because": port.because}


def _handover(handover: Handover | None) -> Data | None:
    if handover is None:
        return None
    accepts = None if handover.accept is ProxyAcceptance.V2 else str(handover.accept)
    return _said(
        listen=handover.listen,
        acceptProxyProtocol=accepts,
        adapter=handover.adapter,
        serves=handover.serves,
    )


def _rollout(rollout: Rollout) -> Data:
    return _said(
        strategy=rollout.strategy,
        gatesAccess=rollout.gates_access,
        forgeryWindow="accepted" if rollout.forgery_accepted else None,
    )


def _gateway(gateway: Gateway) -> Data:
    return _said(
        name=gateway.name,
        namespace=gateway.namespace,
        edge=gateway.edge,
        trustedProxies=_proxies(gateway.trusted_proxies),
        backends=[
            _route_backend(each, is_ingress=gateway.is_ingress)
            for each in gateway.backends
        ],
    )


def _proxies(proxies: TrustedProxies) -> Data | None:
    if proxies == TrustedProxies():
        return None
    return _said(
        count=proxies.count,
        cidrs=[str(each) for each in proxies.cidrs],
        onlyWayIn=proxies.only_way_in,
    )


def _route_backend(route: RouteBackend, *, is_ingress: bool) -> Data:
    program = _backend(route.backend)
    program.pop("mode", None)
    return _said(
        name=route.name,
        namespace=route.namespace,
        uid=route.uid,
        route=None
        if is_ingress
        else {"kind": route.route_kind, "name": route.route_name},
        port=route.port,
        listen=None if route.listen == route.port else route.listen,
        nodePort=route.node_port,
        envoyPort=route.envoy_port,
        serviceType=route.service_type,
        protocol=route.protocol,
        **_wish(route),
        **program,
    )


def _backend(backend: Backend) -> Data:
    upstream = backend.upstream_proxy_protocol
    trusted = backend.trusted_cidrs
    return _said(
        kind=UNKNOWN if backend.unknown else str(backend.kind),
        mode=_text(backend.mode),
        upstream=backend.upstream,
        upstreamProxyProtocol=None
        if upstream is ProxyAcceptance.NONE
        else str(upstream),
        proxyProtocol=backend.proxy_protocol,
        acceptProxyProtocol=_text(backend.accept_proxy_protocol),
        reads=_reads(backend.reads),
        trustedCIDRs=None if trusted is None else [str(each) for each in trusted],
        probe=_probe(backend.probe),
        emit=_text(backend.emit),
        configMap=None
        if backend.config_map is None
        else _said(name=backend.config_map.name, key=backend.config_map.key),
        workload=_workload(backend.workload),
        tls=None
        if backend.tls is None
        else {"certificate": backend.tls.certificate, "key": backend.tls.key},
    )


def _workload(workload: Workload | None) -> Data | None:
    if workload is None:
        return None
    return _said(
        kind=None if workload.kind == "Deployment" else workload.kind,
        name=workload.name,
        container=workload.container,
        mountPath=workload.mount_path,
    )


def _probe(probe: Probe | None) -> Data | None:
    if probe is None:
        return None
    return _said(type=str(probe.type), port=probe.port, path=probe.path)


def _reads(reads: HeaderReading | None) -> Data | None:
    if reads is None:
        return None
    return _said(
        header=reads.header,
        fromRight=reads.from_right,
        cidrs=[str(each) for each in reads.cidrs],
        first=reads.first,
        peer=reads.peer,
    )


def _ranges(
    name: str, networks: Iterable[Network], unknown: tuple[str, ...]
) -> str | list[str]:
    return UNKNOWN if name in unknown else [str(each) for each in networks]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _said(**fields: Any) -> Data:  # noqa: ANN401  what a spec holds
    """Return the *fields* that say something."""
    return {
        key: value
        for key, value in fields.items()
        if value is not None and value is not False and value not in ({}, [])
    }
