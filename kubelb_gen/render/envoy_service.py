"""Services of KubeLB's Envoy, as its manager will create them.

Source: kubelb v1.4.3, `internal/controllers/kubelb/loadbalancer_controller.go`,
reconcileService, and `internal/kubelb/loadbalancer.go`, CreateServicePorts.
"""

from collections.abc import Iterator, Mapping

from kubelb_gen.plan import BalancerFacts, Plan, PortPlan, ServicePlan
from kubelb_gen.plan.propagation import reaching
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.load_balancer import carried
from kubelb_gen.render.metadata import metadata


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each Service of which enough is known."""
    for tenant in plan.tenants:
        for each in tenant.services:
            if each.expected:
                annotations = reaching(
                    carried(each), plan.fleet.kubelb, tenant.propagated
                )
                yield _envoy_service(plan.fleet.name, each, annotations)


def _envoy_service(
    spec: str, decided: ServicePlan, annotations: Mapping[str, str]
) -> Draft:
    service, namespace = decided.service, decided.tenant.kubelb_namespace
    folder = f"expected/{namespace}/{service.namespace}"
    app = {"app.kubernetes.io/name": namespace}
    return Draft(
        path=f"{folder}/{service.name}.envoy-service.yaml",
        kind=Kind.ENVOY_SERVICE,
        role=Role.EXPECTED,
        cluster=MANAGEMENT,
        template="kubernetes/service.yaml.j2",
        context=metadata(
            spec=spec,
            name=f"envoy-{decided.uid}",
            namespace=namespace,
            labels=app
            | {
                "kubelb.k8c.io/managed-by": "kubelb",
                "kubelb.k8c.io/lb-name": decided.uid,
                "kubelb.k8c.io/lb-namespace": namespace,
                "kubelb.k8c.io/origin-ns": service.namespace,
                "kubelb.k8c.io/origin-name": service.name,
            },
            annotations=annotations,
            stand_in=decided.uid if decided.uid_is_stand_in else None,
        )
        | {
            "settings": _settings(decided.balancer),
            "selector": tuple(app.items()),
            "ports": tuple(
                _port(each)
                for each in sorted(decided.ports, key=lambda one: one.port.name.lower())
            ),
        },
    )


def _settings(balancer: BalancerFacts) -> tuple[tuple[str, str], ...]:
    if not balancer.policy_reaches_envoy:
        return (("type", "LoadBalancer"),)
    return ("type", "LoadBalancer"), ("externalTrafficPolicy", balancer.policy)


def _port(decided: PortPlan) -> dict[str, object]:
    port = decided.port
    return {
        "name": port.name.lower(),
        "port": port.port,
        "target_port": port.envoy_port or port.node_port,
        "node_port": None,
        "protocol": port.protocol,
        "drawn_later": port.envoy_port is None,
    }
