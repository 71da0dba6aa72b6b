"""Layer 7: the edge, its policy, and how each program finds the client.

Positions and readings are those measured on a chain of two Envoys: the edge appends
its peer to X-Forwarded-For, KubeLB's Envoy (since 1.3.0) appends the edge.
"""

from __future__ import annotations

from itertools import product

import pytest

from kubelb_gen.model import Version
from kubelb_gen.plan import ByHeader, ByPosition, ByWalk, Carrier, Outcome
from kubelb_gen.plan.layer7 import client_from_right
from tests.support.wishes import (
    CDN,
    IGNORED,
    INTERNAL,
    PODS,
    Data,
    cilium,
    gateway,
    plan_of_gateway,
    plan_of_route,
)

LOST, BROKEN, FORGEABLE = Outcome.LOST, Outcome.BROKEN, Outcome.FORGEABLE
NGINX: Data = {"kind": "nginx", "upstream": "127.0.0.1:3000"}
HAPROXY: Data = {"kind": "haproxy", "upstream": "127.0.0.1:3000"}
EXTERNAL = "X-Envoy-External-Address"


def other(**reads: object) -> Data:
    return {"kind": "other", "reads": reads}


def outcome_of(backend: Data, proxies: Data | None = None, **facts: object) -> object:
    told = plan_of_route(backend, proxies=proxies, **facts).unmet
    return told and told.outcome


@pytest.mark.parametrize(
    ("version", "proxies", "place"),
    [
        ((1, 2), 0, 1),
        ((1, 2, 9), 1, 2),
        ((1, 2), 2, 3),
        ((1, 3, 0), 0, 2),
        ((1, 3, 1), 1, 3),
        ((1, 4, 3), 0, 2),
        ((1, 4, 3), 2, 4),
        ((1, 5), 1, 3),
    ],
)
def test_the_client_stands_behind_what_the_proxies_append(
    version: tuple[int, ...], proxies: int, place: int
) -> None:
    assert client_from_right(Version(*version), proxies) == place


@pytest.mark.parametrize("kind", ["nginx", "apache", "caddy"])
def test_a_program_that_walks_reads_one_value_where_no_proxy_stands_in_front(
    kind: str,
) -> None:
    route = plan_of_route({**NGINX, "kind": kind})

    assert route.reading == ByHeader(header=EXTERNAL)
    assert [*map(str, route.trusted)] == [INTERNAL]
    assert (route.carrier, route.unmet) == (Carrier.HEADER, None)


@pytest.mark.parametrize("only_way_in", [False, True])
def test_a_walk_past_the_ranges_needs_no_firewall(only_way_in: bool) -> None:
    proxies = {"count": 1, "cidrs": [CDN], "onlyWayIn": only_way_in}

    route = plan_of_route(NGINX, proxies=proxies)

    assert isinstance(route.reading, ByWalk)
    assert [*map(str, route.reading.trusted)] == [INTERNAL, PODS, CDN]
    assert route.unmet is None


@pytest.mark.parametrize("kind", ["nginx", "apache", "caddy"])
def test_a_walk_needs_the_ranges(kind: str) -> None:
    route = plan_of_route({**NGINX, "kind": kind}, proxies={"count": 1})

    assert route.reading is None
    assert route.carrier is Carrier.NOTHING
    assert route.unmet is not None
    assert route.unmet.outcome is LOST
    assert "cidrs" in route.unmet.designs[0]


@pytest.mark.parametrize(
    ("kind", "version", "count"),
    [
        each
        for each in product(
            ("haproxy", "envoy", "traefik"),
            ("1.2", "1.3.0", "1.3.2", "1.4.3", "1.5"),
            (0, 1, 2),
        )
        # Its application then reads the one value that KubeLB's Envoy overwrites.
        if each[0] != "traefik" or each[1] == "1.2" or each[2]
    ],
)
@pytest.mark.parametrize("cidrs", [[], [CDN]])
@pytest.mark.parametrize("only_way_in", [False, True])
def test_counting_is_right_only_where_nobody_walks_around_the_proxies(
    kind: str, version: str, count: int, cidrs: list[str], only_way_in: bool
) -> None:
    proxies: Data = {"count": count, "onlyWayIn": only_way_in}
    if count and cidrs:
        proxies["cidrs"] = cidrs

    route = plan_of_route({**HAPROXY, "kind": kind}, proxies=proxies, version=version)

    place = (1 if version == "1.2" else 2) + count
    assert route.reading == ByPosition(from_right=place)
    assert route.client_from_right == place
    safe = count == 0 or only_way_in
    assert (route.unmet and route.unmet.outcome) == (None if safe else FORGEABLE)


def test_before_1_3_the_last_entry_is_the_client() -> None:
    route = plan_of_route(NGINX, version="1.2")
    walked = plan_of_route(NGINX, version="1.2", proxies={"count": 1, "cidrs": [CDN]})

    assert route.reading == ByPosition(from_right=1)
    assert not route.as_http
    assert isinstance(walked.reading, ByWalk)
    assert [*map(str, walked.reading.trusted)] == [INTERNAL, CDN]


# What a program of kind `other` says that it reads.

ONE_PROXY: Data = {"count": 1, "cidrs": [CDN]}
FENCED: Data = {**ONE_PROXY, "onlyWayIn": True}


@pytest.mark.parametrize(
    ("reads", "proxies", "expected"),
    [
        # Measured: entry 2 from the right is the client, forged header or not.
        ({"fromRight": 2}, None, None),
        ({"header": "x-forwarded-for", "fromRight": 2}, None, None),
        ({"fromRight": 1}, None, LOST),
        ({"fromRight": 3}, None, FORGEABLE),
        ({"first": True}, None, FORGEABLE),
        ({"first": True}, FENCED, FORGEABLE),
        ({"peer": True}, None, LOST),
        ({"header": EXTERNAL, "fromRight": 1}, None, None),
        ({"header": EXTERNAL.lower(), "fromRight": 1}, None, None),
        # With a proxy in front it names that proxy.
        ({"header": EXTERNAL, "fromRight": 1}, FENCED, LOST),
        ({"header": "X-Real-IP", "fromRight": 1}, None, FORGEABLE),
        ({"fromRight": 3}, ONE_PROXY, FORGEABLE),
        ({"fromRight": 3}, FENCED, None),
        ({"fromRight": 2}, FENCED, LOST),
        ({"fromRight": 4}, FENCED, FORGEABLE),
        ({"cidrs": [INTERNAL, PODS]}, None, None),
        ({"cidrs": [INTERNAL]}, None, LOST),
        ({"cidrs": ["10.0.0.0/8", CDN]}, ONE_PROXY, None),
        ({"cidrs": ["10.0.0.0/8"]}, ONE_PROXY, LOST),
    ],
)
def test_what_a_program_reads_is_judged(
    reads: Data, proxies: Data | None, expected: Outcome | None
) -> None:
    assert outcome_of(other(**reads), proxies) == expected


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ({"fromRight": 1}, None),
        ({"fromRight": 2}, FORGEABLE),
        ({"cidrs": [INTERNAL]}, None),
    ],
)
def test_positions_are_those_of_the_release(
    reads: Data, expected: Outcome | None
) -> None:
    assert outcome_of(other(**reads), version="1.2") == expected


@pytest.mark.parametrize("reads", [{"first": True}, {"fromRight": 9}])
@pytest.mark.parametrize("balancer", ["metallb-bgp", {"class": "proxying"}])
def test_forging_is_told_whatever_the_wish_and_the_balancer(
    reads: Data, balancer: Data | str
) -> None:
    """An address that is lost on its way can still be forged past it."""
    assert outcome_of({**other(**reads), **IGNORED}, balancer=balancer) == FORGEABLE


@pytest.mark.parametrize(
    "reads", [{"fromRight": 1}, {"peer": True}, {"cidrs": [INTERNAL]}]
)
def test_a_wrong_address_that_nobody_wants_is_no_finding(reads: Data) -> None:
    assert outcome_of({**other(**reads), **IGNORED}) is None


# Routes without HTTP.


@pytest.mark.parametrize("kind", ["TCPRoute", "TLSRoute", "UDPRoute"])
@pytest.mark.parametrize("backend", [NGINX, HAPROXY, other(peer=True)])
def test_routes_that_are_plain_proxies_carry_nothing(kind: str, backend: Data) -> None:
    route = plan_of_route({**backend, "route": {"kind": kind, "name": "r"}})

    assert route.unmet is not None
    assert route.unmet.outcome is LOST
    assert "LoadBalancer" in " ".join(route.unmet.designs)
    assert (route.carrier, route.reading, route.as_http) == (
        Carrier.NOTHING,
        None,
        False,
    )


@pytest.mark.parametrize("protocol", ["HTTPS", "TLS"])
def test_tls_up_to_the_backend_passes_by_unread(protocol: str) -> None:
    route = plan_of_route({**NGINX, "protocol": protocol})

    assert route.unmet is not None
    assert route.unmet.outcome is LOST
    assert not route.as_http


def test_a_header_that_passes_by_unread_is_the_clients_to_write() -> None:
    backend = {**other(fromRight=2), "protocol": "HTTPS"}

    assert outcome_of(backend) == FORGEABLE


@pytest.mark.parametrize("protocol", ["HTTP", "GRPC"])
@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_grpc_is_http(protocol: str, kind: str) -> None:
    backend = {**HAPROXY, "protocol": protocol, "route": {"kind": kind, "name": "r"}}

    route = plan_of_route(backend)

    assert route.as_http
    assert route.unmet is None


# The edge.


def edge(policy: str | None = None, **fields: object) -> Data:
    pinned = {} if policy is None else {"externalTrafficPolicy": policy}
    return {"edges": [{"name": "eg", "kind": "envoy-gateway", **pinned, **fields}]}


@pytest.mark.parametrize(
    ("balancer", "policy", "plane", "expected"),
    [
        ("metallb-bgp", None, None, None),
        ("metallb-bgp", "Local", None, None),
        ("metallb-bgp", "Cluster", None, LOST),
        ("metallb-bgp", "Cluster", cilium("snat"), LOST),
        ("metallb-bgp", "Cluster", cilium("dsr"), None),
        ("metallb-bgp", "Cluster", cilium("hybrid"), None),
        ("keepalived", None, None, LOST),
        ("keepalived", None, cilium("dsr"), None),
        ("keepalived", "Local", None, BROKEN),
        ("hetzner", None, None, None),
        ("hetzner", "Cluster", None, None),
        ("stackit", None, None, None),
        ("stackit", "Local", None, BROKEN),
        ({"class": "proxying"}, None, None, LOST),
        ({"class": "proxying"}, None, cilium("dsr"), LOST),
        ({"provider": "hetzner", "proxyProtocol": "none"}, None, None, LOST),
        ({"class": "vip", "proxyProtocol": "v1"}, "Cluster", None, None),
        # With Cluster it replaces the source; it sends PROXY instead.
        ("oci-nlb", None, None, None),
        ("oci-nlb", "Cluster", None, None),
    ],
)
@pytest.mark.parametrize("backend", [NGINX, HAPROXY])
def test_the_edge_sees_the_client_as_its_balancer_lets_it(
    balancer: Data | str,
    policy: str | None,
    plane: Data | None,
    expected: Outcome | None,
    backend: Data,
) -> None:
    told = outcome_of(
        backend, balancer=balancer, dataplane=plane, management=edge(policy)
    )

    assert told == expected


@pytest.mark.parametrize("version", ["1.2", "1.3.1", "1.4.3"])
def test_the_edges_policy_is_its_own_and_no_matter_of_kubelbs_release(
    version: str,
) -> None:
    assert outcome_of(NGINX, version=version) is None


def test_a_proxying_balancer_counts_when_it_writes_x_forwarded_for() -> None:
    route = plan_of_route(HAPROXY, balancer={"class": "proxying"}, proxies=FENCED)

    assert route.unmet is None
    assert "the load balancer writes X-Forwarded-For" in route.assumes[0]


@pytest.mark.parametrize("balancer", [{"class": "proxying"}, "metallb-bgp"])
@pytest.mark.parametrize(("backend", "expected"), [(HAPROXY, None), (NGINX, LOST)])
def test_a_node_hides_the_proxy_in_front_and_not_the_client_behind_it(
    backend: Data, expected: Outcome | None, balancer: Data | str
) -> None:
    """Counting passes over the node's address; a walk by range stops at it."""
    told = outcome_of(backend, FENCED, management=edge("Cluster"), balancer=balancer)

    assert told == expected


def test_an_annotation_that_names_ports_cannot_be_written_for_an_edge() -> None:
    """UpCloud's names every port, and an edge's are not in the spec."""
    plan = plan_of_gateway(gateway(NGINX), balancer="upcloud")

    assert plan.edges[0].balancer.sends is None
    assert plan.edges[0].balancer.annotations == {}
    assert plan.tenants[0].gateways[0].policy is None


# The trust list.


@pytest.mark.parametrize(
    ("pin", "expected"),
    [(INTERNAL, None), ("10.2.20.0/24", None), ("10.3.0.0/16", BROKEN)],
)
def test_a_guard_that_names_no_node_refuses_every_request(
    pin: str, expected: Outcome | None
) -> None:
    assert outcome_of({**NGINX, "trustedCIDRs": [pin]}) == expected


# The policy of the Gateway.


def policy_of(balancer: str, proxies: Data | None, **facts: object) -> object:
    fields = {} if proxies is None else {"trustedProxies": proxies}
    plan = plan_of_gateway(gateway(HAPROXY, **fields), balancer=balancer, **facts)
    return plan.tenants[0].gateways[0].policy


@pytest.mark.parametrize(
    ("balancer", "proxies", "release", "expected"),
    [
        ("metallb-bgp", None, "1.7", None),
        ("metallb-bgp", {"count": 0}, "1.7", None),
        ("metallb-bgp", {"count": 1}, "1.7", (None, 1, ())),
        ("metallb-bgp", {"count": 2}, "1.7", (None, 2, ())),
        ("metallb-bgp", ONE_PROXY, "1.7", (None, None, (CDN,))),
        ("metallb-bgp", {"count": 2, "cidrs": [CDN]}, "1.7", (None, None, (CDN,))),
        # trustedCIDRs is a field of 1.3, proxyProtocol one of 1.5.
        ("metallb-bgp", ONE_PROXY, "1.2", (None, 1, ())),
        ("hetzner", None, "1.7", ("proxyProtocol", None, ())),
        ("hetzner", None, "1.5", ("proxyProtocol", None, ())),
        ("hetzner", None, "1.4", ("enableProxyProtocol", None, ())),
        ("hetzner", ONE_PROXY, "1.7", ("proxyProtocol", None, (CDN,))),
    ],
)
def test_the_policy_says_what_the_edge_cannot_know(
    balancer: str,
    proxies: Data | None,
    release: str,
    expected: tuple[object, ...] | None,
) -> None:
    policy = policy_of(balancer, proxies, management=edge(version=release))

    if expected is None:
        assert policy is None
        return
    assert policy is not None
    field, hops, cidrs = expected
    assert policy.proxy_field == field  # type: ignore[attr-defined]
    assert policy.trusted_hops == hops  # type: ignore[attr-defined]
    assert tuple(map(str, policy.trusted_cidrs)) == cidrs  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("edition", "namespace"), [("CE", "tenant-primary"), ("EE", "default")]
)
def test_ce_keeps_the_policy_beside_its_copy_of_the_gateway(
    edition: str, namespace: str
) -> None:
    policy = policy_of("metallb-bgp", {"count": 1}, edition=edition)

    assert policy.namespace == namespace  # type: ignore[attr-defined]
    assert policy.name == policy.gateway == "gw"  # type: ignore[attr-defined]
    assert policy.in_management == (edition == "CE")  # type: ignore[attr-defined]


def test_balancer_and_edge_speak_proxy_both_or_neither() -> None:
    """One side alone breaks all traffic."""
    names = ["hetzner", "linode", "upcloud", "metallb-bgp", "aws-nlb-ip", "oci-lb"]
    for balancer, wish in product(names, ({}, IGNORED)):
        plan = plan_of_gateway(gateway({**HAPROXY, **wish}), balancer=balancer)
        policy = plan.tenants[0].gateways[0].policy
        sends = plan.edges[0].balancer.sends is not None
        reads = policy is not None and policy.proxy_field is not None
        assert sends == reads, balancer


def test_translated_ipv6_needs_a_header_at_the_edge() -> None:
    families = {"provider": "aws-nlb-instance", "ipFamilies": ["IPv4", "IPv6"]}

    carried = plan_of_route(NGINX, balancer=families)
    lost = plan_of_route(NGINX, balancer={**families, "proxyProtocol": "none"})

    assert (carried.unmet, carried.unmet_ipv6) == (None, None)
    assert lost.unmet is None
    assert lost.unmet_ipv6 is not None
    assert lost.unmet_ipv6.outcome is LOST


def test_an_edge_listens_on_ipv6_too() -> None:
    families = {"provider": "metallb-bgp", "ipFamilies": ["IPv4", "IPv6"]}

    assert plan_of_route(NGINX, balancer=families).unmet_ipv6 is None
