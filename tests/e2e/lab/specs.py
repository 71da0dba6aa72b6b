"""A world as a spec: the only thing that the product is told."""

from __future__ import annotations

from typing import Any

from tests.e2e.lab import topology
from tests.e2e.lab.cells import Cell, Edge, Route, Subject, World

TENANT, NAMESPACE, GATEWAY = "primary", "lab", "kubelb"


def spec_of(world: World) -> dict[str, Any]:
    """The spec of *world*, with every subject in it."""
    management: dict[str, Any] = {
        "loadBalancer": dict(world.balancer),
        "podCIDRs": ["10.1.16.0/20"],
        "egressCIDRs": ["10.3.0.0/16"],
    }
    tenant: dict[str, Any] = {
        "name": TENANT,
        "nodes": [topology.T1, topology.T2],
        "internalCIDRs": ["10.2.0.0/16"],
    }
    if world.dataplane is not None:
        management["dataplane"] = world.dataplane
    if world.subjects:
        tenant["services"] = [
            _service(world, index, subject)
            for index, subject in enumerate(world.subjects)
        ]
    if world.edge is not None:
        ingress = world.edge.kind == "ingress-nginx"
        edge: dict[str, Any] = {"name": "eg", "kind": world.edge.kind}
        if not ingress:
            edge["version"] = "1.7"
        if world.edge.policy is not None:
            edge["externalTrafficPolicy"] = world.edge.policy
        management["edges"] = [edge]
        tenant["ingresses" if ingress else "gateways"] = [_gateway(world.edge)]
    return {
        "apiVersion": "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "metadata": {"name": world.name},
        "spec": {
            "kubelb": {"version": "1.4.3", "edition": "EE"},
            "management": management,
            "tenants": [tenant],
        },
    }


def front_port(cell: Cell) -> int:
    """The port that clients dial, which KubeLB's Envoy or the edge listens on."""
    if cell.world.edge is not None:
        return cell.world.edge.first_port + cell.index
    return _front(cell.world, cell.subject, cell.index)


def node_port(cell: Cell) -> int:
    """The node port, which is what the backend listens on."""
    if cell.world.edge is not None:
        # KubeLB's NodePort copy of the Service has no traffic policy, hence Cluster.
        return topology.NODE_CLUSTER + cell.index
    return _node(cell.subject, cell.index)


def plain_port(cell: Cell) -> int:
    """The port for callers without a header."""
    return 12000 + cell.index


def envoy_port(cell: Cell) -> int:
    """The port of KubeLB's Envoy."""
    if cell.world.edge is not None:
        return topology.CLUSTER + cell.index
    return front_port(cell)


def policy_of(cell: Cell) -> str:
    """The Service's policy; what is not pinned is decided as `Local` for TCP."""
    if isinstance(cell.subject, Route):
        return "Cluster"
    return _policy(cell.subject)


def _policy(subject: Subject | Route) -> str:
    assert isinstance(subject, Subject)
    return subject.policy or "Local"


def _front(world: World, subject: Subject | Route, index: int) -> int:
    if world.front == "dsr":
        return topology.DSR + index
    first = {"Local": topology.LOCAL, "Cluster": topology.CLUSTER}
    return first[_policy(subject)] + index


def _node(subject: Subject | Route, index: int) -> int:
    first = {"Local": topology.NODE_LOCAL, "Cluster": topology.NODE_CLUSTER}
    return first[_policy(subject)] + index


def _service(world: World, index: int, subject: Subject) -> dict[str, Any]:
    front, node = _front(world, subject, index), _node(subject, index)
    port: dict[str, Any] = {
        "name": "main",
        "port": front,
        "targetPort": node,
        "nodePort": node,
        "envoyPort": front,
        "protocol": subject.protocol,
    }
    if subject.plain:
        port["plain"] = {"port": 12000 + index}
    service: dict[str, Any] = {
        "name": subject.name,
        "namespace": NAMESPACE,
        "selector": {"app": subject.name},
        "ports": [port],
        "backend": dict(subject.backend),
        "callers": ["internet", "cluster"],
    }
    if subject.policy is not None:
        service["externalTrafficPolicy"] = subject.policy
    if subject.annotation is not None:
        service["proxyProtocol"] = subject.annotation
    return service


def _gateway(edge: Edge) -> dict[str, Any]:
    gateway: dict[str, Any] = {
        "name": GATEWAY,
        "namespace": NAMESPACE,
        "edge": "eg",
        "backends": [
            {
                "name": route.name,
                "namespace": NAMESPACE,
                **_route(edge, route),
                "port": 80,
                "listen": topology.NODE_CLUSTER + index,
                "nodePort": topology.NODE_CLUSTER + index,
                "envoyPort": topology.CLUSTER + index,
                **{key: each for key, each in route.backend.items() if key != "mode"},
            }
            for index, route in enumerate(edge.routes)
        ],
    }
    if edge.trusted_proxies is not None:
        gateway["trustedProxies"] = dict(edge.trusted_proxies)
    return gateway


def _route(edge: Edge, route: Route) -> dict[str, Any]:
    # An Ingress leads to its backends by itself.
    if edge.kind == "ingress-nginx":
        return {}
    return {"route": {"kind": "HTTPRoute", "name": route.name}}
