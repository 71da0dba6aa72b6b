"""Tenant patches: which annotations KubeLB lets through to the Envoy Services.

Tenants are KubeLB's and cluster-wide, named like the tenant, without the prefix of its
namespace.  Applied, the object merges with the one that is there.
"""

from collections.abc import Iterator, Mapping

from kubelb_gen.plan import Plan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.metadata import in_order, metadata


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each tenant whose annotations would not arrive otherwise."""
    for each in plan.tenants:
        if each.propagated is not None:
            yield _tenant(plan.fleet.name, each.tenant.name, each.propagated)


def _tenant(spec: str, name: str, propagated: Mapping[str, str]) -> Draft:
    return Draft(
        path=f"management/tenants/{name}.annotations.yaml",
        kind=Kind.TENANT_ANNOTATIONS,
        role=Role.APPLY,
        cluster=MANAGEMENT,
        template="kubernetes/tenant.yaml.j2",
        context=metadata(spec=spec, name=name) | {"propagated": in_order(propagated)},
    )
