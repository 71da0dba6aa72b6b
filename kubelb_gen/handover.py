"""What one owner hands to another: the facts that a tenant's plan needs.

A tenant's files depend on other tenants in two ways alone, both at an edge that they
share: whether somebody behind it has to see the client, and whether somebody's
proxies make it hand the whole X-Forwarded-For on.  Both are told without names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubelb_gen.build.findings import Findings
from kubelb_gen.build.merge import merged
from kubelb_gen.build.references import DEFAULT
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.errors import InvalidSpecError, UsageError
from kubelb_gen.plan.edges import keeps_list, plan_edge, wants_client
from kubelb_gen.schema import API_VERSION, did_you_mean
from kubelb_gen.schema.kinds import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.build.merge import Parts, TenantParts
    from kubelb_gen.document import Sources
    from kubelb_gen.model import Edge, Fleet, Gateway

Data = dict[str, Any]
# A set of CIDRs or a profile: what it is, and its name.
Reference = tuple[str, str]

_SET, _PROFILE = "cidrSets", "profiles"
_FOR_ALL = "accepted for all tenants by the owner of the management cluster"


def facts_for(fleet: Fleet, sources: Sources, tenant: str) -> Data:
    """Return the ManagementFacts of *tenant*, as data.

    What only other tenants use is left out, and so is all that is theirs.  Raises
    `UsageError` where there is no such tenant, `SpecError` where it has no load
    balancer.
    """
    parts = merged(sources.documents, Findings(sources))
    if tenant not in parts.tenants:
        hint = did_you_mean(tenant, parts.tenants)
        known = ", ".join(sorted(parts.tenants)) or "none"
        message = f"there is no tenant '{tenant}'"
        raise UsageError(
            f"{message}: {hint}" if hint else f"{message}; one of: {known}"
        )
    management = _management(fleet, parts, tenant)
    if not {"loadBalancer", "loadBalancers"} & management.keys():
        raise InvalidSpecError(sources.placed([_no_balancer(tenant, parts)]))
    listed = _listed(parts, tenant)
    own = _Use(parts, tenant, (management, listed))
    spec = {
        "kubelb": parts.once["kubelb"].data,
        _SET: own.kept(_SET, parts.cidr_sets),
        _PROFILE: own.kept(_PROFILE, parts.profiles),
        "management": management,
        "tenants": [listed],
        "suppress": list(_suppress(parts, tenant)),
    }
    return {
        "apiVersion": API_VERSION,
        "kind": FACTS,
        "metadata": {"name": fleet.name},
        "spec": {key: value for key, value in spec.items() if value},
    }


def silent_tenants(sources: Sources, tenant: str) -> tuple[str, ...]:
    """Name the tenants but *tenant* of which nothing is known but their names.

    What they would make of an edge that *tenant* shares is not in the facts.
    """
    parts = merged(sources.documents, Findings(sources))
    return tuple(sorted(parts.listed.keys() - parts.stated.keys() - {tenant}))


def _management(fleet: Fleet, parts: Parts, tenant: str) -> Data:
    given = parts.once["management"].data
    edges = list(_edges(fleet, given, tenant))
    made = {**given}
    if edges or "edges" in given:
        made["edges"] = edges
    if "loadBalancers" in given:
        dropped = _strangers(fleet, parts, tenant, [each["name"] for each in edges])
        made["loadBalancers"] = {
            name: each
            for name, each in given["loadBalancers"].items()
            if name not in dropped
        }
        if not made["loadBalancers"]:
            del made["loadBalancers"]
    return made


def _edges(fleet: Fleet, given: Data, tenant: str) -> Iterator[Data]:
    written = {each["name"]: each for each in given.get("edges", ())}
    for edge in fleet.management.edges:
        users = {
            each.name
            for each in fleet.tenants
            if any(gateway.edge == edge.name for gateway in each.gateways)
        }
        others = _made_by_others(fleet, edge, tenant)
        if edge.at is None:
            # Nobody wrote it, and without others it need not be written here.
            if others:
                yield {"name": edge.name, "others": others}
        elif tenant in users or not users:
            edge_data = {**written[edge.name]}
            yield {**edge_data, "others": others} if others else edge_data


def _made_by_others(fleet: Fleet, edge: Edge, tenant: str) -> dict[str, bool]:
    gateways = list(_gateways_of_others(fleet, edge, tenant))
    decided = plan_edge(fleet, edge)
    made = {
        "wantClient": edge.others_want_client or wants_client(gateways),
        "keepList": edge.others_keep_list or keeps_list(gateways, decided.balancer),
    }
    return {key: True for key, value in made.items() if value}


def _gateways_of_others(fleet: Fleet, edge: Edge, tenant: str) -> Iterator[Gateway]:
    for each in fleet.tenants:
        if each.name != tenant:
            yield from (one for one in each.gateways if one.edge == edge.name)


def _strangers(
    fleet: Fleet, parts: Parts, tenant: str, edges: Iterable[str]
) -> set[str]:
    """Return the load balancers that only other tenants, and their edges, use."""
    kept = {DEFAULT, _balancer_of(parts.tenants[tenant])}
    used = {_balancer_of(each) for each in parts.tenants.values()}
    shown = set(edges)
    for edge in fleet.management.edges:
        (kept if edge.name in shown else used).add(edge.load_balancer)
    return used - kept


def _balancer_of(tenant: TenantParts) -> str:
    node = tenant.fields.get("loadBalancer")
    return DEFAULT if node is None else str(node.data)


def _listed(parts: Parts, tenant: str) -> Data:
    """Return what the management cluster's owner says of *tenant*, and no more."""
    made: Data = {"name": tenant}
    for key, node in parts.tenants[tenant].fields.items():
        if any(
            (node.at.source, node.at.document) == (at.source, at.document)
            for at in parts.listings
        ):
            made[key] = node.data
    return made


class _Use:
    """Which sets and profiles *tenant* uses, and which only others do."""

    def __init__(self, parts: Parts, tenant: str, more: Iterable[Data]) -> None:
        self._own = _references_of(parts.tenants[tenant], *more)
        self._others: set[Reference] = set()
        for name, each in parts.tenants.items():
            if name != tenant:
                self._others |= _references_of(each)
        self._follow(self._own, parts)
        self._follow(self._others, parts)

    def kept(self, what: str, known: Mapping[str, Any]) -> Data:
        """Return the *known* ones that the tenant uses, and those that nobody does."""
        return {
            name: node.data
            for name, node in known.items()
            if (what, name) in self._own or (what, name) not in self._others
        }

    @staticmethod
    def _follow(found: set[Reference], parts: Parts) -> None:
        for what, name in tuple(found):
            if what == _PROFILE and name in parts.profiles:
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
                yield _PROFILE, each
            else:
                yield from _references(each)
    elif isinstance(data, list):
        for each in data:
            if isinstance(each, str) and each.startswith("$"):
                yield _SET, each[1:]
            else:
                yield from _references(each)


def _suppress(parts: Parts, tenant: str) -> Iterator[Data]:
    names = set(_names(parts.tenants[tenant]))
    for node in parts.suppress:
        given: Data = node.data
        if "tenant" in given:
            if given["tenant"] == tenant:
                yield given
        elif not {"namespace", "service", "port"} & given.keys() or any(
            given.get("namespace", namespace) == namespace
            and given.get("service", name) == name
            for namespace, name in names
        ):
            # The reason was written for everybody, and may name anybody.
            yield {**given, "reason": _FOR_ALL}


def _names(tenant: TenantParts) -> Iterator[tuple[str, str]]:
    for node, _ in (*tenant.services, *tenant.gateways, *tenant.ingresses):
        namespace = node.value("namespace")
        yield namespace, node.value("name")
        for backend in node.value("backends", ()):
            yield backend.get("namespace", namespace), backend["name"]


def _no_balancer(tenant: str, parts: Parts) -> Diagnostic:
    known = parts.once["management"].data["loadBalancers"]
    return Diagnostic(
        id="missing-field",
        severity=Severity.ERROR,
        message=f"tenant '{tenant}' names no loadBalancer; none is called 'default'",
        at=parts.tenants[tenant].at.at,
        hint=f"loadBalancers: {', '.join(known)}",
    )
