"""The paths of a plan in a few words each, as the lock keeps them for later diffs.

Beside what a path means, a record says what arrives (`sends`) and what is taken
(`accepts`), at the backend and at a layer-7 edge (`edgeSends`, `edgeReads`), so that
`transition` can judge a half-merged state from two records alone.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from kubelb_gen.model import Protocol
from kubelb_gen.plan import BalancerFacts, Plan
from kubelb_gen.trace.alike import shape_of
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.edge import EdgeHop
from kubelb_gen.trace.engine import Subject, Traced, subjects, traced_of
from kubelb_gen.trace.flow import EXTERNAL_ADDRESS, LIE, REAL_IP, Claim, Flow
from kubelb_gen.trace.lies import Chain, past_proxies
from kubelb_gen.trace.load_balancer import LoadBalancerHop
from kubelb_gen.trace.path import Application, FlowKind, Origin, Path, Role
from kubelb_gen.trace.planes import Link
from kubelb_gen.trace.port_chain import PortChain
from kubelb_gen.trace.route_chain import RouteChain
from kubelb_gen.trace.walking import walk
from kubelb_gen.trace.wording import NOTHING, UNKNOWN, words_of_flow, words_of_receiver

Record = Mapping[str, object]
# Tenant, whether it is a Gateway, namespace, name, and whether that is an Ingress.
Owner = tuple[str, bool, str, str, bool]

_LIAR = Claim(LIE, Role.CLIENT)
_INTERNET = (Origin.INTERNET_IPV4, Origin.INTERNET_IPV6)
_INSIDE = (Origin.CLUSTER_SERVICE_IP, Origin.CLUSTER_VIP)


def meaning(plan: Plan) -> tuple[Record, ...]:
    """Return one mapping per path of *plan*, in the order of `trace_plan`.

    Keys that would say nothing are absent: `sends` where bare bytes arrive, `edge...`
    where no PROXY header is sent or read, `around` where nobody passes by trusted
    proxies, `application` where it learns what the backend does, `address` and `ports`
    (KubeLB's Envoy > node > program) but for clients on the internet, `networks` of
    who only connects, `called` but for pods that the spec lists among the callers.
    """
    return tuple(record for _, records in by_owner(plan) for record in records)


def by_owner(plan: Plan) -> Iterator[tuple[Owner, tuple[Record, ...]]]:
    """Yield each Service and each Gateway with its records of `meaning`, in order.

    An owner of a part of a plan has the same records in the whole, where the owners
    come as they are sorted; a Gateway that is in several parts has them in each.
    """
    known: dict[Hashable, tuple[Record, ...]] = {}
    for owner, some in groupby(subjects(plan), key=_owner):
        yield owner, tuple(record for each in some for record in _records(each, known))


def _owner(subject: Subject) -> Owner:
    chain = subject.chain
    if isinstance(chain, PortChain):
        return subject.tenant, False, subject.namespace, subject.name, False
    gateway = chain.gateway.gateway
    return subject.tenant, True, gateway.namespace, gateway.name, gateway.is_ingress


def _records(
    subject: Subject, known: dict[Hashable, tuple[Record, ...]]
) -> Iterable[Record]:
    alike = shape_of(subject.chain)
    if alike is None:
        return tuple(map(_meaning, traced_of(subject)))
    if alike not in known:
        known[alike] = tuple(map(_meaning, traced_of(subject)))
        return known[alike]
    own = {"path": _key(subject), "ports": _ports(subject.chain)}
    return [
        {**record, **own} if "ports" in record else {**record, "path": own["path"]}
        for record in known[alike]
    ]


def _meaning(each: Traced) -> Record:
    path = each.path
    record: dict[str, object] = {
        "path": _key(path),
        "from": path.source,
        "verdict": path.verdict,
        "identity": path.identity.is_,
        "carriedBy": path.identity.carried_by,
        "peer": path.peer,
        "trust": [str(network) for network in path.trust],
    }
    record.update(_meeting(each))
    return record


def _key(path: Path | Subject) -> str:
    parts = (path.tenant, path.gateway, path.namespace, path.name)
    return "/".join(filter(None, parts)) + f":{path.port}/{path.protocol}"


def _meeting(each: Traced) -> Iterator[tuple[str, object]]:
    chain, journey = each.subject.chain, each.journey
    last = journey.links[-1]
    if not isinstance(last.facts, BackendHop):  # pragma: no cover
        raise TypeError(f"a path ends at {last.name}, not at a backend")
    sends = _arriving(each)
    if sends:
        yield "sends", sends
    yield "accepts", words_of_receiver(last.plane.KIND, last.facts)
    if isinstance(chain, RouteChain) and journey.outside:
        yield from _at_edge(chain, journey.flow, journey.links)
    learns = each.path.application
    if journey.kind is FlowKind.TRAFFIC and learns is not Application.SAME:
        yield "application", learns
    if not journey.flow.connect_only:
        yield "networks", _networks(last.facts, each.clean.peer, sends)
    if journey.plain:
        yield "plain", True
    if journey.source in _INSIDE and _is_called(chain):
        yield "called", True
    if journey.source in _INTERNET:
        yield "address", _address(chain)
        yield "ports", _ports(chain)


def _is_called(chain: Chain) -> bool:
    return isinstance(chain, PortChain) and "cluster" in chain.service.service.callers


def _arriving(each: Traced) -> str:
    chain, journey = each.subject.chain, each.journey
    if any(step.unknown for step in each.clean.steps[: len(journey.links) - 1]):
        return UNKNOWN
    if journey.kind is FlowKind.TRAFFIC and isinstance(chain, RouteChain):
        return _lied(journey.flow, journey.links)
    if each.clean.broken is not None and each.clean.broken < len(journey.links) - 1:
        return NOTHING
    steps = each.clean.steps
    return words_of_flow(steps[-2].flow if len(steps) > 1 else journey.flow)


def _lied(flow: Flow, links: tuple[Link, ...]) -> str:
    """Say what arrives of *flow* when its client lies wherever that is possible."""
    lying = replace(
        flow,
        forwarded_for=(_LIAR,),
        fields={EXTERNAL_ADDRESS: _LIAR, REAL_IP: _LIAR},
    )
    before = _matched(flow, links)[:-1]
    if not before:
        return words_of_flow(lying, lying=True)
    told = walk(lying, before)
    if told.broken is not None:
        return NOTHING
    return words_of_flow(told.last.flow, lying=True)


def _matched(flow: Flow, links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return *links* with an edge that reads PROXY where the balancer sends it."""
    sends = _edge_gets(flow, links) is not None
    return tuple(
        replace(each, facts=replace(each.facts, reads_proxy=sends))
        if isinstance(each.facts, EdgeHop)
        else each
        for each in links
    )


def _edge_gets(flow: Flow, links: tuple[Link, ...]) -> str | None:
    for each in links:
        if isinstance(each.facts, LoadBalancerHop) and flow.protocol is Protocol.TCP:
            return each.facts.sends
    return None


def _at_edge(
    chain: RouteChain, flow: Flow, links: tuple[Link, ...]
) -> Iterator[tuple[str, object]]:
    sends = _edge_gets(flow, links)
    if sends is not None:
        yield "edgeSends", sends
    for each in links:
        if isinstance(each.facts, EdgeHop) and each.facts.reads_proxy:
            yield "edgeReads", "optional" if each.facts.optional else "proxy"
    around = past_proxies(chain, flow)
    if around is not None:
        yield "around", _lied(flow, around)


def _networks(hop: BackendHop, peer: Role, sends: str) -> dict[str, list[str] | str]:
    listed = {
        role for word in sends.split() for role in word.partition("=")[2].split(",")
    }
    return {
        role: UNKNOWN
        if role in hop.ranges.unknown
        else [str(network) for network in known]
        for role, known in hop.ranges.by_role.items()
        if role in listed or role is peer
    }


def _balancer(chain: Chain) -> BalancerFacts:
    if isinstance(chain, PortChain):
        return chain.service.balancer
    return chain.gateway.edge.balancer


def _address(chain: Chain) -> str:
    """Name what a client dials: another one is another address."""
    balancer = _balancer(chain).balancer
    named = f"{balancer.name} ({balancer.provider.name})"
    if isinstance(chain, PortChain):
        return f"{named} {chain.service.load_balancer_class or ''}".rstrip()
    return f"{named} {chain.gateway.edge.edge.name}"


def _ports(chain: Chain) -> str:
    """Name the numbers from KubeLB's Envoy to the program."""
    if isinstance(chain, PortChain):
        port = chain.port.port
        numbers = (port.envoy_port or port.node_port, port.node_port, port.listen)
    else:
        target = chain.route.backend
        numbers = (
            target.envoy_port or target.node_port,
            target.node_port,
            target.listen or target.port,
        )
    return ">".join("?" if each is None else str(each) for each in numbers)
