"""What KubeLB carries, and the spec does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.render.draft import MANAGEMENT
from kubelb_gen.running.estate import TENANT_PREFIX, is_load_balancer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kubelb_gen.drift.matching import Key
    from kubelb_gen.model import Tenant
    from kubelb_gen.plan import Plan
    from kubelb_gen.running import Object

_CLASS = "kubelb"

Name = tuple[str, str, str]


def strangers(
    plan: Plan, found: Mapping[Key, Object], wanted: Collection[Key]
) -> Iterator[tuple[Key, Object]]:
    """Yield what of *found* KubeLB made or carries for a Service that is not *wanted*.

    A Service that the spec only traces is none, though nothing is rendered of it.
    """
    tenants = {each.tenant.name: each.tenant for each in plan.tenants}
    known = {
        (tenant.tenant.name, each.service.namespace, each.service.name)
        for tenant in plan.tenants
        for each in tenant.services
    }
    for key, each in found.items():
        cluster, kind, namespace, _ = key
        if key in wanted:
            continue
        if cluster == MANAGEMENT:
            tenant = namespace.removeprefix(TENANT_PREFIX)
            is_ours = namespace.startswith(TENANT_PREFIX) and tenant in tenants
            if is_ours and _is_made(each) and _origin(tenant, each) not in known:
                yield key, each
        elif kind == "Service" and cluster in tenants:
            name = (cluster, each.namespace, each.name)
            if _is_carried(each, tenants[cluster]) and name not in known:
                yield key, each


def _is_carried(service: Object, tenant: Tenant) -> bool:
    """Tell whether KubeLB's agent in *tenant* watches *service*."""
    given = service.spec.get("loadBalancerClass")
    watched = given == _CLASS or (given is None and not tenant.use_load_balancer_class)
    return watched and service.spec.get("type") == "LoadBalancer"


def _is_made(found: Object) -> bool:
    return is_load_balancer(found) or (
        found.kind == "Service" and found.name.startswith("envoy-")
    )


def _origin(tenant: str, found: Object) -> Name:
    return (
        tenant,
        found.labels.get("kubelb.k8c.io/origin-ns", ""),
        found.labels.get("kubelb.k8c.io/origin-name", ""),
    )
