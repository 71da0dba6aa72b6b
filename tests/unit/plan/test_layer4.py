"""Layer 4: what a port gets, for every class of balancer, data plane and pin.

The tables and the oracle are written from the design ("What the plan decides") and
from what was measured on the wire; none of them asks our code.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from kubelb_gen.plan import Carrier, Outcome
from tests.support.wishes import (
    ACCEPTED,
    EGRESS,
    HAPROXY,
    IGNORED,
    INTERNAL,
    NGINX,
    NONE,
    PREFERRED,
    REQUIRED,
    Data,
    cilium,
    plan_of_port,
    plan_of_service,
    service,
)

LOST, BROKEN, FORGEABLE = Outcome.LOST, Outcome.BROKEN, Outcome.FORGEABLE

# Balancers by what they do, and by what the catalogue's source says they send.
PASSING = ("metallb-bgp", "metallb-l2", "gcp-passthrough", "azure-standard")
SENDING = {
    "hetzner": "v2",
    "octavia-amphora": "v2",
    "linode": "v2",
    "scaleway": "v2",
    "stackit": "v2",
    "azure-pls": "v2",
    "aws-nlb-ip": "v2",
    "upcloud": "v2",
    "aws-elb-classic": "v1",
    "digitalocean-regional": "v1",
}
MUTE: Data = {"class": "proxying"}
SWITCHED_OFF: Data = {"provider": "hetzner", "proxyProtocol": "none"}
OLD = ("1.2", "1.3.0", "1.3.1")
NEW = ("1.3.2", "1.4.0", "1.4.3", "1.5")


@pytest.mark.parametrize("balancer", PASSING)
@pytest.mark.parametrize("version", NEW)
@pytest.mark.parametrize("backend", [NGINX, HAPROXY, REQUIRED, ACCEPTED])
def test_envoy_sends_v2_under_local_where_the_source_arrives(
    balancer: str, version: str, backend: Data
) -> None:
    decided = plan_of_service(
        service({"backend": backend}), balancer=balancer, version=version
    )
    (port,) = decided.ports

    assert decided.annotations == {"kubelb.k8c.io/proxy-protocol": "v2"}
    assert decided.balancer.policy == "Local"
    assert (port.carrier, port.header, port.second_header) == (
        Carrier.ENVOY,
        "v2",
        None,
    )
    assert port.unmet is None
    assert [*map(str, port.trusted)] == [EGRESS]


@pytest.mark.parametrize("version", OLD)
def test_an_old_kubelb_loses_the_client_and_is_named(version: str) -> None:
    port = plan_of_port(version=version)

    assert port.unmet is not None
    assert port.unmet.is_lost
    assert "1.3.2" in port.unmet.designs[0]
    assert port.header is None
    assert port.accept == "none"


@pytest.mark.parametrize("version", OLD)
def test_a_pinned_annotation_writes_no_header_on_an_old_kubelb(version: str) -> None:
    port = plan_of_port(
        {**NGINX, "acceptProxyProtocol": "v2"},
        service={"proxyProtocol": "v2"},
        version=version,
    )

    assert port.header is None
    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


@pytest.mark.parametrize(("balancer", "sent"), SENDING.items())
@pytest.mark.parametrize("version", [*OLD, *NEW])
def test_a_proxying_balancers_header_passes_through_any_kubelb(
    balancer: str, sent: str, version: str
) -> None:
    decided = plan_of_service(
        service({"backend": NGINX}), balancer=balancer, version=version
    )
    (port,) = decided.ports

    assert not decided.proxy_annotation
    assert "kubelb.k8c.io/proxy-protocol" not in decided.annotations
    assert (port.carrier, port.header) == (Carrier.BALANCER, sent)
    assert port.accept == sent
    assert port.unmet is None
    assert port.assumes[0] == "nobody reaches the node ports past the load balancer"
    # Vendors whose manuals name no version.
    uncertain = balancer in ("hetzner", "stackit")
    assert any(f"PROXY {sent}" in each for each in port.assumes[1:]) == uncertain


@pytest.mark.parametrize("balancer", [MUTE, SWITCHED_OFF])
@pytest.mark.parametrize("version", [*OLD, *NEW])
@pytest.mark.parametrize("plane", [None, cilium("dsr")])
@pytest.mark.parametrize("pin", [{}, {"proxyProtocol": "none"}])
def test_a_proxying_balancer_without_a_header_loses_the_client_at_itself(
    balancer: Data, version: str, plane: Data | None, pin: Data
) -> None:
    """Neither Local, nor DSR, nor an upgrade, nor another pin brings it back."""
    port = plan_of_port(
        balancer=balancer, version=version, dataplane=plane, service=pin
    )

    assert port.unmet is not None
    assert port.unmet.outcome is LOST
    assert "SNAT#0" in port.unmet.cause
    assert (port.header, port.carrier) == (None, Carrier.NOTHING)


def table_of_trust() -> list[tuple[str, str | None, str, list[str]]]:
    return [
        ("metallb-bgp", None, "Local", [EGRESS]),
        ("hetzner", None, "Local", [EGRESS]),
        ("hetzner", "Cluster", "Cluster", [EGRESS, INTERNAL]),
        ("stackit", None, "Cluster", [EGRESS, INTERNAL]),
        ("azure-pls", None, "Cluster", [EGRESS, INTERNAL]),
    ]


@pytest.mark.parametrize(("balancer", "pin", "policy", "trusted"), table_of_trust())
def test_the_policy_decides_whom_the_backend_trusts(
    balancer: str, pin: str | None, policy: str, trusted: list[str]
) -> None:
    fields = {} if pin is None else {"externalTrafficPolicy": pin}
    decided = plan_of_service(service({"backend": NGINX}, **fields), balancer=balancer)

    assert decided.balancer.policy == policy
    assert [*map(str, decided.ports[0].trusted)] == trusted
    assert decided.ports[0].unmet is None


@pytest.mark.parametrize(
    ("mode", "outcome"), [(None, LOST), ("snat", LOST), ("dsr", None), ("hybrid", None)]
)
@pytest.mark.parametrize("balancer", ["metallb-bgp", "gcp-passthrough"])
def test_a_pinned_cluster_needs_dsr(
    mode: str | None, outcome: Outcome | None, balancer: str
) -> None:
    port = plan_of_port(
        service={"externalTrafficPolicy": "Cluster"},
        balancer=balancer,
        dataplane=None if mode is None else cilium(mode),
    )

    assert (port.unmet and port.unmet.outcome) == outcome
    assert port.header == "v2"
    if outcome is LOST:
        assert port.unmet is not None
        assert "SNAT#1" in port.unmet.cause


@pytest.mark.parametrize(
    ("balancer", "version", "policy", "met"),
    [
        ("cilium-l2", "1.19", "Cluster", True),
        ("cilium-l2", "1.20.1", "Cluster", True),
        ("cilium-l2", "1.20.2", "Local", True),
        ("cilium-bgp", "1.14", "Local", True),
        ("keepalived", "1.20", "Cluster", True),
    ],
)
def test_where_local_does_not_work_dsr_serves_under_cluster(
    balancer: str, version: str, policy: str, met: bool
) -> None:
    decided = plan_of_service(
        service({"backend": NGINX}),
        balancer=balancer,
        dataplane=cilium("dsr", version),
    )

    assert decided.balancer.policy == policy
    assert (decided.ports[0].unmet is None) == met


@pytest.mark.parametrize("plane", [None, cilium("snat", "1.19")])
def test_where_local_does_not_work_and_nothing_does_dsr_the_client_is_lost(
    plane: Data | None,
) -> None:
    port = plan_of_port(balancer="cilium-l2", dataplane=plane)

    assert port.unmet is not None
    assert port.unmet.outcome is LOST
    assert any("DSR" in each for each in port.unmet.designs)


@pytest.mark.parametrize("balancer", ["cilium-l2", "keepalived", "stackit"])
def test_a_pinned_local_that_does_not_work_is_broken(balancer: str) -> None:
    port = plan_of_port(service={"externalTrafficPolicy": "Local"}, balancer=balancer)

    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


def test_a_policy_that_kubelb_does_not_copy_breaks_no_balancer() -> None:
    port = plan_of_port(
        service={"externalTrafficPolicy": "Local"}, balancer="stackit", version="1.3.1"
    )

    assert port.unmet is None


def test_local_with_proxy_on_an_nlb_of_instances_says_why_it_breaks() -> None:
    port = plan_of_port(
        service={"externalTrafficPolicy": "Local"},
        balancer={"provider": "aws-nlb-instance", "proxyProtocol": "v2"},
    )

    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN
    assert "health check" in port.unmet.cause


def test_what_no_file_can_prove_is_assumed() -> None:
    """A cloud's network may drop a reply that another node sends."""
    pinned = {"externalTrafficPolicy": "Cluster"}
    cloud = plan_of_port(
        service=pinned, balancer="gcp-passthrough", dataplane=cilium("dsr")
    )
    own = plan_of_port(service=pinned, dataplane=cilium("dsr"))
    elected = plan_of_port(balancer="kube-vip-arp")

    assert len(cloud.assumes) == 1
    assert own.assumes == ()
    assert "svc_election" in elected.assumes[0]


# Pins and the headers they cause.


@pytest.mark.parametrize("balancer", ["hetzner", "aws-nlb-instance", "linode"])
def test_both_senders_pinned_is_two_headers(balancer: str) -> None:
    port = plan_of_port(
        service={"proxyProtocol": "v2"},
        balancer={"provider": balancer, "proxyProtocol": "v2"},
    )

    assert (port.header, port.second_header) == ("v2", "v2")
    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


def test_an_appliance_sends_whatever_kubelbs_annotation_says() -> None:
    appliance = {"class": "proxying", "proxyProtocol": "v1"}

    port = plan_of_port(service={"proxyProtocol": "v2"}, balancer=appliance)

    assert (port.header, port.second_header) == ("v2", "v1")
    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


def test_kubelbs_annotation_pinned_behind_a_proxy_names_the_proxy() -> None:
    decided = plan_of_service(
        service({"backend": NGINX}, proxyProtocol="v2"), balancer="hetzner"
    )

    assert decided.ports[0].header == "v2"
    assert decided.ports[0].unmet is not None
    assert decided.ports[0].unmet.outcome is LOST
    assert (
        decided.annotations["load-balancer.hetzner.cloud/uses-proxyprotocol"] == "false"
    )


@pytest.mark.parametrize("kind", ["passThrough", "vip", "proxying"])
@pytest.mark.parametrize("sent", ["v1", "v2"])
def test_a_balancer_of_any_class_that_sends_takes_the_row_of_those_that_send(
    kind: str, sent: str
) -> None:
    """A custom one may leave its annotations out: its owner switched it on."""
    decided = plan_of_service(
        service({"backend": NGINX}), balancer={"class": kind, "proxyProtocol": sent}
    )

    assert decided.annotations == {}
    assert decided.ports[0].carrier is Carrier.BALANCER
    assert decided.ports[0].header == sent
    assert decided.ports[0].unmet is None


def oracle_of_headers(sent: str | None, backend: Data) -> Outcome | None:
    """Say what was measured: NGINX reads both versions, `other` what it says."""
    pin = backend.get("acceptProxyProtocol")
    if backend["kind"] == "other" and pin is None:
        known = backend["proxyProtocol"] != "none"
        understood = {"v1", "v2"} if known else set()
        waits = backend["proxyProtocol"] == "required"
    elif pin is None:
        understood, waits = {"v1", "v2"}, sent is not None
    else:
        understood, waits = {"v1", "v2"} if pin != "none" else set(), pin != "none"
    if sent is None and not waits:
        # Who takes a header where there is one takes the client's own.
        return FORGEABLE if backend.get("proxyProtocol") == "accepted" else LOST
    if sent is None:
        return BROKEN
    return None if sent in understood else BROKEN


@pytest.mark.parametrize(
    ("header", "backend"),
    [
        *product(
            ("v1", "v2", None),
            (
                NGINX,
                HAPROXY,
                *(
                    {**NGINX, "acceptProxyProtocol": each}
                    for each in ("none", "v1", "v2", "any")
                ),
                NONE,
                ACCEPTED,
                REQUIRED,
            ),
        )
    ],
)
def test_a_header_and_its_reader_have_to_agree(
    header: str | None, backend: Data
) -> None:
    """The balancer's header is pinned, so that no reader can turn it off."""
    balancer: Any = {"class": "passThrough", "proxyProtocol": header or "none"}
    pin = {} if header else {"proxyProtocol": "none"}

    port = plan_of_port(backend, balancer=balancer, service=pin)

    assert (port.unmet and port.unmet.outcome) == oracle_of_headers(header, backend)


@pytest.mark.parametrize("wish", [{}, PREFERRED, IGNORED])
def test_broken_is_broken_whatever_the_wish(wish: Data) -> None:
    port = plan_of_port(NONE, service={"proxyProtocol": "v2", **wish})

    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


@pytest.mark.parametrize("backend", [NGINX, NONE])
@pytest.mark.parametrize("balancer", ["metallb-bgp", "hetzner"])
def test_a_port_that_ignores_its_client_gets_no_header(
    backend: Data, balancer: str
) -> None:
    decided = plan_of_service(
        service({"backend": backend, **IGNORED}), balancer=balancer
    )
    (port,) = decided.ports

    assert (port.header, port.unmet) == (None, None)
    assert not decided.proxy_annotation
    assert decided.balancer.policy == "Cluster"


def test_a_program_that_waits_gets_its_header_even_where_nobody_cares() -> None:
    port = plan_of_port(REQUIRED, service=IGNORED)

    assert (port.header, port.unmet) == ("v2", None)


def test_a_program_that_reads_no_header_is_told_to_stand_behind_one_that_does() -> None:
    port = plan_of_port(NONE)

    assert port.unmet is not None
    assert port.unmet.outcome is LOST
    assert "NGINX" in port.unmet.designs[0]


# Trust pins.


@pytest.mark.parametrize(
    ("policy", "pin", "outcome"),
    [
        ("Local", EGRESS, None),
        ("Local", "10.3.2.0/24", None),
        ("Local", "10.0.0.0/8", None),
        ("Local", INTERNAL, BROKEN),
        ("Local", "192.0.2.0/24", BROKEN),
        ("Cluster", INTERNAL, None),
        ("Cluster", EGRESS, BROKEN),
    ],
)
def test_a_guard_that_names_no_peer_refuses_everybody(
    policy: str, pin: str, outcome: Outcome | None
) -> None:
    """Under Cluster a tenant node is the peer, measured as 10.2.20.1."""
    port = plan_of_port(
        {**NGINX, "trustedCIDRs": [pin]},
        service={"externalTrafficPolicy": policy},
        dataplane=cilium("dsr"),
    )

    assert (port.unmet and port.unmet.outcome) == outcome


def test_a_tenants_dsr_hands_connections_on_from_their_source() -> None:
    port = plan_of_port(
        {**NGINX, "trustedCIDRs": [EGRESS]},
        service={"externalTrafficPolicy": "Cluster"},
        dataplane=cilium("dsr"),
        tenant={"dataplane": cilium("dsr")},
    )

    assert port.unmet is None


# Several ports, UDP, IPv6.


def test_a_balancer_with_a_switch_for_each_port_sends_to_readers_alone() -> None:
    decided = plan_of_service(
        service(
            {"port": 443, "backend": NGINX}, {"port": 22, "backend": NONE, **IGNORED}
        ),
        balancer="linode",
    )

    assert [port.header for port in decided.ports] == ["v2", None]
    assert [port.unmet for port in decided.ports] == [None, None]
    prefix = "service.beta.kubernetes.io/linode-loadbalancer-"
    assert decided.annotations[f"{prefix}port-443"] == '{"proxy-protocol":"v2"}'
    # KubeLB takes no annotation away: what may have been on is written as off.
    assert decided.annotations[f"{prefix}default-proxy-protocol"] == "none"


@pytest.mark.parametrize("balancer", ["metallb-bgp", "hetzner"])
def test_a_header_for_one_port_of_a_service_breaks_another_that_reads_none(
    balancer: str,
) -> None:
    """KubeLB's annotation, and Hetzner's, are a matter of the whole Service."""
    decided = plan_of_service(
        service({"backend": NGINX}, {"backend": NONE, **IGNORED}), balancer=balancer
    )
    first, second = decided.ports

    assert first.unmet is None
    assert second.unmet is not None
    assert second.unmet.outcome is BROKEN


def test_a_program_of_ours_takes_the_header_that_comes_for_another_port() -> None:
    decided = plan_of_service(
        service({"backend": NGINX}, {"backend": NGINX, **IGNORED})
    )

    assert [port.accept for port in decided.ports] == ["v2", "v2"]
    assert [port.unmet for port in decided.ports] == [None, None]


@pytest.mark.parametrize("balancer", ["metallb-bgp", "stackit", "aws-nlb-ip"])
@pytest.mark.parametrize("plane", [None, cilium("dsr"), cilium("hybrid")])
def test_nothing_carries_a_client_over_udp(balancer: str, plane: Data | None) -> None:
    decided = plan_of_service(
        service({"protocol": "UDP", "backend": NGINX}),
        balancer=balancer,
        dataplane=plane,
    )
    (port,) = decided.ports

    assert decided.balancer.policy == "Cluster"
    assert not decided.proxy_annotation
    assert port.unmet is not None
    assert port.unmet.outcome is LOST
    assert len(port.unmet.designs) == 3


def test_tcp_decides_the_policy_of_a_service_that_has_both() -> None:
    decided = plan_of_service(
        service({"backend": NGINX}, {"protocol": "UDP", "backend": NGINX, **IGNORED})
    )

    assert decided.balancer.policy == "Local"
    assert [port.header for port in decided.ports] == ["v2", None]
    assert [port.unmet for port in decided.ports] == [None, None]


def test_a_program_that_waits_for_a_header_over_udp_waits_in_vain() -> None:
    port = plan_of_port(REQUIRED, port={"protocol": "UDP", **IGNORED})

    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


@pytest.mark.parametrize("balancer", ["hetzner", "aws-elb-classic", "scaleway"])
def test_a_balancer_that_carries_no_udp_breaks_it(balancer: str) -> None:
    port = plan_of_port(port={"protocol": "UDP", **IGNORED}, balancer=balancer)

    assert port.unmet is not None
    assert port.unmet.outcome is BROKEN


@pytest.mark.parametrize("wish", [{}, PREFERRED, IGNORED])
@pytest.mark.parametrize("balancer", ["metallb-bgp", "gcp-passthrough"])
def test_kubelbs_envoy_serves_no_ipv6(balancer: str, wish: Data) -> None:
    port = plan_of_port(
        balancer={"provider": balancer, "ipFamilies": ["IPv4", "IPv6"]}, service=wish
    )

    assert port.unmet is None
    assert port.unmet_ipv6 is not None
    assert port.unmet_ipv6.outcome is BROKEN


def test_a_spec_that_speaks_of_no_ipv6_is_asked_nothing_about_it() -> None:
    assert plan_of_port().unmet_ipv6 is None


@pytest.mark.parametrize("balancer", ["hetzner", "aws-nlb-instance", "aws-nlb-ip"])
def test_a_header_carries_ipv6_past_a_balancer_that_turns_it_into_ipv4(
    balancer: str,
) -> None:
    """For an NLB of instances that takes PROXY: only IPv4 keeps its source there."""
    port = plan_of_port(balancer={"provider": balancer, "ipFamilies": ["IPv4", "IPv6"]})

    assert port.carrier is Carrier.BALANCER
    assert (port.unmet, port.unmet_ipv6) == (None, None)


def test_translated_ipv6_without_a_header_is_lost() -> None:
    port = plan_of_port(
        balancer={
            "provider": "aws-nlb-instance",
            "ipFamilies": ["IPv4", "IPv6"],
            "proxyProtocol": "none",
        }
    )

    assert port.unmet is None
    assert port.unmet_ipv6 is not None
    assert port.unmet_ipv6.outcome is LOST


# The whole product, against an oracle of its own.

BALANCERS: dict[str, tuple[Data, str, str | None]] = {
    "vip": ({"class": "vip"}, "passes", None),
    "pass-through": ({"class": "passThrough"}, "passes", None),
    "sending v1": ({"class": "proxying", "proxyProtocol": "v1"}, "proxies", "v1"),
    "sending v2": ({"class": "proxying", "proxyProtocol": "v2"}, "proxies", "v2"),
    "mute": ({"class": "proxying"}, "proxies", None),
}
PLANES = {
    "kube-proxy": None,
    "snat": cilium("snat"),
    "dsr": cilium("dsr"),
    "hybrid": cilium("hybrid"),
}


def oracle(
    balancer: str, plane: str, version: str, policy: str | None, annotation: str | None
) -> Outcome | None:
    """What NGINX, which reads whatever comes, gets on the wire."""
    _, way, sent = BALANCERS[balancer]
    copies = version in NEW
    at_envoy = policy if copies else "Cluster"
    source_kept = way == "passes" and (at_envoy != "Cluster" or plane in PLANES_OF_DSR)
    envoy_writes = copies and (
        annotation == "v2" or (annotation is None and sent is None and way == "passes")
    )
    if envoy_writes and sent is not None:
        return BROKEN
    if sent is not None:
        return None
    return None if envoy_writes and source_kept else LOST


PLANES_OF_DSR = ("dsr", "hybrid")


@pytest.mark.parametrize(
    ("balancer", "plane", "version", "policy", "annotation"),
    [
        *product(
            BALANCERS,
            PLANES,
            ("1.2", "1.3.0", "1.3.1", "1.3.2", "1.4.3", "1.5"),
            (None, "Local", "Cluster"),
            (None, "v2", "none"),
        )
    ],
)
def test_every_combination_comes_out_as_on_the_wire(
    balancer: str, plane: str, version: str, policy: str | None, annotation: str | None
) -> None:
    fields = {"externalTrafficPolicy": policy, "proxyProtocol": annotation}

    port = plan_of_port(
        service={key: value for key, value in fields.items() if value is not None},
        balancer=BALANCERS[balancer][0],
        dataplane=PLANES[plane],
        version=version,
    )

    expected = oracle(balancer, plane, version, policy, annotation)
    assert (port.unmet and port.unmet.outcome) == expected
