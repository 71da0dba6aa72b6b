"""Who uses which set of CIDRs and which profile.

What only some tenants use is theirs, and nothing for the eyes of others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from kubelb_gen.build.merge import Parts, TenantParts

Data = dict[str, Any]
# What it is, and its name.
Reference = tuple[str, str]

SET, PROFILE = "cidrSets", "profiles"


def concerns(tenant: str, users: Collection[str], parts: Parts) -> bool:
    """Tell whether what *users* use is, or may become, something for *tenant*."""
    return tenant in users or not (users or tenant in parts.stated)


class Uses:
    """Who uses which sets and profiles."""

    def __init__(self, parts: Parts, tenant: str, more: Iterable[Data]) -> None:
        self._tenant, self._parts = tenant, parts
        self._own = _references_of(parts.tenants[tenant], *more)
        self._others: set[Reference] = set()
        for name, each in parts.tenants.items():
            if name != tenant:
                self._others |= _references_of(each)
        self._follow(self._own, parts)
        self._follow(self._others, parts)

    def kept(self, what: str, known: Mapping[str, Any]) -> Data:
        """Return those of *known* that the tenant uses, or may begin to.

        What they use themselves is used from then on.
        """
        kept = {
            name: node.data
            for name, node in known.items()
            if concerns(self._tenant, self._users((what, name)), self._parts)
        }
        self._own.update(_references(kept))
        return kept

    def _users(self, reference: Reference) -> tuple[str, ...]:
        if reference in self._own:
            return (self._tenant,)
        return ("",) if reference in self._others else ()

    @staticmethod
    def _follow(found: set[Reference], parts: Parts) -> None:
        for what, name in tuple(found):
            if what == PROFILE and name in parts.profiles:
                found.update(_references(parts.profiles[name].data))


def _references_of(tenant: TenantParts, *more: Data) -> set[Reference]:
    nodes = [*tenant.fields.values()]
    for node, layers in (*tenant.services, *tenant.gateways, *tenant.ingresses):
        nodes += (node, *layers.nodes)
    return {
        each
        for data in (*(node.data for node in nodes), *more)
        for each in _references(data)
    }


def _references(data: object) -> Iterator[Reference]:
    if isinstance(data, dict):
        for key, each in data.items():
            if key == "profile" and isinstance(each, str):
                yield PROFILE, each
            else:
                yield from _references(each)
    elif isinstance(data, list):
        for each in data:
            if isinstance(each, str) and each.startswith("$"):
                yield SET, each[1:]
            else:
                yield from _references(each)
