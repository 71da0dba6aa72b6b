"""The backend programs of a plan, at layer 4 and behind routes.

Rules about what a program can do read this walk.
"""

from collections.abc import Callable, Iterator

from kubelb_gen.checks.walking import ports, routes
from kubelb_gen.diagnostics import DataPath
from kubelb_gen.frozen import dataclass
from kubelb_gen.model import Backend, Protocol, Tenant, TrafficPolicy
from kubelb_gen.model.backends import Network
from kubelb_gen.plan import Plan
from kubelb_gen.plan.cilium import dsr_engages
from kubelb_gen.plan.layer4 import egress_of, peers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One backend where it serves: *port* of a Service, or the backend of a Gateway.

    *name* is the Service's or the backend's.
    """

    name: str
    backend: Backend
    protocol: Protocol
    at: DataPath | None
    port: int | None = None
    gateway: str | None = None

    @property
    def subject(self) -> str:
        """What a finding calls it."""
        if self.gateway is None:
            port = f"port {self.port}/{self.protocol}"
            return f"the backend of {port} of service '{self.name}'"
        return f"backend '{self.name}' of '{self.gateway}'"

    def field(self, name: str) -> DataPath | None:
        """Return where *name* of the backend stands, which may be in `defaults`."""
        return self.backend.at / name if self.backend.at else self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A pin `trustedCIDRs`; *peers* is whom the plan would trust instead.

    *sources* is whom the backend sees, and *believes* whether it takes a header from
    them.
    """

    subject: str
    trusted: tuple[Network, ...]
    peers: tuple[Network, ...]
    sources: tuple[Network, ...]
    believes: bool
    at: DataPath | None
    about: DataPath | None


def programs(plan: Plan, which: Callable[[Backend], bool]) -> Iterator[Program]:
    """Yield the program of each port and of each route, where it is such a one."""
    for _, service, port in ports(plan):
        backend = port.port.backend
        if backend is not None and which(backend):
            yield Program(
                name=service.service.name,
                backend=backend,
                protocol=port.port.protocol,
                at=port.port.at,
                port=port.port.port,
            )
    for _, gateway, route in routes(plan):
        if which(route.backend.backend):
            yield Program(
                name=route.backend.name,
                backend=route.backend.backend,
                protocol=Protocol.TCP,
                at=route.backend.at,
                gateway=gateway.gateway.name,
            )


def pins(plan: Plan) -> Iterator[Pin]:
    """Yield the pinned trust list of each port and of each route that has one."""
    for tenant, service, port in ports(plan):
        backend = port.port.backend
        if backend is not None and backend.trusted_cidrs is not None:
            policy = service.balancer.policy
            yield Pin(
                subject=f"port {port.port.port} of service '{service.service.name}'",
                trusted=backend.trusted_cidrs,
                peers=peers_of(plan.fleet, tenant.tenant, service.balancer),
                sources=_sources(plan, tenant.tenant, policy),
                believes=port.header is not None,
                at=_stands(backend, port.port.at),
                about=port.port.at,
            )
    for tenant, gateway, route in routes(plan):
        backend = route.backend.backend
        if backend.trusted_cidrs is not None:
            yield Pin(
                subject=f"backend '{route.backend.name}' of '{gateway.gateway.name}'",
                trusted=backend.trusted_cidrs,
                peers=tenant.tenant.internal_cidrs,
                sources=_sources(plan, tenant.tenant, TrafficPolicy.CLUSTER),
                believes=route.reading is not None or backend.reads is not None,
                at=_stands(backend, route.backend.at),
                about=route.backend.at,
            )


def _stands(backend: Backend, otherwise: DataPath | None) -> DataPath | None:
    return backend.at / "trustedCIDRs" if backend.at else otherwise


def _sources(plan: Plan, tenant: Tenant, policy: TrafficPolicy) -> tuple[Network, ...]:
    masquerades = not dsr_engages(tenant.cilium, Protocol.TCP)
    if policy is TrafficPolicy.CLUSTER and masquerades:
        return tenant.internal_cidrs
    return egress_of(plan.fleet, tenant)
