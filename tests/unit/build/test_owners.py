"""Documents of several owners, and what none of them may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.specs import (
    KUBELB,
    MANAGEMENT,
    NGINX,
    PORT,
    fleet,
    problem,
    problems,
    spec,
)

if TYPE_CHECKING:
    from kubelb_gen.diagnostics import Diagnostic

HEAD = "apiVersion: kubelb-gen/v1alpha1\nkind: {}\nmetadata: {{name: acme}}\n"
TO_MANAGEMENT = "the owner of the management cluster says it, in a ManagementSpec"
TENANTS = "tenants: [{name: team-a}, {name: team-b}]\n"


def of_management(more: str = TENANTS) -> str:
    return spec(KUBELB + MANAGEMENT + more, HEAD.format("ManagementSpec"))


def of_tenant(name: str = "team-a", more: str = "") -> str:
    service = f"{{name: web, namespace: n, selector: {{a: b}}, backend: {NGINX}"
    body = f"tenants: [{{name: {name}, services: [{service}, ports: [{PORT}]}}]}}]\n"
    return spec(body + more, HEAD.format("TenantSpec"))


def facts(name: str = "team-a", more: str = "") -> str:
    body = f"{KUBELB}{MANAGEMENT}tenants: [{{name: {name}}}]\n{more}"
    return spec(body, HEAD.format("ManagementFacts"))


def told(found: Diagnostic) -> tuple[str, str | None]:
    return found.message, found.hint


def test_owners_parts_make_one_fleet_in_any_order() -> None:
    parts = [of_management(), of_tenant("team-a"), of_tenant("team-b")]

    assert ["team-a", "team-b"] == [each.name for each in fleet(*parts).tenants]
    assert fleet(*parts) == fleet(*reversed(parts))
    assert fleet(*parts).facts_of is None


def test_a_tenant_of_which_nothing_is_said_is_told_and_left_out() -> None:
    found = problem(of_management(), of_tenant("team-a"))

    assert "tenant-unstated" == found.id
    assert "nothing is said of tenant 'team-b'" in found.message
    assert ["team-a"] == [
        each.name for each in fleet(of_management(), of_tenant("team-a")).tenants
    ]


def test_many_silent_tenants_are_told_at_once() -> None:
    names = ", ".join(f"{{name: t{number}}}" for number in range(8))
    found = problem(of_management(f"tenants: [{names}]\n"))

    assert "'t4' and 3 more" in found.message


def test_a_tenant_alone_is_told_how_to_get_its_facts() -> None:
    found = problem(of_tenant())

    assert "missing-facts" == found.id
    assert found.hint is not None
    assert "kubelb-gen export --tenant team-a SPEC > facts.yaml" in found.hint


def test_what_else_is_wrong_with_a_tenant_alone_is_told_too() -> None:
    text = of_tenant().replace("nodePort: 30500", "nodePort: 80")

    assert {"missing-facts", "node-port-range"} == {each.id for each in problems(text)}


def test_facts_are_of_one_tenant() -> None:
    assert "team-a" == fleet(facts(), of_tenant()).facts_of
    found = problem(facts("team-b"), of_tenant("team-a"))

    assert (
        "the ManagementFacts are for tenant 'team-b', this is 'team-a'",
        "'kubelb-gen export --tenant team-a' writes those of this one",
    ) == told(problems(facts("team-b"), of_tenant("team-a"))[-1])
    assert "another-tenant" == found.id


def test_facts_are_no_company_for_what_they_are_facts_of() -> None:
    for other in (of_management(), facts("team-b")):
        found = problems(facts(), other, of_tenant("team-b"))

        assert {"defined-twice"} == {each.id for each in found}


def test_what_facts_do_not_hold_is_to_be_asked_for() -> None:
    text = of_tenant().replace("{name: team-a,", "{name: team-a, loadBalancer: l7,")
    found = problem(facts(), text)

    assert (
        "loadBalancers: default; facts hold what the tenant used when they were "
        "exported: ask for new ones"
    ) == found.hint


def test_facts_alone_are_told_to_be_half() -> None:
    assert "for which these facts are" in problem(facts()).message


def test_a_tenant_that_is_not_listed_is_told() -> None:
    found = problem(of_management(), of_tenant("team-a"), of_tenant("taem-b"))

    assert (
        "tenant 'taem-b' is not among the tenants of the ManagementSpec",
        "did you mean 'team-b'?",
    ) == told(found)


def test_without_a_list_every_tenant_may_come() -> None:
    assert ["team-x"] == [
        each.name for each in fleet(of_management(""), of_tenant("team-x")).tenants
    ]


def test_an_owner_says_nothing_twice() -> None:
    listed = "tenants: [{name: team-a, loadBalancer: default}]\n"
    tenant = of_tenant().replace("{name: team-a,", "{name: team-a, loadBalancer: l7,")

    assert "defined-twice" in {
        each.id for each in problems(of_management(listed), tenant)
    }


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        (KUBELB, TO_MANAGEMENT),
        (
            MANAGEMENT,
            TO_MANAGEMENT,
        ),
        (
            "defaults: {labels: {a: b}}",
            "put them below the tenant, as tenants[0].defaults",
        ),
        (
            "suppress: []",
            f"{TO_MANAGEMENT}, with 'tenant'",
        ),
    ],
)
def test_a_tenant_spec_holds_one_tenant_and_nothing_else(more: str, hint: str) -> None:
    found = problem(facts(), of_tenant(more=more))
    field = more.partition(":")[0]

    assert "misplaced-field" == found.id
    assert (
        f"'{field}' cannot be set here: a TenantSpec holds one tenant and nothing else",
        hint,
    ) == told(found)


@pytest.mark.parametrize(
    ("tenants", "ids"),
    [
        ("tenants: []", {"empty"}),
        ("tenants: [{name: team-a}, {name: team-b}]", {"too-many"}),
        ("tenants: [{nodes: [a]}]", {"missing-field"}),
    ],
)
def test_a_tenant_spec_holds_exactly_one_tenant(tenants: str, ids: set[str]) -> None:
    text = spec(tenants, HEAD.format("TenantSpec"))

    assert ids == {each.id for each in problems(facts(), text)}


def test_a_tenants_own_facts_are_not_its_providers_to_say() -> None:
    found = problem(of_management("tenants: [{name: a, nodes: [b]}]\n"))

    assert (
        "'nodes' cannot be set here: it is a fact about the tenant's own cluster",
        "the owner of the tenant says it, in a TenantSpec",
    ) == told(found)


def test_a_spec_of_the_whole_takes_a_tenant_spec_beside_it() -> None:
    whole = spec(KUBELB + MANAGEMENT)

    assert ["team-a"] == [each.name for each in fleet(whole, of_tenant()).tenants]
