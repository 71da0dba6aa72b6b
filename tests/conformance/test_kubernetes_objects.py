"""Kubernetes and the CRDs on the path accept every object that we write."""

from __future__ import annotations

import os
import subprocess
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest

from kubelb_gen.model import BackendKind, OutputMode
from kubelb_gen.render import (
    config_map,
    envoy_proxy,
    envoy_service,
    kustomization,
    load_balancer,
    service,
    tenant,
    traffic_policy,
)
from kubelb_gen.render.draft import Draft, Kind, Role
from tests.support import objects, programs
from tests.support.crds import complaints
from tests.support.estates import backend_file
from tests.support.yaml_readers import read_alike, read_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HETZNER = "load-balancer.hetzner.cloud/uses-proxyprotocol"
# Not U+0085: `kubectl kustomize` 1.37 folds it into a space, however it is escaped.
NOTE = 'say "no"; {{ x }}\n\u2028 1e3 🚀'
POLICIES = {
    "hops": objects.policy(),
    "ranges": objects.policy(trusted_cidrs=(ip_network("2400:cb00::/32"),)),
    "old field": objects.policy(proxy_field="enableProxyProtocol", trusted_hops=None),
    "community": objects.policy(in_management=True, namespace="tenant-00"),
}
CRDS = {
    "LoadBalancer": ("kubelb.k8c.io_loadbalancers.crd.yaml",),
    "Tenant": ("kubelb.k8c.io_tenants.crd.yaml",),
    "ClientTrafficPolicy": (
        "clienttrafficpolicies.crd.eg-v1.7.2.yaml",
        "clienttrafficpolicies.crd.yaml",
    ),
}


def drafts(policy: str = "hops") -> list[Draft]:
    """Every kind of object, for the tenant whose name looks like a number."""
    ports = (
        objects.port(plain_port=5001, envoy_port=17001),
        objects.port(
            name="dns", port=53, target_port="dns", protocol="UDP", node_port=30053
        ),
    )
    annotations = objects.PROXY | {"example.com/note": NOTE, HETZNER: "true"}
    full = objects.service(
        *ports,
        tenant="00",
        labels={"app": "no", "version": "1e3", "empty": ""},
        session_affinity="ClientIP",
        decided={
            "annotations": annotations,
            "load_balancer_class": "kubelb",
            "source_ip_persistence": True,
        },
    )
    patched = objects.service(
        tenant="00",
        name="chart",
        output=OutputMode.PATCH,
        decided={"uid": "uid-default-chart", "annotations": annotations},
    )
    edge = objects.edge(objects.balancer("hetzner", annotations={HETZNER: "true"}))
    plan = objects.plan(
        full,
        patched,
        gateways=[objects.gateway(POLICIES[policy])],
        edges=[edge],
        propagated={HETZNER: "false,true", "example.com/note": ""},
        tenant="00",
    )
    renderers = (
        service,
        load_balancer,
        envoy_service,
        traffic_policy,
        envoy_proxy,
        tenant,
    )
    found = [draft for module in renderers for draft in module.drafts(plan)]
    texts = {"web.nginx.conf": "# a\n\nserver {}\n", "web.nginx-probe.conf": NOTE}
    found += config_map.drafts("acme", [(backend_file(BackendKind.NGINX), texts)])
    return [*found, *kustomization.drafts("acme", found)]


def objects_of(*kinds: Kind) -> Iterator[Any]:
    return (objects.object_of(draft) for draft in drafts() if draft.kind in kinds)


def test_every_kind_of_object_is_looked_at() -> None:
    programs_own = {
        Kind.ENVOY_BOOTSTRAP,
        Kind.ENVOY_BOOTSTRAP_XDS,
        Kind.CILIUM,
        Kind.INGRESS_NGINX,
        *(Kind(each) for each in BackendKind if each != BackendKind.OTHER),
    }

    # A patch is no object: test_pod_patches.py applies it to some.
    assert set(Kind) - programs_own - {Kind.POD_PATCH} == {
        draft.kind for draft in drafts()
    }


@pytest.mark.parametrize("release", ["1.30", "1.37"])
def test_kubernetes_accepts_services_and_config_maps(release: str) -> None:
    found = list(objects_of(Kind.SERVICE, Kind.ENVOY_SERVICE, Kind.CONFIG_MAP))

    assert 6 == len(found)
    for each in found:
        kubernetes_validate.validate(each, release, strict=True)


def test_kubernetes_refuses_a_field_that_it_does_not_know() -> None:
    first = next(objects_of(Kind.SERVICE))
    first["spec"]["externalTrafficPolice"] = "Local"

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(first, "1.37", strict=True)


def test_values_are_those_that_the_api_server_takes() -> None:
    # Its schema leaves enumerations and ranges to code: `local` and 99999 pass it.
    for each in objects_of(Kind.SERVICE, Kind.ENVOY_SERVICE, Kind.LOAD_BALANCER):
        spec = each["spec"]
        assert spec.get("externalTrafficPolicy", "Local") in {"Local", "Cluster"}
        assert spec.get("sessionAffinity", "ClientIP") == "ClientIP"
        assert spec.get("type", "LoadBalancer") in {"LoadBalancer", "ClusterIP"}
        for port in spec.get("ports", []):
            assert port["protocol"] in {"TCP", "UDP"}
            assert 0 < port["port"] < 65536
            assert 0 < port.get("nodePort", 30000) < 65536


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("kind", CRDS)
def test_custom_resources_hold_no_field_that_their_crd_does_not(
    kind: str, policy: str
) -> None:
    found = [objects.object_of(draft) for draft in drafts(policy)]
    ours = [each for each in found if each["kind"] == kind]

    assert ours
    for each in ours:
        for crd in CRDS[kind]:
            assert [] == complaints(each, crd)


@pytest.mark.parametrize("kind", CRDS)
def test_closed_crds_refuse_a_field_that_they_do_not_know(kind: str) -> None:
    found = [objects.object_of(draft) for draft in drafts()]
    first = next(each for each in found if each["kind"] == kind)
    first["spec"]["proxyProtocoll"] = {}

    for crd in CRDS[kind]:
        assert complaints(first, crd)


@pytest.mark.parametrize("policy", POLICIES)
def test_traffic_policy_keeps_the_rules_that_stand_in_the_crd_as_code(
    policy: str,
) -> None:
    (ours,) = (
        objects.object_of(each)
        for each in drafts(policy)
        if each.kind is Kind.CLIENT_TRAFFIC_POLICY
    )
    spec = ours["spec"]

    # "either targetRef or targetRefs must be used"
    assert "targetRef" not in spec
    for target in spec["targetRefs"]:
        assert "gateway.networking.k8s.io" == target["group"]
        assert "Gateway" == target["kind"]
    # "only one of numTrustedHops or trustedCIDRs must be set"; 1.9 also wants exactly
    # one of xForwardedFor, customHeader and directSourceIP.
    detection = spec.get("clientIPDetection", {"xForwardedFor": {"numTrustedHops": 1}})
    assert ["xForwardedFor"] == list(detection)
    assert 1 == len(detection["xForwardedFor"])
    assert detection["xForwardedFor"].get("numTrustedHops") != 0


def write(found: list[Draft], folder: Path) -> None:
    for draft in found:
        target = folder / draft.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(objects.text_of(draft).encode())


def kustomize(folder: Path) -> list[Any]:
    done = subprocess.run(
        [programs.kubectl(), "kustomize", folder],
        capture_output=True,
        text=True,
        env={"HOME": str(folder), "PATH": os.defpath},
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr)
    return read_alike(done.stdout)


@pytest.mark.parametrize("cluster", ["management", "tenants/00", "tenants/primary"])
def test_kubectl_builds_what_the_kustomization_lists(
    tmp_path: Path, cluster: str
) -> None:
    found = drafts()
    write(found, tmp_path)

    built = kustomize(tmp_path / cluster)

    listed = [
        objects.object_of(each)
        for each in found
        if each.role is Role.APPLY and each.path.startswith(f"{cluster}/")
    ]
    assert listed
    assert sorted(map(repr_sorted, listed)) == sorted(map(repr_sorted, built))


def test_patch_changes_annotations_and_policy_of_a_charts_service(
    tmp_path: Path,
) -> None:
    write([each for each in drafts() if each.path.endswith(".patch.yaml")], tmp_path)
    (patch,) = tmp_path.rglob("*.patch.yaml")
    chart = """\
apiVersion: v1
kind: Service
metadata: {name: chart, namespace: default, annotations: {chart: "1"}}
spec: {type: LoadBalancer, ports: [{name: web, port: 80}], selector: {app: web}}
"""
    (tmp_path / "chart.yaml").write_text(chart)
    (tmp_path / "kustomization.yaml").write_text(
        f"resources: [chart.yaml]\npatches: [{{path: {patch.relative_to(tmp_path)}}}]\n"
    )

    (built,) = kustomize(tmp_path)

    expected = read_one(chart)
    expected["metadata"]["annotations"] |= objects.PROXY
    expected["metadata"]["annotations"] |= {"example.com/note": NOTE, HETZNER: "true"}
    expected["spec"]["externalTrafficPolicy"] = "Local"
    assert expected == built


def repr_sorted(node: Any) -> str:  # noqa: ANN401 - any YAML
    """The same text for equal nodes, whatever the order of their keys."""
    if isinstance(node, dict):
        pairs = (f"{key!r}: {repr_sorted(node[key])}" for key in sorted(node))
        return f"{{{', '.join(pairs)}}}"
    if isinstance(node, list):
        return f"[{', '.join(map(repr_sorted, node))}]"
    return repr(node)
