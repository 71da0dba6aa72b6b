"""How a load balancer treats the connections to one Service behind it.

Facts: the catalogue; for `externalTrafficPolicy` kube-proxy's behaviour; for DSR
Cilium's, which acts only under `Cluster` (kubeproxy-free.rst).
"""

from collections.abc import Mapping

from kubelb_gen.catalogue import LoadBalancerClass, ProxyVersion
from kubelb_gen.model import Cilium, LoadBalancer, Protocol, TrafficPolicy
from kubelb_gen.plan.cilium import dsr_engages
from kubelb_gen.plan.facts import BalancerFacts


def face(  # noqa: PLR0913  each is a fact of its own
    balancer: LoadBalancer,
    *,
    cilium: Cilium | None,
    protocol: Protocol,
    wants_client: bool,
    needs_header: bool,
    readable: frozenset[ProxyVersion],
    pin: TrafficPolicy | None,
    policy_reaches_envoy: bool = True,
) -> BalancerFacts:
    """Decide policy, PROXY and annotations of one Service behind *balancer*.

    *needs_header* tells that a TCP port of the Service wants a PROXY header,
    *readable* which versions all its readers understand.  *policy_reaches_envoy* is
    False where KubeLB is too old to copy the policy to the Envoy Service.
    """
    kind = balancer.provider.class_for(protocol)
    sends = _sends(balancer, kind, needs_header=needs_header, readable=readable)
    local_works = local_policy_works(balancer, cilium)
    policy = pin or (
        TrafficPolicy.LOCAL
        if wants_client and protocol is Protocol.TCP and local_works
        else TrafficPolicy.CLUSTER
    )
    policy_at_envoy = policy if policy_reaches_envoy else TrafficPolicy.CLUSTER
    dsr = (
        kind is not LoadBalancerClass.PROXYING
        and policy_at_envoy is TrafficPolicy.CLUSTER
        and dsr_engages(cilium, protocol)
    )
    local = policy_at_envoy is TrafficPolicy.LOCAL and local_works
    return BalancerFacts(
        balancer=balancer,
        kind=kind,
        sends=sends,
        policy=policy,
        local_works=local_works,
        dsr=dsr,
        keeps_client=kind is not LoadBalancerClass.PROXYING and (local or dsr),
        annotations=_annotations(balancer, kind, sends),
    )


def local_policy_works(balancer: LoadBalancer, cilium: Cilium | None) -> bool:
    """Tell whether `externalTrafficPolicy: Local` serves traffic behind *balancer*."""
    release = None
    if cilium is not None:
        version = cilium.version
        release = (version.major, version.minor, version.patch)
    return balancer.provider.local_works(release)


def _sends(
    balancer: LoadBalancer,
    kind: LoadBalancerClass,
    *,
    needs_header: bool,
    readable: frozenset[ProxyVersion],
) -> ProxyVersion | None:
    if balancer.proxy_off:
        return None
    support = balancer.provider.proxy
    version = balancer.proxy_protocol
    if version is not None:
        # Without an annotation nothing can be switched per Service: an appliance
        # sends on all of them.
        per_service = support is not None and bool(support.enable.get(version))
        return version if needs_header or not per_service else None
    if kind is not LoadBalancerClass.PROXYING or support is None or not needs_header:
        return None
    return next((each for each in support.versions if each in readable), None)


def _annotations(
    balancer: LoadBalancer, kind: LoadBalancerClass, sends: ProxyVersion | None
) -> Mapping[str, str]:
    support = balancer.provider.proxy
    if support is None:
        return {}
    if sends is not None:
        return support.enable.get(sends, {})
    # KubeLB never takes an annotation off the Envoy Service, so off is written out.
    off_matters = kind is LoadBalancerClass.PROXYING or balancer.proxy_off
    return support.disable if off_matters else {}
