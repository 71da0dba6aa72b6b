"""The real `kubectl kustomize` puts a pod patch on a Deployment of somebody else."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest

import kubelb_gen
from tests.support import programs
from tests.support.wishes import document, service
from tests.support.yaml_readers import read_one

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.wishes import Data

PROBE: Data = {"type": "httpGet", "port": 8081, "path": "/healthz"}
# Of a chart: another image for the backend, and a probe with another handler.
DEPLOYMENT = """\
apiVersion: apps/v1
kind: {kind}
metadata: {{name: shop, namespace: default}}
spec:
  selector: {{matchLabels: {{app: shop}}}}
{more}
  template:
    metadata:
      labels: {{app: shop}}
      annotations: {{example.com/note: kept}}
    spec:
      containers:
        - name: app
          image: example.com/shop:1
        - name: proxy
          image: example.com/proxy:1
          ports: [{{containerPort: 5000, name: front}}]
          readinessProbe: {{{handler}, periodSeconds: 3}}
          volumeMounts: [{{name: tls, mountPath: /tls}}]
      volumes:
        - name: tls
          secret: {{secretName: shop-tls}}
"""
HANDLERS = {
    "tcpSocket": "tcpSocket: {port: 5000}",
    "httpGet": "httpGet: {port: front, path: /old, scheme: HTTPS}",
    "exec": "exec: {command: [/bin/true]}",
    "grpc": "grpc: {port: 5000}",
}


def _spec(backend: Data, *more: Data, kind: str = "Deployment") -> Data:
    workload = {"kind": kind, "name": "shop", "container": "proxy"}
    first = service({"backend": backend | {"workload": workload}})
    return document(tenant={"services": [first, *more]})


def _built(tmp_path: Path, spec: Data, target: str) -> dict[str, Any]:
    artifacts = kubelb_gen.render(kubelb_gen.from_data(spec))
    patches = [path for path in artifacts if path.endswith(".pod.patch.yaml")]
    names = [path.rpartition("/")[2] for path in patches]
    for path, name in zip(patches, names, strict=True):
        (tmp_path / name).write_text(artifacts[path].text, "utf-8")
    (tmp_path / "target.yaml").write_text(target, "utf-8")
    lines = ["resources: [target.yaml]", "patches:"]
    lines += [f"  - path: {name}" for name in names]
    (tmp_path / "kustomization.yaml").write_text("\n".join(lines), "utf-8")
    built = subprocess.run(
        [programs.kubectl(), "kustomize", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    document = read_one(built.stdout)
    for release in ("1.30", "1.37"):
        kubernetes_validate.validate(document, release, strict=True)
    pod: dict[str, Any] = document["spec"]["template"]
    return pod


def _target(kind: str = "Deployment", handler: str = "tcpSocket") -> str:
    more = "  serviceName: shop" if kind == "StatefulSet" else ""
    return DEPLOYMENT.format(kind=kind, handler=HANDLERS[handler], more=more)


def _nginx(**more: Any) -> Data:  # noqa: ANN401
    return {"kind": "nginx", "mode": "http", "upstream": "127.0.0.1:8080", **more}


@pytest.mark.parametrize(
    ("kind", "handler"),
    [
        *(("Deployment", handler) for handler in HANDLERS),
        ("StatefulSet", "exec"),
        ("DaemonSet", "grpc"),
    ],
)
def test_a_pod_mounts_probes_and_keeps_what_it_had(
    tmp_path: Path, kind: str, handler: str
) -> None:
    spec = _spec(_nginx(probe=PROBE), kind=kind)

    pod = _built(tmp_path, spec, _target(kind, handler))

    proxy = next(each for each in pod["spec"]["containers"] if each["name"] == "proxy")
    http = {"port": 8081, "path": "/healthz", "scheme": "HTTP"}
    assert {"httpGet": http, "periodSeconds": 3} == proxy["readinessProbe"]
    assert {"/etc/nginx/kubelb-gen", "/tls"} == {
        each["mountPath"] for each in proxy["volumeMounts"]
    }
    assert {"tls", "web-nginx"} == {each["name"] for each in pod["spec"]["volumes"]}
    assert 8081 in {each["containerPort"] for each in proxy["ports"]}
    assert "kept" == pod["metadata"]["annotations"]["example.com/note"]


def test_without_a_probe_the_port_is_connected_to(tmp_path: Path) -> None:
    pod = _built(tmp_path, _spec(_nginx()), _target(handler="httpGet"))

    proxy = pod["spec"]["containers"][0]
    assert {"periodSeconds", "tcpSocket"} == proxy["readinessProbe"].keys()


def test_pods_restart_when_any_configuration_of_theirs_changes(tmp_path: Path) -> None:
    def digest(*upstreams: str) -> str:
        workload = {"name": "shop", "container": "proxy", "mountPath": "/etc/second"}
        second = _nginx(upstream=upstreams[1], workload=workload)
        beside = service({"backend": second, "nodePort": 30900}) | {"name": "second"}
        folder = tmp_path / "".join(upstreams).replace(":", "-")
        folder.mkdir()
        spec = _spec(_nginx(upstream=upstreams[0]), beside)
        pod = _built(folder, spec, _target())
        return str(pod["metadata"]["annotations"]["kubelb-gen/config-sha256"])

    digests = [
        digest(*each) for each in (("a:1", "b:1"), ("a:2", "b:1"), ("a:1", "b:2"))
    ]

    assert 3 == len(set(digests))


def test_no_kustomization_of_ours_lists_a_patch_for_what_is_not_ours() -> None:
    artifacts = kubelb_gen.render(kubelb_gen.from_data(_spec(_nginx())))

    listed = artifacts["tenants/primary/kustomization.yaml"].text

    assert "configmap" in listed
    assert "pod.patch" not in listed


def test_the_digest_is_that_of_the_config_map() -> None:
    artifacts = kubelb_gen.render(kubelb_gen.from_data(_spec(_nginx())))
    annotation = "kubelb-gen/config-sha256"
    folder = "tenants/primary/default/web.nginx"
    patch = read_one(artifacts[f"{folder}.pod.patch.yaml"].text)
    config_map = read_one(artifacts[f"{folder}.configmap.yaml"].text)

    assert (
        config_map["metadata"]["annotations"][annotation]
        == patch["spec"]["template"]["metadata"]["annotations"][annotation]
    )
