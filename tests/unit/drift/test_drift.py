from __future__ import annotations

from typing import TYPE_CHECKING

import kubernetes_validate
import pytest
import yaml

from kubelb_gen import api
from kubelb_gen.plan.decide import make_plan
from kubelb_gen.render.tree import render_plan
from kubelb_gen.trace import FlowKind, Verdict
from tests.support.api_server import addresses, by_name, clusters, dumps

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kubelb_gen.drift import Difference, Drift
    from kubelb_gen.model import Fleet
    from tests.support.api_server import Cluster

EXAMPLES = (
    "aws-dual-stack",
    "cilium-dsr-native",
    "every-backend",
    "hetzner-mixed",
    "ingress-nginx",
    "l4-cloud-proxying-lb",
    "l4-udp",
    "l7-behind-cdn",
    "multi-tenant",
)
PROXY = "kubelb.k8c.io/proxy-protocol"
HETZNER = "load-balancer.hetzner.cloud/uses-proxyprotocol"


def loaded(repository: Path, example: str) -> Fleet:
    folder = repository / "examples" / example
    spec = folder / "spec.yaml"
    return api.load(spec if spec.exists() else folder)


def running(fleet: Fleet) -> Cluster:
    return clusters(render_plan(make_plan(fleet)))


@pytest.fixture
def guide(repository: Path) -> Fleet:
    return loaded(repository, "l4-proxy-protocol")


def drifted(fleet: Fleet, change: Callable[[Cluster], None]) -> Drift:
    found = running(fleet)
    change(found)
    return api.drift(fleet, dumps(found))


def only(drift: Drift) -> Difference:
    (difference,) = drift.differences
    return difference


def from_internet(difference: Difference) -> tuple[Verdict, Verdict]:
    (shift,) = (
        each
        for each in difference.shifts
        if each.wanted.flow is FlowKind.TRAFFIC
        and each.wanted.source == "internet-ipv4"
    )
    return shift.wanted.verdict, shift.runs.verdict


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_an_api_server_and_kubelb_add_is_no_drift(
    example: str, repository: Path
) -> None:
    fleet = loaded(repository, example)
    found = api.drift(fleet, dumps(running(fleet)))

    assert () == found.differences
    assert () == found.shifts
    assert found.compared


def test_the_objects_of_these_tests_are_kubernetes_own(guide: Fleet) -> None:
    for objects in running(guide).values():
        for each in objects:
            if each["apiVersion"] == "v1":
                kubernetes_validate.validate(each, "1.35", strict=True)


def test_a_policy_that_was_edited_means_that_the_guard_refuses_everybody(
    guide: Fleet,
) -> None:
    def edit(found: Cluster) -> None:
        spec = by_name(found, "primary", "Service")["spec"]
        spec["externalTrafficPolicy"] = "Cluster"

    difference = only(drifted(guide, edit))

    assert "spec.externalTrafficPolicy" == difference.field
    assert ("Local", "Cluster") == (difference.wanted, difference.runs)
    # The backend trusts Envoy's egress, and sees a node of its own cluster.
    assert (Verdict.PRESERVED, Verdict.BROKEN) == from_internet(difference)
    assert difference.location is not None
    assert '"externalTrafficPolicy": "Cluster"' in difference.location.text


def test_a_policy_of_envoys_service_alone_hides_the_client_behind_a_node(
    guide: Fleet,
) -> None:
    def edit(found: Cluster) -> None:
        spec = by_name(found, "management", "Service")["spec"]
        spec["externalTrafficPolicy"] = "Cluster"

    difference = only(drifted(guide, edit))

    # Its peer is Envoy still, so that the guard lets it in.
    assert (Verdict.PRESERVED, Verdict.LOST) == from_internet(difference)


def test_an_annotation_that_is_gone_leaves_the_backend_waiting(guide: Fleet) -> None:
    def edit(found: Cluster) -> None:
        for cluster, kind in (("primary", "Service"), ("management", "LoadBalancer")):
            del by_name(found, cluster, kind)["metadata"]["annotations"][PROXY]

    drift = drifted(guide, edit)

    assert [("changed", "v2", None)] * 2 == [
        (each.kind, each.wanted, each.runs) for each in drift.differences
    ]
    for each in drift.differences:
        assert (Verdict.PRESERVED, Verdict.BROKEN) == from_internet(each)


def test_kubelb_heeds_the_annotation_of_its_own_object(guide: Fleet) -> None:
    def edit(found: Cluster) -> None:
        service = by_name(found, "primary", "Service")
        del service["metadata"]["annotations"][PROXY]

    drift = drifted(guide, edit)

    assert only(drift).field == f"metadata.annotations.{PROXY}"
    assert () == drift.shifts


def test_an_annotation_that_kubelb_never_removes_is_a_leftover(
    repository: Path,
) -> None:
    fleet = loaded(repository, "l4-proxy-protocol")

    def edit(found: Cluster) -> None:
        envoy = by_name(found, "management", "Service", "envoy-")
        envoy["metadata"]["annotations"][HETZNER] = "true"

    difference = only(drifted(fleet, edit))

    assert "leftover" == difference.kind
    assert difference.field.endswith(HETZNER)
    assert difference.does is not None
    assert "annotate service envoy-" in difference.does
    assert difference.does.endswith(f"{HETZNER}-")


def test_the_balancers_switch_is_read_off_the_envoy_service(
    repository: Path,
) -> None:
    text = (repository / "examples/l4-proxy-protocol/spec.yaml").read_text("utf-8")
    data = yaml.safe_load(text)
    data["spec"]["management"]["loadBalancer"] = {"provider": "hetzner"}

    def edit(found: Cluster) -> None:
        envoy = by_name(found, "management", "Service", "envoy-")
        envoy["metadata"]["annotations"][HETZNER] = "false"

    difference = only(drifted(api.from_data(data), edit))

    assert ("true", "false") == (difference.wanted, difference.runs)
    # The backend waits for a header that nobody sends any more.
    assert (Verdict.PRESERVED, Verdict.BROKEN) == from_internet(difference)


def test_a_service_that_is_not_there_is_missing(guide: Fleet) -> None:
    def edit(found: Cluster) -> None:
        service = by_name(found, "primary", "Service")
        other = {**service, "metadata": {"name": "x", "namespace": "default"}}
        found["primary"] = [
            {**other, "spec": {"type": "ClusterIP", "ports": []}},
            *(each for each in found["primary"] if each is not service),
        ]

    difference = only(drifted(guide, edit))

    assert "missing" == difference.kind
    assert "Service 'default/my-tcp-service'" == difference.object


def test_what_no_file_is_about_is_not_missing(guide: Fleet) -> None:
    found = running(guide)
    del found["management"]
    drift = api.drift(guide, dumps(found))

    assert () == drift.differences
    assert ("LoadBalancer of management", "Service of management") == drift.unseen


def test_a_service_of_kubelb_that_the_spec_does_not_have_is_a_stranger(
    guide: Fleet,
) -> None:
    def edit(found: Cluster) -> None:
        service = by_name(found, "primary", "Service")
        metadata = {**service["metadata"], "name": "smtp", "uid": "b"}
        found["primary"].append({**service, "metadata": metadata})

    difference = only(drifted(guide, edit))

    assert "stranger" == difference.kind
    assert "Service 'default/smtp'" == difference.object


def test_an_older_configuration_that_trusts_others_is_told_with_its_meaning(
    guide: Fleet,
) -> None:
    def edit(found: Cluster) -> None:
        data = by_name(found, "primary", "ConfigMap")["data"]
        data["nginx.conf"] = data["nginx.conf"].replace("10.3.0.0/16", "10.9.0.0/16")

    difference = only(drifted(guide, edit))

    assert difference.field.startswith("data.nginx.conf.line ")
    assert ("10.3.0.0/16 1;", "10.9.0.0/16 1;") == (difference.wanted, difference.runs)
    assert (Verdict.PRESERVED, Verdict.BROKEN) == from_internet(difference)


def test_an_older_configuration_that_reads_no_header_breaks_connections(
    guide: Fleet,
) -> None:
    def edit(found: Cluster) -> None:
        data = by_name(found, "primary", "ConfigMap")["data"]
        for key, text in data.items():
            data[key] = text.replace("listen 5000 proxy_protocol;", "listen 5000;")

    difference = only(drifted(guide, edit))

    assert (Verdict.PRESERVED, Verdict.BROKEN) == from_internet(difference)


def test_nodes_that_came_and_went_are_the_specs_to_follow(guide: Fleet) -> None:
    def edit(found: Cluster) -> None:
        found["management"].append(addresses("primary", ["10.2.0.21", "10.2.0.99"]))

    difference = only(drifted(guide, edit))

    assert "spec.addresses" == difference.field
    assert "10.2.0.21, 10.2.0.99" == difference.runs


def test_node_ports_and_labels_are_compared_where_the_spec_says_them(
    guide: Fleet,
) -> None:
    def edit(found: Cluster) -> None:
        service = by_name(found, "primary", "Service")
        service["spec"]["ports"][0]["nodePort"] = 30999
        service["metadata"]["labels"] = {"team": "edge"}

    difference = only(drifted(guide, edit))

    assert "spec.ports.main.nodePort" == difference.field
    assert ("30500", "30999") == (difference.wanted, difference.runs)


@pytest.mark.parametrize(
    ("values", "differing"), [("true,false", 0), ("false,true", 0), ("true", 1)]
)
def test_the_order_of_values_that_are_let_through_is_no_drift(
    repository: Path, values: str, differing: int
) -> None:
    def change(found: Cluster) -> None:
        tenant = by_name(found, "management", "Tenant")
        tenant["spec"]["propagatedAnnotations"][HETZNER] = values

    drift = drifted(loaded(repository, "hetzner-mixed"), change)

    assert differing == len(drift.differences)
