"""Address ranges, as far as trust lists and Nodes tell them.

A backend of a Service under `Local` trusts Envoy's egress and nobody else; under
`Cluster` the tenant's own nodes as well; behind a route the tenant's nodes alone.  So
the lists that we wrote once say which ranges the spec had.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.running.estate import Estate

Ranges = tuple[str, ...]


def egress(trusted: Iterable[tuple[str, Ranges]]) -> Ranges:
    """Return Envoy's addresses: *trusted* holds policy and list of each listener."""
    return _most(ranges for policy, ranges in trusted if policy == "Local")


def internal(
    trusted: Iterable[tuple[str, Ranges]],
    behind_routes: Iterable[Ranges],
    known: Ranges,
) -> Ranges:
    """Return the tenant's own addresses; *known* is Envoy's egress."""
    from_routes = _most(behind_routes)
    if from_routes:
        return from_routes
    return _most(
        rest
        for policy, ranges in trusted
        if policy == "Cluster"
        and (rest := tuple(each for each in ranges if each not in known))
        and known
    )


def node_addresses(estate: Estate, tenant: str) -> list[str]:
    """Return what Envoy dials: the Addresses in KubeLB, else the Nodes themselves."""
    for each in estate.managed("Addresses", f"tenant-{tenant}"):
        listed = each.spec.get("addresses") or ()
        found = [
            one.get("ip") or one.get("hostname")
            for one in listed
            if isinstance(one, dict)
        ]
        if any(found):
            return sorted(one for one in found if isinstance(one, str))
    return sorted(
        address["address"]
        for node in estate.of(tenant, "Node")
        for address in (node.data.get("status") or {}).get("addresses") or ()
        if address.get("type") == "InternalIP" and "address" in address
    )


def pod_ranges(estate: Estate) -> list[str]:
    """Return the pod ranges of the management cluster's Nodes."""
    found = {
        each
        for node in estate.managed("Node")
        for each in node.spec.get("podCIDRs") or [node.spec.get("podCIDR")]
        if isinstance(each, str)
    }
    return sorted(found)


def _most(lists: Iterable[Ranges]) -> Ranges:
    counted = Counter(each for each in lists if each)
    if not counted:
        return ()
    return min(counted, key=lambda each: (-counted[each], each))
