"""Every file of every example is accepted by the program that reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import kubernetes_validate
import pytest

from kubelb_gen.model import BackendKind, Emit
from tests.support import crds, programs, servers
from tests.support.estates import backend_file, text
from tests.support.yaml_readers import read_alike

ROOT = Path(__file__).resolve().parents[2]
RENDERED = sorted((ROOT / "examples").glob("*/rendered"))


def _files(pattern: str) -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for folder in RENDERED
        for path in sorted(folder.rglob(pattern))
    ]


@pytest.mark.parametrize("path", _files("*.yaml"))
def test_readers_of_yaml_1_1_and_1_2_get_equal_values(path: str) -> None:
    assert read_alike((ROOT / path).read_text("utf-8"))


@pytest.mark.parametrize("path", _files("envoy-bootstrap*.yaml"))
def test_envoy_accepts_the_bootstrap(path: str) -> None:
    verdict = servers.envoy_verdict(ROOT / path)

    assert verdict.accepted, verdict.output


@pytest.mark.parametrize("path", _files("*.haproxy.cfg"))
def test_haproxy_accepts_the_backend_without_a_warning(path: str) -> None:
    verdict = servers.haproxy_verdict(ROOT / path)

    assert verdict.accepted, verdict.output


@pytest.mark.parametrize("path", _files("*.nginx*.conf"))
def test_nginx_accepts_the_fragment(path: str, tmp_path: Path) -> None:
    fragment = (ROOT / path).read_text("utf-8")
    inside_stream = "Included inside stream { }" in fragment
    main = servers.nginx_main(
        tmp_path,
        http=() if inside_stream else (fragment,),
        stream=(fragment,) if inside_stream else (),
    )
    verdict = servers.nginx_verdict(main)

    assert verdict.accepted, verdict.output
    assert "[warn]" not in verdict.output


@pytest.mark.parametrize("path", _files("*.envoy.yaml"))
def test_envoy_accepts_the_backend(path: str) -> None:
    verdict = servers.envoy_verdict(ROOT / path)

    assert verdict.accepted, verdict.output


@pytest.mark.parametrize("path", _files("*.Caddyfile"))
def test_caddy_accepts_the_backend(path: str) -> None:
    verdict = servers.caddy_verdict(ROOT / path)

    assert verdict.accepted, verdict.output


@pytest.mark.parametrize("path", _files("*.apache.conf"))
def test_apache_accepts_the_fragment(path: str, tmp_path: Path) -> None:
    modules = text(backend_file(BackendKind.APACHE, emit=Emit.COMPLETE))
    main = tmp_path / "httpd.conf"
    main.write_text(modules + (ROOT / path).read_text("utf-8"), "utf-8")
    verdict = servers.apache_verdict(main)

    assert verdict.accepted, verdict.output


@pytest.mark.parametrize("path", _files("kustomization.yaml"))
def test_kubectl_builds_the_kustomization(path: str) -> None:
    folder = (ROOT / path).parent
    built = subprocess.run(
        [programs.kubectl(), "kustomize", folder],
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    assert len(read_alike(built.stdout)) == len(
        read_alike((ROOT / path).read_text("utf-8"))[0]["resources"]
    )


def _objects() -> list[tuple[str, str, str]]:
    """Every Kubernetes object: its file, apiVersion and kind.

    A patch of somebody else's workload is a part of one: see `test_pod_patches`.
    """
    found = []
    for path in _files("*.yaml"):
        if path.endswith(".pod.patch.yaml"):
            continue
        document = read_alike((ROOT / path).read_text("utf-8"))[0]
        if "kind" in document and "kustomize" not in document["apiVersion"]:
            found.append((path, document["apiVersion"], document["kind"]))
    return found


@pytest.mark.parametrize("release", ["1.30", "1.37"])
@pytest.mark.parametrize(
    "path", [path for path, version, _ in _objects() if version == "v1"]
)
def test_kubernetes_accepts_the_object_to_the_last_field(
    path: str, release: str
) -> None:
    (document,) = read_alike((ROOT / path).read_text("utf-8"))

    kubernetes_validate.validate(document, release, strict=True)


CRDS = {
    "LoadBalancer": ["kubelb.k8c.io_loadbalancers.crd.yaml"],
    "Tenant": ["kubelb.k8c.io_tenants.crd.yaml"],
    "ClientTrafficPolicy": [
        "clienttrafficpolicies.crd.eg-v1.7.2.yaml",
        "clienttrafficpolicies.crd.yaml",
    ],
}


@pytest.mark.parametrize(
    ("path", "crd"),
    [
        (path, crd)
        for path, version, kind in _objects()
        if version != "v1"
        for crd in CRDS.get(kind, [])
    ],
)
def test_the_closed_custom_resource_definition_accepts_the_object(
    path: str, crd: str
) -> None:
    (document,) = read_alike((ROOT / path).read_text("utf-8"))

    assert not crds.complaints(document, crd)


def test_every_kind_of_object_is_held_to_a_schema() -> None:
    kinds = {kind for _, version, kind in _objects() if version != "v1"}

    # The upstream folder holds no definition of EnvoyProxy.
    assert kinds == {*CRDS, "EnvoyProxy"}
