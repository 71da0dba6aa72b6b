"""A plan is cut by the files in which its Services stand, and nothing is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kubelb_gen import api
from kubelb_gen.cache.parts import cut
from kubelb_gen.plan.decide import make_plan
from tests.support.leaves import ITSELF, context, document, leaf, service, texts

if TYPE_CHECKING:
    from kubelb_gen.plan import Plan

APP: dict[str, Any] = {
    "name": "app",
    "kind": "nginx",
    "listen": 8080,
    "upstream": "127.0.0.1:3000",
    "route": {"kind": "HTTPRoute", "name": "app"},
    "port": 80,
    "nodePort": 31080,
}
GATEWAY: dict[str, Any] = {"name": "g", "namespace": "default", "backends": [APP]}


def planned() -> Plan:
    base = context({"edges": [{"name": "eg"}], "podCIDRs": ["10.1.0.0/16"]})
    own = service("own", 30000)
    base["spec"]["tenants"] = [ITSELF | {"services": [own], "gateways": [GATEWAY]}]
    both = leaf(service("b", 30002), service("c", 30003))
    two = {"name": "other", "services": [service("d", 30001)]}
    both["spec"]["tenants"].append(ITSELF | two)
    files = {
        "base.json": base,
        "a.json": leaf(service("a", 30001)),
        "both.json": both,
        "none.json": document({"tenants": [{"name": "primary"}]}),
    }
    assert json.dumps(files)
    return make_plan(api.from_sources(texts(files)))


def services(plan: Plan) -> list[tuple[str, str]]:
    return [
        (tenant.tenant.name, each.service.name)
        for tenant in plan.tenants
        for each in tenant.services
    ]


def backends(plan: Plan) -> list[str]:
    return sorted(each.name for tenant in plan.tenants for each in tenant.backends)


def test_each_service_is_in_one_part() -> None:
    parts = cut(planned(), ["a.json", "both.json", "none.json"])
    leaves = {name: services(each.alone) for name, each in parts.leaves.items()}

    assert [("primary", "own")] == services(parts.rest)
    assert {
        "a.json": [("primary", "a")],
        "both.json": [("other", "d"), ("primary", "b"), ("primary", "c")],
        "none.json": [],
    } == leaves
    for each in parts.leaves.values():
        assert services(each.alone) == services(each.judged)
        for tenant in (*each.alone.tenants, *each.judged.tenants):
            own = tuple(one.service for one in tenant.services)
            assert own == tenant.tenant.services


def test_what_is_behind_gateways_is_judged_with_each_and_brought_by_none() -> None:
    parts = cut(planned(), ["a.json", "both.json"])

    assert ["app", "own"] == backends(parts.rest)
    part = parts.leaves["a.json"]
    assert ["a", "app"] == backends(part.judged)
    assert ["a"] == backends(part.alone)
    assert not any(each.gateways for each in part.alone.tenants)
    assert any(each.gateways for each in part.judged.tenants)


def test_of_no_leaf_all_is_the_rest() -> None:
    plan = planned()
    parts = cut(plan, [])

    assert {} == parts.leaves
    assert services(plan) == services(parts.rest)
    assert backends(plan) == backends(parts.rest)
