"""How a load balancer treats the connections to one Service behind it.

Facts: the catalogue; for `externalTrafficPolicy` kube-proxy's behaviour; for DSR
Cilium's, which acts only under `Cluster` (kubeproxy-free.rst).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kubelb_gen.catalogue import LoadBalancerClass, ProxyScope, ProxyVersion
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
    facts = _under(balancer, demand, demand.pin or wish, cilium)
    if demand.pin is None and not facts.local_works:
        facts = _under(balancer, demand, TrafficPolicy.CLUSTER, cilium)
    policy = facts.policy if policy_reaches_envoy else TrafficPolicy.CLUSTER
    passes = facts.kind is not LoadBalancerClass.PROXYING
    dsr = (
        passes
        and policy is TrafficPolicy.CLUSTER
        and dsr_engages(cilium, demand.protocol)
    )
    local = policy is TrafficPolicy.LOCAL and facts.local_works
    return replace(facts, dsr=dsr, keeps_client=passes and (local or dsr))


def _under(
    balancer: LoadBalancer,
    demand: Demand,
    policy: TrafficPolicy,
    cilium: Cilium | None,
) -> BalancerFacts:
    provider = balancer.provider
    kind = provider.class_for(demand.protocol, policy=policy)
    sends = _sends(balancer, kind, demand)
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
            **provider.annotations_under(policy),
            **_proxy_annotations(balancer, kind, demand, sends, sends_on),
        },
    )


def _sends(
    balancer: LoadBalancer, kind: LoadBalancerClass, demand: Demand
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
    if (
        kind is not LoadBalancerClass.PROXYING
        or support is None
        or not demand.readers
    ):
        return None
    return next((each for each in support.versions if each in demand.readable), None)


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


def _proxy_annotations(
    balancer: LoadBalancer,
    kind: LoadBalancerClass,
    demand: Demand,
    sends: ProxyVersion | None,
    sends_on: frozenset[int] | None,
) -> Mapping[str, str]:
    support = balancer.provider.proxy
    if support is None:
        return {}
    if sends is None:
        # KubeLB never takes an annotation off the Envoy Service, so off is written.
        off_matters = kind is LoadBalancerClass.PROXYING or balancer.proxy_off
        return support.disable if off_matters else {}
    if sends_on is None and support.enable.get(sends):
        return support.switch_on(sends)
    if sends not in support.enable_ports:
        return {}
    ports = demand.ports or {}
    chosen = ports if sends_on is None else {each: ports[each] for each in sends_on}
    return support.switch_on(sends, dict(sorted(chosen.items())))
