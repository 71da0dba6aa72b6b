"""Expected values: reconcileService and CreateServicePorts of kubelb v1.4.3, read."""

from __future__ import annotations

from kubelb_gen.render.draft import Kind, Role
from kubelb_gen.render.envoy_service import drafts
from tests.support.objects import (
    PROXY,
    kubelb,
    object_of,
    plan,
    port,
    service,
    text_of,
)

SIZE = {"example.com/size": "L"}


def test_envoy_service_is_what_the_manager_makes_of_the_load_balancer() -> None:
    decided = service(
        port(name="Main", envoy_port=17001),
        port(name="dns", port=53, protocol="UDP", target_port="x", node_port=30053),
    )

    (draft,) = drafts(plan(decided))

    assert {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "envoy-uid-default-my-tcp-service",
            "namespace": "tenant-primary",
            "labels": {
                "app.kubernetes.io/name": "tenant-primary",
                "kubelb.k8c.io/lb-name": "uid-default-my-tcp-service",
                "kubelb.k8c.io/lb-namespace": "tenant-primary",
                "kubelb.k8c.io/managed-by": "kubelb",
                "kubelb.k8c.io/origin-name": "my-tcp-service",
                "kubelb.k8c.io/origin-ns": "default",
            },
        },
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            "selector": {"app.kubernetes.io/name": "tenant-primary"},
            "ports": [
                {"name": "dns", "port": 53, "targetPort": 30053, "protocol": "UDP"},
                {"name": "main", "port": 5000, "targetPort": 17001, "protocol": "TCP"},
            ],
        },
    } == object_of(draft)


def test_nobody_is_to_apply_it() -> None:
    (draft,) = drafts(plan(service()))

    folder = "expected/tenant-primary/default"
    assert f"{folder}/my-tcp-service.envoy-service.yaml" == draft.path
    assert (Kind.ENVOY_SERVICE, Role.EXPECTED) == (draft.kind, draft.role)
    assert "management" == draft.cluster


def test_made_up_uid_and_port_are_marked() -> None:
    known = service(
        port(envoy_port=17001), decided={"uid": "u", "uid_is_stand_in": False}
    )
    texts = [text_of(draft) for draft in drafts(plan(service(), known))]

    assert [2, 0] == [text.count("  # ") for text in texts]
    assert "is a stand-in for the Service's UID." in texts[0]
    assert "the nodePort stands in." in texts[0]


def test_no_annotation_arrives_that_nothing_lets_through() -> None:
    (draft,) = drafts(plan(service(decided={"annotations": PROXY | SIZE})))

    assert "annotations" not in object_of(draft)["metadata"]


def test_list_of_config_lets_annotations_through() -> None:
    config = kubelb(propagated_annotations={"example.com/size": "S,L"})
    decided = service(decided={"annotations": PROXY | SIZE})

    (draft,) = drafts(plan(decided, config=config))

    assert SIZE == object_of(draft)["metadata"]["annotations"]


def test_list_of_the_tenant_stands_in_place_of_that_of_config() -> None:
    config = kubelb(propagated_annotations={"example.com/size": ""})
    decided = service(decided={"annotations": PROXY | SIZE})

    (draft,) = drafts(plan(decided, config=config, propagated={"a/b": ""}))

    assert "annotations" not in object_of(draft)["metadata"]


def test_config_may_let_everything_through() -> None:
    config = kubelb(propagate_all_annotations=True)
    decided = service(decided={"annotations": PROXY | SIZE})

    (draft,) = drafts(plan(decided, config=config))

    assert PROXY | SIZE == object_of(draft)["metadata"]["annotations"]


def test_nothing_is_expected_of_a_service_that_is_not_known_enough() -> None:
    assert [] == list(drafts(plan(service(decided={"expected": False}))))
