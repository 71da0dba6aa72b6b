"""Rules about Cilium: each with what breaks it, what does not, and a near miss."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Network
from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.api import from_data
from kubelb_gen.catalogue import provider
from kubelb_gen.checks import (
    cilium_aks_geneve,
    cilium_api_server_missing,
    cilium_dispatch_needs_native,
    cilium_dsr_cloud,
    cilium_dsr_udp_mtu,
    cilium_dsr_useless,
    cilium_native_cidr_missing,
    cilium_native_setting_unused,
    cilium_platform_routing,
    cilium_pod_routes_unstated,
    cilium_version_unsupported,
)
from kubelb_gen.model import (
    Cilium,
    Dispatch,
    Edge,
    ForwardingMode,
    LoadBalancer,
    Protocol,
    Routing,
    Service,
    ServicePort,
    Tenant,
    TrafficPolicy,
    Version,
)
from kubelb_gen.plan import BalancerFacts, EdgePlan, Plan, ServicePlan, TenantPlan
from kubelb_gen.plan.decide import make_plan
from tests.support import wishes
from tests.support.cilium import AT, cilium, plan_with
from tests.support.wishes import IGNORED, document

if TYPE_CHECKING:
    from kubelb_gen.checks import Rule
    from tests.support.wishes import Data

NATIVE, TUNNEL = Routing.NATIVE, Routing.TUNNEL
OPT, GENEVE = Dispatch.OPT, Dispatch.GENEVE
SNAT, DSR, HYBRID = ForwardingMode.SNAT, ForwardingMode.DSR, ForwardingMode.HYBRID
LOCAL, CLUSTER = TrafficPolicy.LOCAL, TrafficPolicy.CLUSTER

Facts = dict[str, Any]
BROKEN: list[tuple[Rule, Facts, str]] = [
    (cilium_version_unsupported, {"version": Version(1, 13, 9)}, "version"),
    (cilium_dispatch_needs_native, {"routing": TUNNEL}, "dispatch"),
    (cilium_dispatch_needs_native, {"routing": TUNNEL, "mode": HYBRID}, "dispatch"),
    (cilium_native_cidr_missing, {"native_routing_cidr": None}, ""),
    (cilium_native_cidr_missing, {"native_routing_cidr": None, "platform": "gke"}, ""),
    (cilium_native_cidr_missing, {"native_routing_cidr": None, "mode": SNAT}, ""),
    (cilium_api_server_missing, {"api_server_host": None}, ""),
    (cilium_api_server_missing, {"api_server_host": "auto"}, "apiServer.host"),
    (
        cilium_api_server_missing,
        {"api_server_host": "auto", "output": "overlay", "kube_proxy_absent": False},
        "apiServer.host",
    ),
    (cilium_pod_routes_unstated, {"pod_routes": None}, "routing"),
    (cilium_platform_routing, {"platform": "gke", "routing": TUNNEL}, "routing"),
    (cilium_platform_routing, {"platform": "aks-byocni"}, "routing"),
    (
        cilium_aks_geneve,
        {
            "platform": "aks-byocni",
            "routing": TUNNEL,
            "dispatch": GENEVE,
            "version": Version(1, 16, 19),
        },
        "version",
    ),
]
SOUND: list[tuple[Rule, Facts]] = [
    (cilium_version_unsupported, {"version": Version(1, 14)}),
    (cilium_dispatch_needs_native, {"routing": NATIVE}),
    (cilium_dispatch_needs_native, {"routing": TUNNEL, "dispatch": GENEVE}),
    (cilium_dispatch_needs_native, {"routing": TUNNEL, "mode": SNAT}),
    (cilium_native_cidr_missing, {}),
    (cilium_native_cidr_missing, {"native_routing_cidr": None, "platform": "eni"}),
    (cilium_native_cidr_missing, {"native_routing_cidr": None, "routing": TUNNEL}),
    (cilium_native_cidr_missing, {"native_routing_cidr": None, "output": "none"}),
    (cilium_api_server_missing, {}),
    (
        cilium_api_server_missing,
        {"api_server_host": None, "kube_proxy_absent": False},
    ),
    (cilium_api_server_missing, {"api_server_host": None, "output": "overlay"}),
    (cilium_api_server_missing, {"api_server_host": "auto", "output": "none"}),
    (cilium_pod_routes_unstated, {"pod_routes": "bgp"}),
    (cilium_pod_routes_unstated, {"pod_routes": None, "routing": TUNNEL}),
    (cilium_pod_routes_unstated, {"pod_routes": None, "platform": "gke"}),
    (cilium_pod_routes_unstated, {"pod_routes": None, "output": "overlay"}),
    (cilium_platform_routing, {"platform": "gke"}),
    (cilium_platform_routing, {"platform": "eni"}),
    (cilium_platform_routing, {"platform": "aks-byocni", "routing": TUNNEL}),
    (cilium_platform_routing, {"routing": TUNNEL}),
    (
        cilium_aks_geneve,
        {"platform": "aks-byocni", "routing": TUNNEL, "dispatch": GENEVE},
    ),
    (
        cilium_aks_geneve,
        {
            "platform": "aks-byocni",
            "routing": TUNNEL,
            "dispatch": GENEVE,
            "mode": SNAT,
            "version": Version(1, 16),
        },
    ),
]
RULES = (
    cilium_aks_geneve,
    cilium_api_server_missing,
    cilium_dispatch_needs_native,
    cilium_dsr_cloud,
    cilium_dsr_udp_mtu,
    cilium_dsr_useless,
    cilium_native_cidr_missing,
    cilium_native_setting_unused,
    cilium_platform_routing,
    cilium_pod_routes_unstated,
    cilium_version_unsupported,
)


def name(value: object) -> str | None:
    return getattr(value, "ID", None)


@pytest.mark.parametrize(("rule", "facts", "field"), BROKEN, ids=name)
def test_a_broken_spec_is_told_at_its_field(
    rule: Rule, facts: Facts, field: str
) -> None:
    (finding,) = rule.check(plan_with(cilium(**facts)))

    assert finding.id == rule.ID
    assert finding.severity == rule.SEVERITY
    assert str(finding.at) == f"{AT}.{field}".rstrip(".")


@pytest.mark.parametrize(("rule", "facts"), SOUND, ids=name)
def test_a_sound_spec_is_left_in_peace(rule: Rule, facts: Facts) -> None:
    assert [*rule.check(plan_with(cilium(**facts)))] == []


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_no_rule_speaks_of_a_cluster_with_kube_proxy(rule: Rule) -> None:
    assert [*rule.check(plan_with(None))] == []


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        (cilium_version_unsupported, {"version": Version(1, 13)}),
        (cilium_dispatch_needs_native, {"routing": TUNNEL}),
        (cilium_platform_routing, {"platform": "aks-byocni"}),
    ],
    ids=name,
)
def test_a_tenants_impossible_cilium_is_told_too(rule: Rule, facts: Facts) -> None:
    assert len([*rule.check(plan_with(None, tenant=cilium(**facts)))]) == 1


@pytest.mark.parametrize("facts", [{"api_server_host": None}, {"pod_routes": None}])
def test_nothing_is_asked_of_a_tenants_cilium_that_no_file_needs(
    facts: Facts,
) -> None:
    plan = plan_with(None, tenant=cilium(**facts))

    assert not any([*rule.check(plan)] for rule in RULES)


@pytest.mark.parametrize("mode", [DSR, HYBRID])
@pytest.mark.parametrize("providers", [["hetzner"], ["hetzner", "linode"]])
def test_dsr_behind_proxies_alone_is_told_to_be_useless(
    mode: ForwardingMode, providers: list[str]
) -> None:
    (finding,) = cilium_dsr_useless.check(plan_with(cilium(mode=mode), *providers))

    assert finding.at == AT / "mode"


@pytest.mark.parametrize(
    ("mode", "providers"),
    [
        (SNAT, ["hetzner"]),
        (DSR, ["metallb-bgp"]),
        (DSR, ["hetzner", "metallb-bgp"]),
        (DSR, ["aws-nlb-ip"]),  # it proxies TCP, and passes UDP through
    ],
)
def test_dsr_that_may_help_somebody_is_no_finding(
    mode: ForwardingMode, providers: list[str]
) -> None:
    plan = plan_with(cilium(mode=mode), *providers)

    assert [*cilium_dsr_useless.check(plan)] == []


def test_each_setting_of_native_routing_is_told_beside_a_tunnel() -> None:
    """Neither the pod routes nor the ranges are in the values of a tunnel."""
    facts = cilium(
        routing=TUNNEL,
        dispatch=GENEVE,
        ipv6_native_routing_cidr=IPv6Network("fd00::/48"),
    )

    findings = [*cilium_native_setting_unused.check(plan_with(facts))]

    assert [str(each.at).removeprefix(f"{AT}.") for each in findings] == [
        "podRoutes",
        "nativeRoutingCIDR",
        "ipv6NativeRoutingCIDR",
    ]
    assert "'same-l2'" in findings[0].message


@pytest.mark.parametrize(
    "facts",
    [
        cilium(),
        cilium(routing=TUNNEL, native_routing_cidr=None, pod_routes=None),
    ],
    ids=["native", "nothing stated"],
)
def test_native_settings_in_their_place_are_no_finding(facts: Cilium) -> None:
    assert [*cilium_native_setting_unused.check(plan_with(facts))] == []


def facing(
    name: str, *, policy: TrafficPolicy = CLUSTER, dsr: bool = True
) -> BalancerFacts:
    balancer = LoadBalancer(name="default", provider=provider(name))
    return BalancerFacts(
        balancer=balancer,
        kind=balancer.provider.kind,
        sends=None,
        policy=policy,
        local_works=True,
        dsr=dsr,
        keeps_client=True,
        annotations={},
    )


def serving(
    facts: Cilium | None, balancer: BalancerFacts, *protocols: Protocol
) -> Plan:
    ports = tuple(
        ServicePort(
            name=each.lower(), port=53, target_port=53, listen=53, protocol=each
        )
        for each in protocols or (Protocol.TCP,)
    )
    service = ServicePlan(
        tenant=Tenant(name="primary"),
        service=Service(name="dns", namespace="dns", ports=ports),
        balancer=balancer,
        annotations={},
        proxy_annotation=False,
        load_balancer_class=None,
        uid="uid-dns-dns",
        uid_is_stand_in=True,
        ports=(),
        expected=False,
        source_ip_persistence=False,
    )
    tenant = TenantPlan(
        tenant=service.tenant,
        services=(service,),
        gateways=(),
        backends=(),
        propagated=None,
        expected=False,
    )
    return replace(plan_with(facts), tenants=(tenant,))


def test_dsr_for_udp_is_told_to_drop_full_size_datagrams() -> None:
    plan = serving(cilium(), facing("metallb-bgp"), Protocol.TCP, Protocol.UDP)

    (finding,) = cilium_dsr_udp_mtu.check(plan)

    assert "'dns'" in finding.message
    assert finding.at == AT / "mode"


def test_services_of_one_name_are_told_by_where_they_are() -> None:
    def of(*names: str) -> list[Data]:
        placed = [each.rpartition("/") for each in names]
        return [
            wishes.service(
                {"protocol": "UDP", "nodePort": 30500 + number, **IGNORED},
                name=name,
                namespace=namespace or "default",
                externalTrafficPolicy="Cluster",
            )
            for number, (namespace, _, name) in enumerate(placed)
        ]

    data = document(dataplane=wishes.cilium("dsr"))
    (tenant,) = data["spec"]["tenants"]
    data["spec"]["tenants"] = [
        tenant | {"name": "edge", "services": of("dns", "ntp")},
        tenant | {"name": "shop", "services": of("dns", "log", "infra/log")},
    ]
    (finding,) = cilium_dsr_udp_mtu.check(make_plan(from_data(data)))

    assert finding.message.endswith(
        "of service 'dns' of tenant 'edge', 'ntp', 'dns' of tenant 'shop', "
        "'default/log' of tenant 'shop', 'infra/log' of tenant 'shop'"
    )


@pytest.mark.parametrize(
    ("mode", "policy", "protocol"),
    [
        (HYBRID, CLUSTER, Protocol.UDP),
        (SNAT, CLUSTER, Protocol.UDP),
        (DSR, LOCAL, Protocol.UDP),  # no node forwards to another
        (DSR, CLUSTER, Protocol.TCP),  # the SYN alone carries the option
    ],
)
def test_datagrams_that_dsr_does_not_lengthen_are_no_finding(
    mode: ForwardingMode, policy: TrafficPolicy, protocol: Protocol
) -> None:
    balancer = facing("metallb-bgp", policy=policy)

    plan = serving(cilium(mode=mode), balancer, protocol)
    assert [*cilium_dsr_udp_mtu.check(plan)] == []


@pytest.mark.parametrize("name", ["aws-nlb-instance", "azure-standard"])
def test_dsr_in_a_cloud_that_may_drop_it_is_told(name: str) -> None:
    (finding,) = cilium_dsr_cloud.check(serving(cilium(), facing(name)))

    assert name in finding.message
    assert "'dns'" in finding.message


def test_an_edge_that_counts_on_dsr_in_a_cloud_is_told() -> None:
    edge = EdgePlan(
        edge=Edge(name="eg", load_balancer="default"),
        balancer=facing("aws-nlb-instance"),
    )

    (finding,) = cilium_dsr_cloud.check(replace(plan_with(cilium()), edges=(edge,)))

    assert "edge 'eg'" in finding.message


@pytest.mark.parametrize(
    "balancer",
    [
        facing("metallb-bgp"),
        facing("aws-nlb-instance", policy=LOCAL, dsr=False),
        facing("hetzner", dsr=False),
    ],
    ids=["no cloud", "local", "proxying"],
)
def test_nobody_who_counts_on_dsr_in_a_cloud_is_no_finding(
    balancer: BalancerFacts,
) -> None:
    assert [*cilium_dsr_cloud.check(serving(cilium(), balancer))] == []


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_a_manual_page_shows_bad_and_good(rule: Rule) -> None:
    page = rule.__doc__ or ""

    assert page.index("What:") < page.index("Why:") < page.index("Bad:")
    assert page.index("Bad:") < page.index("Good")
