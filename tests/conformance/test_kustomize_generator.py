"""The real `kubectl kustomize` runs `kubelb-gen krm` as a generator."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import kubelb_gen
from tests.support import programs, specs
from tests.support.command_line import COMMAND
from tests.support.functions import CLUSTER, annotated

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "kustomize/plugin/kubelb-gen/v1alpha1/clientipspec/ClientIPSpec"
SEVERAL = specs.tenants("team-a", "team-b")
BUILD = ("kustomize", "--enable-alpha-plugins")


@pytest.fixture
def build(tmp_path: Path) -> Builder:
    home = tmp_path / "config"
    plugin = home / PLUGIN
    plugin.parent.mkdir(parents=True)
    plugin.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} krm "$@"\n', "utf-8")
    plugin.chmod(0o755)
    return Builder(tmp_path, home)


class Builder:
    """Folders with kustomizations, and what kubectl makes of them."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self._home = root, home

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def __call__(self, folder: str, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [programs.kubectl(), *(command or BUILD), self.root / folder],
            env=os.environ | {"XDG_CONFIG_HOME": str(self._home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert 0 == done.returncode, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def key(each: dict[str, Any]) -> str:
    return str((each["kind"], each["metadata"]))


def test_a_generator_makes_what_render_does(build: Builder) -> None:
    spec = specs.service()
    build.write("spec.yaml", spec)
    build.write("kustomization.yaml", "generators: [spec.yaml]\n")
    artifacts = kubelb_gen.render(kubelb_gen.from_data(yaml.safe_load(spec)))
    expected = [
        yaml.safe_load(each.text) for each in artifacts.values() if each.role == "apply"
    ]

    assert sorted(expected, key=key) == sorted(objects(build(".")), key=key)


def test_an_overlay_of_the_spec_names_the_cluster(build: Builder) -> None:
    build.write("spec/spec.yaml", SEVERAL)
    build.write("spec/kustomization.yaml", "resources: [spec.yaml]\n")
    for name in ("team-a", "team-b"):
        build.write(
            f"{name}/spec/kustomization.yaml",
            f"resources: [../../spec]\ncommonAnnotations: {{{CLUSTER}: {name}}}\n",
        )
        build.write(f"{name}/kustomization.yaml", "generators: [spec]\n")
        found = objects(build(name))

        assert {name} == {each["metadata"]["namespace"] for each in found}


def test_kustomize_goes_on_with_the_objects(build: Builder) -> None:
    build.write("spec.yaml", specs.service())
    build.write(
        "kustomization.yaml",
        "generators: [spec.yaml]\nnamePrefix: canary-\nnamespace: canary\n",
    )
    found = objects(build("."))

    assert {("canary", "canary-web"), ("canary", "canary-web-nginx")} == {
        (each["metadata"]["namespace"], each["metadata"]["name"]) for each in found
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (specs.service(backend=""), "missing-field"),
        (SEVERAL, "cluster-unclear"),
        (annotated(SEVERAL, {CLUSTER: "team-c"}), "nothing-rendered"),
        (specs.estate(), "nothing-rendered"),
    ],
)
def test_a_build_fails_with_the_reason_and_prints_nothing(
    spec: str, message: str, build: Builder
) -> None:
    build.write("spec.yaml", spec)
    build.write("kustomization.yaml", "generators: [spec.yaml]\n")
    done = build(".")

    assert 1 == done.returncode
    assert "" == done.stdout
    assert f"error[{message}]" in done.stderr


def test_a_spec_for_all_clusters_needs_no_plugin_flag_to_be_refused(
    build: Builder,
) -> None:
    build.write("spec.yaml", specs.service())
    build.write("kustomization.yaml", "generators: [spec.yaml]\n")
    done = build(".", "kustomize")

    assert 1 == done.returncode
    assert "external plugins disabled" in done.stderr


def test_kubectl_skips_a_function_that_is_annotated_for_exec(build: Builder) -> None:
    """The reason for the plugin: exit 0, and nothing was rendered."""
    function = "exec: {path: /bin/false}"
    spec = annotated(specs.service(), {"config.kubernetes.io/function": function})
    build.write("spec.yaml", spec)
    build.write("kustomization.yaml", "generators: [spec.yaml]\n")
    done = build(".")

    assert (0, "") == (done.returncode, done.stdout)
