"""A plan in parts that are rendered apart from each other, in any process.

A part holds some Services and some configurations of backends of one tenant, and of
everything else only what their files are made of, so that it is small to send.
"""

from collections.abc import Iterator
from dataclasses import replace

from kubelb_gen.plan import BackendFile, Plan, ServicePlan, TenantPlan

# Large enough that sending one costs little beside rendering it.
SERVICES = 500


def parts(plan: Plan, size: int = SERVICES) -> Iterator[Plan]:
    """Yield *plan* in parts of about *size* Services and *size* configurations."""
    fleet = replace(plan.fleet, tenants=(), warnings=(), suppressions=(), places=None)
    for each in plan.tenants:
        for tenant in _parts(each, size):
            yield Plan(fleet=fleet, tenants=(tenant,), edges=(), cilium=None)


def _parts(whole: TenantPlan, size: int) -> Iterator[TenantPlan]:
    alone = [each for each in whole.backends if each.workload is None]
    for start in range(0, max(len(whole.services), len(alone)), size):
        stretch = slice(start, start + size)
        yield _part(whole, whole.services[stretch], tuple(alone[stretch]))
    # What goes into one pod restarts it together, so that its texts stay together.
    together = tuple(each for each in whole.backends if each.workload is not None)
    if together:
        yield _part(whole, (), together)


def _part(
    whole: TenantPlan,
    services: tuple[ServicePlan, ...],
    backends: tuple[BackendFile, ...],
) -> TenantPlan:
    tenant = replace(whole.tenant, services=(), gateways=())
    return TenantPlan(
        tenant=tenant,
        services=tuple(replace(each, tenant=tenant) for each in services),
        gateways=(),
        backends=backends,
        propagated=whole.propagated,
        expected=whole.expected,
    )
