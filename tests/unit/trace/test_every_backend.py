"""Whom Envoy, Traefik, Caddy and Apache take for the client, as it was measured.

Facts: facts/backends-and-envoy.md, sections 5, 6 and 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubelb_gen.trace import Origin
from tests.support.traces import from_internet, port_paths, route_paths, seen
from tests.support.wishes import CDN

if TYPE_CHECKING:
    from tests.support.traces import Seen
    from tests.support.wishes import Data

KINDS = ("envoy", "traefik", "caddy", "apache")
EGRESS_PEER, NODE_PEER = "management-egress", "tenant-node"
BY_PP2 = "proxy-protocol-v2"
PASSING: Data = {"class": "passThrough"}
ELSEWHERE: Data = {"trustedCIDRs": ["192.0.2.0/24"]}


def _backend(kind: str, **more: object) -> Data:
    return {"kind": kind, "mode": "http", "upstream": "127.0.0.1:8080", **more}


def _route(kind: str, **more: object) -> Data:
    return {"kind": kind, "upstream": "127.0.0.1:3000", **more}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_each_reads_both_versions(kind: str, version: str) -> None:
    paths = port_paths(
        _backend(kind), balancer={"class": "proxying", "proxyProtocol": version}
    )

    carried = f"proxy-protocol-{version}"
    assert from_internet(paths)[:3] == ("preserved", "client", carried)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("envoy", ("broken", None, None, None, EGRESS_PEER)),
        ("apache", ("broken", None, None, None, EGRESS_PEER)),
        # `fallback_policy reject` refuses a header, and nothing else.
        ("caddy", ("broken", None, None, None, EGRESS_PEER)),
        # The header is taken off and ignored.
        ("traefik", ("lost", EGRESS_PEER, "source-address", "SNAT#2", EGRESS_PEER)),
    ],
)
def test_a_peer_outside_the_pinned_ranges(kind: str, expected: Seen) -> None:
    paths = port_paths(_backend(kind, **ELSEWHERE), balancer=PASSING)

    assert expected == from_internet(paths)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("envoy", "broken"),
        ("apache", "broken"),
        ("traefik", "preserved"),
        ("caddy", "preserved"),
    ],
)
def test_a_pod_without_a_header(kind: str, verdict: str) -> None:
    """Traefik and Caddy look whether there is one; the others wait for it."""
    paths = port_paths(_backend(kind), balancer=PASSING)

    assert verdict == seen(paths[Origin.CLUSTER_SERVICE_IP])[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_header_that_nothing_reads_breaks_each_of_them(kind: str) -> None:
    paths = port_paths(
        _backend(kind, acceptProxyProtocol="none"),
        balancer=PASSING,
        service={"proxyProtocol": "v2"},
    )

    assert "broken" == from_internet(paths)[0]


@pytest.mark.parametrize(
    ("kind", "carried"),
    [
        ("envoy", "x-forwarded-for"),
        ("traefik", "x-envoy-external-address"),
        ("caddy", "x-envoy-external-address"),
        ("apache", "x-envoy-external-address"),
    ],
)
def test_a_header_names_the_client_at_layer_7(kind: str, carried: str) -> None:
    paths = route_paths(_route(kind))

    assert from_internet(paths) == ("preserved", "client", carried, None, NODE_PEER)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("only_way_in", [True, False])
def test_who_walks_is_safe_where_who_counts_is_not(
    kind: str, only_way_in: bool
) -> None:
    proxies = {"count": 1, "cidrs": [CDN], "onlyWayIn": only_way_in}
    counts = kind in ("envoy", "traefik")

    verdict = from_internet(route_paths(_route(kind), proxies=proxies))[0]

    assert verdict == ("forgeable" if counts and not only_way_in else "preserved")


@pytest.mark.parametrize("kind", KINDS)
def test_at_layer_7_strangers_are_refused(kind: str) -> None:
    assert "broken" == from_internet(route_paths(_route(kind, **ELSEWHERE)))[0]
