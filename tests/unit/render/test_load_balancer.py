"""Expected values: MapLoadBalancer of kubelb v1.4.3, read by hand."""

from __future__ import annotations

from kubelb_gen.render.draft import Kind, Role
from kubelb_gen.render.load_balancer import drafts
from tests.support.objects import PROXY, object_of, plan, port, service, text_of


def test_load_balancer_is_what_the_agent_makes_of_the_service() -> None:
    decided = service(
        port(name="Main"),
        port(name="dns", port=53, protocol="UDP", target_port="x", node_port=30053),
        labels={"not": "copied"},
    )

    (draft,) = drafts(plan(decided))

    assert {
        "apiVersion": "kubelb.k8c.io/v1alpha1",
        "kind": "LoadBalancer",
        "metadata": {
            "name": "uid-default-my-tcp-service",
            "namespace": "tenant-primary",
            "labels": {
                "kubelb.k8c.io/origin-name": "my-tcp-service",
                "kubelb.k8c.io/origin-ns": "default",
                # cmd/ccm/main.go prefixes the cluster's name before it is used.
                "kubelb.k8c.io/tenant": "tenant-primary",
            },
            "annotations": PROXY,
        },
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            "ports": [
                {"name": "main", "port": 5000, "protocol": "TCP"},
                {"name": "dns", "port": 53, "protocol": "UDP"},
            ],
            "endpoints": [
                {
                    "addressesReference": {"name": "default"},
                    "ports": [
                        {"name": "main", "port": 30500, "protocol": "TCP"},
                        {"name": "dns", "port": 30053, "protocol": "UDP"},
                    ],
                }
            ],
        },
    } == object_of(draft)


def test_nobody_is_to_apply_it() -> None:
    (draft,) = drafts(plan(service()))

    folder = "expected/tenant-primary/default"
    assert f"{folder}/my-tcp-service.loadbalancer.yaml" == draft.path
    assert (Kind.LOAD_BALANCER, Role.EXPECTED) == (draft.kind, draft.role)
    assert "management" == draft.cluster


def test_made_up_uid_is_marked_as_one() -> None:
    (draft,) = drafts(plan(service()))

    assert (
        "  # uid-default-my-tcp-service is a stand-in for the Service's UID.\n"
    ) in text_of(draft)


def test_real_uid_is_not_marked() -> None:
    uid = "5bd2c3a1-0a4e-4ac3-9d3e-cc3aab1c1f0e"
    (draft,) = drafts(plan(service(decided={"uid": uid, "uid_is_stand_in": False})))

    assert uid == object_of(draft)["metadata"]["name"]
    assert "stand-in" not in text_of(draft)


def test_affinity_becomes_persistence_where_the_release_knows_it() -> None:
    (draft,) = drafts(plan(service(decided={"source_ip_persistence": True})))

    assert {"type": "SourceIP"} == object_of(draft)["spec"]["persistence"]


def test_note_that_kubectl_leaves_is_not_carried_over() -> None:
    note = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    (draft,) = drafts(plan(service(decided={"annotations": note | PROXY})))

    assert PROXY == object_of(draft)["metadata"]["annotations"]


def test_nothing_is_expected_of_a_service_that_is_not_known_enough() -> None:
    assert [] == list(drafts(plan(service(decided={"expected": False}))))
