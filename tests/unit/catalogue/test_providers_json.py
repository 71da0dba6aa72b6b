"""The data itself: complete, sourced, and what the vendors' documents say."""

import json
from pathlib import Path
from typing import Any

import pytest

from kubelb_gen import catalogue
from kubelb_gen.catalogue import (
    DirectReturn,
    LoadBalancerClass,
    ProxyScope,
    ProxyVersion,
    provider,
    provider_names,
)

BETA = "service.beta.kubernetes.io/"
AWS_PROXY = BETA + "aws-load-balancer-proxy-protocol"
AWS_ATTRIBUTES = BETA + "aws-load-balancer-target-group-attributes"
OCTAVIA = "loadbalancer.openstack.org/proxy-protocol"
SCALEWAY = BETA + "scw-loadbalancer-proxy-protocol-"
LINODE = BETA + "linode-loadbalancer-default-proxy-protocol"
OCI = BETA + "oci-load-balancer-connection-proxy-protocol-version"
CLOUDSCALE = "k8s.cloudscale.ch/loadbalancer-pool-protocol"
IBM = "service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features"

PASS_THROUGH = LoadBalancerClass.PASS_THROUGH
VIP = LoadBalancerClass.VIP
PROXYING = LoadBalancerClass.PROXYING

CLASSES = {
    "aws-nlb-instance": PASS_THROUGH,
    "aws-nlb-ip": PROXYING,
    "aws-nlb-intree": PASS_THROUGH,
    "aws-elb-classic": PROXYING,
    "gcp-passthrough": PASS_THROUGH,
    "azure-standard": PASS_THROUGH,
    "azure-pls": PROXYING,
    "digitalocean-regional": PROXYING,
    "digitalocean-network": PASS_THROUGH,
    "hetzner": PROXYING,
    "octavia-amphora": PROXYING,
    "octavia-ovn": PASS_THROUGH,
    "ovh-octavia": PROXYING,
    "scaleway": PROXYING,
    "linode": PROXYING,
    "oci-lb": PROXYING,
    "oci-nlb": PASS_THROUGH,
    "ibm-vpc-alb": PROXYING,
    "ibm-vpc-nlb": PASS_THROUGH,
    "exoscale": PASS_THROUGH,
    "vultr": PROXYING,
    "upcloud": PROXYING,
    "cloudscale": PROXYING,
    "stackit": PROXYING,
    "alibaba": PASS_THROUGH,
    "metallb-l2": VIP,
    "metallb-bgp": VIP,
    "kube-vip-arp": VIP,
    "kube-vip-bgp": VIP,
    "cilium-bgp": VIP,
    "cilium-l2": VIP,
    "keepalived": VIP,
}

# name: (what turns each version on, what turns PROXY off)
ANNOTATIONS: dict[str, tuple[dict[str, dict[str, str]], dict[str, str]]] = {
    "aws-nlb-instance": ({"v2": {AWS_PROXY: "*"}}, {}),
    "aws-nlb-ip": ({"v2": {AWS_PROXY: "*"}}, {}),
    "aws-nlb-intree": (
        {"v2": {AWS_ATTRIBUTES: "proxy_protocol_v2.enabled=true"}},
        {AWS_ATTRIBUTES: "proxy_protocol_v2.enabled=false"},
    ),
    "aws-elb-classic": ({"v1": {AWS_PROXY: "*"}}, {}),
    "azure-pls": (
        {"v2": {BETA + "azure-pls-proxy-protocol": "true"}},
        {BETA + "azure-pls-proxy-protocol": "false"},
    ),
    "digitalocean-regional": (
        {"v1": {BETA + "do-loadbalancer-enable-proxy-protocol": "true"}},
        {BETA + "do-loadbalancer-enable-proxy-protocol": "false"},
    ),
    "hetzner": (
        {"v2": {"load-balancer.hetzner.cloud/uses-proxyprotocol": "true"}},
        {"load-balancer.hetzner.cloud/uses-proxyprotocol": "false"},
    ),
    "octavia-amphora": (
        {"v2": {OCTAVIA: "v2"}, "v1": {OCTAVIA: "v1"}},
        {OCTAVIA: "false"},
    ),
    "ovh-octavia": ({"v2": {OCTAVIA: "v2"}}, {OCTAVIA: "false"}),
    "scaleway": (
        {"v2": {SCALEWAY + "v2": "true"}, "v1": {SCALEWAY + "v1": "true"}},
        {SCALEWAY + "v2": "false", SCALEWAY + "v1": "false"},
    ),
    "linode": ({"v2": {LINODE: "v2"}, "v1": {LINODE: "v1"}}, {LINODE: "none"}),
    "oci-lb": ({"v2": {OCI: "2"}, "v1": {OCI: "1"}}, {}),
    "oci-nlb": (
        {"v2": {"oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled": "true"}},
        {"oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled": "false"},
    ),
    "ibm-vpc-alb": ({"v1": {IBM: "proxy-protocol"}}, {IBM: ""}),
    "vultr": (
        {"v1": {BETA + "vultr-loadbalancer-proxy-protocol": "true"}},
        {BETA + "vultr-loadbalancer-proxy-protocol": "false"},
    ),
    "cloudscale": (
        {"v2": {CLOUDSCALE: "proxyv2"}, "v1": {CLOUDSCALE: "proxy"}},
        {CLOUDSCALE: "tcp"},
    ),
    "stackit": (
        {"v2": {"lb.stackit.cloud/tcp-proxy-protocol": "true"}},
        {"lb.stackit.cloud/tcp-proxy-protocol": "false"},
    ),
    "alibaba": (
        {"v2": {BETA + "alibaba-cloud-loadbalancer-proxy-protocol": "on"}},
        {BETA + "alibaba-cloud-loadbalancer-proxy-protocol": "off"},
    ),
}

EXTRA = {
    "aws-nlb-instance": {BETA + "aws-load-balancer-nlb-target-type": "instance"},
    "aws-nlb-ip": {BETA + "aws-load-balancer-nlb-target-type": "ip"},
    "aws-nlb-intree": {BETA + "aws-load-balancer-type": "nlb"},
    "azure-pls": {BETA + "azure-pls-create": "true"},
    "digitalocean-regional": {BETA + "do-loadbalancer-type": "REGIONAL"},
    "digitalocean-network": {BETA + "do-loadbalancer-type": "REGIONAL_NETWORK"},
    "oci-nlb": {"oci.oraclecloud.com/load-balancer-type": "nlb"},
    "ibm-vpc-nlb": {IBM: "nlb"},
}

WITH_PROXY = tuple(name for name in CLASSES if provider(name).proxy is not None)


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    path = Path(catalogue.__file__).with_name("providers.json")
    entries: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["providers"]
    return entries


def test_every_name_of_the_design_is_there_and_nothing_else() -> None:
    assert tuple(CLASSES) == provider_names()


def test_no_entry_hides_another(entries: list[dict[str, Any]]) -> None:
    assert len(CLASSES) == len(entries)


@pytest.mark.parametrize("name", CLASSES)
def test_every_entry_reads(name: str) -> None:
    entry = provider(name)

    assert CLASSES[name] is entry.kind
    assert name == entry.name
    assert entry.title
    assert entry.local.why
    assert entry.direct_return_why


@pytest.mark.parametrize("name", CLASSES)
def test_every_entry_says_how_we_know(name: str) -> None:
    entry = provider(name)

    assert entry.source
    assert "2026-08" == entry.date


def test_entries_have_no_misspelt_keys(entries: list[dict[str, Any]]) -> None:
    always = {
        *("name", "title", "class", "udp", "mixedProtocols", "proxy", "local", "dsr"),
        *("healthChecks", "extraAnnotations", "ipMode", "ipModeWithProxy"),
        *("source", "date", "unverified", "notes"),
    }
    sometimes = {"classUDP", "classByFamily", "classByPolicy"}
    proxy = {"versions", "versionsVerified", "scope", "enable", "disable"}
    proxy_sometimes = {
        "enablePorts",
        "disablePorts",
        "enableNote",
        "disableNote",
        "shared",
    }
    local = {"works", "why"}
    local_sometimes = {"since", "condition", "annotations", "withProxy", "whyWithProxy"}

    for entry in entries:
        assert always == set(entry) - sometimes, entry["name"]
        assert {"verdict", "why"} == set(entry["dsr"]), entry["name"]
        assert local == set(entry["local"]) - local_sometimes, entry["name"]
        if entry["proxy"] is not None:
            assert proxy == set(entry["proxy"]) - proxy_sometimes, entry["name"]


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_annotations_are_what_the_vendor_documents(name: str) -> None:
    on, off = ANNOTATIONS[name]
    proxy = provider(name).proxy

    assert proxy is not None
    assert on == proxy.enable
    assert off == proxy.disable


def test_every_annotation_is_pinned_here_but_the_one_made_of_ports() -> None:
    assert {*ANNOTATIONS, "upcloud"} == set(WITH_PROXY)


@pytest.mark.parametrize("name", CLASSES)
def test_extra_annotations_choose_the_variant(name: str) -> None:
    assert EXTRA.get(name, {}) == provider(name).extra_annotations


@pytest.mark.parametrize("name", WITH_PROXY)
def test_every_version_can_be_switched_on(name: str) -> None:
    proxy = provider(name).proxy

    assert proxy is not None
    assert list(proxy.versions) == list(proxy.enable)
    if proxy.scope is ProxyScope.PORTS:
        assert list(proxy.versions) == list(proxy.enable_ports)
    else:
        assert {} == proxy.enable_ports


@pytest.mark.parametrize("name", WITH_PROXY)
def test_version_2_is_preferred_where_there_is_a_choice(name: str) -> None:
    proxy = provider(name).proxy

    assert proxy is not None
    assert sorted(proxy.versions, reverse=True) == list(proxy.versions)


@pytest.mark.parametrize("name", WITH_PROXY)
def test_what_cannot_be_written_is_explained(name: str) -> None:
    proxy = provider(name).proxy

    assert proxy is not None
    assert all(proxy.enable.values()) or proxy.enable_note
    assert proxy.disable or proxy.disable_note


@pytest.mark.parametrize("name", WITH_PROXY)
def test_turning_off_names_every_annotation_that_turned_on(name: str) -> None:
    proxy = provider(name).proxy

    assert proxy is not None
    turned_on = {key for each in proxy.enable.values() for key in each}
    assert not proxy.disable or turned_on == set(proxy.disable)


def test_a_guessed_version_is_marked() -> None:
    guessed = {
        name
        for name in WITH_PROXY
        if (proxy := provider(name).proxy) is not None and not proxy.certain
    }

    assert {"hetzner", "stackit", "vultr"} == guessed
    for name in guessed:
        assert any("PROXY version" in each for each in provider(name).unverified)


def test_every_proxying_balancer_can_send_proxy() -> None:
    proxying = {name for name, kind in CLASSES.items() if kind is PROXYING}

    assert set() == proxying - set(WITH_PROXY)


def test_no_address_on_the_nodes_sends_proxy() -> None:
    vips = {name for name, kind in CLASSES.items() if kind is VIP}

    assert set() == vips & set(WITH_PROXY)


@pytest.mark.parametrize("name", CLASSES)
def test_dsr_is_useless_exactly_where_the_source_is_gone(name: str) -> None:
    verdict = {
        PASS_THROUGH: DirectReturn.RISKY,
        VIP: DirectReturn.WORKS,
        PROXYING: DirectReturn.USELESS,
    }[CLASSES[name]]

    assert verdict is provider(name).direct_return


def test_local_fails_only_where_it_is_known_to() -> None:
    failing = {name for name in CLASSES if not provider(name).local_works(None)}

    assert {"cilium-l2", "keepalived", "kube-vip-bgp", "stackit"} == failing


def test_proxy_breaks_local_where_health_checks_carry_it() -> None:
    newest = (1, 99, 0)
    broken = {
        name
        for name in CLASSES
        if provider(name).local_works(newest)
        and not provider(name).local_works(newest, sends_proxy=True)
    }

    assert {"aws-nlb-instance", "aws-nlb-intree", "azure-pls"} == broken
    for name in broken:
        assert provider(name).local.why_with_proxy


@pytest.mark.parametrize("name", CLASSES)
def test_no_udp_means_no_mixed_service(name: str) -> None:
    entry = provider(name)

    assert entry.udp or entry.mixed_protocols is False


def test_some_balancers_forward_no_udp() -> None:
    without = {name for name in CLASSES if not provider(name).udp}

    assert {
        "aws-elb-classic",
        "cloudscale",
        "hetzner",
        "ibm-vpc-alb",
        "oci-lb",
        "scaleway",
        "upcloud",
    } == without


def test_proxy_moves_in_cluster_callers_where_the_controller_says_so() -> None:
    moved = {name for name in CLASSES if provider(name).ip_mode_with_proxy == "Proxy"}

    assert {
        "cloudscale",
        "hetzner",
        "octavia-amphora",
        "ovh-octavia",
        "scaleway",
    } == moved
    assert {"VIP"} == {provider(name).ip_mode for name in moved}


def test_versions_are_those_of_the_documents() -> None:
    digital_ocean = provider("digitalocean-regional").proxy
    private_link = provider("azure-pls").proxy

    assert digital_ocean is not None
    assert (ProxyVersion.V1,) == digital_ocean.versions
    assert private_link is not None
    assert (ProxyVersion.V2,) == private_link.versions
