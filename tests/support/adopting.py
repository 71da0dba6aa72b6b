"""What an API server says of a spec that runs: our files, and what is around."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from kubelb_gen.document import Source
from kubelb_gen.render.draft import MANAGEMENT
from kubelb_gen.running import Dump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubelb_gen.artifacts import Artifacts
    from kubelb_gen.plan import GatewayPlan, Plan

Object = dict[str, Any]
NO_DUMP = (
    "kustomization.yaml",
    "-values.yaml",
    ".envoy.yaml",
    ".static.yaml",
    ".dynamic.yaml",
    "Caddyfile",
    "envoy-bootstrap.yaml",
    "envoy-bootstrap.xds.yaml",
)


def dumps_of(artifacts: Artifacts, objects: Iterable[Object] = ()) -> list[Dump]:
    """Return the rendered objects and files, and *objects* of the tenant."""
    dumps = [
        Dump(Source(path, each.text))
        for path, each in artifacts.items()
        if not path.endswith(NO_DUMP)
    ]
    for path, each in artifacts.items():
        if path.endswith(".ingress-nginx-values.yaml"):
            text = json.dumps(_controller(each.text))
            dumps.append(Dump(Source(f"{path}.json", text), MANAGEMENT))
    listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    by_tenant = {
        each.split("/")[1] for each in artifacts if each.startswith("tenants/")
    }
    if listed["items"]:
        (tenant,) = by_tenant or {"primary"}
        dumps.append(Dump(Source("tenant.json", json.dumps(listed)), tenant))
    return dumps


def _controller(values: str) -> Object:
    """Return the ConfigMap and the Service that the chart makes of *values*."""
    controller = yaml.safe_load(values)["controller"]
    service = controller["service"]
    metadata = {"name": "ingress-nginx-controller", "namespace": "ingress-nginx"}
    own = {
        **metadata,
        "annotations": service.get("annotations", {}),
        "labels": {"app.kubernetes.io/name": "ingress-nginx"},
    }
    spec = {
        "type": "LoadBalancer",
        "externalTrafficPolicy": service["externalTrafficPolicy"],
    }
    items = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": controller["config"],
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": own, "spec": spec},
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def tenant_objects(plan: Plan) -> Iterator[Object]:
    """Yield the Gateways, Ingresses, routes and Services that a tenant has itself."""
    for tenant in plan.tenants:
        for gateway in tenant.gateways:
            yield _gateway(gateway)
            for route in gateway.routes:
                target = route.backend
                if not gateway.gateway.is_ingress:
                    yield _route(gateway, target)
                listen = target.listen or target.port
                own = _service(target.namespace, target.name, target.port, listen)
                own["spec"]["ports"][0]["appProtocol"] = target.protocol.lower()
                yield own
                if target.node_port:
                    yield _service(
                        target.namespace,
                        f"{target.name}-nodeport",
                        target.port,
                        listen,
                        target.node_port,
                    )


def _gateway(plan: GatewayPlan) -> Object:
    gateway = plan.gateway
    metadata = {"name": gateway.name, "namespace": gateway.namespace}
    if gateway.is_ingress:
        paths = [
            {
                "path": "/",
                "pathType": "Prefix",
                "backend": {
                    "service": {"name": each.name, "port": {"number": each.port}}
                },
            }
            for each in gateway.backends
        ]
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": metadata,
            "spec": {
                "ingressClassName": gateway.edge,
                "rules": [{"http": {"paths": paths}}],
            },
        }
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": metadata,
        "spec": {"gatewayClassName": gateway.edge},
    }


def _route(plan: GatewayPlan, target: Any) -> Object:  # noqa: ANN401
    gateway = plan.gateway
    ref = {"name": target.name, "namespace": target.namespace, "port": target.port}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": target.route_kind,
        "metadata": {"name": target.route_name, "namespace": gateway.namespace},
        "spec": {
            "parentRefs": [{"name": gateway.name}],
            "rules": [{"backendRefs": [ref]}],
        },
    }


def _service(
    namespace: str, name: str, port: int, target: int, node_port: int | None = None
) -> Object:
    spec: Object = {"port": port, "targetPort": target, "protocol": "TCP"}
    if node_port:
        spec["nodePort"] = node_port
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": "NodePort" if node_port else "ClusterIP", "ports": [spec]},
    }
