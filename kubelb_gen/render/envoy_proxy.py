"""EnvoyProxy objects: how Envoy Gateway shapes the Service of an edge.

An edge takes it by `parametersRef`, from its GatewayClass or its Gateway.
"""

from collections.abc import Iterator

from kubelb_gen.model import Edge, EdgeKind
from kubelb_gen.plan import EdgePlan, Plan
from kubelb_gen.render.draft import MANAGEMENT, Draft, Kind, Role
from kubelb_gen.render.metadata import in_order, metadata


def drafts(plan: Plan) -> Iterator[Draft]:
    """Yield a draft for each edge that Envoy Gateway runs."""
    for each in plan.edges:
        if each.edge.kind is EdgeKind.ENVOY_GATEWAY:
            yield _envoy_proxy(plan.fleet.name, each)


def envoy_proxy_path(edge: Edge) -> str:
    """Return where the EnvoyProxy of *edge* is written."""
    return f"{MANAGEMENT}/edges/{edge.name}.envoyproxy.yaml"


def _envoy_proxy(spec: str, decided: EdgePlan) -> Draft:
    edge, balancer = decided.edge, decided.balancer
    return Draft(
        path=envoy_proxy_path(edge),
        kind=Kind.ENVOY_PROXY,
        role=Role.APPLY,
        cluster=MANAGEMENT,
        template="kubernetes/envoy_proxy.yaml.j2",
        context=metadata(spec=spec, name=edge.name, namespace=edge.namespace)
        | {
            "external_traffic_policy": balancer.policy,
            "service_annotations": in_order(balancer.annotations),
        },
    )
