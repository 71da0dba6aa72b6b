"""The facts that one owner hands to another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.api import export, from_data, render, silent_tenants
from kubelb_gen.errors import SpecError, UsageError

if TYPE_CHECKING:
    from kubelb_gen.model import Fleet

Data = dict[str, Any]

NGINX = {"kind": "nginx", "upstream": "127.0.0.1:3000"}


def document(kind: str, **spec: Any) -> Data:  # noqa: ANN401  any part of a spec
    head = {"apiVersion": "kubelb-gen/v1alpha1", "kind": kind}
    return {**head, "metadata": {"name": "acme"}, "spec": spec}


def management(**spec: Any) -> Data:  # noqa: ANN401  any part of a spec
    given = {"loadBalancer": {"provider": "metallb-bgp"}, **spec.pop("management", {})}
    kubelb = {"version": "1.4.3", "edition": "EE"}
    return document("ManagementSpec", kubelb=kubelb, management=given, **spec)


def tenant(name: str, **fields: Any) -> Data:  # noqa: ANN401  any part of a tenant
    fields = {"internalCIDRs": ["10.2.0.0/16"], **fields}
    return document("TenantSpec", tenants=[{"name": name, **fields}])


def gateway(**more: Any) -> Data:  # noqa: ANN401  any part of a gateway
    backend = {"name": "app", "port": 80, "route": {"kind": "HTTPRoute", "name": "app"}}
    wish = more.pop("wish", {})
    return {
        "name": "kubelb",
        "namespace": "shop",
        "backends": [backend | NGINX | wish],
        **more,
    }


def ingress(**more: Any) -> Data:  # noqa: ANN401  any part of an ingress
    return {
        "name": "shop",
        "namespace": "shop",
        "backends": [{"name": "shop", "port": 80} | NGINX],
        **more,
    }


def spec_of(fleet: Fleet, name: str) -> Data:
    found: Data = export(fleet, name)["spec"]
    return found


def test_a_header_that_others_need_is_told_without_them() -> None:
    """The edge expects PROXY of all connections, those for one tenant's too."""
    ignored = {"clientIP": "ignored", "because": "a test"}
    base = management(management={"loadBalancer": {"provider": "hetzner"}})
    a = tenant("a", gateways=[gateway(wish=ignored)])
    b = tenant("b", gateways=[gateway()])
    facts = export(from_data(base, a, b), "a")
    path = "tenants/a/shop/kubelb.clienttrafficpolicy.yaml"

    assert [{"name": "default", "others": {"wantClient": True}}] == facts["spec"][
        "management"
    ]["edges"]
    assert render(from_data(base, a, b))[path] == render(from_data(facts, a))[path]
    assert path not in render(from_data(base, a))


def test_proxies_of_others_that_keep_the_list_are_told_without_them() -> None:
    base = management(management={"edges": [{"name": "in", "kind": "ingress-nginx"}]})
    a = tenant("a", ingresses=[ingress()])
    b = tenant("b", ingresses=[ingress(trustedProxies={"count": 1, "onlyWayIn": True})])
    fleet = from_data(base, a, b)

    assert {"wantClient": True, "keepList": True} == spec_of(fleet, "a")["management"][
        "edges"
    ][0]["others"]
    assert {"wantClient": True} == spec_of(fleet, "b")["management"]["edges"][0][
        "others"
    ]


def test_facts_of_facts_are_the_same_facts() -> None:
    base = management(management={"edges": [{"name": "in", "kind": "ingress-nginx"}]})
    a = tenant("a", ingresses=[ingress()])
    b = tenant("b", ingresses=[ingress(trustedProxies={"count": 1, "onlyWayIn": True})])
    facts = export(from_data(base, a, b), "a")

    assert facts == export(from_data(facts, a), "a")


def test_the_owner_of_an_edge_may_tell_of_tenants_that_are_nowhere() -> None:
    others = {"wantClient": True}
    edge = {"name": "eg", "others": others}
    base = management(
        management={"loadBalancer": {"provider": "linode"}, "edges": [edge]}
    )
    path = "management/edges/eg.envoyproxy.yaml"

    assert '-protocol: "v2"' in render(from_data(base))[path].text
    assert (
        others
        == spec_of(from_data(base, tenant("a", gateways=[gateway()])), "a")[
            "management"
        ]["edges"][0]["others"]
    )


def test_what_the_management_cluster_does_for_a_tenant_goes_with_it() -> None:
    balancers = {"metal": {"class": "vip"}, "other": {"class": "vip"}}
    base = management(
        management={"loadBalancers": balancers},
        tenants=[
            {"name": "a", "loadBalancer": "metal", "egressCIDRs": ["10.3.0.0/16"]},
            {"name": "b", "loadBalancer": "other"},
        ],
    )
    spec = spec_of(from_data(base), "a")

    assert ["metal"] == list(spec["management"]["loadBalancers"])
    assert [
        {"name": "a", "loadBalancer": "metal", "egressCIDRs": ["10.3.0.0/16"]}
    ] == spec["tenants"]


def test_what_the_tenant_says_itself_is_not_repeated() -> None:
    base = management(management={"loadBalancers": {"metal": {"class": "vip"}}})
    a = tenant("a", loadBalancer="metal")
    fleet = from_data(base, a)

    assert [{"name": "a"}] == spec_of(fleet, "a")["tenants"]
    assert from_data(export(fleet, "a"), a).tenants == fleet.tenants


def test_a_tenant_of_which_only_the_name_is_known_gets_what_nobody_has_taken() -> None:
    base = management(
        cidrSets={"free": ["192.0.2.0/24"], "taken": ["198.51.100.0/24"]},
        profiles={"free": {"labels": {"a": "b"}}, "taken": {"labels": {"a": "c"}}},
        management={"edges": [{"name": "free"}, {"name": "taken"}]},
        tenants=[{"name": "a"}, {"name": "b"}],
    )
    b = tenant(
        "b",
        internalCIDRs=["$taken"],
        gateways=[gateway(edge="taken")],
        services=[
            {
                "name": "web",
                "namespace": "shop",
                "selector": {"app": "web"},
                "profile": "taken",
                "ports": [{"port": 80}],
                "backend": {"kind": "other", "proxyProtocol": "required"},
            }
        ],
    )
    spec = spec_of(from_data(base, b), "a")

    assert {"free"} == {*spec["cidrSets"], *spec["profiles"]} - {"taken"}
    assert "taken" not in str(spec)
    assert ["free"] == [each["name"] for each in spec["management"]["edges"]]
    assert "free" not in str(spec_of(from_data(base, b), "b"))


def test_a_set_of_a_profile_goes_with_the_profile() -> None:
    backend = {"kind": "other", "proxyProtocol": "required", "trustedCIDRs": ["$own"]}
    base = management(
        cidrSets={"own": ["192.0.2.0/24"], "free": ["198.51.100.0/24"]},
        profiles={"web": {"backend": backend}},
    )
    service = {"name": "w", "namespace": "n", "selector": {"a": "b"}, "profile": "web"}
    a = tenant("a", services=[service | {"ports": [{"port": 80}]}])

    assert ["own"] == list(spec_of(from_data(base, a), "a")["cidrSets"])


def test_what_is_free_brings_what_it_uses() -> None:
    backend = {"kind": "other", "proxyProtocol": "required", "trustedCIDRs": ["$own"]}
    base = management(
        cidrSets={"own": ["192.0.2.0/24"]},
        profiles={"web": {"backend": backend}},
        tenants=[{"name": "a"}, {"name": "b"}],
    )
    b = tenant("b", internalCIDRs=["$own"])
    spec = spec_of(from_data(base, b), "a")

    assert (["web"], ["own"]) == (list(spec["profiles"]), list(spec["cidrSets"]))


def test_facts_are_the_readers_own_to_change() -> None:
    fleet = from_data(management(tenants=[{"name": "a"}]))
    export(fleet, "a")["spec"]["management"].clear()

    assert spec_of(fleet, "a")["management"]


@pytest.mark.parametrize(
    ("accepted", "told"),
    [
        ({"tenant": "a"}, "a lab"),
        ({"tenant": "b"}, None),
        ({}, "accepted for all tenants by the owner of the management cluster"),
        ({"service": "app"}, "accepted for all tenants by the owner of the"),
        ({"service": "theirs"}, None),
        ({"namespace": "elsewhere"}, None),
    ],
)
def test_what_is_accepted_goes_with_whom_it_is_about(
    accepted: Data, told: str | None
) -> None:
    rule = {"rule": "trust-range-wide", "reason": "a lab", **accepted}
    base = management(tenants=[{"name": "a"}, {"name": "b"}], suppress=[rule])
    a = tenant("a", gateways=[gateway()])
    found = spec_of(from_data(base, a), "a").get("suppress", [])

    assert (told is not None) == bool(found)
    assert all(each["reason"].startswith(str(told)) for each in found)


def test_a_tenant_that_does_not_exist_is_answered_with_one_that_does() -> None:
    base = management(tenants=[{"name": "team-a"}])

    with pytest.raises(UsageError, match="did you mean 'team-a'"):
        export(from_data(base), "taem-a")
    with pytest.raises(UsageError, match="one of: team-a"):
        export(from_data(base), "x")


def test_a_tenant_without_a_load_balancer_is_told() -> None:
    base = management(
        management={"loadBalancers": {"metal": {"class": "vip"}}},
        tenants=[{"name": "a", "loadBalancer": "metal"}, {"name": "b"}],
    )
    del base["spec"]["management"]["loadBalancer"]

    with pytest.raises(SpecError, match="tenant 'b' names no loadBalancer"):
        export(from_data(base), "b")


def test_tenants_that_say_nothing_are_known_by_name() -> None:
    base = management(tenants=[{"name": each} for each in "abc"])

    assert ("c",) == silent_tenants(from_data(base, tenant("b")), "a")


def test_a_fleet_made_by_hand_has_nothing_to_export() -> None:
    fleet = from_data(management(tenants=[{"name": "a"}]))

    with pytest.raises(UsageError, match="loaded from"):
        export(replace(fleet, places=None), "a")
