"""One estate as its owners would split it."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Data = dict[str, Any]

OF_MANAGEMENT = ("kubelb", "cidrSets", "profiles", "management", "suppress")
DONE_FOR_TENANTS = ("loadBalancer", "egressCIDRs")


def split(
    documents: Iterable[Data], *, management_decides: bool = True
) -> tuple[list[Data], dict[str, list[Data]]]:
    """Return the ManagementSpecs, and the TenantSpecs of each tenant.

    With *management_decides*, what the management cluster does for a tenant stands
    with its owner, else with the tenant's.
    """
    managements: list[Data] = []
    tenants: dict[str, list[Data]] = {}
    listed: dict[str, Data] = {}
    for whole in deepcopy(list(documents)):
        spec = whole["spec"]
        kept = {key: spec[key] for key in OF_MANAGEMENT if key in spec}
        if kept:
            managements.append({**whole, "kind": "ManagementSpec", "spec": kept})
        for tenant in spec.get("tenants", ()):
            defaults = {**spec.get("defaults", {}), **tenant.get("defaults", {})}
            if defaults:
                tenant["defaults"] = defaults
            entry = listed.setdefault(tenant["name"], {"name": tenant["name"]})
            for key in DONE_FOR_TENANTS:
                if management_decides and key in tenant:
                    entry[key] = tenant.pop(key)
            own = {**whole, "kind": "TenantSpec", "spec": {"tenants": [tenant]}}
            tenants.setdefault(tenant["name"], []).append(own)
    managements[0]["spec"]["tenants"] = list(listed.values())
    return managements, tenants
