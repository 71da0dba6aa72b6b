"""Tenants, merged from all documents."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from kubelb_gen.build.management import build_cilium, no_default
from kubelb_gen.build.networks import UNKNOWN, said_unknown
from kubelb_gen.build.ports import TenantPorts
from kubelb_gen.build.references import DEFAULT, resolve
from kubelb_gen.build.services import build_service
from kubelb_gen.build.uids import check_uids
from kubelb_gen.model import Gateway, Service, Tenant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kubelb_gen.build.context import Context
    from kubelb_gen.build.merge import TenantParts
    from kubelb_gen.build.node import Node
    from kubelb_gen.diagnostics import DataPath

# `--cluster` and the tree have one name for each cluster.
_TAKEN = "management"


def build_tenant(name: str, parts: TenantParts, context: Context) -> Tenant:
    """Return the tenant called *name*, with its services in the order of names."""
    fields, findings = parts.fields, context.findings
    if name == _TAKEN:
        findings.error(
            "reserved-name",
            f"a tenant cannot be called '{name}'",
            parts.at.at / "name",
            label="the management cluster is called that",
        )
    ports = TenantPorts(name, context.envoy, findings)
    resolve(fields.get("loadBalancer"), "loadBalancers", context.balancers, findings)
    relies_on_default = parts.services and "loadBalancer" not in fields
    if relies_on_default and DEFAULT not in context.balancers:
        no_default(parts.at, f"tenant '{name}'", context.balancers, findings)
    _check_names(parts, context)
    check_uids(name, _with_namespaces(parts), findings)
    services = [
        build_service(node, defaults, ports, context)
        for node, defaults in parts.services
    ]
    gateways = (
        _gateways(parts, ports, context) if parts.gateways or parts.ingresses else []
    )
    balancer = fields.get("loadBalancer")
    use_class = fields.get("useLoadBalancerClass")
    return Tenant(
        name=name,
        nodes=_nodes(fields.get("nodes"), context),
        internal_cidrs=context.networks.read(fields.get("internalCIDRs")) or (),
        load_balancer=balancer.data if balancer else DEFAULT,
        egress_cidrs=context.networks.read(fields.get("egressCIDRs")),
        use_load_balancer_class=bool(use_class and use_class.data),
        cilium=build_cilium(fields.get("dataplane"), context.networks, findings),
        services=tuple(sorted(services, key=_by_name)),
        gateways=tuple(sorted(gateways, key=_by_name)),
        unknown=said_unknown(fields),
        at=parts.at.at,
    )


def _gateways(
    parts: TenantParts, ports: TenantPorts, context: Context
) -> list[Gateway]:
    # Imported here: many specs have no layer 7.
    from kubelb_gen.build.gateways import build_gateway  # noqa: PLC0415

    return [
        build_gateway(node, defaults, ports, context, is_ingress=is_ingress)
        for nodes, is_ingress in ((parts.gateways, False), (parts.ingresses, True))
        for node, defaults in nodes
    ]


def _by_name(each: Service | Gateway) -> tuple[str, str, bool]:
    return each.namespace, each.name, isinstance(each, Gateway) and each.is_ingress


def _nodes(node: Node | None, context: Context) -> tuple[str, ...]:
    if node is None:
        return ()
    for index in range(len(node.data)):
        text = node[index].data
        digits = text.replace(".", "").isdigit()
        if not digits and ":" not in text:
            continue
        try:
            ipaddress.ip_address(text)
        except ValueError:
            message = f"'{text}' is neither an address nor a host name"
            context.findings.error("malformed", message, node[index].at)
    return tuple(node.data)


# What reads the client differs by Gateway, and a listener reads in one way.
_ONE_EACH = (
    "what leads to one program by two ways needs a Service for each, over the same "
    "pods, with a listen port of its own"
)


def _check_names(parts: TenantParts, context: Context) -> None:
    """Record what one tenant has twice; our files are named after these names."""
    _check_once("service", [node for node, _ in parts.services], context)
    _check_once("gateway", [node for node, _ in parts.gateways], context)
    _check_once("ingress", [node for node, _ in parts.ingresses], context)
    programs = [node for node, _ in parts.services]
    programs += [
        backend
        for gateway, _ in (*parts.gateways, *parts.ingresses)
        for backend in gateway.items("backends")
        if backend.value("kind") not in ("other", UNKNOWN)
        and backend.value("emit") != "none"
    ]
    owners = {
        backend.at: gateway.value("namespace")
        for gateway, _ in (*parts.gateways, *parts.ingresses)
        for backend in gateway.items("backends")
    }
    _check_once("service", programs, context, owners)


def _with_namespaces(parts: TenantParts) -> Iterator[tuple[Node, str]]:
    """Yield each Service, be it of a route, and the namespace that it is in."""
    for node, _ in parts.services:
        yield node, node.value("namespace")
    for gateway, _ in (*parts.gateways, *parts.ingresses):
        for node in gateway.items("backends"):
            yield node, node.value("namespace", gateway.value("namespace"))


def _check_once(
    what: str,
    nodes: Iterable[Node],
    context: Context,
    namespaces: Mapping[DataPath, str] | None = None,
) -> None:
    known: dict[tuple[str, str], Node] = {}
    for node in nodes:
        namespace = node.value("namespace", (namespaces or {}).get(node.at, ""))
        key = (namespace, node.value("name"))
        first = known.setdefault(key, node)
        if first is not node:
            context.findings.twice(
                f"{what} '{key[0]}/{key[1]}'",
                first["name"],
                node["name"],
                on_key=False,
                hint=_ONE_EACH if node.at in (namespaces or {}) else None,
            )
