"""The Argo CD plugin, run as its sidecar runs it.

Contract: docs/operator-manual/config-management-plugins.md and cmpserver/plugin of
argoproj/argo-cd.  A command gets the application's folder as working directory, the
Application's env with the prefix ARGOCD_ENV_, its parameters as PARAM_* and as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml

from tests.support import programs, specs
from tests.support.command_line import Done, program_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SEVERAL = specs.tenants("team-a", "team-b")
REPO_SERVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: argocd-repo-server, namespace: argocd}
spec:
  selector: {matchLabels: {app: repo-server}}
  template:
    metadata: {labels: {app: repo-server}}
    spec:
      containers: [{name: argocd-repo-server, image: argocd}]
      volumes:
        - {name: var-files, emptyDir: {}}
        - {name: plugins, emptyDir: {}}
"""


@pytest.fixture(scope="module")
def plugin(repository: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(
        (repository / "deploy/argocd/plugin.yaml").read_text("utf-8")
    )
    return data


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """An application's folder in a repository, with a spec for two tenants."""
    folder = tmp_path / "repository" / "client-ip"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "fleet.yaml").write_text(SEVERAL, "utf-8")
    (folder / "values.yaml").write_text("not: ours\n", "utf-8")
    return folder


@pytest.fixture
def generate(
    plugin: dict[str, Any], application: Path, tmp_path: Path
) -> Callable[..., Done]:
    def generate(parameters: Mapping[str, str] | None = None, **env: str) -> Done:
        told = [
            {"name": key, "string": text} for key, text in (parameters or {}).items()
        ]
        done = subprocess.run(
            [
                *plugin["spec"]["generate"]["command"],
                *plugin["spec"]["generate"]["args"],
            ],
            cwd=application,
            env={
                "PATH": f"{program_folder(tmp_path)}:{os.defpath}",
                "ARGOCD_APP_NAME": "client-ip",
                "ARGOCD_APP_PARAMETERS": json.dumps(told),
                **{
                    f"PARAM_{key.upper()}": text
                    for key, text in (parameters or {}).items()
                },
                **{f"ARGOCD_ENV_{key}": text for key, text in env.items()},
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return generate


def namespaces(done: Done) -> set[str]:
    assert 0 == done.code, done.err
    return {each["metadata"]["namespace"] for each in yaml.safe_load_all(done.out)}


def test_a_parameter_names_the_cluster(generate: Callable[..., Done]) -> None:
    assert {"team-b"} == namespaces(generate({"cluster": "team-b"}))
    assert {"team-a"} == namespaces(generate({"cluster": "team-a", "spec": "specs"}))


def test_so_does_the_applications_env(generate: Callable[..., Done]) -> None:
    done = generate(CLUSTER="team-b", SPEC="specs/fleet.yaml")

    assert {"team-b"} == namespaces(done)


def test_a_parameter_names_an_overlay(
    generate: Callable[..., Done], application: Path
) -> None:
    overlay = (
        "apiVersion: kubelb-gen/v1alpha1\nkind: ClientIPOverlay\n"
        "metadata: {name: acme}\nspec:\n  tenants: [{name: team-a, services: ["
        "{name: web, namespace: team-a, ports: [{name: main, port: 5001}]}]}]\n"
    )
    (application / "staging.yaml").write_text(overlay, "utf-8")
    done = generate({"cluster": "team-a", "overlay": "staging.yaml"})

    assert {"team-a"} == namespaces(done)
    assert "port: 5001" in done.out


def test_one_cluster_needs_no_parameter(
    generate: Callable[..., Done], application: Path
) -> None:
    (application / "specs" / "fleet.yaml").write_text(specs.service(), "utf-8")

    assert {"default"} == namespaces(generate())


@pytest.mark.parametrize(
    ("spec", "parameters", "words"),
    [
        (SEVERAL, {}, "error[cluster-unclear]"),
        (SEVERAL, {"cluster": "team-c"}, "error[nothing-rendered]"),
        (specs.estate(), {}, "error[nothing-rendered]"),
        ("a: 1\n", {}, "error[no-spec]"),
        (specs.service(backend=""), {}, "error["),
    ],
)
def test_an_empty_stream_is_never_printed(
    spec: str,
    parameters: dict[str, str],
    words: str,
    generate: Callable[..., Done],
    application: Path,
) -> None:
    (application / "specs" / "fleet.yaml").write_text(spec, "utf-8")
    done = generate(parameters)

    assert 3 == done.code
    assert "" == done.out
    assert words in done.err


@pytest.mark.parametrize(
    "parameters",
    [
        {"spec": "/etc/passwd"},
        {"overlay": "/etc/passwd"},
        {"overlay": "../secret.yaml"},
        {"spec": "../secret.yaml"},
        {"spec": "specs/../../secret.yaml"},
        {"spec": "-"},
        {"spec": "--help"},
        {"spec": "$(touch pwned)"},
        {"spec": "; touch pwned"},
        {"spec": "specs/*.yaml"},
        {"cluster": "$(touch pwned)"},
        {"cluster": "team-a --help"},
        {"cluster": "x; touch pwned"},
        {"cluster": "--help"},
        {"cluster": "team-a\nteam-b"},
    ],
)
def test_a_hostile_parameter_is_a_name_that_does_not_exist(
    parameters: dict[str, str], generate: Callable[..., Done], application: Path
) -> None:
    (application.parent / "secret.yaml").write_text("password: hunter2\n", "utf-8")
    before = sorted(application.rglob("*"))
    done = generate({"cluster": "team-a", **parameters})

    assert done.code in {2, 3, 4}
    assert "" == done.out
    assert "hunter2" not in done.err
    assert "root:" not in done.err
    assert before == sorted(application.rglob("*"))


def test_discovery_looks_for_one_name_in_the_applications_folder_alone(
    plugin: dict[str, Any], application: Path
) -> None:
    pattern = plugin["spec"]["discover"]["fileName"]
    assert [] == list(application.glob(pattern))
    (application / "kubelb-gen.yaml").write_text(SEVERAL, "utf-8")

    assert [application / "kubelb-gen.yaml"] == list(application.glob(pattern))
    assert [] == list(application.parent.glob(pattern))


def test_announced_defaults_are_what_the_plugin_does_without(
    plugin: dict[str, Any], generate: Callable[..., Done]
) -> None:
    announced = {
        each["name"]: each["string"]
        for each in plugin["spec"]["parameters"]["static"]
        if "string" in each
    }

    assert generate({"cluster": "team-a"}) == generate(
        {"cluster": "team-a", **announced}
    )


def test_the_component_adds_the_sidecar_that_argo_cd_asks_for(
    repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "repo-server.yaml").write_text(REPO_SERVER, "utf-8")
    component = os.path.relpath(repository / "deploy/argocd", tmp_path)
    (tmp_path / "kustomization.yaml").write_text(
        f"namespace: argocd\nresources: [repo-server.yaml]\ncomponents: [{component}]\n"
        "images: [{name: kubelb-gen, newName: registry.example.com/kubelb-gen,"
        " newTag: v1}]\n",
        "utf-8",
    )
    done = subprocess.run(
        [programs.kubectl(), "kustomize", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    found = {each["kind"]: each for each in yaml.safe_load_all(done.stdout)}
    for each in found.values():
        kubernetes_validate.validate(each, "1.37", strict=True)
    pod = found["Deployment"]["spec"]["template"]["spec"]
    sidecar = next(each for each in pod["containers"] if each["name"] == "kubelb-gen")
    volumes = {each["name"]: each for each in pod["volumes"]}
    mounts = {each["mountPath"]: each["name"] for each in sidecar["volumeMounts"]}

    assert ["/var/run/argocd/argocd-cmp-server"] == sidecar["command"]
    assert "registry.example.com/kubelb-gen:v1" == sidecar["image"]
    assert (999, True) == (
        sidecar["securityContext"]["runAsUser"],
        sidecar["securityContext"]["runAsNonRoot"],
    )
    assert set(mounts.values()) <= volumes.keys()
    assert "tmp" not in mounts.values()
    assert (
        found["ConfigMap"]["metadata"]["name"]
        == volumes["kubelb-gen-plugin"]["configMap"]["name"]
    )
    assert "kubelb-gen-plugin" == mounts["/home/argocd/cmp-server/config/plugin.yaml"]
