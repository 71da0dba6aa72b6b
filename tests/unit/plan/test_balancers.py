"""Which annotations a balancer's Service gets, and which class it turns out to be.

Keys and values are those of the vendors' manuals (facts/cilium-and-lb.md, section 7).
"""

from __future__ import annotations

import pytest

from kubelb_gen.catalogue import (
    LoadBalancerClass,
    ProxyScope,
    provider,
    provider_names,
)
from kubelb_gen.plan.facts import Outcome
from tests.support.wishes import (
    IGNORED,
    NGINX,
    NONE,
    Data,
    plan_of_route,
    plan_of_service,
    service,
)

SCALEWAY = "service.beta.kubernetes.io/scw-loadbalancer-"
LINODE = "service.beta.kubernetes.io/linode-loadbalancer-"
AWS = "service.beta.kubernetes.io/aws-load-balancer-"
OCI = "oci-network-load-balancer.oraclecloud.com/"


def annotations_of(balancer: Data | str, *ports: Data, **fields: str) -> dict[str, str]:
    value = service(*(ports or ({"backend": NGINX},)), **fields)
    return dict(plan_of_service(value, balancer=balancer).annotations)


@pytest.mark.parametrize(
    ("balancer", "key", "on", "off"),
    [
        ("hetzner", "load-balancer.hetzner.cloud/uses-proxyprotocol", "true", "false"),
        (
            "digitalocean-regional",
            "service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol",
            "true",
            "false",
        ),
        ("octavia-amphora", "loadbalancer.openstack.org/proxy-protocol", "v2", "false"),
        (
            "cloudscale",
            "k8s.cloudscale.ch/loadbalancer-pool-protocol",
            "proxyv2",
            "tcp",
        ),
        ("linode", f"{LINODE}default-proxy-protocol", "v2", "none"),
        ("scaleway", f"{SCALEWAY}proxy-protocol-v2", "true", "false"),
        ("stackit", "lb.stackit.cloud/tcp-proxy-protocol", "true", "false"),
    ],
)
def test_the_header_is_switched_by_the_vendors_own_words(
    balancer: str, key: str, on: str, off: str
) -> None:
    """Off is written: KubeLB never takes an annotation off the Envoy Service."""
    assert annotations_of(balancer)[key] == on
    assert annotations_of(balancer, {"backend": NGINX, **IGNORED})[key] == off
    switched_off = {"provider": balancer, "proxyProtocol": "none"}
    assert annotations_of(switched_off)[key] == off


def test_the_other_version_is_written_off() -> None:
    annotations = annotations_of({"provider": "scaleway", "proxyProtocol": "v1"})

    assert annotations[f"{SCALEWAY}proxy-protocol-v1"] == "true"
    assert annotations[f"{SCALEWAY}proxy-protocol-v2"] == "false"


def test_ports_that_read_no_header_are_left_out_where_each_has_a_switch() -> None:
    ports: tuple[Data, ...] = (
        {"port": 443, "backend": NGINX},
        {"port": 80, "backend": NGINX},
        {"port": 22, "backend": NONE, **IGNORED},
    )

    assert (
        annotations_of("scaleway", *ports)[f"{SCALEWAY}proxy-protocol-v2"] == "80,443"
    )
    assert {
        key: value
        for key, value in annotations_of("aws-nlb-ip", *ports).items()
        if "target-group-attributes" in key
    } == {
        f"{AWS}target-group-attributes.80": "proxy_protocol_v2.enabled=true",
        f"{AWS}target-group-attributes.443": "proxy_protocol_v2.enabled=true",
        f"{AWS}target-group-attributes.22": "proxy_protocol_v2.enabled=false",
    }


_LINODE_PORT, _AWS_PORT = f"{LINODE}port-", f"{AWS}target-group-attributes."
_STACKIT = "lb.stackit.cloud/tcp-proxy-protocol"
_FILTER = f"{_STACKIT}-ports-filter"


@pytest.mark.parametrize(
    ("balancer", "both", "one", "none"),
    [
        (
            "linode",
            {
                f"{_LINODE_PORT}80": '{"proxy-protocol":"v2"}',
                f"{_LINODE_PORT}22": '{"proxy-protocol":"v2"}',
            },
            {
                f"{_LINODE_PORT}80": '{"proxy-protocol":"v2"}',
                f"{_LINODE_PORT}22": '{"proxy-protocol":"none"}',
            },
            {
                f"{LINODE}default-proxy-protocol": "none",
                f"{_LINODE_PORT}80": '{"proxy-protocol":"none"}',
                f"{_LINODE_PORT}22": '{"proxy-protocol":"none"}',
            },
        ),
        (
            "aws-nlb-ip",
            {
                f"{_AWS_PORT}80": "proxy_protocol_v2.enabled=true",
                f"{_AWS_PORT}22": "proxy_protocol_v2.enabled=true",
            },
            {
                f"{_AWS_PORT}80": "proxy_protocol_v2.enabled=true",
                f"{_AWS_PORT}22": "proxy_protocol_v2.enabled=false",
            },
            {
                f"{_AWS_PORT}80": "proxy_protocol_v2.enabled=false",
                f"{_AWS_PORT}22": "proxy_protocol_v2.enabled=false",
            },
        ),
        (
            "stackit",
            {_STACKIT: "true", _FILTER: "22,80"},
            {_STACKIT: "true", _FILTER: "80"},
            {_STACKIT: "false"},
        ),
    ],
)
def test_a_port_that_no_longer_reads_a_header_gets_its_off_value(
    balancer: str, both: Data, one: Data, none: Data
) -> None:
    """What was written stays on the Envoy Service, unless something overwrites it."""
    web, ssh = {"port": 80, "backend": NGINX}, {"port": 22, "backend": NGINX}
    no_web, no_ssh = ({**each, "backend": NONE, **IGNORED} for each in (web, ssh))
    before = annotations_of(balancer, web, ssh)
    after = annotations_of(balancer, web, no_ssh)
    last = annotations_of(balancer, no_web, no_ssh)

    assert both.items() <= before.items()
    assert one.items() <= after.items()
    assert none.items() <= last.items()
    # "*" has no off value, and wins over what a port says.
    assert f"{AWS}proxy-protocol" not in before | after | last


def test_a_single_port_needs_no_switch_of_its_own() -> None:
    assert {f"{LINODE}default-proxy-protocol": "v2"} == annotations_of("linode")


def test_what_names_every_port_is_switched_on_by_hand_at_the_edge() -> None:
    """The spec knows no port of an edge."""
    web = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
    told = plan_of_route(web, balancer="upcloud").unmet
    pin = {"provider": "upcloud", "proxyProtocol": "v2"}
    pinned = plan_of_route(web, balancer=pin)

    assert told is not None
    assert "names every port" in told.designs[0]
    assert pinned.unmet is None
    assert "whoever knows the ports has told 'upcloud' to send PROXY" in pinned.assumes


def test_where_all_ports_know_no_off_even_a_single_one_has_its_own_switch() -> None:
    """A later Service without a reader could not take "*" back."""
    on = annotations_of("aws-nlb-ip", {"port": 80, "backend": NGINX})
    off = annotations_of("aws-nlb-ip", {"port": 80, "backend": NONE, **IGNORED})

    assert f"{AWS}proxy-protocol" not in on | off
    assert "proxy_protocol_v2.enabled=true" == on[f"{_AWS_PORT}80"]
    assert "proxy_protocol_v2.enabled=false" == off[f"{_AWS_PORT}80"]


@pytest.mark.parametrize("name", provider_names())
def test_ports_with_and_without_a_header_share_a_service_only_where_ports_differ(
    name: str,
) -> None:
    support = provider(name).proxy
    if support is None or provider(name).kind is not LoadBalancerClass.PROXYING:
        return
    ports: tuple[Data, ...] = (
        {"port": 80, "backend": NGINX},
        {"port": 22, "backend": NONE, **IGNORED},
    )
    plan = plan_of_service(service(*ports), balancer=name)
    plain = next(each for each in plan.ports if each.port.port == 22)

    if support.scope is ProxyScope.PORTS:
        assert (None, None) == (plain.header, plain.unmet)
    else:
        assert plain.unmet is not None
        assert Outcome.BROKEN is plain.unmet.outcome


def test_a_reader_of_v1_gets_v1_where_the_balancer_can() -> None:
    reader = {"backend": {**NGINX, "acceptProxyProtocol": "v1"}}

    decided = plan_of_service(service(reader), balancer="linode")

    assert decided.ports[0].header == "v1"
    assert decided.ports[0].unmet is None


@pytest.mark.parametrize("balancer", ["metallb-bgp", "gcp-passthrough", "exoscale"])
def test_a_balancer_that_sends_nothing_is_told_nothing_about_it(balancer: str) -> None:
    assert not [key for key in annotations_of(balancer) if "kubelb.k8c.io" not in key]


def test_a_custom_balancer_is_switched_with_the_words_of_the_spec() -> None:
    balancer: Data = {
        "class": "proxying",
        "proxyProtocol": "v1",
        "annotations": {
            "enable": {"a.example/pp": "on"},
            "disable": {"a.example/pp": ""},
        },
    }

    assert annotations_of(balancer) == {"a.example/pp": "on"}
    assert annotations_of(balancer, {"backend": NONE, **IGNORED}) == {
        "a.example/pp": ""
    }


@pytest.mark.parametrize(
    ("version", "policy", "kind", "header"),
    [
        ("1.4.3", None, "passThrough", "v2"),
        ("1.4.3", "Cluster", "proxying", "v2"),
        # KubeLB does not copy Local yet, so the Envoy Service is under Cluster.
        ("1.3.1", None, "proxying", "v2"),
        ("1.3.1", "Local", "proxying", "v2"),
    ],
)
def test_what_depends_on_the_policy_looks_at_the_envoy_services(
    version: str, policy: str | None, kind: str, header: str
) -> None:
    """Oracle's NLB keeps the source under Local alone."""
    fields = {} if policy is None else {"externalTrafficPolicy": policy}

    decided = plan_of_service(
        service({"backend": NGINX}, **fields), balancer="oci-nlb", version=version
    )

    assert decided.balancer.kind == kind
    assert decided.ports[0].header == header
    assert decided.ports[0].unmet is None
    sends = decided.annotations.get(f"{OCI}is-ppv2-enabled") == "true"
    assert sends == (kind == "proxying")


def test_a_balancer_gets_what_local_needs_of_it() -> None:
    monitor = "loadbalancer.openstack.org/enable-health-monitor"

    assert annotations_of("octavia-amphora")[monitor] == "true"
    pinned = annotations_of("octavia-amphora", externalTrafficPolicy="Cluster")
    assert monitor not in pinned


_FEATURES = "service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features"


@pytest.mark.parametrize(
    ("balancer", "key", "own", "both"),
    [
        ("ibm-vpc-alb", _FEATURES, "public", "public,proxy-protocol"),
        (
            {"provider": "aws-nlb-intree", "proxyProtocol": "v2"},
            f"{AWS}target-group-attributes",
            "deregistration_delay.timeout_seconds=30",
            "deregistration_delay.timeout_seconds=30,proxy_protocol_v2.enabled=true",
        ),
        (
            {"provider": "ibm-vpc-alb", "proxyProtocol": "none"},
            _FEATURES,
            "public",
            "public",
        ),
    ],
)
def test_what_the_user_says_in_a_shared_annotation_stays(
    balancer: Data | str, key: str, own: str, both: str
) -> None:
    value = service({"backend": NGINX}, annotations={key: own})
    plan = plan_of_service(value, balancer=balancer)

    assert both == plan.annotations[key]
    assert both == plan.balancer.annotations[key]
