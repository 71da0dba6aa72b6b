"""Layer 7, held against facts/backends-and-envoy.md, sections 5, 9 and 11.

Measured there: an edge (hops 0) and KubeLB's Envoy (hops 1) in a row, real NGINX and
HAProxy behind them, clean and with forged headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kubelb_gen.trace import LiePlace, Origin
from tests.support.traces import from_internet, route_paths, seen
from tests.support.wishes import CDN, EGRESS, INTERNAL, PODS, cilium

if TYPE_CHECKING:
    from kubelb_gen.trace import Path
    from tests.support.traces import Paths, Seen
    from tests.support.wishes import Data

NGINX: Data = {"kind": "nginx", "upstream": "127.0.0.1:3000"}
HAPROXY: Data = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
PASSING: Data = {"class": "passThrough"}
REPLACING: Data = {"class": "proxying"}
SENDING: Data = {"class": "proxying", "proxyProtocol": "v2"}
STACKIT: Data = {"provider": "stackit", "proxyProtocol": "none"}
XFF, EXTERNAL = "x-forwarded-for", "x-envoy-external-address"
NODE = "tenant-node"


def behind(count: int, **more: Any) -> Data:  # noqa: ANN401  it is a spec
    return {"count": count, "cidrs": [CDN], "onlyWayIn": True} | more


def other(**reads: Any) -> Data:  # noqa: ANN401  it is a spec
    return {"kind": "other", "reads": reads}


def ingress_paths(backend: Data, **facts: Any) -> Paths:  # noqa: ANN401  it is a spec
    edges = {"edges": [{"name": "nginx", "kind": "ingress-nginx"}]}
    return route_paths(backend, ingress=True, management=edges, **facts)


def believed(path: Path) -> set[tuple[str, bool]]:
    return {(str(lie.place), lie.past_proxies) for lie in path.lies if lie.believed}


@pytest.mark.parametrize(
    ("balancer", "expected"),
    [
        (PASSING, ("preserved", "client", EXTERNAL, None, NODE)),
        ("metallb-bgp", ("preserved", "client", EXTERNAL, None, NODE)),
        (SENDING, ("preserved", "client", EXTERNAL, None, NODE)),
        (REPLACING, ("lost", "load-balancer", EXTERNAL, "SNAT#0", NODE)),
        ("hetzner", ("preserved", "client", EXTERNAL, None, NODE)),
        ("stackit", ("preserved", "client", EXTERNAL, None, NODE)),
    ],
)
def test_nginx_reads_what_kubelbs_envoy_overwrites(
    balancer: Data | str, expected: Seen
) -> None:
    assert from_internet(route_paths(NGINX, balancer=balancer)) == expected


@pytest.mark.parametrize("count", [0, 1, 2])
def test_haproxy_counts_to_the_client(count: int) -> None:
    paths = route_paths(HAPROXY, proxies=behind(count) if count else None)

    assert from_internet(paths) == ("preserved", "client", XFF, None, NODE)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_nginx_walks_past_the_proxies_and_needs_no_firewall(count: int) -> None:
    paths = route_paths(NGINX, proxies=behind(count, onlyWayIn=False))

    assert from_internet(paths) == ("preserved", "client", XFF, None, NODE)


def test_nginx_cannot_count() -> None:
    paths = route_paths(NGINX, proxies={"count": 1})

    assert from_internet(paths) == ("lost", NODE, "source-address", "SNAT#0", NODE)


@pytest.mark.parametrize("backend", [HAPROXY, other(fromRight=3)])
def test_counting_past_proxies_believes_who_walks_around_them(backend: Data) -> None:
    path = route_paths(backend, proxies=behind(1, onlyWayIn=False))[
        Origin.INTERNET_IPV4
    ]

    assert path.verdict == "forgeable"
    assert believed(path) == {(XFF, True)}


@pytest.mark.parametrize(
    ("backend", "proxies", "verdict", "identity"),
    [
        # Behind no proxy the client is entry 2.
        (other(fromRight=1), None, "lost", "edge-proxy"),
        (other(fromRight=2), None, "preserved", "client"),
        (other(fromRight=3), None, "forgeable", NODE),
        # Behind one it is entry 3.
        (other(fromRight=2), behind(1), "lost", "outer-proxy"),
        (other(fromRight=3), behind(1), "preserved", "client"),
        (other(fromRight=4), behind(1), "forgeable", NODE),
        # Between the two, who walks around the proxies writes the entry.
        (other(fromRight=3), behind(2, onlyWayIn=False), "forgeable", "outer-proxy"),
        (other(fromRight=3), behind(2), "lost", "outer-proxy"),
        (other(first=True), None, "forgeable", "client"),
        (other(first=True), behind(1), "forgeable", "client"),
        (other(peer=True), None, "lost", NODE),
        (other(header="X-Real-IP", fromRight=1), None, "forgeable", NODE),
        (other(header="CF-Connecting-IP", first=True), None, "forgeable", NODE),
        (
            other(header="X-Envoy-External-Address", fromRight=1),
            None,
            "preserved",
            "client",
        ),
        (
            other(header="X-Envoy-External-Address", fromRight=1),
            behind(1),
            "lost",
            "outer-proxy",
        ),
        (other(cidrs=[PODS]), None, "preserved", "client"),
        (other(cidrs=[CDN]), None, "lost", "edge-proxy"),
        (other(cidrs=[PODS]), behind(1), "lost", "outer-proxy"),
        (other(cidrs=[PODS, CDN]), behind(1), "preserved", "client"),
    ],
)
def test_a_program_finds_whom_it_says_it_reads(
    backend: Data, proxies: Data | None, verdict: str, identity: str
) -> None:
    paths = route_paths(backend, proxies=proxies)

    assert from_internet(paths)[:2] == (verdict, identity)


@pytest.mark.parametrize(
    ("covered", "verdict"),
    [([PODS], "lost"), ([PODS, "10.9.0.0/24"], "preserved")],
)
def test_a_walk_has_to_know_every_network_of_the_edge(
    covered: list[str], verdict: str
) -> None:
    paths = route_paths(
        other(cidrs=covered), management={"podCIDRs": [PODS, "10.9.0.0/24"]}
    )

    assert from_internet(paths)[0] == verdict


@pytest.mark.parametrize("place", list(LiePlace))
def test_no_lie_reaches_a_backend_that_reads_the_right_entry(place: LiePlace) -> None:
    for backend in (NGINX, HAPROXY, other(fromRight=2)):
        lies = route_paths(backend)[Origin.INTERNET_IPV4].lies

        assert not any(lie.believed for lie in lies if lie.place is place)


@pytest.mark.parametrize(
    ("policy", "balancer", "proxies", "backend", "expected"),
    [
        # SNAT#1 before the edge names a node, unless a proxy had its say before.
        ("Cluster", PASSING, None, NGINX, ("lost", "management-node")),
        ("Cluster", PASSING, behind(1), HAPROXY, ("preserved", "client")),
        ("Cluster", PASSING, behind(1), NGINX, ("lost", "management-node")),
        ("Cluster", SENDING, None, NGINX, ("preserved", "client")),
        # A load balancer that writes X-Forwarded-For is one of the trusted proxies.
        ("Local", REPLACING, behind(1), HAPROXY, ("preserved", "client")),
        ("Local", REPLACING, behind(1), NGINX, ("preserved", "client")),
        ("Local", STACKIT, None, NGINX, ("broken", None)),
    ],
)
def test_what_stands_in_front_of_the_edge(
    policy: str,
    balancer: Data,
    proxies: Data | None,
    backend: Data,
    expected: tuple[str, str | None],
) -> None:
    edge = {"name": "eg", "externalTrafficPolicy": policy}
    paths = route_paths(
        backend, proxies=proxies, balancer=balancer, management={"edges": [edge]}
    )

    assert from_internet(paths)[:2] == expected


@pytest.mark.parametrize("route", ["TLSRoute", "TCPRoute", "UDPRoute"])
def test_routes_without_requests_carry_nobody(route: str) -> None:
    paths = route_paths(
        other(peer=True) | {"route": {"kind": route, "name": "app0"}},
        balancer=PASSING,
    )

    assert from_internet(paths)[:2] == ("lost", NODE)


@pytest.mark.parametrize("protocol", ["HTTPS", "TLS"])
def test_whoever_reads_a_header_of_encrypted_bytes_reads_the_client(
    protocol: str,
) -> None:
    paths = route_paths(other(fromRight=2) | {"protocol": protocol})

    assert from_internet(paths)[0] == "forgeable"
    assert believed(paths[Origin.INTERNET_IPV4]) == {(XFF, False)}


def test_proxies_in_front_append_nothing_to_encrypted_bytes() -> None:
    backend = other(fromRight=1) | {"protocol": "HTTPS"}
    path = route_paths(backend, proxies=behind(1))[Origin.INTERNET_IPV4]

    assert (path.verdict, path.identity.is_) == ("forgeable", NODE)


@pytest.mark.parametrize(
    ("backend", "proxies", "expected"),
    [
        # Up to v1.2 KubeLB's own Envoy appends nothing.
        (HAPROXY, None, ("preserved", "client", XFF)),
        (NGINX, None, ("preserved", "client", XFF)),
        (NGINX, behind(1), ("preserved", "client", XFF)),
        (other(fromRight=1), None, ("preserved", "client", XFF)),
        (other(fromRight=2), None, ("forgeable", NODE, "source-address")),
        # The edge overwrites it as long as it detects no proxies.
        (
            other(header="X-Envoy-External-Address", fromRight=1),
            None,
            ("preserved", "client", EXTERNAL),
        ),
        (
            other(header="X-Envoy-External-Address", fromRight=1),
            behind(1),
            ("forgeable", NODE, "source-address"),
        ),
    ],
)
def test_before_1_3_the_client_stands_one_place_further_right(
    backend: Data, proxies: Data | None, expected: tuple[str, str, str]
) -> None:
    paths = route_paths(backend, proxies=proxies, version="1.2.0")

    assert from_internet(paths)[:3] == expected


@pytest.mark.parametrize(
    ("backend", "trusted", "verdict"),
    [
        (NGINX, [INTERNAL], "preserved"),
        (NGINX, [EGRESS], "broken"),
        (HAPROXY, ["192.0.2.0/24"], "broken"),
    ],
)
def test_a_guard_has_to_know_the_tenants_nodes(
    backend: Data, trusted: list[str], verdict: str
) -> None:
    paths = route_paths(backend | {"trustedCIDRs": trusted})

    assert from_internet(paths)[0] == verdict


@pytest.mark.parametrize(
    ("mode", "peer"), [("snat", NODE), ("dsr", "management-egress")]
)
def test_behind_a_tenants_dsr_the_peer_is_an_egress_address(
    mode: str, peer: str
) -> None:
    paths = route_paths(NGINX, tenant={"dataplane": cilium(mode)})

    assert from_internet(paths) == ("preserved", "client", EXTERNAL, None, peer)


@pytest.mark.parametrize("balancer", [PASSING, SENDING])
def test_behind_ingress_nginx_the_client_is_the_entry_before_the_edge(
    balancer: Data,
) -> None:
    paths = ingress_paths(HAPROXY, balancer=balancer)

    assert from_internet(paths)[:3] == ("preserved", "client", XFF)


def test_ingress_nginx_drops_what_a_client_wrote() -> None:
    """Facts, section 5: behind it the list is always `client,edge`."""
    first, deeper = (
        ingress_paths(other(**reads)) for reads in ({"first": True}, {"fromRight": 3})
    )

    assert from_internet(first)[:2] == ("preserved", "client")
    assert from_internet(deeper)[0] == "lost"


@pytest.mark.parametrize("backend", [NGINX, HAPROXY, other(fromRight=2)])
def test_ingress_nginx_passes_over_the_proxies_whose_ranges_it_knows(
    backend: Data,
) -> None:
    """Nobody has to be the only way in: whoever goes around is a client to realip."""
    proxies = {"count": 2, "cidrs": ["203.0.113.0/24"]}
    paths = ingress_paths(backend, proxies=proxies)

    assert from_internet(paths)[:2] == ("preserved", "client")


@pytest.mark.parametrize(
    ("proxies", "balancer"),
    [
        ({"count": 1, "onlyWayIn": True}, PASSING),
        ({"count": 1, "cidrs": ["203.0.113.0/24"], "onlyWayIn": True}, SENDING),
    ],
    ids=["proxies without ranges", "proxies behind a PROXY header"],
)
def test_ingress_nginx_hands_the_list_on_where_it_cannot_pass_over_proxies(
    proxies: Data, balancer: Data
) -> None:
    third = ingress_paths(other(fromRight=3), proxies=proxies, balancer=balancer)
    second = ingress_paths(other(fromRight=2), proxies=proxies, balancer=balancer)

    assert from_internet(third)[:2] == ("preserved", "client")
    assert from_internet(second)[1] == "outer-proxy"


def test_ingress_nginx_overwrites_x_real_ip_and_envoy_gateway_does_not() -> None:
    reads = other(header="X-Real-IP", fromRight=1)

    assert from_internet(ingress_paths(reads))[:2] == ("preserved", "client")
    assert from_internet(route_paths(reads))[0] == "forgeable"


@pytest.mark.parametrize("backend", [NGINX, HAPROXY, other(fromRight=2)])
def test_a_pod_of_the_cluster_can_lie_to_a_backend_behind_a_route(
    backend: Data,
) -> None:
    path = route_paths(backend)[Origin.CLUSTER_SERVICE_IP]

    assert seen(path) == ("forgeable", "client", "source-address", None, "client")


def test_a_program_that_nobody_guards_is_assumed_to_be_behind_envoy() -> None:
    at_envoy = "no pod of the management cluster but the edge's dials KubeLB's Envoy"
    past = (at_envoy, "nobody reaches the program past Envoy")
    unguarded = other(fromRight=2)
    pinned = {**unguarded, "trustedCIDRs": ["10.2.0.0/16"]}
    told = {
        name: route_paths(backend)[Origin.INTERNET_IPV4]
        for name, backend in {
            "unguarded": unguarded,
            "pinned": pinned,
            "ours": NGINX,
            "by peer": other(peer=True),
        }.items()
    }

    assert {name: path.assumes for name, path in told.items()} == {
        "unguarded": past,
        "pinned": (at_envoy,),
        "ours": (at_envoy,),
        "by peer": (),
    }
    assert told["unguarded"].verdict == "preserved"


def test_a_gateway_has_no_short_cut() -> None:
    assert list(route_paths(NGINX)) == [
        Origin.INTERNET_IPV4,
        Origin.CLUSTER_SERVICE_IP,
        Origin.KUBELET,
        Origin.HEALTH_CHECK,
    ]


@pytest.mark.parametrize(
    "probe", [None, {"type": "httpGet"}, {"type": "httpGet", "port": 8081}]
)
def test_probes_of_a_guarded_backend_pass(probe: Data | None) -> None:
    """The kubelet asks from a node, which the guard knows."""
    path = route_paths(NGINX | ({"probe": probe} if probe else {}))[Origin.KUBELET]

    assert path.verdict == "preserved"


def test_ipv6_reaches_the_edge() -> None:
    balancer = {"class": "vip", "ipFamilies": ["IPv4", "IPv6"]}

    assert seen(route_paths(NGINX, balancer=balancer)[Origin.INTERNET_IPV6])[:2] == (
        "preserved",
        "client",
    )


def test_a_walk_says_that_insiders_can_lie() -> None:
    path = route_paths(NGINX, proxies=behind(1))[Origin.INTERNET_IPV4]

    assert any("inside the trusted ranges" in each for each in path.because)


def test_hops_are_drawn_in_order_with_their_snat() -> None:
    path = route_paths(HAPROXY, proxies=behind(1), balancer=SENDING)[
        Origin.INTERNET_IPV4
    ]

    assert [(hop.name, hop.snat) for hop in path.hops] == [
        ("outer-proxies", True),
        ("load-balancer", True),
        ("management-node", False),
        ("edge", True),
        ("kubelb-envoy", True),
        ("tenant-node", True),
        ("backend", False),
    ]
