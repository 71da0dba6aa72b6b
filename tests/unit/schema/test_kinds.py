"""Which document is valid as which kind."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kubelb_gen.diagnostics import DataPath
from kubelb_gen.document import Document
from kubelb_gen.schema import FILES, OVERLAY, PARTS, SPEC, schema_of, validate

Data = dict[str, Any]

KUBELB = {"version": "1.4.3"}
MANAGEMENT = {"loadBalancer": {"provider": "metallb-bgp"}}
SERVICE = {
    "name": "web",
    "namespace": "shop",
    "ports": [{"port": 80}],
    "backend": {"kind": "other", "proxyProtocol": "required"},
}
TENANT = {"name": "a", "nodes": ["b"], "services": [SERVICE]}


def document(kind: str, spec: Data) -> Document:
    head = {"apiVersion": "kubelb-gen/v1alpha1", "kind": kind}
    return Document(DataPath("a"), {**head, "metadata": {"name": "a"}, "spec": spec})


@pytest.mark.parametrize("kind", FILES)
def test_a_schema_is_one(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)

    assert kind == schema["title"] == schema["properties"]["kind"]["const"]
    assert schema["$id"].endswith(f"/{FILES[kind]}")


@pytest.mark.parametrize("kind", FILES)
def test_every_object_of_a_schema_is_closed_and_described(kind: str) -> None:
    found = [schema_of(kind)]
    while found:
        each = found.pop()
        if "properties" in each and "if" not in each and "then" not in each:
            # A branch only narrows what is closed around it.
            is_whole = "type" in each
            assert not is_whole or each["additionalProperties"] is False
            assert all(
                "description" in one or "enum" in one or "const" in one or not is_whole
                for one in each["properties"].values()
            )
        found += [one for one in each.values() if isinstance(one, dict)]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (SPEC, {"kubelb": KUBELB, "management": MANAGEMENT, "tenants": [TENANT]}),
        ("ManagementSpec", {"kubelb": KUBELB, "management": MANAGEMENT}),
        ("ManagementSpec", {"tenants": [{"name": "a", "egressCIDRs": ["$b"]}]}),
        ("ManagementSpec", {"profiles": {"web": {"labels": {"a": "b"}}}}),
        ("TenantSpec", {"tenants": [TENANT]}),
        (
            "ManagementFacts",
            {"kubelb": KUBELB, "management": MANAGEMENT, "tenants": [{"name": "a"}]},
        ),
        (OVERLAY, {}),
        (OVERLAY, {"kubelb": None, "management": None, "suppress": None}),
        (OVERLAY, {"tenants": [{"name": "a", "services": [{"name": "web"}]}]}),
        (OVERLAY, {"tenants": [{"name": "a", "services": [SERVICE]}]}),
        (OVERLAY, {"management": {"loadBalancers": {"a": None}, "podCIDRs": []}}),
        (OVERLAY, {"management": {"edges": [{"name": "a", "kind": None}]}}),
        (OVERLAY, {"defaults": {"labels": {"a": None}, "backend": {"kind": "nginx"}}}),
    ],
)
def test_what_belongs_to_a_kind_is_taken(kind: str, spec: Data) -> None:
    assert [] == validate(document(kind, spec))


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("ManagementSpec", {"tenants": [TENANT]}, ["misplaced-field"] * 2),
        ("ManagementSpec", {"defaults": {}}, ["misplaced-field"]),
        ("TenantSpec", {}, ["missing-field"]),
        ("TenantSpec", {"tenants": [TENANT, TENANT]}, ["too-many"]),
        ("TenantSpec", {"tenants": [TENANT], "kubelb": KUBELB}, ["misplaced-field"]),
        ("ManagementFacts", {"kubelb": KUBELB}, ["missing-field"] * 2),
        (OVERLAY, {"tenants": [{"nodes": ["a"]}]}, ["missing-field"]),
        (OVERLAY, {"tenants": [{"name": "a", "nodes": [None]}]}, ["wrong-type"]),
        (OVERLAY, {"suppress": [{"rule": "a"}]}, ["missing-field"]),
        (OVERLAY, {"kubelb": {"edition": "XE"}}, ["not-one-of"]),
        (OVERLAY, {"kublb": {}}, ["unknown-field"]),
        (
            SPEC,
            {"management": {"edges": [{"name": "a", "others": {}}]}},
            ["unknown-field"],
        ),
    ],
)
def test_what_does_not_is_told(kind: str, spec: Data, told: list[str]) -> None:
    assert told == [each.id for each in validate(document(kind, spec))]


def test_a_kind_in_the_wrong_place_is_led_to_the_right_one() -> None:
    (overlay,) = validate(document(OVERLAY, {}), PARTS)
    (spec,) = validate(document(SPEC, {}), (OVERLAY,))

    assert "--overlay FILE" in str(overlay.hint)
    assert "name it as SPEC" in str(spec.hint)


def test_words_for_null_name_what_else_would_do() -> None:
    (found,) = validate(document(OVERLAY, {"management": {"podCIDRs": 5}}))
    (choice,) = validate(document(OVERLAY, {"kubelb": {"edition": "XE"}}))

    assert "null" in found.message
    assert "one of: CE, EE" == choice.label
