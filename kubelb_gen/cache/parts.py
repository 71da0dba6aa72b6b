"""A plan cut into what each leaf brings, and the rest, which the context brings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kubelb_gen.plan import BackendFile, Plan, ServicePlan, TenantPlan


class Part(NamedTuple):
    """What one leaf brings: to be judged with all that is no Service, or *alone*."""

    judged: Plan
    alone: Plan


class Cut(NamedTuple):
    """A plan in parts: one for each leaf, by the name of its file, and the rest."""

    rest: Plan
    leaves: Mapping[str, Part]


def cut(plan: Plan, leaves: Collection[str]) -> Cut:
    """Cut *plan* by the files in which its Services stand."""
    rest: list[TenantPlan] = []
    found: dict[str, list[tuple[TenantPlan, TenantPlan]]] = {
        name: [] for name in leaves
    }
    for tenant in plan.tenants:
        services, backends = _by_file(tenant, found)
        context = backends.get(_ROUTES, [])
        rest.append(
            _with(tenant, services.pop(_REST, []), [*backends.get(_REST, []), *context])
        )
        for name, own in services.items():
            files = backends.get(name, [])
            judged = _with(tenant, own, [*files, *context])
            alone = replace(_with(tenant, own, files), gateways=())
            found[name].append((judged, alone))
    return Cut(
        _plan(plan, rest),
        {
            name: Part(
                _plan(plan, [judged for judged, _ in each]),
                _plan(plan, [alone for _, alone in each]),
            )
            for name, each in found.items()
        },
    )


# No file is called so.
_REST, _ROUTES = "\0rest", "\0routes"


def _by_file(
    tenant: TenantPlan, leaves: Collection[str]
) -> tuple[dict[str, list[ServicePlan]], dict[str, list[BackendFile]]]:
    services: dict[str, list[ServicePlan]] = {}
    backends: dict[str, list[BackendFile]] = {}
    owners: dict[tuple[str, str], str] = {}
    for each in tenant.services:
        at = each.service.at
        name = at.source if at is not None and at.source in leaves else _REST
        services.setdefault(name, []).append(each)
        owners[each.service.namespace, each.service.name] = name
    for file in tenant.backends:
        owner = owners.get((file.namespace, file.name), _ROUTES)
        backends.setdefault(owner, []).append(file)
    return services, backends


def _with(
    whole: TenantPlan, services: list[ServicePlan], backends: list[BackendFile]
) -> TenantPlan:
    own = tuple(each.service for each in services)
    return replace(
        whole,
        tenant=replace(whole.tenant, services=own),
        services=tuple(services),
        backends=tuple(backends),
    )


def _plan(plan: Plan, tenants: list[TenantPlan]) -> Plan:
    fleet = replace(
        plan.fleet,
        tenants=tuple(each.tenant for each in tenants),
        warnings=(),
        places=None,
    )
    return replace(plan, fleet=fleet, tenants=tuple(tenants))
