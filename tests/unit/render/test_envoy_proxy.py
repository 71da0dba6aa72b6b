"""Expected values: the EnvoyProxy type of Envoy Gateway 1.7."""

from __future__ import annotations

from kubelb_gen.model import EdgeKind, TrafficPolicy
from kubelb_gen.render.draft import Kind, Role
from kubelb_gen.render.envoy_proxy import drafts
from tests.support.objects import balancer, edge, object_of, plan

HETZNER = {"load-balancer.hetzner.cloud/uses-proxyprotocol": "true"}


def test_service_of_the_edge_gets_policy_and_annotations() -> None:
    (draft,) = drafts(plan(edges=[edge(balancer("hetzner", annotations=HETZNER))]))

    assert "management/edges/eg.envoyproxy.yaml" == draft.path
    assert (Kind.ENVOY_PROXY, Role.APPLY) == (draft.kind, draft.role)
    assert {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "EnvoyProxy",
        "metadata": {"name": "eg", "namespace": "envoy-gateway-system"},
        "spec": {
            "provider": {
                "type": "Kubernetes",
                "kubernetes": {
                    "envoyService": {
                        "type": "LoadBalancer",
                        "externalTrafficPolicy": "Local",
                        "annotations": HETZNER,
                    }
                },
            }
        },
    } == object_of(draft)


def test_edge_without_annotations_still_gets_its_policy() -> None:
    decided = edge(balancer(policy=TrafficPolicy.CLUSTER), namespace="edges")

    (draft,) = drafts(plan(edges=[decided]))

    assert "edges" == object_of(draft)["metadata"]["namespace"]
    assert {"type": "LoadBalancer", "externalTrafficPolicy": "Cluster"} == object_of(
        draft
    )["spec"]["provider"]["kubernetes"]["envoyService"]


def test_ingress_nginx_reads_no_envoy_proxy() -> None:
    assert [] == list(drafts(plan(edges=[edge(kind=EdgeKind.INGRESS_NGINX)])))
