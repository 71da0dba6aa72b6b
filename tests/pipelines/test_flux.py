"""Flux's objects point at folders that render writes, and that its kustomize builds."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support import programs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def objects(repository: Path) -> list[dict[str, Any]]:
    text = (repository / "deploy" / "flux" / "client-ip.yaml").read_text("utf-8")
    return list(yaml.safe_load_all(text))


def test_each_kustomization_names_a_folder_that_builds(
    objects: list[dict[str, Any]], examples: Path
) -> None:
    paths = [
        each["spec"]["path"] for each in objects if each["kind"] == "Kustomization"
    ]
    assert 2 == len(paths)
    for path in paths:
        done = subprocess.run(
            [programs.kubectl(), "kustomize", examples / "multi-tenant" / path],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

        assert 0 == done.returncode, done.stderr
        assert list(yaml.safe_load_all(done.stdout))


def test_kubelbs_tenant_is_never_pruned(
    objects: list[dict[str, Any]], examples: Path, tmp_path: Path
) -> None:
    patches = [
        patch
        for each in objects
        if each["spec"].get("path") == "./rendered/management"
        for patch in each["spec"]["patches"]
    ]
    rendered = examples / "l4-cloud-proxying-lb" / "rendered" / "management"
    shutil.copytree(rendered, tmp_path / "management")
    kustomization = {"resources": ["management"], "patches": patches}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    built = subprocess.run(
        [programs.kubectl(), "kustomize", tmp_path],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    (tenant,) = yaml.safe_load_all(built.stdout)

    assert ("Tenant", "primary") == (tenant["kind"], tenant["metadata"]["name"])
    assert tenant["metadata"]["annotations"] == {
        "kustomize.toolkit.fluxcd.io/prune": "disabled"
    }
    assert tenant["spec"]["propagatedAnnotations"]


def test_what_kubelb_owns_is_in_no_artifact_and_no_path(
    objects: list[dict[str, Any]], examples: Path
) -> None:
    (source,) = (each for each in objects if each["kind"] == "GitRepository")
    ignored = source["spec"]["ignore"].split()
    top = {path.name for path in (examples / "multi-tenant" / "rendered").iterdir()}

    assert {"/rendered/expected", "/rendered/backends"} <= set(ignored)
    assert {"expected", "backends"} <= top
    for each in objects:
        path = each["spec"].get("path", "./rendered/")
        assert path.startswith("./rendered/")
        assert not path.startswith(("./rendered/expected", "./rendered/backends"))


def test_every_reference_is_to_an_object_here(objects: list[dict[str, Any]]) -> None:
    names = {(each["kind"], each["metadata"]["name"]) for each in objects}
    for each in objects:
        spec = each["spec"]
        if "sourceRef" in spec:
            assert (spec["sourceRef"]["kind"], spec["sourceRef"]["name"]) in names
        for other in spec.get("dependsOn", ()):
            assert ("Kustomization", other["name"]) in names
