"""Two fleets without what neither changes, so that a large fleet is traced in parts.

A layer-4 Service is decided from its own lines, its tenant's and management's; no
Service looks at another.  A Gateway's edge looks at all Gateways behind it, so that
they are kept or left out together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kubelb_gen.model import Fleet, Service, Tenant


def narrowed(old: Fleet, new: Fleet) -> tuple[Fleet, Fleet]:
    """Return *old* and *new* with the parts alone in which a path could differ."""
    if _frame(old) != _frame(new):
        return old, new
    routes_differ = _gateways(old) != _gateways(new)
    return (
        _without(old, new, gateways=routes_differ),
        _without(new, old, gateways=routes_differ),
    )


def _frame(fleet: Fleet) -> tuple[Fleet, list[bool]]:
    # An edge that nobody wrote equals one that is written with its defaults, and is
    # rendered only where a Gateway takes it.
    written = [each.at is not None for each in fleet.management.edges]
    return replace(fleet, tenants=(), suppressions=()), written


def _gateways(fleet: Fleet) -> list[Tenant]:
    return [replace(each, services=()) for each in fleet.tenants if each.gateways]


def _without(fleet: Fleet, other: Fleet, *, gateways: bool) -> Fleet:
    tenants = _kept(fleet.tenants, other.tenants, gateways=gateways)
    return replace(fleet, tenants=tuple(tenants))


def _kept(
    tenants: Iterable[Tenant], others: Iterable[Tenant], *, gateways: bool
) -> Iterator[Tenant]:
    known = {each.name: each for each in others}
    for tenant in tenants:
        other = known.get(tenant.name)
        services = tenant.services
        if other is not None and _plain(tenant) == _plain(other):
            services = tuple(_different(tenant.services, other.services))
        if services or (gateways and tenant.gateways):
            yield replace(
                tenant,
                services=services,
                gateways=tenant.gateways if gateways else (),
            )


def _plain(tenant: Tenant) -> Tenant:
    return replace(tenant, services=(), gateways=())


def _different(
    services: Iterable[Service], others: Iterable[Service]
) -> Iterator[Service]:
    known = {(each.namespace, each.name): each for each in others}
    for service in services:
        if known.get((service.namespace, service.name)) != service:
            yield service
