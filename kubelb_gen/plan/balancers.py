"""How a load balancer treats the connections to one Service behind it.

Facts: the catalogue; for `externalTrafficPolicy` kube-proxy's behaviour; for DSR
Cilium's, which acts only under `Cluster` (kubeproxy-free.rst).
"""

from collections.abc import Mapping
from dataclasses import replace

from kubelb_gen.catalogue import (
    IPFamily,
    LoadBalancerClass,
    ProxyScope,
    ProxySupport,
    ProxyVersion,
    merged,
)
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Cilium, LoadBalancer, Protocol, TrafficPolicy
from kubelb_gen.plan.cilium import dsr_engages
from kubelb_gen.plan.facts import BalancerFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a Service asks of the balancer in front of it.

    *ports* are its TCP ports, number to name, None where they are not known; of them,
    *readers* want a PROXY header, and *readable* is what all of them understand.
    """

    protocol: Protocol
    wants_client: bool
    readers: frozenset[int]
    ports: Mapping[int, str] | None
    readable: frozenset[ProxyVersion]
    pin: TrafficPolicy | None


def face(
    balancer: LoadBalancer,
    demand: Demand,
    *,
    cilium: Cilium | None,
    policy_reaches_envoy: bool = True,
) -> BalancerFacts:
    """Decide policy, PROXY and annotations of one Service behind *balancer*.

    *policy_reaches_envoy* is False where KubeLB is too old to copy the policy to the
    Envoy Service.
    """
    wish = TrafficPolicy.CLUSTER
    if demand.wants_client and demand.protocol is Protocol.TCP:
        wish = TrafficPolicy.LOCAL
    policy = demand.pin or wish
    seen = policy if policy_reaches_envoy else TrafficPolicy.CLUSTER
    facts = _under(balancer, demand, policy, seen, cilium)
    if demand.pin is None and not facts.local_works:
        policy = seen = TrafficPolicy.CLUSTER
        facts = _under(balancer, demand, policy, seen, cilium)
    passes = facts.kind is not LoadBalancerClass.PROXYING
    dsr = (
        passes
        and seen is TrafficPolicy.CLUSTER
        and dsr_engages(cilium, demand.protocol)
    )
    local = seen is TrafficPolicy.LOCAL and facts.local_works
    return replace(
        facts,
        dsr=dsr,
        keeps_client=passes and (local or dsr),
        policy_reaches_envoy=policy_reaches_envoy,
    )


def beside(balancer: BalancerFacts, own: Mapping[str, str]) -> BalancerFacts:
    """Return *balancer* with the user's *own* part of annotations that both write."""
    if own.keys().isdisjoint(balancer.annotations):
        return balancer
    support = balancer.balancer.provider.proxy
    annotations = dict(balancer.annotations)
    for key in own.keys() & annotations.keys():
        sharing = support.sharing_of(key) if support is not None else None
        both = merged(sharing, own[key], annotations[key]) if sharing else None
        if both is not None:
            annotations[key] = both
    return replace(balancer, annotations=annotations)


def kept_if(balancer: BalancerFacts) -> tuple[str, ...]:
    """Name what *balancer* keeps the client on condition of, and no file can prove."""
    if not balancer.keeps_client:
        return ()
    if balancer.dsr:
        cloud = balancer.kind is LoadBalancerClass.PASS_THROUGH
        risk = "the cloud's network delivers DSR replies from another node"
        return (risk,) if cloud else ()
    local = balancer.balancer.provider.local
    # An annotation of ours, or the known version, is proof.
    if local.condition is None or local.annotations or local.since is not None:
        return ()
    return (f"Local works behind '{balancer.balancer.name}': {local.condition}",)


def sends_if(balancer: BalancerFacts) -> tuple[str, ...]:
    """Name what no file can prove of the header that *balancer* sends."""
    support = balancer.balancer.provider.proxy
    if balancer.sends is None or support is None:
        return ()
    name = balancer.balancer.provider.name
    told = []
    if not support.certain:
        told.append(
            f"'{name}' sends PROXY {balancer.sends}: its documents name no version"
        )
    if names_ports(balancer) and not balancer.annotations:
        told.append(f"whoever knows the ports has told '{name}' to send PROXY")
    return tuple(told)


def names_ports(balancer: BalancerFacts) -> bool:
    """Tell whether PROXY is switched on by naming every port, and in no other way."""
    support = balancer.balancer.provider.proxy
    return (
        support is not None
        and bool(support.enable_ports)
        and not any(support.enable.values())
    )


def _under(
    balancer: LoadBalancer,
    demand: Demand,
    policy: TrafficPolicy,
    seen: TrafficPolicy,
    cilium: Cilium | None,
) -> BalancerFacts:
    provider = balancer.provider
    kinds = {
        family: provider.class_for(demand.protocol, family, seen)
        for family in IPFamily
        if family in (IPFamily.IPV4, *balancer.ip_families)
    }
    kind = kinds[IPFamily.IPV4]
    # Where one family of two is translated, only a header carries both.
    hides = LoadBalancerClass.PROXYING in kinds.values()
    sends = _sends(balancer, demand, hides=hides)
    release = None
    if cilium is not None:
        version = cilium.version
        release = (version.major, version.minor, version.patch)
    sends_on = _sends_on(balancer, demand) if sends is not None else None
    return BalancerFacts(
        balancer=balancer,
        kind=kind,
        sends=sends,
        sends_on=sends_on,
        policy=policy,
        local_works=provider.local_works(release, sends_proxy=sends is not None),
        dsr=False,
        keeps_client=False,
        annotations={
            **provider.annotations_under(seen),
            **_proxy_annotations(balancer, demand, sends, sends_on, hides=hides),
        },
        ipv6_kind=kinds.get(IPFamily.IPV6),
    )


def _sends(
    balancer: LoadBalancer, demand: Demand, *, hides: bool
) -> ProxyVersion | None:
    if balancer.proxy_off:
        return None
    support = balancer.provider.proxy
    version = balancer.proxy_protocol
    if version is not None:
        # Without an annotation nothing can be switched per Service: an appliance
        # sends on all of them.
        per_service = support is not None and (
            bool(support.enable.get(version)) or version in support.enable_ports
        )
        return version if demand.readers or not per_service else None
    if not hides or support is None or not demand.readers:
        return None
    return next(
        (
            each
            for each in support.versions
            if each in demand.readable and _can_switch(support, each, demand)
        ),
        None,
    )


def _can_switch(support: ProxySupport, version: ProxyVersion, demand: Demand) -> bool:
    """Tell whether the annotations for *version* can be written.

    Those that name each port cannot where the ports are not known.
    """
    return (
        demand.ports is not None
        or version not in support.enable_ports
        or bool(support.enable.get(version))
    )


def _sends_on(balancer: LoadBalancer, demand: Demand) -> frozenset[int] | None:
    support = balancer.provider.proxy
    if (
        support is None
        or support.scope is not ProxyScope.PORTS
        or demand.ports is None
        or demand.readers == frozenset(demand.ports)
    ):
        return None
    return demand.readers


def _one_by_one(support: ProxySupport, ports: Mapping[int, str]) -> bool:
    # What is on for all ports, and knows no off, would stay on for ever.
    return len(ports) > 1 or not support.disable


def _proxy_annotations(
    balancer: LoadBalancer,
    demand: Demand,
    sends: ProxyVersion | None,
    sends_on: frozenset[int] | None,
    *,
    hides: bool,
) -> Mapping[str, str]:
    support = balancer.provider.proxy
    if support is None:
        return {}
    ports = dict(sorted((demand.ports or {}).items()))
    if sends is None:
        # KubeLB never takes an annotation off the Envoy Service, so off is written.
        if not hides and not balancer.proxy_off:
            return {}
        switched = ports if _one_by_one(support, ports) else {}
        return {**support.disable, **support.switch_off(switched)}
    # What stays off is written too: the other version, the ports without a reader.
    by_port = _one_by_one(support, ports) and support.has_own_keys(sends)
    if sends_on is None and support.enable.get(sends) and not by_port:
        return {**support.disable, **support.switch_on(sends)}
    if sends not in support.enable_ports or demand.ports is None:
        return {}
    chosen: dict[int, str] = {}
    others: dict[int, str] = {}
    for number, name in ports.items():
        reads = sends_on is None or number in sends_on
        (chosen if reads else others)[number] = name
    return {
        **support.disable,
        **support.switch_on(sends, chosen),
        **support.switch_off(others),
    }
