"""Which flows a port has: who sends them, what they carry, which hops they pass."""

from collections.abc import Iterator

from kubelb_gen.catalogue import IPFamily
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Backend, LoadBalancer, ProbeType, Protocol
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.flow import Flow, Named
from kubelb_gen.trace.lies import Chain
from kubelb_gen.trace.nodes import kind_of
from kubelb_gen.trace.path import FlowKind, Origin, Role
from kubelb_gen.trace.planes import Link, backend_link
from kubelb_gen.trace.port_chain import PortChain

_INTERNET = {
    IPFamily.IPV4: Origin.INTERNET_IPV4,
    IPFamily.IPV6: Origin.INTERNET_IPV6,
}
_UNSEEN = "a check that only connects sees no PROXY mismatch: it passes all the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One flow of a port, before it is walked; *said* goes into `because`."""

    kind: FlowKind = FlowKind.TRAFFIC
    source: Origin
    flow: Flow
    links: tuple[Link, ...]
    outside: bool = False
    plain: bool = False
    said: tuple[str, ...] = ()


def journeys(chain: Chain) -> Iterator[Journey]:
    """Yield every flow of a port; from the internet first."""
    yield from _from_internet(chain)
    yield _by_service_ip(chain)
    if isinstance(chain, PortChain):
        yield _by_public_address(chain)
    yield from _from_kubelet(chain)
    if chain.protocol is Protocol.TCP:
        yield Journey(
            kind=FlowKind.HEALTH_CHECK,
            source=Origin.HEALTH_CHECK,
            flow=Flow(source=Named(Role.ENVOY_POD), connect_only=True),
            links=chain.from_envoy(),
            said=(_UNSEEN,),
        )


def _balancer(chain: Chain) -> LoadBalancer:
    if isinstance(chain, PortChain):
        return chain.service.balancer.balancer
    return chain.gateway.edge.balancer.balancer


def _client(chain: Chain, *, over_ipv6: bool = False) -> Flow:
    return Flow(source=Named(Role.CLIENT), protocol=chain.protocol, over_ipv6=over_ipv6)


def _from_internet(chain: Chain) -> Iterator[Journey]:
    for family, origin in _INTERNET.items():
        if family in _balancer(chain).ip_families:
            yield Journey(
                source=origin,
                flow=_client(chain, over_ipv6=family is IPFamily.IPV6),
                links=chain.outside(family),
                outside=True,
            )


def _by_service_ip(chain: Chain) -> Journey:
    plain = isinstance(chain, PortChain) and chain.port.port.plain_port is not None
    return Journey(
        source=Origin.CLUSTER_SERVICE_IP,
        flow=_client(chain),
        links=chain.service_ip(),
        plain=plain,
        said=("the caller uses the plain Service, which brings no header",)
        if plain
        else (),
    )


def _by_public_address(chain: PortChain) -> Journey:
    if _is_short_cut(chain):
        return Journey(
            source=Origin.CLUSTER_VIP, flow=_client(chain), links=chain.short_cut()
        )
    return Journey(
        source=Origin.CLUSTER_VIP,
        flow=_client(chain),
        links=chain.leaving(),
        outside=True,
        said=("the call leaves the cluster and comes back like one of the internet",),
    )


def _is_short_cut(chain: PortChain) -> bool:
    balancer = chain.service.balancer
    provider = balancer.balancer.provider
    if balancer.sends is not None and provider.ip_mode_with_proxy is not None:
        return provider.ip_mode_with_proxy == "VIP"
    if provider.ip_mode is None:
        # Of the catalogue's, these have a host name in their status, which no
        # kube-proxy short-cuts.  Of another nothing is known: Kubernetes' default.
        return provider.source == "spec"
    return provider.ip_mode == "VIP"


def _from_kubelet(chain: Chain) -> Iterator[Journey]:
    backend = _program(chain)
    if backend is None or chain.protocol is Protocol.UDP:
        return
    probe = backend.probe
    asks = probe is not None and probe.type is ProbeType.HTTP_GET
    serving = probe is None or probe.port in (None, _listen(chain))
    target = chain.backend()
    if not serving:
        # The listener of a probe is plain, ours and those of others alike.
        target = backend_link(kind_of(backend), BackendHop(ranges=chain.ranges()))
    yield Journey(
        kind=FlowKind.PROBE,
        source=Origin.KUBELET,
        flow=Flow(source=Named(Role.TENANT_NODE), connect_only=not asks),
        links=(target,),
        plain=not serving,
        said=_of_probe(serving=serving, asks=asks),
    )


def _of_probe(*, serving: bool, asks: bool) -> tuple[str, ...]:
    if not serving:
        return ("the probe has a listener of its own, without a header",)
    return () if asks else (_UNSEEN,)


def _program(chain: Chain) -> Backend | None:
    if isinstance(chain, PortChain):
        return chain.port.port.backend
    return chain.route.backend.backend


def _listen(chain: Chain) -> int:
    if isinstance(chain, PortChain):
        return chain.port.port.listen
    return chain.route.backend.listen or chain.route.backend.port
