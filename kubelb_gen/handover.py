"""What one owner hands to another: the facts that a tenant's plan needs.

A tenant's files depend on other tenants in two ways alone, both at an edge that they
share: whether somebody behind it has to see the client, and whether somebody's
proxies make it hand the whole X-Forwarded-For on.  Both are told without names.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from kubelb_gen.build.findings import Findings
from kubelb_gen.build.merge import merged
from kubelb_gen.build.references import DEFAULT
from kubelb_gen.build.uses import PROFILE, SET, Uses, concerns
from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.errors import InvalidSpecError, UsageError
from kubelb_gen.plan.edges import keeps_list, plan_edge, wants_client
from kubelb_gen.schema import API_VERSION, did_you_mean
from kubelb_gen.schema.kinds import FACTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kubelb_gen.build.merge import Parts, TenantParts
    from kubelb_gen.document import Sources
    from kubelb_gen.model import Edge, Fleet, Gateway

Data = dict[str, Any]
_FOR_ALL = "accepted for all tenants by the owner of the management cluster"


def facts_for(fleet: Fleet, sources: Sources, tenant: str) -> Data:
    """Return the ManagementFacts of *tenant*, as data.

    Nothing that is another tenant's is in them, and nothing that only others use.  Of
    a tenant that says what it has, nothing else that it does not use either.  Raises
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
    own = Uses(parts, tenant, (management, listed))
    profiles = own.kept(PROFILE, parts.profiles)
    spec = {
        "kubelb": parts.once["kubelb"].data,
        SET: own.kept(SET, parts.cidr_sets),
        PROFILE: profiles,
        "management": management,
        "tenants": [listed],
        "suppress": list(_suppress(parts, tenant)),
    }
    return {
        "apiVersion": API_VERSION,
        "kind": FACTS,
        "metadata": {"name": fleet.name},
        # The documents stay what they are, whatever becomes of this.
        "spec": deepcopy({key: value for key, value in spec.items() if value}),
    }


def silent_tenants(sources: Sources, tenant: str) -> tuple[str, ...]:
    """Name the tenants but *tenant* of which nothing is known but their names.

    What they would make of an edge that *tenant* shares is not in the facts.
    """
    parts = merged(sources.documents, Findings(sources))
    return tuple(sorted(parts.listed.keys() - parts.stated.keys() - {tenant}))


def _management(fleet: Fleet, parts: Parts, tenant: str) -> Data:
    given = parts.once["management"].data
    edges = list(_edges(fleet, parts, tenant))
    made = {**given}
    if edges or "edges" in given:
        made["edges"] = edges
    if "loadBalancers" in given:
        shown = {each["name"] for each in edges}
        made["loadBalancers"] = {
            name: each
            for name, each in given["loadBalancers"].items()
            if name == DEFAULT
            or concerns(tenant, _users(name, fleet, parts, tenant, shown), parts)
        }
        if not made["loadBalancers"]:
            del made["loadBalancers"]
    return made


def _edges(fleet: Fleet, parts: Parts, tenant: str) -> Iterator[Data]:
    given = parts.once["management"].data.get("edges", ())
    written = {each["name"]: each for each in given}
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
        elif concerns(tenant, users, parts):
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


def _users(
    balancer: str, fleet: Fleet, parts: Parts, tenant: str, shown: Collection[str]
) -> set[str]:
    """Return who uses *balancer*: of the edges, those *shown* are the tenant's."""
    users = {
        name for name, each in parts.tenants.items() if _balancer_of(each) == balancer
    }
    for edge in fleet.management.edges:
        if edge.load_balancer == balancer:
            users.add(tenant if edge.name in shown else "")
    return users


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
