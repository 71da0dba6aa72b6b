"""All flows to all ports of a plan, each walked to its end.

The first path of a port is traffic from the internet; then the other ways in, the
kubelet's probe and Envoy's health check, where they exist.  The wish plays no part.
"""

from collections.abc import Iterator
from typing import NamedTuple

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Backend, Protocol, ProxyAcceptance
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import ByWalk, Plan
from kubelb_gen.trace.backends.receiving import BackendHop
from kubelb_gen.trace.journeys import Journey, journeys
from kubelb_gen.trace.lies import Chain, attempts
from kubelb_gen.trace.path import (
    Application,
    FlowKind,
    Identity,
    Layer,
    Lie,
    Path,
    Role,
    Verdict,
)
from kubelb_gen.trace.port_chain import PortChain
from kubelb_gen.trace.route_chain import RouteChain
from kubelb_gen.trace.settings import files_of
from kubelb_gen.trace.walking import Walk, lie, walk

_INSIDERS = "a client inside the trusted ranges could still lie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The port or backend that paths are about."""

    chain: Chain
    tenant: str
    namespace: str
    name: str
    gateway: str | None
    layer: Layer
    port: int
    protocol: str
    backend: Backend | None
    assumes: tuple[str, ...]
    at: DataPath | None


class Traced(NamedTuple):
    """A path with the flow that it tells of."""

    subject: Subject
    journey: Journey
    clean: Walk
    path: Path


def trace_plan(plan: Plan) -> tuple[Path, ...]:
    """Return every path of *plan*, port by port, from the internet first."""
    return tuple(each.path for each in traced(plan))


def traced(plan: Plan) -> Iterator[Traced]:
    """Yield every path of *plan* as `trace_plan` orders them, each with its flow."""
    for subject in subjects(plan):
        yield from traced_of(subject)


def traced_of(subject: Subject) -> Iterator[Traced]:
    """Yield every path of one port or backend."""
    for journey in journeys(subject.chain):
        clean = walk(journey.flow, journey.links)
        yield Traced(subject, journey, clean, _path(subject, journey, clean))


def subjects(plan: Plan) -> Iterator[Subject]:
    """Yield every port and backend of *plan*, in the order of the spec."""
    for tenant in plan.tenants:
        files = files_of(tenant)
        for service in tenant.services:
            for port in service.ports:
                yield _port_subject(PortChain(plan, tenant, service, port, files))
        for gateway in tenant.gateways:
            for route in gateway.routes:
                yield _route_subject(RouteChain(plan, tenant, gateway, route, files))


def _port_subject(chain: PortChain) -> Subject:
    service, port = chain.service.service, chain.port.port
    return Subject(
        chain=chain,
        tenant=chain.tenant.tenant.name,
        namespace=service.namespace,
        name=service.name,
        gateway=None,
        layer=Layer.L4,
        port=port.port,
        protocol=port.protocol,
        backend=port.backend,
        assumes=chain.port.assumes,
        at=port.at,
    )


def _route_subject(chain: RouteChain) -> Subject:
    target = chain.route.backend
    return Subject(
        chain=chain,
        tenant=chain.tenant.tenant.name,
        namespace=target.namespace,
        name=target.name,
        gateway=chain.gateway.gateway.name,
        layer=Layer.L7,
        port=target.port,
        protocol=chain.protocol,
        backend=target.backend,
        assumes=chain.route.assumes,
        at=target.at,
    )


def _path(subject: Subject, journey: Journey, clean: Walk) -> Path:
    lies = tuple(_lies(subject, journey)) if clean.evaluated else ()
    verdict = _verdict(journey, clean, lies)
    return Path(
        tenant=subject.tenant,
        namespace=subject.namespace,
        name=subject.name,
        gateway=subject.gateway,
        layer=subject.layer,
        port=subject.port,
        protocol=subject.protocol,
        flow=journey.kind,
        source=journey.source,
        verdict=verdict,
        identity=_identity(journey, clean),
        peer=clean.peer,
        application=_application(subject),
        hops=clean.hops,
        because=(
            *_because(verdict, clean, lies),
            *journey.said,
            *_told(subject, journey),
        ),
        assumes=subject.assumes if journey.outside else (),
        plain=journey.plain,
        trust=_trust(journey),
        lies=lies,
        at=subject.at,
    )


def _lies(subject: Subject, journey: Journey) -> Iterator[Lie]:
    if journey.kind is not FlowKind.TRAFFIC:
        return
    for attempt in attempts(
        subject.chain, journey.flow, journey.links, outside=journey.outside
    ):
        yield lie(attempt)


def _verdict(journey: Journey, clean: Walk, lies: tuple[Lie, ...]) -> Verdict:
    if not clean.evaluated:
        return Verdict.NOT_EVALUATED
    if clean.named is None:
        return Verdict.BROKEN
    if any(each.believed for each in lies):
        return Verdict.FORGEABLE
    # Probes and checks have no client: they pass, or they do not.
    if journey.kind is FlowKind.TRAFFIC and clean.named.role is not Role.CLIENT:
        return Verdict.LOST
    return Verdict.PRESERVED


def _identity(journey: Journey, clean: Walk) -> Identity:
    if clean.named is None or not clean.evaluated:
        return Identity(is_=None, carried_by=None, lost_at=None)
    traffic = journey.kind is FlowKind.TRAFFIC
    return Identity(
        is_=clean.named.role,
        carried_by=clean.last.carried,
        lost_at=clean.named.lost_at if traffic else None,
    )


def _because(verdict: Verdict, clean: Walk, lies: tuple[Lie, ...]) -> tuple[str, ...]:
    if verdict is Verdict.NOT_EVALUATED:
        return tuple(step.why for step in clean.steps if step.unknown)
    if clean.broken is not None:
        return (clean.last.why,)
    if verdict is Verdict.FORGEABLE:
        return tuple(dict.fromkeys(each.fate for each in lies if each.believed))
    if verdict is Verdict.LOST:
        lost = (step.why for step in clean.steps if step.snat)
        return (next(lost, clean.last.why), clean.last.why)
    return (clean.last.why,)


def _told(subject: Subject, journey: Journey) -> Iterator[str]:
    chain = subject.chain
    if not isinstance(chain, RouteChain) or not journey.outside:
        return
    if isinstance(chain.route.reading, ByWalk) or chain.gateway.edge.believes:
        yield _INSIDERS


def _trust(journey: Journey) -> tuple[Network, ...]:
    facts = journey.links[-1].facts
    if not isinstance(facts, BackendHop) or not facts.believes:
        return ()
    reading = facts.reading
    walked = reading.trusted if isinstance(reading, ByWalk) else ()
    return tuple(dict.fromkeys((*facts.trusted, *walked)))


def _application(subject: Subject) -> Application:
    backend = subject.backend
    if backend is None or backend.upstream is None:
        return Application.SAME
    if subject.chain.protocol is Protocol.UDP:
        return Application.BACKEND_ADDRESS
    if backend.upstream_proxy_protocol is not ProxyAcceptance.NONE:
        return Application.SAME
    if backend.mode is not None and backend.mode.is_http:
        return Application.BY_HEADER
    return Application.BACKEND_ADDRESS
