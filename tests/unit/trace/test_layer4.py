"""Layer 4, held against what was measured on the wire.

The first table is that at the end of facts/kubelb.md: kernel NAT programmed as
kube-proxy and a cloud load balancer do it, and a real Envoy 1.40.  The rest is
facts/backends-and-envoy.md, sections 1, 3, 4, 7, 8 and 10, and
facts/cilium-and-lb.md, section 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen.trace import Origin
from tests.support.traces import from_internet, port_paths, seen
from tests.support.wishes import (
    ACCEPTED,
    HAPROXY,
    IGNORED,
    INTERNAL,
    NGINX,
    NONE,
    REQUIRED,
    cilium,
)

if TYPE_CHECKING:
    from tests.support.traces import Seen
    from tests.support.wishes import Data

LOCAL = {"externalTrafficPolicy": "Local"}
CLUSTER = {"externalTrafficPolicy": "Cluster"}
V2 = {"proxyProtocol": "v2"}
OFF = {"proxyProtocol": "none"}
TRUSTING = {"trustedCIDRs": ["10.3.0.0/16"]}
PASSING: Data = {"class": "passThrough"}
REPLACING: Data = {"class": "proxying"}
SENDING: Data = {"class": "proxying", "proxyProtocol": "v2"}
SENDING_V1: Data = {"class": "proxying", "proxyProtocol": "v1"}
BY_PP2 = "proxy-protocol-v2"
BY_PP1 = "proxy-protocol-v1"
EGRESS_PEER = "management-egress"
NODE_PEER = "tenant-node"

MEASURED = [
    # balancer, Service, what the backend sees
    (PASSING, V2 | LOCAL, ("preserved", "client", BY_PP2, None, EGRESS_PEER)),
    (PASSING, V2 | CLUSTER, ("lost", "management-node", BY_PP2, "SNAT#1", NODE_PEER)),
    (REPLACING, V2 | LOCAL, ("lost", "load-balancer", BY_PP2, "SNAT#0", EGRESS_PEER)),
    (REPLACING, V2 | CLUSTER, ("lost", "management-node", BY_PP2, "SNAT#0", NODE_PEER)),
    (SENDING, OFF | LOCAL, ("preserved", "client", BY_PP2, None, EGRESS_PEER)),
    (SENDING, OFF | CLUSTER, ("preserved", "client", BY_PP2, None, NODE_PEER)),
    (SENDING_V1, OFF | LOCAL, ("preserved", "client", BY_PP1, None, EGRESS_PEER)),
    (SENDING_V1, OFF | CLUSTER, ("preserved", "client", BY_PP1, None, NODE_PEER)),
    (SENDING, V2 | LOCAL, ("broken", None, None, None, EGRESS_PEER)),
    (SENDING, V2 | CLUSTER, ("broken", None, None, None, NODE_PEER)),
    (SENDING_V1, V2 | LOCAL, ("broken", None, None, None, EGRESS_PEER)),
]


@pytest.mark.parametrize("backend", [NGINX, HAPROXY, REQUIRED])
@pytest.mark.parametrize(("balancer", "pins", "expected"), MEASURED)
def test_layer_4_is_as_it_was_measured(
    balancer: Data, pins: Data, expected: Seen, backend: Data
) -> None:
    assert expected == from_internet(
        port_paths(backend, balancer=balancer, service=pins)
    )


@pytest.mark.parametrize(
    ("balancer", "pins", "expected"),
    [
        # Without PROXY nothing brings the client past SNAT#2, whatever the policies.
        (
            PASSING,
            LOCAL,
            ("lost", EGRESS_PEER, "source-address", "SNAT#2", EGRESS_PEER),
        ),
        (PASSING, CLUSTER, ("lost", NODE_PEER, "source-address", "SNAT#1", NODE_PEER)),
        (
            REPLACING,
            LOCAL,
            ("lost", EGRESS_PEER, "source-address", "SNAT#0", EGRESS_PEER),
        ),
    ],
)
@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_without_a_header_the_backend_sees_its_peer(
    balancer: Data, pins: Data, expected: Seen, protocol: str
) -> None:
    paths = port_paths(
        NONE, port={"protocol": protocol}, balancer=balancer, service=pins
    )

    assert expected == from_internet(paths)


def test_udp_is_lost_with_the_annotation_on_too() -> None:
    paths = port_paths(
        NONE, port={"protocol": "UDP"}, balancer=PASSING, service=V2 | LOCAL
    )

    assert from_internet(paths)[:2] == ("lost", "management-egress")


def test_no_load_balancer_sends_proxy_over_udp() -> None:
    paths = port_paths(NONE, port={"protocol": "UDP"}, balancer=SENDING, service=OFF)

    assert from_internet(paths)[0] == "lost"


@pytest.mark.parametrize(
    ("mode", "protocol", "expected"),
    [
        ("snat", "TCP", "lost"),
        ("dsr", "TCP", "preserved"),
        ("hybrid", "TCP", "preserved"),
    ],
)
def test_dsr_keeps_the_source_under_cluster(
    mode: str, protocol: str, expected: str
) -> None:
    paths = port_paths(
        port={"protocol": protocol},
        balancer={"class": "vip"},
        dataplane=cilium(mode),
        service=V2 | CLUSTER,
    )

    assert from_internet(paths)[0] == expected


def test_dsr_brings_back_no_address_that_the_load_balancer_replaced() -> None:
    paths = port_paths(
        balancer=REPLACING, dataplane=cilium("dsr"), service=V2 | CLUSTER
    )

    assert from_internet(paths)[:4] == ("lost", "load-balancer", BY_PP2, "SNAT#0")


@pytest.mark.parametrize(
    ("mode", "protocol", "peer"),
    [
        ("snat", "TCP", NODE_PEER),
        ("dsr", "TCP", EGRESS_PEER),
        ("dsr", "UDP", EGRESS_PEER),
        ("hybrid", "TCP", EGRESS_PEER),
        ("hybrid", "UDP", NODE_PEER),
    ],
)
def test_the_tenants_cilium_decides_the_peer_under_cluster(
    mode: str, protocol: str, peer: str
) -> None:
    paths = port_paths(
        NONE,
        port={"protocol": protocol},
        service=CLUSTER,
        tenant={"dataplane": cilium(mode)},
    )

    assert from_internet(paths)[4] == peer


@pytest.mark.parametrize("version", ["1.2.0", "1.3.0", "1.3.1"])
def test_an_old_kubelb_ignores_annotation_and_policy(version: str) -> None:
    paths = port_paths(NONE, version=version, service=V2 | LOCAL)

    assert from_internet(paths) == (
        "lost",
        EGRESS_PEER,
        "source-address",
        "SNAT#1",
        EGRESS_PEER,
    )


@pytest.mark.parametrize(
    ("service", "backend", "verdict"),
    [
        # A header that the reader does not expect; one that it waits for in vain.
        (V2, NONE, "broken"),
        (V2, {**NGINX, "acceptProxyProtocol": "none"}, "broken"),
        (V2, {**HAPROXY, "acceptProxyProtocol": "none"}, "broken"),
        (OFF, REQUIRED, "broken"),
        (OFF, {**NGINX, "acceptProxyProtocol": "v2"}, "broken"),
        (OFF, {**HAPROXY, "acceptProxyProtocol": "any"}, "broken"),
        # NGINX and HAProxy read both versions, whatever a pin says.
        (V2, {**NGINX, "acceptProxyProtocol": "v1"}, "preserved"),
        (V2, {**HAPROXY, "acceptProxyProtocol": "v1"}, "preserved"),
        # A guard that knows none of the peers refuses all of them.
        (V2, {**NGINX, "trustedCIDRs": ["192.0.2.0/24"]}, "broken"),
        (V2, {**HAPROXY, "trustedCIDRs": [INTERNAL]}, "broken"),
        (V2 | CLUSTER, {**HAPROXY, "trustedCIDRs": [INTERNAL]}, "lost"),
        # Who takes a header where there is one takes the client's own.
        (OFF, ACCEPTED, "forgeable"),
        (V2, ACCEPTED, "preserved"),
        (OFF, NONE, "lost"),
    ],
)
def test_header_reader_and_guard_have_to_agree(
    service: Data, backend: Data, verdict: str
) -> None:
    paths = port_paths(backend, service=LOCAL | service)

    assert from_internet(paths)[0] == verdict


@pytest.mark.parametrize("word", ["accepted", "required"])
def test_a_datagram_can_carry_a_lie_to_who_detects_headers(word: str) -> None:
    """Unbound answered a hand-made PROXY v2 datagram, and dropped a bare query."""
    paths = port_paths(
        {"kind": "other", "proxyProtocol": word}, port={"protocol": "UDP"}
    )

    expected = {"accepted": "forgeable", "required": "broken"}[word]
    assert from_internet(paths)[0] == expected


def test_a_lie_behind_a_header_of_the_path_is_no_name() -> None:
    lies = port_paths(ACCEPTED)[Origin.INTERNET_IPV4].lies

    assert {(str(each.place), each.believed) for each in lies} == {
        ("proxy-protocol-v1", False),
        ("proxy-protocol-v2", False),
    }


@pytest.mark.parametrize(
    ("balancer", "pins", "expected"),
    [
        ("metallb-bgp", LOCAL, "preserved"),
        ("kube-vip-bgp", LOCAL, "broken"),
        ("stackit", LOCAL, "broken"),
        ("keepalived", LOCAL, "broken"),
    ],
)
def test_local_works_where_the_catalogue_says_so(
    balancer: str, pins: Data, expected: str
) -> None:
    assert from_internet(port_paths(balancer=balancer, service=pins))[0] == expected


def test_an_old_kubelb_copies_no_local_that_could_drop_traffic() -> None:
    paths = port_paths(NONE, version="1.3.0", balancer="kube-vip-bgp", service=LOCAL)

    assert from_internet(paths)[0] == "lost"


@pytest.mark.parametrize(
    ("balancer", "pins", "expected"),
    [
        # KubeLB's Envoy listens on 0.0.0.0.
        ({"class": "vip"}, {}, ("broken", None)),
        ({"class": "passThrough"}, {}, ("broken", None)),
        # Who opens connections of its own dials over IPv4.
        (SENDING, {}, ("preserved", "client")),
        (REPLACING, LOCAL | V2, ("lost", "load-balancer")),
        ({"provider": "aws-nlb-instance"}, {}, ("preserved", "client")),
        (
            {"provider": "aws-nlb-instance", "proxyProtocol": "none"},
            {},
            ("lost", "load-balancer"),
        ),
    ],
)
def test_ipv6_arrives_only_translated(
    balancer: Data, pins: Data, expected: tuple[str, str | None]
) -> None:
    balancer = {**balancer, "ipFamilies": ["IPv4", "IPv6"]}
    paths = port_paths(balancer=balancer, service=pins)

    assert seen(paths[Origin.INTERNET_IPV6])[:2] == expected


@pytest.mark.parametrize(
    ("policy", "peer"), [(LOCAL, EGRESS_PEER), (CLUSTER, NODE_PEER)]
)
def test_whom_envoy_refuses_is_no_backends_peer(policy: Data, peer: str) -> None:
    """The backend accepts nobody's connections but Envoy's own."""
    balancer = {"class": "passThrough", "ipFamilies": ["IPv4", "IPv6"]}
    path = port_paths(balancer=balancer, service=policy)[Origin.INTERNET_IPV6]

    assert seen(path) == ("broken", None, None, None, peer)
    assert path.hops[-1].name == "kubelb-envoy"


@pytest.mark.parametrize("backend", [ACCEPTED, REQUIRED])
def test_a_program_that_nobody_guards_is_assumed_to_be_behind_envoy(
    backend: Data,
) -> None:
    past = "nobody reaches the program past Envoy"
    unguarded = port_paths(backend)[Origin.INTERNET_IPV4]
    pinned = port_paths(backend | TRUSTING)[Origin.INTERNET_IPV4]

    assert (unguarded.verdict, unguarded.assumes) == ("preserved", (past,))
    assert (pinned.verdict, pinned.assumes) == ("preserved", ())
    assert port_paths(NGINX)[Origin.INTERNET_IPV4].assumes == ()
    assert port_paths(NONE)[Origin.INTERNET_IPV4].assumes == ()
    assert not unguarded.trust


def test_lies_of_pods_are_told_even_where_their_calls_break() -> None:
    """A pod may write the header that the program waits for."""
    path = port_paths(REQUIRED)[Origin.CLUSTER_SERVICE_IP]

    assert path.verdict == "broken"
    assert {str(lie.place) for lie in path.lies if lie.believed} == {BY_PP1, BY_PP2}


def test_a_balancer_of_ipv4_alone_has_no_path_over_ipv6() -> None:
    assert Origin.INTERNET_IPV6 not in port_paths()


def test_a_load_balancer_without_udp_carries_none() -> None:
    paths = port_paths(NONE, port={"protocol": "UDP"}, balancer="aws-elb-classic")

    assert from_internet(paths)[0] == "broken"


@pytest.mark.parametrize(
    ("balancer", "expected"),
    [
        # ipMode VIP: past load balancer and Envoy, without any header.
        ({"provider": "metallb-bgp"}, "broken"),
        ({"provider": "digitalocean-regional"}, "broken"),
        # ipMode Proxy, or a host name: out of the cluster as a node, and back.
        ({"provider": "hetzner", "proxyProtocol": "v2"}, "lost"),
        ({"provider": "aws-elb-classic", "proxyProtocol": "v1"}, "lost"),
        # Nothing is known of it: Kubernetes' default is VIP.
        (SENDING, "broken"),
    ],
)
def test_pods_that_call_the_public_address(balancer: Data, expected: str) -> None:
    paths = port_paths(balancer=balancer, service={"callers": ["internet", "cluster"]})

    assert seen(paths[Origin.CLUSTER_VIP])[0] == expected


def test_a_pod_that_leaves_its_cluster_comes_back_as_its_node() -> None:
    """A host name in the status, which nobody short-cuts; measured in the laboratory.

    The node is the source that KubeLB's Envoy names, and the pod is never seen again.
    """
    path = port_paths(balancer="aws-nlb-instance")[Origin.CLUSTER_VIP]

    assert seen(path) == ("lost", NODE_PEER, BY_PP2, "SNAT#3", EGRESS_PEER)
    assert [hop.name for hop in path.hops][:2] == ["caller-node", "load-balancer"]
    assert "most CNIs masquerade" in path.because[0]


@pytest.mark.parametrize(
    ("backend", "service", "expected"),
    [
        (NGINX, V2, ("broken", None, None, None, "client")),
        (REQUIRED, V2, ("broken", None, None, None, "client")),
        (NONE, OFF, ("preserved", "client", "source-address", None, "client")),
        # A pod can send a header of its own.
        (
            ACCEPTED,
            V2 | CLUSTER,
            ("forgeable", "client", "source-address", None, "client"),
        ),
        # Nobody but its owner can say that it refuses strangers.
        (ACCEPTED, V2, ("forgeable", "client", "source-address", None, "client")),
        (
            ACCEPTED | TRUSTING,
            V2,
            ("preserved", "client", "source-address", None, "client"),
        ),
    ],
)
def test_pods_that_call_the_service(
    backend: Data, service: Data, expected: Seen
) -> None:
    paths = port_paths(backend, service=service)

    assert seen(paths[Origin.CLUSTER_SERVICE_IP]) == expected


@pytest.mark.parametrize("backend", [NGINX, HAPROXY])
def test_a_plain_port_serves_the_pods_of_the_cluster(backend: Data) -> None:
    paths = port_paths(
        backend,
        port={"plain": {"port": 8082}},
        service={"callers": ["internet", "cluster"]},
    )
    path = paths[Origin.CLUSTER_SERVICE_IP]

    assert path.plain
    assert seen(path) == ("preserved", "client", "source-address", None, "client")
    assert seen(paths[Origin.CLUSTER_VIP])[0] == "broken"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (LOCAL, ("preserved", "client", "source-address", None, "client")),
        (CLUSTER, ("lost", "tenant-node", "source-address", "SNAT#3", "tenant-node")),
    ],
)
def test_a_short_cut_is_masqueraded_under_cluster(policy: Data, expected: Seen) -> None:
    paths = port_paths(NONE, service=OFF | policy)

    assert seen(paths[Origin.CLUSTER_VIP]) == expected


@pytest.mark.parametrize(
    ("probe", "passes"),
    [
        (None, True),
        ({"type": "tcpSocket"}, True),
        ({"type": "tcpSocket", "port": 8081}, True),
        ({"type": "httpGet"}, False),
        ({"type": "httpGet", "port": 5000}, False),
        ({"type": "httpGet", "port": 8081}, True),
    ],
)
@pytest.mark.parametrize("backend", [NGINX, HAPROXY, REQUIRED])
def test_probes_on_a_port_that_wants_a_header(
    backend: Data, probe: Data | None, passes: bool
) -> None:
    """Facts, section 7: tcpSocket passes, httpGet is closed or reset."""
    given = backend | ({"probe": probe} if probe else {})
    path = port_paths(given, port={"targetPort": 5000}, service=V2)[Origin.KUBELET]

    assert (str(path.verdict), str(path.flow)) == (
        "preserved" if passes else "broken",
        "probe",
    )
    assert path.peer == "tenant-node"


@pytest.mark.parametrize("service", [V2, OFF])
@pytest.mark.parametrize("backend", [NONE, REQUIRED])
def test_a_health_check_that_only_connects_sees_no_mismatch(
    backend: Data, service: Data
) -> None:
    path = port_paths(backend, service=LOCAL | service)[Origin.HEALTH_CHECK]

    assert path.verdict == "preserved"
    assert any("no PROXY mismatch" in each for each in path.because)
    assert path.peer == "management-egress"


def test_udp_has_no_health_check_and_no_probe() -> None:
    paths = port_paths(NONE, port={"protocol": "UDP"})

    assert not {Origin.HEALTH_CHECK, Origin.KUBELET} & set(paths)


@pytest.mark.parametrize(
    ("protocol", "every_node", "words"),
    [
        ("TCP", False, "take nodes without a ready pod out"),
        ("UDP", False, "drops its share of the datagrams"),
        ("UDP", True, "every node has a pod"),
    ],
)
def test_a_node_without_a_pod_is_told_under_local(
    protocol: str, every_node: bool, words: str
) -> None:
    path = port_paths(
        NONE,
        port={"protocol": protocol},
        service=LOCAL | {"everyNode": every_node},
    )[Origin.INTERNET_IPV4]
    (node,) = [hop for hop in path.hops if hop.name == "tenant-node"]

    assert words in node.why


@pytest.mark.parametrize(
    ("backend", "application"),
    [
        (NGINX, "backend-address"),
        ({**NGINX, "upstreamProxyProtocol": "v1"}, "same"),
        ({**NGINX, "mode": "http"}, "by-header"),
        ({**HAPROXY, "mode": "http"}, "by-header"),
        (HAPROXY, "backend-address"),
        ({**HAPROXY, "upstreamProxyProtocol": "v2"}, "same"),
        (REQUIRED, "same"),
    ],
)
def test_what_the_program_behind_learns(backend: Data, application: str) -> None:
    path = port_paths(backend)[Origin.INTERNET_IPV4]

    assert path.application == application


def test_the_wish_plays_no_part() -> None:
    wished = port_paths(NONE)[Origin.INTERNET_IPV4]
    ignored = port_paths(NONE, port=IGNORED, service=LOCAL)[Origin.INTERNET_IPV4]

    assert (wished.verdict, wished.identity) == (ignored.verdict, ignored.identity)


def test_the_internet_comes_first() -> None:
    balancer = {**SENDING, "ipFamilies": ["IPv4", "IPv6"]}

    assert list(port_paths(balancer=balancer)) == [
        Origin.INTERNET_IPV4,
        Origin.INTERNET_IPV6,
        Origin.CLUSTER_SERVICE_IP,
        Origin.CLUSTER_VIP,
        Origin.KUBELET,
        Origin.HEALTH_CHECK,
    ]


def test_a_pin_narrower_than_its_peers_is_an_assumption() -> None:
    narrow = NGINX | {"trustedCIDRs": ["10.3.2.0/24"]}

    path = port_paths(narrow)[Origin.INTERNET_IPV4]

    assert path.verdict == "preserved"
    assert path.assumes == ("connections come from 10.3.2.0/24 alone",)
    assert port_paths(NGINX | TRUSTING)[Origin.INTERNET_IPV4].assumes == ()
