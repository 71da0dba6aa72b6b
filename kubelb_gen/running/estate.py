"""Whose objects they are: of the management cluster, or of which tenant.

KubeLB says it itself: what belongs to a tenant lies in the namespace `tenant-<tenant>`
of the management cluster, and a LoadBalancer is named by the UID of its tenant Service.
Where that is not enough, the command line has to say it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kubelb_gen.diagnostics import Diagnostic, Severity
from kubelb_gen.running.dumps import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.running.objects import Object

MANAGEMENT = "management"
TENANT_PREFIX = "tenant-"
KUBELB_API = "kubelb.k8c.io/"
_OF_MANAGEMENT = frozenset({"EnvoyProxy", "GatewayClass"})
_ROOT_API = ("kubelb.k8c.io/", "metallb.io/")
_TELLING = frozenset({"Service", "Gateway", "Ingress", "ClientTrafficPolicy"})
_NAMESPACES = frozenset({"kubelb", "envoy-gateway-system", "ingress-nginx"})
# Of a tree that we rendered.
_TREE = re.compile(r"(?:^|/)tenants/(?P<tenant>[^/]+)/[^/]+/[^/]+$")
_TREE_OF_MANAGEMENT = re.compile(r"(?:^|/)(?:management|expected)/")


class Estate(NamedTuple):
    """All objects, by the cluster that they are of."""

    management: tuple[Object, ...]
    tenants: dict[str, tuple[Object, ...]]

    def of(self, tenant: str, kind: str) -> Iterator[Object]:
        """Yield the objects of *kind* in the cluster of *tenant*."""
        return (each for each in self.tenants.get(tenant, ()) if each.kind == kind)

    def managed(self, kind: str, namespace: str | None = None) -> Iterator[Object]:
        """Yield the objects of *kind* in the management cluster."""
        return (
            each
            for each in self.management
            if each.kind == kind and namespace in (None, each.namespace)
        )


def sorted_out(
    objects: Iterable[Object], named: Iterable[str]
) -> tuple[Estate, list[Diagnostic]]:
    """Return *objects* by cluster; *named* tenants count without any object.

    Problems are objects that matter and could be anybody's.
    """
    management: list[Object] = []
    others: list[Object] = []
    for each in objects:
        (management if _is_of_management(each) else others).append(each)
    tenants: dict[str, list[Object]] = {name: [] for name in named}
    for each in management:
        if each.namespace.startswith(TENANT_PREFIX):
            tenants.setdefault(each.namespace.removeprefix(TENANT_PREFIX), [])
        elif each.kind == "Tenant" and each.api.startswith(KUBELB_API):
            tenants.setdefault(each.name, [])
    problems: list[Diagnostic] = []
    owners = _owners(management)
    by_text = _by_text(others, owners)
    for each in others:
        owner = each.cluster or _in_tree(each) or owners.get(each.uid or "")
        owner = owner or by_text.get(each.at.source) or _origin(each, management)
        if owner is None and len(tenants) == 1:
            (owner,) = tenants
        if owner is not None:
            tenants.setdefault(owner, []).append(each)
        elif each.kind in _TELLING:
            problems.append(_nobodys(each, tenants))
    sorted_tenants = {name: tuple(tenants[name]) for name in sorted(tenants)}
    return Estate(tuple(management), sorted_tenants), problems


def is_load_balancer(found: Object) -> bool:
    """Tell whether *found* is KubeLB's LoadBalancer."""
    return found.kind == "LoadBalancer" and found.api.startswith(KUBELB_API)


def _is_of_management(each: Object) -> bool:
    if each.cluster is not None:
        return each.cluster == MANAGEMENT
    return (
        each.api.startswith(_ROOT_API)
        or each.kind in _OF_MANAGEMENT
        or each.namespace in _NAMESPACES
        or each.namespace.startswith(TENANT_PREFIX)
        or bool(_TREE_OF_MANAGEMENT.search(each.at.source) and not _in_tree(each))
    )


def _in_tree(each: Object) -> str | None:
    found = _TREE.search(each.at.source)
    return found["tenant"] if found else None


def _owners(management: Iterable[Object]) -> dict[str, str]:
    return {
        each.name: each.namespace.removeprefix(TENANT_PREFIX)
        for each in management
        if is_load_balancer(each)
    }


def _by_text(others: Iterable[Object], owners: dict[str, str]) -> dict[str, str]:
    """Return the tenant of each text whose Services are all of one."""
    found: dict[str, set[str]] = {}
    for each in others:
        owner = owners.get(each.uid or "")
        if owner is not None:
            found.setdefault(each.at.source, set()).add(owner)
    return {text: min(names) for text, names in found.items() if len(names) == 1}


def _origin(each: Object, management: Iterable[Object]) -> str | None:
    found = {
        one.namespace.removeprefix(TENANT_PREFIX)
        for one in management
        if is_load_balancer(one)
        and one.labels.get("kubelb.k8c.io/origin-ns") == each.namespace
        and one.labels.get("kubelb.k8c.io/origin-name") == each.name
    }
    return min(found) if len(found) == 1 else None


def _nobodys(each: Object, tenants: Iterable[str]) -> Diagnostic:
    known = ", ".join(sorted(tenants))
    file = "-" if each.at.source == STANDARD_INPUT else each.at.source
    return Diagnostic(
        id="whose-object",
        severity=Severity.ERROR,
        message=f"nothing tells which tenant's {each.shown} is",
        at=each.at,
        label=f"tenants: {known}" if known else "no tenant is named",
        hint=f"give the file as --tenant NAME={file}",
    )
