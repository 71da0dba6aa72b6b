"""Results say which field of which object in which file, and what would do there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import specs
from tests.support.functions import (
    INDEX,
    LOCAL,
    PATH,
    annotated,
    answer,
    resource_list,
    results,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SOUND = specs.service(tenant="nodes: [10.2.0.21]\ninternalCIDRs: [10.2.0.0/16]")
SPEC = annotated(SOUND, {LOCAL: "true", PATH: "specs/acme.yaml", INDEX: "2"})
PORT = "spec.tenants[0].services[0].ports[0]"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (
            lambda text: text.replace("kind: nginx,", "kind: nginxx,"),
            {
                "path": "spec.tenants[0].services[0].backend.kind",
                "currentValue": "nginxx",
                "proposedValue": "nginx",
            },
        ),
        (
            lambda text: text.replace("port: 5000,", 'port: "5000",'),
            {"path": f"{PORT}.port", "currentValue": "5000", "proposedValue": 5000},
        ),
        (
            lambda text: text.replace("/v1alpha1", "/v1"),
            {
                "path": "apiVersion",
                "currentValue": "kubelb-gen/v1",
                "proposedValue": "kubelb-gen/v1alpha1",
            },
        ),
        (
            lambda text: text.replace("port: 5000,", ""),
            {"path": f"{PORT}.port"},
        ),
    ],
)
def test_a_result_names_the_field_and_the_value_that_would_do(
    change: Callable[[str], str], field: dict[str, Any]
) -> None:
    given = change(SPEC)
    assert given != SPEC
    (result,) = results(answer(resource_list(given)).text)
    version = field.get("currentValue") if field["path"] == "apiVersion" else None

    assert field == result["field"]
    assert {"path": "specs/acme.yaml", "index": 2} == result["file"]
    assert {
        "apiVersion": version or "kubelb-gen/v1alpha1",
        "kind": "ClientIPSpec",
        "name": "acme",
    } == result["resourceRef"]


def test_a_rules_finding_stands_there_with_its_designs() -> None:
    text = SPEC.replace("port: 5000,", "port: 53, protocol: UDP,").replace(
        specs.NGINX, "{kind: other, proxyProtocol: none}"
    )
    (result,) = results(answer(resource_list(text)).text)

    assert "client-ip-lost" == result["tags"]["id"]
    assert PORT == result["field"]["path"]
    assert {"design-1", "design-2", "design-3"} <= result["tags"].keys()


def test_a_spec_that_would_be_applied_gets_the_annotation_proposed() -> None:
    (result,) = results(answer(resource_list(SOUND)).text)

    assert "warning" == result["severity"]
    assert {
        "path": f"metadata.annotations['{LOCAL}']",
        "proposedValue": "true",
    } == result["field"]


def test_a_spec_without_a_file_or_name_is_told_of_without_them() -> None:
    (result, *_) = results(
        answer(resource_list(config="apiVersion: kubelb-gen/v1\n")).text
    )

    assert not {"file", "resourceRef", "field"} & result.keys()
