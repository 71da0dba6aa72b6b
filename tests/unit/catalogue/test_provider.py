"""What can be asked of one load balancer."""

import json
import pickle
import subprocess
import sys

import pytest

from kubelb_gen.catalogue import (
    DirectReturn,
    IPFamily,
    LoadBalancerClass,
    ProxySupport,
    ProxyVersion,
    custom,
    provider,
)

V1, V2 = ProxyVersion.V1, ProxyVersion.V2
PASS_THROUGH = LoadBalancerClass.PASS_THROUGH
PROXYING = LoadBalancerClass.PROXYING
BETA = "service.beta.kubernetes.io/"


def proxy_of(name: str) -> ProxySupport:
    proxy = provider(name).proxy
    assert proxy is not None
    return proxy


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="hetzna"):
        provider("hetzna")


def test_a_provider_is_read_once() -> None:
    assert provider("hetzner") is provider("hetzner")


def test_udp_may_keep_what_tcp_loses() -> None:
    balancer = provider("aws-nlb-ip")

    assert PROXYING is balancer.class_for("TCP")
    assert PASS_THROUGH is balancer.class_for("UDP")


def test_udp_is_as_tcp_unless_told() -> None:
    assert PROXYING is provider("linode").class_for("UDP")


@pytest.mark.parametrize("name", ["aws-nlb-instance", "aws-nlb-intree", "alibaba"])
def test_translation_between_families_loses_the_source(name: str) -> None:
    balancer = provider(name)

    assert PASS_THROUGH is balancer.class_for("TCP", IPFamily.IPV4)
    assert PROXYING is balancer.class_for("TCP", IPFamily.IPV6)


def test_translation_outweighs_the_protocol() -> None:
    assert PROXYING is provider("aws-nlb-ip").class_for("UDP", IPFamily.IPV6)


def test_the_policy_may_decide_the_class() -> None:
    balancer = provider("oci-nlb")

    assert PASS_THROUGH is balancer.class_for("TCP")
    assert PASS_THROUGH is balancer.class_for("TCP", policy="Local")
    assert PROXYING is balancer.class_for("TCP", policy="Cluster")


@pytest.mark.parametrize(
    ("version", "works"),
    [
        (None, False),
        ((1, 19, 6), False),
        ((1, 20, 1), False),
        ((1, 20, 2), True),
        ((1, 21, 0), True),
    ],
)
def test_layer_2_announcements_and_local_wait_for_a_fix(
    version: tuple[int, int, int] | None,
    works: bool,
) -> None:
    assert works is provider("cilium-l2").local_works(version)


@pytest.mark.parametrize(
    ("version", "works"),
    [(None, True), ((1, 13, 9), False), ((1, 14, 0), True)],
)
def test_bgp_and_local_work_for_long(
    version: tuple[int, int, int] | None,
    works: bool,
) -> None:
    assert works is provider("cilium-bgp").local_works(version)


def test_local_may_need_annotations_of_its_own() -> None:
    balancer = provider("octavia-amphora")

    assert {} == balancer.annotations_under("Cluster")
    assert {
        "loadbalancer.openstack.org/enable-health-monitor": "true"
    } == balancer.annotations_under("Local")


def test_extra_annotations_hold_under_any_policy() -> None:
    balancer = provider("oci-nlb")

    chosen = {"oci.oraclecloud.com/load-balancer-type": "nlb"}
    assert chosen == balancer.annotations_under("Cluster")
    assert chosen == balancer.annotations_under("Local")


def test_annotations_of_one_question_are_nobody_elses() -> None:
    balancer = provider("oci-nlb")
    balancer.annotations_under("Local")["mine"] = "true"
    proxy_of("oci-nlb").switch_on(V2)["mine"] = "true"

    assert "mine" not in balancer.annotations_under("Local")
    assert "mine" not in proxy_of("oci-nlb").switch_on(V2)


def test_proxy_goes_on_for_all_ports() -> None:
    switched = proxy_of("octavia-amphora").switch_on(V1)

    assert {"loadbalancer.openstack.org/proxy-protocol": "v1"} == switched


def test_proxy_goes_on_for_a_list_of_ports() -> None:
    switched = proxy_of("scaleway").switch_on(V2, {80: "http", 443: "https"})

    assert {BETA + "scw-loadbalancer-proxy-protocol-v2": "80,443"} == switched


def test_proxy_goes_on_with_a_filter() -> None:
    switched = proxy_of("stackit").switch_on(V2, {443: "https"})

    assert {
        "lb.stackit.cloud/tcp-proxy-protocol": "true",
        "lb.stackit.cloud/tcp-proxy-protocol-ports-filter": "443",
    } == switched


def test_proxy_goes_on_by_an_annotation_per_port() -> None:
    ports = {80: "http", 443: "https"}

    assert {
        BETA + "linode-loadbalancer-port-80": '{"proxy-protocol":"v2"}',
        BETA + "linode-loadbalancer-port-443": '{"proxy-protocol":"v2"}',
    } == proxy_of("linode").switch_on(V2, ports)
    attributes = BETA + "aws-load-balancer-target-group-attributes"
    assert {
        f"{attributes}.80": "proxy_protocol_v2.enabled=true",
        f"{attributes}.443": "proxy_protocol_v2.enabled=true",
    } == proxy_of("aws-nlb-ip").switch_on(V2, ports)


def test_proxy_goes_on_by_a_document_that_names_ports() -> None:
    switched = proxy_of("upcloud").switch_on(V1, {80: "http", 443: "https"})

    (config,) = switched.values()
    assert {
        "frontends": [
            {"name": "http", "mode": "tcp"},
            {"name": "https", "mode": "tcp"},
        ],
        "backends": [
            {"name": "http", "properties": {"outbound_proxy_protocol": "v1"}},
            {"name": "https", "properties": {"outbound_proxy_protocol": "v1"}},
        ],
    } == json.loads(config)


def test_ports_cannot_be_told_apart_everywhere() -> None:
    with pytest.raises(ValueError, match="as a whole"):
        proxy_of("hetzner").switch_on(V2, {443: "https"})


def test_a_custom_balancer_sends_what_the_spec_says() -> None:
    balancer = custom(
        "metal",
        kind=PROXYING,
        version=V1,
        enable={"example.com/pp": "true"},
        disable={"example.com/pp": "false"},
    )

    assert balancer.proxy is not None
    assert (V1,) == balancer.proxy.versions
    assert {"example.com/pp": "true"} == balancer.proxy.switch_on(V1)
    assert {"example.com/pp": "false"} == balancer.proxy.disable
    assert balancer.local_works(None)


def test_an_appliance_needs_no_annotations() -> None:
    balancer = custom("f5", kind=PROXYING, version=V2)

    assert balancer.proxy is not None
    assert {} == balancer.proxy.switch_on(V2)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (LoadBalancerClass.VIP, DirectReturn.WORKS),
        (PASS_THROUGH, DirectReturn.RISKY),
        (PROXYING, DirectReturn.USELESS),
    ],
)
def test_a_custom_balancer_sends_no_proxy_unless_told(
    kind: LoadBalancerClass, verdict: DirectReturn
) -> None:
    balancer = custom("metal", kind=kind)

    assert balancer.proxy is None
    assert kind is balancer.class_for("TCP")
    assert verdict is balancer.direct_return


def test_a_provider_travels_to_another_process() -> None:
    balancer = provider("octavia-amphora")

    assert balancer == pickle.loads(pickle.dumps(balancer))  # noqa: S301  our own


def test_a_provider_can_be_a_key() -> None:
    assert 1 == len({provider("linode"), provider("linode")})


def test_importing_the_catalogue_reads_no_file() -> None:
    program = (
        "import sys, kubelb_gen.catalogue.entries as entries\n"
        "assert entries._entries.cache_info().currsize == 0\n"
        "assert not {'ruamel', 'jinja2', 'click', 'jsonschema'} & set(sys.modules)\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
