"""Many documents, one fleet.

`kubelb` and `management` stand in exactly one document, tenants merge by name, and
nothing may be defined twice.  `defaults` go with their own document.  Which owner a
document is of (`build.owners`) makes no difference to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubelb_gen.build.node import Layers, Node
from kubelb_gen.schema.kinds import FACTS, MANAGEMENT, TENANT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubelb_gen.build.findings import Findings
    from kubelb_gen.diagnostics import DataPath
    from kubelb_gen.document import Document

_LISTS = ("services", "gateways", "ingresses")


class TenantParts:
    """What all documents say of one tenant.

    Each service or gateway comes with the defaults of its document.
    """

    def __init__(self, at: Node) -> None:
        self.at = at
        self.fields: dict[str, Node] = {}
        self.services: list[tuple[Node, Layers]] = []
        self.gateways: list[tuple[Node, Layers]] = []
        self.ingresses: list[tuple[Node, Layers]] = []


class Parts:
    """What all documents say of the fleet.

    *listed* tenants are those of a ManagementSpec, or the one of ManagementFacts, both
    of which are *listings*;
    *stated* ones have a description of their own, *owned* ones by their owner; those
    *elsewhere* are stated by documents that are not here.
    """

    def __init__(self, first: Node) -> None:
        self.first = first
        self.kinds: set[str] = set()
        self.facts: Node | None = None
        self.listings: list[DataPath] = []
        self.listed: dict[str, Node] = {}
        self.stated: dict[str, Node] = {}
        self.owned: dict[str, Node] = {}
        self.metadata: dict[str, Node] = {}
        self.once: dict[str, Node] = {}
        self.cidr_sets: dict[str, Node] = {}
        self.profiles: dict[str, Node] = {}
        self.tenants: dict[str, TenantParts] = {}
        self.suppress: list[Node] = []
        self.elsewhere: frozenset[str] = frozenset()


def merged(documents: Iterable[Document], findings: Findings) -> Parts:
    """Return the parts of the fleet that *documents* describe together."""
    roots = [Node(each.data, each.at) for each in documents]
    parts = Parts(roots[0])
    for root in roots:
        _merge_metadata(parts, root["metadata"], findings)
        _merge_spec(parts, root, findings)
    return parts


def _merge_metadata(parts: Parts, metadata: Node, findings: Findings) -> None:
    for key in metadata.data:
        given = metadata[key]
        known = parts.metadata.setdefault(key, given)
        if known.data == given.data:
            continue
        label = findings.first("set", known.at, given.at)
        if key == "name":
            findings.error(
                "another-fleet",
                f"this document belongs to '{given.data}', others to '{known.data}'",
                given.at,
                label=label,
                hint="all documents of a run share one metadata.name",
            )
        else:
            findings.error(
                "defined-twice", f"'metadata.{key}' differs", given.at, label=label
            )


def _merge_spec(parts: Parts, root: Node, findings: Findings) -> None:
    spec, kind = root["spec"], root.value("kind")
    parts.kinds.add(kind)
    if kind in (MANAGEMENT, FACTS):
        parts.listings.append(root.at)
    if kind == FACTS:
        parts.facts = root
    for key in ("kubelb", "management"):
        if key in spec:
            _once(parts.once, key, spec[key], f"'spec.{key}'", findings)
    for name, node in spec.members("cidrSets"):
        _once(parts.cidr_sets, name, node, f"the set '{name}'", findings)
    for name, node in spec.members("profiles"):
        _once(parts.profiles, name, node, f"the profile '{name}'", findings)
    for tenant in spec.items("tenants"):
        _merge_tenant(parts, tenant, spec.find("defaults"), findings)
        _note_owner(parts, tenant, kind)
    parts.suppress.extend(spec.items("suppress"))


def _merge_tenant(
    parts: Parts, tenant: Node, defaults: Node | None, findings: Findings
) -> None:
    name = tenant.value("name")
    known = parts.tenants.setdefault(name, TenantParts(tenant))
    for key in tenant.data:
        if key not in ("name", "defaults", *_LISTS):
            what = f"'{key}' of tenant '{name}'"
            _once(known.fields, key, tenant[key], what, findings)
    own = tenant.find("defaults")
    layers = Layers(tuple(each for each in (own, defaults) if each is not None))
    known.services += [(each, layers) for each in tenant.items("services")]
    known.gateways += [(each, layers) for each in tenant.items("gateways")]
    known.ingresses += [(each, layers) for each in tenant.items("ingresses")]


def _note_owner(parts: Parts, tenant: Node, kind: str) -> None:
    name = tenant["name"]
    if kind in (MANAGEMENT, FACTS):
        parts.listed.setdefault(name.data, name)
        return
    if name.data not in parts.stated:
        parts.tenants[name.data].at = tenant
    parts.stated.setdefault(name.data, name)
    if kind == TENANT:
        parts.owned.setdefault(name.data, name)


def _once(
    known: dict[str, Node], key: str, node: Node, what: str, findings: Findings
) -> None:
    first = known.setdefault(key, node)
    if first is not node:
        findings.twice(what, first, node)
