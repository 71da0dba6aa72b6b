"""What the paths of a plan mean with the settings that run.

The plan stays what it is, decided and written; only the settings that were found to be
others are exchanged in it, and the same trace walks over both.  KubeLB reads its PROXY
annotation off the LoadBalancer, and a cloud reads its own off the Envoy Service.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.catalogue.switches import switched_on
from kubelb_gen.drift.matching import ORIGIN
from kubelb_gen.model import ProxyAcceptance, TrafficPolicy
from kubelb_gen.plan import names
from kubelb_gen.plan.layer4 import PROXY_ANNOTATION
from kubelb_gen.render.draft import MANAGEMENT
from kubelb_gen.running.configurations import served_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubelb_gen.drift.matching import Key
    from kubelb_gen.model.backends import Network
    from kubelb_gen.plan import (
        BalancerFacts,
        EdgePlan,
        GatewayPlan,
        Plan,
        PolicyPlan,
        PortPlan,
        ServicePlan,
        TenantPlan,
    )
    from kubelb_gen.running import Object
    from kubelb_gen.running.served import Served


class Running(NamedTuple):
    """The objects that run, and what the configurations among them serve, by label."""

    objects: Mapping[Key, Object]
    served: Mapping[str, Served]


def served_by_label(objects: Iterable[Object]) -> dict[str, Served]:
    """Return what ConfigMaps of ours serve."""
    found: dict[str, Served] = {}
    for each in objects:
        texts = each.data.get("data") if each.kind == "ConfigMap" else None
        for text in texts.values() if isinstance(texts, dict) else ():
            for one in served_in(text) if isinstance(text, str) else ():
                if one.listen:
                    found[one.label] = one
    return found


def as_it_runs(plan: Plan, runs: Running) -> Plan:
    """Return *plan* with the settings of *runs* in the place of its own."""
    edges = {each.edge.name: _edge(each, runs) for each in plan.edges}
    return replace(
        plan,
        edges=tuple(edges.values()),
        tenants=tuple(_tenant(each, edges, runs) for each in plan.tenants),
    )


def _tenant(
    plan: TenantPlan, edges: Mapping[str, EdgePlan], runs: Running
) -> TenantPlan:
    return replace(
        plan,
        services=tuple(_service(each, runs) for each in plan.services),
        gateways=tuple(_gateway(each, edges, runs) for each in plan.gateways),
    )


def _service(plan: ServicePlan, runs: Running) -> ServicePlan:
    tenant, service = plan.tenant, plan.service
    origin = f"{ORIGIN}{service.namespace}/{service.name}"
    namespace = tenant.kubelb_namespace
    own = runs.objects.get((tenant.name, "Service", service.namespace, service.name))
    balancer = runs.objects.get((MANAGEMENT, "LoadBalancer", namespace, origin))
    envoy = runs.objects.get((MANAGEMENT, "Service", namespace, origin))
    annotated = balancer or own
    annotations = dict(plan.annotations)
    proxy = plan.proxy_annotation
    if annotated is not None:
        value = annotated.annotations.get(PROXY_ANNOTATION)
        proxy = value == "v2"
        annotations.pop(PROXY_ANNOTATION, None)
        if value is not None:
            annotations[PROXY_ANNOTATION] = value
    return replace(
        plan,
        proxy_annotation=proxy,
        annotations=annotations,
        balancer=_balancer(plan, (own, balancer, envoy), envoy),
        ports=tuple(_port(each, plan, runs) for each in plan.ports),
    )


def _balancer(
    plan: ServicePlan, policed: tuple[Object | None, ...], seen: Object | None
) -> BalancerFacts:
    facts = plan.balancer
    own, *near = policed
    policies = [_policy(each.spec, facts.policy) for each in (own, *near) if each]
    if policies:
        facts = replace(facts, policy=policies[0])
    if any(near):
        # The tenant's own Service rules the tenant's nodes, and Envoy's the others; as
        # if KubeLB had not copied it, where that one runs with another.
        kept = policies[-1] is TrafficPolicy.LOCAL or policies[0] is policies[-1]
        facts = replace(facts, policy_reaches_envoy=kept)
    if seen is None:
        return facts
    numbers = {
        port.port.port: port.port.name
        for port in plan.ports
        if port.port.protocol == "TCP"
    }
    return _sending(facts, seen.annotations, numbers)


def _policy(spec: Mapping[str, object], otherwise: TrafficPolicy) -> TrafficPolicy:
    try:
        return TrafficPolicy(str(spec.get("externalTrafficPolicy") or "Cluster"))
    except ValueError:
        return otherwise


def _sending(
    facts: BalancerFacts, annotations: Mapping[str, str], ports: Mapping[int, str]
) -> BalancerFacts:
    support = facts.balancer.provider.proxy
    if support is None or not (any(support.enable.values()) or support.enable_ports):
        # Its owner switches it elsewhere.
        return facts
    on = switched_on(support, annotations, ports)
    if on is not None:
        return replace(facts, sends=on.version, sends_on=on.ports)
    # What is written for the ports of the plan is believed as a whole.
    if facts.sends is not None and facts.annotations.items() <= annotations.items():
        return facts
    return replace(facts, sends=None, sends_on=None)


def _port(plan: PortPlan, service: ServicePlan, runs: Running) -> PortPlan:
    of = service.service
    label = names.label(service.tenant.name, of.namespace, of.name, plan.port.name)
    served = runs.served.get(label)
    if served is None:
        return plan
    reads = plan.accept is not ProxyAcceptance.NONE
    accept = plan.accept
    if reads != served.accepts:
        accept = ProxyAcceptance.ANY if served.accepts else ProxyAcceptance.NONE
    return replace(plan, accept=accept, trusted=_networks(served, plan.trusted))


def _networks(served: Served, otherwise: tuple[Network, ...]) -> tuple[Network, ...]:
    if served.trusted is None:
        return otherwise
    try:
        return tuple(ip_network(each) for each in served.trusted)
    except ValueError:
        return otherwise


def _edge(plan: EdgePlan, runs: Running) -> EdgePlan:
    key = (MANAGEMENT, "EnvoyProxy", plan.edge.namespace, plan.edge.name)
    found = runs.objects.get(key)
    service = (
        _inside(found, "provider", "kubernetes", "envoyService") if found else None
    )
    if service is None:
        return plan
    facts = replace(plan.balancer, policy=_policy(service, plan.balancer.policy))
    annotations = service.get("annotations")
    known = annotations if isinstance(annotations, dict) else {}
    return replace(plan, balancer=_sending(facts, known, {}))


def _gateway(
    plan: GatewayPlan, edges: Mapping[str, EdgePlan], runs: Running
) -> GatewayPlan:
    edge = edges.get(plan.edge.edge.name, plan.edge)
    return replace(plan, edge=edge, policy=_traffic_policy(plan, runs))


def _traffic_policy(plan: GatewayPlan, runs: Running) -> PolicyPlan | None:
    policy = plan.policy
    if policy is None:
        return None
    cluster = MANAGEMENT if policy.in_management else plan.tenant.name
    key = (cluster, "ClientTrafficPolicy", policy.namespace, policy.name)
    found = runs.objects.get(key)
    if found is None:
        return policy
    reads = (
        "proxyProtocol" in found.spec or found.spec.get("enableProxyProtocol") is True
    )
    told = _inside(found, "clientIPDetection", "xForwardedFor") or {}
    hops, ranges = told.get("numTrustedHops"), told.get("trustedCIDRs")
    listed = ranges if isinstance(ranges, list) else []
    try:
        cidrs = tuple(ip_network(each) for each in listed)
    except ValueError:
        cidrs = policy.trusted_cidrs
    return replace(
        policy,
        proxy_field=(policy.proxy_field or "proxyProtocol") if reads else None,
        trusted_hops=hops if isinstance(hops, int) else None,
        trusted_cidrs=cidrs,
    )


def _inside(found: Object, *keys: str) -> Mapping[str, object] | None:
    data: object = found.spec
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None
