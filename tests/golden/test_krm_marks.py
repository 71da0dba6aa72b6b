"""Objects of every example become items: what they were, with annotations more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import kubelb_gen
from kubelb_gen.krm.item import Item
from kubelb_gen.krm.marking import identity, marked
from tests.support import specs
from tests.support.yaml_readers import read_one

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kubelb_gen import Artifact

PLAIN = "callers: [internet, cluster]"
MORE = {"a/path": "x: y", "internal.config.kubernetes.io/path": 'no "way"\n'}


def applied(examples: Path) -> Iterator[Artifact]:
    for folder in sorted(examples.iterdir()):
        several = folder / "specs"
        spec = several if several.is_dir() else folder / "spec.yaml"
        for each in kubelb_gen.render(kubelb_gen.load(spec)).values():
            if each.role == "apply":
                yield each


@pytest.fixture(scope="module")
def artifacts(examples: Path) -> list[Artifact]:
    return list(applied(examples))


def test_an_item_is_the_object_with_its_marks(artifacts: list[Artifact]) -> None:
    before = Item(data={"metadata": {"annotations": MORE}}, text="")
    kept = {key: text for key, text in MORE.items() if "config" in key}
    without = 0
    for artifact in artifacts:
        expected: Any = read_one(artifact.text)
        without += "annotations" not in expected["metadata"]
        annotations = expected["metadata"].setdefault("annotations", {})
        annotations |= {"kubelb-gen/owner": "acme/x", **kept}
        item = marked(artifact, "acme/x", before)

        assert expected == read_one(item.text), artifact.path
        assert item.identity == identity(artifact)
        assert expected["metadata"]["name"] == identity(artifact).name
        assert expected["metadata"].get("namespace", "") == identity(artifact).namespace
        assert expected["kind"] == identity(artifact).kind

    assert without
    assert len(artifacts) > without


def test_a_service_for_pods_has_no_annotation_but_ours() -> None:
    ports = "{name: main, port: 5000, nodePort: 30500, plain: {port: 8082}}"
    fleet = kubelb_gen.from_data(read_one(specs.service(ports, more=PLAIN)))
    path = "tenants/primary/default/web-plain.service.yaml"
    item = marked(kubelb_gen.render(fleet)[path], "acme/primary", None)

    assert {"kubelb-gen/owner": "acme/primary"} == {
        key: text
        for key, text in read_one(item.text)["metadata"]["annotations"].items()
        if "config" not in key
    }
