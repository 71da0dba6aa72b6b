"""Walks over a plan that many rules take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.frozen import dataclass
from kubelb_gen.model import LoadBalancer, Protocol, TrafficPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubelb_gen.plan import (
        BalancerFacts,
        GatewayPlan,
        Plan,
        PortPlan,
        RoutePlan,
        ServicePlan,
        TenantPlan,
    )
    from kubelb_gen.trace.port_chain import PortChain


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One load balancer and how the Services behind it use it."""

    balancer: LoadBalancer
    facts: tuple[BalancerFacts, ...]
    carries_udp: bool

    @property
    def sends(self) -> bool:
        """Whether it puts a PROXY header in front of any of their connections."""
        return any(each.sends is not None for each in self.facts)

    @property
    def local(self) -> bool:
        """Whether `externalTrafficPolicy: Local` stands on any of them."""
        return any(each.policy is TrafficPolicy.LOCAL for each in self.facts)

    @property
    def dsr(self) -> bool:
        """Whether Cilium's DSR forwards for any of them."""
        return any(each.dsr for each in self.facts)


def services(plan: Plan) -> Iterator[tuple[TenantPlan, ServicePlan]]:
    """Yield every Service, with its tenant."""
    for tenant in plan.tenants:
        for service in tenant.services:
            yield tenant, service


def ports(plan: Plan) -> Iterator[tuple[TenantPlan, ServicePlan, PortPlan]]:
    """Yield every port of every Service."""
    for tenant, service in services(plan):
        for port in service.ports:
            yield tenant, service, port


def called_from_inside(plan: Plan) -> Iterator[PortChain]:
    """Yield the ways into each port whose `callers` list `cluster`."""
    # Imported here: most rules need no trace.
    from kubelb_gen.trace.engine import subjects  # noqa: PLC0415
    from kubelb_gen.trace.port_chain import PortChain  # noqa: PLC0415

    for subject in subjects(plan):
        chain = subject.chain
        if isinstance(chain, PortChain) and "cluster" in chain.service.service.callers:
            yield chain


def routes(plan: Plan) -> Iterator[tuple[TenantPlan, GatewayPlan, RoutePlan]]:
    """Yield every backend behind a Gateway or an Ingress."""
    for tenant in plan.tenants:
        for gateway in tenant.gateways:
            for route in gateway.routes:
                yield tenant, gateway, route


def balancers(plan: Plan) -> Iterator[Use]:
    """Yield every load balancer that has a Service, or an edge, behind it."""
    for balancer in plan.fleet.management.load_balancers:
        behind = [
            service
            for _, service in services(plan)
            if service.balancer.balancer.name == balancer.name
        ]
        edges = [
            edge.balancer
            for edge in plan.edges
            if edge.balancer.balancer.name == balancer.name
        ]
        if behind or edges:
            yield Use(
                balancer=balancer,
                facts=(*(service.balancer for service in behind), *edges),
                carries_udp=any(
                    port.protocol is Protocol.UDP
                    for service in behind
                    for port in service.service.ports
                ),
            )
