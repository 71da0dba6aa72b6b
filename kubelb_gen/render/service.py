"""Tenant Services: what the owner of a tenant cluster applies.

A patch holds the annotations and the policy alone, for a Service that a chart owns.
It is no object of ours, so no kustomization of ours lists it.
"""

from collections.abc import Iterator

from kubelb_gen.model import OutputMode, ServicePort
from kubelb_gen.plan import Plan, PortPlan, ServicePlan
from kubelb_gen.render.draft import Draft, Kind, Role
from kubelb_gen.render.metadata import in_order, metadata


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each tenant Service that the spec wants written."""
    for tenant in plan.tenants:
        for each in tenant.services:
            if each.service.output is not OutputMode.NONE:
                yield from _drafts(plan.fleet.name, each)


def _drafts(spec: str, decided: ServicePlan) -> Iterator[Draft]:
    if decided.service.output is OutputMode.PATCH:
        yield _patch(spec, decided)
    else:
        yield _service(spec, decided)
    # No chart owns this one.
    if any(each.port.plain_port for each in decided.ports):
        yield _plain(spec, decided)


def _service(spec: str, decided: ServicePlan) -> Draft:
    service = decided.service
    affinity = service.session_affinity
    settings = {
        "type": "LoadBalancer",
        "loadBalancerClass": decided.load_balancer_class,
        "externalTrafficPolicy": decided.balancer.policy,
        "internalTrafficPolicy": service.internal_traffic_policy,
        "sessionAffinity": None if affinity == "None" else affinity,
    }
    return Draft(
        path=f"{_folder(decided)}/{service.name}.service.yaml",
        kind=Kind.SERVICE,
        role=Role.APPLY,
        cluster=decided.tenant.name,
        template="kubernetes/service.yaml.j2",
        context=metadata(
            spec=spec,
            name=service.name,
            namespace=service.namespace,
            labels=service.labels,
            annotations=decided.annotations,
        )
        | {
            "settings": tuple((key, value) for key, value in settings.items() if value),
            "selector": in_order(service.selector),
            "ports": tuple(_port(each) for each in decided.ports),
        },
    )


def _plain(spec: str, decided: ServicePlan) -> Draft:
    """Lay out the Service for callers in the cluster, who bring no PROXY header."""
    service = decided.service
    name = f"{service.name}-plain"
    return Draft(
        path=f"{_folder(decided)}/{name}.service.yaml",
        kind=Kind.SERVICE,
        role=Role.APPLY,
        cluster=decided.tenant.name,
        template="kubernetes/service.yaml.j2",
        context=metadata(
            spec=spec, name=name, namespace=service.namespace, labels=service.labels
        )
        | {
            "settings": (("type", "ClusterIP"),),
            "selector": in_order(service.selector),
            "ports": tuple(
                _port(each) | {"target_port": each.port.plain_port, "node_port": None}
                for each in decided.ports
                if each.port.plain_port
            ),
        },
    )


def _patch(spec: str, decided: ServicePlan) -> Draft:
    service = decided.service
    return Draft(
        path=f"{_folder(decided)}/{service.name}.service.patch.yaml",
        kind=Kind.SERVICE,
        role=Role.FILE,
        cluster=decided.tenant.name,
        template="kubernetes/service_patch.yaml.j2",
        context=metadata(
            spec=spec,
            name=service.name,
            namespace=service.namespace,
            annotations=decided.annotations,
        )
        | {"external_traffic_policy": decided.balancer.policy},
    )


def _folder(decided: ServicePlan) -> str:
    return f"tenants/{decided.tenant.name}/{decided.service.namespace}"


def _target(port: ServicePort) -> int | str:
    if port.adapted and port.handover is not None and port.handover.adapter:
        return port.handover.adapter
    return port.target_port


def _port(decided: PortPlan) -> dict[str, object]:
    port = decided.port
    return {
        "name": port.name,
        "port": port.port,
        "target_port": _target(port),
        "node_port": port.node_port,
        "protocol": port.protocol,
        "drawn_later": False,
    }
