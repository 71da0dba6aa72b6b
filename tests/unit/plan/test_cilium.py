"""Value sets A to F of the facts about Cilium, and what the agent would refuse."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from itertools import product
from typing import Any

import pytest

from kubelb_gen.checks import (
    cilium_api_server_missing,
    cilium_dispatch_needs_native,
    cilium_native_cidr_missing,
    cilium_platform_routing,
)
from kubelb_gen.model import (
    Cilium,
    Dispatch,
    ForwardingMode,
    Protocol,
    Routing,
    Version,
)
from kubelb_gen.plan.cilium import data_planes, dsr_engages, plan_cilium
from tests.support.cilium import MINORS, cilium, plan_with, refusals

NATIVE, TUNNEL = Routing.NATIVE, Routing.TUNNEL
OPT, GENEVE = Dispatch.OPT, Dispatch.GENEVE
SNAT, DSR, HYBRID = ForwardingMode.SNAT, ForwardingMode.DSR, ForwardingMode.HYBRID
every_minor = pytest.mark.parametrize("version", MINORS, ids=str)

SET_A: dict[str, Any] = {
    "routingMode": "native",
    "ipv4NativeRoutingCIDR": "10.244.0.0/16",
    "autoDirectNodeRoutes": True,
    "kubeProxyReplacement": True,
    "k8sServiceHost": "10.0.0.10",
    "k8sServicePort": 6443,
    "loadBalancer": {"mode": "dsr", "dsrDispatch": "opt"},
    "bpf": {"masquerade": True},
}
BY_GENEVE = {
    "tunnelProtocol": "geneve",
    "loadBalancer": {"mode": "dsr", "dsrDispatch": "geneve"},
}
SET_B = SET_A | BY_GENEVE
SET_C = {
    "routingMode": "tunnel",
    "tunnelProtocol": "geneve",
    "kubeProxyReplacement": True,
    "k8sServiceHost": "10.0.0.10",
    "k8sServicePort": 6443,
    "loadBalancer": {"mode": "dsr", "dsrDispatch": "geneve"},
    "bpf": {"masquerade": True},
}
SET_E = {
    "eni": {"enabled": True},
    "ipam": {"mode": "eni"},
    "routingMode": "native",
    "tunnelProtocol": "geneve",
    "kubeProxyReplacement": True,
    "k8sServiceHost": "10.0.0.10",
    "k8sServicePort": 443,
    "loadBalancer": {"mode": "dsr", "dsrDispatch": "geneve"},
    "bpf": {"masquerade": True},
}


@every_minor
def test_native_routing_with_ip_options_is_set_a(version: Version) -> None:
    assert plan_cilium(cilium(version=version)).values == SET_A


@every_minor
def test_native_routing_with_geneve_is_set_b(version: Version) -> None:
    assert plan_cilium(cilium(version=version, dispatch=GENEVE)).values == SET_B


@every_minor
def test_a_geneve_tunnel_is_set_c(version: Version) -> None:
    facts = cilium(version=version, routing=TUNNEL, dispatch=GENEVE)

    assert plan_cilium(facts).values == SET_C


@every_minor
def test_eni_is_set_e_and_turns_masquerading_back_on_from_118(
    version: Version,
) -> None:
    expected = dict(SET_E)
    if version.minor >= 18:
        expected["enableIPv4Masquerade"] = True

    facts = cilium(
        version=version,
        platform="eni",
        dispatch=GENEVE,
        native_routing_cidr=None,
        pod_routes=None,
        api_server_port=443,
    )
    assert plan_cilium(facts).values == expected


@pytest.mark.parametrize("mode", [SNAT, DSR])
def test_eni_keeps_its_own_masquerading_where_geneve_does_not_need_ours(
    mode: ForwardingMode,
) -> None:
    facts = cilium(platform="eni", native_routing_cidr=None, mode=mode)

    assert not {"bpf", "enableIPv4Masquerade"} & plan_cilium(facts).values.keys()


@every_minor
def test_gke_is_set_b_behind_its_switch(version: Version) -> None:
    expected = {"gke": {"enabled": True}, "ipam": {"mode": "kubernetes"}} | SET_B
    del expected["autoDirectNodeRoutes"]

    facts = cilium(version=version, platform="gke", dispatch=GENEVE, pod_routes="cloud")
    assert plan_cilium(facts).values == expected


@every_minor
def test_aks_is_set_c_behind_its_switch(version: Version) -> None:
    expected = {"aksbyocni": {"enabled": True}} | SET_C

    facts = cilium(
        version=version, platform="aks-byocni", routing=TUNNEL, dispatch=GENEVE
    )
    assert plan_cilium(facts).values == expected


def test_a_vxlan_tunnel_keeps_its_protocol_under_snat() -> None:
    """Set D: a change of the protocol would interrupt pod traffic for nothing."""
    values = plan_cilium(cilium(routing=TUNNEL, dispatch=GENEVE, mode=SNAT)).values

    assert "tunnelProtocol" not in values
    assert values["loadBalancer"] == {"mode": "snat"}


@pytest.mark.parametrize("pod_routes", ["bgp", "cloud", None])
def test_nodes_route_for_each_other_on_one_layer_2_only(
    pod_routes: str | None,
) -> None:
    values = plan_cilium(cilium(pod_routes=pod_routes)).values

    assert "autoDirectNodeRoutes" not in values


def test_ipv6_is_on_where_its_range_is_stated() -> None:
    values = plan_cilium(
        cilium(ipv6_native_routing_cidr=IPv6Network("fd00:10::/48"))
    ).values

    assert values["ipv6"] == {"enabled": True}
    assert values["ipv6NativeRoutingCIDR"] == "fd00:10::/48"


def test_an_overlay_leaves_the_pod_network_alone() -> None:
    own_to_the_cluster = {"eni", "ipam", "gke", "aksbyocni", "autoDirectNodeRoutes"}

    for platform in ("generic", "eni", "gke"):
        values = plan_cilium(cilium(platform=platform, output="overlay")).values
        assert not own_to_the_cluster & values.keys()
        assert values["routingMode"] == "native"


@every_minor
@pytest.mark.parametrize(
    ("routing", "dispatch"), [(NATIVE, OPT), (NATIVE, GENEVE), (TUNNEL, GENEVE)]
)
@pytest.mark.parametrize("mode", ForwardingMode)
def test_an_overlay_alone_is_never_a_snippet_that_the_agent_refuses(
    version: Version, routing: Routing, dispatch: Dispatch, mode: ForwardingMode
) -> None:
    facts = cilium(
        version=version, routing=routing, dispatch=dispatch, mode=mode, output="overlay"
    )

    values = plan_cilium(facts).values
    assert refusals(values, version, kube_proxy=False) == set()


def test_an_overlay_with_snat_says_nothing_of_routing() -> None:
    values = plan_cilium(cilium(mode=SNAT, output="overlay")).values

    assert list(values) == [
        "kubeProxyReplacement",
        "k8sServiceHost",
        "k8sServicePort",
        "loadBalancer",
    ]


def test_no_values_where_none_are_asked_for() -> None:
    assert plan_cilium(cilium(output="none")).values == {}


def test_every_block_of_values_has_its_reason() -> None:
    decided = plan_cilium(cilium(dispatch=GENEVE))

    assert [*decided.reasons] == [
        "routingMode",
        "tunnelProtocol",
        "autoDirectNodeRoutes",
        "kubeProxyReplacement",
        "loadBalancer",
        "bpf",
    ]
    assert all(decided.reasons.values())


@pytest.mark.parametrize(
    ("mode", "protocol", "engages"),
    [
        (SNAT, Protocol.TCP, False),
        (SNAT, Protocol.UDP, False),
        (DSR, Protocol.TCP, True),
        (DSR, Protocol.UDP, True),
        (HYBRID, Protocol.TCP, True),
        (HYBRID, Protocol.UDP, False),
    ],
)
def test_hybrid_is_dsr_for_tcp_alone(
    mode: ForwardingMode, protocol: Protocol, *, engages: bool
) -> None:
    assert dsr_engages(cilium(mode=mode), protocol) is engages


def test_kube_proxy_has_no_dsr() -> None:
    assert not dsr_engages(None, Protocol.TCP)


def test_data_planes_are_those_of_management_and_of_tenants() -> None:
    own, theirs = cilium(), cilium(mode=SNAT)

    assert [*data_planes(plan_with(own, tenant=theirs).fleet)] == [own, theirs]
    assert [*data_planes(plan_with(None, tenant=theirs).fleet)] == [theirs]
    assert [*data_planes(plan_with(None).fleet)] == []


# Against the judge.

ERRORS = (
    cilium_api_server_missing,
    cilium_dispatch_needs_native,
    cilium_native_cidr_missing,
    cilium_platform_routing,
)


def every_cilium(version: Version) -> list[Cilium]:
    return [
        cilium(
            version=version,
            mode=mode,
            routing=routing,
            dispatch=dispatch,
            platform=platform,
            native_routing_cidr=cidr,
            ipv6_native_routing_cidr=six,
            pod_routes=pod_routes,
            api_server_host=host,
            api_server_port=host and 6443,
            kube_proxy_absent=absent,
        )
        for mode, routing, dispatch, platform, cidr, six, pod_routes, host, absent in (
            product(
                ForwardingMode,
                Routing,
                Dispatch,
                ("generic", "eni", "gke", "aks-byocni"),
                (None, IPv4Network("10.0.0.0/8")),
                (None, IPv6Network("fd00::/48")),
                (None, "same-l2"),
                (None, "10.0.0.10"),
                (True, False),
            )
        )
    ]


@every_minor
def test_what_the_agent_or_chart_refuses_is_an_error_and_nothing_else(
    version: Version,
) -> None:
    judged = set()
    for facts in every_cilium(version):
        plan = plan_with(facts)
        assert plan.cilium is not None
        found = refusals(
            plan.cilium.values, version, kube_proxy=not facts.kube_proxy_absent
        )
        told = any(any(rule.check(plan)) for rule in ERRORS)
        assert told is bool(found), (facts, found)
        judged |= found

    # What can go wrong is what a spec can say wrong, and no mistake of ours.
    assert judged == {"R3", "R4", "R6", "R12", "R16", "chart"}


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        # The snippet of KubeLB's guide, which starts on no default install.
        (
            {"kubeProxyReplacement": True, "loadBalancer": {"mode": "dsr"}},
            {"R3", "R4", "R6", "R16"},
        ),
        (SET_A | {"kubeProxyReplacement": False}, {"R1", "R17"}),
        (SET_A | {"kubeProxyReplacement": "strict"}, {"R1", "R17", "R40", "R41"}),
        (SET_A | {"loadBalancer": {"mode": "annotation"}}, {"R2"}),
        (SET_B | {"tunnelProtocol": "vxlan"}, {"R5"}),
        (SET_A | {"loadBalancer": {"mode": "dsr", "dsrDispatch": "ipip"}}, {"R7"}),
        (SET_A | {"ipv6": {"enabled": True}}, {"R13"}),
        (SET_C | {"autoDirectNodeRoutes": True}, {"R14"}),
        (SET_E, {"R18"}),
        (SET_B | {"bpf": {}}, {"R19"}),
        (SET_A | {"bpf": {"masquerade": "true"}}, {"R41"}),
        (SET_A | {"nodePort": {"enabled": True}}, {"gone"}),
    ],
)
def test_the_judge_refuses_what_the_facts_call_broken(
    values: dict[str, Any], broken: set[str]
) -> None:
    assert refusals(values, Version(1, 20), kube_proxy=False) == broken
