"""What looks like a dump and is none is refused at its place, never read on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kubelb_gen.document import Source
from kubelb_gen.running import Dump
from kubelb_gen.running.objects import objects_of

GROUPS = {
    "Addresses": "kubelb.k8c.io/v1alpha1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "DaemonSet": "apps/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "LoadBalancer": "kubelb.k8c.io/v1alpha1",
    "ServiceEntry": "networking.istio.io/v1",
    "Tenant": "kubelb.k8c.io/v1alpha1",
}


def told(kind: str, spec: Any, **more: object) -> list[str]:  # noqa: ANN401
    """What is told about an object of *kind*."""
    api = GROUPS.get(kind, "v1")
    data = {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, "spec": spec}
    dump = Dump(Source("x.json", json.dumps(data | more)))
    return [f"{each.at}: {each.message}" for each in objects_of([dump])[2]]


@pytest.mark.parametrize(
    ("kind", "spec", "place", "shape"),
    [
        ("Service", {"ports": 1}, "spec.ports", "a list of mappings"),
        ("Service", {"ports": [80]}, "spec.ports", "a list of mappings"),
        (
            "Service",
            {"ports": [{"targetPort": {}}]},
            "spec.ports[0].targetPort",
            "a single value",
        ),
        (
            "Service",
            {"ports": [{"port": [80]}]},
            "spec.ports[0].port",
            "a single value",
        ),
        ("Service", "x", "spec", "a mapping"),
        (
            "LoadBalancer",
            {"endpoints": [{"ports": "x"}]},
            "spec.endpoints[0].ports",
            "a list of mappings",
        ),
        (
            "Ingress",
            {"rules": [{"http": {"paths": [{"backend": {"service": {"port": 80}}}]}}]},
            "spec.rules[0].http.paths[0].backend.service.port",
            "a mapping",
        ),
        (
            "HTTPRoute",
            {"parentRefs": {"name": "x"}},
            "spec.parentRefs",
            "a list of mappings",
        ),
        ("Tenant", {"x": {"name": ["a"]}}, "spec.x.name", "a text"),
        (
            "Addresses",
            {"addresses": [{"ip": True}]},
            "spec.addresses[0].ip",
            "a text",
        ),
    ],
)
def test_a_field_of_another_shape_is_told_where_it_stands(
    kind: str,
    spec: object,
    place: str,
    shape: str,
) -> None:
    why = f"{place} of this {kind} is not {shape}"

    assert [f"{place}: no object of Kubernetes: {why}"] == told(kind, spec)


def test_labels_that_are_a_list_are_told() -> None:
    (message,) = told("Service", {}, metadata={"name": "x", "labels": ["a"]})

    assert "metadata.labels of this Service is not a mapping" in message


@pytest.mark.parametrize("kind", ["ServiceEntry", "ClusterRole", "DaemonSet"])
def test_kinds_that_nobody_reads_may_have_any_shape(kind: str) -> None:
    assert [] == told(kind, {"addresses": ["10.0.0.1"], "rules": "x"})


def test_objects_as_an_api_server_prints_them_are_sound() -> None:
    ingress = {"service": {"name": "web", "port": {"name": "http"}}}
    spec = {
        "ports": [{"name": "a", "port": 80, "targetPort": "web", "nodePort": None}],
        "rules": [{"http": {"paths": [{"path": "/", "backend": ingress}]}}],
        "parentRefs": None,
    }

    assert [] == told("Service", spec)
    assert [] == told("Ingress", spec)
