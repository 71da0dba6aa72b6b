"""LoadBalancer objects, as KubeLB's agent in a tenant cluster will write them.

Source: kubelb v1.4.3, `internal/kubelb/loadbalancer.go`, MapLoadBalancer; persistence
comes after it.
"""

from collections.abc import Iterator

from kubelb_gen.plan import Plan, ServicePlan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.metadata import metadata

# kubectl's own note of what was applied last: not a wish of the owner.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each Service of which enough is known."""
    for tenant in plan.tenants:
        for each in tenant.services:
            if each.expected:
                yield _load_balancer(plan.fleet.name, each)


def carried(decided: ServicePlan) -> dict[str, str]:
    """Return the annotations that the LoadBalancer takes over from the Service."""
    return {
        key: value for key, value in decided.annotations.items() if key != _LAST_APPLIED
    }


def _load_balancer(spec: str, decided: ServicePlan) -> Draft:
    service, namespace = decided.service, decided.tenant.kubelb_namespace
    return Draft(
        path=f"expected/{namespace}/{service.namespace}/{service.name}.loadbalancer.yaml",
        kind=Kind.LOAD_BALANCER,
        role=Role.EXPECTED,
        cluster=MANAGEMENT,
        template="kubernetes/load_balancer.yaml.j2",
        context=metadata(
            spec=spec,
            name=decided.uid,
            namespace=namespace,
            labels={
                "kubelb.k8c.io/origin-ns": service.namespace,
                "kubelb.k8c.io/origin-name": service.name,
                # The agent knows its tenant by the name of the namespace.
                "kubelb.k8c.io/tenant": namespace,
            },
            annotations=carried(decided),
            stand_in=decided.uid if decided.uid_is_stand_in else None,
        )
        | {
            "external_traffic_policy": decided.balancer.policy
            if decided.balancer.policy_reaches_envoy
            else None,
            "persistence": "SourceIP" if decided.source_ip_persistence else None,
            "ports": tuple(
                {
                    "name": each.port.name.lower(),
                    "port": each.port.port,
                    "node_port": each.port.node_port,
                    "protocol": each.port.protocol,
                }
                for each in decided.ports
            ),
        },
    )
